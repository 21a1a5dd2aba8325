//! The repository keeps its house rules.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod code;
mod deployment;
mod texts;

use checks::{Fault, Repository};
use std::path::Path;

/// This checkout.
fn repository() -> Repository {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    Repository::open(root).unwrap()
}

/// Says where each fault is, and fails if there is one.
#[track_caller]
fn assert_none(faults: impl IntoIterator<Item = (String, Vec<Fault>)>) {
    let found: Vec<String> = faults
        .into_iter()
        .flat_map(|(path, faults)| faults.into_iter().map(move |fault| format!("{path}:{fault}")))
        .collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}
