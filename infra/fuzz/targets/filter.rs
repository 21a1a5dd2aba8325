//! Any text as a filter: it is refused, or it prints as a filter that matches the same and narrows no match away.
#![no_main]

use fuzz::SPECIMENS;
use libfuzzer_sys::fuzz_target;
use scim::Document;
use scim::filter::{Filter, Hint, MAX_LENGTH};

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
        let satisfied = |hint: &Hint<'_>| {
            let one = match hint {
                Hint::Equal { key, text } => format!("{key} eq {}", serde_json::Value::from(*text)),
                Hint::Since { key, at } => format!("{key} ge \"{at}\""),
            };
            // A literal may be too long once it is written out.
            Filter::parse(&one, &specimen.resource_type).is_ok_and(|one| one.matches(&specimen.document))
                || one.len() > MAX_LENGTH
        };
        if matches {
            let alternatives = filter.alternatives();
            assert!(alternatives.iter().any(|hints| hints.iter().all(satisfied)), "{printed} was narrowed away");
        }
        let only: Document = filter
            .members()
            .into_iter()
            .filter_map(|name| Some((name.to_owned(), specimen.document.get(name)?.clone())))
            .collect();
        assert_eq!(filter.matches(&only), matches, "{printed} looks at more than it says");
    }
});
