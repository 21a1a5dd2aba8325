//! The OpenAPI 3.1 document of this API, made from the code that answers.

use crate::error::ProblemDocument;
use crate::{configurations, directories, export, once, pulls, runs, schemas, tenants, tokens, uploads};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use std::sync::LazyLock;
use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{AnyOfBuilder, ArrayBuilder, ObjectBuilder, OneOfBuilder, SchemaType, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{
    Components, ContentBuilder, OpenApi, PathItem, Ref, RefOr, Required, ResponseBuilder, Schema,
    SecurityRequirement,
};

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Muster admin API", description = "Tenants, directories, tokens, declared schemas, imports."),
    servers((url = "/api/v1")),
    paths(
        tenants::list,
        tenants::create,
        tenants::show,
        directories::list,
        directories::create,
        directories::show,
        directories::change,
        tokens::list,
        tokens::create,
        tokens::revoke,
        schemas::list,
        schemas::declare,
        schemas::replace,
        schemas::withdraw,
        configurations::list,
        configurations::create,
        configurations::show,
        configurations::replace,
        configurations::change,
        configurations::remove,
        configurations::template,
        pulls::run,
        pulls::test_access,
        pulls::show_ssh_key,
        pulls::create_ssh_key,
        pulls::list_pgp_keys,
        pulls::create_pgp_key,
        pulls::public_pgp_key,
        pulls::retire_pgp_key,
        export::export,
        uploads::preview,
        uploads::create,
        uploads::receive,
        runs::list,
        runs::show,
        runs::plan,
        runs::report,
        runs::approve,
        runs::discard,
        runs::cancel,
        runs::revert,
    ),
    components(schemas(ProblemDocument)),
)]
struct Described;

/// What a tenant, a directory or a configuration can be called.
const NAME: &str = "^[a-z0-9][a-z0-9-]{0,62}$";
/// The name of the security scheme.
const KEY: &str = "operatorKey";

static TEXT: LazyLock<String> = LazyLock::new(|| document().to_json().unwrap_or_default());

/// The document.
pub fn document() -> OpenApi {
    let mut document = Described::openapi();
    document.security = Some(vec![SecurityRequirement::new(KEY, Vec::<String>::new())]);
    let components = document.components.get_or_insert_with(Components::default);
    let bearer =
        HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some("The operator's key")).build();
    components.add_security_scheme(KEY, SecurityScheme::Http(bearer));
    add_part(components, "Directory", "NewDirectory", &["name"]);
    add_part(components, "Directory", "DirectoryChange", &[]);
    add_part(components, "Configuration", "NewConfiguration", &["name"]);
    add_part(components, "Configuration", "ConfigurationChange", &[]);
    components.schemas.insert("Declaration".to_owned(), declaration());
    for path in document.paths.paths.values_mut() {
        if let Some(operation) = &mut path.post {
            operation.parameters.get_or_insert_default().push(RefOr::T(idempotency_key()));
        }
        operations(path).for_each(complete);
    }
    document
}

/// A document as a client sends it: only these members must be there, and null stands for a default.
fn add_part(components: &mut Components, of: &str, name: &str, required: &[&str]) {
    let Some(RefOr::T(Schema::Object(whole))) = components.schemas.get(of) else { return };
    let mut part = whole.clone();
    part.required = required.iter().map(|member| (*member).to_owned()).collect();
    let optional = part.properties.iter_mut().filter(|(member, _)| !required.contains(&member.as_str()));
    for (_, schema) in optional {
        let null = ObjectBuilder::new().schema_type(Type::Null);
        *schema = Schema::AnyOf(AnyOfBuilder::new().item(schema.clone()).item(null).build()).into();
    }
    components.schemas.insert(name.to_owned(), RefOr::T(Schema::Object(part)));
}

/// One declared document or a list of them.
fn declaration() -> RefOr<Schema> {
    let document = || {
        ObjectBuilder::new().schema_type(Type::Object).description(Some(
            "A schema (RFC 7643 section 7) or a resource type (section 6), as its `schemas` say",
        ))
    };
    let several = ArrayBuilder::new().items(document());
    Schema::OneOf(OneOfBuilder::new().item(document()).item(several).build()).into()
}

/// Every POST can be repeated.
fn idempotency_key() -> Parameter {
    ParameterBuilder::new()
        .name(once::IDEMPOTENCY_KEY)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "1 to 255 visible ASCII characters, new for each request. The same request with the same key is not done \
             again within 24 hours, and answered as it was the first time",
        ))
        .schema(Some(
            ObjectBuilder::new().schema_type(Type::String).pattern(Some("^[!-~]{1,255}$")),
        ))
        .build()
}

fn operations(path: &mut PathItem) -> impl Iterator<Item = &mut Operation> {
    let all = [&mut path.get, &mut path.put, &mut path.post, &mut path.delete, &mut path.patch];
    all.into_iter().filter_map(Option::as_mut)
}

/// What is the same for every operation: it may answer with a problem, a body that it takes has to be there, and a
/// parameter is left out rather than null.
fn complete(operation: &mut Operation) {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
    let problem = ResponseBuilder::new()
        .description("What is the matter, and how to mend it (RFC 9457)")
        .content("application/problem+json", content)
        .build();
    operation.responses.responses.insert("default".to_owned(), RefOr::T(problem));
    if let Some(RefOr::T(body)) = &mut operation.request_body {
        body.required = Some(Required::True);
    }
    for parameter in operation.parameters.iter_mut().flatten() {
        let RefOr::T(parameter) = parameter else { continue };
        let Some(RefOr::T(Schema::Object(schema))) = &mut parameter.schema else { continue };
        if let SchemaType::Array(types) = &schema.schema_type
            && let Some(kind) = types.iter().find(|kind| **kind != Type::Null)
        {
            schema.schema_type = SchemaType::Type(kind.clone());
        }
        let example = match parameter.name.as_str() {
            "tenant" => "acme",
            "directory" => "people",
            "configuration" => "default",
            _ => continue,
        };
        schema.examples = vec![example.into()];
        schema.pattern = Some(NAME.to_owned());
    }
}

/// `GET /openapi.json`
pub(crate) async fn show() -> Response {
    ([(header::CONTENT_TYPE, "application/json")], TEXT.as_str()).into_response()
}
