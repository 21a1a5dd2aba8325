//! Many users at once, groups of them, and what is left of both: in answers, and on the table itself.

use super::import::file;
use super::{World, first};
use domain::directory::{Directory, Paging, Resource, Shown, Versions, Wanted};
use domain::import::engine::Silent;
use domain::store::{Id, Kind, Name, keys};
use domain::table::{Consistency, Query, Source};
use domain::{Error, directory::carry_out_abandoned};
use scim::filter::Filter;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Ids, in an order that does not depend on chance.
pub(crate) type Ids = BTreeSet<String>;

/// A PATCH of these operations.
pub(crate) fn patch(operations: Value) -> Value {
    json!({ "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations })
}

/// An operation for each of them, so that a thousand members are a thousand operations.
pub(crate) fn add_each(ids: &[String]) -> Value {
    let add = |id: &String| json!({ "op": "add", "path": "members", "value": [{ "value": id }] });
    patch(ids.iter().map(add).collect())
}

/// Takes each of them out by an operation of its own.
pub(crate) fn remove_each(ids: &[String]) -> Value {
    let remove = |id: &String| json!({ "op": "remove", "path": format!("members[value eq \"{id}\"]") });
    patch(ids.iter().map(remove).collect())
}

/// The body of a group.
pub(crate) fn group(name: &str, members: &[String]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({ "value": id })).collect();
    json!({ "displayName": name, "members": members })
}

/// Those ids as a set.
pub(crate) fn set(ids: &[String]) -> Ids {
    ids.iter().cloned().collect()
}

/// The members that a group shows.
pub(crate) fn members_shown(directory: &Directory, group: &Resource) -> Ids {
    values(&directory.document(group).unwrap(), "members")
}

/// The `value`s of a list of references.
pub(crate) fn values(document: &scim::Document, attribute: &str) -> Ids {
    let elements = document.get(attribute).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    elements.iter().map(|element| element["value"].as_str().unwrap().to_owned()).collect()
}

/// The members of a group, read by its id.
pub(crate) async fn members(directory: &Directory, group: &str) -> Ids {
    let found = directory.get(Kind::Group, group, Shown::ALL).await.unwrap();
    members_shown(directory, &found)
}

/// What a filter finds, all of it.
pub(crate) async fn found(directory: &Directory, kind: Kind, filter: &str) -> Vec<Resource> {
    let filter = Filter::parse(filter, directory.resource_type(kind).unwrap()).unwrap();
    let wanted = Wanted { filter: Some(&filter), shown: Shown::ALL, ..first(100_000) };
    let page = directory.list(kind, &wanted).await.unwrap();
    assert_eq!(page.total, Some(page.resources.len()));
    page.resources
}

/// The ids of what a filter finds.
pub(crate) async fn found_ids(directory: &Directory, kind: Kind, filter: &str) -> Ids {
    found(directory, kind, filter).await.iter().map(|one| one.id.to_string()).collect()
}

/// A PATCH of a group.
pub(crate) async fn change(directory: &Directory, group: &str, body: &Value) -> Result<Resource, Error> {
    directory.patch(Kind::Group, group, &Versions::Any, body, Shown::ALL).await
}

impl World {
    /// So many users, in the order of the roster, brought by a file as that is fastest. More of them can be had later.
    pub(crate) async fn crowd(&self, count: usize) -> Vec<String> {
        let mut text = "status,mail,lastName,externalId\n".to_owned();
        for at in 0..count {
            writeln!(text, "active,user{at:05}@acme.example,Muster,X-{at:05}").unwrap();
        }
        let configuration = Name::new("default").unwrap();
        let importer = self.importer();
        let run = importer.import_file(&self.id, &configuration, "people.csv", file(&text), &Silent).await;
        let counts = run.unwrap().counts;
        assert_eq!(counts.created + counts.unchanged, count as u64, "{counts:?}");
        self.everybody(Kind::User).await
    }

    /// The ids of all resources of a kind, in the order of the roster.
    pub(crate) async fn everybody(&self, kind: Kind) -> Vec<String> {
        let wanted = Wanted { paging: Paging::Offset { offset: 0, count: 100_000 }, ..first(0) };
        let page = self.directory().list(kind, &wanted).await.unwrap();
        assert_eq!(page.total, Some(page.resources.len()));
        page.resources.iter().map(|one| one.id.to_string()).collect()
    }

    /// A group with these members.
    pub(crate) async fn group(&self, name: &str, members: &[String]) -> String {
        self.create(Kind::Group, group(name, members)).await
    }

    /// Carries out what was left, once nobody can be at work on it any more. How many changes that were.
    pub(crate) async fn carry_out_abandoned(&self) -> usize {
        self.clock.advance(61);
        carry_out_abandoned(&self.other_process()).await.unwrap()
    }

    /// Items in a partition of the table or of its index, whoever can see them.
    pub(crate) async fn items(&self, source: Source, partition: String) -> usize {
        use domain::table::Table as _;
        let consistency = Consistency::Strong;
        let query = Query { source, consistency, ..Query::partition(partition) };
        self.meter.query(&query).await.unwrap().value.items.len()
    }

    /// Items that hang on a group: its members and its journals; and journals of whichever group.
    pub(crate) async fn left_of(&self, group: &str) -> [usize; 3] {
        let id = Id::parse(group).unwrap();
        [
            self.items(Source::Table, keys::members(&self.id, id)).await,
            self.items(Source::Table, keys::journals(&self.id, id)).await,
            self.items(Source::Index, keys::JOURNALS.to_owned()).await,
        ]
    }
}
