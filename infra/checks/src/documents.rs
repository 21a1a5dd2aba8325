//! Documents are kept short and true: what they name exists.

use crate::{Fault, at};

/// Lines that the front door may have.
const README_LINES: usize = 120;
/// The folders at the root: a word that begins with one is a path of ours.
const ROOTS: [&str; 7] = ["shared/", "functions/", "infra/", "events/", "docs/", ".ci/", ".github/"];
/// Endings of files that stand at the root.
const ROOT_FILES: [&str; 4] = [".md", ".toml", ".yaml", ".lock"];

/// The fault of a README that nobody reads to its end.
pub fn check_length(text: &str) -> Vec<Fault> {
    let lines = text.lines().count();
    if lines <= README_LINES {
        return Vec::new();
    }
    vec![at(
        0,
        format!("{lines} lines; a front door has at most {README_LINES}, the rest belongs into docs/"),
    )]
}

/// The faults of a document at `path` that names files or folders which do not exist.
pub fn check_paths(path: &str, text: &str, exists: impl Fn(&str) -> bool) -> Vec<Fault> {
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut faults = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let missing = |named: &String| !exists(named);
        let linked = links(line).filter_map(|target| resolved(folder, target)).filter(missing);
        let quoted = quoted(line).filter_map(ours).filter(missing);
        faults.extend(linked.chain(quoted).map(|named| at(number + 1, format!("`{named}` does not exist"))));
    }
    faults
}

/// What stands in backticks, word by word.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('`').skip(1).step_by(2).flat_map(str::split_whitespace)
}

/// The targets of Markdown links.
fn links(line: &str) -> impl Iterator<Item = &str> {
    line.split("](").skip(1).filter_map(|rest| rest.split(')').next())
}

/// The path that a quoted word means, if it means one of ours. Patterns with placeholders mean many.
fn ours(word: &str) -> Option<String> {
    let word = word.trim_end_matches([',', '.', ';', ':']);
    if word.contains(['*', '{', '}', '<', '>', '$', '…', '(']) {
        return None;
    }
    let of_folder = ROOTS.iter().any(|root| word.starts_with(root));
    let at_root = !word.contains('/')
        && ROOT_FILES.iter().any(|ending| word.ends_with(ending))
        && !word.starts_with('.');
    (of_folder || at_root).then(|| word.to_owned())
}

/// A relative link, from the root.
fn resolved(folder: &str, target: &str) -> Option<String> {
    let target = target.split('#').next().filter(|target| !target.is_empty())?;
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            "." | "" => {}
            ".." => drop(parts.pop()),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, missing: &[&str]) {
        let exists = |path: &str| ["shared/scim", "docs/ARCHITECTURE.md", "Cargo.toml"].contains(&path);
        let found: Vec<String> =
            check_paths("docs/x.md", text, exists).into_iter().map(|fault| fault.text).collect();
        let missing: Vec<String> = missing.iter().map(|path| format!("`{path}` does not exist")).collect();
        assert_eq!(found, missing, "{text}");
    }

    #[test]
    fn named_paths_exist() {
        check("see `shared/scim` and `Cargo.toml`.", &[]);
        check("see `shared/gone`, `gone.toml`", &["shared/gone", "gone.toml"]);
        check("run `sh .ci/gone now`", &[".ci/gone"]);
        check("[here](ARCHITECTURE.md#map) and [there](../gone.md)", &["gone.md"]);
        check("`inbox/{tenant}` `runs/x` `shared/*/src` shared/gone https://a.example/docs/gone", &[]);
    }

    #[test]
    fn the_front_door_is_short() {
        assert_eq!(check_length(&"line\n".repeat(120)), []);
        assert_eq!(check_length(&"line\n".repeat(121)).len(), 1);
    }
}
