//! Members of a declaration's objects: every one is known and of its kind, or named in the refusal.

use super::DeclarationError;
use crate::{error::quoted, schema::nearest};
use serde_json::Value;

/// A place in one of the documents.
#[derive(Debug, Clone)]
pub(super) struct Place {
    document: usize,
    path: String,
}

impl Place {
    pub(super) fn document(document: usize) -> Self {
        Self { document, path: String::new() }
    }

    pub(super) fn member(&self, name: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        Self { document: self.document, path: format!("{}{dot}{name}", self.path) }
    }

    pub(super) fn element(&self, index: usize) -> Self {
        Self { document: self.document, path: format!("{}[{index}]", self.path) }
    }

    /// The refusal of what stands here.
    pub(super) fn error(self, detail: impl Into<String>) -> DeclarationError {
        DeclarationError { document: self.document, path: self.path, detail: detail.into() }
    }
}

/// The members of one object. Null is the same as absent.
pub(super) struct Members<'v> {
    pub(super) place: Place,
    present: Vec<(&'static str, &'v Value)>,
}

impl<'v> Members<'v> {
    /// The members of `value`, which is `what` and can have these, in any case.
    pub(super) fn read(
        place: Place,
        value: &'v Value,
        what: &str,
        known: &'static [&'static str],
    ) -> Result<Self, DeclarationError> {
        let Some(object) = value.as_object() else {
            return Err(place.error(format!("must be an object that describes {what}")));
        };
        let mut present: Vec<(&'static str, &'v Value)> = Vec::with_capacity(known.len());
        for (key, value) in object {
            let Some(name) = known.iter().find(|name| name.eq_ignore_ascii_case(key)) else {
                let hint = match nearest(key, known.iter().copied()) {
                    Some(near) => format!("; did you mean {near}?"),
                    None => format!("; it has {}", known.join(", ")),
                };
                return Err(
                    place.error(format!("has a member {}, which {what} does not have{hint}", quoted(key)))
                );
            };
            if present.iter().any(|(known, _)| known == name) {
                return Err(place.member(name).error("is given more than once; leave one"));
            }
            present.push((name, value));
        }
        present.retain(|(_, value)| !value.is_null());
        Ok(Self { place, present })
    }

    pub(super) fn get(&self, name: &str) -> Option<&'v Value> {
        self.present.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// The refusal of a member.
    pub(super) fn error(&self, name: &str, detail: impl Into<String>) -> DeclarationError {
        self.place.member(name).error(detail)
    }

    /// A text of at most so many characters.
    pub(super) fn text(&self, name: &str, longest: usize) -> Result<Option<&'v str>, DeclarationError> {
        self.get(name).map(|value| text(&self.place.member(name), value, longest)).transpose()
    }

    /// The same, where there must be one.
    pub(super) fn required_text(&self, name: &str, longest: usize) -> Result<&'v str, DeclarationError> {
        self.text(name, longest)?.ok_or_else(|| self.error(name, "is required: give it a string"))
    }

    pub(super) fn boolean(&self, name: &str) -> Result<Option<bool>, DeclarationError> {
        match self.get(name) {
            None => Ok(None),
            Some(Value::Bool(value)) => Ok(Some(*value)),
            Some(_) => Err(self.error(name, "must be true or false")),
        }
    }

    /// An array of at most so many elements; an empty one if it is absent.
    pub(super) fn list(&self, name: &str, longest: usize) -> Result<&'v [Value], DeclarationError> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Value::Array(list)) if list.len() <= longest => Ok(list),
            Some(Value::Array(list)) => {
                Err(self.error(name, format!("has {} elements; at most {longest} are allowed", list.len())))
            }
            Some(_) => Err(self.error(name, "must be an array")),
        }
    }

    /// An array of so many texts of so many characters, no two of them the same.
    pub(super) fn texts(
        &self,
        name: &str,
        (most, longest): (usize, usize),
        same: fn(&str) -> String,
    ) -> Result<Vec<String>, DeclarationError> {
        let mut seen = std::collections::HashSet::new();
        let mut texts = Vec::new();
        for (index, value) in self.list(name, most)?.iter().enumerate() {
            let place = self.place.member(name).element(index);
            let text = text(&place, value, longest)?;
            if text.is_empty() {
                return Err(place.error("must not be empty; leave it out"));
            }
            if !seen.insert(same(text)) {
                let detail = format!("must not repeat {}; leave one", quoted(text));
                return Err(place.error(detail));
            }
            texts.push(text.to_owned());
        }
        Ok(texts)
    }
}

fn text<'v>(place: &Place, value: &'v Value, longest: usize) -> Result<&'v str, DeclarationError> {
    let Some(text) = value.as_str() else { return Err(place.clone().error("must be a string")) };
    if text.chars().count() > longest {
        let detail = format!("must not be longer than {longest} characters");
        return Err(place.clone().error(detail));
    }
    Ok(text)
}
