//! Customers' SFTP servers, over SSH (RFC 4253, RFC 4252, draft-ietf-secsh-filexfer-02), and keys of SSH.

mod algorithms;
mod banner;
mod connect;
mod handshake;
mod key_cost;
mod key_text;
mod keys;
mod login;
mod pins;
mod session;

pub use connect::Sftp;
pub use keys::Keys;
