//! What administrators are told by mail.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

mod headers;
mod samples;
mod texts;
