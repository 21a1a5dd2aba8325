//! Listing: totals and order are exact whatever was created and deleted, by however many processes.

use super::{World, first, on_both_stores, user};
use domain::directory::{Paging, Shown, Versions, Wanted};
use domain::store::{Id, Kind};
use std::collections::BTreeSet;

on_both_stores! { every_page_is_right_after_deletions two_processes_share_a_block_without_gaps ids_are_never_given_again }

async fn all(world: &World, page_size: usize) -> (usize, Vec<String>) {
    let (mut found, mut total) = (Vec::new(), 0);
    loop {
        let wanted = Wanted { paging: Paging::Offset { offset: found.len(), count: page_size }, ..first(0) };
        let page = world.directory().list(Kind::User, &wanted).await.unwrap();
        total = page.total.unwrap().max(total);
        if page.resources.is_empty() {
            return (total, found);
        }
        found.extend(page.resources.into_iter().map(|one| one.id.to_string()));
    }
}

async fn every_page_is_right_after_deletions(world: World) {
    let mut ids = Vec::new();
    for at in 0..40 {
        ids.push(world.user(&format!("user{at}")).await);
    }
    // The first, the last, neighbours and every seventh.
    let gone: Vec<usize> = (0..40).filter(|at| [0, 39, 11, 12, 13].contains(at) || at % 7 == 3).collect();
    for at in &gone {
        world.directory().delete(Kind::User, &ids[*at], &Versions::Any).await.unwrap();
    }
    let kept: Vec<String> =
        ids.iter().enumerate().filter(|(at, _)| !gone.contains(at)).map(|(_, id)| id.clone()).collect();
    for page_size in [1, 3, 10, 100] {
        assert_eq!(all(&world, page_size).await, (kept.len(), kept.clone()), "pages of {page_size}");
    }
}

async fn two_processes_share_a_block_without_gaps(world: World) {
    let (one, two) = (world.directory(), world.directory_of(&world.other_process()));
    for at in 0..10 {
        one.create(Kind::User, user(&format!("one{at}")), Shown::ALL).await.unwrap();
        two.create(Kind::User, user(&format!("two{at}")), Shown::ALL).await.unwrap();
    }
    let (total, ids) = all(&world, 7).await;
    assert_eq!((total, ids.len()), (20, 20));
    assert_eq!(ids.iter().collect::<BTreeSet<_>>().len(), 20);
}

async fn ids_are_never_given_again(world: World) {
    let first = world.user("ada").await;
    world.directory().delete(Kind::User, &first, &Versions::Any).await.unwrap();
    let again = world.user("ada").await;
    assert_ne!(first, again);
    assert_ne!(Id::parse(&first).unwrap().seat(), Id::parse(&again).unwrap().seat());
    assert!(world.directory().get(Kind::User, &first, Shown::ALL).await.is_err());
    assert_eq!(all(&world, 10).await, (1, vec![again]));
}
