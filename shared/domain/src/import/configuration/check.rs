//! What a configuration must fulfil beyond its form.

use super::schedule::MAX_EXCEPT;
use super::{AuthenticationKind, Configuration, Decryption, Limits, Notifications, Schedule, SftpSource};
use crate::import::text::folded;
use crate::pgp::Signatures;
use crate::tenant::InvalidSetting;
use std::collections::{HashMap, HashSet};

/// Columns that are mapped at most.
const MAX_MAPPED: usize = 1_000;
/// Characters of a column's name, and of an access level, at most.
const MAX_CHARS: usize = 256;
/// Addresses that are told at most.
const MAX_RECIPIENTS: usize = 20;
/// Signers, and keys of a host, at most.
const MAX_SIGNERS: usize = 10;
const MAX_HOST_KEYS: usize = 20;
/// Bytes of the end of a marker's name at most.
const MAX_MARKER: usize = 32;
const MAX_OFFSET_DAYS: i16 = 366;

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
        self.notifications.as_ref().map_or(Ok(()), Notifications::check)?;
        self.schedule.as_ref().map_or(Ok(()), Schedule::check)?;
        self.check_pulls()?;
        Ok(self)
    }

    fn check_pulls(&self) -> Result<(), InvalidSetting> {
        if let Some(source) = self.source.sftp() {
            source.check()?;
        } else if self.schedule.is_some() {
            return Err(invalid(
                "schedule",
                "only files of an SFTP server are fetched; leave it out, or change the source",
            ));
        } else if self.decryption == Decryption::Pgp {
            let detail =
                "uploaded files come over an encrypted connection, and are not decrypted; write none";
            return Err(invalid("decryption", detail));
        }
        let Some(pgp) = &self.pgp else { return Ok(()) };
        if self.decryption != Decryption::Pgp {
            return Err(invalid("pgp", "this has no effect unless decryption is pgp; leave it out"));
        }
        if pgp.signers.len() > MAX_SIGNERS {
            return Err(invalid("pgp.signers", format!("name at most {MAX_SIGNERS} signers")));
        }
        if pgp.signatures == Signatures::Require && pgp.signers.is_empty() {
            return Err(invalid("pgp.signers", "no signature could count; add the public key of a signer"));
        }
        Ok(())
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

impl Notifications {
    fn check(&self) -> Result<(), InvalidSetting> {
        let mut seen = HashSet::new();
        for (at, recipient) in self.recipients.iter().enumerate() {
            let field = || format!("notifications.recipients[{at}]");
            if at == MAX_RECIPIENTS {
                let detail = format!("at most {MAX_RECIPIENTS} addresses are told; use one of a list");
                return Err(invalid("notifications.recipients", detail));
            }
            crate::mail::address(recipient).map_err(|words| invalid(field(), words))?;
            if !seen.insert(recipient.to_lowercase()) {
                return Err(invalid(field(), "this is named before; name each once"));
            }
        }
        if self.rejected_percent > 100 {
            return Err(invalid("notifications.rejected_percent", "write 0 to 100"));
        }
        Ok(())
    }
}

impl Schedule {
    fn check(&self) -> Result<(), InvalidSetting> {
        let mut seen = Vec::new();
        for (at, day) in self.days.iter().enumerate() {
            if seen.contains(day) {
                return Err(invalid(format!("schedule.days[{at}]"), "this is named before; name each once"));
            }
            seen.push(*day);
        }
        if seen.is_empty() {
            return Err(invalid(
                "schedule.days",
                "name at least one of mon, tue, wed, thu, fri, sat and sun",
            ));
        }
        if self.except.len() > MAX_EXCEPT {
            return Err(invalid("schedule.except", format!("name at most {MAX_EXCEPT} dates")));
        }
        Ok(())
    }
}

impl SftpSource {
    fn check(&self) -> Result<(), InvalidSetting> {
        let account = &self.authentication;
        let username = &account.username;
        if username.is_empty()
            || username.chars().count() > MAX_CHARS
            || username.chars().any(char::is_control)
        {
            let detail = "write 1 to 256 characters, none of them a control character";
            return Err(invalid("source.authentication.username", detail));
        }
        if account.kind == AuthenticationKind::Password && account.private_key.is_some() {
            let detail = "this account has a password; write private-key as the kind, or leave the key out";
            return Err(invalid("source.authentication.private_key", detail));
        }
        if account.passphrase.is_some() && account.private_key.is_none() {
            let detail = "there is no private key that it could be for; send both";
            return Err(invalid("source.authentication.passphrase", detail));
        }
        if self.host_keys.len() > MAX_HOST_KEYS {
            return Err(invalid("source.host_keys", format!("name at most {MAX_HOST_KEYS} keys")));
        }
        let fits = |marker: &str| {
            (1..=MAX_MARKER).contains(&marker.len())
                && !marker.contains(['/', '\\'])
                && !marker.contains(char::is_control)
        };
        if self.marker.as_deref().is_some_and(|marker| !fits(marker)) {
            return Err(invalid("source.marker", "write the end of a name, such as .done, or null"));
        }
        if self.date_offset_days.abs() > MAX_OFFSET_DAYS {
            return Err(invalid("source.date_offset_days", "write -366 to 366"));
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
        check(json!({ "pgp": { "keys": [] } }), Some("pgp.keys"));
        check(json!({ "format": { "delimiter": "::" } }), Some("format.delimiter"));
        check(json!({ "format": { "delimeter": "," } }), Some("format.delimeter"));
        check(json!({ "format": { "skip_lines": -1 } }), Some("format.skip_lines"));
        check(json!({ "format": "csv" }), Some("format"));
        check(json!({ "source": { "kind": "sftp", "url": "sftp://x" } }), Some("source.url"));
        check(json!({ "source": { "kind": "sftp", "url": "sftp://x/y" } }), Some("source"));
        check(json!({ "source": { "kind": "ftp" } }), Some("source.kind"));
        check(json!({ "source": { "kind": "upload", "url": "x" } }), Some("source.url"));
        check(json!({ "source": "upload" }), Some("source"));
        check(json!({ "decryption": "pgp" }), Some("decryption"));
        check(json!({ "schedule": { "time": "02:30" } }), Some("schedule"));
        check(json!({ "schedule": { "time": "2:30", "timezone": "UTC" } }), Some("schedule.time"));
        check(json!({ "schedule": { "time": "02:30", "timezone": "UTC" } }), Some("schedule"));
        check(json!({ "application": "portal" }), Some("application"));
        check(json!({ "notifications": { "recipients": ["a@acme.example"] } }), None);
        let twice = json!({ "notifications": { "recipients": ["a@acme.example", "A@acme.example"] } });
        check(twice, Some("notifications.recipients[1]"));
        check(json!({ "notifications": { "recipients": ["x"] } }), Some("notifications.recipients[0]"));
        check(
            json!({ "notifications": { "recipients": vec!["x@y.example"; 21] } }),
            Some("notifications.recipients[1]"),
        );
        check(json!({ "notifications": { "language": "fr" } }), Some("notifications.language"));
        check(
            json!({ "notifications": { "rejected_percent": 101 } }),
            Some("notifications.rejected_percent"),
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

    #[track_caller]
    fn check_pull(change: &Value, wrong: Option<&str>) {
        let account = json!({ "kind": "password", "username": "acme" });
        let source = json!({ "kind": "sftp", "url": "sftp://h/a.csv", "authentication": account });
        let schedule = json!({ "time": "02:30", "timezone": "UTC" });
        let mut document = json!({ "source": source, "schedule": schedule });
        for (member, value) in change.as_object().unwrap() {
            let (outer, inner) = member.split_once('.').unwrap_or((member, ""));
            let place = if inner.is_empty() { &mut document[outer] } else { &mut document[outer][inner] };
            place.clone_from(value);
        }
        check(document, wrong);
    }

    #[test]
    fn pulls_are_taken_or_refused_by_member() {
        check_pull(&json!({}), None);
        check_pull(&json!({ "decryption": "pgp" }), None);
        check_pull(&json!({ "decryption": "pgp", "pgp": { "signatures": "verify" } }), None);
        check_pull(&json!({ "decryption": "pgp", "pgp": { "signatures": "require" } }), Some("pgp.signers"));
        check_pull(&json!({ "decryption": "pgp", "pgp": { "signatures": "maybe" } }), Some("pgp.signatures"));
        check_pull(&json!({ "decryption": "pgp", "pgp": { "signers": vec!["x"; 11] } }), Some("pgp.signers"));
        check_pull(&json!({ "pgp": {} }), Some("pgp"));
        check_pull(&json!({ "schedule.days": [] }), Some("schedule.days"));
        check_pull(&json!({ "schedule.days": ["mon", "mon"] }), Some("schedule.days[1]"));
        check_pull(&json!({ "schedule.timezone": "Berlin" }), Some("schedule.timezone"));
        check_pull(&json!({ "schedule.cron": "x" }), Some("schedule.cron"));
        check_pull(&json!({ "source.url": "ftp://h/a.csv" }), Some("source.url"));
        check_pull(&json!({ "source.marker": "a/b" }), Some("source.marker"));
        check_pull(&json!({ "source.marker": null, "source.after": "archive" }), None);
        check_pull(&json!({ "source.after": "burn" }), Some("source.after"));
        check_pull(&json!({ "source.date_offset_days": -367 }), Some("source.date_offset_days"));
        check_pull(&json!({ "source.host_keys": vec!["x"; 21] }), Some("source.host_keys"));
        check_pull(&json!({ "source.hostkeys": [] }), Some("source.hostkeys"));
        let account = |more: Value| {
            let mut account = json!({ "kind": "password", "username": "acme" });
            account.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            json!({ "source.authentication": account })
        };
        check_pull(&account(json!({ "username": "" })), Some("source.authentication.username"));
        check_pull(&account(json!({ "username": 1 })), Some("source.authentication.username"));
        check_pull(&account(json!({ "kind": "token" })), Some("source.authentication.kind"));
        check_pull(&account(json!({ "user": "acme" })), Some("source.authentication.user"));
        let sealed = format!("v1.AAAA.{}", "A".repeat(64));
        check_pull(&account(json!({ "passphrase": sealed })), Some("source.authentication.passphrase"));
        check_pull(&account(json!({ "password": sealed })), None);
        check_pull(&account(json!({ "password": "correct horse" })), Some("source.authentication.password"));
        check_pull(&account(json!({ "private_key": "x" })), Some("source.authentication.private_key"));
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
