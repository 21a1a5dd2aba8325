//! The values of a resource that no other resource may have (RFC 7643 section 2.2, `uniqueness`).

use super::{Attribute, Kind, ResourceType, Uniqueness};
use crate::{Document, fold, value::scalar::instant};
use serde_json::{Number, Value};
use std::{collections::HashSet, sync::Arc};

/// A value that is taken while the resource has it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct UniqueValue {
    /// The attribute as the schema spells it: `userName`, `emails.value`, `urn:…:Badge:number`.
    pub attribute: String,
    /// The same in lower case, as [`Hint`](crate::filter::Hint) names it.
    pub key: String,
    /// The value in the form in which two that are equal are the same text: without case unless `caseExact`,
    /// numbers without needless digits, instants in UTC.
    pub value: String,
}

impl ResourceType {
    /// The unique values of a resource in canonical spelling, each once: those of attributes and sub-attributes
    /// whose uniqueness is `server` or `global`, but for `id`, which nobody but the server chooses.
    pub fn unique_values(&self, document: &Document) -> Vec<UniqueValue> {
        let mut found = Found::default();
        for attribute in self.attributes().filter(|attribute| attribute.name != "id") {
            found.attribute("", attribute, document);
        }
        for extension in &self.extensions {
            let schema = &extension.schema;
            if let Some(Value::Object(part)) = document.get(&schema.id) {
                let prefix = format!("{}:", schema.id);
                for attribute in &schema.attributes {
                    found.attribute(&prefix, attribute, part);
                }
            }
        }
        found.values
    }
}

#[derive(Default)]
struct Found {
    values: Vec<UniqueValue>,
    seen: HashSet<(String, String)>,
}

impl Found {
    fn attribute(&mut self, prefix: &str, attribute: &Attribute, holder: &Document) {
        let is_unique = |attribute: &Attribute| attribute.uniqueness != Uniqueness::None;
        let subs: Vec<&Arc<Attribute>> =
            attribute.sub_attributes.iter().filter(|sub| is_unique(sub)).collect();
        if subs.is_empty() && !is_unique(attribute) {
            return;
        }
        let Some(value) = holder.get(&attribute.name) else { return };
        let name = format!("{prefix}{}", attribute.name);
        for value in each(value) {
            if is_unique(attribute) {
                self.value(&name, attribute, value);
            }
            for sub in &subs {
                let name = format!("{name}.{}", sub.name);
                for value in value.get(&sub.name).map(each).unwrap_or_default() {
                    self.value(&name, sub, value);
                }
            }
        }
    }

    fn value(&mut self, name: &str, attribute: &Attribute, value: &Value) {
        let Some(value) = canonical(attribute, value) else { return };
        if self.seen.insert((name.to_owned(), value.clone())) {
            self.values.push(UniqueValue { attribute: name.to_owned(), key: name.to_lowercase(), value });
        }
    }
}

/// The elements of a multi-valued attribute, or the one value of another.
fn each(value: &Value) -> &[Value] {
    match value {
        Value::Array(elements) => elements,
        single => std::slice::from_ref(single),
    }
}

/// The form in which equal values are the same text; none of what has no such form, as of complex values.
fn canonical(attribute: &Attribute, value: &Value) -> Option<String> {
    match value {
        Value::String(text) if matches!(attribute.kind, Kind::DateTime | Kind::Instant) => {
            Some(instant(text).map_or_else(|| text.clone(), |at| at.to_string()))
        }
        Value::String(text) if attribute.case_exact => Some(text.clone()),
        Value::String(text) => Some(fold(text)),
        Value::Number(number) => Some(plain(number)),
        Value::Bool(_) | Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The number without fraction or exponent if it is whole, so that `1`, `1.0` and `1e0` are one.
fn plain(number: &Number) -> String {
    // Beyond it, fractions cannot be told from whole numbers, and 64 bits end.
    const WHOLE: f64 = 18_446_744_073_709_551_616.0;
    match number.as_f64() {
        Some(float) if number.is_f64() && float.fract() == 0.0 && float.abs() < WHOLE => {
            (float as i128).to_string()
        }
        _ => number.to_string(),
    }
}
