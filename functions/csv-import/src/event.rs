//! The event: messages of a queue, each carrying the notification of a bucket. Only what is used is read,
//! so that a field which AWS adds or leaves out changes nothing.

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

/// Why a message's body is not a notification.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct NotANotification;

/// The objects of a notification. The test message that S3 sends when notifications are set up has none.
pub(crate) fn created(body: &str) -> Result<Vec<Created>, NotANotification> {
    let notification: Notification = serde_json::from_str(body).map_err(|_| NotANotification)?;
    match (notification.records, notification.event.as_deref()) {
        (Some(records), _) => Ok(records.into_iter().filter_map(Record::created).collect()),
        (None, Some("s3:TestEvent")) => Ok(Vec::new()),
        (None, _) => Err(NotANotification),
    }
}

#[derive(Deserialize)]
struct Notification {
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
        assert_eq!(created(&body), Ok(vec![expected]));
    }

    #[test]
    fn only_created_objects_count() {
        assert_eq!(created(&body("ObjectRemoved:Delete", "inbox/x", "")), Ok(Vec::new()));
        assert_eq!(created(r#"{"Service":"Amazon S3","Event":"s3:TestEvent","Bucket":"b"}"#), Ok(Vec::new()));
        for poison in ["", "{}", "null", "[]", r#"{"Records":[{}]}"#, r#"{"Event":"other"}"#] {
            assert_eq!(created(poison), Err(NotANotification), "{poison}");
        }
    }
}
