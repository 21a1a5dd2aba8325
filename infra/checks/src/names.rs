//! Names of files say what is in them; some names never do.

use crate::{Fault, at};

/// Names that any file could bear, and which therefore tell nothing.
const EMPTY_WORDS: [&str; 9] =
    ["common", "handlers", "helper", "helpers", "impl", "manager", "service", "util", "utils"];

/// The faults of a path's names.
pub fn check(path: &str) -> Vec<Fault> {
    path.split('/')
        .filter(|part| EMPTY_WORDS.contains(&part.split('.').next().unwrap_or_default()))
        .map(|part| at(0, format!("`{part}` could hold anything; name it by what is in it")))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_words_are_refused_as_file_and_as_folder() {
        for path in ["shared/domain/src/utils.rs", "shared/common/lib.rs", "a/impl/mod.rs", "helpers.py"] {
            assert_eq!(check(path).len(), 1, "{path}");
        }
        for path in ["shared/domain/src/import/rules.rs", "functions/csv-import/src/handle.rs", "implied.rs"]
        {
            assert_eq!(check(path), [], "{path}");
        }
    }
}
