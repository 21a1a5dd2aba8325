//! What this server can do (RFC 7644 §4). Readable without a token: a client asks before it has one, and
//! nothing here depends on a directory.

use crate::Api;
use crate::address::Base;
use crate::answer::json;
use crate::error::Failure;
use crate::request::Parameters;
use crate::search::MAX_PAGE;
use axum::extract::{RawPathParams, State};
use axum::http::StatusCode;
use axum::response::Response;
use scim::list::list_response;
use serde_json::{Value, json as object};

type Answer = Result<Response, Failure>;

/// `/ServiceProviderConfig` (RFC 7643 §5).
pub(crate) async fn service_provider_config(base: Base) -> Response {
    let supported = |yes: bool| object!({ "supported": yes });
    let document = object!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": supported(true),
        "bulk": { "supported": false, "maxOperations": 0, "maxPayloadSize": 0 },
        "filter": { "supported": true, "maxResults": MAX_PAGE },
        "changePassword": supported(false),
        "sort": supported(false),
        "etag": supported(true),
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "A token of the directory, sent in the Authorization header",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": base.endpoint("ServiceProviderConfig"),
        },
    });
    json(StatusCode::OK, &document)
}

/// `/ResourceTypes` (RFC 7643 §6).
pub(crate) async fn resource_types(State(api): State<Api>, base: Base, parameters: Parameters) -> Answer {
    refuse_filter(&parameters)?;
    let all = api
        .registry
        .resource_types()
        .iter()
        .map(|one| located(one.to_json(), &base, "ResourceTypes", &one.name));
    Ok(list(all.collect()))
}

/// `/ResourceTypes/{name}`.
pub(crate) async fn resource_type(State(api): State<Api>, base: Base, path: RawPathParams) -> Answer {
    let name = parameter(&path, "name");
    let found = api.registry.by_name(name).ok_or_else(|| absent("resource type"))?;
    Ok(json(StatusCode::OK, &located(found.to_json(), &base, "ResourceTypes", &found.name)))
}

/// `/Schemas` (RFC 7643 §7).
pub(crate) async fn schemas(State(api): State<Api>, base: Base, parameters: Parameters) -> Answer {
    refuse_filter(&parameters)?;
    let all = api.registry.schemas().into_iter().map(|one| located(one.to_json(), &base, "Schemas", &one.id));
    Ok(list(all.collect()))
}

/// `/Schemas/{urn}`.
pub(crate) async fn schema(State(api): State<Api>, base: Base, path: RawPathParams) -> Answer {
    let urn = parameter(&path, "urn");
    let found = api.registry.schema(urn);
    let found = found.ok_or_else(|| absent("schema"))?;
    Ok(json(StatusCode::OK, &located(found.to_json(), &base, "Schemas", &found.id)))
}

fn list(documents: Vec<Value>) -> Response {
    json(StatusCode::OK, &list_response(documents.len(), 1, documents))
}

/// Adds `meta` with the address of a discovery document.
fn located(mut document: Value, base: &Base, endpoint: &str, name: &str) -> Value {
    let resource_type = endpoint.trim_end_matches('s');
    let location = base.endpoint(&format!("{endpoint}/{name}"));
    if let Some(document) = document.as_object_mut() {
        document.insert("meta".to_owned(), object!({ "resourceType": resource_type, "location": location }));
    }
    document
}

/// RFC 7644 §4: a filter on these endpoints is forbidden, lest an answer be taken for all there is.
fn refuse_filter(parameters: &Parameters) -> Result<(), Failure> {
    match parameters.get("filter") {
        Some(_) => Err(Failure::new(
            StatusCode::FORBIDDEN,
            "discovery endpoints take no filter (RFC 7644 section 4)",
        )),
        None => Ok(()),
    }
}

fn parameter<'a>(path: &'a RawPathParams, wanted: &str) -> &'a str {
    path.iter().find(|(name, _)| *name == wanted).map_or("", |(_, value)| value)
}

fn absent(what: &str) -> Failure {
    Failure::new(StatusCode::NOT_FOUND, format!("no such {what}"))
}
