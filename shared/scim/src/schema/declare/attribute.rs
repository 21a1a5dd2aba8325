//! Attributes of a declared schema (RFC 7643 section 7).

use super::{
    DeclarationError, MAX_CANONICAL_VALUES, MAX_DOCUMENTS, MAX_SUB_ATTRIBUTES,
    grammar::{MAX_NAME, is_attribute_name},
    members::{Members, Place},
};
use crate::{
    error::quoted,
    fold,
    schema::{Attribute, Kind, Mutability, Returned, Uniqueness},
};
use serde_json::Value;
use std::{collections::HashSet, sync::Arc};

/// The longest description, in characters.
pub(super) const MAX_DESCRIPTION: usize = 2_000;
/// The longest canonical value, in characters.
const MAX_VALUE: usize = 250;

const MEMBERS: [&str; 12] = [
    "name",
    "type",
    "multiValued",
    "description",
    "required",
    "canonicalValues",
    "caseExact",
    "mutability",
    "returned",
    "uniqueness",
    "referenceTypes",
    "subAttributes",
];

/// The attributes that an array describes, no two of one name in any case.
pub(super) fn read_all(
    place: &Place,
    list: &[Value],
    nested: bool,
) -> Result<Vec<Attribute>, DeclarationError> {
    let mut names = HashSet::with_capacity(list.len());
    let mut attributes = Vec::with_capacity(list.len());
    for (index, value) in list.iter().enumerate() {
        let place = place.element(index);
        let attribute = read(place.clone(), value, nested)?;
        if !names.insert(attribute.name.to_ascii_lowercase()) {
            let detail = format!("is used twice: {}, where case does not matter", quoted(&attribute.name));
            return Err(place.member("name").error(detail));
        }
        attributes.push(attribute);
    }
    Ok(attributes)
}

/// One attribute; a nested one is a sub-attribute and has none of its own.
fn read(place: Place, value: &Value, nested: bool) -> Result<Attribute, DeclarationError> {
    let members = Members::read(place, value, "an attribute", &MEMBERS)?;
    let name = members.required_text("name", MAX_NAME)?;
    if !is_attribute_name(name) {
        let detail = "must be a letter, then letters, digits, \"-\", \"_\" and \"$\"";
        return Err(members.error("name", format!("{detail}, not {}", quoted(name))));
    }
    members.required_text("type", MAX_NAME)?;
    let kind = keyword(&members, "type", &Kind::DECLARED, Kind::as_str)?.unwrap_or(Kind::String);
    if nested && kind == Kind::Complex {
        return Err(members.error("type", "must not be complex: sub-attributes have none of their own"));
    }
    let description = members.text("description", MAX_DESCRIPTION)?.unwrap_or_default();
    let mut attribute = Attribute::new(name, kind, description);
    characteristics(&members, &mut attribute)?;
    values(&members, &mut attribute)?;
    attribute.sub_attributes = sub_attributes(&members, kind)?;
    check_contradictions(&members, &attribute)?;
    Ok(attribute)
}

/// What every attribute has (RFC 7643 section 2.2).
fn characteristics(members: &Members<'_>, attribute: &mut Attribute) -> Result<(), DeclarationError> {
    attribute.multi_valued = members.boolean("multiValued")?.unwrap_or_default();
    attribute.required = members.boolean("required")?.unwrap_or_default();
    let mutability = keyword(members, "mutability", &Mutability::ALL, Mutability::as_str)?;
    attribute.mutability = mutability.unwrap_or(Mutability::ReadWrite);
    let returned = keyword(members, "returned", &Returned::ALL, Returned::as_str)?;
    attribute.returned = returned.unwrap_or(Returned::Default);
    let uniqueness = keyword(members, "uniqueness", &Uniqueness::ALL, Uniqueness::as_str)?;
    attribute.uniqueness = uniqueness.unwrap_or(Uniqueness::None);
    Ok(())
}

/// What only some kinds have: case, canonical values and reference types.
fn values(members: &Members<'_>, attribute: &mut Attribute) -> Result<(), DeclarationError> {
    let kind = attribute.kind;
    match (kind, members.boolean("caseExact")?) {
        (Kind::Binary, Some(false)) => {
            return Err(members.error("caseExact", "must be true or absent: case distinguishes base 64"));
        }
        (Kind::String | Kind::Reference | Kind::Binary, Some(exact)) => attribute.case_exact = exact,
        (_, Some(true)) => {
            return Err(members.error("caseExact", format!("must be false or absent: no {kind} has case")));
        }
        (_, None | Some(false)) => {}
    }
    let same: fn(&str) -> String = if attribute.case_exact { str::to_owned } else { fold };
    let canonical = members.texts("canonicalValues", (MAX_CANONICAL_VALUES, MAX_VALUE), same)?;
    if !canonical.is_empty() && !matches!(kind, Kind::String | Kind::Reference) {
        let detail = format!("must be absent: only string and reference can list their values, not {kind}");
        return Err(members.error("canonicalValues", detail));
    }
    // More types than documents there cannot be, but for the two keywords and the built-in ones.
    let types = members.texts("referenceTypes", (MAX_DOCUMENTS + 16, MAX_NAME), str::to_owned)?;
    if !types.is_empty() && kind != Kind::Reference {
        let detail = format!("must be absent: only a reference refers to types, not {kind}");
        return Err(members.error("referenceTypes", detail));
    }
    attribute.closed = !canonical.is_empty();
    attribute.canonical_values = canonical;
    attribute.reference_types = types;
    Ok(())
}

fn sub_attributes(members: &Members<'_>, kind: Kind) -> Result<Vec<Arc<Attribute>>, DeclarationError> {
    let list = members.list("subAttributes", MAX_SUB_ATTRIBUTES)?;
    match (kind, list.is_empty()) {
        (Kind::Complex, true) => Err(members.error("subAttributes", "is required: complex is made of them")),
        (Kind::Complex, false) => {
            let subs = read_all(&members.place.member("subAttributes"), list, true)?;
            Ok(subs.into_iter().map(Arc::new).collect())
        }
        (_, true) => Ok(Vec::new()),
        (_, false) => {
            let detail = format!("must be absent: only complex has sub-attributes, not {kind}");
            Err(members.error("subAttributes", detail))
        }
    }
}

/// Characteristics that cannot hold together.
fn check_contradictions(members: &Members<'_>, attribute: &Attribute) -> Result<(), DeclarationError> {
    if attribute.required && attribute.is_read_only() {
        return Err(members.error(
            "required",
            "must be false: no client can give what is readOnly; or make mutability readWrite",
        ));
    }
    if attribute.mutability == Mutability::WriteOnly && attribute.returned != Returned::Never {
        return Err(members.error("returned", "must be never: what is writeOnly cannot be read"));
    }
    let cannot_be_unique = matches!(attribute.kind, Kind::Boolean | Kind::Complex | Kind::Binary);
    if cannot_be_unique && attribute.uniqueness != Uniqueness::None {
        let detail = format!("must be none: values of {} are never unique", attribute.kind);
        return Err(members.error("uniqueness", detail));
    }
    Ok(())
}

/// A member that is one of a few words, in any case.
fn keyword<T: Copy>(
    members: &Members<'_>,
    name: &str,
    all: &[T],
    as_str: fn(T) -> &'static str,
) -> Result<Option<T>, DeclarationError> {
    let Some(text) = members.text(name, MAX_NAME)? else { return Ok(None) };
    if let Some(found) = all.iter().find(|one| as_str(**one).eq_ignore_ascii_case(text)) {
        return Ok(Some(*found));
    }
    let words: Vec<&str> = all.iter().map(|one| as_str(*one)).collect();
    Err(members.error(name, format!("must be one of {}, not {}", words.join(", "), quoted(text))))
}
