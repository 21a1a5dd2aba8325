//! What must hold of a resource beyond its schema, through every door that takes whole resources: names that can be
//! told apart, and the policies of the directory.

use super::Directory;
use crate::error::Error;
use crate::store::Kind;
use scim::Document;
use scim::error::{Error as Refusal, ErrorKind};
use scim::fold;
use scim::schema::MUSTER_USER_URN;
use serde_json::Value;

/// Addresses of one resource: each is an entry of its own, and one transaction must be able to delete them all.
const MAX_MAILS: usize = 90;
/// The same of all that is an entry, but for the `externalId`: the tombstone and the block stand beside them.
const MAX_VALUES: usize = 97;

impl Directory {
    /// Refuses what the directory does not take. `before` is the resource until now: what was wrong with it already
    /// is no reason to refuse a change of something else, or somebody could not be deactivated.
    ///
    /// # Errors
    /// [`Error::Refused`], naming the attribute and the rule.
    pub(super) fn check(&self, kind: Kind, before: Option<&Document>, after: &Document) -> Result<(), Error> {
        let mails = texts(after, "emails", None).count();
        if mails > MAX_MAILS {
            return Err(Error::TooLarge("a resource has at most 90 e-mail addresses"));
        }
        let looked_up = if kind == Kind::User { mails } else { 0 };
        if looked_up + self.resource_type(kind)?.unique_values(after).len() > MAX_VALUES {
            return Err(Error::TooLarge(
                "a resource has at most 97 values that no other may have, the e-mail addresses of a user included",
            ));
        }
        match kind {
            Kind::User => check_name("userName", after)?,
            Kind::Group => check_name("displayName", after)?,
            Kind::Custom(_) => {}
        }
        if kind == Kind::User {
            self.check_policies(before, after)?;
        }
        Ok(())
    }

    fn check_policies(&self, before: Option<&Document>, after: &Document) -> Result<(), Error> {
        let policies = &self.opened.settings.policies;
        for (path, name) in self.opened.required.iter().zip(&policies.required) {
            if !path.is_present(after) && before.is_none_or(|before| path.is_present(before)) {
                return Err(violated(format!("{name} is required in this directory (policy: required)")));
            }
        }
        let differs = |document| policies.user_name_equals_work_email && !is_work_mail(document);
        if differs(after) && !before.is_some_and(differs) {
            return Err(violated(
                "userName must be the same as the e-mail of type work in this directory (policy: \
                 user_name_equals_work_email)",
            ));
        }
        self.check_exclude_lists(before, after)
    }

    /// S6.
    fn check_exclude_lists(&self, before: Option<&Document>, after: &Document) -> Result<(), Error> {
        let lists = &self.opened.exclude;
        let rules = [
            (&lists.mail, "emails", "value", "mail"),
            (&lists.first_name, "name", "givenName", "firstName"),
            (&lists.last_name, "name", "familyName", "lastName"),
        ];
        for (list, attribute, sub, name) in rules {
            let had = |value: &str| {
                before.is_some_and(|before| texts(before, attribute, Some(sub)).any(|old| old == value))
            };
            if texts(after, attribute, Some(sub)).any(|value| list.contains(value) && !had(value)) {
                return Err(violated(format!(
                    "{attribute}.{sub} has a value that nobody of this directory may have (policy: \
                     exclude_lists.{name})"
                )));
            }
        }
        Ok(())
    }

    /// O9: whoever comes without an access level gets the directory's.
    pub(super) fn give_access_level(&self, document: &mut Document) {
        let Some(level) = &self.opened.settings.policies.default_access_level else { return };
        let extension = document.entry(MUSTER_USER_URN).or_insert_with(|| Value::Object(Document::new()));
        if let Some(extension) = extension.as_object_mut() {
            extension.entry("accessLevel").or_insert_with(|| level.as_str().into());
        }
    }
}

/// A PUT that does not speak of the access level is no order to take it away: identity providers that replace users
/// know nothing of it.
pub(super) fn keep_access_level(before: &Document, after: &mut Document) {
    let level = before.get(MUSTER_USER_URN).and_then(|extension| extension.get("accessLevel"));
    let Some(level) = level else { return };
    let extension = after.entry(MUSTER_USER_URN).or_insert_with(|| Value::Object(Document::new()));
    if let Some(extension) = extension.as_object_mut() {
        extension.entry("accessLevel").or_insert_with(|| level.clone());
    }
}

fn violated(detail: impl Into<String>) -> Error {
    Refusal { kind: ErrorKind::InvalidValue, detail: detail.into() }.into()
}

/// The texts of an attribute, or of a part of it: of the only value, or of each.
fn texts<'d>(
    document: &'d Document,
    attribute: &str,
    sub: Option<&'d str>,
) -> impl Iterator<Item = &'d str> + use<'d> {
    let (elements, single) = match document.get(attribute) {
        Some(Value::Array(elements)) => (elements.as_slice(), None),
        single => (&[][..], single),
    };
    elements.iter().chain(single).filter_map(move |value| match sub {
        Some(sub) => value.get(sub)?.as_str(),
        None => Some(""),
    })
}

fn is_work_mail(document: &Document) -> bool {
    let name = document.get("userName").and_then(Value::as_str).map(fold);
    let elements = document.get("emails").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let is_work = |element: &&Value| {
        element.get("type").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("work"))
    };
    elements.iter().filter(is_work).any(|mail| mail.get("value").and_then(Value::as_str).map(fold) == name)
}

/// Refuses a name that nobody could tell from another: blank, with blanks around it, or with invisible characters.
fn check_name(attribute: &str, document: &Document) -> Result<(), Error> {
    let name = document.get(attribute).and_then(Value::as_str).unwrap_or_default();
    let wrong = if name.trim().is_empty() {
        "is blank"
    } else if name.trim() != name {
        "begins or ends with a blank"
    } else if name.chars().any(is_invisible) {
        "holds a control character"
    } else {
        return Ok(());
    };
    Err(violated(format!("{attribute} {wrong}; send it without")))
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
        let is_taken = |name: &str| {
            let document = serde_json::json!({ "userName": name });
            check_name("userName", document.as_object().expect("an object")).is_ok()
        };
        for good in ["ada", "ada lovelace", "伟", "o'neill@acme.example"] {
            assert!(is_taken(good), "{good}");
        }
        for bad in ["", "  ", " ada", "ada\u{a0}", "a\0da", "a\nda", "a\u{202e}da"] {
            assert!(!is_taken(bad), "{bad:?}");
        }
    }
}
