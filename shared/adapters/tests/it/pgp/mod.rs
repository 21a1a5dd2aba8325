//! OpenPGP: what is opened, what is refused, and that gpg and we understand each other.

mod kit;
mod opened;
