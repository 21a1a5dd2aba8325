//! Numbers: no built-in attribute is one, but those of other types may be.

use crate::patch::apply;
use scim::{
    ErrorKind, body,
    filter::Filter,
    schema::{Attribute, Kind, ResourceType, Schema},
};
use serde_json::{Value, json};
use std::sync::Arc;

fn gauges() -> ResourceType {
    let attributes = vec![
        Attribute::new("count", Kind::Integer, "Count."),
        Attribute::new("level", Kind::Decimal, "Level."),
        Attribute::string("tags", "Tags.").multi_valued(),
    ];
    ResourceType::new(
        "Gauge",
        "Gauges",
        "Gauges",
        Arc::new(Schema::new("urn:example:Gauge", "Gauge", "A gauge", attributes)),
    )
}

#[test]
fn kinds() {
    for (sent, accepted) in [
        (json!({"count": 5, "level": 2.5, "tags": ["a", "B"]}), true),
        (json!({"count": u64::MAX, "level": 2}), true),
        (json!({"count": 5.5}), false),
        (json!({"count": "5"}), false),
        (json!({"level": "2.5"}), false),
        (json!({"level": true}), false),
        (json!({"tags": "a"}), false),
        (json!({"tags": [1]}), false),
    ] {
        let shown = sent.to_string();
        match body::create(&gauges(), sent) {
            Ok(_) => assert!(accepted, "{shown}"),
            Err(error) => assert!(!accepted && error.kind == ErrorKind::InvalidValue, "{shown}: {error}"),
        }
    }
}

#[test]
fn filters() {
    let gauge = body::create(
        &gauges(),
        json!({"count": 9_007_199_254_740_993_i64, "level": 2.5, "tags": ["a", "B"]}),
    )
    .expect("accepted");
    for (text, expect) in [
        ("count eq 9007199254740993", true),
        ("count gt 9007199254740992", true),
        ("count le 9007199254740992", false),
        ("level ge 2.5 and level lt 3", true),
        ("level ne 2.5", false),
        ("level gt -1e3", true),
        (r#"tags eq "b""#, true),
        (r#"tags ne "a""#, true),
        (r#"tags co "c""#, false),
    ] {
        assert_eq!(Filter::parse(text, &gauges()).expect(text).matches(&gauge), expect, "{text}");
    }
    for text in [r#"count eq "5""#, "count co 5", "level eq true", "count gt null", "level sw 2"] {
        assert_eq!(Filter::parse(text, &gauges()).expect_err(text).kind, ErrorKind::InvalidFilter, "{text}");
    }
}

#[test]
fn simple_values_are_added_and_removed_one_by_one() {
    let mut gauge = body::create(&gauges(), json!({"tags": ["a", "b"]})).expect("accepted");
    for (operation, expect) in [
        (json!({"op": "add", "path": "tags", "value": ["B", "c"]}), json!(["a", "b", "c"])),
        (json!({"op": "add", "path": "tags", "value": "d"}), json!(["a", "b", "c", "d"])),
        (json!({"op": "remove", "path": "tags", "value": ["C", "x"]}), json!(["a", "b", "d"])),
        (json!({"op": "replace", "path": "tags", "value": ["z"]}), json!(["z"])),
        (json!({"op": "remove", "path": "tags", "value": ["z"]}), Value::Null),
    ] {
        assert_eq!(apply(&gauges(), &mut gauge, json!([operation])), Ok(true));
        assert_eq!(gauge.get("tags").unwrap_or(&Value::Null), &expect);
    }
}
