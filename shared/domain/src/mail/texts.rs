//! The templates, as they are compiled in: a function has no folder to read them from.

use super::{Language, NoticeKind};

/// The texts of one message in one language.
pub(super) struct Message {
    /// One line.
    pub(super) subject: &'static str,
    /// Paragraphs with blank lines between them.
    pub(super) body: &'static str,
}

/// The texts that every message has, in one language.
pub(super) struct Every {
    /// A fact on each line: its label, a colon and a blank, and its value.
    pub(super) facts: &'static str,
    /// A heading, and a reason on each line after it.
    pub(super) reasons: &'static str,
    /// A paragraph.
    pub(super) closing: &'static str,
}

/// What the HTML looks like, in every language.
pub(super) const LAYOUT: &str = include_str!("templates/layout.html");

macro_rules! message {
    ($name:literal, $language:literal) => {
        Message {
            subject: include_str!(concat!("templates/", $name, "/", $language, "/subject.txt")),
            body: include_str!(concat!("templates/", $name, "/", $language, "/body.txt")),
        }
    };
    ($name:literal for $language:expr) => {
        match $language {
            Language::En => message!($name, "en"),
            Language::De => message!($name, "de"),
        }
    };
}

macro_rules! every {
    ($language:literal) => {
        Every {
            facts: include_str!(concat!("templates/every/", $language, "/facts.txt")),
            reasons: include_str!(concat!("templates/every/", $language, "/reasons.txt")),
            closing: include_str!(concat!("templates/every/", $language, "/closing.txt")),
        }
    };
}

/// The texts of this kind of message.
pub(super) const fn message(kind: &NoticeKind, language: Language) -> Message {
    match kind {
        NoticeKind::Failed => message!("failed" for language),
        NoticeKind::Held => message!("held" for language),
        NoticeKind::Missing { .. } => message!("missing" for language),
        NoticeKind::Late { .. } => message!("late" for language),
        NoticeKind::Recovered { .. } => message!("recovered" for language),
        NoticeKind::Rejections => message!("rejections" for language),
        NoticeKind::Paused => message!("paused" for language),
        NoticeKind::KeyExpiring { .. } => message!("key-expiring" for language),
    }
}

/// The texts of every message.
pub(super) const fn every(language: Language) -> Every {
    match language {
        Language::En => every!("en"),
        Language::De => every!("de"),
    }
}
