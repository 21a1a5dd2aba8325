//! Sample events are what AWS would send, and point to files and routes that exist.

use crate::{Fault, at};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// The folder of objects that are uploaded, before tenant, directory and configuration.
const INBOX: &str = "inbox/";

/// The faults of an event of the HTTP API (payload format 2.0) for a function whose paths have this base in them; these
/// are the routes of the API.
pub fn check_http(text: &str, base: &str, routes: &[&str]) -> Vec<Fault> {
    let event: Value = match serde_json::from_str(text) {
        Ok(event) => event,
        Err(error) => return vec![at(error.line(), error.to_string())],
    };
    let mut faults = Vec::new();
    let mut expect = |holds: bool, text: &str| {
        if !holds {
            faults.push(at(0, text));
        }
    };
    let of = |path: &str| event.pointer(path).and_then(Value::as_str).unwrap_or_default();
    expect(of("/version") == "2.0", "`version` must be 2.0");
    expect(routes.contains(&of("/routeKey")), "`routeKey` is no route of the template");
    expect(
        of("/routeKey") == of("/requestContext/routeKey"),
        "`routeKey` stands in the context too, and differs",
    );
    expect(
        of("/rawPath") == of("/requestContext/http/path"),
        "`rawPath` stands in the context too, and differs",
    );
    expect(of("/rawPath").contains(base), "`rawPath` is not below the base of its function");
    expect(of("/headers/authorization").starts_with("Bearer "), "the token or the key is missing");
    expect(body_is_json(&event), "the body is no JSON in the form that `isBase64Encoded` says");
    faults
}

fn body_is_json(event: &Value) -> bool {
    let Some(body) = event.get("body").and_then(Value::as_str) else { return true };
    let bytes = if event.get("isBase64Encoded") == Some(&Value::Bool(true)) {
        STANDARD.decode(body).unwrap_or_default()
    } else {
        body.as_bytes().to_vec()
    };
    serde_json::from_slice::<Value>(&bytes).is_ok()
}

/// The faults of an event of a queue whose messages are notifications of a bucket. `has_file` knows the sample files
/// that objects are made of, by name. Messages that are to fail say so in an attribute `poison`.
pub fn check_uploads(text: &str, has_file: impl Fn(&str) -> bool) -> Vec<Fault> {
    let event: Value = match serde_json::from_str(text) {
        Ok(event) => event,
        Err(error) => return vec![at(error.line(), error.to_string())],
    };
    let messages = event.get("Records").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if messages.is_empty() {
        return vec![at(0, "an event of a queue has `Records`")];
    }
    messages.iter().flat_map(|message| message_faults(message, &has_file)).collect()
}

fn message_faults(message: &Value, has_file: &impl Fn(&str) -> bool) -> Vec<Fault> {
    let of = |path: &str| message.pointer(path).and_then(Value::as_str).unwrap_or_default();
    let id = of("/messageId");
    let fault = |text: &str| at(0, format!("message `{id}`: {text}"));
    let mut faults = Vec::new();
    if id.is_empty() || of("/eventSource") != "aws:sqs" {
        faults.push(fault("it has no id, or is no message of a queue"));
    }
    let poison = message.pointer("/messageAttributes/poison").is_some();
    let body: Option<Value> = serde_json::from_str(of("/body")).ok();
    // What S3 sends when notifications are set up, and words of ours, name no file.
    let names_none = |body: &Value| ["Event", "work", "sweep"].iter().any(|name| body.get(name).is_some());
    let Some(body) = body.filter(|body| !poison && !names_none(body)) else {
        let meant = poison || serde_json::from_str::<Value>(of("/body")).is_ok();
        faults.extend((!meant).then(|| fault("its body is no JSON, and it is not marked as poison")));
        return faults;
    };
    let objects = body.get("Records").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    if objects.is_empty() {
        faults.push(fault("a notification has `Records`"));
    }
    for object in objects {
        let key = object.pointer("/s3/object/key").and_then(Value::as_str).unwrap_or_default();
        let name = key.strip_prefix(INBOX).and_then(|key| key.splitn(4, '/').nth(3));
        match name {
            None => faults.push(fault("an object that is not in an inbox")),
            Some(name) if !has_file(name) => faults.push(fault("an object without its file in events/files")),
            Some(_) => {}
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[track_caller]
    fn http(change: impl Fn(&mut Value), faults: usize) {
        let mut event = json!({
            "version": "2.0",
            "routeKey": "ANY /scim/v2/{proxy+}",
            "rawPath": "/scim/v2/Users",
            "headers": { "authorization": "Bearer x" },
            "requestContext": { "routeKey": "ANY /scim/v2/{proxy+}", "http": { "path": "/scim/v2/Users" } },
            "body": "{}",
            "isBase64Encoded": false,
        });
        change(&mut event);
        let found = check_http(&event.to_string(), "/scim/v2/", &["ANY /scim/v2/{proxy+}"]);
        assert_eq!(found.len(), faults, "{event}: {found:?}");
    }

    #[test]
    fn events_of_the_api_fit_its_routes() {
        http(|_| {}, 0);
        http(|event| event["version"] = "1.0".into(), 1);
        http(|event| event["rawPath"] = "/scim/v2/Groups".into(), 1);
        http(|event| event["routeKey"] = "GET /".into(), 2);
        http(
            |event| {
                event["rawPath"] = "/other".into();
                event["requestContext"]["http"]["path"] = "/other".into();
            },
            1,
        );
        http(|event| event["headers"] = json!({}), 1);
        http(|event| event["isBase64Encoded"] = true.into(), 1);
        http(|event| (event["body"], event["isBase64Encoded"]) = ("e30=".into(), true.into()), 0);
        http(|event| event["body"] = "{".into(), 1);
        assert_eq!(check_http("{", "/", &[]).len(), 1);
    }

    #[track_caller]
    fn upload(body: &str, poison: bool, faults: usize) {
        let attributes = if poison { json!({ "poison": {} }) } else { json!({}) };
        let message = json!({
            "messageId": "1", "eventSource": "aws:sqs", "body": body, "messageAttributes": attributes,
        });
        let found = check_uploads(&json!({ "Records": [message] }).to_string(), |name| name == "people.csv");
        assert_eq!(found.len(), faults, "{body}: {found:?}");
    }

    #[test]
    fn events_of_the_queue_name_files_that_exist() {
        let object = |key: &str| json!({ "Records": [{ "s3": { "object": { "key": key } } }] }).to_string();
        upload(&object("inbox/acme/people/default/people.csv"), false, 0);
        upload(&object("inbox/acme/people/default/gone.csv"), false, 1);
        upload(&object("runs/acme/people/default/people.csv"), false, 1);
        upload("{\"Event\":\"s3:TestEvent\"}", false, 0);
        upload("no notification", true, 0);
        upload("no notification", false, 1);
        upload("{}", false, 1);
        assert_eq!(check_uploads("{}", |_| true).len(), 1);
        assert_eq!(check_uploads("[", |_| true).len(), 1);
    }
}
