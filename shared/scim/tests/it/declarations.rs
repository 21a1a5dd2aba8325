//! Documents in which an operator declares schemas and resource types: what is taken, what is refused and where.

use crate::{ENTERPRISE, MUSTER, REGISTRY};
use proptest::prelude::*;
use scim::schema::{Kind, Mutability, Registry, Schema};
use serde_json::{Value, json};

const SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Schema";
const RESOURCE_TYPE: &str = "urn:ietf:params:scim:schemas:core:2.0:ResourceType";
pub(crate) const DEVICE: &str = "urn:example:params:Device:1.0";
pub(crate) const BADGE: &str = "urn:example:params:Badge:1.0";

pub(crate) fn schema(id: &str, attributes: Value) -> Value {
    json!({"schemas": [SCHEMA], "id": id, "name": "Name", "description": "D.", "attributes": attributes})
}

pub(crate) fn device_type() -> Value {
    json!({"schemas": [RESOURCE_TYPE], "name": "Device", "endpoint": "/Devices", "schema": DEVICE})
}

pub(crate) fn user_type(extensions: Value) -> Value {
    json!({"schemas": [RESOURCE_TYPE], "name": "User", "schemaExtensions": extensions})
}

fn text(name: &str) -> Value {
    json!({"name": name, "type": "string"})
}

/// Refused at that place, in words that contain these.
#[track_caller]
fn refuse(documents: Value, document: usize, path: &str, words: &[&str]) {
    let documents = documents.as_array().expect("an array");
    let error = REGISTRY.declare(documents).expect_err("refused");
    assert_eq!((error.document, error.path.as_str()), (document, path), "{error}");
    for word in words {
        assert!(error.detail.contains(word), "{error} does not say {word}");
    }
    assert!(error.to_string().starts_with(&format!("documents[{document}]")), "{error}");
}

/// An attribute that is refused at that member, wherever it stands.
#[track_caller]
fn refuse_attribute(attribute: Value, member: &str, words: &[&str]) {
    let dot = if member.is_empty() || member.starts_with('[') { "" } else { "." };
    let whole = json!([schema(DEVICE, json!([text("a"), attribute])), device_type()]);
    refuse(whole, 0, &format!("attributes[1]{dot}{member}"), words);
    if attribute.get("subAttributes").is_none() && attribute.get("type") != Some(&json!("complex")) {
        let sub = json!({"name": "c", "type": "complex", "subAttributes": [text("a"), attribute]});
        let whole = json!([schema(DEVICE, json!([sub])), device_type()]);
        refuse(whole, 0, &format!("attributes[0].subAttributes[1]{dot}{member}"), words);
    }
}

#[test]
fn a_type_of_its_own_and_an_extension_of_users() {
    let badge = schema(BADGE, json!([text("number")]));
    let documents = [
        device_type(),
        user_type(json!([{"schema": BADGE.to_uppercase(), "required": true}])),
        badge,
        schema(DEVICE, json!([text("serial")])),
    ];
    let registry = REGISTRY.declare(&documents).expect("valid");
    let names: Vec<&str> = registry.resource_types().iter().map(|t| t.name.as_str()).collect();
    assert_eq!(names, ["User", "Group", "Device"]);
    assert_eq!(registry.by_endpoint("Devices").map(|t| t.schema.id.as_str()), Some(DEVICE));
    let extensions = &registry.by_name("User").expect("built in").extensions;
    let urns: Vec<(&str, bool)> = extensions.iter().map(|e| (e.schema.id.as_str(), e.required)).collect();
    assert_eq!(urns, [(ENTERPRISE, false), (MUSTER, false), (BADGE, true)]);
    assert_eq!(registry.schemas().len(), REGISTRY.schemas().len() + 2);
    // What is declared can be added to in turn.
    let more = schema("urn:example:params:More:1.0", json!([text("m")]));
    let again = json!({"schemas": [RESOURCE_TYPE], "name": "Device", "description": "Things that people carry.",
        "schemaExtensions": [{"schema": "urn:example:params:More:1.0"}, {"schema": ENTERPRISE}]});
    let registry = registry.declare(&[more, again]).expect("valid");
    let device = registry.by_name("Device").expect("declared");
    assert_eq!((device.extensions.len(), device.description.as_str()), (2, "Things that people carry."));
    assert_eq!(REGISTRY.declare(&[]), Ok(Registry::builtin()));
}

#[test]
fn what_is_left_out_has_the_defaults_of_the_rfc() {
    let schema =
        Schema::from_json(&json!({"schemas": [SCHEMA.to_lowercase()], "id": DEVICE, "meta": {"x": 1},
        "ATTRIBUTES": [text("a"), {"name": "$ref", "type": "Reference", "description": null}]}))
        .expect("valid");
    assert_eq!((schema.name.as_str(), schema.description.as_str()), ("1.0", ""));
    let attribute = schema.attribute("A").expect("declared");
    assert_eq!(attribute.mutability, Mutability::ReadWrite);
    assert!(!attribute.required && !attribute.multi_valued && !attribute.case_exact && !attribute.closed);
    assert!(schema.attribute("$ref").is_some_and(|a| a.kind == Kind::Reference && a.case_exact));
}

#[test]
fn attributes_that_are_refused() {
    for wrong in [json!(1), json!([]), json!(null), json!("a")] {
        refuse_attribute(wrong, "", &["object"]);
    }
    refuse_attribute(
        json!({"name": "x", "type": "string", "multivalue": true}),
        "",
        &["did you mean multiValued"],
    );
    refuse_attribute(json!({"name": "x", "type": "string", "id": 1}), "", &["\"id\"", "it has name, type"]);
    refuse_attribute(json!({"name": "x", "NAME": "y", "type": "string"}), "name", &["more than once"]);
    refuse_attribute(json!({"type": "string"}), "name", &["required"]);
    refuse_attribute(json!({"name": "x"}), "type", &["required"]);
    refuse_attribute(json!({"name": "A", "type": "string"}), "name", &["twice", "case"]);
    for name in ["", "1a", "a.b", "a b", "a:b", "ä", "$a", "-a", "_a", "a[", "a\"b"] {
        refuse_attribute(json!({"name": name, "type": "string"}), "name", &["a letter"]);
    }
    refuse_attribute(json!({"name": "x".repeat(65), "type": "string"}), "name", &["64"]);
    refuse_attribute(json!({"name": "x", "type": "text"}), "type", &["string, boolean", "\"text\""]);
    refuse_attribute(json!({"name": "x", "type": 1}), "type", &["string"]);
    refuse_attribute(
        json!({"name": "x", "type": "string", "required": "yes"}),
        "required",
        &["true or false"],
    );
    refuse_attribute(
        json!({"name": "x", "type": "string", "mutability": "rw"}),
        "mutability",
        &["readWrite"],
    );
    refuse_attribute(json!({"name": "x", "type": "string", "returned": "no"}), "returned", &["never"]);
    refuse_attribute(json!({"name": "x", "type": "string", "uniqueness": true}), "uniqueness", &["string"]);
    refuse_attribute(
        json!({"name": "x", "type": "integer", "canonicalValues": ["1"]}),
        "canonicalValues",
        &["integer"],
    );
    refuse_attribute(
        json!({"name": "x", "type": "string", "canonicalValues": ["a", "A"]}),
        "canonicalValues[1]",
        &["repeat"],
    );
    refuse_attribute(
        json!({"name": "x", "type": "string", "canonicalValues": [""]}),
        "canonicalValues[0]",
        &["empty"],
    );
    refuse_attribute(
        json!({"name": "x", "type": "string", "canonicalValues": [1]}),
        "canonicalValues[0]",
        &["string"],
    );
    let many: Vec<String> = (0..201).map(|n| n.to_string()).collect();
    refuse_attribute(
        json!({"name": "x", "type": "string", "canonicalValues": many}),
        "canonicalValues",
        &["200"],
    );
    refuse_attribute(
        json!({"name": "x", "type": "string", "referenceTypes": ["User"]}),
        "referenceTypes",
        &["reference"],
    );
    refuse_attribute(
        json!({"name": "x", "type": "reference", "referenceTypes": ["external", "Usr"]}),
        "referenceTypes[1]",
        &["did you mean User"],
    );
    refuse_attribute(json!({"name": "x", "type": "binary", "caseExact": false}), "caseExact", &["base 64"]);
    refuse_attribute(json!({"name": "x", "type": "boolean", "caseExact": true}), "caseExact", &["boolean"]);
    refuse_attribute(
        json!({"name": "x", "type": "string", "description": "x".repeat(2_001)}),
        "description",
        &["2000"],
    );
}

#[test]
fn contradictions_are_refused() {
    let refuse = |more: Value, member: &str, words: &[&str]| {
        let mut attribute = json!({"name": "x", "type": "string"});
        attribute.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
        refuse_attribute(attribute, member, words);
    };
    refuse(json!({"required": true, "mutability": "readOnly"}), "required", &["readOnly"]);
    refuse(json!({"mutability": "writeOnly"}), "returned", &["never"]);
    refuse(json!({"mutability": "writeOnly", "returned": "request"}), "returned", &["never"]);
    for kind in ["boolean", "binary"] {
        refuse(json!({"type": kind, "uniqueness": "server"}), "uniqueness", &[kind]);
    }
    refuse(
        json!({"type": "complex", "uniqueness": "global", "subAttributes": [text("a")]}),
        "uniqueness",
        &["complex"],
    );
    refuse(json!({"type": "complex"}), "subAttributes", &["required"]);
    refuse(json!({"type": "complex", "subAttributes": []}), "subAttributes", &["required"]);
    refuse(json!({"subAttributes": [text("a")]}), "subAttributes", &["only complex"]);
    let inner = json!({"name": "y", "type": "complex", "subAttributes": [text("a")]});
    refuse(json!({"type": "complex", "subAttributes": [inner]}), "subAttributes[0].type", &["complex"]);
    let many: Vec<Value> = (0..51).map(|n| text(&format!("s{n}"))).collect();
    refuse(json!({"type": "complex", "subAttributes": many}), "subAttributes", &["50"]);
}

#[test]
fn schemas_that_are_refused() {
    let one = |id: &str| json!([schema(id, json!([text("a")])), device_type()]);
    for id in [
        "",
        "x",
        "urn:",
        "urn:x:y",
        "urn:-x:y",
        "urn:example",
        "urn:example:",
        "urn:example:a:",
        "http://a.b/c",
    ] {
        refuse(one(id), 0, "id", &["must be a URN"]);
    }
    for id in ["urn:example:a b", "urn:example:a,b", "urn:example:(a)", "urn:example:a[b]", "urn:example:ä"]
    {
        refuse(one(id), 0, "id", &["must be a URN"]);
    }
    refuse(one(&format!("urn:example:{}", "x".repeat(250))), 0, "id", &["255"]);
    refuse(one("URN:ietf:params:scim:schemas:core:2.0:User"), 0, "id", &["standard"]);
    refuse(one("urn:ietf:params:scim:api:messages:2.0:PatchOp"), 0, "id", &["standard"]);
    refuse(one(&ENTERPRISE.to_uppercase()), 0, "id", &["another schema"]);
    refuse(one(&format!("{MUSTER}:more")), 0, "id", &["ambiguous"]);
    let twice =
        json!([device_type(), schema(DEVICE, json!([text("a")])), schema(DEVICE, json!([text("b")]))]);
    refuse(twice, 2, "id", &["another schema"]);
    refuse(json!([schema(DEVICE, json!([]))]), 0, "attributes", &["at least one"]);
    refuse(json!([schema(DEVICE, json!({}))]), 0, "attributes", &["array"]);
    let many: Vec<Value> = (0..201).map(|n| text(&format!("a{n}"))).collect();
    refuse(json!([schema(DEVICE, json!(many))]), 0, "attributes", &["201", "200"]);
    for name in ["schemas", "ID", "externalId", "meta"] {
        let documents = json!([device_type(), schema(DEVICE, json!([text("a"), text(name)]))]);
        refuse(documents, 1, "attributes[1].name", &["every resource"]);
    }
    let documents = json!([schema(BADGE, json!([text("schemas")])), user_type(json!([{"schema": BADGE}]))]);
    refuse(documents, 0, "attributes[0].name", &["every resource"]);
    refuse(json!([schema(DEVICE, json!([text("a")]))]), 0, "id", &["of no use"]);
    let mut odd = schema(DEVICE, json!([text("a")]));
    odd["attribute"] = json!(1);
    refuse(json!([odd]), 0, "", &["did you mean attributes"]);
    for wrong in [json!(1), json!([])] {
        refuse(json!([wrong]), 0, "", &["JSON object"]);
    }
    for schemas in [json!(null), json!([]), json!(SCHEMA), json!([SCHEMA, RESOURCE_TYPE]), json!([DEVICE])] {
        refuse(json!([{"schemas": schemas, "id": DEVICE}]), 0, "schemas", &[SCHEMA, RESOURCE_TYPE]);
    }
    refuse(json!(vec![device_type(); 65]), 64, "", &["64"]);
    let error = Schema::from_json(&device_type()).expect_err("a type");
    assert_eq!(error.to_string(), "documents[0].schemas must name a schema, not a resource type");
}

/// The device type with another member, and its schema.
fn device(member: &str, value: Value) -> Value {
    let mut device = device_type();
    device[member] = value;
    json!([schema(DEVICE, json!([text("a")])), device])
}

#[test]
fn types_that_are_refused() {
    for name in ["", "1a", "a-b", "Gerät", "a b", "a/b", ".search"] {
        refuse(device("name", json!(name)), 1, "name", &["letter"]);
        refuse(device("endpoint", json!(format!("/{name}"))), 1, "endpoint", &["letter"]);
    }
    refuse(device("name", json!("x".repeat(33))), 1, "name", &["32"]);
    for name in ["user", "GROUP", "Schema", "resourcetype", "ServiceProviderConfig", "external", "Uri"] {
        refuse(device("name", json!(name)), 1, "name", &["taken"]);
    }
    for endpoint in ["/users", "Groups", "/me", "BULK", "/Schemas", "ResourceTypes", "/serviceProviderConfig"]
    {
        refuse(device("endpoint", json!(endpoint)), 1, "endpoint", &["served"]);
    }
    refuse(device("endpoint", Value::Null), 1, "endpoint", &["required"]);
    refuse(device("schema", Value::Null), 1, "schema", &["required"]);
    refuse(device("schema", json!(BADGE)), 1, "schema", &["none of the documents", BADGE]);
    refuse(
        device("schema", json!("urn:ietf:params:scim:schemas:core:2.0:User")),
        1,
        "schema",
        &["core of another"],
    );
    refuse(device("extensions", json!([])), 1, "", &["schemaExtensions"]);
    refuse(
        device("schemaExtensions", json!([{"schema": DEVICE}])),
        1,
        "schemaExtensions[0].schema",
        &["shared"],
    );
    refuse(
        device("schemaExtensions", json!([{"required": true}])),
        1,
        "schemaExtensions[0].schema",
        &["required"],
    );
    let twice = json!([{"schema": ENTERPRISE}, {"schema": ENTERPRISE}]);
    refuse(device("schemaExtensions", twice), 1, "schemaExtensions[1].schema", &["twice"]);
    let badge = schema(BADGE, json!([text("a")]));
    let user = |more: Value| {
        let mut user = user_type(json!([{"schema": BADGE}]));
        user.as_object_mut().expect("object").extend(more.as_object().expect("object").clone());
        json!([badge, user])
    };
    refuse(user(json!({"endpoint": "/People"})), 1, "endpoint", &["/Users"]);
    refuse(user(json!({"schema": BADGE})), 1, "schema", &["User", "schemaExtensions"]);
    let required = json!({"schemaExtensions": [{"schema": ENTERPRISE, "required": true}]});
    refuse(user(required), 1, "schemaExtensions[0].required", &["false"]);
    refuse(json!([user_type(json!([])), user_type(json!([]))]), 1, "name", &["twice"]);
}

fn name() -> impl Strategy<Value = String> {
    "[a-zA-Z][a-zA-Z0-9$_-]{0,12}"
}

/// Attributes as an operator might declare them, without contradictions.
fn attribute(kinds: Vec<&'static str>) -> impl Strategy<Value = Value> {
    let characteristics = (
        prop::sample::select(kinds),
        any::<(bool, bool, bool)>(),
        prop::sample::select(vec!["readOnly", "readWrite", "immutable", "writeOnly"]),
        prop::sample::select(vec!["always", "never", "default", "request"]),
        prop::sample::select(vec!["none", "server", "global"]),
        prop::collection::hash_set("[a-z]{1,4}", 0..4),
    );
    (name(), ".{0,8}", characteristics).prop_map(|(name, description, characteristics)| {
        let (kind, (multi_valued, required, exact), mutability, returned, uniqueness, values) = characteristics;
        let mut json = json!({"name": name, "type": kind, "multiValued": multi_valued, "description": description,
            "required": required && mutability != "readOnly", "mutability": mutability, "uniqueness": uniqueness,
            "returned": if mutability == "writeOnly" { "never" } else { returned }});
        if matches!(kind, "boolean" | "complex" | "binary") {
            json["uniqueness"] = "none".into();
        }
        if matches!(kind, "string" | "reference") {
            json["caseExact"] = exact.into();
            json["canonicalValues"] = values.into_iter().collect();
        }
        if kind == "reference" {
            json["referenceTypes"] = json!(["User", "uri"]);
        }
        json
    })
}

fn attributes() -> impl Strategy<Value = Vec<Value>> {
    let simple =
        || attribute(vec!["string", "boolean", "decimal", "integer", "dateTime", "binary", "reference"]);
    let complex =
        (attribute(vec!["complex"]), prop::collection::vec(simple(), 1..4)).prop_map(|(mut one, subs)| {
            one["subAttributes"] = json!(distinct(subs));
            one
        });
    prop::collection::vec(prop_oneof![3 => simple(), 1 => complex], 1..6).prop_map(distinct)
}

fn distinct(mut attributes: Vec<Value>) -> Vec<Value> {
    for (index, attribute) in attributes.iter_mut().enumerate() {
        attribute["name"] = format!("{}{index}", attribute["name"].as_str().expect("text")).into();
    }
    attributes
}

fn anything() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        prop::sample::select(vec![SCHEMA, RESOURCE_TYPE, DEVICE, "Device", "string", "complex", "User", ""])
            .prop_map(Value::from),
    ];
    let keys = prop::sample::select(vec![
        "schemas",
        "id",
        "name",
        "attributes",
        "type",
        "subAttributes",
        "endpoint",
        "schema",
        "schemaExtensions",
        "canonicalValues",
        "required",
    ]);
    leaf.prop_recursive(4, 32, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            prop::collection::hash_map(keys.clone(), inner, 0..6)
                .prop_map(|map| map.into_iter().map(|(key, value)| (key.to_owned(), value)).collect()),
        ]
    })
}

proptest! {
    #[test]
    fn what_was_declared_declares_itself(core in attributes(), extension in attributes()) {
        let user = user_type(json!([{"schema": BADGE, "required": false}]));
        let documents = [schema(DEVICE, json!(core)), device_type(), schema(BADGE, json!(extension)), user];
        let registry = REGISTRY.declare(&documents).expect("built to be valid");
        let of = |name: &str| registry.by_name(name).expect("declared").to_json();
        let schemas = [DEVICE, BADGE].map(|urn| registry.schema(urn).expect("declared").to_json());
        let again = REGISTRY.declare(&[&[of("Device"), of("User")], &schemas[..]].concat()).expect("its own output");
        prop_assert_eq!(&again, &registry);
        let device = Schema::from_json(&schemas[0]).expect("its own output");
        prop_assert_eq!(&device, &**registry.schema(DEVICE).expect("declared"));
    }

    #[test]
    fn no_json_makes_a_declaration_panic(documents in prop::collection::vec(anything(), 0..4)) {
        if let Err(error) = REGISTRY.declare(&documents) {
            prop_assert!(error.document < documents.len() && !error.detail.is_empty());
        }
    }
}
