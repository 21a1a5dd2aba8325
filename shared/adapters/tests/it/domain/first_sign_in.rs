//! With the first sign-in a mapping becomes a user (P13).

use super::deciding::HEADER;
use super::import::{file, report};
use super::{World, on_both_stores};
use domain::directory::Shown;
use domain::import::configuration::MatchOn;
use domain::import::run::{Counts, Purpose};
use domain::store::{Id, Kind};

on_both_stores! { whoever_has_signed_in_keeps_name_and_identifier }

async fn whoever_has_signed_in_keeps_name_and_identifier(world: World) {
    let by_mail = world.configure("mail", |configuration| {
        configuration.match_on = vec![MatchOn::Mail];
    });
    let by_mail = by_mail.await;
    let row =
        |name: &str, uid: &str, last: &str| format!("{HEADER}active,{name},a@acme.example,{last},{uid},\n");
    world.bring(&by_mail, &row("a", "1", "One")).await;
    // A mapping is the configuration's to change.
    assert_eq!(world.bring(&by_mail, &row("b", "2", "One")).await.counts.updated, 1);
    let id = Id::parse(&world.id_of("b").await).unwrap();
    let (signed_in, units) = world.cost(world.store.note_first_sign_in(&world.id, id)).await;
    let signed_in = signed_in.unwrap();
    assert_eq!((signed_in.signed_in, units.writes), (Some(world.now()), 1));
    world.clock.advance(5);
    assert_eq!(
        world.store.note_first_sign_in(&world.id, id).await.unwrap(),
        signed_in,
        "there is one first time"
    );
    let found = world.directory().get(Kind::User, &id.to_string(), Shown::ALL).await.unwrap();
    let shown = world.directory().document(&found).unwrap();
    assert_eq!(shown["urn:ietf:params:scim:schemas:extension:muster:2.0:User"]["lifecycle"], "signed-in");
    assert_eq!(world.bring(&by_mail, &row("b", "2", "One")).await.counts.unchanged, 1);
    for (name, uid) in [("c", "2"), ("b", "3")] {
        let run = world.bring(&by_mail, &row(name, uid, "One")).await;
        assert_eq!(run.counts.rejected, 1);
        assert!(report(&world, &run).await.contains("user-signed-in"), "{name} {uid}");
    }
    assert_eq!(world.bring(&by_mail, &row("b", "2", "Two")).await.counts.updated, 1);
    // Nor does a plan that was made before.
    world.bring(&by_mail, &(row("b", "2", "Two") + "active,n,n@acme.example,New,9,\n")).await;
    let renamed = row("b", "2", "Two") + "active,m,n@acme.example,New,9,\n";
    world.clock.advance(1);
    let begun =
        world.importer().begin(&world.id, &by_mail, Purpose::Preview, "x.csv", file(&renamed)).await.unwrap();
    assert_eq!(world.worked(&begun).await.counts.updated, 1);
    let id = Id::parse(&world.id_of("n").await).unwrap();
    world.store.note_first_sign_in(&world.id, id).await.unwrap();
    world.importer().approve(&world.id, &begun.id).await.unwrap();
    let run = world.worked(&begun).await;
    assert_eq!(run.counts, Counts { unchanged: 1, rejected: 1, ..Counts::default() });
    assert!(report(&world, &run).await.contains("changed-since-plan"));
}
