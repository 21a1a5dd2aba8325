//! The event: messages of a queue, each carrying the notification of a bucket, or a word of ours that work waits. Only
//! what is used is read, so that a field which AWS adds or leaves out changes nothing.

use domain::store::{DirectoryId, Name};
use serde::{Deserialize, Serialize};

/// Messages of a queue that Lambda hands over together.
#[derive(Debug, Deserialize)]
pub struct Batch {
    /// The messages.
    #[serde(rename = "Records")]
    pub records: Vec<Message>,
}

/// One message.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Message {
    /// By which the queue knows it.
    pub message_id: String,
    /// What the bucket wrote.
    pub body: String,
}

/// Which messages the queue is to deliver again; all others are done.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct BatchAnswer {
    /// Those that failed.
    pub batch_item_failures: Vec<Failed>,
}

/// A message that failed.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failed {
    /// Its [`Message::message_id`].
    pub item_identifier: String,
}

/// An object that was put into the bucket.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Created {
    /// Its key.
    pub(crate) key: String,
    /// Its version, in a versioned bucket.
    pub(crate) version: Option<String>,
}

/// What a message asks for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    /// That these objects are imported. The test message that S3 sends when notifications are set up has none.
    Objects(Vec<Created>),
    /// That the runs of a directory which wait are carried out.
    Work(DirectoryId),
    /// That everything is looked for whose message was lost.
    Sweep,
}

/// Why a message's body asks for nothing that is known.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unknown;

/// What the body of a message asks for.
pub(crate) fn wanted(body: &str) -> Result<Wanted, Unknown> {
    let notification: Notification = serde_json::from_str(body).map_err(|_| Unknown)?;
    match notification {
        Notification { work: Some(Place { tenant, directory }), .. } => {
            Ok(Wanted::Work(DirectoryId::new(tenant, directory)))
        }
        Notification { sweep: Some(true), .. } => Ok(Wanted::Sweep),
        Notification { records: Some(records), .. } => {
            Ok(Wanted::Objects(records.into_iter().filter_map(Record::created).collect()))
        }
        Notification { event: Some(event), .. } if event == "s3:TestEvent" => Ok(Wanted::Objects(Vec::new())),
        _ => Err(Unknown),
    }
}

#[derive(Deserialize)]
struct Place {
    tenant: Name,
    directory: Name,
}

#[derive(Deserialize)]
struct Notification {
    work: Option<Place>,
    sweep: Option<bool>,
    #[serde(rename = "Records")]
    records: Option<Vec<Record>>,
    #[serde(rename = "Event")]
    event: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Record {
    event_name: String,
    s3: Entity,
}

#[derive(Deserialize)]
struct Entity {
    object: Object,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Object {
    key: String,
    version_id: Option<String>,
}

impl Record {
    fn created(self) -> Option<Created> {
        let Object { key, version_id } = self.s3.object;
        let version = version_id.filter(|version| !version.is_empty());
        self.event_name.starts_with("ObjectCreated:").then(|| Created { key: decoded(&key), version })
    }
}

/// Keys come as in the query of a URL: `+` for a space, percent signs.
fn decoded(key: &str) -> String {
    form_urlencoded::parse(key.as_bytes()).map(|(name, _)| name).next().unwrap_or_default().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(event: &str, key: &str, version: &str) -> String {
        format!(r#"{{"Records":[{{"eventName":"{event}","s3":{{"object":{{"key":"{key}"{version}}}}}}}]}}"#)
    }

    #[test]
    fn keys_are_decoded_and_versions_pinned() {
        let body = body(
            "ObjectCreated:Put",
            "inbox/acme/people/default/M%C3%A4rz+1%2B1%3D2.csv",
            r#","versionId":"v1""#,
        );
        let expected = Created {
            key: "inbox/acme/people/default/März 1+1=2.csv".to_owned(),
            version: Some("v1".to_owned()),
        };
        assert_eq!(wanted(&body), Ok(Wanted::Objects(vec![expected])));
    }

    #[test]
    fn only_created_objects_count() {
        let nothing = || Ok(Wanted::Objects(Vec::new()));
        assert_eq!(wanted(&body("ObjectRemoved:Delete", "inbox/x", "")), nothing());
        assert_eq!(wanted(r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#), nothing());
        let work = r#"{"work":{"directory":"people","tenant":"acme"}}"#;
        assert_eq!(wanted(work), Ok(Wanted::Work(DirectoryId::demo().unwrap())));
        assert_eq!(wanted(r#"{"sweep":true}"#), Ok(Wanted::Sweep));
        for poison in [
            "",
            "{}",
            "null",
            "[]",
            r#"{"Records":[{}]}"#,
            r#"{"Event":"other"}"#,
            r#"{"sweep":false}"#,
            r#"{"work":{"tenant":"a/b","directory":"c"}}"#,
        ] {
            assert_eq!(wanted(poison), Err(Unknown), "{poison}");
        }
    }
}
