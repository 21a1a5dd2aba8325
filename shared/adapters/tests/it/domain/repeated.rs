//! Requests that may come twice, on both stores.

use super::{World, on_both_stores};
use domain::tenant::{REPEATABLE_SECONDS, Repeatable, Repetition, Turn};

on_both_stores! {
    an_answer_is_kept_for_a_day
    a_request_that_broke_off_is_taken_over
    an_answer_that_is_too_large_is_not_kept
}

fn request(world: &World, key: &str, fingerprint: &str) -> Repeatable {
    let tenant = Some(world.id.tenant.clone());
    Repeatable { tenant, key: key.to_owned(), fingerprint: fingerprint.to_owned() }
}

async fn first(world: &World, request: &Repeatable) -> Turn {
    match world.store.repetition(request).await.unwrap() {
        Repetition::First(turn) => turn,
        other => panic!("{other:?}"),
    }
}

async fn an_answer_is_kept_for_a_day(world: World) {
    let (store, ours) = (&world.store, request(&world, "k", "a"));
    let turn = first(&world, &ours).await;
    assert_eq!(store.repetition(&ours).await.unwrap(), Repetition::Running);
    assert_eq!(store.repetition(&request(&world, "k", "b")).await.unwrap(), Repetition::Other);
    first(&world, &request(&world, "l", "a")).await;
    first(&world, &Repeatable { tenant: None, ..ours.clone() }).await;
    assert!(store.keep_answer(&ours, &turn, "done").await.unwrap());
    world.clock.advance(REPEATABLE_SECONDS - 1);
    let answered = Repetition::Answered("done".to_owned());
    assert_eq!(store.repetition(&ours).await.unwrap(), answered);
    assert_eq!(store.repetition(&request(&world, "k", "b")).await.unwrap(), Repetition::Other);
    world.clock.advance(1);
    let turn = first(&world, &request(&world, "k", "b")).await;
    store.forget_request(&ours, &turn).await.unwrap();
    first(&world, &ours).await;
}

async fn a_request_that_broke_off_is_taken_over(world: World) {
    let (store, ours) = (&world.store, request(&world, "k", "a"));
    let lost = first(&world, &ours).await;
    world.clock.advance(119);
    assert_eq!(store.repetition(&ours).await.unwrap(), Repetition::Running);
    world.clock.advance(1);
    let turn = first(&world, &ours).await;
    // Who was only slow changes nothing any more.
    store.keep_answer(&ours, &lost, "late").await.unwrap();
    store.forget_request(&ours, &lost).await.unwrap();
    assert_eq!(store.repetition(&ours).await.unwrap(), Repetition::Running);
    store.keep_answer(&ours, &turn, "done").await.unwrap();
    assert_eq!(store.repetition(&ours).await.unwrap(), Repetition::Answered("done".to_owned()));
}

async fn an_answer_that_is_too_large_is_not_kept(world: World) {
    let (store, ours) = (&world.store, request(&world, "k", "a"));
    let turn = first(&world, &ours).await;
    assert!(!store.keep_answer(&ours, &turn, &"x".repeat(500_000)).await.unwrap());
    assert!(store.keep_answer(&ours, &turn, "short").await.unwrap());
}
