//! Any text as the path of a PATCH operation: it is refused, or it prints as a path that means the same.
#![no_main]

use fuzz::SPECIMENS;
use libfuzzer_sys::fuzz_target;
use scim::filter::MAX_LENGTH;
use scim::path::Path;

fuzz_target!(|text: &str| {
    for specimen in SPECIMENS.iter() {
        let Ok(path) = Path::parse(text, &specimen.resource_type) else { continue };
        let printed = path.to_string();
        match Path::parse(&printed, &specimen.resource_type) {
            Ok(again) => assert_eq!(again, path, "printed as {printed}"),
            // Canonical names and signs can be longer than the client's.
            Err(error) => assert!(printed.len() > MAX_LENGTH, "printed as {printed}: {error}"),
        }
    }
});
