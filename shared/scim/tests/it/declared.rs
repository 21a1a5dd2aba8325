//! Declared attributes are honoured wherever built-in ones are: bodies, PATCH, filters, answers. Each case is tried
//! on a type of its own, on an extension of users, and on a sub-attribute.

use crate::{
    REGISTRY,
    declarations::{BADGE, DEVICE, device_type, schema, user_type},
    patch::apply,
    stored,
};
use scim::{
    Document, ErrorKind, body,
    filter::Filter,
    projection::Projection,
    schema::{Registry, ResourceType},
};
use serde_json::{Value, json};

/// Where an attribute `x` can stand.
#[derive(Debug, Clone, Copy)]
enum Position {
    Core,
    Extension,
    Sub,
    SubOfExtension,
}

const POSITIONS: [Position; 4] =
    [Position::Core, Position::Extension, Position::Sub, Position::SubOfExtension];

impl Position {
    fn is_sub(self) -> bool {
        matches!(self, Self::Sub | Self::SubOfExtension)
    }

    fn is_core(self) -> bool {
        matches!(self, Self::Core | Self::Sub)
    }

    fn path(self) -> String {
        let name = if self.is_sub() { "c.x" } else { "x" };
        if self.is_core() { name.to_owned() } else { format!("{BADGE}:{name}") }
    }

    /// Where `x` lies in a resource, as a JSON pointer.
    fn pointer(self) -> String {
        let urn = if self.is_core() { String::new() } else { format!("/{BADGE}") };
        let name = if self.is_sub() { "/c/x" } else { "/x" };
        urn + name
    }

    /// The body of a resource with this `x`; beside it stands `z`.
    fn body(self, x: Value) -> Value {
        let mut attributes = json!({"x": x, "z": "z"});
        if self.is_sub() {
            attributes = json!({"c": attributes});
        }
        if self.is_core() { attributes } else { json!({"userName": "u", (BADGE): attributes}) }
    }
}

/// The types with `x` of these characteristics.
fn registry(position: Position, characteristics: &Value) -> Registry {
    let mut x = json!({"name": "x"});
    x.as_object_mut().expect("object").extend(characteristics.as_object().expect("object").clone());
    let mut attributes = json!([x, {"name": "z", "type": "string"}]);
    if position.is_sub() {
        attributes = json!([{"name": "c", "type": "complex", "subAttributes": attributes}]);
    }
    let documents = if position.is_core() {
        [schema(DEVICE, attributes), device_type()]
    } else {
        [schema(BADGE, attributes), user_type(json!([{"schema": BADGE}]))]
    };
    REGISTRY.declare(&documents).expect("valid")
}

fn of(registry: &Registry, position: Position) -> &ResourceType {
    registry.by_name(if position.is_core() { "Device" } else { "User" }).expect("declared")
}

/// Tries something with `x` of these characteristics in every position.
#[track_caller]
fn everywhere(characteristics: &Value, check: impl Fn(Position, &ResourceType)) {
    for position in POSITIONS {
        check(position, of(&registry(position, characteristics), position));
    }
}

fn x(position: Position, document: &Document) -> Option<Value> {
    Value::Object(document.clone()).pointer(&position.pointer()).cloned()
}

/// A value comes by POST, PUT and PATCH as `expect`, and is found by the filter on the path of `x`.
#[track_caller]
fn accept(characteristics: Value, sent: Value, expect: Value, filter: &str) {
    everywhere(&characteristics, |position, resource_type| {
        let created = stored(resource_type, position.body(sent.clone()));
        assert_eq!(x(position, &created), Some(expect.clone()), "{position:?} by POST");
        let replaced = body::replace(resource_type, &created, position.body(sent.clone())).expect("a PUT");
        assert_eq!(x(position, &replaced), Some(expect.clone()), "{position:?} by PUT");
        let mut patched = stored(resource_type, position.body(Value::Null));
        let operation = json!([{"op": "replace", "path": position.path(), "value": sent}]);
        assert_eq!(apply(resource_type, &mut patched, operation), Ok(true), "{position:?}");
        assert_eq!(x(position, &patched), Some(expect.clone()), "{position:?} by PATCH");
        let text = format!("{} {filter}", position.path());
        assert!(Filter::parse(&text, resource_type).expect(&text).matches(&created), "{position:?}: {text}");
    });
}

/// A value is refused by POST and PATCH alike, in words that contain these.
#[track_caller]
fn refuse(characteristics: Value, sent: Value, words: &[&str]) {
    everywhere(&characteristics, |position, resource_type| {
        let by_post = body::create(resource_type, position.body(sent.clone())).expect_err("refused");
        let mut document = stored(resource_type, position.body(Value::Null));
        let operation = json!([{"op": "add", "path": position.path(), "value": sent}]);
        let by_patch = apply(resource_type, &mut document, operation).expect_err("refused");
        for error in [by_post, by_patch] {
            assert_eq!(error.kind, ErrorKind::InvalidValue, "{position:?}: {error}");
            for word in words.iter().copied().chain([position.path().as_str()]) {
                assert!(error.detail.contains(word), "{position:?}: {error} does not say {word}");
            }
        }
    });
}

#[test]
fn kinds() {
    let of = |kind: &str| json!({"type": kind});
    accept(of("string"), json!("Aé"), json!("Aé"), "eq \"aÉ\"");
    accept(of("boolean"), json!(true), json!(true), "eq true");
    accept(of("boolean"), json!("False"), json!(false), "ne true");
    accept(of("decimal"), json!(2.5), json!(2.5), "gt 2");
    accept(of("integer"), json!(-7), json!(-7), "le -7");
    accept(
        of("dateTime"),
        json!("2026-01-31T08:30:00+01:00"),
        json!("2026-01-31T08:30:00+01:00"),
        "eq \"2026-01-31T07:30:00Z\"",
    );
    accept(of("binary"), json!("AQID"), json!("AQID"), "eq \"AQID\"");
    accept(of("reference"), json!("https://a.example/x"), json!("https://a.example/x"), "sw \"https\"");
    accept(json!({"type": "string", "multiValued": true}), json!(["a", "b"]), json!(["a", "b"]), "eq \"B\"");
    refuse(of("string"), json!(1), &["a string", "1"]);
    refuse(of("boolean"), json!("maybe"), &["a boolean"]);
    refuse(of("decimal"), json!("2.5"), &["decimal"]);
    refuse(of("integer"), json!(2.5), &["an integer"]);
    refuse(of("dateTime"), json!("2026-01-31"), &["dateTime"]);
    refuse(of("binary"), json!("&"), &["base 64"]);
    refuse(of("reference"), json!(["a"]), &["a reference"]);
}

#[test]
fn case() {
    let of = |exact: bool| json!({"type": "string", "caseExact": exact});
    accept(of(true), json!("Aa"), json!("Aa"), "eq \"Aa\"");
    accept(of(true), json!("Aa"), json!("Aa"), "ne \"aa\"");
    accept(of(false), json!("Aa"), json!("Aa"), "eq \"aA\"");
}

#[test]
fn canonical_values_are_all_there_are() {
    let of = |exact: bool| json!({"type": "string", "caseExact": exact, "canonicalValues": ["Gold", "Silver", "Blau-Weiß"]});
    accept(of(false), json!("GOLD"), json!("Gold"), "eq \"gold\"");
    accept(of(false), json!("Silver"), json!("Silver"), "pr");
    accept(of(true), json!("Gold"), json!("Gold"), "eq \"Gold\"");
    refuse(of(false), json!("bronze"), &["one of \"Gold\", \"Silver\", \"Blau-Weiß\"", "not \"bronze\""]);
    refuse(of(true), json!("gold"), &["one of \"Gold\""]);
    let many: Vec<String> = (0..200).map(|n| format!("v{n}")).collect();
    refuse(json!({"type": "string", "canonicalValues": many}), json!("w"), &["\"v9\", …"]);
    accept(
        json!({"type": "string", "multiValued": true, "canonicalValues": ["A", "B"]}),
        json!(["b", "a", "B"]),
        json!(["B", "A"]),
        "eq \"a\"",
    );
    // What is not given is not held against the list.
    everywhere(&of(false), |position, resource_type| {
        assert_eq!(x(position, &stored(resource_type, position.body(Value::Null))), None);
    });
}

/// A filter that selects nothing describes an element; it gets the declared spelling, or is refused.
#[test]
fn an_element_that_a_path_describes_has_canonical_values() {
    let subs = json!([{"name": "type", "type": "string", "canonicalValues": ["Work", "Home"]},
                      {"name": "value", "type": "string"}]);
    let lines = json!([{"name": "lines", "type": "complex", "multiValued": true, "subAttributes": subs}]);
    let registry = REGISTRY.declare(&[schema(DEVICE, lines), device_type()]).expect("valid");
    let devices = registry.by_name("Device").expect("declared");
    let patch = |path: &str| {
        let mut device = stored(devices, json!({"lines": [{"type": "HOME", "value": "1"}]}));
        let operation = json!([{"op": "add", "path": path, "value": "2"}]);
        apply(devices, &mut device, operation).map(|_| device["lines"].clone())
    };
    let both = json!([{"type": "Home", "value": "1"}, {"type": "Work", "value": "2"}]);
    assert_eq!(patch("lines[type eq \"WORK\"].value"), Ok(both));
    assert_eq!(patch("lines[type eq \"home\"].value"), Ok(json!([{"type": "Home", "value": "2"}])));
    assert_eq!(patch("lines[type eq \"x\"].value").expect_err("refused").kind, ErrorKind::InvalidValue);
}

#[test]
fn built_in_values_are_suggestions() {
    let users = REGISTRY.by_name("User").expect("built in");
    let user = stored(users, json!({"userName": "u", "emails": [{"value": "a", "type": "WORK"}]}));
    assert_eq!(user["emails"], json!([{"value": "a", "type": "WORK"}]));
}

#[test]
fn required() {
    everywhere(&json!({"type": "string", "required": true}), |position, resource_type| {
        let missing = body::create(resource_type, position.body(Value::Null)).expect_err("refused");
        assert_eq!(missing.kind, ErrorKind::InvalidValue, "{position:?}");
        assert!(missing.detail.contains(&format!("{} is required", position.path())), "{missing}");
        let mut document = stored(resource_type, position.body(json!("1")));
        let put = body::replace(resource_type, &document, position.body(json!(""))).expect_err("refused");
        assert_eq!(put.kind, ErrorKind::InvalidValue, "{position:?}");
        for operation in [
            json!({"op": "remove", "path": position.path()}),
            json!({"op": "replace", "path": position.path(), "value": ""}),
        ] {
            let error = apply(resource_type, &mut document, json!([operation])).expect_err("refused");
            assert!(error.detail.contains(&format!("{} is required", position.path())), "{error}");
        }
        assert_eq!(
            apply(
                resource_type,
                &mut document,
                json!([{"op": "replace", "path": position.path(), "value": "2"}])
            ),
            Ok(true)
        );
    });
}

#[test]
fn read_only() {
    everywhere(&json!({"type": "string", "mutability": "readOnly"}), |position, resource_type| {
        let mut document = stored(resource_type, position.body(json!("1")));
        assert_eq!(x(position, &document), None, "{position:?}: what the client sends is dropped");
        let operation = json!([{"op": "add", "path": position.path(), "value": "2"}]);
        let error = apply(resource_type, &mut document, operation).expect_err("refused");
        assert_eq!(error.kind, ErrorKind::Mutability, "{position:?}");
        // What the server set stays.
        let mut kept = Value::Object(document);
        let (parent, name) =
            position.pointer().rsplit_once('/').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("");
        kept.pointer_mut(&parent).expect("z is there")[name] = json!("server");
        let kept = kept.as_object().expect("object").clone();
        let mut sent = position.body(json!("other"));
        if position.is_sub() {
            // Derived from the rest of the value, it stays only while that does.
            sent = Value::Object(kept.clone());
        }
        let put = body::replace(resource_type, &kept, sent).expect("accepted");
        assert_eq!(x(position, &put), Some(json!("server")), "{position:?}");
    });
}

#[test]
fn immutable() {
    everywhere(&json!({"type": "string", "mutability": "immutable"}), |position, resource_type| {
        let mut document = stored(resource_type, position.body(Value::Null));
        let set = |value: &str| json!([{"op": "replace", "path": position.path(), "value": value}]);
        assert_eq!(apply(resource_type, &mut document, set("1")), Ok(true), "{position:?}: set once");
        assert_eq!(apply(resource_type, &mut document, set("1")), Ok(false), "{position:?}: the same again");
        let remove = json!([{"op": "remove", "path": position.path()}]);
        for operations in [set("2"), remove] {
            let error = apply(resource_type, &mut document, operations).expect_err("refused");
            assert_eq!(error.kind, ErrorKind::Mutability, "{position:?}: {error}");
        }
        let other = body::replace(resource_type, &document, position.body(json!("2"))).expect_err("refused");
        assert_eq!(other.kind, ErrorKind::Mutability, "{position:?}");
        let put = body::replace(resource_type, &document, position.body(Value::Null)).expect("accepted");
        assert_eq!(x(position, &put), Some(json!("1")), "{position:?}: an absent one stays");
    });
}

#[test]
fn write_only() {
    let secret = json!({"type": "string", "mutability": "writeOnly", "returned": "never"});
    everywhere(&secret, |position, resource_type| {
        let document = stored(resource_type, position.body(json!("1")));
        assert_eq!(x(position, &document), Some(json!("1")), "{position:?}: it is stored");
        let put = body::replace(resource_type, &document, position.body(Value::Null)).expect("accepted");
        assert_eq!(x(position, &put), Some(json!("1")), "{position:?}: nobody could send it back");
        let put = body::replace(resource_type, &document, position.body(json!("2"))).expect("accepted");
        assert_eq!(x(position, &put), Some(json!("2")), "{position:?}");
        let error =
            Filter::parse(&format!("{} eq \"1\"", position.path()), resource_type).expect_err("hidden");
        assert_eq!(error.kind, ErrorKind::InvalidFilter);
    });
}

#[test]
fn write_only_parts_of_elements_stay_with_their_element() {
    let subs = json!([{"name": "value", "type": "string"}, {"name": "label", "type": "string"},
        {"name": "pin", "type": "string", "mutability": "writeOnly", "returned": "never"}]);
    let keys = json!([{"name": "keys", "type": "complex", "multiValued": true, "subAttributes": subs}]);
    let registry = REGISTRY.declare(&[schema(DEVICE, keys), device_type()]).expect("valid");
    let devices = registry.by_name("Device").expect("declared");
    let device = stored(devices, json!({"keys": [{"value": "a", "pin": "1"}, {"value": "b", "pin": "2"}]}));
    let sent = json!({"keys": [{"value": "B", "label": "new"}, {"value": "a", "pin": "3"}, {"value": "c"}]});
    let put = body::replace(devices, &device, sent).expect("accepted");
    let expect =
        json!([{"value": "B", "label": "new", "pin": "2"}, {"value": "a", "pin": "3"}, {"value": "c"}]);
    assert_eq!(put["keys"], expect);
    for text in ["keys[pin eq \"1\"]", "keys.pin sw \"1\"", "keys.pin pr"] {
        assert_eq!(Filter::parse(text, devices).expect_err(text).kind, ErrorKind::InvalidFilter);
    }
}

/// Whether `x` is in the answer: to a client that asks for nothing, for `x`, for what holds it, and without `x`.
#[track_caller]
fn check_returned(returned: &str, [by_default, by_name, by_holder, excluded]: [bool; 4]) {
    everywhere(&json!({"type": "string", "returned": returned}), |position, resource_type| {
        let document = stored(resource_type, position.body(json!("1")));
        let shown = |attributes: Option<&str>, without: Option<&str>| {
            let mut shown = document.clone();
            Projection::parse(attributes, without, resource_type).expect("valid").apply(&mut shown);
            x(position, &shown).is_some()
        };
        let path = position.path();
        assert_eq!(shown(None, None), by_default, "{position:?} asked for nothing");
        assert_eq!(shown(Some(&path), None), by_name, "{position:?} asked for it");
        if position.is_sub() {
            let holder = path.trim_end_matches(".x");
            assert_eq!(shown(Some(holder), None), by_holder, "{position:?} asked for what holds it");
        }
        assert_eq!(shown(None, Some(&path)), excluded, "{position:?} asked for all but it");
        assert_eq!(resource_type.is_plain(), by_default, "{position:?}");
    });
}

#[test]
fn returned() {
    check_returned("always", [true, true, true, true]);
    check_returned("never", [false, false, false, false]);
    check_returned("default", [true, true, true, false]);
    check_returned("request", [false, true, false, false]);
}

#[test]
fn plain_types() {
    let types = REGISTRY.resource_types().iter();
    assert!(types.into_iter().all(ResourceType::is_plain), "the built-in ones");
    // What no client can set is not stored with the rest.
    everywhere(
        &json!({"type": "string", "mutability": "readOnly", "returned": "request"}),
        |_, resource_type| {
            assert!(resource_type.is_plain());
        },
    );
}

/// The document of `/Schemas` says what was declared.
#[test]
fn discovery() {
    let sent = json!({"name": "x", "type": "reference", "multiValued": true, "description": "X.", "required": true,
        "canonicalValues": ["a", "b"], "caseExact": false, "mutability": "immutable", "returned": "request",
        "uniqueness": "global", "referenceTypes": ["User", "Device"]});
    let registry = REGISTRY.declare(&[schema(DEVICE, json!([sent])), device_type()]).expect("valid");
    assert_eq!(registry.schema(DEVICE).expect("declared").to_json()["attributes"], json!([sent]));
    let device = registry.by_name("Device").expect("declared").to_json();
    assert_eq!((&device["endpoint"], &device["schema"]), (&json!("/Devices"), &json!(DEVICE)));
}
