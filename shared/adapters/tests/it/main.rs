//! One contract for each port, held by every adapter of it; and what each adapter must do beyond its port.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking, and its checks take what they check"
)]

mod alarms;
mod contract;
mod domain;
mod dynamodb_faults;
mod embedded;
mod mail;
mod model;
mod objects;
mod pgp;
mod real;
mod secrets;
mod sftp;
mod stores;
