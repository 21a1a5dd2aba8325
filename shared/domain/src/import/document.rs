//! What an accepted row changes on a SCIM User: the document before and after, attribute by attribute.

use std::collections::{BTreeSet, HashMap};

use scim::fold;
use serde_json::{Map, Value, json};

use super::desired::{Cell, Desired};
use super::target::{ENTERPRISE, MUSTER, Place, Target, USER};

/// The SCIM path of the access level.
const ACCESS_LEVEL: &str = "urn:ietf:params:scim:schemas:extension:muster:2.0:User:accessLevel";

/// One attribute that changes.
#[derive(Debug, Clone, PartialEq)]
pub struct AttributeChange {
    /// Its SCIM path.
    pub attribute: &'static str,
    /// The value until now; `None` where there is none.
    pub before: Option<Value>,
    /// The value from now on; `None` where it is removed.
    pub after: Option<Value>,
}

/// A changed or a new User.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// The whole document after the change.
    pub document: Map<String, Value>,
    /// What changes, in the file's order of columns.
    pub changes: Vec<AttributeChange>,
}

/// The User that the row asks for, made from the present one or from nothing; `None` where it is so already.
///
/// Only what the row says is touched: other attributes and other mail addresses stay as they are. A login
/// name that is only derived from the mail address names a new user, and never renames an existing one.
pub fn merge(desired: &Desired<'_>, current: Option<&Map<String, Value>>) -> Option<Change> {
    match current {
        None => Some(create(*desired)),
        Some(current) => update(*desired, current),
    }
}

fn create(desired: Desired<'_>) -> Change {
    let mut change = Change { document: Map::new(), changes: Vec::new() };
    change.document.insert("schemas".to_owned(), json!([USER]));
    change.apply(Target::LoginName, Value::from(desired.user_name()));
    if desired.active().is_none() {
        change.apply(Target::Status, Value::Bool(true));
    }
    for (target, cell) in attributes(desired) {
        if let (Cell::Set(text), false) = (cell, target == Target::LoginName) {
            change.apply(target, stored(target, text, None));
        }
    }
    correct_schemas(&mut change.document);
    change
}

fn update(desired: Desired<'_>, current: &Map<String, Value>) -> Option<Change> {
    let mut change: Option<Change> = None;
    for (target, cell) in attributes(desired) {
        let before = value(current, target.place());
        let after = match cell {
            Cell::Set(text) if !is_stored(target, text, before) => Some(stored(target, text, before)),
            Cell::Clear if before.is_some() && target != Target::LoginName => None,
            _ => continue,
        };
        let change = change.get_or_insert_with(|| Change::none_of(current));
        match after {
            Some(after) => change.apply(target, after),
            None => change.remove(target),
        }
    }
    if let Some(change) = &mut change {
        correct_schemas(&mut change.document);
    }
    change
}

impl Change {
    /// Gives the user an access level (P10).
    pub(super) fn give_access_level(&mut self, level: &str) {
        let place = Place::Extension(MUSTER, "accessLevel");
        let before = value(&self.document, place).cloned();
        set(&mut self.document, place, Value::from(level));
        correct_schemas(&mut self.document);
        self.note(ACCESS_LEVEL, before, Some(Value::from(level)));
    }

    /// Nothing yet, of this document.
    pub(super) fn none_of(document: &Map<String, Value>) -> Self {
        Self { document: document.clone(), changes: Vec::new() }
    }

    /// Notes what changes beside the document.
    pub(super) fn note(&mut self, attribute: &'static str, before: Option<Value>, after: Option<Value>) {
        self.changes.push(AttributeChange { attribute, before, after });
    }

    fn apply(&mut self, target: Target, after: Value) {
        let before = value(&self.document, target.place()).cloned();
        set(&mut self.document, target.place(), after.clone());
        self.note(target.path(), before, Some(after));
    }

    fn remove(&mut self, target: Target) {
        let before = value(&self.document, target.place()).cloned();
        unset(&mut self.document, target.place());
        self.note(target.path(), before, None);
    }
}

/// The cells that stand in the document.
fn attributes(desired: Desired<'_>) -> impl Iterator<Item = (Target, Cell<'_>)> {
    desired.cells().filter(|(target, _)| target.place() != Place::Apart)
}

/// A cell's text as the document stores it.
fn stored(target: Target, text: &str, before: Option<&Value>) -> Value {
    match target.place() {
        Place::Names(_) => named(target, text, before),
        _ if target == Target::Status => Value::Bool(text == "active"),
        _ => Value::from(text),
    }
}

fn is_stored(target: Target, text: &str, before: Option<&Value>) -> bool {
    match before {
        Some(Value::Bool(active)) if target == Target::Status => *active == (text == "active"),
        Some(Value::String(before)) => before == text,
        Some(Value::Array(before)) => {
            let present: BTreeSet<&str> = before.iter().filter_map(value_of).collect();
            present.len() == before.len() && present == names(target, text).collect()
        }
        _ => false,
    }
}

/// One element for each name. Those that are there already keep what else they say.
fn named(target: Target, text: &str, before: Option<&Value>) -> Value {
    let present = before.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let present: HashMap<_, &Value> =
        present.iter().filter_map(|element| Some((fold(value_of(element)?), element))).collect();
    let element = |name: &str| {
        let mut element = present.get(&fold(name)).and_then(|element| element.as_object()).cloned();
        element.get_or_insert_default().insert("value".to_owned(), Value::from(name));
        element.map_or(Value::Null, Value::Object)
    };
    names(target, text).map(element).collect()
}

fn names(target: Target, text: &str) -> impl Iterator<Item = &str> {
    text.split(target.separator().unwrap_or_default())
}

fn value_of(element: &Value) -> Option<&str> {
    element.get("value")?.as_str()
}

/// What stands at this place of a User document.
pub(super) fn value(document: &Map<String, Value>, place: Place) -> Option<&Value> {
    match place {
        Place::Apart => None,
        Place::Attribute(name) | Place::Names(name) => document.get(name),
        Place::Sub(name, sub) | Place::Extension(name, sub) => document.get(name)?.as_object()?.get(sub),
        Place::Work(name) => {
            document.get(name)?.as_array()?.iter().find(|element| is_work(element))?.get("value")
        }
    }
}

fn is_work(element: &Value) -> bool {
    element.get("type").and_then(Value::as_str).is_some_and(|kind| kind.eq_ignore_ascii_case("work"))
}

fn set(document: &mut Map<String, Value>, place: Place, after: Value) {
    match place {
        Place::Apart => {}
        Place::Attribute(name) | Place::Names(name) => {
            document.insert(name.to_owned(), after);
        }
        Place::Sub(name, sub) | Place::Extension(name, sub) => {
            let whole = document.entry(name).or_insert(Value::Null);
            if !whole.is_object() {
                *whole = json!({});
            }
            if let Some(whole) = whole.as_object_mut() {
                whole.insert(sub.to_owned(), after);
            }
        }
        Place::Work(name) => set_work(document.entry(name).or_insert(Value::Null), after),
    }
}

/// Changes the work element, or adds one; it is the primary one if no other is (RFC 7643 §2.4: at most one).
fn set_work(elements: &mut Value, after: Value) {
    if !elements.is_array() {
        *elements = json!([]);
    }
    let Some(elements) = elements.as_array_mut() else { return };
    if let Some(work) = elements.iter_mut().find(|element| is_work(element)).and_then(Value::as_object_mut) {
        work.insert("value".to_owned(), after);
        return;
    }
    let mut work = Map::new();
    work.insert("value".to_owned(), after);
    work.insert("type".to_owned(), Value::from("work"));
    if !elements.iter().any(|element| element.get("primary") == Some(&Value::Bool(true))) {
        work.insert("primary".to_owned(), Value::Bool(true));
    }
    elements.push(Value::Object(work));
}

/// Removes, and what is empty without it as well.
fn unset(document: &mut Map<String, Value>, place: Place) {
    let (name, empty) = match place {
        Place::Apart => return,
        Place::Attribute(name) | Place::Names(name) => (name, true),
        Place::Sub(name, sub) | Place::Extension(name, sub) => {
            let whole = document.get_mut(name).and_then(Value::as_object_mut);
            (name, whole.is_some_and(|whole| whole.shift_remove(sub).is_some() && whole.is_empty()))
        }
        Place::Work(name) => {
            let elements = document.get_mut(name).and_then(Value::as_array_mut);
            (
                name,
                elements.is_some_and(|elements| {
                    elements.retain(|element| !is_work(element));
                    elements.is_empty()
                }),
            )
        }
    };
    if empty {
        document.shift_remove(name);
    }
}

/// `schemas` names the extensions that are in use, and only those (RFC 7643 §3).
fn correct_schemas(document: &mut Map<String, Value>) {
    for urn in [ENTERPRISE, MUSTER] {
        let in_use = document.contains_key(urn);
        let schemas = document.entry("schemas").or_insert_with(|| json!([USER]));
        let Some(schemas) = schemas.as_array_mut() else { continue };
        let listed = schemas.iter().any(|schema| schema.as_str() == Some(urn));
        if in_use && !listed {
            schemas.push(Value::from(urn));
        } else if !in_use && listed {
            schemas.retain(|schema| schema.as_str() != Some(urn));
        }
    }
}
