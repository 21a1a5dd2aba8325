//! Paging parameters, list responses and error documents.

use scim::{
    Document, ErrorKind,
    error::error_document,
    list::{Paging, cursor_response, index_response, list_response},
};
use serde_json::{Value, json, value::RawValue};

#[test]
fn paging() {
    for (start, count, expect) in [
        (None, None, (1, 100)),
        (Some("1"), Some("2"), (1, 2)),
        (Some("0"), Some("0"), (1, 0)),
        (Some("-5"), Some("-1"), (1, 0)),
        (Some(" 7 "), Some("+3"), (7, 3)),
        (Some("7"), Some("100000"), (7, 200)),
        (Some("99999999999999999999"), Some("99999999999999999999"), (i64::MAX as usize, 200)),
        (Some("-99999999999999999999"), None, (1, 100)),
    ] {
        let got = Paging::parse(start, count, None, 100, 200).expect("valid");
        let expect = Paging::Index { start_index: expect.0, count: expect.1 };
        assert_eq!(got, expect, "{start:?} {count:?}");
    }
    for text in ["", "x", "1.5", "1e3", "-", "٣", "1 2", "0x1"] {
        assert_eq!(
            Paging::parse(Some(text), None, None, 1, 1).expect_err(text).kind,
            ErrorKind::InvalidValue
        );
        assert_eq!(
            Paging::parse(None, Some(text), None, 1, 1).expect_err(text).kind,
            ErrorKind::InvalidValue
        );
    }
}

#[test]
fn paging_by_cursor() {
    for (cursor, count, expect) in [
        ("", None, (None, 100)),
        ("c1", Some("7"), (Some("c1"), 7)),
        (" c ", Some(" +1 "), (Some(" c "), 1)),
        ("c1", Some("99999999999999999999"), (Some("c1"), 200)),
    ] {
        // An index beside it means nothing, not even a wrong one.
        let got = Paging::parse(Some("x"), count, Some(cursor), 100, 200).expect("valid");
        let expect = Paging::Cursor { cursor: expect.0.map(str::to_owned), count: expect.1 };
        assert_eq!(got, expect, "{cursor:?} {count:?}");
        assert!(got.count() >= 1);
    }
    for text in ["", "x", "1.5", "0", "-1", "-99999999999999999999", "1e3"] {
        let error = Paging::parse(None, Some(text), Some("c"), 100, 200).expect_err(text);
        assert_eq!(error.kind, ErrorKind::InvalidCount, "{error}");
    }
}

#[test]
fn responses_are_written_as_they_stand() {
    let raw = |text: &str| RawValue::from_string(text.to_owned()).expect("JSON");
    let page = index_response(7, 3, vec![raw("{\"id\": 1.0 }"), raw("{}")]);
    assert_eq!(
        serde_json::to_string(&page).expect("text"),
        "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:ListResponse\"],\"totalResults\":7,\
         \"startIndex\":3,\"itemsPerPage\":2,\"Resources\":[{\"id\": 1.0 },{}]}"
    );
    let documents = vec![json!({"id": "a"})];
    let as_value = list_response(7, 3, documents.clone());
    assert_eq!(serde_json::to_value(index_response(7, 3, documents)).expect("a value"), as_value);
}

#[test]
fn responses_by_cursor() {
    let schemas = json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"]);
    for (total, next, expect) in [
        (Some(9), Some("n"), json!({"totalResults": 9, "itemsPerPage": 1, "nextCursor": "n"})),
        (None, None, json!({"itemsPerPage": 1})),
    ] {
        let mut got = serde_json::to_value(cursor_response(total, next, vec![json!({})])).expect("a value");
        let got = got.as_object_mut().expect("an object");
        assert_eq!(got.shift_remove("schemas"), Some(schemas.clone()));
        assert_eq!(got.shift_remove("Resources"), Some(json!([{}])));
        assert_eq!(Value::Object(got.clone()), expect);
    }
}

#[test]
fn list_responses() {
    let empty = list_response(0, 1, Vec::<Document>::new());
    assert_eq!(
        empty,
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"], "totalResults": 0,
               "startIndex": 1, "itemsPerPage": 0, "Resources": []})
    );
    let one = list_response(7, 3, vec![json!({"id": "a"})]);
    assert_eq!((&one["itemsPerPage"], &one["Resources"][0]["id"]), (&json!(1), &json!("a")));
}

#[test]
fn error_documents() {
    assert_eq!(
        error_document(409, Some("uniqueness"), "taken"),
        json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": "409",
               "scimType": "uniqueness", "detail": "taken"})
    );
    assert_eq!(error_document(404, None, "gone").get("scimType"), None);
    for (kind, keyword) in [
        (ErrorKind::InvalidVersion, "invalidVers"),
        (ErrorKind::InvalidCursor, "invalidCursor"),
        (ErrorKind::ExpiredCursor, "expiredCursor"),
        (ErrorKind::InvalidCount, "invalidCount"),
    ] {
        assert_eq!(kind.scim_type(), keyword);
    }
}
