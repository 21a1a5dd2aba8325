//! Tokens open one directory, and nothing but the secret itself opens it.

use super::{World, on_both_stores};
use domain::tenant::{TOKEN_CACHE_SECONDS, Tokens};
use std::sync::Arc;

on_both_stores! { only_the_secret_opens what_was_believed_is_asked_again }

async fn only_the_secret_opens(world: World) {
    let token = world.store.create_token(&world.id).await.unwrap();
    let tokens = Tokens::new(Arc::clone(&world.store));
    assert_eq!(tokens.authenticate(&token.secret).await.unwrap().unwrap().directory, world.id);
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
        assert_eq!(tokens.authenticate(wrong).await.unwrap(), None);
    }
}

async fn what_was_believed_is_asked_again(world: World) {
    let token = world.store.create_token(&world.id).await.unwrap();
    let tokens = Tokens::new(Arc::clone(&world.store));
    let ask = || tokens.authenticate(&token.secret);
    assert_eq!(world.cost(ask()).await.1.read_halves, 2);
    world.clock.advance(TOKEN_CACHE_SECONDS - 1);
    assert_eq!(world.cost(ask()).await.1.read_halves, 0);
    world.clock.advance(1);
    assert_eq!(world.cost(ask()).await.1.read_halves, 2);
}
