//! What a configuration must fulfil beyond its form.

use super::{Configuration, Limits};
use crate::import::text::folded;
use crate::tenant::InvalidSetting;
use std::collections::{HashMap, HashSet};

/// Columns that are mapped at most.
const MAX_MAPPED: usize = 1_000;
/// Characters of a column's name, and of an access level, at most.
const MAX_CHARS: usize = 256;

impl Configuration {
    /// Refuses what could not be kept to: limits beyond all rows, a mapping that contradicts itself, nothing by which a
    /// user could be found, recipients of mail that is not sent.
    ///
    /// # Errors
    /// The member that is wrong, with what is expected there.
    pub fn checked(self) -> Result<Self, InvalidSetting> {
        self.check_mapping()?;
        let mut seen = Vec::new();
        for (at, one) in self.match_on.iter().enumerate() {
            if seen.contains(&one) {
                return Err(invalid(format!("match_on[{at}]"), "this is named before; name each once"));
            }
            seen.push(one);
        }
        if seen.is_empty() {
            return Err(invalid("match_on", "name at least one of externalId, userName and mail"));
        }
        self.limits.check()?;
        let level = self.access_level.as_deref();
        if level.is_some_and(|level| level.trim().is_empty() || level.chars().count() > MAX_CHARS) {
            return Err(invalid("access_level", "write 1 to 256 characters, or null for the directory's"));
        }
        if self.notifications.as_ref().is_some_and(|notifications| !notifications.recipients.is_empty()) {
            let detail = "mail about runs is not part of this version; leave the list empty";
            return Err(invalid("notifications.recipients", detail));
        }
        Ok(self)
    }

    fn check_mapping(&self) -> Result<(), InvalidSetting> {
        let (mut columns, mut targets) = (HashSet::new(), HashMap::new());
        for (column, target) in self.mapping.entries() {
            let field = || format!("mapping.{}", column.chars().take(64).collect::<String>());
            if columns.len() == MAX_MAPPED {
                return Err(invalid("mapping", format!("at most {MAX_MAPPED} columns are mapped")));
            }
            if column.trim().is_empty() || column.chars().count() > MAX_CHARS {
                return Err(invalid(field(), "the name of a column has 1 to 256 characters"));
            }
            if !columns.insert(folded(column)) {
                let detail =
                    "another column has the same name but for case and blanks; leave one of them out";
                return Err(invalid(field(), detail));
            }
            if targets.insert(target, column).is_some() {
                let detail =
                    format!("another column is mapped to {} already; leave one of them out", target.name());
                return Err(invalid(field(), detail));
            }
        }
        Ok(())
    }
}

impl Limits {
    fn check(&self) -> Result<(), InvalidSetting> {
        for (field, percent) in [
            ("limits.removals_percent", self.removals_percent),
            ("limits.rejected_percent", self.rejected_percent),
        ] {
            if percent.is_some_and(|percent| percent > 100) {
                return Err(invalid(field, "write 0 to 100, or null for no such limit"));
            }
        }
        Ok(())
    }
}

fn invalid(field: impl Into<String>, detail: impl Into<String>) -> InvalidSetting {
    InvalidSetting { field: field.into(), detail: detail.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Name;
    use serde_json::{Map, Value, json};

    #[track_caller]
    fn check(document: Value, wrong: Option<&str>) {
        let Value::Object(document) = document else { panic!("no object") };
        let read = Configuration::from_document(&Name::new("default").unwrap(), document);
        let field = read.as_ref().err().map(|error| error.field.as_str());
        assert_eq!(field, wrong, "{read:?}");
        if let Err(error) = read {
            assert!(!error.detail.is_empty() && error.detail.len() < 1000, "{error}");
        }
    }

    #[test]
    fn documents_are_taken_or_refused_by_member() {
        check(json!({}), None);
        check(json!({ "format": null, "mapping": { "Mail": "mail", "x": null } }), None);
        check(json!({ "limits": { "removals_percent": null, "rejected_percent": 0 } }), None);
        check(json!({ "notifications": { "recipients": [], "on": ["held"] } }), None);
        check(json!({ "schedule": null, "application": null, "decryption": "none" }), None);
        check(json!({ "formt": {} }), Some("formt"));
        check(json!({ "pgp": {} }), Some("pgp"));
        check(json!({ "format": { "delimiter": "::" } }), Some("format.delimiter"));
        check(json!({ "format": { "delimeter": "," } }), Some("format.delimeter"));
        check(json!({ "format": { "skip_lines": -1 } }), Some("format.skip_lines"));
        check(json!({ "format": "csv" }), Some("format"));
        check(json!({ "source": { "kind": "sftp", "url": "sftp://x" } }), Some("source"));
        check(json!({ "source": "upload" }), Some("source"));
        check(json!({ "decryption": "pgp" }), Some("decryption"));
        check(json!({ "schedule": { "time": "02:30" } }), Some("schedule.time"));
        check(json!({ "application": "portal" }), Some("application"));
        check(
            json!({ "notifications": { "recipients": ["a@acme.example"] } }),
            Some("notifications.recipients"),
        );
        check(json!({ "notifications": { "on": ["never"] } }), Some("notifications.on"));
        check(json!({ "notifications": { "to": null } }), Some("notifications.to"));
        check(json!({ "mde": null }), Some("mde"));
        check(json!({ "mode": "replace" }), Some("mode"));
        check(json!({ "test_mode": "yes" }), Some("test_mode"));
        check(json!({ "x".repeat(10_000): 1 }), Some(&("x".repeat(64) + "…")));
    }

    #[test]
    fn what_could_not_be_kept_to_is_refused() {
        check(json!({ "match_on": [] }), Some("match_on"));
        check(json!({ "match_on": ["mail", "userName", "mail"] }), Some("match_on[2]"));
        check(json!({ "match_on": ["mail", "phone"] }), Some("match_on[1]"));
        check(json!({ "limits": { "removals_percent": 101 } }), Some("limits.removals_percent"));
        check(json!({ "limits": { "rejected_percent": 200 } }), Some("limits.rejected_percent"));
        check(json!({ "limits": { "removals_count": 1.5 } }), Some("limits.removals_count"));
        check(json!({ "access_level": " " }), Some("access_level"));
        check(json!({ "access_level": "x".repeat(257) }), Some("access_level"));
        check(json!({ "mapping": { "Mail": "nothing" } }), Some("mapping.Mail"));
        check(json!({ "mapping": { "a": "mail", "b": "mail" } }), Some("mapping.b"));
        check(json!({ "mapping": { "a": "mail", " A": "uid" } }), Some("mapping.a"));
        check(json!({ "mapping": { " ": "mail" } }), Some("mapping. "));
        check(
            json!({ "mapping": { "x".repeat(257): "mail" } }),
            Some(&format!("mapping.{}", "x".repeat(64))),
        );
    }

    #[test]
    fn what_is_taken_comes_back_as_it_was() {
        let name = Name::new("nightly").unwrap();
        let sent = json!({ "mapping": { "E-Mail": "mail" }, "limits": { "removals_count": null } });
        let Value::Object(sent) = sent else { panic!("no object") };
        let read = Configuration::from_document(&name, sent).unwrap();
        assert_eq!(read.limits.removals_count, None);
        let document: Map<String, Value> = read.to_document().unwrap();
        assert_eq!(Configuration::from_document(&name, document).unwrap(), read);
    }
}
