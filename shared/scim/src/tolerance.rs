//! What clients are forgiven: the one table of departures from the RFCs, each with the client that needs it.
//!
//! A [`crate::schema::ResourceType`] carries the set that is on, so that a directory can be strict.

/// An entry of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Entry {
    /// What is forgiven.
    pub quirk: Quirk,
    /// What it is called in documents: words in lower case joined by hyphens.
    pub name: &'static str,
    /// Who sends it.
    pub clients: &'static str,
}

/// Writes the enum and the table from one list, so that no departure can be in one of them alone.
macro_rules! quirks {
    ($($(#[$doc:meta])+ $quirk:ident: $name:literal, $clients:literal;)+) => {
        /// One departure that is understood although the RFC, or the interoperability profile, does not ask for it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Quirk {
            $($(#[$doc])+ $quirk,)+
        }

        /// Every departure, in the order of [`Quirk`].
        pub const TABLE: &[Entry] =
            &[$(Entry { quirk: Quirk::$quirk, name: $name, clients: $clients },)+];
    };
}

quirks! {
    /// `"True"` and `"False"` where a boolean belongs.
    BooleanText: "boolean-text", "Entra ID: roles and active";
    /// `schemas` absent.
    SchemasAbsent: "schemas-absent", "OneLogin templates, scripts with curl";
    /// `schemas` names URNs that this type does not have, and no attributes of them follow.
    SchemasUnknown: "schemas-unknown", "Entra ID: its group URN; OneLogin: the URN of SCIM 1.0";
    /// A reference as plain text, `"manager": "id"`, for `{"value": "id"}`.
    PlainReference: "plain-reference", "Entra ID: manager";
    /// More than one element is primary: the last one is.
    PrimaryTwice: "primary-twice", "PingOne: e-mails";
    /// An empty string clears an optional attribute.
    EmptyText: "empty-text", "Entra ID: manager and any optional attribute";
    /// `urn:…:User:department` as a key beside the core attributes.
    FlatExtension: "flat-extension", "Entra ID: PATCH without a path";
    /// `schemas` within the object of an extension, naming anything but that extension.
    ExtensionSchemas: "extension-schemas", "clients that repeat the schemas of the resource in an extension";
    /// A PUT without `active` leaves it as it is.
    PutWithoutActive: "put-without-active", "Okta: profile updates by PUT";
    /// Operations of a PATCH spelled `Add`, `Replace`, `Remove`.
    OperationCase: "operation-case", "Entra ID without aadOptscim062020";
    /// Keys of a PATCH value that are paths: `name.givenName`, `emails[type eq "work"].value`.
    PathKeys: "path-keys", "Entra ID with aadOptscim062020";
    /// `remove` with a list of values removes exactly those.
    RemoveValues: "remove-values", "Entra ID without aadOptscim062020, JumpCloud";
    /// A filter that selects nothing creates the element that it describes.
    CreateSelected: "create-selected", "Entra ID: work e-mail, primary role";
    /// A text literal of a filter without its quotes.
    BareLiteral: "bare-literal", "Entra ID: look-ups by userName";
    /// `add` or `replace` without a path: the value names its attributes itself.
    PathAbsent: "path-absent", "Okta: deactivation, group push; Entra ID with aadOptscim062020";
    /// `add` or `replace` of `emails[type eq "work"]` as a whole.
    SelectedWhole: "selected-whole", "clients that follow the example of RFC 7644 §3.5.2.3";
    /// One value for the sub-attribute of several elements that a filter selects.
    SelectedMany: "selected-many", "clients that follow RFC 7644 §3.5.2.3: all matches are set";
    /// `replace` of `name` keeps the parts that it does not name (RFC 7644 §3.5.2.3; the profile replaces them all).
    PartialComplex: "partial-complex", "clients that follow RFC 7644 §3.5.2.3: name";
    /// A `type` that is none of the canonical values.
    AnyType: "any-type", "clients with types of their own; RFC 7643 §7 only suggests";
    /// A body whose media type is not said. The function that knows the header asks for it.
    MediaType: "media-type", "scripts: a body without a media type";
}

/// The set of departures that are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tolerances(u32);

impl Tolerances {
    /// Everything in the [`TABLE`]: what a directory starts with.
    pub const fn all() -> Self {
        Self(u32::MAX)
    }

    /// Nothing: the RFCs and the SCIM 2.0 Interoperability Profile (draft-zollner-scim-interop-profile) to the
    /// letter, as a directory with the profile `strict` has it.
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
