//! SFTP: keys in every form in which people send them, a server in process that misbehaves, and real ones.

mod keys;
mod logins;
mod misbehaving;
mod open_ssh;
mod pins;
mod pro_ftpd;
mod server;
pub(crate) mod sshd;
