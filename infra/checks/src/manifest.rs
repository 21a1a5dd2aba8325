//! The crates are the architecture: who may depend on whom, and with what reason.

use crate::{Fault, at};
use toml::{Table, Value};

/// What each of our packages may depend on; `functions/*` by the last line but one. Tests may also use the emulator.
const ARROWS: [(&str, &[&str]); 10] = [
    ("shared/scim", &[]),
    ("shared/domain", &["scim"]),
    ("shared/adapters", &["domain", "scim"]),
    ("infra/bench/empty", &[]),
    ("infra/bench", &["domain", "adapters"]),
    ("infra/checks", &[]),
    ("infra/emulator", &[]),
    ("infra/stage", &["domain", "adapters", "emulator", "scim-api"]),
    ("functions/local", &["scim", "domain", "adapters", "FUNCTIONS"]),
    ("functions/", &["scim", "domain", "adapters"]),
];
/// Packages that no command of ours may compile: the AWS SDK and the Lambda runtime.
const OF_AWS: [&str; 4] = ["aws-", "aws_", "lambda_", "lambda-"];

/// The faults of the package in `folder`, whose manifest this is, among packages of these names and folders.
pub fn check_arrows(folder: &str, manifest: &str, packages: &[(String, String)]) -> Vec<Fault> {
    let manifest = match manifest.parse::<Table>() {
        Ok(manifest) => manifest,
        Err(error) => return vec![at(0, error.to_string())],
    };
    let name = text(&manifest, &["package", "name"]).unwrap_or_default();
    let mut faults = Vec::new();
    if folder.rsplit('/').next() != Some(name) {
        faults.push(at(0, format!("the package is called `{name}`, not like its folder")));
    }
    let Some((_, allowed)) =
        ARROWS.iter().find(|(of, _)| *of == folder || of.ends_with('/') && folder.starts_with(of))
    else {
        faults.push(at(0, "no rule says what this package may depend on; add one to infra/checks"));
        return faults;
    };
    for (kind, dependency) in dependencies(&manifest) {
        let Some((_, of)) = packages.iter().find(|(known, _)| *known == dependency) else { continue };
        let function = of.starts_with("functions/") && allowed.contains(&"FUNCTIONS");
        let of_tests = kind == "dev-dependencies" && (dependency == "emulator" || dependency == name);
        if !function && !of_tests && !allowed.contains(&dependency.as_str()) {
            faults.push(at(0, format!("`{name}` may not depend on `{dependency}` ({kind})")));
        }
    }
    faults
}

/// The fault of a manifest that does not take over the lints of the workspace.
pub fn check_lints(manifest: &str) -> Vec<Fault> {
    let inherited = manifest
        .parse::<Table>()
        .ok()
        .and_then(|manifest| manifest.get("lints")?.get("workspace")?.as_bool());
    if inherited == Some(true) { Vec::new() } else { vec![at(0, "add `[lints]` with `workspace = true`")] }
}

/// The faults of the workspace's manifest: a dependency, or a group of them, without a comment of reason above it.
pub fn check_reasons(manifest: &str) -> Vec<Fault> {
    let mut faults = Vec::new();
    let (mut inside, mut reason) = (false, false);
    for (number, line) in manifest.lines().enumerate() {
        if line.starts_with('[') {
            inside = line.trim() == "[workspace.dependencies]";
            reason = false;
        } else if line.trim().is_empty() {
            reason = false;
        } else if line.starts_with('#') {
            reason = true;
        } else if inside && !reason && line.contains('=') {
            let name = line.split('=').next().unwrap_or_default().trim();
            faults.push(at(number + 1, format!("say in a comment above it what `{name}` is for")));
        }
    }
    faults
}

/// The faults of a tree of dependencies, one package a line, that must have nothing of AWS in it.
pub fn check_without_aws(tree: &str) -> Vec<Fault> {
    let of_aws = |line: &&str| OF_AWS.iter().any(|prefix| line.starts_with(prefix));
    tree.lines().filter(of_aws).map(|line| at(0, format!("`{line}` is of AWS"))).collect()
}

/// The name of a package by its manifest.
pub fn name(manifest: &str) -> Option<String> {
    let manifest = manifest.parse::<Table>().ok()?;
    text(&manifest, &["package", "name"]).map(str::to_owned)
}

fn text<'a>(table: &'a Table, path: &[&str]) -> Option<&'a str> {
    let (first, rest) = path.split_first()?;
    rest.iter().try_fold(table.get(*first)?, |value, name| value.get(name))?.as_str()
}

/// Every dependency with the table that it stands in, those for certain systems included.
fn dependencies(manifest: &Table) -> Vec<(&'static str, String)> {
    let targets = manifest.get("target").and_then(Value::as_table).into_iter().flatten();
    let tables = targets.filter_map(|(_, target)| target.as_table()).chain([manifest]);
    let mut found = Vec::new();
    for table in tables {
        for kind in ["dependencies", "build-dependencies", "dev-dependencies"] {
            let named = table.get(kind).and_then(Value::as_table).into_iter().flatten();
            found.extend(named.map(|(alias, value)| {
                let package = value.get("package").and_then(Value::as_str).unwrap_or(alias);
                (kind, package.to_owned())
            }));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(folder: &str, dependencies: &str, faults: usize) {
        let packages = [
            ("scim", "shared/scim"),
            ("domain", "shared/domain"),
            ("adapters", "shared/adapters"),
            ("emulator", "infra/emulator"),
            ("scim-api", "functions/scim-api"),
            ("csv-import", "functions/csv-import"),
            ("local", "functions/local"),
        ];
        let packages = packages.map(|(name, folder)| (name.to_owned(), folder.to_owned()));
        let name = folder.rsplit('/').next().unwrap();
        let manifest = format!("[package]\nname = \"{name}\"\n{dependencies}");
        let found = check_arrows(folder, &manifest, &packages);
        assert_eq!(found.len(), faults, "{folder} {dependencies}: {found:?}");
    }

    #[test]
    fn arrows_point_one_way() {
        check("shared/domain", "[dependencies]\nscim.workspace = true\nserde = \"1\"", 0);
        check("shared/scim", "[dependencies]\ndomain.workspace = true", 1);
        check("shared/domain", "[dev-dependencies]\nadapters.workspace = true", 1);
        check(
            "shared/domain",
            "[dependencies]\nrules = { package = \"adapters\", path = \"../adapters\" }",
            1,
        );
        check(
            "shared/adapters",
            "[dev-dependencies]\nemulator.workspace = true\nadapters.workspace = true",
            0,
        );
        check("shared/adapters", "[dependencies]\nemulator.workspace = true", 1);
        check("functions/scim-api", "[dependencies]\nadapters.workspace = true", 0);
        check("functions/scim-api", "[dependencies]\ncsv-import.workspace = true", 1);
        check("functions/scim-api", "[target.'cfg(unix)'.dev-dependencies]\nlocal.workspace = true", 1);
        check("functions/local", "[dependencies]\ncsv-import.workspace = true\nscim-api.workspace = true", 0);
        check("elsewhere/x", "", 1);
    }

    #[test]
    fn lints_are_inherited() {
        assert_eq!(check_lints("[lints]\nworkspace = true\n"), []);
        for manifest in ["", "[lints]\nworkspace = false\n", "[lints.rust]\nunsafe_code = \"warn\"\n", "["] {
            assert_eq!(check_lints(manifest).len(), 1, "{manifest}");
        }
    }

    #[test]
    fn dependencies_have_reasons() {
        let good = "[workspace.dependencies]\n# Text.\nserde = \"1\"\nserde_json = \"1\"\n\n# Time.\njiff = \"1\"\n[x]\na = 1\n";
        assert_eq!(check_reasons(good), []);
        let bad = "[workspace.dependencies]\nserde = \"1\"\n# Time.\n\njiff = \"1\"\n";
        assert_eq!(check_reasons(bad).iter().map(|fault| fault.line).collect::<Vec<_>>(), [2, 5]);
    }

    #[test]
    fn crates_of_aws_are_seen_in_a_tree() {
        assert_eq!(check_without_aws("scim v0.1.0\nserde v1.0\nlaws v1\n"), []);
        assert_eq!(check_without_aws("scim v0.1.0\naws-config v1\nlambda_http v1\n").len(), 2);
    }
}
