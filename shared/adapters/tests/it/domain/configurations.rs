//! Configurations of imports on both stores: versions, conditions, and what is kept of the past.

use super::{World, on_both_stores};
use domain::Error;
use domain::import::configuration::{Configuration, Mode};
use domain::store::Name;
use futures::future::join_all;

on_both_stores! {
    each_change_is_a_version
    changes_by_two_processes_are_all_kept
}

fn name() -> Name {
    Name::new("nightly").unwrap()
}

fn level(level: &str) -> impl Fn(&Configuration) -> Result<Configuration, Error> + use<'_> {
    move |old| Ok(Configuration { access_level: Some(level.to_owned()), ..old.clone() })
}

async fn each_change_is_a_version(world: World) {
    let (store, id, name) = (&world.store, &world.id, name());
    assert!(store.create_configuration(id, &Configuration::upload(name.clone())).await.unwrap());
    assert!(!store.create_configuration(id, &Configuration::upload(name.clone())).await.unwrap());
    let first = store.configuration_entry(id, &name).await.unwrap().unwrap();
    assert_eq!((first.version, first.created), (1, first.modified));
    world.clock.advance(60);
    let second = store.change_configuration(id, &name, Some(1), level("guest")).await.unwrap();
    assert_eq!((second.version, second.created), (2, first.created));
    assert!(second.modified > first.modified);
    let same = store.change_configuration(id, &name, None, level("guest")).await.unwrap();
    assert_eq!(same, second);
    let late = store.change_configuration(id, &name, Some(1), level("owner")).await;
    assert!(matches!(late, Err(Error::PreconditionFailed)), "{late:?}");
    assert_eq!(store.former_configurations(id, &name).await.unwrap(), std::slice::from_ref(&first));
    let late = store.remove_configuration(id, &name, Some(1)).await;
    assert!(matches!(late, Err(Error::PreconditionFailed)), "{late:?}");
    store.remove_configuration(id, &name, Some(2)).await.unwrap();
    assert!(matches!(store.remove_configuration(id, &name, None).await, Err(Error::NotFound)));
    assert_eq!(store.configuration(id, &name).await.unwrap(), None);
    assert!(store.create_configuration(id, &Configuration::upload(name.clone())).await.unwrap());
    let again = store.configuration_entry(id, &name).await.unwrap().unwrap();
    assert_eq!(again.version, 3, "what was before is not written over");
    assert_eq!(store.former_configurations(id, &name).await.unwrap(), [first, second]);
}

async fn changes_by_two_processes_are_all_kept(world: World) {
    let (other, id, name) = (world.other_process(), &world.id, name());
    world.store.create_configuration(id, &Configuration::upload(name.clone())).await.unwrap();
    let changes = (0..8).map(|at| {
        let store = if at % 2 == 0 { &world.store } else { &other };
        let change = |old: &Configuration| {
            let mut next = old.clone();
            next.format.skip_lines += 1;
            next.mode = Mode::Full;
            Ok::<_, Error>(next)
        };
        store.change_configuration(id, &name, None, change)
    });
    assert!(join_all(changes).await.iter().all(Result::is_ok));
    let all = world.store.configurations(id).await.unwrap();
    let ours = all.iter().find(|entry| entry.document.name == name).unwrap();
    assert_eq!((ours.version, ours.document.format.skip_lines), (9, 8));
    assert_eq!(world.store.former_configurations(id, &name).await.unwrap().len(), 8);
}
