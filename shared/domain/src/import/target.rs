//! What a column can be taken to: a fixed table from target names to places in a SCIM User.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::text::folded;

/// The core User schema (RFC 7643 §4.1).
pub const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// The enterprise extension (RFC 7643 §4.3).
pub const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
/// Muster's extension.
pub const MUSTER: &str = "urn:ietf:params:scim:schemas:extension:muster:2.0:User";

/// Where a target's value stands in a User document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A top-level attribute.
    Attribute(&'static str),
    /// A sub-attribute of a complex attribute.
    Sub(&'static str, &'static str),
    /// `value` of the element of this multi-valued attribute whose `type` is `work`.
    Work(&'static str),
    /// An attribute of an extension: its URN, its name.
    Extension(&'static str, &'static str),
    /// The `value`s of all elements of this multi-valued attribute.
    Names(&'static str),
    /// In no attribute of the user: memberships belong to groups (RFC 7643 §4.1.2, `groups` is read-only).
    Apart,
}

macro_rules! targets {
    ($($variant:ident $name:literal [$($alias:expr),*] $path:expr, $place:expr;)*) => {
        /// What a column can be taken to.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Target {
            $(
                #[doc = concat!("`", $name, "`")]
                $variant,
            )*
        }

        impl Target {
            /// Every target, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The name in configurations and templates.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Other names that mean the same.
            pub const fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($alias),*],)* }
            }

            /// The SCIM path (RFC 7644 §3.10), as plans and change logs name the attribute.
            pub const fn path(self) -> &'static str {
                match self { $(Self::$variant => $path,)* }
            }

            /// Where the value stands in a User document.
            pub const fn place(self) -> Place {
                match self { $(Self::$variant => $place,)* }
            }
        }
    };
}

macro_rules! muster {
    ($name:literal) => {
        concat!("urn:ietf:params:scim:schemas:extension:muster:2.0:User:", $name)
    };
}

macro_rules! enterprise {
    ($name:literal) => {
        concat!("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:", $name)
    };
}

targets! {
    Status "status" [] "active", Place::Attribute("active");
    LoginName "loginName" ["userName"] "userName", Place::Attribute("userName");
    Mail "mail" ["emails[type eq \"work\"].value"] "emails[type eq \"work\"].value", Place::Work("emails");
    FirstName "firstName" ["name.givenName"] "name.givenName", Place::Sub("name", "givenName");
    LastName "lastName" ["name.familyName"] "name.familyName", Place::Sub("name", "familyName");
    Language "language" ["preferredLanguage"] "preferredLanguage", Place::Attribute("preferredLanguage");
    ValidFrom "validFrom" [muster!("validFrom")] muster!("validFrom"), Place::Extension(MUSTER, "validFrom");
    ValidTo "validTo" [muster!("validTo")] muster!("validTo"), Place::Extension(MUSTER, "validTo");
    Custom1 "spCustomAttribute1" [muster!("customAttribute1")] muster!("customAttribute1"), Place::Extension(MUSTER, "customAttribute1");
    Custom2 "spCustomAttribute2" [muster!("customAttribute2")] muster!("customAttribute2"), Place::Extension(MUSTER, "customAttribute2");
    Custom3 "spCustomAttribute3" [muster!("customAttribute3")] muster!("customAttribute3"), Place::Extension(MUSTER, "customAttribute3");
    Custom4 "spCustomAttribute4" [muster!("customAttribute4")] muster!("customAttribute4"), Place::Extension(MUSTER, "customAttribute4");
    Custom5 "spCustomAttribute5" [muster!("customAttribute5")] muster!("customAttribute5"), Place::Extension(MUSTER, "customAttribute5");
    Groups "groups" [] "groups", Place::Apart;
    Uid "uid" ["externalId"] "externalId", Place::Attribute("externalId");
    Roles "role" ["roles"] "roles", Place::Names("roles");
    Location "location" [muster!("location")] muster!("location"), Place::Extension(MUSTER, "location");
    Division "division" [muster!("division")] muster!("division"), Place::Extension(MUSTER, "division");
    DisplayName "displayName" [] "displayName", Place::Attribute("displayName");
    NickName "nickName" [] "nickName", Place::Attribute("nickName");
    Title "title" [] "title", Place::Attribute("title");
    UserType "userType" [] "userType", Place::Attribute("userType");
    Formatted "name.formatted" [] "name.formatted", Place::Sub("name", "formatted");
    MiddleName "name.middleName" [] "name.middleName", Place::Sub("name", "middleName");
    HonorificPrefix "name.honorificPrefix" [] "name.honorificPrefix", Place::Sub("name", "honorificPrefix");
    HonorificSuffix "name.honorificSuffix" [] "name.honorificSuffix", Place::Sub("name", "honorificSuffix");
    EmployeeNumber "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:employeeNumber" [] enterprise!("employeeNumber"), Place::Extension(ENTERPRISE, "employeeNumber");
    CostCenter "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:costCenter" [] enterprise!("costCenter"), Place::Extension(ENTERPRISE, "costCenter");
    Organization "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:organization" [] enterprise!("organization"), Place::Extension(ENTERPRISE, "organization");
    EnterpriseDivision "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:division" [] enterprise!("division"), Place::Extension(ENTERPRISE, "division");
    Department "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department" [] enterprise!("department"), Place::Extension(ENTERPRISE, "department");
}

/// How many targets there are.
pub(crate) const TARGETS: usize = Target::ALL.len();

impl Target {
    /// The target of this name, or of this SCIM path; without regard to case and surrounding blanks.
    pub fn from_name(name: &str) -> Option<Self> {
        let wanted = folded(name);
        let wanted = wanted.strip_prefix("urn:ietf:params:scim:schemas:core:2.0:user:").unwrap_or(&wanted);
        Self::ALL.iter().copied().find(|target| {
            std::iter::once(&target.name())
                .chain(target.aliases())
                .any(|name| name.eq_ignore_ascii_case(wanted))
        })
    }

    /// Whether it is one of the columns of the S and P rules; they come first, in the order of the rules.
    pub(crate) fn is_of_a_rule(self) -> bool {
        self <= Self::Division
    }

    /// What stands between several names in one cell, where there may be several (S10, P16).
    pub(crate) const fn separator(self) -> Option<char> {
        match self {
            Self::Groups => Some(','),
            Self::Roles => Some('|'),
            _ => None,
        }
    }

    /// Whether it tells users apart, so that a look-alike or a rounded number must not slip in.
    pub(crate) const fn identifies(self) -> bool {
        matches!(self, Self::LoginName | Self::Mail | Self::Uid)
    }
}

impl Serialize for Target {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Target {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Self::from_name(&name).ok_or_else(|| {
            de::Error::custom(format_args!("`{name}` is nothing that a column can be mapped to"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_path_finds_its_target() {
        for target in Target::ALL {
            for name in std::iter::once(&target.name()).chain(target.aliases()).chain([&target.path()]) {
                let found = Target::from_name(&name.to_uppercase());
                // `active` is the place of `status`, but not a name for it: its values would be true and false.
                let expected = (*name != "active").then_some(*target);
                assert_eq!(found, expected, "{name}");
            }
        }
        assert_eq!(Target::from_name(&format!("{USER}:userName")), Some(Target::LoginName));
        assert_eq!(Target::from_name("password"), None);
    }

    #[test]
    fn a_mapping_to_something_unknown_is_refused() {
        let error = |json| serde_json::from_str::<Target>(json).unwrap_err().to_string();
        assert!(error(r#""manager""#).contains("nothing that a column"));
    }
}
