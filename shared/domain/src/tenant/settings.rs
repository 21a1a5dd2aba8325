//! What an operator decides about a directory.

use super::exclude::ExcludeListsDocument;
use scim::path::Path;
use scim::schema::{Registry, Resolved};
use scim::tolerance::Tolerances;
use serde::{Deserialize, Serialize};

/// Entries of one list at most.
const MAX_ENTRIES: usize = 10_000;
/// Required attributes at most.
const MAX_REQUIRED: usize = 50;
/// Hosts at most: all of them can be exchanged for others in one transaction.
const MAX_HOSTS: usize = 49;
/// Characters of one entry at most.
const MAX_CHARS: usize = 256;

/// How a directory speaks SCIM.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// Tolerant to every client that is known.
    #[default]
    Standard,
    /// The same, and a PATCH of a group is answered with 204, as Entra ID prefers.
    Entra,
    /// The refusals of the SCIM 2.0 Interoperability Profile.
    Strict,
}

impl Profile {
    /// What clients are forgiven.
    pub fn tolerances(self) -> Tolerances {
        match self {
            Self::Standard | Self::Entra => Tolerances::all(),
            Self::Strict => Tolerances::none(),
        }
    }
}

/// What users of a directory must fulfil, beyond their schema, when they come over SCIM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Policies {
    /// SCIM paths of which every user needs a value (O7): `name.givenName`, `emails[type eq "work"].value`.
    pub required: Vec<String>,
    /// Whether `userName` must be the work e-mail (O8).
    pub user_name_equals_work_email: bool,
    /// The access level of users for whom none is sent (O9); null for none.
    pub default_access_level: Option<String>,
}

impl Default for Policies {
    fn default() -> Self {
        Self {
            required: Vec::new(),
            user_name_equals_work_email: false,
            default_access_level: Some("member".to_owned()),
        }
    }
}

/// The settings of a directory, as they are shown and changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How it speaks SCIM.
    pub profile: Profile,
    /// What its users must fulfil.
    pub policies: Policies,
    /// The roles that a role cell of an imported file may name.
    pub roles: Vec<String>,
    /// Values that nobody may have.
    pub exclude_lists: ExcludeListsDocument,
    /// Host names that lead to this directory and to no other.
    pub hosts: Vec<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            profile: Profile::default(),
            policies: Policies::default(),
            roles: vec!["Administrator".to_owned(), "User".to_owned()],
            exclude_lists: ExcludeListsDocument::default(),
            hosts: Vec::new(),
        }
    }
}

/// A setting that cannot be taken: where, and what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{field}: {detail}")]
pub struct InvalidSetting {
    /// The member of the settings, such as `policies.required[0]`.
    pub field: String,
    /// What is wrong and what is expected.
    pub detail: String,
}

impl Settings {
    /// Refuses what could not be kept to: paths that users of this registry do not have, hosts that are no host
    /// names, lists beyond measure. Hosts come out in lower case.
    pub fn checked(mut self, registry: &Registry) -> Result<Self, InvalidSetting> {
        let policies = &self.policies;
        bounded("policies.required", &policies.required, MAX_REQUIRED)?;
        for (at, path) in policies.required.iter().enumerate() {
            required_path(path, registry)
                .map_err(|detail| invalid(format!("policies.required[{at}]"), detail))?;
        }
        let level = policies.default_access_level.as_deref();
        if level.is_some_and(|level| level.trim().is_empty() || level.chars().count() > MAX_CHARS) {
            return Err(invalid(
                "policies.default_access_level",
                "write 1 to 256 characters, or null for none",
            ));
        }
        bounded("roles", &self.roles, MAX_ENTRIES)?;
        bounded("exclude_lists.mail", &self.exclude_lists.mail, MAX_ENTRIES)?;
        bounded("exclude_lists.firstName", &self.exclude_lists.first_name, MAX_ENTRIES)?;
        bounded("exclude_lists.lastName", &self.exclude_lists.last_name, MAX_ENTRIES)?;
        bounded("hosts", &self.hosts, MAX_HOSTS)?;
        for (at, host) in self.hosts.iter_mut().enumerate() {
            host.make_ascii_lowercase();
            if !is_host(host) {
                let detail = "write a host name without scheme, port and path, such as scim.acme.example";
                return Err(invalid(format!("hosts[{at}]"), detail));
            }
        }
        self.hosts.sort_unstable();
        self.hosts.dedup();
        Ok(self)
    }
}

fn invalid(field: impl Into<String>, detail: impl Into<String>) -> InvalidSetting {
    InvalidSetting { field: field.into(), detail: detail.into() }
}

fn bounded(field: &str, list: &[String], most: usize) -> Result<(), InvalidSetting> {
    if list.len() > most {
        return Err(invalid(field, format!("at most {most} entries are kept")));
    }
    match list.iter().position(|entry| entry.is_empty() || entry.chars().count() > MAX_CHARS) {
        Some(at) => Err(invalid(format!("{field}[{at}]"), "write 1 to 256 characters")),
        None => Ok(()),
    }
}

fn required_path(path: &str, registry: &Registry) -> Result<(), String> {
    let Some(users) = registry.by_name("User") else { return Err("there are no users".to_owned()) };
    match Path::parse(path, users) {
        Ok(Path { target: Resolved::Attribute(_), .. }) => Ok(()),
        Ok(_) => Err("name an attribute, not a whole extension".to_owned()),
        Err(error) => Err(error.detail),
    }
}

fn is_host(host: &str) -> bool {
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    host.len() <= 253 && host.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn check(settings: serde_json::Value, wrong: Option<&str>) {
        let settings: Settings = serde_json::from_value(settings).unwrap();
        let field = settings.checked(&Registry::builtin()).err().map(|error| error.field);
        assert_eq!(field.as_deref(), wrong);
    }

    #[test]
    fn settings_that_cannot_be_kept_are_refused_by_name() {
        check(json!({}), None);
        check(
            json!({ "policies": { "required": ["name.givenName", "emails[type eq \"work\"].value"] } }),
            None,
        );
        check(json!({ "policies": { "required": ["title", "shoeSize"] } }), Some("policies.required[1]"));
        check(
            json!({ "policies": { "required": ["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] } }),
            Some("policies.required[0]"),
        );
        check(json!({ "policies": { "default_access_level": "" } }), Some("policies.default_access_level"));
        check(json!({ "policies": { "default_access_level": null } }), None);
        check(json!({ "hosts": ["SCIM.acme.example"] }), None);
        for host in ["https://scim.acme.example", "a..b", "-a", "a:80", ""] {
            check(json!({ "hosts": [host] }), Some("hosts[0]"));
        }
        check(json!({ "roles": ["a", ""] }), Some("roles[1]"));
        check(
            json!({ "exclude_lists": { "firstName": vec!["x"; 10_001] } }),
            Some("exclude_lists.firstName"),
        );
    }

    #[test]
    fn unknown_members_are_refused() {
        for settings in
            [json!({ "profil": "strict" }), json!({ "policies": { "x": 1 } }), json!({ "profile": "okta" })]
        {
            assert!(serde_json::from_value::<Settings>(settings).is_err());
        }
    }
}
