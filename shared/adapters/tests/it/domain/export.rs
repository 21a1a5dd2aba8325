//! An export comes back unchanged.

use super::World;
use super::import::file;
use domain::import::configuration::Configuration;
use domain::import::engine::{Importer, Silent};
use domain::import::export::Export;
use domain::import::run::Counts;
use domain::store::{Kind, Name};
use proptest::prelude::*;
use proptest::strategy::ValueTree as _;
use serde_json::{Value, json};
use std::io::{BufRead as _, BufReader, Seek as _};

fn configuration_of(document: Value) -> Configuration {
    let document = document.as_object().unwrap().clone();
    Configuration::from_document(&Name::new("default").unwrap(), document).unwrap()
}

/// The whole export of the world's directory.
async fn exported(world: &World, configuration: &Configuration) -> String {
    let (export, directory) = (Export::new(configuration.clone()), world.reopened().await);
    let (mut text, mut after) = (Vec::new(), None);
    loop {
        let part = export.part(&directory, after).await.unwrap();
        text.extend(part.text);
        after = part.next;
        if after.is_none() {
            return String::from_utf8(text).unwrap();
        }
    }
}

/// What importing a file would do, and what it says about rows.
async fn planned(
    importer: &Importer,
    world: &World,
    of: &Configuration,
    text: &str,
) -> (Counts, Vec<String>) {
    let preview = importer.preview(&world.id, of, file(text), &Silent).await.unwrap().unwrap();
    let mut plan = preview.plan;
    plan.rewind().unwrap();
    (preview.counts, BufReader::new(plan).lines().map(Result::unwrap).collect())
}

/// Text as people write it, and as it breaks files: every delimiter, quotes, line breaks, what begins a formula.
fn text() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        "[a-zäöüß]{1,6}",
        Just("\"".to_owned()),
        Just("'".to_owned()),
        "[,;|\t=+@-]{1,2}",
        Just("＝＋".to_owned()),
        Just("O'Neill".to_owned()),
    ];
    prop::collection::vec(part, 1..4)
        .prop_map(|parts| parts.concat().trim().to_owned())
        .prop_filter("some text", |text| !text.is_empty())
}

/// The same with line breaks, where they may stand.
fn free_text() -> impl Strategy<Value = String> {
    (text(), text()).prop_map(|(one, two)| format!("{one}\n{two}"))
}

/// A user as an import or an identity provider made it.
fn user(number: usize) -> impl Strategy<Value = Value> {
    let free = || prop::option::of(free_text());
    let plain = || text().prop_map(|text| text.replace('\t', " ").trim().to_owned());
    let name = (plain(), plain()).prop_filter("names", |(one, two)| !one.is_empty() && !two.is_empty());
    (name, free(), prop::option::of(text()), any::<Option<bool>>(), any::<bool>()).prop_map(
        move |((first, last), custom, title, active, dated)| {
            let muster = "urn:ietf:params:scim:schemas:extension:muster:2.0:User";
            let mail = format!("=user{number}@acme.example");
            let mut user = json!({
                "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", muster],
                "userName": format!("+{number}'"),
                "name": { "givenName": first, "familyName": last },
                "emails": [{ "value": mail, "type": "work", "primary": true }],
                muster: { "division": "D" },
            });
            if let Some(title) = title.filter(|title| !title.contains('\t')) {
                user["title"] = title.into();
            }
            if let Some(active) = active {
                user["active"] = active.into();
            }
            if let Some(custom) = custom {
                user[muster]["customAttribute1"] = custom.into();
            }
            if dated {
                user[muster]["validFrom"] = "2026-01-31T12:00:00Z".into();
            }
            user
        },
    )
}

fn configurations() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({})),
        Just(json!({ "format": { "delimiter": ";", "skip_lines": 2, "empty_cells": "clear" } })),
        Just(json!({
            "format": { "delimiter": "\t" },
            "mapping": { "Sur, \"name\"": "lastName", "Mail": "loginName", "Job": "title" },
        })),
        Just(json!({ "format": { "delimiter": "'" }, "mapping": { "mail": "loginName" } })),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn an_export_is_imported_back_unchanged(
        users in (0_usize..6).prop_flat_map(|count| (0..count).map(user).collect::<Vec<_>>()),
        document in configurations(),
    ) {
        let configuration = configuration_of(document);
        tokio::runtime::Runtime::new().unwrap().block_on(async {
            let world = World::embedded().await;
            for user in &users {
                world.create(Kind::User, user.clone()).await;
            }
            let text = exported(&world, &configuration).await;
            let (counts, plan) = planned(&world.importer(), &world, &configuration, &text).await;
            let expected = Counts { unchanged: users.len() as u64, ..Counts::default() };
            assert_eq!(counts, expected, "{text}\n{plan:#?}");
        });
    }
}

#[tokio::test]
async fn what_was_imported_comes_back_unchanged() {
    let world = World::embedded().await;
    let text = "status,loginName,mail,firstName,lastName,language,validFrom,validTo,spCustomAttribute5,uid,location,division\n\
                active,ada,ada@acme.example,Ada,\"Love, \"\"lace\"\"\",de-DE,20260131120000Z,20270131120000Z,\"a\nb\",007,Here,D1\n\
                INACTIVE,,bob@acme.example,,=cmd(),XX,,,,,,\n";
    let configuration = configuration_of(json!({}));
    let run = world
        .importer()
        .import_file(&world.id, &configuration.name, "x.csv", file(text), &Silent)
        .await
        .unwrap();
    assert_eq!(run.counts.created, 2, "{run:?}");
    let text = exported(&world, &configuration).await;
    assert!(text.contains("'=cmd()") && text.contains("20260131120000Z"), "{text}");
    let (counts, plan) = planned(&world.importer(), &world, &configuration, &text).await;
    assert_eq!(counts, Counts { unchanged: 2, ..Counts::default() }, "{text}\n{plan:#?}");
}

/// Memberships of every origin, a role that only an identity provider knows, and a group that no cell can name.
#[tokio::test]
async fn groups_and_roles_come_back_unchanged() {
    let world = World::embedded().await;
    world.group("Sales", &[]).await;
    let text = "status,mail,lastName,role,groups\n\
                active,ada@acme.example,Lovelace,User|Administrator,Sales\n\
                active,bob@acme.example,Builder,,\n";
    let configuration = configuration_of(json!({ "format": { "empty_cells": "clear" } }));
    let importer = world.importer();
    let run = importer.import_file(&world.id, &configuration.name, "x.csv", file(text), &Silent);
    assert_eq!(run.await.unwrap().counts.created, 2);
    let ada = world.id_of("ada@acme.example").await;
    world.group("VIP", std::slice::from_ref(&ada)).await;
    world.group("A, B", std::slice::from_ref(&ada)).await;
    let mut guest =
        user(7).new_tree(&mut proptest::test_runner::TestRunner::deterministic()).unwrap().current();
    guest["roles"] = json!([{ "value": "Guest" }]);
    world.create(Kind::User, guest).await;
    let text = exported(&world, &configuration).await;
    assert!(text.contains("User|Administrator") && text.contains("\"Sales,VIP\""), "{text}");
    let (counts, plan) = planned(&world.importer(), &world, &configuration, &text).await;
    assert_eq!(counts, Counts { unchanged: 3, ..Counts::default() }, "{text}\n{plan:#?}");
    let other = text.replace("Guest", "Gast");
    let (counts, _) = planned(&world.importer(), &world, &configuration, &other).await;
    assert_eq!(counts.rejected, 1, "a role is not given that the directory does not have");
}
