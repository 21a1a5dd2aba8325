//! The core schema of groups (RFC 7643 section 4.2).

use super::{
    Schema,
    attribute::{Attribute, Mutability, Uniqueness},
};

/// URN of the core group schema.
pub const GROUP_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";

pub(super) fn schema() -> Schema {
    let display_name = Attribute::string("displayName", "Name of the group; no two groups share one.")
        .required()
        .unique(Uniqueness::Server);
    Schema::new(GROUP_URN, "Group", "A set of users and groups", vec![display_name, members()])
}

/// `display` is read only: the server knows the name of the user that a member is.
fn members() -> Attribute {
    Attribute::complex(
        "members",
        "Users and groups that belong to the group.",
        vec![
            Attribute::string("value", "Identifier of the member.")
                .case_exact()
                .required()
                .mutability(Mutability::Immutable),
            Attribute::reference("$ref", "Address of the member.", &["User", "Group"])
                .mutability(Mutability::Immutable),
            Attribute::string("type", "Whether the member is a user or a group.")
                .suggesting(&["User", "Group"])
                .mutability(Mutability::Immutable),
            Attribute::string("display", "Name of the member.").mutability(Mutability::ReadOnly),
        ],
    )
    .multi_valued()
}
