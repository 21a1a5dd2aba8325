//! The SCIM API as a client sees it: the router in process, and the built function behind a runtime stub.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "a test fails by panicking, and its checks take what they check"
)]

mod bad_input;
mod belongings;
mod bulk;
mod conditional;
mod declared;
mod discovery;
mod faults;
mod flaky;
mod function;
mod groups;
mod hosts;
mod lives;
mod me;
mod paging;
mod policies;
mod profiles;
mod reach;
mod server;
mod sorting;
mod users;

pub(crate) use server::{Answer, Server};
