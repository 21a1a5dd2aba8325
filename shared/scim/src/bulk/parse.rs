//! Reads bulk requests.

use super::{Malformed, Method, Operation, REQUEST_URN, Refusal, Request, Target};
use crate::{
    Document,
    error::{Error, ErrorKind, quoted},
    schema::{Registry, nearest},
    tolerance::Quirk,
};
use serde_json::Value;
use std::collections::HashSet;

/// The longest `bulkId`, in bytes.
pub const MAX_BULK_ID: usize = 256;

pub(super) fn request(body: Value, registry: &Registry, max: usize) -> Result<Request, Refusal> {
    let Value::Object(mut body) = body else {
        return Err(syntax("the body must be a JSON object, a BulkRequest").into());
    };
    check_schemas(take(&mut body, "schemas").as_ref(), registry)?;
    let fail_on_errors = take(&mut body, "failOnErrors").map(|value| positive(&value)).transpose()?;
    let Some(Value::Array(operations)) = take(&mut body, "Operations") else {
        return Err(syntax("Operations must be an array of operations").into());
    };
    if operations.is_empty() {
        return Err(syntax("Operations must contain at least one operation").into());
    }
    if operations.len() > max {
        return Err(Refusal::TooManyOperations { sent: operations.len(), max });
    }
    let mut created = HashSet::new();
    let operations = operations.into_iter().map(|value| operation(value, registry, &mut created)).collect();
    Ok(Request { operations, fail_on_errors })
}

fn syntax(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidSyntax, detail)
}

fn invalid(detail: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidValue, detail)
}

/// A member in any case; null is the same as absent.
fn take(map: &mut Document, name: &str) -> Option<Value> {
    let key = map.keys().find(|key| key.eq_ignore_ascii_case(name))?.clone();
    map.swap_remove(&key).filter(|value| !value.is_null())
}

fn check_schemas(schemas: Option<&Value>, registry: &Registry) -> Result<(), Error> {
    let is_request = |urn: &Value| urn.as_str().is_some_and(|urn| urn.eq_ignore_ascii_case(REQUEST_URN));
    let right = match schemas {
        None => registry.resource_types().iter().all(|t| t.tolerances.allows(Quirk::SchemasAbsent)),
        Some(Value::Array(urns)) => urns.iter().any(is_request),
        Some(_) => false,
    };
    if right {
        return Ok(());
    }
    Err(syntax(format!("schemas must be an array that contains {REQUEST_URN}")))
}

fn positive(value: &Value) -> Result<usize, Error> {
    let number = value.as_u64().filter(|number| *number > 0);
    let number = number.ok_or_else(|| invalid("failOnErrors must be a whole number above 0"))?;
    Ok(usize::try_from(number).unwrap_or(usize::MAX))
}

/// One operation. The `bulkId`s of the POSTs so far are `created`.
fn operation(
    value: Value,
    registry: &Registry,
    created: &mut HashSet<String>,
) -> Result<Operation, Malformed> {
    let Value::Object(mut members) = value else {
        let error = syntax("an operation must be an object with method and path");
        return Err(Malformed { method: None, bulk_id: None, target: None, error });
    };
    let (method, bulk_id) = (method(&mut members), bulk_id(&mut members));
    let known = (method.as_ref().ok().copied(), bulk_id.as_ref().ok().cloned().flatten());
    let malformed = |error| Malformed { method: known.0, bulk_id: known.1.clone(), target: None, error };
    let method = method.map_err(malformed)?;
    let bulk_id = bulk_id.map_err(malformed)?;
    if method == Method::Post {
        let fault = match &bulk_id {
            None => Some("POST needs a bulkId, by which other operations could refer to what it creates"),
            Some(bulk_id) if !created.insert(bulk_id.clone()) => {
                Some("bulkId is that of an earlier POST; each needs one of its own")
            }
            Some(_) => None,
        };
        if let Some(fault) = fault {
            return Err(malformed(invalid(fault)));
        }
    }
    let (endpoint, target) = path(&mut members, method, registry).map_err(malformed)?;
    let about = target.clone().map(|target| (endpoint.clone(), target));
    let malformed = |error| Malformed { target: about.clone(), ..malformed(error) };
    let version = version(&mut members).map_err(malformed)?;
    let data = take(&mut members, "data").filter(|_| method != Method::Delete);
    if data.is_none() && method != Method::Delete {
        return Err(malformed(invalid(format!("{method} needs data, the body that it would have alone"))));
    }
    Ok(Operation { method, bulk_id, endpoint, target, version, data })
}

fn method(members: &mut Document) -> Result<Method, Error> {
    let Some(Value::String(method)) = take(members, "method") else {
        return Err(syntax("an operation needs method, a string"));
    };
    let found = Method::ALL.into_iter().find(|one| one.as_str().eq_ignore_ascii_case(&method));
    found.ok_or_else(|| syntax(format!("method must be POST, PUT, PATCH or DELETE, not {}", quoted(&method))))
}

fn bulk_id(members: &mut Document) -> Result<Option<String>, Error> {
    match take(members, "bulkId") {
        None => Ok(None),
        Some(Value::String(bulk_id)) if (1..=MAX_BULK_ID).contains(&bulk_id.len()) => Ok(Some(bulk_id)),
        Some(_) => Err(invalid(format!("bulkId must be a string of 1 to {MAX_BULK_ID} bytes"))),
    }
}

fn version(members: &mut Document) -> Result<Option<String>, Error> {
    match take(members, "version") {
        None => Ok(None),
        Some(Value::String(version)) => Ok(Some(version)),
        Some(_) => Err(invalid("version must be a string, the entity tag of the resource")),
    }
}

/// The endpoint and the resource of a path: `/Users` of a POST, `/Users/2819c223` of all others.
fn path(
    members: &mut Document,
    method: Method,
    registry: &Registry,
) -> Result<(String, Option<Target>), Error> {
    let Some(Value::String(path)) = take(members, "path") else {
        return Err(syntax("an operation needs path, a string such as /Users"));
    };
    let wrong = |detail: String| Err(invalid(format!("path {}: {detail}", quoted(&path))));
    if path.contains("://") || path.starts_with("//") {
        return wrong("must be relative to the base of the service, such as /Users".to_owned());
    }
    if path.contains(['?', '#']) {
        return wrong("must have neither query nor fragment".to_owned());
    }
    let parts = path.strip_prefix('/').unwrap_or(&path);
    let parts = parts.strip_suffix('/').unwrap_or(parts);
    let (endpoint, id) = match parts.split_once('/') {
        Some((endpoint, id)) => (endpoint, Some(id)),
        None => (parts, None),
    };
    let Some(resource_type) = registry.by_endpoint(endpoint).filter(|t| t.endpoint == endpoint) else {
        let endpoints: Vec<&str> = registry.resource_types().iter().map(|t| t.endpoint.as_str()).collect();
        let hint = nearest(endpoint, endpoints.iter().copied()).map_or_else(
            || format!("must begin with an endpoint such as /{}", endpoints.first().unwrap_or(&"Users")),
            |near| format!("there is no such endpoint; did you mean /{near}?"),
        );
        return wrong(hint);
    };
    let endpoint = resource_type.endpoint.clone();
    match (method, id) {
        (Method::Post, None) => Ok((endpoint, None)),
        (Method::Post, Some(_)) => wrong(format!("POST creates below an endpoint: /{endpoint}")),
        (_, Some(id)) if !id.is_empty() && !id.contains('/') => Ok((endpoint, Some(Target::of(id)))),
        (_, Some(_)) => wrong(format!("must be /{endpoint}/ and an id, with nothing behind it")),
        (_, None) => wrong(format!("{method} needs the resource: /{endpoint}/ and its id")),
    }
}
