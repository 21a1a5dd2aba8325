//! No two things share a key.

use super::*;
use proptest::prelude::*;
use std::collections::HashSet;

fn name() -> impl Strategy<Value = Name> {
    "[a-z0-9][a-z0-9-]{0,8}".prop_map(|text| Name::new(&text).unwrap())
}

fn directories() -> impl Strategy<Value = DirectoryId> {
    (name(), name()).prop_map(|(tenant, directory)| DirectoryId::new(tenant, directory))
}

fn all_keys(id: &DirectoryId, value: &str) -> Vec<Key> {
    let record = Id::mint(Seat { block: 7, number: 9 }, [1; 10]);
    vec![
        directory(id),
        configuration(id, &id.directory),
        configuration_version(id, &id.directory, 1),
        seat(id, Kind::User, record.seat()),
        seat(id, Kind::Group, record.seat()),
        block(id, Kind::User, 7),
        claim(id, Kind::User, "userName", value),
        claim(id, Kind::Group, "userName", value),
        claim(id, Kind::Custom(TypeName::new("device").unwrap()), "userName", value),
        seat(id, Kind::Custom(TypeName::new("u").unwrap()), record.seat()),
        declaration(id, value),
        lookup(id, Kind::User, "mail", value, record),
        lookup(id, Kind::Group, "mail", value, record),
        membership(id, record, record),
        journal(id, record, "n", 0),
        journal(id, record, "n", 1),
        Key::new(changes(id, Kind::User, 1, 1), change_sort(Timestamp::UNIX_EPOCH, Some(record))),
        Key::new(changes(id, Kind::User, 1, 2), change_sort(Timestamp::UNIX_EPOCH, Some(record))),
        run(id, "r"),
        waiting_run(id, "r"),
        import_lease(id),
        cancellation(id, "r"),
        last_applied(id, &id.directory),
        loosened(id, "c", record),
        run_of_object(id, value, "1"),
        pull(id, &id.directory),
        pgp_key(id, &id.directory, "F"),
        incidents(id, &id.directory),
        notice(id, "n"),
        audit(id, "2026-01-01", "e"),
    ]
}

proptest! {
    #[test]
    fn no_two_directories_or_items_share_a_key(one in directories(), two in directories(), value: String) {
        let (ones, twos) = (all_keys(&one, &value), all_keys(&two, &value));
        let distinct: HashSet<&Key> = ones.iter().collect();
        prop_assert_eq!(distinct.len(), ones.len());
        if one != two {
            prop_assert!(twos.iter().all(|key| !distinct.contains(key)));
        }
    }

    #[test]
    fn different_values_have_different_claims(one: String, two: String) {
        let id = DirectoryId::new(Name::new("a").unwrap(), Name::new("b").unwrap());
        prop_assert_eq!(one == two, claim(&id, Kind::User, "a", &one) == claim(&id, Kind::User, "a", &two));
        prop_assert!(claim(&id, Kind::User, "a", &one).partition.len() < 256);
    }

    #[test]
    fn an_attribute_and_its_value_are_told_apart(one in "[a-z\\x00]{0,4}", two in "[a-z\\x00]{0,4}") {
        let id = DirectoryId::new(Name::new("a").unwrap(), Name::new("b").unwrap());
        let (a, b) = (claim(&id, Kind::User, &one, &two), claim(&id, Kind::User, &two, &one));
        // No attribute holds a NUL, so that it parts the two.
        prop_assert!(one.contains('\0') || two.contains('\0') || (one == two) == (a == b));
    }

    #[test]
    fn type_names_are_read_or_refused(text: String) {
        if let Some(name) = TypeName::new(&text) {
            prop_assert_eq!(name.as_str(), text.to_ascii_lowercase());
        }
    }

    #[test]
    fn seats_sort_as_they_count(one in 0u16..4096, two in 0u16..4096) {
        prop_assert_eq!(one.cmp(&two), seat_sort(one).cmp(&seat_sort(two)));
        prop_assert_eq!(seat_of_sort(&seat_sort(one)), Some(one));
    }
}

#[test]
fn what_is_due_is_found_by_its_entry() {
    let (id, name) = (DirectoryId::demo().unwrap(), Name::new("nightly").unwrap());
    let entry = due(Timestamp::UNIX_EPOCH, &id, &name);
    assert_eq!(place_of_due(&entry.sort), Some((id.clone(), "nightly")));
    assert!((0..DUE_SHARDS).any(|shard| due_partition(shard) == entry.partition));
    let notice = notice_index(Timestamp::UNIX_EPOCH, &id, "0abc");
    assert_eq!(place_of_due(&notice.sort), Some((id, "0abc")));
    assert_eq!(place_of_due("0#x"), None);
    let until = |millisecond| due_until(Timestamp::from_millisecond(millisecond).unwrap());
    assert!(entry.sort < until(0) && notice.sort < until(0) && until(0) < until(1));
}
