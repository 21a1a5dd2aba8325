//! Properties of whatever reads text or JSON that a client wrote.

use crate::{ENTERPRISE, MUSTER, barbara, groups, patch::request, users};
use proptest::prelude::*;
use scim::{
    Document, body,
    filter::{Filter, Hint},
    patch::Patch,
    path::Path,
    projection::Projection,
};
use serde_json::{Value, json};

/// A comparison in a spelling that a client might choose.
fn comparison() -> impl Strategy<Value = String> {
    let text = prop::sample::select(vec![
        "userName",
        "EMAILS.value",
        "externalId",
        "emails",
        "name.familyName",
        "id",
    ]);
    let operator = prop::sample::select(vec!["eq", "Ne", "co", "sw", "EW", "gt", "ge", "lt", "le"]);
    let quoted = any::<String>().prop_map(|text| Value::from(text.get(..).unwrap_or_default()).to_string());
    prop_oneof![
        (text, operator, quoted).prop_map(|(name, operator, literal)| format!("{name} {operator} {literal}")),
        Just("active eq true".to_owned()),
        Just("title pr".to_owned()),
        Just("nickName eq null".to_owned()),
        prop::sample::select(vec!["gt", "ge", "eq", "lt", "ne"])
            .prop_map(|operator| format!("meta.created {operator} \"2011-05-13T04:42:34Z\"")),
        Just("userName eq \"BJensen@example.com\"".to_owned()),
        Just("emails[type eq \"work\"].value eq \"bjensen@example.com\"".to_owned()),
        Just(format!("{ENTERPRISE}:manager.value pr")),
        Just("emails[type eq work and not (primary eq \"True\")].value co \"x\"".to_owned()),
    ]
}

fn expression() -> impl Strategy<Value = String> {
    comparison().prop_recursive(5, 24, 3, |inner| {
        prop_oneof![
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} and {b}")),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| format!("{a} OR  {b}")),
            inner.clone().prop_map(|a| format!("( {a} )")),
            inner.prop_map(|a| format!("not ({a})")),
        ]
    })
}

/// Text made of what filters and paths are made of, in any order.
fn soup() -> impl Strategy<Value = String> {
    let pieces = vec![
        "emails", "userName", "[", "]", "(", ")", "\"", "\\", " ", ".", ".value", "type", "eq", "pr", "and",
        "or", "not", "\"a\"", "true", "null", "1e5", "é", "\u{0}", ENTERPRISE, ":", "manager", "members",
        "$ref",
    ];
    prop::collection::vec(prop::sample::select(pieces), 0..24).prop_map(|pieces| pieces.concat())
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        prop::sample::select(vec!["", "a", "True", "work", "u1"]).prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let keys = prop::sample::select(vec![
            "value",
            "type",
            "primary",
            "name",
            "emails",
            "title",
            "members",
            "id",
            "schemas",
            "name.givenName",
            "emails[type eq \"work\"].value",
            "password",
            ENTERPRISE,
            MUSTER,
            "manager",
            "active",
            "nope",
        ]);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::hash_map(keys, inner, 0..4)
                .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

fn operation() -> impl Strategy<Value = Value> {
    let op = prop::sample::select(vec!["add", "Replace", "remove"]);
    let path = prop_oneof![
        4 => prop::sample::select(vec![
            "title", "emails", "emails.value", "emails[type eq \"work\"]", "emails[type eq \"x\"].value", "name",
            "name.givenName", "members", "members[value eq \"u1\"]", "userName", "password", "roles[primary eq true]", MUSTER,
        ]).prop_map(|path| Some(path.to_owned())),
        1 => soup().prop_map(Some),
        1 => Just(None),
    ];
    (op, path, value()).prop_map(|(op, path, value)| match path {
        Some(path) => json!({"op": op, "path": path, "value": value}),
        None => json!({"op": op, "value": value}),
    })
}

/// An operation that a client with its wits about it would send.
fn sensible() -> impl Strategy<Value = Value> {
    let mail = (prop::sample::select(vec!["a", "b", "babs@jensen.org"]), any::<bool>());
    let one = |op: &'static str, path: &'static str, value: Value| {
        Just(json!({"op": op, "path": path, "value": value}))
    };
    prop_oneof![
        "[a-c]?".prop_map(|title| json!({"op": "replace", "path": "title", "value": title})),
        "[a-c]".prop_map(|name| json!({"op": "Add", "path": "name.givenName", "value": name})),
        "[a-c]".prop_map(|name| json!({"op": "replace", "value": {"userName": name, "name": {"middleName": "M"}}})),
        mail.prop_map(|(value, primary)| json!({"op": "add", "path": "emails", "value": [{"value": value, "primary": primary}]})),
        one("replace", "emails[type eq \"work\"].value", json!("w")),
        one("replace", "emails[type eq \"work\"]", json!({"value": "v", "display": "V"})),
        one("replace", "emails[value pr].display", json!("D")),
        one("replace", "emails[value pr]", json!({"value": "v"})),
        one("add", "ims[type eq \"xmpp\"].value", json!("i")),
        one("remove", "emails[primary eq true]", Value::Null),
        one("remove", "emails", json!([{"value": "babs@jensen.org"}])),
        one("remove", "roles", Value::Null),
        one("remove", "name.familyName", Value::Null),
        one("remove", ENTERPRISE, Value::Null),
        one("add", MUSTER, json!({"division": "D", "validTo": null})),
    ]
}

/// The operations that lead from one document back to another.
fn way_back(from: &Document, to: &Document) -> Vec<Value> {
    let mut operations = Vec::new();
    for name in
        from.keys().chain(to.keys()).filter(|name| *name != "schemas" && from.get(*name) != to.get(*name))
    {
        // Removed first, for what is replaced keeps the parts that are not named. A user is never without a name.
        if name != "userName" {
            operations.push(json!({"op": "remove", "path": name}));
        }
        operations.extend(to.get(name).map(|value| json!({"op": "add", "path": name, "value": value})));
    }
    operations
}

proptest! {
    #[test]
    fn a_filter_prints_as_a_filter(text in expression()) {
        let filter = Filter::parse(&text, users()).expect("built to be valid");
        let printed = filter.to_string();
        let again = Filter::parse(&printed, users()).expect("printed to be valid");
        prop_assert_eq!(&again, &filter, "{}", printed);
        prop_assert_eq!(again.matches(&barbara()), filter.matches(&barbara()));
    }

    #[test]
    fn a_match_satisfies_the_hints_of_an_alternative(text in expression()) {
        let filter = Filter::parse(&text, users()).expect("built to be valid");
        let satisfied = |hint: &Hint<'_>| {
            let one = match hint {
                Hint::Equal { key, text } => format!("{key} eq {}", Value::from(*text)),
                Hint::Since { key, at } => format!("{key} ge \"{at}\""),
            };
            Filter::parse(&one, users()).expect("a comparison").matches(&barbara())
        };
        let any = filter.alternatives().iter().any(|hints| hints.iter().all(satisfied));
        prop_assert!(any || !filter.matches(&barbara()), "{}", filter);
    }

    #[test]
    fn no_text_makes_filters_or_paths_panic(text in prop_oneof![any::<String>(), soup()]) {
        if let Ok(filter) = Filter::parse(&text, users()) {
            filter.matches(&barbara());
            filter.alternatives();
            filter.members();
            filter.alternatives();
        }
        if let Ok(path) = Path::parse(&text, groups()) {
            prop_assert_eq!(Path::parse(&path.to_string(), groups()), Ok(path));
        }
    }

    #[test]
    fn no_body_panics_and_what_is_created_stays_the_same(mut body in value(), name in "[a-z]{0,3}") {
        if let Some(map) = body.as_object_mut() {
            map.shift_remove("nope");
            map.insert("userName".into(), name.into());
        }
        if let Ok(document) = body::create(users(), body) {
            let again = body::create(users(), Value::Object(document.clone())).expect("its own output");
            prop_assert_eq!(serde_json::to_string(&again).ok(), serde_json::to_string(&document).ok());
        }
    }

    #[test]
    fn a_patch_is_all_or_nothing(operations in prop::collection::vec(prop_oneof![sensible(), operation()], 1..5)) {
        for resource_type in [users(), groups()] {
            let Ok(patch) = Patch::parse(&request(json!(operations)), resource_type) else { continue };
            let mut document = barbara();
            let before = serde_json::to_string(&document).ok();
            let result = patch.apply(&mut document);
            let kept = serde_json::to_string(&document).ok() == before;
            prop_assert_eq!(kept, result != Ok(true));
            if result == Ok(true) && resource_type == users() {
                // What a patch leaves behind is what a body may say.
                let mut again = body::create(users(), Value::Object(document.clone())).expect("still valid");
                again.extend(["id", "meta"].map(|name| (name.to_owned(), document[name].clone())));
                prop_assert_eq!(&again, &document);
            }
        }
    }

    #[test]
    fn a_patch_can_be_taken_back(operations in prop::collection::vec(prop_oneof![3 => sensible(), 1 => operation()], 1..6)) {
        let before = barbara();
        let mut document = before.clone();
        let patched = Patch::parse(&request(json!(operations)), users()).and_then(|patch| patch.apply(&mut document));
        if patched == Ok(true) {
            let back = Patch::parse(&request(json!(way_back(&document, &before))), users()).expect("valid");
            prop_assert_eq!(back.apply(&mut document), Ok(true));
            prop_assert_eq!(serde_json::to_string(&document).ok(), serde_json::to_string(&before).ok());
        }
    }

    #[test]
    fn no_projection_yields_the_password(
        wanted in prop::option::of(prop_oneof![soup(), Just("password,PASSWORD,name".to_owned())]),
        unwanted in prop::option::of(soup()),
    ) {
        let mut user = barbara();
        user.insert("password".into(), json!("secret"));
        Projection::parse(wanted.as_deref(), unwanted.as_deref(), users()).expect("valid").apply(&mut user);
        prop_assert!(!serde_json::to_string(&user).expect("text").contains("secret"));
        prop_assert!(user.contains_key("id") && user.contains_key("schemas"));
    }
}
