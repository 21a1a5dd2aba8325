//! Paging parameters, list responses and error documents.

use scim::{
    Document, ErrorKind,
    error::error_document,
    list::{Paging, list_response},
};
use serde_json::json;

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
        let got = Paging::parse(start, count, 100, 200).expect("valid");
        assert_eq!((got.start_index, got.count), expect, "{start:?} {count:?}");
    }
    for text in ["", "x", "1.5", "1e3", "-", "٣", "1 2", "0x1"] {
        assert_eq!(Paging::parse(Some(text), None, 1, 1).expect_err(text).kind, ErrorKind::InvalidValue);
        assert_eq!(Paging::parse(None, Some(text), 1, 1).expect_err(text).kind, ErrorKind::InvalidValue);
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
    assert_eq!(ErrorKind::InvalidVersion.scim_type(), "invalidVers");
}
