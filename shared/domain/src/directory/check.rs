//! What must hold of a resource beyond its schema, through every door that takes whole resources.

use crate::error::Error;
use crate::store::Kind;
use scim::Document;
use scim::error::{Error as Refusal, ErrorKind};

/// Addresses of one resource: each is an entry of its own, and one transaction must be able to delete them all.
const MAX_MAILS: usize = 90;

/// Refuses more e-mails than can be deleted with their user, and a name that nobody could tell from another: blank, with blanks around it, or with invisible characters.
pub(super) fn check(kind: Kind, document: &Document) -> Result<(), Error> {
    let attribute = match kind {
        Kind::User => "userName",
        Kind::Group => "displayName",
    };
    let mails = document.get("emails").and_then(serde_json::Value::as_array).map_or(0, Vec::len);
    if mails > MAX_MAILS {
        return Err(Error::TooLarge("a resource has at most 90 e-mail addresses"));
    }
    let name = document.get(attribute).and_then(serde_json::Value::as_str).unwrap_or_default();
    let wrong = if name.trim().is_empty() {
        "is blank"
    } else if name.trim() != name {
        "begins or ends with a blank"
    } else if name.chars().any(is_invisible) {
        "holds a control character"
    } else {
        return Ok(());
    };
    let detail = format!("{attribute} {wrong}; send it without");
    Err(Refusal { kind: ErrorKind::InvalidValue, detail }.into())
}

/// Control characters, and those that turn the direction of writing.
fn is_invisible(character: char) -> bool {
    character.is_control()
        || matches!(character, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_nobody_can_tell_apart_are_refused() {
        let check_name = |name: &str| {
            let document = serde_json::json!({ "userName": name });
            check(Kind::User, document.as_object().expect("an object")).is_ok()
        };
        for good in ["ada", "ada lovelace", "伟", "o'neill@acme.example"] {
            assert!(check_name(good), "{good}");
        }
        for bad in ["", "  ", " ada", "ada\u{a0}", "a\0da", "a\nda", "a\u{202e}da"] {
            assert!(!check_name(bad), "{bad:?}");
        }
    }
}
