//! What the embedded table must do beyond the contract: last, be alone, forget tokens in time.

use crate::stores::{StandingClock, assert_invalid, key, reads, writes};
use adapters::embedded::{EmbeddedTable, OpenError};
use domain::table::{Condition, Consistency, Item, Query, Table, Write};
use jiff::SignedDuration;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;

/// Set for the process that is to be killed: the file that it writes to.
const VICTIM: &str = "MUSTER_TEST_TABLE_FILE";

fn open(path: &Path) -> EmbeddedTable {
    EmbeddedTable::open(path, StandingClock::new()).unwrap()
}

fn put(sort: &str) -> Write {
    Write::Put(Item::new(key(sort)).with("n", 1), Condition::Absent)
}

#[tokio::test]
async fn what_was_written_is_there_when_opened_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.redb");
    let table = open(&path);
    assert_eq!(table.query(&Query::partition("p")).await.unwrap().value.items, []);
    table.write(&[put("a"), put("b")], Some("token")).await.unwrap();
    drop(table);
    let table = open(&path);
    assert_eq!(table.query(&Query::partition("p")).await.unwrap().value.items.len(), 2);
    assert_eq!(table.write(&[put("a"), put("b")], Some("token")).await.unwrap(), reads(4.0));
}

#[test]
fn a_second_opener_is_told_that_the_file_is_in_use() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.redb");
    let _table = open(&path);
    let second = EmbeddedTable::open(&path, StandingClock::new());
    assert!(matches!(second, Err(OpenError::InUse)), "{second:?}");
}

#[test]
fn what_is_no_table_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.redb");
    std::fs::write(&path, "userName;mail\n".repeat(1000)).unwrap();
    let opened = EmbeddedTable::open(&path, StandingClock::new());
    assert!(matches!(opened, Err(OpenError::Failed(_))), "{opened:?}");
    let opened = EmbeddedTable::open(&folder.path().join("none/table.redb"), StandingClock::new());
    assert!(matches!(opened, Err(OpenError::Failed(_))), "{opened:?}");
}

/// What is damaged is refused, or does not matter for opening; nothing panics.
#[tokio::test]
async fn a_damaged_file_is_refused_without_a_panic() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.redb");
    let table = open(&path);
    for place in 0..200 {
        table.write(&[put(&format!("a{place:06}"))], None).await.unwrap();
    }
    drop(table);
    let whole = std::fs::read(&path).unwrap();
    let (mut refused, mut caught) = (0, 0);
    let mut check = |damaged: &[u8]| {
        std::fs::write(&path, damaged).unwrap();
        match EmbeddedTable::open(&path, StandingClock::new()) {
            Ok(_) => {}
            Err(OpenError::Failed(cause)) => {
                refused += 1;
                caught += usize::from(cause.to_string().starts_with("it is damaged"));
            }
            Err(error) => panic!("{error}"),
        }
    };
    for kept in [1, 64, 512, 4096, 8192, whole.len() / 2, whole.len() - 1] {
        check(&whole[..kept]);
    }
    for start in (0..32 * 1024).step_by(1024) {
        let mut damaged = whole.clone();
        damaged[start..start + 1024].fill(0xA5);
        check(&damaged);
    }
    // Otherwise these are no files on which the store panics.
    assert!(refused > 7 && caught > 0, "{refused}, {caught}");
}

#[tokio::test]
async fn a_token_is_known_for_ten_minutes() {
    let folder = tempfile::tempdir().unwrap();
    let clock = StandingClock::new();
    let table = EmbeddedTable::open(&folder.path().join("table.redb"), Arc::clone(&clock) as _).unwrap();
    let one = [Write::Put(Item::new(key("a")), Condition::Always)];
    let other = [Write::Put(Item::new(key("b")), Condition::Always)];
    for place in 0..20 {
        table.write(&one, Some(&format!("earlier-{place}"))).await.unwrap();
    }
    table.write(&one, Some("token")).await.unwrap();
    clock.advance(SignedDuration::from_millis(10 * 60 * 1000 - 1));
    assert_eq!(table.write(&one, Some("token")).await.unwrap(), reads(2.0));
    assert_invalid(table.write(&other, Some("token")).await);
    clock.advance(SignedDuration::from_millis(1));
    assert_eq!(table.write(&other, Some("token")).await.unwrap(), writes(2));
    assert_eq!(table.write(&other, Some("token")).await.unwrap(), reads(2.0));
    // The earlier ones go with the new ones that come; the token just renewed stays.
    for place in 0..10 {
        table.write(&one, Some(&format!("later-{place}"))).await.unwrap();
    }
    assert_eq!(table.write(&other, Some("token")).await.unwrap(), reads(2.0));
    assert_eq!(table.write(&other, Some("earlier-3")).await.unwrap(), writes(2));
}

#[tokio::test]
async fn a_caller_who_stops_waiting_leaves_the_table_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.redb");
    let table = open(&path);
    for place in 0..20 {
        let sorts = [format!("a{place}"), format!("b{place}")];
        let writes = [put(&sorts[0]), put(&sorts[1])];
        let write = table.write(&writes, None);
        // Asked once, and then dropped.
        let _ = futures::poll!(Box::pin(write).as_mut());
    }
    drop(table);
    let items = open(&path).query(&Query::partition("p")).await.unwrap().value.items;
    assert_eq!(items.len(), 40);
}

/// Not a test of its own: what the process does that is killed below.
#[test]
fn victim() {
    #[expect(clippy::disallowed_methods, reason = "how the test that starts this process talks to it")]
    let Some(path) = std::env::var_os(VICTIM).map(PathBuf::from) else { return };
    let table = open(&path);
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    for place in 0.. {
        let writes = [put(&format!("a{place:06}")), put(&format!("b{place:06}"))];
        runtime.block_on(table.write(&writes, None)).unwrap();
        println!("\nacknowledged {place}");
    }
}

#[tokio::test]
async fn an_acknowledged_write_survives_the_killing_of_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.redb");
    let mut last = 0;
    for kill_after in [1, 30, 77] {
        std::fs::remove_file(&path).ok();
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["embedded::victim", "--exact", "--nocapture"])
            .env(VICTIM, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines().map(Result::unwrap);
        for line in lines.filter(|line| line.starts_with("acknowledged")).take(kill_after) {
            last = line.rsplit_once(' ').unwrap().1.parse().unwrap();
        }
        process.kill().unwrap();
        process.wait().unwrap();
        let table = open(&path);
        let items = table.query(&Query::partition("p")).await.unwrap().value.items;
        let count = items.len();
        assert!(count >= 2 * (last + 1), "{count} items, {last} acknowledged");
        assert_eq!(count % 2, 0, "half a transaction");
        let found = table.get(&key(&format!("b{last:06}")), Consistency::Strong).await.unwrap().value;
        assert!(found.is_some());
    }
}
