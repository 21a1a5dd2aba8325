//! The change log tells users what is new.

use crate::{Fault, at};

/// The faults of a change log: it must have a section `Unreleased`, or of a version, with an entry in it.
pub fn check(text: &str) -> Vec<Fault> {
    let mut lines = text.lines().skip_while(|line| !line.starts_with("## ["));
    if lines.next().is_none() {
        return vec![at(0, "no section `## [Unreleased]` or `## [version]`")];
    }
    let mut section = lines.take_while(|line| !line.starts_with("## "));
    if section.any(|line| line.starts_with("- ")) {
        Vec::new()
    } else {
        vec![at(0, "the latest section has no entry")]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_section_has_an_entry() {
        assert_eq!(check("# Changes\n\n## [Unreleased]\n\n### Added\n- SCIM\n"), []);
        assert_eq!(check("# Changes\n").len(), 1);
        assert_eq!(check("# Changes\n## [Unreleased]\n## [0.1.0]\n- SCIM\n").len(), 1);
    }
}
