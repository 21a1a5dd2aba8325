//! Asking whether somebody is in a group costs the same whoever else is in it.

use super::{World, first, on_both_stores};
use domain::directory::Wanted;
use domain::store::Kind;
use scim::filter::Filter;

on_both_stores! { a_member_is_looked_up_and_not_searched_for }

async fn a_member_is_looked_up_and_not_searched_for(world: World) {
    let people = world.crowd(120).await;
    let (one, nobody) = (&people[0], &people[119]);
    let small = world.group("Small", &people[..2]).await;
    let large = world.group("Large", &people[..100]).await;
    let mut costs = Vec::new();
    for group in [&small, &large] {
        for (filter, found) in [
            (format!("id eq \"{group}\" and members eq \"{one}\""), 1),
            (format!("id eq \"{group}\" and members[value eq \"{nobody}\"]"), 0),
            (format!("id eq \"{group}\" and not (members.value eq \"{nobody}\")"), 1),
        ] {
            let directory = world.directory();
            let filter = Filter::parse(&filter, directory.resource_type(Kind::Group).unwrap()).unwrap();
            let wanted = Wanted { filter: Some(&filter), ..first(10) };
            let (page, units) = world.cost(directory.list(Kind::Group, &wanted)).await;
            assert_eq!(page.unwrap().total, Some(found), "{filter}");
            costs.push(units);
        }
    }
    assert_eq!(costs[..3], costs[3..]);
    assert!(costs.iter().all(|units| units.reads() <= 1.5 && units.writes == 0), "{costs:?}");
}
