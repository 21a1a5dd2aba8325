//! Reads PATCH requests, in the RFC's form and in the dialects of `tolerance`.

mod action;

use super::{
    MAX_OPERATIONS,
    operation::{Action, Operation},
};
use crate::{
    Document, body,
    error::{Error, ErrorKind, quoted},
    filter::Filter,
    path::Path,
    schema::{AttributeRef, Resolved, ResourceType, Schema},
    tolerance::Quirk,
    value::{Place, wrong_kind},
};
use serde_json::Value;
use std::sync::Arc;

/// Schema of a PATCH request.
const PATCH_URN: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Add,
    Replace,
    Remove,
}

/// The operations of the request, neighbours joined where that changes nothing.
pub(super) fn operations(body: &Value, resource_type: &ResourceType) -> Result<Vec<Operation>, Error> {
    let Some(body) = body.as_object() else { return Err(syntax("the body must be a JSON object")) };
    check_schemas(member(body, "schemas"), resource_type)?;
    let Some(listed) = member(body, "Operations").and_then(Value::as_array) else {
        return Err(syntax("Operations must be an array of operations"));
    };
    if listed.is_empty() {
        return Err(syntax("Operations must contain at least one operation"));
    }
    let mut parser = Parser { resource_type, operations: Vec::new(), echo: false };
    for operation in listed {
        parser.operation(operation)?;
    }
    Ok(parser.operations)
}

fn syntax(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidSyntax, detail)
}

/// A member of the request itself, in any case.
fn member<'v>(map: &'v Document, name: &str) -> Option<&'v Value> {
    map.get(name)
        .or_else(|| map.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

fn check_schemas(schemas: Option<&Value>, resource_type: &ResourceType) -> Result<(), Error> {
    let tolerances = resource_type.tolerances;
    let (right, forgiven) = match schemas {
        None => (false, tolerances.allows(Quirk::SchemasAbsent)),
        Some(Value::Array(urns)) => {
            let is_patch = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(PATCH_URN));
            (!urns.is_empty() && urns.iter().all(is_patch), tolerances.allows(Quirk::SchemasUnknown))
        }
        Some(_) => (false, false),
    };
    if right || forgiven {
        return Ok(());
    }
    Err(syntax(format!("schemas must be the array [\"{PATCH_URN}\"]")))
}

struct Parser<'t> {
    resource_type: &'t ResourceType,
    operations: Vec<Operation>,
    /// Whether the value being read came without a path, so that read-only attributes are an echo.
    echo: bool,
}

impl Parser<'_> {
    fn operation(&mut self, operation: &Value) -> Result<(), Error> {
        let Some(operation) = operation.as_object() else {
            return Err(syntax("an operation must be an object with op, path and value"));
        };
        let verb = self.verb(member(operation, "op"))?;
        let value = member(operation, "value");
        self.echo = false;
        match member(operation, "path") {
            None | Some(Value::Null) => self.without_path(verb, value),
            Some(Value::String(path)) if path.is_empty() => self.without_path(verb, value),
            Some(Value::String(path)) => {
                let path = Path::parse(path, self.resource_type)?;
                self.with_path(verb, path, value)
            }
            Some(other) => {
                let detail = format!("path must be a string, not {}", quoted(&other.to_string()));
                Err(Error::new(ErrorKind::InvalidPath, detail))
            }
        }
    }

    fn verb(&self, op: Option<&Value>) -> Result<Verb, Error> {
        let op = op.and_then(Value::as_str).ok_or_else(|| syntax("an operation needs op, a string"))?;
        let verbs = [("add", Verb::Add), ("replace", Verb::Replace), ("remove", Verb::Remove)];
        let any_case = self.resource_type.tolerances.allows(Quirk::OperationCase);
        let is = |name: &str| if any_case { name.eq_ignore_ascii_case(op) } else { name == op };
        let found = verbs.iter().find(|(name, _)| is(name)).map(|(_, verb)| *verb);
        found.ok_or_else(|| syntax(format!("op must be add, replace or remove, not {}", quoted(op))))
    }

    /// A value that names its attributes itself.
    fn without_path(&mut self, verb: Verb, value: Option<&Value>) -> Result<(), Error> {
        if verb == Verb::Remove {
            return Err(Error::new(ErrorKind::NoTarget, "remove needs a path"));
        }
        if !self.resource_type.tolerances.allows(Quirk::PathAbsent) {
            return Err(syntax("an operation needs a path: send one operation for each attribute"));
        }
        let Some(value) = value else { return Err(no_value()) };
        let Value::Object(attributes) = value else {
            let place = Place::new(None, "value");
            return Err(wrong_kind(place, "an object of attributes where there is no path", value));
        };
        self.echo = true;
        for (key, value) in attributes {
            let path = self.key(key)?;
            self.with_path(verb, path, Some(value))?;
        }
        Ok(())
    }

    /// A key of such a value: a name, or by dialect a path.
    fn key(&self, key: &str) -> Result<Path, Error> {
        let tolerances = self.resource_type.tolerances;
        match self.resource_type.resolve(key) {
            Some(Resolved::Attribute(found))
                if found.sub.is_some() && !tolerances.allows(Quirk::PathKeys) =>
            {
                Err(body::unknown(self.resource_type, key))
            }
            Some(Resolved::Attribute(found))
                if found.extension.is_some() && !tolerances.allows(Quirk::FlatExtension) =>
            {
                Err(body::unknown(self.resource_type, key))
            }
            Some(target) => Ok(Path { target, selection: None }),
            None if key.contains('[') && tolerances.allows(Quirk::PathKeys) => {
                Path::parse(key, self.resource_type)
            }
            None => Err(body::unknown(self.resource_type, key)),
        }
    }

    fn with_path(&mut self, verb: Verb, path: Path, value: Option<&Value>) -> Result<(), Error> {
        match path.target {
            Resolved::Extension(schema) => self.extension(verb, &schema, value),
            Resolved::Attribute(target) => self.attribute(verb, target, path.selection, value),
        }
    }

    fn extension(&mut self, verb: Verb, schema: &Arc<Schema>, value: Option<&Value>) -> Result<(), Error> {
        let attributes = match (verb, value) {
            (Verb::Remove, _) | (Verb::Replace, Some(Value::Null)) => {
                return self.push(Operation::RemoveExtension(Arc::clone(schema)));
            }
            (_, None) => return Err(no_value()),
            (Verb::Add, Some(Value::Null)) => return Ok(()),
            (_, Some(Value::Object(attributes))) => attributes,
            (_, Some(other)) => {
                return Err(wrong_kind(Place::new(None, &schema.id), "an object of attributes", other));
            }
        };
        self.echo = true;
        let forgiven = self.resource_type.tolerances.allows(Quirk::ExtensionSchemas);
        let names = |(key, value): &(&String, &Value)| {
            key.eq_ignore_ascii_case("schemas") && (forgiven || schema.is_named_by(value))
        };
        for (key, value) in attributes.iter().filter(|member| !names(member)) {
            let full = format!("{}:{key}", schema.id);
            let path = self.key_of_extension(&full)?;
            self.with_path(verb, path, Some(value))?;
        }
        Ok(())
    }

    fn key_of_extension(&self, full: &str) -> Result<Path, Error> {
        match self.resource_type.resolve(full) {
            Some(target @ Resolved::Attribute(_)) => Ok(Path { target, selection: None }),
            _ => Err(body::unknown(self.resource_type, full)),
        }
    }

    fn attribute(
        &mut self,
        verb: Verb,
        target: AttributeRef,
        selection: Option<Filter>,
        value: Option<&Value>,
    ) -> Result<(), Error> {
        if target.attribute.is_read_only() || target.leaf().is_read_only() {
            return self.read_only(verb, target, value);
        }
        if target.attribute.name == "schemas" && target.extension.is_none() {
            return computed(verb, &target);
        }
        if verb != Verb::Remove && value.is_none() {
            return Err(no_value());
        }
        let selection = selection.map(|filter| filter.root);
        let action = self.action(verb, &target, selection, value)?;
        let Some(action) = action else { return Ok(()) };
        self.push(Operation::Attribute(AttributeRef { sub: None, ..target }, action))
    }

    /// What only the server sets: equal is harmless for the id, and in a value without a path all of it is.
    fn read_only(&mut self, verb: Verb, target: AttributeRef, value: Option<&Value>) -> Result<(), Error> {
        let is_id = target.attribute.name == "id" && target.extension.is_none();
        match value {
            Some(value) if is_id && verb != Verb::Remove => {
                self.push(Operation::Attribute(target, Action::Expect(value.clone())))
            }
            _ if self.echo => Ok(()),
            _ => Err(Error::new(ErrorKind::Mutability, format!("{target} is set by the server alone"))),
        }
    }

    fn push(&mut self, operation: Operation) -> Result<(), Error> {
        let left = match self.operations.last_mut() {
            Some(last) => last.join(operation),
            None => Some(operation),
        };
        self.operations.extend(left);
        if self.operations.len() <= MAX_OPERATIONS {
            return Ok(());
        }
        let detail = format!("a PATCH may have at most {MAX_OPERATIONS} operations on different targets");
        Err(Error::new(ErrorKind::TooMany, detail))
    }
}

fn place(target: &AttributeRef) -> Place<'_> {
    Place::new(target.extension.as_ref().map(|schema| schema.id.as_str()), &target.attribute.name)
}

fn no_value() -> Error {
    Error::new(ErrorKind::InvalidValue, "add and replace need a value")
}

/// `schemas` follows from the attributes that are present; naming it is an echo, removing it is not possible.
fn computed(verb: Verb, target: &AttributeRef) -> Result<(), Error> {
    if verb == Verb::Remove {
        return Err(Error::new(ErrorKind::Mutability, format!("{target} is set by the server alone")));
    }
    Ok(())
}
