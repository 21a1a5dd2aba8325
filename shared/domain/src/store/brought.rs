//! The groups that imports have brought a user into, by configuration. Kept with the user, so that a row which no
//! longer names a group is known to end that membership without a look into an index that may lag.

use super::id::Id;
use super::name::Name;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::collections::BTreeMap;

/// The groups by the name of the configuration. A group that is listed here is one to look at: the membership itself
/// says whether it is still the configuration's.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Brought(BTreeMap<String, Vec<Id>>);

impl Brought {
    /// Those of one configuration.
    pub(crate) fn by(&self, configuration: &Name) -> &[Id] {
        self.0.get(configuration.as_str()).map(Vec::as_slice).unwrap_or_default()
    }

    /// The same with these for a configuration.
    pub(crate) fn with(mut self, configuration: &Name, mut groups: Vec<Id>) -> Self {
        groups.sort_unstable();
        groups.dedup();
        if groups.is_empty() {
            self.0.remove(configuration.as_str());
        } else {
            self.0.insert(configuration.to_string(), groups);
        }
        self
    }

    /// Every group that it names.
    pub(crate) fn all(&self) -> impl Iterator<Item = Id> {
        self.0.values().flatten().copied()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// As stored: 22 characters a group.
    pub(super) fn to_text(&self) -> String {
        let of = |(configuration, groups): (&String, &Vec<Id>)| {
            let bytes: Vec<u8> = groups.iter().flat_map(|group| group.bytes()).collect();
            format!("{configuration}:{}", STANDARD_NO_PAD.encode(bytes))
        };
        self.0.iter().map(of).collect::<Vec<_>>().join(";")
    }

    pub(super) fn of_text(text: &str) -> Self {
        let of = |part: &str| {
            let (configuration, groups) = part.split_once(':')?;
            let bytes = STANDARD_NO_PAD.decode(groups).ok()?;
            Some((configuration.to_owned(), bytes.chunks(16).filter_map(Id::from_bytes).collect()))
        };
        Self(text.split(';').filter_map(of).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::super::id::Seat;
    use super::*;
    use proptest::prelude::*;

    fn groups() -> impl Strategy<Value = Vec<Id>> {
        let id = (any::<u32>(), 0u16..4096, any::<[u8; 10]>());
        proptest::collection::vec(
            id.prop_map(|(block, number, random)| Id::mint(Seat { block, number }, random)),
            0..6,
        )
    }

    proptest! {
        #[test]
        fn what_is_stored_is_read_again(
            of in proptest::collection::btree_map("[a-z][a-z0-9-]{0,5}", groups(), 0..4),
        ) {
            let brought = of.iter().fold(Brought::default(), |brought, (name, groups)| {
                brought.with(&Name::new(name).unwrap(), groups.clone())
            });
            prop_assert_eq!(&Brought::of_text(&brought.to_text()), &brought);
            for (name, groups) in of {
                let mut groups = groups;
                groups.sort_unstable();
                groups.dedup();
                prop_assert_eq!(brought.by(&Name::new(&name).unwrap()), groups);
            }
        }

        #[test]
        fn damaged_text_names_nobody_or_somebody(text: String) {
            let _ = Brought::of_text(&text).all().count();
        }
    }
}
