//! What became of an operation (RFC 7644 section 3.7.3).

use super::{Method, RESPONSE_URN};
use crate::Document;
use serde_json::{Value, json};

/// The answer to one operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Its method; none if it had none.
    pub method: Option<Method>,
    /// Its `bulkId`, if it had one.
    pub bulk_id: Option<String>,
    /// Address of the resource; none if a POST failed.
    pub location: Option<String>,
    /// Entity tag of the resource, if it is still there.
    pub version: Option<String>,
    /// The HTTP status that the operation would have had alone.
    pub status: u16,
    /// The body of an error, or of a success where one is given.
    pub response: Option<Value>,
}

impl Outcome {
    /// The operation as it stands in a bulk response; the status is a string.
    pub fn into_json(self) -> Value {
        let mut json = Document::new();
        let mut put = |name: &str, value: Option<Value>| {
            if let Some(value) = value {
                json.insert(name.to_owned(), value);
            }
        };
        put("location", self.location.map(Value::from));
        put("method", self.method.map(|method| method.as_str().into()));
        put("bulkId", self.bulk_id.map(Value::from));
        put("version", self.version.map(Value::from));
        put("status", Some(self.status.to_string().into()));
        put("response", self.response);
        Value::Object(json)
    }
}

/// The bulk response; the outcomes are in the order in which their operations were sent, and those of operations
/// that were not tried for want of luck before them (`failOnErrors`) are left out.
pub fn response(outcomes: Vec<Outcome>) -> Value {
    let operations: Vec<Value> = outcomes.into_iter().map(Outcome::into_json).collect();
    json!({"schemas": [RESPONSE_URN], "Operations": operations})
}
