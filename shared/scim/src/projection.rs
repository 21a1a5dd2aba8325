//! Which attributes an answer contains: `attributes`, `excludedAttributes` and `returned` (RFC 7644 3.9).

use crate::{
    Document,
    error::Error,
    schema::{Attribute, AttributeRef, Resolved, ResourceType, Returned},
};
use serde_json::Value;
use std::sync::Arc;

/// What to keep of a resource. Whatever the schema does not describe is never kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Projection {
    core: Vec<Rule>,
    extensions: Vec<(String, Vec<Rule>)>,
}

#[derive(Debug, Clone, PartialEq)]
struct Rule {
    name: String,
    keep: Keep,
}

#[derive(Debug, Clone, PartialEq)]
enum Keep {
    All,
    Nothing,
    Subs(Vec<String>),
}

impl Projection {
    /// Reads the two query parameters: names separated by commas, in any case, qualified by a URN or not.
    ///
    /// With `attributes` only those and what is always returned are kept; without it, everything but what is
    /// returned on request. `excludedAttributes` then takes away what is not always returned. What is never
    /// returned never is. An empty parameter counts as absent. Names that the type does not have are ignored:
    /// RFC 7644 asks for no error, and clients ask all types for the same list. The result is fallible for
    /// the strict directories to come.
    pub fn parse(
        attributes: Option<&str>,
        excluded: Option<&str>,
        resource_type: &ResourceType,
    ) -> Result<Self, Error> {
        let wanted = names(attributes, resource_type);
        let unwanted = names(excluded, resource_type).unwrap_or_default();
        let rules = |attributes: &mut dyn Iterator<Item = &Arc<Attribute>>, urn: Option<&str>| {
            attributes.map(|attribute| rule(attribute, urn, wanted.as_deref(), &unwanted)).collect()
        };
        let extension = |schema: &Arc<crate::schema::Schema>| {
            (schema.id.clone(), rules(&mut schema.attributes.iter(), Some(&schema.id)))
        };
        Ok(Self {
            core: rules(&mut resource_type.attributes(), None),
            extensions: resource_type.extensions.iter().map(|e| extension(&e.schema)).collect(),
        })
    }

    /// Takes away what the answer is not to contain; an extension of which nothing is left is not named in
    /// `schemas` either.
    pub fn apply(&self, document: &mut Document) {
        let present: Vec<&String> =
            self.extensions.iter().map(|(urn, _)| urn).filter(|urn| document.contains_key(*urn)).collect();
        self.cut(document);
        let gone: Vec<&String> = present.into_iter().filter(|urn| !document.contains_key(*urn)).collect();
        if let Some(Value::Array(schemas)) = document.get_mut("schemas").filter(|_| !gone.is_empty()) {
            schemas.retain(|schema| !gone.iter().any(|urn| schema == urn.as_str()));
        }
    }

    fn cut(&self, document: &mut Document) {
        document.retain(|key, value| match self.extensions.iter().find(|(urn, _)| urn == key) {
            Some((_, rules)) => match value {
                Value::Object(part) => {
                    retain(rules, part);
                    !part.is_empty()
                }
                _ => false,
            },
            None => keeps(&self.core, key, value),
        });
    }

    /// Whether an answer may contain any of the attribute, so that what is not wanted need not be read. The name
    /// is that of a core attribute, in any case.
    pub fn wants(&self, attribute: &str) -> bool {
        self.core.iter().any(|rule| rule.name.eq_ignore_ascii_case(attribute) && rule.keep != Keep::Nothing)
    }
}

/// The names that a parameter lists, resolved; none if it lists nothing at all.
fn names(parameter: Option<&str>, resource_type: &ResourceType) -> Option<Vec<Resolved>> {
    let listed = parameter?.split(',').map(str::trim).filter(|name| !name.is_empty());
    let mut any = false;
    let resolved = listed.inspect(|_| any = true).filter_map(|name| resource_type.resolve(name)).collect();
    any.then_some(resolved)
}

/// How far a list names an attribute.
enum Named<'a> {
    No,
    Whole,
    Parts(Vec<&'a str>),
}

fn named<'a>(list: &'a [Resolved], attribute: &Attribute, urn: Option<&str>) -> Named<'a> {
    let mut parts = Vec::new();
    for entry in list {
        match entry {
            Resolved::Extension(schema) if Some(schema.id.as_str()) == urn => return Named::Whole,
            Resolved::Attribute(found) if is_of(found, attribute, urn) => match &found.sub {
                None => return Named::Whole,
                Some(sub) => parts.push(sub.name.as_str()),
            },
            _ => {}
        }
    }
    if parts.is_empty() { Named::No } else { Named::Parts(parts) }
}

fn is_of(found: &AttributeRef, attribute: &Attribute, urn: Option<&str>) -> bool {
    found.attribute.name == attribute.name && found.extension.as_ref().map(|e| e.id.as_str()) == urn
}

fn rule(
    attribute: &Attribute,
    urn: Option<&str>,
    wanted: Option<&[Resolved]>,
    unwanted: &[Resolved],
) -> Rule {
    let asked = wanted.map_or(Named::No, |list| named(list, attribute, urn));
    let refused = named(unwanted, attribute, urn);
    let parts_asked = |name: &str| matches!(&asked, Named::Parts(parts) if parts.contains(&name));
    let base = match (attribute.returned, &asked) {
        (Returned::Never, _) | (Returned::Request, Named::No) => false,
        (Returned::Always, _) => true,
        (_, Named::Whole | Named::Parts(_)) => !matches!(refused, Named::Whole),
        (Returned::Default, Named::No) => wanted.is_none() && !matches!(refused, Named::Whole),
    };
    let keeps_sub = |sub: &Attribute| {
        let refused = matches!(&refused, Named::Parts(parts) if parts.contains(&sub.name.as_str()));
        match sub.returned {
            Returned::Never => false,
            Returned::Always => true,
            Returned::Request => parts_asked(&sub.name) && !refused,
            Returned::Default => (!matches!(asked, Named::Parts(_)) || parts_asked(&sub.name)) && !refused,
        }
    };
    let subs = &attribute.sub_attributes;
    let keep = if !base {
        Keep::Nothing
    } else if subs.iter().all(|sub| keeps_sub(sub)) {
        Keep::All
    } else {
        Keep::Subs(subs.iter().filter(|sub| keeps_sub(sub)).map(|sub| sub.name.clone()).collect())
    };
    Rule { name: attribute.name.clone(), keep }
}

fn retain(rules: &[Rule], part: &mut Document) {
    part.retain(|key, value| keeps(rules, key, value));
}

/// Whether the member stays; of a complex one only the wanted parts do.
fn keeps(rules: &[Rule], key: &str, value: &mut Value) -> bool {
    match rules.iter().find(|rule| rule.name.eq_ignore_ascii_case(key)).map(|rule| &rule.keep) {
        None | Some(Keep::Nothing) => false,
        Some(Keep::All) => true,
        Some(Keep::Subs(subs)) => {
            keep_subs(subs, value);
            !matches!(value, Value::Object(map) if map.is_empty())
                && !matches!(value, Value::Array(elements) if elements.is_empty())
        }
    }
}

fn keep_subs(subs: &[String], value: &mut Value) {
    match value {
        Value::Object(map) => map.retain(|key, _| subs.iter().any(|sub| sub.eq_ignore_ascii_case(key))),
        Value::Array(elements) => {
            for element in elements.iter_mut() {
                keep_subs(subs, element);
            }
            elements.retain(|element| !matches!(element, Value::Object(map) if map.is_empty()));
        }
        _ => {}
    }
}
