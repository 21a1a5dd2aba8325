//! The library from outside: tables of cases for each boundary, and properties for whatever reads text.

#![expect(
    clippy::expect_used,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "the functions that the tests share fail as the tests do, and take `json!` values as they are"
)]

mod body;
mod bulk;
mod declarations;
mod declared;
mod dialects;
mod discovery;
mod filter;
mod list;
mod mutability;
mod naive;
mod numbers;
mod patch;
mod path;
mod projection;
mod properties;
mod sort;
mod split;
mod strict;
mod unique;

use scim::{
    Document, body as bodies,
    schema::{Registry, ResourceType},
};
use serde_json::{Value, json};
use std::sync::LazyLock;

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::builtin);

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const MUSTER: &str = "urn:ietf:params:scim:schemas:extension:muster:2.0:User";

fn users() -> &'static ResourceType {
    REGISTRY.by_name("User").expect("built in")
}

fn groups() -> &'static ResourceType {
    REGISTRY.by_name("Group").expect("built in")
}

/// A resource as it is stored: created, then given an id and a time by the server.
#[track_caller]
fn stored(resource_type: &ResourceType, body: Value) -> Document {
    let mut document = bodies::create(resource_type, body).expect("a valid body");
    document.insert("id".into(), json!("2819c223"));
    let meta = json!({"resourceType": resource_type.name, "created": "2011-05-13T04:42:34Z",
                      "lastModified": "2011-05-13T04:42:34.500+02:00"});
    document.insert("meta".into(), meta);
    bodies::arrange(resource_type, document)
}

fn barbara() -> Document {
    stored(
        users(),
        json!({
            "userName": "bjensen@example.com",
            "externalId": "B-1",
            "name": {"familyName": "O'Malley", "givenName": "Barbara"},
            "displayName": "Babs Jensen",
            "userType": "Employee",
            "title": "Tour Guide",
            "active": true,
            "emails": [
                {"value": "bjensen@example.com", "type": "work", "primary": true},
                {"value": "babs@jensen.org", "type": "home"}
            ],
            "roles": [{"value": "Guide", "primary": true}],
            "x509Certificates": [{"value": "MIIDQzCCAqygAwIBAgICEAAwDQYJKoZIhvcNAQEFBQAwTjELMAkGA1UEBhMCVVMx"}],
            ENTERPRISE: {"employeeNumber": "701984", "manager": {"value": "26118915"}},
            MUSTER: {"validTo": "2030-01-01T00:00:00Z"}
        }),
    )
}
