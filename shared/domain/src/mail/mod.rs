//! Mail: what administrators are told without asking. The texts stand in `templates/<message>/<language>/` and nowhere
//! else; [`render`] makes a message of a [`Notice`], and the port [`Mail`] takes it away.
//!
//! A notice holds names of our own, times, numbers and codes: nothing of a file, and nothing of a person in it.

mod address;
mod facts;
mod notice;
mod port;
mod render;
mod texts;
mod words;

pub use address::address;
pub use notice::{Language, MOST_REASONS, Notice, NoticeKind, Reason};
pub use port::{Mail, MailError};
pub use render::{MOST_RECIPIENTS, render};
