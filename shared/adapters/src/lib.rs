//! One module per outside thing. The `embedded` ones need nothing but a folder; those of AWS stand behind features.
//! Only this crate reads the environment, the clock and the operating system's randomness.

#[cfg(any(feature = "dynamodb", feature = "s3", feature = "ses", feature = "sqs"))]
pub mod aws;
pub mod config;
#[cfg(feature = "dynamodb")]
pub mod dynamodb;
pub mod embedded;
#[cfg(feature = "kms")]
pub mod kms;
#[cfg(feature = "lambda")]
pub mod lambda;
pub mod metrics;
pub mod networks;
#[cfg(feature = "pgp")]
pub mod pgp;
#[cfg(feature = "s3")]
pub mod s3;
#[cfg(feature = "scheduler")]
pub mod scheduler;
#[cfg(feature = "ses")]
pub mod ses;
#[cfg(feature = "sftp")]
pub mod sftp;
#[cfg(feature = "sqs")]
pub mod sqs;
pub mod system;

mod billing;
mod object_keys;
mod table_rules;
