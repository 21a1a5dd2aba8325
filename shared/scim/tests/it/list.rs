//! Paging parameters, list responses and error documents.

use scim::{
    ErrorKind,
    error::error_document,
    list::{PageFacts, Paging, write_list},
};
use serde_json::{Value, json};

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

#[track_caller]
fn check_list(facts: PageFacts, resources: &[&str], expect: Value) {
    let mut out = b"before".to_vec();
    let written = write_list(&mut out, &facts, resources, |text, out| {
        out.extend_from_slice(text.as_bytes());
        Ok::<_, ()>(())
    });
    assert_eq!(written, Ok(()));
    let mut got: Value = serde_json::from_slice(&out["before".len()..]).expect("JSON");
    let schemas = got.as_object_mut().expect("an object").shift_remove("schemas");
    assert_eq!(schemas, Some(json!(["urn:ietf:params:scim:api:messages:2.0:ListResponse"])));
    assert_eq!(got, expect);
}

#[test]
fn list_responses() {
    let index = PageFacts { total: Some(7), start_index: Some(3), next_cursor: None };
    check_list(
        index,
        &["{\"id\": 1.0 }", "{}"],
        json!({"totalResults": 7, "startIndex": 3, "itemsPerPage": 2, "Resources": [{"id": 1.0}, {}]}),
    );
    check_list(PageFacts::default(), &[], json!({"itemsPerPage": 0, "Resources": []}));
    check_list(
        PageFacts { total: Some(9), next_cursor: Some("n".to_owned()), ..PageFacts::default() },
        &["[]"],
        json!({"totalResults": 9, "itemsPerPage": 1, "nextCursor": "n", "Resources": [[]]}),
    );
    let mut out = Vec::new();
    let failed = write_list(&mut out, &PageFacts::default(), &[1], |_, _| Err("no"));
    assert_eq!(failed, Err("no"));
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
