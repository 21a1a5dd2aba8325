//! One attribute and its characteristics (RFC 7643 sections 2.2 and 7).

use crate::fold;
use std::{fmt, sync::Arc};

/// The data type of an attribute (RFC 7643 section 2.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// Unicode text.
    String,
    /// `true` or `false`.
    Boolean,
    /// A number with a fraction.
    Decimal,
    /// A whole number.
    Integer,
    /// An instant in RFC 3339.
    DateTime,
    /// A string that must be an instant in RFC 3339 and compares as one. Declared as `string`: clients that make
    /// types of schemas often know no `dateTime` outside `meta`.
    Instant,
    /// Bytes in base 64.
    Binary,
    /// A URI of a resource or of something outside.
    Reference,
    /// An object of sub-attributes.
    Complex,
}

impl Kind {
    /// Those that a schema document can ask for.
    pub(super) const DECLARED: [Self; 8] = [
        Self::String,
        Self::Boolean,
        Self::Decimal,
        Self::Integer,
        Self::DateTime,
        Self::Binary,
        Self::Reference,
        Self::Complex,
    ];

    /// The keyword in a schema document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::String | Self::Instant => "string",
            Self::Boolean => "boolean",
            Self::Decimal => "decimal",
            Self::Integer => "integer",
            Self::DateTime => "dateTime",
            Self::Binary => "binary",
            Self::Reference => "reference",
            Self::Complex => "complex",
        }
    }

    /// Whether values are JSON strings that compare as text.
    pub const fn is_text(self) -> bool {
        matches!(self, Self::String | Self::Binary | Self::Reference)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who may set the attribute, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Mutability {
    /// Only the server.
    ReadOnly,
    /// The client at any time.
    ReadWrite,
    /// The client once.
    Immutable,
    /// The client at any time; never to be read.
    WriteOnly,
}

impl Mutability {
    /// All of them, in the order of RFC 7643 section 7.
    pub(super) const ALL: [Self; 4] = [Self::ReadOnly, Self::ReadWrite, Self::Immutable, Self::WriteOnly];

    /// The keyword in a schema document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::ReadOnly => "readOnly",
            Self::ReadWrite => "readWrite",
            Self::Immutable => "immutable",
            Self::WriteOnly => "writeOnly",
        }
    }
}

/// When an answer contains the attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Returned {
    /// Whatever the client asks for.
    Always,
    /// Under no circumstances.
    Never,
    /// Unless the client asks otherwise.
    Default,
    /// Only if the client asks for it by name.
    Request,
}

impl Returned {
    /// All of them, in the order of RFC 7643 section 7.
    pub(super) const ALL: [Self; 4] = [Self::Always, Self::Never, Self::Default, Self::Request];

    /// The keyword in a schema document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Always => "always",
            Self::Never => "never",
            Self::Default => "default",
            Self::Request => "request",
        }
    }
}

/// Where two resources may not have the same value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Uniqueness {
    /// Nowhere.
    None,
    /// Within the directory.
    Server,
    /// Everywhere.
    Global,
}

impl Uniqueness {
    /// All of them, in the order of RFC 7643 section 7.
    pub(super) const ALL: [Self; 3] = [Self::None, Self::Server, Self::Global];

    /// The keyword in a schema document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Server => "server",
            Self::Global => "global",
        }
    }
}

/// An attribute or sub-attribute.
#[expect(clippy::struct_excessive_bools, reason = "RFC 7643 section 7 makes each of them one")]
#[derive(Debug, Clone, PartialEq)]
pub struct Attribute {
    /// The name in canonical spelling.
    pub name: String,
    /// The data type.
    pub kind: Kind,
    /// Whether the value is an array.
    pub multi_valued: bool,
    /// What the attribute means.
    pub description: String,
    /// Whether a resource cannot be without it.
    pub required: bool,
    /// Values that are suggested; others are taken as well, unless the list is closed or, for a `type`, where
    /// [`crate::tolerance`] says no.
    pub canonical_values: Vec<String>,
    /// Whether the canonical values are all there are. True of declared attributes that list any, never of
    /// built-in ones: RFC 7643 section 2.4 leaves those to the client.
    pub closed: bool,
    /// Whether case distinguishes values.
    pub case_exact: bool,
    /// Who may set it.
    pub mutability: Mutability,
    /// When it is answered.
    pub returned: Returned,
    /// Where it is unique.
    pub uniqueness: Uniqueness,
    /// What a reference may point to: resource type names, `external` or `uri`.
    pub reference_types: Vec<String>,
    /// The sub-attributes of a complex attribute, in their canonical order.
    pub sub_attributes: Vec<Arc<Attribute>>,
}

impl Attribute {
    /// An optional single-valued attribute with the defaults of RFC 7643 section 2.2.
    pub fn new(name: impl Into<String>, kind: Kind, description: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            kind,
            multi_valued: false,
            description: description.into(),
            required: false,
            canonical_values: Vec::new(),
            closed: false,
            // RFC 7643 sections 2.3.6 and 2.3.7 fix these two.
            case_exact: matches!(kind, Kind::Binary | Kind::Reference),
            mutability: Mutability::ReadWrite,
            returned: Returned::Default,
            uniqueness: Uniqueness::None,
            reference_types: Vec::new(),
            sub_attributes: Vec::new(),
        }
    }

    /// A string attribute.
    pub fn string(name: impl Into<String>, description: impl Into<String>) -> Self {
        Self::new(name, Kind::String, description)
    }

    /// A complex attribute of these sub-attributes.
    pub fn complex(
        name: impl Into<String>,
        description: impl Into<String>,
        sub_attributes: Vec<Attribute>,
    ) -> Self {
        let sub_attributes = sub_attributes.into_iter().map(Arc::new).collect();
        Self { sub_attributes, ..Self::new(name, Kind::Complex, description) }
    }

    /// A reference to the named resource types, or to `external` or `uri`.
    pub fn reference(name: impl Into<String>, description: impl Into<String>, types: &[&str]) -> Self {
        let reference_types = types.iter().map(ToString::to_string).collect();
        Self { reference_types, ..Self::new(name, Kind::Reference, description) }
    }

    /// The same, multi-valued.
    pub fn multi_valued(self) -> Self {
        Self { multi_valued: true, ..self }
    }

    /// The same, required.
    pub fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// The same, with case distinguishing values.
    pub fn case_exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    /// The same with that mutability.
    pub fn mutability(self, mutability: Mutability) -> Self {
        Self { mutability, ..self }
    }

    /// The same, set by the server alone, sub-attributes included.
    pub fn read_only(mut self) -> Self {
        self.mutability = Mutability::ReadOnly;
        self.sub_attributes =
            self.sub_attributes.iter().map(|sub| Arc::new(Self::clone(sub).read_only())).collect();
        self
    }

    /// The same with that rule of return.
    pub fn returned(self, returned: Returned) -> Self {
        Self { returned, ..self }
    }

    /// The same with that uniqueness.
    pub fn unique(self, uniqueness: Uniqueness) -> Self {
        Self { uniqueness, ..self }
    }

    /// The same with suggested values.
    pub fn suggesting(self, values: &[&str]) -> Self {
        Self { canonical_values: values.iter().map(ToString::to_string).collect(), ..self }
    }

    /// The same, with the canonical values as the only ones.
    pub fn closed(self) -> Self {
        Self { closed: true, ..self }
    }

    /// The canonical value that a text means, in its canonical spelling: in any case unless `caseExact`.
    pub fn canonical_value(&self, text: &str) -> Option<&str> {
        let values = self.canonical_values.iter().map(String::as_str);
        if let Some(same) = values.clone().find(|value| *value == text) {
            return Some(same);
        }
        if self.case_exact {
            return None;
        }
        if let Some(same) = values.clone().find(|value| value.eq_ignore_ascii_case(text)) {
            return Some(same);
        }
        // Only beyond ASCII can texts that differ still be equal.
        let folded = fold(text);
        values.filter(|value| !(value.is_ascii() && text.is_ascii())).find(|value| fold(value) == folded)
    }

    /// The sub-attribute of that name, in any case.
    pub fn sub_attribute(&self, name: &str) -> Option<&Arc<Attribute>> {
        named(&self.sub_attributes, name)
    }

    /// Whether only the server sets it.
    pub fn is_read_only(&self) -> bool {
        self.mutability == Mutability::ReadOnly
    }
}

/// The attribute of that name, in any case. A scan: the lists are short and most names differ in length.
pub(super) fn named<'a>(attributes: &'a [Arc<Attribute>], name: &str) -> Option<&'a Arc<Attribute>> {
    attributes.iter().find(|a| a.name.eq_ignore_ascii_case(name))
}
