//! Files on their way in: shown what they would do, or put into the inbox.

mod create;
mod name;
mod preview;
mod receive;

pub(crate) use create::{__path_create, create};
pub(crate) use preview::{__path_preview, preview};
pub(crate) use receive::{__path_receive, receive};
