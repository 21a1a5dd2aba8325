//! Pulls: files that are fetched from a customer's server, on a schedule or by hand.
//!
//! [`state`] says what is due for a configuration and who is at it; [`find`] finds the file and sees that it is whole;
//! [`fetch`] brings it near and decrypts it; [`puller`] puts these together and hands the file to the import engine;
//! [`diagnosis`] goes the same way step by step and changes nobody; [`pgp_keys`] keeps the keys that files are encrypted
//! for.

pub mod diagnosis;
mod fetch;
mod find;
pub mod pgp_keys;
pub mod puller;
mod server;
mod state;

pub use state::PullState;
