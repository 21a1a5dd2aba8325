//! Import configurations: how a file is read and whom its users belong to. A document of the administrator;
//! fields that this version does not act on are refused by name rather than kept without effect.

use super::format::Format;
use super::mapping::Mapping;
use crate::error::Error;
use crate::store::{DirectoryId, Name, Store, keys};
use crate::table::{Condition, Consistency, Item, Write};
use serde::{Deserialize, Serialize};

/// A configuration document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Configuration {
    /// Its name in URLs and object keys.
    pub name: Name,
    /// Where files come from.
    #[serde(default)]
    pub source: Source,
    /// How they are read.
    #[serde(default)]
    pub format: Format,
    /// Which column means what; columns that bear a target's name need no entry.
    #[serde(default)]
    pub mapping: Mapping,
    /// By what a row finds its user, the first that finds one deciding.
    #[serde(default = "match_on")]
    pub match_on: Vec<MatchOn>,
}

/// Where files come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Source {
    /// They are put into the inbox.
    #[default]
    Upload,
}

/// What tells that a row and a user are the same person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum MatchOn {
    /// `uid`.
    ExternalId,
    /// `loginName`, or the mail that stands for it.
    UserName,
    /// `mail`.
    Mail,
}

fn match_on() -> Vec<MatchOn> {
    vec![MatchOn::ExternalId, MatchOn::UserName, MatchOn::Mail]
}

impl Configuration {
    /// An upload configuration that follows the S rules and nothing else.
    pub fn upload(name: Name) -> Self {
        Self {
            name,
            source: Source::Upload,
            format: Format::default(),
            mapping: Mapping::default(),
            match_on: match_on(),
        }
    }
}

impl Store {
    /// Creates a configuration unless there is one of its name. Whether it was created.
    pub async fn create_configuration(
        &self,
        id: &DirectoryId,
        document: &Configuration,
    ) -> Result<bool, Error> {
        let item = Item::new(keys::configuration(id, &document.name));
        let item = item.with("n", 1).with("d", serde_json::to_string(document)?);
        match self.table.write(&[Write::Put(item, Condition::Absent)], None).await {
            Ok(_) => Ok(true),
            Err(crate::table::TableError::Cancelled(_)) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// The configuration of this name. 1 read unit.
    pub async fn configuration(&self, id: &DirectoryId, name: &Name) -> Result<Option<Configuration>, Error> {
        let key = keys::configuration(id, name);
        let Some(item) = self.table.get(&key, Consistency::Strong).await?.value else { return Ok(None) };
        let text = item.text("d").ok_or_else(|| Error::fault("a configuration without its document"))?;
        Ok(Some(serde_json::from_str(text)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_short_document_means_the_defaults() {
        let short: Configuration = serde_json::from_str(r#"{"name":"default"}"#).unwrap();
        assert_eq!(short, Configuration::upload(Name::new("default").unwrap()));
        let whole = serde_json::to_string(&short).unwrap();
        assert_eq!(serde_json::from_str::<Configuration>(&whole).unwrap(), short);
    }

    #[test]
    fn what_has_no_effect_is_refused_by_name() {
        for (document, field) in [
            (r#"{"name":"x","limits":{}}"#, "limits"),
            (r#"{"name":"x","source":{"kind":"sftp"}}"#, "sftp"),
            (r#"{"name":"X"}"#, "a name is"),
        ] {
            let error = serde_json::from_str::<Configuration>(document).unwrap_err().to_string();
            assert!(error.contains(field), "{error}");
        }
    }
}
