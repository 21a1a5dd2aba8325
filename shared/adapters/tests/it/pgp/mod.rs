//! OpenPGP: what is opened, what is refused, and that gpg and we understand each other.

mod damaged;
mod gpg;
mod keys;
mod kit;
mod opened;
mod refused;
mod signatures;
