//! SFTP: keys in every form in which people send them, a server in process that misbehaves, and real ones.

mod keys;
mod open_ssh;
mod pins;
mod server;
