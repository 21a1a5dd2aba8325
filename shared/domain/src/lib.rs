//! Muster's rules. No I/O of its own: storage, objects, time and randomness come in through the ports
//! [`table`], [`objects`], [`remote`], [`pgp`], [`secret`], [`mail`] and [`ports`], and every adapter of a port is held to
//! one contract.

pub mod directory;
pub mod error;
pub mod import;
pub mod mail;
pub mod objects;
pub mod outbox;
pub mod pgp;
pub mod ports;
pub mod pull;
pub mod remote;
pub mod secret;
pub mod store;
pub mod table;
pub mod tenant;

pub use error::Error;
