//! Bulk requests: what is read, what is refused, and in which order it can be done.

use crate::REGISTRY;
use proptest::prelude::*;
use scim::{
    ErrorKind,
    bulk::{self, Method, Outcome, REQUEST_URN, Refusal, Request, Step, Target},
    schema::{Registry, ResourceType},
    tolerance::Tolerances,
};
use serde_json::{Value, json};
use std::collections::{HashMap, HashSet};

fn parse(operations: Value) -> Result<Request, Refusal> {
    Request::parse(json!({"schemas": [REQUEST_URN], "Operations": operations}), &REGISTRY, 1_000)
}

/// The only operation of a request that is well formed but for it, perhaps.
fn one(operation: Value) -> Result<bulk::Operation, bulk::Malformed> {
    parse(json!([operation])).expect("a bulk request").operations.pop().expect("one")
}

#[test]
fn operations() {
    let post = one(json!({"method": "post", "bulkId": "q", "path": "/Users", "data": {"userName": "u"}}));
    let post = post.expect("valid");
    assert_eq!(
        (post.method, post.bulk_id.as_deref(), post.endpoint.as_str()),
        (Method::Post, Some("q"), "Users")
    );
    assert_eq!((post.target, post.data), (None, Some(json!({"userName": "u"}))));
    let put = json!({"METHOD": "Put", "path": "Groups/g/", "version": "W/\"1\"", "data": {}, "bulkId": null});
    let put = one(put).expect("valid");
    assert_eq!((put.method, put.target.clone()), (Method::Put, Some(Target::Id("g".into()))));
    assert_eq!((put.bulk_id.clone(), put.version.as_deref()), (None, Some("W/\"1\"")));
    let patch = json!({"method": "PATCH", "path": "/Groups/bulkId:q", "data": {"x": ["bulkId:r", {"y": "bulkId:q"}]}});
    let patch = one(patch).expect("valid");
    assert_eq!(patch.references(), ["q", "r", "q"]);
    let ids = HashMap::from([("q".to_owned(), "7".to_owned())]);
    assert_eq!(patch.id(&ids), Ok(Some("7")));
    assert_eq!(patch.id(&HashMap::new()), Err("q".to_owned()));
    assert_eq!(put.id(&ids), Ok(Some("g")));
    let delete = one(json!({"method": "DELETE", "path": "/Users/u", "data": {}})).expect("valid");
    assert_eq!((delete.references(), &delete.data), (vec![], &None));
}

/// The operation is refused in its place, with these words.
#[track_caller]
fn malformed(operation: Value, method: Option<Method>, bulk_id: Option<&str>, words: &[&str]) {
    let other = json!({"method": "POST", "bulkId": "other", "path": "/Users", "data": {}});
    let request = parse(json!([other, operation, other])).expect("only an operation is at fault");
    assert!(request.operations[0].is_ok() && request.operations.len() == 3);
    let error = request.operations[1].as_ref().expect_err("malformed");
    assert_eq!((error.method, error.bulk_id.as_deref()), (method, bulk_id), "{:?}", error.error);
    for word in words {
        assert!(error.error.detail.contains(word), "{} does not say {word}", error.error);
    }
    assert_eq!(request.schedule(), [0, 1, 2].map(Step::Whole));
}

#[test]
fn malformed_operations() {
    for wrong in [json!(null), json!(1), json!("POST"), json!([])] {
        malformed(wrong, None, None, &["object"]);
    }
    malformed(json!({"path": "/Users", "bulkId": "b"}), None, Some("b"), &["method"]);
    malformed(json!({"method": "GET", "path": "/Users"}), None, None, &["PATCH", "GET"]);
    malformed(json!({"method": 1, "path": "/Users"}), None, None, &["method"]);
    let post = Some(Method::Post);
    malformed(json!({"method": "POST", "path": "/Users", "data": {}}), post, None, &["bulkId"]);
    malformed(json!({"method": "POST", "bulkId": 7, "path": "/Users", "data": {}}), post, None, &["bulkId"]);
    malformed(json!({"method": "POST", "bulkId": "", "path": "/Users", "data": {}}), post, None, &["bulkId"]);
    let twice = json!({"method": "POST", "bulkId": "other", "path": "/Users", "data": {}});
    malformed(twice, post, Some("other"), &["earlier POST"]);
    malformed(json!({"method": "POST", "bulkId": "b", "path": "/Users"}), post, Some("b"), &["data"]);
    malformed(
        json!({"method": "POST", "bulkId": "b", "path": "/Users/7", "data": {}}),
        post,
        Some("b"),
        &["/Users"],
    );
    let delete = |path: Value| json!({"method": "DELETE", "path": path});
    for (path, word) in [
        (json!(null), "path"),
        (json!(["/Users"]), "path"),
        (json!("/Users"), "its id"),
        (json!("/Users//"), "an id"),
        (json!("/Users/7/8"), "nothing behind"),
        (json!("/User/7"), "did you mean /Users"),
        (json!("//Users/7"), "relative"),
        (json!("/scim/v2/Users/7"), "endpoint such as /Users"),
        (json!("https://acme.example/scim/v2/Users/7"), "relative"),
        (json!("/Users/7?attributes=id"), "query"),
        (json!("/Users/7#x"), "fragment"),
        (json!(""), "endpoint"),
        (json!("/Me/7"), "endpoint"),
    ] {
        malformed(delete(path), Some(Method::Delete), None, &[word]);
    }
    // Whose address is known, is known although the rest is wrong.
    let put = one(json!({"method": "PUT", "path": "/Users/7"})).expect_err("no data");
    assert_eq!(put.target, Some(("Users".to_owned(), Target::Id("7".to_owned()))));
    let version = json!({"method": "DELETE", "path": "/Users/7", "version": 1});
    malformed(version, Some(Method::Delete), None, &["entity tag"]);
}

#[track_caller]
fn refuse(body: Value, kind: ErrorKind, word: &str) {
    match Request::parse(body, &REGISTRY, 2) {
        Err(Refusal::Invalid(error)) => {
            assert_eq!(error.kind, kind, "{error}");
            assert!(error.detail.contains(word), "{error} does not say {word}");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn requests() {
    use ErrorKind::{InvalidSyntax, InvalidValue};
    let delete = json!({"method": "DELETE", "path": "/Users/1"});
    for wrong in [json!(null), json!([]), json!("x")] {
        refuse(wrong, InvalidSyntax, "JSON object");
    }
    for schemas in [json!([]), json!("x"), json!(["urn:ietf:params:scim:api:messages:2.0:PatchOp"])] {
        refuse(json!({"schemas": schemas, "Operations": [delete]}), InvalidSyntax, REQUEST_URN);
    }
    for operations in [json!(null), json!({}), json!([])] {
        refuse(json!({"Operations": operations}), InvalidSyntax, "Operations");
    }
    for number in [json!(0), json!(-1), json!(1.5), json!("1"), json!(true)] {
        refuse(json!({"failOnErrors": number, "Operations": [delete]}), InvalidValue, "failOnErrors");
    }
    let parse = |body: Value, registry: &Registry| Request::parse(body, registry, 2);
    let request = json!({"SCHEMAS": [REQUEST_URN.to_lowercase()], "operations": [delete], "failonerrors": 3});
    assert_eq!(parse(request, &REGISTRY).expect("valid").fail_on_errors, Some(3));
    let bare = json!({"Operations": [delete, delete]});
    assert_eq!(parse(bare.clone(), &REGISTRY).expect("valid").fail_on_errors, None);
    let strict = |t: &ResourceType| t.clone().forgiving(Tolerances::none());
    let strict = Registry::new(REGISTRY.resource_types().iter().map(strict).collect());
    assert!(matches!(parse(bare, &strict), Err(Refusal::Invalid(_))));
    let refusal = parse(json!({"Operations": [delete, 1, 2]}), &REGISTRY).expect_err("too many");
    assert_eq!(refusal, Refusal::TooManyOperations { sent: 3, max: 2 });
    assert!(refusal.to_string().contains("at most 2"));
}

/// Operations by their references: `a>bc` creates `a` and refers to `b` and `c`; `>b` changes what `b` creates; `-`
/// refers to nothing and creates nothing.
fn request(shorthand: &str) -> Request {
    let operation = |text: &str| match text.split_once('>') {
        None => json!({"method": "DELETE", "path": "/Users/1"}),
        Some(("", to)) => json!({"method": "PATCH", "path": "/Users/1", "data": referring(to)}),
        Some((id, to)) => json!({"method": "POST", "bulkId": id, "path": "/Users", "data": referring(to)}),
    };
    parse(shorthand.split_whitespace().map(operation).collect()).expect("valid")
}

fn referring(to: &str) -> Value {
    json!({"x": to.chars().map(|id| json!({"value": format!("bulkId:{id}")})).collect::<Vec<_>>()})
}

/// Steps as text: `b1` begins, `c1` completes, `1` is whole.
fn shown(steps: &[Step]) -> String {
    let shown = steps.iter().map(|step| match step {
        Step::Whole(index) => index.to_string(),
        Step::Begin(index) => format!("b{index}"),
        Step::Complete(index) => format!("c{index}"),
    });
    shown.collect::<Vec<_>>().join(" ")
}

#[test]
fn order() {
    for (shorthand, expect) in [
        ("-", "0"),
        ("a> b> -", "0 1 2"),
        ("a> >a b>a", "0 1 2"),
        // What refers ahead waits, and nothing else moves.
        (">b - b>", "1 2 0"),
        ("a>b b>c c> -", "2 1 0 3"),
        (">z a>", "0 1"),
        ("a>b c>b b> >ac", "2 0 1 3"),
        // Circles.
        ("a>a", "b0 c0"),
        ("a>b b>a", "b0 1 c0"),
        ("a>b - b>a -", "1 b0 2 c0 3"),
        ("a>b b>c c>a", "b0 2 1 c0"),
        (">a a>b b>a", "b1 2 c1 0"),
        ("a>b b>ac c>d d>c", "b2 3 c2 b0 1 c0"),
        ("a>bb b>aa", "b0 1 c0"),
    ] {
        assert_eq!(shown(&request(shorthand).schedule()), expect, "{shorthand}");
    }
    // By path as well as by data.
    let by_path = parse(json!([{"method": "DELETE", "path": "/Users/bulkId:a"},
        {"method": "POST", "bulkId": "a", "path": "/Users", "data": {}}]));
    assert_eq!(shown(&by_path.expect("valid").schedule()), "1 0");
}

#[test]
fn a_long_chain_is_no_deep_recursion() {
    let chain = |last: Value| {
        let mut operations: Vec<Value> = (0..20_000)
            .map(|n| {
                json!({"method": "POST", "bulkId": format!("{n}"), "path": "/Users",
                "data": {"manager": {"value": format!("bulkId:{}", n + 1)}}})
            })
            .collect();
        operations.push(json!({"method": "POST", "bulkId": "20000", "path": "/Users", "data": last}));
        let body = json!({"Operations": operations});
        Request::parse(body, &REGISTRY, usize::MAX).expect("valid").schedule()
    };
    let steps = chain(json!({}));
    assert!(steps.iter().copied().eq((0..=20_000).rev().map(Step::Whole)));
    let steps = chain(json!({"manager": {"value": "bulkId:0"}}));
    assert_eq!(steps.len(), 20_002);
    assert_eq!((steps[0], steps[20_001]), (Step::Begin(0), Step::Complete(0)));
}

#[test]
fn references_are_resolved() {
    let ids = HashMap::from([("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]);
    let data = json!({"members": [{"value": "bulkId:a"}, {"value": "x"}], "bulkId:a": ["bulkId:b", 1, null]});
    let expect = json!({"members": [{"value": "1"}, {"value": "x"}], "bulkId:a": ["2", 1, null]});
    assert_eq!(bulk::resolve(&data, &ids), Ok(expect));
    assert_eq!(bulk::resolve(&json!(["bulkId:a", {"x": "bulkId:c"}]), &ids), Err("c".to_owned()));
    assert_eq!(bulk::resolve(&json!(["bulkId:", "BULKID:a"]), &ids), Ok(json!(["bulkId:", "BULKID:a"])));
}

#[test]
fn what_refers_to_the_missing_is_left_out() {
    let missing = HashSet::from(["m".to_owned()]);
    for (data, expect) in [
        (json!({"a": 1, "b": "bulkId:m", "c": "bulkId:x"}), json!({"a": 1, "c": "bulkId:x"})),
        (
            json!({"members": [{"value": "bulkId:m", "type": "User"}, {"value": "bulkId:x"}, "bulkId:m"]}),
            json!({"members": [{"value": "bulkId:x"}]}),
        ),
        (json!({"members": [{"value": "bulkId:m"}], "none": []}), json!({"none": []})),
        (
            json!({"urn:x:y": {"manager": {"value": "bulkId:m", "displayName": "M"}, "department": "D"}}),
            json!({"urn:x:y": {"department": "D"}}),
        ),
        (json!({"urn:x:y": {"manager": {"value": "bulkId:m"}}, "urn:x:z": {}}), json!({"urn:x:z": {}})),
        (json!(["bulkId:m"]), json!(["bulkId:m"])),
    ] {
        assert_eq!(bulk::without(&data, &missing), expect, "{data}");
    }
}

#[test]
fn responses() {
    let created = Outcome {
        method: Some(Method::Post),
        bulk_id: Some("q".into()),
        location: Some("https://a.example/Users/1".into()),
        version: Some("W/\"1\"".into()),
        status: 201,
        response: None,
    };
    let failed = Outcome {
        method: None,
        bulk_id: None,
        location: None,
        version: None,
        status: 400,
        response: Some(json!({"status": "400"})),
    };
    let expect = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:BulkResponse"],
        "Operations": [
            {"location": "https://a.example/Users/1", "method": "POST", "bulkId": "q", "version": "W/\"1\"", "status": "201"},
            {"status": "400", "response": {"status": "400"}},
        ],
    });
    assert_eq!(bulk::response(vec![created, failed]), expect);
}

/// Requests of operations that refer to each other in any way.
fn tangle() -> impl Strategy<Value = Vec<Value>> {
    let operation = (any::<u8>(), prop::collection::vec(0..24_u8, 0..4));
    prop::collection::vec(operation, 1..24).prop_map(|operations| {
        let one = |(index, (kind, to)): (usize, (u8, Vec<u8>))| {
            let to: Vec<Value> = to.iter().map(|to| json!({"value": format!("bulkId:{to}")})).collect();
            match kind % 6 {
                0 => json!({"method": "PATCH", "path": "/Users/1", "data": {"x": to}}),
                1 => json!({"method": "DELETE", "path": format!("/Users/bulkId:{}", kind % 24)}),
                2 => json!({"method": "POST", "bulkId": index.to_string(), "path": "/nowhere"}),
                _ => json!({"method": "POST", "bulkId": index.to_string(), "path": "/Users", "data": {"x": to}}),
            }
        };
        operations.into_iter().enumerate().map(one).collect()
    })
}

fn anything() -> impl Strategy<Value = Value> {
    let texts = vec![
        "POST",
        "patch",
        "/Users",
        "/Users/1",
        "/Groups/bulkId:a",
        "bulkId:a",
        "bulkId:b",
        "a",
        "b",
        "",
        REQUEST_URN,
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(texts).prop_map(Value::from),
    ];
    let keys = prop::sample::select(vec![
        "schemas",
        "Operations",
        "failOnErrors",
        "method",
        "path",
        "bulkId",
        "data",
        "version",
        "members",
        "a:b",
    ]);
    leaf.prop_recursive(5, 48, 5, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(keys.clone(), inner, 0..7)
                .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn each_operation_is_done_once_and_after_what_it_refers_to(operations in tangle()) {
        let request = parse(json!(operations)).expect("a bulk request");
        let steps = request.schedule();
        let mut creators: HashMap<&str, usize> = HashMap::new();
        for (index, operation) in request.operations.iter().enumerate() {
            let (method, bulk_id) = match operation {
                Ok(operation) => (Some(operation.method), operation.bulk_id.as_deref()),
                Err(malformed) => (malformed.method, malformed.bulk_id.as_deref()),
            };
            if let (Some(Method::Post), Some(bulk_id)) = (method, bulk_id) {
                creators.insert(bulk_id, index);
            }
        }
        let (mut begun, mut done) = (HashSet::new(), HashSet::new());
        for step in steps {
            let index = match step {
                Step::Begin(index) => {
                    let post = request.operations[index].as_ref().is_ok_and(|o| o.method == Method::Post);
                    prop_assert!(post && begun.insert(index) && !done.contains(&index));
                    continue;
                }
                Step::Complete(index) => {
                    prop_assert!(begun.contains(&index));
                    index
                }
                Step::Whole(index) => {
                    prop_assert!(!begun.contains(&index));
                    index
                }
            };
            for reference in request.operations[index].iter().flat_map(bulk::Operation::references) {
                if let Some(creator) = creators.get(reference) {
                    prop_assert!(begun.contains(creator) || done.contains(creator), "{} before {}", index, creator);
                }
            }
            prop_assert!(done.insert(index));
        }
        prop_assert_eq!(done.len(), operations.len());
        prop_assert!(begun.is_subset(&done));
    }

    #[test]
    fn without_leaves_no_reference_to_the_missing(data in anything()) {
        let missing = HashSet::from(["a".to_owned()]);
        let left = bulk::without(&data, &missing);
        if data.is_object() {
            prop_assert!(!bulk::references(&left).contains(&"a"));
            let before = bulk::references(&data).into_iter().filter(|id| *id == "b").count();
            prop_assert!(bulk::references(&left).len() <= before);
        }
        let ids = HashMap::from([("a".to_owned(), "1".to_owned()), ("b".to_owned(), "2".to_owned())]);
        let resolved = bulk::resolve(&data, &ids).expect("both are there");
        prop_assert!(bulk::references(&resolved).is_empty());
    }

    #[test]
    fn no_json_makes_a_bulk_request_panic(body in anything(), operations in prop::collection::vec(anything(), 1..4)) {
        for body in [body, json!({"Operations": operations})] {
            if let Ok(request) = Request::parse(body, &REGISTRY, 3) {
                let steps = request.schedule();
                prop_assert!(steps.len() >= request.operations.len());
            }
        }
    }
}
