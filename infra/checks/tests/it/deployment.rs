//! Rules on the template and on the sample events.

use crate::{assert_none, repository};
use checks::events;
use checks::template::{Template, variables_read};

const TEMPLATE: &str = "template.yaml";

#[test]
fn permissions_have_reasons() {
    for path in [TEMPLATE, "infra/operations.yaml"] {
        let file = repository().read(path).unwrap();
        assert_none([(file.path, Template::parse(&file.text).unwrap().unreasoned())]);
    }
}

#[test]
fn permissions_are_those_that_the_table_lists() {
    let template = repository().read(TEMPLATE).unwrap().text;
    let listed = repository().read("infra/README.md").unwrap().text;
    let table = Template::parse(&template).unwrap().permissions_table();
    assert!(table.lines().count() > 50, "{table}");
    assert!(listed.ends_with(&format!("\n{table}")), "infra/README.md should end with this:\n{table}");
}

#[test]
fn queues_fit_their_functions() {
    let file = repository().read(TEMPLATE).unwrap();
    assert_none([(file.path, Template::parse(&file.text).unwrap().ill_timed())]);
}

#[test]
fn the_template_deploys_what_there_is_with_what_it_reads() {
    let repository = repository();
    let config = repository.read("shared/adapters/src/config.rs").unwrap().text;
    let mains =
        repository.texts(|path| path.starts_with("functions/") && path.ends_with("/src/main.rs")).unwrap();
    let functions: Vec<_> = mains
        .iter()
        .filter_map(|main| Some((main.path.split('/').nth(1)?, main)))
        .filter(|(folder, _)| *folder != "local")
        .map(|(folder, main)| (folder.to_owned(), variables_read(&main.text, &config)))
        .collect();
    assert!(functions.iter().all(|(_, read)| !read.is_empty()), "{functions:?}");
    let file = repository.read(TEMPLATE).unwrap();
    assert_none([(file.path, Template::parse(&file.text).unwrap().check_functions(&functions))]);
}

#[test]
fn events_of_the_api_fit_its_routes() {
    let repository = repository();
    let template = repository.read(TEMPLATE).unwrap().text;
    let template = Template::parse(&template).unwrap();
    let routes = template.routes();
    for (folder, base) in [("events/scim-api/", "/scim/v2/"), ("events/admin/", "/api/v1/")] {
        let samples = repository.texts(|path| path.starts_with(folder)).unwrap();
        assert!(!samples.is_empty(), "{folder}");
        assert_none(
            samples.into_iter().map(|file| (file.path, events::check_http(&file.text, base, &routes))),
        );
    }
}

#[test]
fn events_of_the_queue_name_files_that_exist() {
    let repository = repository();
    let samples = repository.texts(|path| path.starts_with("events/csv-import/")).unwrap();
    assert!(!samples.is_empty());
    assert_none(samples.into_iter().map(|file| {
        let faults =
            events::check_uploads(&file.text, |name| repository.has(&format!("events/files/{name}")));
        (file.path, faults)
    }));
}
