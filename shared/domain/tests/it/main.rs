//! The domain's tests at its public boundary.

mod mail;
mod reading;
