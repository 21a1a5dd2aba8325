//! Rules on documents, and on all texts.

use crate::{assert_none, repository};
use checks::{changelog, documents, ends_in, privacy};

#[test]
fn the_front_door_is_short() {
    let readme = repository().read("README.md").unwrap();
    assert_none([(readme.path, documents::check_length(&readme.text))]);
}

#[test]
fn paths_named_in_documents_exist() {
    let repository = repository();
    let files = repository.texts(|path| ends_in(path, "md")).unwrap();
    assert!(files.iter().any(|file| file.path == "docs/ARCHITECTURE.md"));
    assert_none(files.iter().map(|file| {
        (file.path.clone(), documents::check_paths(&file.path, &file.text, |named| repository.has(named)))
    }));
}

#[test]
fn the_change_log_has_an_entry() {
    let file = repository().read("CHANGELOG.md").unwrap();
    assert_none([(file.path, changelog::check(&file.text))]);
}

#[test]
fn nothing_tells_of_the_machine_it_was_written_on() {
    let files = repository().texts(|_| true).unwrap();
    assert_none(files.into_iter().map(|file| (file.path, privacy::check(&file.text))));
}
