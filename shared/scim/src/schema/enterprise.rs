//! The enterprise extension of users (RFC 7643 section 4.3).

use super::{
    Schema,
    attribute::{Attribute, Mutability},
};

/// URN of the enterprise extension.
pub const ENTERPRISE_USER_URN: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

pub(super) fn schema() -> Schema {
    Schema::new(
        ENTERPRISE_USER_URN,
        "EnterpriseUser",
        "What an employer knows about a user",
        vec![
            Attribute::string("employeeNumber", "Number or code that the organisation gave the person."),
            Attribute::string("costCenter", "Cost centre."),
            Attribute::string("organization", "Organisation."),
            Attribute::string("division", "Division."),
            Attribute::string("department", "Department."),
            manager(),
        ],
    )
}

fn manager() -> Attribute {
    Attribute::complex(
        "manager",
        "The user to whom this user reports.",
        vec![
            Attribute::string("value", "Identifier of the manager's user.").case_exact(),
            Attribute::reference("$ref", "Address of the manager's user.", &["User"]),
            Attribute::string("displayName", "Name of the manager.").mutability(Mutability::ReadOnly),
        ],
    )
}
