//! What this server can do (RFC 7644 §4). Readable without a token: a client asks before it has one. With a token it
//! is what the directory can do, with the types and schemas that were declared for it.

use crate::Api;
use crate::address::Address;
use crate::answer::{json, text};
use crate::bulk::MAX_OPERATIONS;
use crate::error::Failure;
use crate::request::{MAX_BODY_BYTES, Parameters};
use crate::search::{DEFAULT_PAGE, MAX_PAGE};
use crate::session::Session;
use axum::extract::{FromRequestParts, RawPathParams};
use axum::http::StatusCode;
use axum::http::request::Parts;
use axum::response::Response;
use domain::directory::CURSOR_SECONDS;
use domain::tenant::Profile;
use scim::list::{PageFacts, write_list};
use scim::schema::Registry;
use serde_json::{Value, json as object};
use std::sync::Arc;

type Answer = Result<Response, Failure>;

/// A question about the server, or about the directory of a token.
pub(crate) struct Question {
    registry: Arc<Registry>,
    profile: Profile,
    base: String,
    parameters: Parameters,
    name: String,
}

impl FromRequestParts<Api> for Question {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, api: &Api) -> Result<Self, Failure> {
        let session = Session::if_any(parts, api).await?;
        let opened = session.as_ref().map(|session| session.directory.opened());
        let path = RawPathParams::from_request_parts(parts, api).await.ok();
        let name = path.iter().flatten().find(|(name, _)| *name == "name").map(|(_, value)| value.to_owned());
        Ok(Self {
            registry: opened
                .map_or_else(|| Arc::clone(&api.registry), |opened| Arc::new(opened.registry.clone())),
            profile: opened.map(domain::tenant::Opened::profile).unwrap_or_default(),
            base: Address::of(parts)?.base,
            parameters: Parameters::of_query(parts.uri.query()),
            name: name.unwrap_or_default(),
        })
    }
}

/// `/ServiceProviderConfig` (RFC 7643 §5, RFC 9865 §4).
pub(crate) async fn service_provider_config(question: Question) -> Response {
    let supported = |yes: bool| object!({ "supported": yes });
    let mut document = object!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": supported(true),
        "bulk": { "supported": true, "maxOperations": MAX_OPERATIONS, "maxPayloadSize": MAX_BODY_BYTES },
        "filter": { "supported": true, "maxResults": MAX_PAGE },
        "changePassword": supported(false),
        "sort": supported(true),
        "etag": supported(true),
        "pagination": {
            "cursor": true,
            "index": true,
            "defaultPaginationMethod": "index",
            "defaultPageSize": DEFAULT_PAGE,
            "maxPageSize": MAX_PAGE,
            "cursorTimeout": CURSOR_SECONDS,
        },
        "authenticationSchemes": [{
            "type": "oauthbearertoken",
            "name": "OAuth Bearer Token",
            "description": "A token of the directory, sent in the Authorization header",
            "specUri": "https://www.rfc-editor.org/info/rfc6750",
            "primary": true,
        }],
        "meta": {
            "resourceType": "ServiceProviderConfig",
            "location": format!("{}/ServiceProviderConfig", question.base),
        },
    });
    if question.profile == Profile::Strict {
        document["interopProfileConformant"] = true.into();
    }
    json(StatusCode::OK, &document)
}

/// `/ResourceTypes` (RFC 7643 §6).
pub(crate) async fn resource_types(question: Question) -> Answer {
    let types = question.registry.resource_types();
    let types = types.iter().map(|one| located(&question, one.to_json(), "ResourceType", &one.name));
    list(&question, &types.collect::<Vec<_>>())
}

/// `/ResourceTypes/{name}`.
pub(crate) async fn resource_type(question: Question) -> Answer {
    let found = question.registry.by_name(&question.name).ok_or_else(|| absent("resource type"))?;
    Ok(json(StatusCode::OK, &located(&question, found.to_json(), "ResourceType", &found.name)))
}

/// `/Schemas` (RFC 7643 §7).
pub(crate) async fn schemas(question: Question) -> Answer {
    let schemas = question.registry.schemas();
    let schemas = schemas.iter().map(|one| located(&question, one.to_json(), "Schema", &one.id));
    list(&question, &schemas.collect::<Vec<_>>())
}

/// `/Schemas/{urn}`.
pub(crate) async fn schema(question: Question) -> Answer {
    let found = question.registry.schema(&question.name).ok_or_else(|| absent("schema"))?;
    Ok(json(StatusCode::OK, &located(&question, found.to_json(), "Schema", &found.id)))
}

/// RFC 7644 §4: a filter on these endpoints is forbidden, lest an answer be taken for all there is.
fn list(question: &Question, documents: &[Value]) -> Answer {
    if question.parameters.get("filter").is_some() {
        let detail = "discovery endpoints take no filter (RFC 7644 section 4)";
        return Err(Failure::new(StatusCode::FORBIDDEN, detail));
    }
    let facts = PageFacts { total: Some(documents.len()), start_index: Some(1), next_cursor: None };
    let mut body = Vec::new();
    write_list(&mut body, &facts, documents, |one, out| serde_json::to_writer(out, one))
        .map_err(domain::Error::from)?;
    Ok(text(StatusCode::OK, body))
}

/// Adds `meta` with the address of a discovery document.
fn located(question: &Question, mut document: Value, resource_type: &str, name: &str) -> Value {
    let location = format!("{}/{resource_type}s/{name}", question.base);
    if let Some(document) = document.as_object_mut() {
        document.insert("meta".to_owned(), object!({ "resourceType": resource_type, "location": location }));
    }
    document
}

fn absent(what: &str) -> Failure {
    Failure::new(StatusCode::NOT_FOUND, format!("no such {what}"))
}
