//! Any JSON as a bulk request: it is refused, or every operation is done once, after what it refers to; and what each
//! refers to is resolved, or left out.
#![no_main]

use std::collections::{HashMap, HashSet};

use fuzz::REGISTRY;
use libfuzzer_sys::fuzz_target;
use scim::bulk::{Method, Request, Step, references, resolve, without};
use serde_json::Value;

const MAX_OPERATIONS: usize = 1_000;

fuzz_target!(|bytes: &[u8]| {
    let Ok(body) = serde_json::from_slice::<Value>(bytes) else { return };
    let Ok(request) = Request::parse(body, &REGISTRY, MAX_OPERATIONS) else { return };
    let mut ids = HashMap::new();
    let (mut begun, mut done) = (HashSet::new(), HashSet::new());
    for step in request.schedule() {
        let (index, first, last) = match step {
            Step::Whole(index) => (index, true, true),
            Step::Begin(index) => (index, true, false),
            Step::Complete(index) => (index, false, true),
        };
        assert_eq!(begun.insert(index), first);
        assert!(!last || done.insert(index));
        let Ok(operation) = &request.operations[index] else { continue };
        let data = operation.data.as_ref().unwrap_or(&Value::Null);
        if last {
            let created = |id: &str| ids.contains_key(id) || !creates(&request, id);
            assert!(operation.references().into_iter().all(created), "before what it refers to");
        }
        check(data, &ids);
        if let (Method::Post, Some(bulk_id)) = (operation.method, &operation.bulk_id) {
            ids.insert(bulk_id.clone(), index.to_string());
        }
    }
    assert_eq!(done.len(), request.operations.len());
});

/// Whether the request has a sound operation that creates a resource of that name.
fn creates(request: &Request, bulk_id: &str) -> bool {
    let mut operations = request.operations.iter().flatten();
    operations.any(|one| one.method == Method::Post && one.bulk_id.as_deref() == Some(bulk_id))
}

fn check(data: &Value, ids: &HashMap<String, String>) {
    let missing: HashSet<String> =
        references(data).into_iter().filter(|id| !ids.contains_key(*id)).map(str::to_owned).collect();
    match resolve(data, ids) {
        Ok(_) => assert!(missing.is_empty()),
        Err(bulk_id) => assert!(missing.contains(&bulk_id)),
    }
    if data.is_object() {
        assert!(resolve(&without(data, &missing), ids).is_ok(), "something missing is left");
    }
}
