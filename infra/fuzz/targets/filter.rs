//! Any text as a filter: it is refused, or it prints as a filter that matches the same and narrows no match away.
#![no_main]

use fuzz::SPECIMENS;
use libfuzzer_sys::fuzz_target;
use scim::filter::{Filter, MAX_LENGTH};

fuzz_target!(|text: &str| {
    for specimen in SPECIMENS.iter() {
        let Ok(filter) = Filter::parse(text, &specimen.resource_type) else { continue };
        let matches = filter.matches(&specimen.document);
        let printed = filter.to_string();
        match Filter::parse(&printed, &specimen.resource_type) {
            Ok(again) => {
                assert_eq!(again, filter, "printed as {printed}");
                assert_eq!(again.matches(&specimen.document), matches, "printed as {printed}");
            }
            // Canonical names and signs can be longer than the client's.
            Err(error) => assert!(printed.len() > MAX_LENGTH, "printed as {printed}: {error}"),
        }
        if matches {
            for (name, value) in filter.equalities() {
                let one = format!("{name} eq {}", serde_json::Value::from(value));
                let Ok(one) = Filter::parse(&one, &specimen.resource_type) else { continue };
                assert!(one.matches(&specimen.document), "{one} does not follow");
            }
        }
    }
});
