//! Any JSON as a PATCH request: it is refused, or applied whole; what it leaves behind is a resource again.
#![no_main]

use fuzz::SPECIMENS;
use libfuzzer_sys::fuzz_target;
use scim::patch::Patch;
use scim::{Document, body};
use serde_json::Value;

/// What only the server sets, and a body therefore cannot bring.
const OF_THE_SERVER: [&str; 2] = ["id", "meta"];

fuzz_target!(|bytes: &[u8]| {
    let Ok(request) = serde_json::from_slice::<Value>(bytes) else { return };
    for specimen in SPECIMENS.iter() {
        let Ok(patch) = Patch::parse(&request, &specimen.resource_type) else { continue };
        let mut document = specimen.document.clone();
        let result = patch.apply(&mut document);
        assert_eq!(text(&document) != text(&specimen.document), result == Ok(true), "{result:?}");
        if result == Ok(true) {
            let sent = Value::Object(document.clone());
            let mut again = body::create(&specimen.resource_type, sent).expect("still a resource");
            for name in OF_THE_SERVER {
                again.extend(document.get(name).map(|value| (name.to_owned(), value.clone())));
            }
            assert_eq!(again, document);
        }
    }
});

/// With the order of its members, which equality does not see.
fn text(document: &Document) -> String {
    serde_json::to_string(document).expect("JSON")
}
