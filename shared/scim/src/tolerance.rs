//! What clients are forgiven: the one table of departures from the RFCs, each with the client that needs it.
//!
//! A [`crate::schema::ResourceType`] carries the set that is on, so that a directory can be strict.

/// One departure that is understood although the RFC does not ask for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Quirk {
    /// `"True"` and `"False"` where a boolean belongs.
    BooleanText,
    /// `schemas` absent.
    SchemasAbsent,
    /// `schemas` names URNs that this type does not have, and no attributes of them follow.
    SchemasUnknown,
    /// A reference as plain text, `"manager": "id"`, for `{"value": "id"}`.
    PlainReference,
    /// More than one element is primary: the last one is.
    PrimaryTwice,
    /// An empty string clears an optional attribute.
    EmptyText,
    /// `urn:…:User:department` as a key beside the core attributes.
    FlatExtension,
    /// `schemas` within the object of an extension.
    ExtensionSchemas,
    /// A PUT without `active` leaves it as it is.
    PutWithoutActive,
    /// Operations of a PATCH spelled `Add`, `Replace`, `Remove`.
    OperationCase,
    /// Keys of a PATCH value that are paths: `name.givenName`, `emails[type eq "work"].value`.
    PathKeys,
    /// `remove` with a list of values removes exactly those.
    RemoveValues,
    /// A filter that selects nothing creates the element that it describes.
    CreateSelected,
    /// A text literal of a filter without its quotes.
    BareLiteral,
}

/// An entry of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What is forgiven.
    pub quirk: Quirk,
    /// Who sends it.
    pub clients: &'static str,
}

/// Every departure, in the order of [`Quirk`].
pub const TABLE: &[Entry] = &[
    Entry { quirk: Quirk::BooleanText, clients: "Entra ID: roles and active" },
    Entry { quirk: Quirk::SchemasAbsent, clients: "OneLogin templates, scripts with curl" },
    Entry { quirk: Quirk::SchemasUnknown, clients: "Entra ID: its group URN; OneLogin: the URN of SCIM 1.0" },
    Entry { quirk: Quirk::PlainReference, clients: "Entra ID: manager" },
    Entry { quirk: Quirk::PrimaryTwice, clients: "PingOne: e-mails" },
    Entry { quirk: Quirk::EmptyText, clients: "Entra ID: manager and any optional attribute" },
    Entry { quirk: Quirk::FlatExtension, clients: "Entra ID: PATCH without a path" },
    Entry {
        quirk: Quirk::ExtensionSchemas,
        clients: "clients made with scim2-models: PATCH of an extension",
    },
    Entry { quirk: Quirk::PutWithoutActive, clients: "Okta: profile updates by PUT" },
    Entry { quirk: Quirk::OperationCase, clients: "Entra ID without aadOptscim062020" },
    Entry { quirk: Quirk::PathKeys, clients: "Entra ID with aadOptscim062020" },
    Entry { quirk: Quirk::RemoveValues, clients: "Entra ID without aadOptscim062020, JumpCloud" },
    Entry { quirk: Quirk::CreateSelected, clients: "Entra ID: work e-mail, primary role" },
    Entry { quirk: Quirk::BareLiteral, clients: "Entra ID: look-ups by userName" },
];

/// The set of departures that are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerances(u32);

impl Tolerances {
    /// Everything in the [`TABLE`]: what a directory starts with.
    pub const fn all() -> Self {
        Self(u32::MAX)
    }

    /// Nothing: the RFCs to the letter.
    pub const fn none() -> Self {
        Self(0)
    }

    /// This set without one departure.
    pub const fn without(self, quirk: Quirk) -> Self {
        Self(self.0 & !(1 << quirk as u32))
    }

    /// This set with one departure.
    pub const fn with(self, quirk: Quirk) -> Self {
        Self(self.0 | (1 << quirk as u32))
    }

    /// Whether the departure is on.
    pub const fn allows(self, quirk: Quirk) -> bool {
        self.0 & (1 << quirk as u32) != 0
    }
}

impl Default for Tolerances {
    fn default() -> Self {
        Self::all()
    }
}
