//! What the targets share: the built-in resource types, and a resource of each that filters and patches meet.

pub mod people;

use std::sync::LazyLock;

use scim::schema::{Registry, ResourceType};
use scim::{Document, body};
use serde_json::{Value, json};

/// The built-in types.
pub static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::builtin);

/// A resource type with a stored resource of it.
pub struct Specimen {
    /// Its schemas.
    pub resource_type: ResourceType,
    /// As a store would hand it out.
    pub document: Document,
}

/// A user and a group.
pub static SPECIMENS: LazyLock<Vec<Specimen>> = LazyLock::new(|| {
    let bodies = [("User", user()), ("Group", group())];
    bodies
        .into_iter()
        .map(|(name, body)| {
            let resource_type = REGISTRY.by_name(name).expect("built in").clone();
            let mut document = body::create(&resource_type, body).expect("a valid body");
            document.insert("id".to_owned(), json!("2819c223"));
            let meta = json!({ "resourceType": name, "created": "2011-05-13T04:42:34Z" });
            document.insert("meta".to_owned(), meta);
            Specimen { document: body::arrange(&resource_type, document), resource_type }
        })
        .collect()
});

fn user() -> Value {
    json!({
        "userName": "bjensen@acme.example", "externalId": "B-1", "active": true, "title": "Guide",
        "name": { "familyName": "O'Malley", "givenName": "Barbara" },
        "emails": [
            { "value": "bjensen@acme.example", "type": "work", "primary": true },
            { "value": "babs@home.example", "type": "home" },
        ],
        "roles": [{ "value": "admin" }],
    })
}

fn group() -> Value {
    json!({ "displayName": "Guides", "members": [{ "value": "2819c223" }, { "value": "u1" }] })
}
