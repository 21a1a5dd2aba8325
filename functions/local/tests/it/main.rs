//! The built command, as a person or a script meets it.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the functions that the tests share fail as the tests do"
)]

mod administering;
mod declaring;
mod deployed;
mod exporting;
mod fetching;
mod importing;
mod inbox;
mod interrupted;
mod muster;
mod serving;
