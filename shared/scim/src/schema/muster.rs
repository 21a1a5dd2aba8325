//! Muster's own extension of users: validity, access and the columns of imported files.

use super::{
    Schema,
    attribute::{Attribute, Kind, Mutability, Returned},
};

/// URN of Muster's extension.
pub const MUSTER_USER_URN: &str = "urn:ietf:params:scim:schemas:extension:muster:2.0:User";

pub(super) fn schema() -> Schema {
    // The canonical values are those that mean no limit.
    let validity = [
        Attribute::new("validFrom", Kind::Instant, "First instant at which the user may sign in.")
            .suggesting(&["1970-01-01T00:00:00Z"]),
        Attribute::new("validTo", Kind::Instant, "Instant from which on the user may not sign in.")
            .suggesting(&["9999-12-30T00:00:00Z"]),
    ];
    let custom = (1..=5).map(|n| {
        Attribute::string(format!("customAttribute{n}"), format!("Free text number {n} of the application."))
    });
    let access = [
        Attribute::string("accessLevel", "Level of access that the directory or an import gave."),
        Attribute::string("location", "Where the user works."),
        Attribute::string("division", "Division to which the user belongs."),
        Attribute::string("lifecycle", "Whether the user has signed in yet.")
            .suggesting(&["mapped", "signed-in"])
            .mutability(Mutability::ReadOnly)
            // Not by default: a client that replaces or removes the extension expects to see just what it sent.
            .returned(Returned::Request),
    ];
    Schema::new(
        MUSTER_USER_URN,
        "MusterUser",
        "What Muster adds to a user",
        validity.into_iter().chain(custom).chain(access).collect(),
    )
}
