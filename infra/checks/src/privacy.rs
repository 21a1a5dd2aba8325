//! A repository is read by strangers: nothing in it tells of the machine that it was written on.

use crate::{Fault, at};

/// Beginnings of paths that exist on one machine only, and hosts of package registries or of their mirrors, which
/// only a lock file or a client's own settings may know. In two pieces, so that this file passes.
const LOCAL: [(&str, &str); 8] = [
    ("/wo", "rk/"),
    ("/ro", "ot/"),
    ("/ho", "me/"),
    ("C:\\U", "sers\\"),
    ("arti", "factory"),
    ("index.cra", "tes.io"),
    ("static.cra", "tes.io"),
    ("files.python", "hosted.org"),
];

/// The faults of a text.
pub fn check(text: &str) -> Vec<Fault> {
    let local = LOCAL.map(|(one, two)| format!("{one}{two}"));
    let mut faults = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let found = local.iter().find(|word| begins_a_path_or_host(line, word));
        faults.extend(found.map(|word| at(number + 1, format!("`{word}` is of one machine"))));
    }
    faults
}

/// `/name/` within a longer path is no path of a machine.
fn begins_a_path_or_host(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(start, _)| {
        let before = line.get(..start).unwrap_or_default().chars().next_back();
        !word.starts_with('/')
            || !before.is_some_and(|before| before.is_alphanumeric() || "._-})".contains(before))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_a_machine_are_found() {
        let machine = ["see /wo", "rk/main/Cargo.toml"].concat();
        assert_eq!(check(&format!("fine\n{machine}\n"))[0].line, 2);
        assert_eq!(check(&["url = \"https://arti", "factory.example/api\""].concat()).len(), 1);
        assert_eq!(check(&["docs/wo", "rk/plan.md and {base}/ho", "me/x"].concat()), []);
        assert_eq!(check("/t/acme/people/scim/v2/Users/x"), []);
    }
}
