//! Sorting: the order of a listing, and what cannot be sorted by.

use crate::{ENTERPRISE, MUSTER, groups, stored, users};
use proptest::prelude::*;
use scim::{
    Document, ErrorKind, body,
    schema::{Attribute, Kind, ResourceType, Schema},
    sort::{Sort, SortKey},
};
use serde_json::{Value, json};
use std::sync::Arc;

/// Users with these attributes, given in their ascending order, come out so from any other order; in descending
/// order they come out the other way round.
#[track_caller]
fn check(sort_by: &str, ascending: &[Value]) {
    let user = |(index, attributes): (usize, &Value)| {
        let mut body = attributes.clone();
        if body.get("userName").is_none() {
            body["userName"] = json!(format!("u{index}"));
        }
        body::create(users(), body).expect("a valid user")
    };
    let expect: Vec<Document> = ascending.iter().enumerate().map(user).collect();
    for (order, reverse) in [(None, false), (Some("Ascending"), false), (Some("DESCENDING"), true)] {
        let sort =
            Sort::parse(Some(sort_by), order, users()).expect("sortable").expect("something to sort by");
        let mut got = expect.clone();
        got.rotate_left(ascending.len() / 2);
        got.sort_by_key(|user| sort.key(user));
        if reverse {
            got.reverse();
        }
        assert_eq!(got, expect, "{sort_by} {order:?}");
        let keys: Vec<SortKey> = expect.iter().map(|user| sort.key(user)).collect();
        let text = serde_json::to_string(&keys).expect("text");
        assert_eq!(serde_json::from_str::<Vec<SortKey>>(&text).expect("keys"), keys);
    }
}

#[test]
fn text() {
    check("userName", &[json!({"userName": "a"}), json!({"userName": "B"}), json!({"userName": "c"})]);
    check(
        "USERNAME",
        &[json!({"userName": "STRASSE"}), json!({"userName": "straßf"}), json!({"userName": "Ä"})],
    );
    check("externalId", &[json!({"externalId": "B"}), json!({"externalId": "a"}), json!({})]);
    check("name.familyName", &[json!({"name": {"familyName": "a"}}), json!({"name": {"givenName": "a"}})]);
    let department = format!("{ENTERPRISE}:department");
    check(
        &department,
        &[json!({(ENTERPRISE): {"department": "A"}}), json!({(ENTERPRISE): {"department": "b"}}), json!({})],
    );
    check(&format!("{ENTERPRISE}:manager"), &[json!({(ENTERPRISE): {"manager": {"value": "m"}}}), json!({})]);
}

#[test]
fn booleans_and_instants() {
    check("active", &[json!({"active": false}), json!({"active": true}), json!({})]);
    let until = |at: &str| json!({(MUSTER): {"validTo": at}});
    check(
        &format!("{MUSTER}:validTo"),
        &[
            until("2026-01-31T09:30:00+02:00"),
            until("2026-01-31T08:30:00Z"),
            until("2026-01-31T08:30:00.5Z"),
            json!({}),
        ],
    );
}

#[test]
fn of_several_values_the_primary_or_the_first() {
    let mails = |mails: &[(&str, bool)]| {
        let mails: Vec<Value> =
            mails.iter().map(|(value, primary)| json!({"value": value, "primary": primary})).collect();
        json!({"emails": mails})
    };
    for name in ["emails", "emails.value"] {
        check(
            name,
            &[
                mails(&[("z", false), ("a", true)]),
                mails(&[("b", false), ("a", false)]),
                mails(&[("c", true)]),
                json!({}),
            ],
        );
    }
    check(
        "emails.type",
        &[
            json!({"emails": [{"value": "z", "type": "home"}]}),
            json!({"emails": [{"value": "a", "type": "work"}]}),
            json!({"emails": [{"value": "a"}, {"value": "b", "type": "home"}]}),
        ],
    );
}

fn gauges() -> ResourceType {
    let attributes = vec![
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

fn level(level: Value) -> SortKey {
    let sort = Sort::parse(Some("level"), None, &gauges()).expect("sortable").expect("something");
    sort.key(&body::create(&gauges(), json!({"level": level})).expect("a gauge"))
}

#[test]
fn numbers_exactly() {
    let ascending = [
        json!(-1e300),
        json!(-1e200),
        json!(i64::MIN),
        json!(-2.5),
        json!(-2),
        json!(-0.5),
        json!(0),
        json!(1e-300),
        json!(0.5),
        json!(1),
        json!(9_007_199_254_740_992_i64),
        json!(9_007_199_254_740_993_i64),
        json!(u64::MAX),
        json!(1e30),
        json!(1e300),
    ];
    for pair in ascending.windows(2) {
        let [low, high] = pair else { panic!("windows of two") };
        assert!(level(low.clone()) < level(high.clone()), "{low} {high}");
    }
    assert_eq!(level(json!(2)), level(json!(2.0)));
    assert_eq!(level(json!(0)), level(json!(-0.0)));
}

#[test]
fn nothing_to_sort_by() {
    for sort_by in [None, Some(""), Some("  ")] {
        for order in [None, Some(""), Some("descending")] {
            assert_eq!(Sort::parse(sort_by, order, users()), Ok(None));
        }
    }
}

#[track_caller]
fn refuse(sort_by: Option<&str>, order: Option<&str>, words: &[&str]) {
    let error = Sort::parse(sort_by, order, users()).expect_err("refused");
    assert_eq!(error.kind, ErrorKind::InvalidValue);
    for word in words {
        assert!(error.detail.contains(word), "{error} does not say {word}");
    }
}

#[test]
fn refusals() {
    refuse(Some("nickNam"), None, &["nickNam", "did you mean nickName?"]);
    refuse(Some("department"), None, &[ENTERPRISE]);
    refuse(Some("emails[type eq \"work\"]"), None, &["no attribute"]);
    refuse(Some("password"), None, &["never returned"]);
    refuse(Some("name"), None, &["name.formatted"]);
    refuse(Some("addresses"), None, &["addresses.formatted"]);
    refuse(Some("meta"), None, &["meta.resourceType"]);
    refuse(Some(ENTERPRISE), None, &["must name an attribute"]);
    refuse(Some("userName"), Some("up"), &["ascending or descending", "up"]);
    refuse(None, Some("up"), &["sortOrder"]);
}

#[test]
fn a_store_learns_what_to_read() {
    let sort = Sort::parse(Some("members.value"), None, groups()).expect("sortable").expect("something");
    assert_eq!(sort.member(), "members");
    let group = stored(groups(), json!({"displayName": "g"}));
    assert!(sort.key(&group) == sort.key(&Document::new()));
}

proptest! {
    #[test]
    fn numbers_have_one_order(a in any::<f64>(), b in any::<f64>(), whole in any::<i64>()) {
        let (a, b) = (json!(a), json!(b));
        prop_assume!(a.is_number() && b.is_number());
        let keys = [level(a.clone()), level(b.clone()), level(json!(whole))];
        prop_assert_eq!(keys[0].cmp(&keys[1]), a.as_f64().partial_cmp(&b.as_f64()).expect("finite"));
        let mut sorted = keys.clone();
        sorted.sort();
        prop_assert!(sorted[0] <= sorted[1] && sorted[1] <= sorted[2] && sorted[0] <= sorted[2]);
        let close = whole as f64;
        if close as i128 == i128::from(whole) {
            prop_assert_eq!(keys[2].cmp(&keys[0]), close.partial_cmp(&a.as_f64().expect("a number")).expect("finite"));
        }
        let text = serde_json::to_string(&keys).expect("text");
        prop_assert_eq!(serde_json::from_str::<[SortKey; 3]>(&text).expect("keys"), keys);
    }
}
