//! Customers' SFTP servers, and the keys of SSH.
//!
//! `russh` speaks the protocols. What is here decides whom to speak to, what to believe, and which words a failure gets.

mod key_cost;
mod key_text;
mod keys;
mod pins;

pub use keys::Keys;
