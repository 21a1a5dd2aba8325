//! Schemas and resource types as data and as documents.

use crate::{ENTERPRISE, MUSTER, REGISTRY, groups, users};
use scim::schema::{Attribute, Resolved};
use serde_json::{Value, json};

#[track_caller]
fn check(name: &str, expect: &Value) {
    let Some(Resolved::Attribute(found)) = users().resolve(name).or_else(|| groups().resolve(name)) else {
        panic!("{name} is not known");
    };
    let json = found.leaf().to_json();
    for (key, value) in expect.as_object().expect("an object") {
        assert_eq!(json.get(key), Some(value), "{key} of {name}");
    }
}

#[test]
fn characteristics() {
    check(
        "userName",
        &json!({"required": true, "caseExact": false, "uniqueness": "server", "type": "string"}),
    );
    check("USERNAME", &json!({"name": "userName"}));
    check("id", &json!({"caseExact": true, "mutability": "readOnly", "returned": "always"}));
    check("externalId", &json!({"caseExact": true, "mutability": "readWrite"}));
    check("meta.created", &json!({"type": "dateTime", "mutability": "readOnly"}));
    check("password", &json!({"mutability": "writeOnly", "returned": "never"}));
    check("groups", &json!({"mutability": "readOnly", "multiValued": true}));
    check("groups.value", &json!({"mutability": "readOnly"}));
    check("groups.$ref", &json!({"type": "reference", "referenceTypes": ["Group"]}));
    check("emails.type", &json!({"canonicalValues": ["work", "home", "other"]}));
    check("emails.primary", &json!({"type": "boolean"}));
    check("x509Certificates.value", &json!({"type": "binary", "caseExact": true}));
    check("members.value", &json!({"mutability": "immutable", "caseExact": true}));
    check("members.$ref", &json!({"referenceTypes": ["User", "Group"], "mutability": "immutable"}));
    check(&format!("{ENTERPRISE}:manager.displayName"), &json!({"mutability": "readOnly"}));
    check(&format!("{}:VALIDFROM", MUSTER.to_uppercase()), &json!({"type": "string", "name": "validFrom"}));
    check(&format!("{MUSTER}:lifecycle"), &json!({"mutability": "readOnly"}));
    check("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", &json!({"name": "givenName"}));
    assert!(groups().schema.attribute("displayName").is_some_and(|a| a.required));
}

#[test]
fn unknown_names_resolve_to_nothing() {
    for name in
        ["", ".", "name.", ".value", "nope", "name.nope", "userName.x", "urn:x:userName", "name.a.b", "é"]
    {
        assert_eq!(users().resolve(name), None, "{name}");
    }
}

#[test]
fn every_core_attribute_of_rfc_7643_is_there() {
    let names: Vec<&str> = users().schema.attributes.iter().map(|a| a.name.as_str()).collect();
    let expect = "userName name displayName nickName profileUrl title userType preferredLanguage locale timezone \
                  active password emails phoneNumbers ims photos addresses groups entitlements roles x509Certificates";
    assert_eq!(names, expect.split_whitespace().collect::<Vec<_>>());
}

#[test]
fn documents() {
    let user = users().to_json();
    assert_eq!(user["endpoint"], "/Users");
    assert_eq!(user["schemaExtensions"][1], json!({"schema": MUSTER, "required": false}));
    assert_eq!(user["meta"], json!({"resourceType": "ResourceType"}));
    let urns: Vec<&str> = REGISTRY.schemas().iter().map(|schema| schema.id.as_str()).collect();
    assert_eq!(urns.len(), 4);
    for urn in urns {
        let schema = REGISTRY.schema(&urn.to_lowercase()).expect("found by any spelling");
        let json = schema.to_json();
        assert_eq!(json["id"], urn);
        for attribute in json["attributes"].as_array().expect("an array") {
            assert!(attribute["description"].as_str().is_some_and(|text| text.ends_with('.')), "{attribute}");
        }
    }
    assert_eq!(REGISTRY.by_endpoint("/Groups"), Some(groups()));
    assert_eq!(REGISTRY.by_endpoint("groups"), None);
}

#[test]
fn an_attribute_that_does_not_apply_is_left_out_of_the_document() {
    let json = Attribute::string("a", "A.").to_json();
    assert!(json.get("subAttributes").is_none() && json.get("canonicalValues").is_none());
}
