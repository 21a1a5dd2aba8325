//! Ids of users and groups. An id says where its record stands, so that reading by id is one get and
//! needs no index; 74 random bits make sure that an id of one directory names nothing in another.

use std::fmt;
use uuid::Uuid;

/// Seats in one block of a roster; see [`crate::store::roster`].
pub const BLOCK_SEATS: u16 = 4096;

/// A place in a roster: the numbered order in which a directory's records are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seat {
    /// Which block.
    pub block: u32,
    /// Which seat of it, below [`BLOCK_SEATS`].
    pub number: u16,
}

/// The id of a record: a UUID of version 8 (RFC 9562 §5.8) whose first 48 bits are its seat.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id(Uuid);

impl Id {
    /// The id of a record on this seat; `random` makes it unlike every other.
    pub fn mint(seat: Seat, random: [u8; 10]) -> Self {
        let place = (u64::from(seat.block) << 12) | u64::from(seat.number % BLOCK_SEATS);
        let mut bytes = [0; 16];
        for (to, from) in bytes.iter_mut().zip(place.to_be_bytes().into_iter().skip(2).chain(random)) {
            *to = from;
        }
        Self(Uuid::new_v8(bytes))
    }

    /// Reads the canonical text form only, as `id` is compared exactly (RFC 7643 §3.1).
    pub fn parse(text: &str) -> Option<Self> {
        let id = Self::from_bytes(Uuid::try_parse(text).ok()?.as_bytes())?;
        (id.to_string() == text).then_some(id)
    }

    /// The 16 bytes of the id.
    pub fn bytes(self) -> [u8; 16] {
        *self.0.as_bytes()
    }

    /// The id of these bytes, if they are one.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let id = Self(Uuid::from_slice(bytes).ok()?);
        (id.0.get_version_num() == 8 && id.place() >> 44 == 0).then_some(id)
    }

    /// Where the record stands.
    pub fn seat(self) -> Seat {
        let place = self.place();
        Seat { block: (place >> 12) as u32, number: (place & 0xfff) as u16 }
    }

    fn place(self) -> u64 {
        (self.0.as_u128() >> 80) as u64
    }
}

impl fmt::Display for Id {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn an_id_remembers_its_seat(block: u32, number in 0..BLOCK_SEATS, random: [u8; 10]) {
            let seat = Seat { block, number };
            let id = Id::mint(seat, random);
            prop_assert_eq!(id.seat(), seat);
            prop_assert_eq!(Id::parse(&id.to_string()), Some(id));
        }

        #[test]
        fn any_text_is_an_id_or_none(text: String) {
            let _ = Id::parse(&text);
        }
    }

    #[test]
    fn only_the_canonical_form_is_read() {
        let id = Id::mint(Seat { block: 1, number: 2 }, [0xab; 10]).to_string();
        assert!(Id::parse(&id).is_some());
        assert_eq!(Id::parse(&id.to_uppercase()), None);
        assert_eq!(Id::parse(&id.replace('-', "")), None);
        assert_eq!(Id::parse("f47ac10b-58cc-4372-a567-0e02b2c3d479"), None, "version 4");
    }
}
