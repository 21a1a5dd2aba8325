//! The attributes that every resource has whatever its schema says (RFC 7643 sections 3 and 3.1).

use super::attribute::{Attribute, Kind, Mutability, Returned, Uniqueness};
use std::sync::{Arc, LazyLock};

static COMMON: LazyLock<Vec<Arc<Attribute>>> =
    LazyLock::new(|| [schemas(), id(), external_id(), meta()].into_iter().map(Arc::new).collect());

/// `schemas`, `id`, `externalId` and `meta`, in that order.
pub fn common_attributes() -> &'static [Arc<Attribute>] {
    &COMMON
}

fn schemas() -> Attribute {
    Attribute::reference("schemas", "URNs of the schemas whose attributes the resource bears.", &["uri"])
        .multi_valued()
        .returned(Returned::Always)
}

fn id() -> Attribute {
    Attribute::string("id", "Identifier that the server gave the resource.")
        .case_exact()
        .mutability(Mutability::ReadOnly)
        .returned(Returned::Always)
        .unique(Uniqueness::Server)
}

fn external_id() -> Attribute {
    Attribute::string("externalId", "Identifier that the client uses for the resource.").case_exact()
}

fn meta() -> Attribute {
    Attribute::complex(
        "meta",
        "What the server knows about the resource itself.",
        vec![
            Attribute::string("resourceType", "Name of the resource's type.").case_exact(),
            Attribute::new("created", Kind::DateTime, "When the resource was created."),
            Attribute::new("lastModified", Kind::DateTime, "When the resource was last changed."),
            Attribute::reference("location", "Address of the resource.", &["uri"]),
            Attribute::string("version", "Entity tag of the resource.").case_exact(),
        ],
    )
    .read_only()
}
