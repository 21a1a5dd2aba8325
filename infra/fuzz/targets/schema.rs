//! Any JSON as declarations of schemas and resource types: they are refused with their place, or describe themselves
//! in documents that declare the same again.
#![no_main]

use fuzz::REGISTRY;
use libfuzzer_sys::fuzz_target;
use scim::schema::Schema;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let Ok(documents) = serde_json::from_slice::<Value>(bytes) else { return };
    let documents = match documents {
        Value::Array(documents) => documents,
        single => vec![single],
    };
    let registry = match REGISTRY.declare(&documents) {
        Ok(registry) => registry,
        Err(error) => {
            assert!(error.document < documents.len() && !error.detail.is_empty(), "{error}");
            return;
        }
    };
    let types = registry.resource_types().iter().map(|resource_type| resource_type.to_json());
    let declared = registry.schemas().into_iter().filter(|schema| REGISTRY.schema(&schema.id).is_none());
    let schemas: Vec<Value> = declared.map(|schema| schema.to_json()).collect();
    for json in &schemas {
        let schema = Schema::from_json(json).expect("its own document");
        assert_eq!(Some(&schema), registry.schema(&schema.id).map(|schema| &**schema));
    }
    let again = REGISTRY.declare(&types.chain(schemas).collect::<Vec<_>>());
    // With the types that were there before, there may be more documents than can be declared.
    assert!(again.as_ref() == Ok(&registry) || documents.len() > 60, "{again:?}");
});
