//! The core schema of users (RFC 7643 section 4.1).

use super::{
    ResourceType, Schema,
    attribute::{Attribute, Kind, Mutability, Returned, Uniqueness},
};

/// URN of the core user schema.
pub const USER_URN: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// Whether the attribute is taken from clients but never stored with the resource.
pub(super) fn is_kept_elsewhere(resource_type: &ResourceType, attribute: &Attribute) -> bool {
    resource_type.schema.id == USER_URN && attribute.name == "password"
}

/// What a value is for where nothing else suggests itself; the interoperability profile wants them declared.
const USUAL: &[&str] = &["work", "home", "other"];

pub(super) fn schema() -> Schema {
    let attributes = [singular(), contact(), memberships(), credentials()].concat();
    Schema::new(USER_URN, "User", "A person's account", attributes)
}

fn singular() -> Vec<Attribute> {
    vec![
        Attribute::string("userName", "Name by which the user signs in; no two users share one.")
            .required()
            .unique(Uniqueness::Server),
        name(),
        Attribute::string("displayName", "Name to show to other people."),
        Attribute::string("nickName", "Casual form of address."),
        Attribute::reference("profileUrl", "Address of a page about the user.", &["external"]),
        Attribute::string("title", "Position in the organisation, such as Vice President."),
        Attribute::string("userType", "Relation to the organisation, such as Employee or Contractor."),
        Attribute::string("preferredLanguage", "Languages in the form of an Accept-Language header."),
        Attribute::string("locale", "Language tag for dates, numbers and currency, such as en-GB."),
        Attribute::string("timezone", "Time zone by its IANA name, such as Europe/Berlin."),
        Attribute::new("active", Kind::Boolean, "Whether the user may work."),
        Attribute::string("password", "New password in clear text; taken, never given.")
            .case_exact()
            .mutability(Mutability::WriteOnly)
            .returned(Returned::Never),
    ]
}

fn name() -> Attribute {
    Attribute::complex(
        "name",
        "Parts of the user's name.",
        vec![
            Attribute::string("formatted", "The whole name as it is to be shown."),
            Attribute::string("familyName", "Family name."),
            Attribute::string("givenName", "Given name."),
            Attribute::string("middleName", "Middle names."),
            Attribute::string("honorificPrefix", "Title before the name, such as Dr."),
            Attribute::string("honorificSuffix", "Suffix after the name, such as III."),
        ],
    )
}

fn contact() -> Vec<Attribute> {
    vec![
        plural("emails", "E-mail addresses.", text("An e-mail address."), USUAL),
        plural(
            "phoneNumbers",
            "Telephone numbers.",
            text("A telephone number."),
            &["work", "home", "mobile", "fax", "pager", "other"],
        ),
        plural(
            "ims",
            "Addresses for instant messages.",
            text("An instant message address."),
            &["aim", "gtalk", "icq", "xmpp", "msn", "skype", "qq", "yahoo"],
        ),
        plural(
            "photos",
            "Pictures of the user.",
            Attribute::reference("value", "Address of a picture.", &["external"]),
            &["photo", "thumbnail"],
        ),
        addresses(),
    ]
}

fn addresses() -> Attribute {
    Attribute::complex(
        "addresses",
        "Postal addresses.",
        vec![
            Attribute::string("formatted", "The whole address, ready for a label."),
            Attribute::string("streetAddress", "Street, house number and the like."),
            Attribute::string("locality", "City or town."),
            Attribute::string("region", "State or region."),
            Attribute::string("postalCode", "Postal code."),
            Attribute::string("country", "Country as its ISO 3166-1 alpha-2 code."),
            type_of(USUAL),
            primary(),
        ],
    )
    .multi_valued()
}

fn memberships() -> Vec<Attribute> {
    let groups = Attribute::complex(
        "groups",
        "Groups to which the user belongs; changed through the groups.",
        vec![
            Attribute::string("value", "Identifier of the group.").case_exact(),
            Attribute::reference("$ref", "Address of the group.", &["Group"]),
            Attribute::string("display", "Name of the group."),
            Attribute::string("type", "Whether the user is a member directly or through another group.")
                .suggesting(&["direct", "indirect"]),
        ],
    );
    vec![groups.multi_valued().read_only()]
}

fn credentials() -> Vec<Attribute> {
    vec![
        plural("entitlements", "Things to which the user is entitled.", text("An entitlement."), USUAL),
        plural("roles", "Roles of the user.", text("A role."), USUAL),
        plural(
            "x509Certificates",
            "Certificates of the user.",
            Attribute::new("value", Kind::Binary, "A certificate in DER, as base 64."),
            USUAL,
        ),
    ]
}

/// A multi-valued attribute with the usual sub-attributes (RFC 7643 section 2.4).
fn plural(name: &str, description: &str, value: Attribute, types: &[&str]) -> Attribute {
    let display = Attribute::string("display", "The value as it is to be shown.");
    Attribute::complex(name, description, vec![value, display, type_of(types), primary()]).multi_valued()
}

fn text(description: &str) -> Attribute {
    Attribute::string("value", description)
}

fn type_of(suggested: &[&str]) -> Attribute {
    Attribute::string("type", "What the value is for.").suggesting(suggested)
}

fn primary() -> Attribute {
    Attribute::new("primary", Kind::Boolean, "Whether this is the preferred value; at most one is.")
}
