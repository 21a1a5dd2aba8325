//! In-process stand-ins for AWS, for tests only: DynamoDB, S3, SES, KMS, EventBridge Scheduler, Lambda and its runtime API;
//! and for a customer's SFTP server.
//!
//! Each runs in a thread of its own, listens on a free port of the loopback interface, shares nothing with its
//! siblings, and stops when dropped. Clients reach it as they reach AWS, with any credentials of [`ACCESS_KEY`].
#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "for tests only: what fails in here fails the test"
)]

mod dynamodb;
mod faults;
mod runtime_api;
mod s3;
mod server;
mod services;
mod ses;
#[cfg(feature = "sftp")]
mod sftp;

pub use dynamodb::{DynamoDb, INDEX, TABLE};
pub use faults::Fault;
pub use runtime_api::{Function, FunctionError, RuntimeApi};
pub use s3::{BUCKET, S3};
pub use services::{Kms, Lambda, Scheduler};
pub use ses::{Sent, Ses};
#[cfg(feature = "sftp")]
pub use sftp::{Quirk, SFTP_USER, SftpServer, SftpSetup, sftp_fingerprint};

/// The access key that the emulators know.
pub const ACCESS_KEY: &str = "test";
/// Its secret.
pub const SECRET_KEY: &str = "test";
