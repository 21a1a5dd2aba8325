//! The contract of the object port, on a folder and on S3; and what each must do beyond it.

use crate::stores::QUICK;
use adapters::aws::at_endpoint;
use adapters::embedded::FolderObjects;
use adapters::s3::S3Objects;
use adapters::system::SystemRandom;
use domain::objects::{Entry, ObjectError, Objects};
use emulator::{Fault, S3};
use std::fs::File;
use std::io::{Read, Seek, Write};
use std::sync::Arc;

async fn s3() -> (S3Objects, S3) {
    let emulator = S3::start();
    let config = at_endpoint(&emulator.endpoint(), emulator::ACCESS_KEY, emulator::SECRET_KEY).await;
    let objects = S3Objects::new(&config, emulator::BUCKET, Arc::new(SystemRandom)).with_retries(QUICK);
    (objects, emulator)
}

async fn on_every_store(test: impl AsyncFn(&dyn Objects)) {
    eprintln!("on a folder");
    let folder = tempfile::tempdir().unwrap();
    test(&FolderObjects::new(folder.path().join("objects"))).await;
    eprintln!("on S3");
    let (objects, _emulator) = s3().await;
    test(&objects).await;
}

/// A file with this content, its position at its end: a store must begin at its start.
fn file(content: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(content).unwrap();
    file
}

async fn content(objects: &dyn Objects, key: &str, version: Option<&str>) -> Option<Vec<u8>> {
    let mut object = objects.fetch(key, version).await.unwrap()?;
    let mut content = Vec::new();
    object.file.read_to_end(&mut content).unwrap();
    assert_eq!(object.size, content.len() as u64);
    object.file.rewind().unwrap();
    Some(content)
}

#[tokio::test]
async fn an_object_comes_back_whole_or_not_at_all() {
    on_every_store(async |objects| {
        assert_eq!(content(objects, "a/b", None).await, None);
        let large: Vec<u8> = (0..1_000_003_u32).map(|place| (place % 251) as u8).collect();
        for bytes in [b"".as_slice(), b"first", &large] {
            objects.store("a/b", file(bytes)).await.unwrap();
            assert_eq!(content(objects, "a/b", None).await.as_deref(), Some(bytes));
        }
        assert_eq!(content(objects, "a", None).await, None);
        assert_eq!(content(objects, "a/b/c", None).await, None);
        objects.remove("a/b", None).await.unwrap();
        assert_eq!(content(objects, "a/b", None).await, None);
        objects.remove("a/b", None).await.unwrap();
        objects.remove("never/was", None).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_part_of_an_object_is_read() {
    on_every_store(async |objects| {
        assert_eq!(objects.read_at("a/b", 0, 10).await.unwrap(), None);
        let large: Vec<u8> = (0..300_000_u32).map(|place| (place % 251) as u8).collect();
        objects.store("a/b", file(&large)).await.unwrap();
        for (offset, length) in
            [(0, 10), (0, 0), (7, 100_000), (299_990, 100), (300_000, 5), (400_000, 5), (0, 1_000_000)]
        {
            let until = (offset + length).min(large.len());
            let expected = large.get(offset..until).unwrap_or_default();
            let found = objects.read_at("a/b", offset as u64, length).await.unwrap();
            assert_eq!(found.as_deref(), Some(expected), "{offset} {length}");
        }
        objects.store("empty", file(b"")).await.unwrap();
        assert_eq!(objects.read_at("empty", 0, 10).await.unwrap(), Some(Vec::new()));
        assert_eq!(objects.read_at("a", 0, 10).await.unwrap(), None);
        assert!(matches!(objects.read_at("../a", 0, 10).await, Err(ObjectError::InvalidKey)));
    })
    .await;
}

#[tokio::test]
async fn only_a_bucket_has_an_address_to_upload_to() {
    let folder = tempfile::tempdir().unwrap();
    let local = FolderObjects::new(folder.path().to_owned());
    assert_eq!(local.upload_url("a/b", 900).await.unwrap(), None);
    assert!(matches!(local.upload_url("a//b", 900).await, Err(ObjectError::InvalidKey)));
    let (objects, emulator) = s3().await;
    let url = objects.upload_url("inbox/a/ä b.csv", 900).await.unwrap().unwrap();
    assert!(url.starts_with(&emulator.endpoint()), "{url}");
    assert!(url.contains("/inbox/a/%C3%A4%20b.csv?") && url.contains("X-Amz-Expires=900"), "{url}");
    assert_eq!(content(&objects, "inbox/a/ä b.csv", None).await, None);
}

#[tokio::test]
async fn a_version_names_one_upload() {
    on_every_store(async |objects| {
        objects.store("a", file(b"one")).await.unwrap();
        let first = objects.fetch("a", None).await.unwrap().unwrap();
        let again = objects.fetch("a", Some(&first.version)).await.unwrap().unwrap();
        assert_eq!(first.version, again.version);
        objects.store("a", file(b"one")).await.unwrap();
        let second = objects.fetch("a", None).await.unwrap().unwrap();
        assert_ne!(first.version, second.version);
        // What was opened stays what it was; the old version is the old one, or gone.
        let mut opened = String::new();
        let mut first_file = first.file;
        first_file.read_to_string(&mut opened).unwrap();
        assert_eq!(opened, "one");
        objects.store("a", file(b"two")).await.unwrap();
        let old = content(objects, "a", Some(&first.version)).await;
        assert!(old.is_none() || old.as_deref() == Some(b"one"), "{old:?}");
        assert_eq!(content(objects, "a", Some("none")).await, None);
    })
    .await;
}

#[tokio::test]
async fn a_listing_is_in_byte_order() {
    on_every_store(async |objects| {
        let keys = ["a", "b#", "b-c", "b/c", "b/d/e", "b/d-", "b0", "bä", "c/d"];
        for key in keys.iter().rev() {
            objects.store(key, file(key.as_bytes())).await.unwrap();
        }
        let cases = [
            ("", None, 100, "a b# b-c b/c b/d- b/d/e b0 bä c/d"),
            ("b/", None, 100, "b/c b/d- b/d/e"),
            ("b/d", None, 100, "b/d- b/d/e"),
            ("b/d/e", None, 100, "b/d/e"),
            ("", Some("b/c"), 3, "b/d- b/d/e b0"),
            ("b", Some("b/zz"), 2, "b0 bä"),
            ("", None, 0, ""),
            ("none", None, 5, ""),
            ("../", None, 5, ""),
        ];
        for (prefix, after, limit, expect) in cases {
            let found = objects.list(prefix, after, limit).await.unwrap();
            let keys: Vec<&str> = found.iter().map(|entry| entry.key.as_str()).collect();
            assert_eq!(keys.join(" "), expect, "{prefix} {after:?} {limit}");
        }
        let found = objects.list("b/d/", None, 1).await.unwrap();
        assert_eq!(found, [Entry { key: "b/d/e".to_owned(), size: 5 }]);
    })
    .await;
}

#[tokio::test]
async fn keys_that_lead_astray_are_refused() {
    on_every_store(async |objects| {
        let long = "k".repeat(256);
        let longer = "k/".repeat(512) + "k";
        let keys = [
            "",
            "/",
            "/etc/passwd",
            "a/",
            "a//b",
            ".",
            "..",
            "../a",
            "a/../b",
            "a/..",
            "a/./b",
            "a\\b",
            "a\0b",
        ];
        for key in keys.iter().copied().chain([".muster-a", "a/.muster-b", &long, &longer]) {
            let refusals = [
                objects.fetch(key, None).await.map(drop),
                objects.store(key, file(b"x")).await,
                objects.remove(key, None).await,
            ];
            for refused in refusals {
                assert!(matches!(refused, Err(ObjectError::InvalidKey)), "{key:?}: {refused:?}");
            }
        }
        assert_eq!(objects.list("", None, 10).await.unwrap(), []);
        for key in ["..a", "a..b/c..", ".hidden", "a b", "%2e%2e/x", "ä?&=+"] {
            objects.store(key, file(key.as_bytes())).await.unwrap();
            assert_eq!(content(objects, key, None).await.as_deref(), Some(key.as_bytes()), "{key}");
        }
    })
    .await;
}

#[tokio::test]
async fn a_folder_shows_what_others_move_in_and_hides_the_unfinished() {
    let folder = tempfile::tempdir().unwrap();
    let objects = FolderObjects::new(folder.path().to_owned());
    std::fs::create_dir_all(folder.path().join("inbox/acme")).unwrap();
    std::fs::write(folder.path().join("inbox/acme/people.csv"), "x").unwrap();
    std::fs::write(folder.path().join("inbox/acme/.muster-abc"), "x").unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.path().join("inbox/link")).unwrap();
    let found = objects.list("", None, 10).await.unwrap();
    assert_eq!(found, [Entry { key: "inbox/acme/people.csv".to_owned(), size: 1 }]);
    objects.store("inbox/acme/people.csv", file(b"yz")).await.unwrap();
    let names: Vec<_> = std::fs::read_dir(folder.path().join("inbox/acme")).unwrap().collect();
    assert_eq!(names.len(), 2);
}

#[tokio::test]
async fn s3_keeps_the_version_that_an_event_named() {
    let (objects, _emulator) = s3().await;
    objects.store("a", file(b"one")).await.unwrap();
    let first = objects.fetch("a", None).await.unwrap().unwrap().version;
    objects.store("a", file(b"two")).await.unwrap();
    objects.remove("a", None).await.unwrap();
    assert_eq!(content(&objects, "a", None).await, None);
    assert_eq!(content(&objects, "a", Some(&first)).await.as_deref(), Some(b"one".as_slice()));
}

#[tokio::test]
async fn s3_survives_faults() {
    let (objects, emulator) = s3().await;
    let large = vec![7; 700_000];
    for fault in [Fault::Throttle, Fault::ServerError, Fault::LostReply] {
        emulator.inject(fault, 2);
        objects.store("a/b", file(&large)).await.unwrap();
        emulator.inject(fault, 2);
        assert_eq!(content(&objects, "a/b", None).await.as_deref(), Some(large.as_slice()), "{fault:?}");
        emulator.inject(fault, 2);
        assert_eq!(objects.list("a/", None, 10).await.unwrap().len(), 1);
        emulator.inject(fault, 2);
        objects.remove("a/b", None).await.unwrap();
        assert_eq!(objects.list("a/", None, 10).await.unwrap(), []);
    }
}
