//! What is told: once for each incident, never lost, and about uploaded files too.

use super::{FILE, Night, World, expect, on_both_stores};
use domain::import::engine::Silent;
use domain::import::problem::Code;
use domain::import::run::{Run, State};
use domain::pgp::PgpAlgorithm;
use serde_json::json;
use std::io::{Seek as _, Write as _};

on_both_stores! {
    mail_that_cannot_be_sent_is_sent_later
    only_what_was_asked_for_is_told
    rejections_over_the_share_are_told_once
    keys_that_expire_are_told_of_three_times
    two_mailers_send_a_message_once
}

async fn mail_that_cannot_be_sent_is_sent_later(world: World) {
    let night = Night::new(world, json!({ "decryption": "pgp" })).await;
    night.remote.put("/out/users.csv", FILE, 1_000);
    *night.post.closed.lock().unwrap() = true;
    expect(&night.night().await, State::Failed, Some(Code::PgpNoKeys));
    for _ in 0..20 {
        assert!(night.mail().await.is_empty());
        night.world.clock.advance(4 * 3600 + 1);
    }
    *night.post.closed.lock().unwrap() = false;
    assert_eq!(night.mail().await, ["failed"]);
    assert!(night.mail().await.is_empty());
}

async fn only_what_was_asked_for_is_told(world: World) {
    let notifications = json!({ "recipients": ["it@acme.example"], "on": ["recovered"] });
    let night = Night::new(world, json!({ "notifications": notifications })).await;
    expect(&night.night().await, State::Failed, Some(Code::SftpFileMissing));
    assert!(night.mail().await.is_empty());
    night.remote.put("/out/users.csv", FILE, 1_000);
    expect(&night.night().await, State::Finished, None);
    assert_eq!(night.mail().await, ["recovered"]);
}

async fn upload(night: &Night, content: &str) -> Run {
    night.world.clock.advance(1);
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(content.as_bytes()).unwrap();
    file.rewind().unwrap();
    let importer = night.world.importer();
    importer.import_file(&night.world.id, &night.name, "users.csv", file, &Silent).await.unwrap()
}

async fn rejections_over_the_share_are_told_once(world: World) {
    let change = json!({
        "source": { "kind": "upload" },
        "schedule": null,
        "notifications": { "recipients": ["it@acme.example"], "rejected_percent": 50 },
    });
    let night = Night::new(world, change).await;
    let bad = "status,mail,lastName\nactive,ann@acme.example,Keller\nactive,nobody,Berg\nactive,,Berg\n";
    expect(&upload(&night, bad).await, State::FinishedWithRejections, None);
    assert_eq!(night.mail().await, ["rejections"]);
    expect(&upload(&night, bad).await, State::FinishedWithRejections, None);
    assert!(night.mail().await.is_empty());
    expect(&upload(&night, FILE).await, State::Finished, None);
    assert!(night.mail().await.is_empty());
    expect(&upload(&night, bad).await, State::FinishedWithRejections, None);
    assert_eq!(night.mail().await, ["rejections"]);
    expect(&upload(&night, "").await, State::Failed, Some(Code::FileEmpty));
    assert_eq!(night.mail().await, ["failed"]);
    // A share below the limit is none of anybody's business.
    let few = format!("{FILE}active,nobody,Berg\n");
    expect(&upload(&night, &few).await, State::FinishedWithRejections, None);
    assert_eq!(night.mail().await, ["recovered"]);
}

async fn keys_that_expire_are_told_of_three_times(world: World) {
    let night = Night::new(world, json!({ "decryption": "pgp", "schedule": null })).await;
    let (store, id, name) = (&night.world.store, &night.world.id, &night.name);
    let key =
        store.create_pgp_key(night.vault(), &super::Plainly, id, name, PgpAlgorithm::Rsa3072).await.unwrap();
    let mut days = Vec::new();
    while night.world.now() < key.expires {
        night.puller().attend_all(|| false).await.unwrap();
        if !night.mail().await.is_empty() {
            days.push(key.expires.duration_since(night.world.now()).as_hours() / 24);
        }
        let near = key.expires.duration_since(night.world.now()).as_hours() <= 75 * 24;
        night.world.clock.advance(if near { 24 * 3600 } else { 30 * 24 * 3600 });
    }
    assert_eq!(days.len(), 3, "{days:?}");
    assert!(
        (29..=30).contains(&days[0]) && (13..=14).contains(&days[1]) && (2..=3).contains(&days[2]),
        "{days:?}"
    );
}

async fn two_mailers_send_a_message_once(world: World) {
    let night = Night::new(world, json!({ "decryption": "pgp" })).await;
    night.remote.put("/out/users.csv", FILE, 1_000);
    night.night().await;
    let (one, two) = futures::join!(night.mail(), night.mail());
    assert_eq!([one, two].concat(), ["failed"]);
}
