//! Rules on packages and on Rust sources.

use crate::{assert_none, repository};
use checks::{ends_in, manifest, names, sources};
use std::process::Command;

/// Sources that may be longer than others, because they are tables of data: each with what they list.
const TABLES: [(&str, &str); 0] = [];

/// The folder and the manifest of every package.
fn packages() -> Vec<(String, String)> {
    let repository = repository();
    let manifests = repository.texts(|path| path.ends_with("/Cargo.toml")).unwrap();
    // Fuzzing has a workspace of its own, as it needs another compiler.
    let ours = manifests.into_iter().filter(|file| !file.path.starts_with("infra/fuzz/"));
    ours.map(|file| (file.path.trim_end_matches("/Cargo.toml").to_owned(), file.text)).collect()
}

#[test]
fn packages_depend_in_one_direction() {
    let packages = packages();
    assert!(packages.len() >= 7, "only {} packages were found", packages.len());
    let named: Vec<(String, String)> = packages
        .iter()
        .map(|(folder, text)| (manifest::name(text).unwrap_or_default(), folder.clone()))
        .collect();
    assert_none(
        packages.iter().map(|(folder, text)| (folder.clone(), manifest::check_arrows(folder, text, &named))),
    );
}

#[test]
fn packages_inherit_the_lints() {
    assert_none(packages().into_iter().map(|(folder, text)| (folder, manifest::check_lints(&text))));
}

#[test]
fn dependencies_say_why() {
    let file = repository().read("Cargo.toml").unwrap();
    assert_none([(file.path, manifest::check_reasons(&file.text))]);
}

#[test]
fn the_command_and_the_rules_compile_nothing_of_aws() {
    for package in ["scim", "domain", "local"] {
        let tree = Command::new(env!("CARGO"))
            .args(["tree", "--locked", "--package", package, "--edges", "normal,build", "--prefix", "none"])
            .current_dir(repository().root())
            .output()
            .unwrap();
        assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
        let tree = String::from_utf8(tree.stdout).unwrap();
        assert!(tree.starts_with(&format!("{package} v")), "{tree}");
        assert_none([(package.to_owned(), manifest::check_without_aws(&tree))]);
    }
}

#[test]
fn files_are_named_by_what_is_in_them() {
    assert_none(repository().paths().iter().map(|path| (path.clone(), names::check(path))));
}

#[test]
fn sources_are_short_and_keep_to_their_territory() {
    let files = repository().texts(|path| ends_in(path, "rs")).unwrap();
    assert!(files.len() > 100, "only {} sources were found", files.len());
    for (table, _) in TABLES {
        assert!(files.iter().any(|file| file.path == table), "{table} is no more; strike it off the list");
    }
    assert_none(
        files.iter().map(|file| (file.path.clone(), sources::check(&file.path, &file.text, &TABLES))),
    );
}
