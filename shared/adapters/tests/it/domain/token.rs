//! Tokens open one directory, and nothing but the secret itself opens it, as long as it is valid.

use super::{World, on_both_stores};
use domain::store::{Id, Name, Store, Stretch};
use domain::tenant::{Bearer, REMEMBERED_SECONDS, TokenTerms};
use jiff::SignedDuration;
use std::sync::Arc;

on_both_stores! {
    only_the_secret_opens
    what_was_believed_is_asked_again
    tokens_are_listed_and_revoked
    a_token_expires
    a_token_for_a_user
    a_token_of_another_region
}

/// Whether the secret opens the directory.
async fn opens(world: &World, secret: &str) -> bool {
    match world.store.authenticate(secret).await.unwrap() {
        Bearer::Known(token) => {
            assert_eq!(token.directory, world.id);
            true
        }
        _ => false,
    }
}

async fn only_the_secret_opens(world: World) {
    let token = world.store.create_token(&world.id).await.unwrap();
    assert!(opens(&world, &token.secret).await);
    let altered = token.secret.replace("muster_", "muster-");
    for wrong in [
        "",
        "muster_",
        "Bearer",
        &altered,
        &token.secret.to_uppercase(),
        &format!("{} ", token.secret),
        &"muster_x".repeat(999),
    ] {
        assert!(!opens(&world, wrong).await, "{wrong}");
    }
}

async fn what_was_believed_is_asked_again(world: World) {
    let token = world.store.create_token(&world.id).await.unwrap();
    let ask = || opens(&world, &token.secret);
    assert_eq!(world.cost(ask()).await.1.read_halves, 2);
    world.clock.advance(REMEMBERED_SECONDS - 1);
    assert_eq!(world.cost(ask()).await.1.read_halves, 0);
    world.clock.advance(1);
    assert_eq!(world.cost(ask()).await.1.read_halves, 2);
}

async fn tokens_are_listed_and_revoked(world: World) {
    let old = world.store.create_token(&world.id).await.unwrap();
    let new = world.store.create_token(&world.id).await.unwrap();
    let listed = world.store.tokens(&world.id, &Stretch::WHOLE).await.unwrap().items;
    let mut expected = vec![old.token.clone(), new.token.clone()];
    expected.sort_by(|a, b| a.id.cmp(&b.id));
    assert_eq!(listed, expected);
    assert!(opens(&world, &old.secret).await && opens(&world, &new.secret).await);
    assert!(world.store.revoke_token(&world.id, &old.token.id).await.unwrap());
    assert!(!world.store.revoke_token(&world.id, &old.token.id).await.unwrap());
    assert!(!opens(&world, &old.secret).await, "at once in the same process");
    assert!(opens(&world, &new.secret).await);
    assert_eq!(world.store.tokens(&world.id, &Stretch::WHOLE).await.unwrap().items, vec![new.token]);
}

async fn a_token_expires(world: World) {
    let expires = Some(world.now() + SignedDuration::from_secs(30));
    let terms = TokenTerms { expires, ..TokenTerms::default() };
    let token = world.store.create_token_on(&world.id, terms).await.unwrap();
    assert!(opens(&world, &token.secret).await);
    world.clock.advance(30);
    assert!(!opens(&world, &token.secret).await, "though it is remembered");
}

async fn a_token_for_a_user(world: World) {
    let ada = Id::parse(&world.user("ada").await).unwrap();
    let terms = TokenTerms { user: Some(ada), ..TokenTerms::default() };
    let token = world.store.create_token_on(&world.id, terms).await.unwrap();
    let Bearer::Known(found) = world.store.authenticate(&token.secret).await.unwrap() else { panic!() };
    assert_eq!(found.user, Some(ada));
    let nobody = Id::parse("00000000-0ffe-8abc-8abc-0123456789ab");
    let terms = TokenTerms { user: nobody, ..TokenTerms::default() };
    assert!(matches!(world.store.create_token_on(&world.id, terms).await, Err(domain::Error::NotFound)));
}

async fn a_token_of_another_region(world: World) {
    let table = || Arc::clone(&world.meter) as _;
    let region = |name: &str| {
        let random = Arc::new(adapters::system::SystemRandom);
        Store::new(table(), Arc::clone(&world.clock) as _, random).in_region(Name::new(name).ok())
    };
    let (europe, america) = (region("eu"), region("us"));
    let token = europe.create_token(&world.id).await.unwrap();
    assert!(token.secret.starts_with("muster_eu_"));
    assert!(matches!(europe.authenticate(&token.secret).await.unwrap(), Bearer::Known(_)));
    let elsewhere = Bearer::Elsewhere(Name::new("eu").unwrap());
    assert_eq!(america.authenticate(&token.secret).await.unwrap(), elsewhere);
    assert_eq!(world.store.authenticate(&token.secret).await.unwrap(), elsewhere);
}
