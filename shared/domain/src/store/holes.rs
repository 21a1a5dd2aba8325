//! Which seats of a block were vacated: a bitmap of 512 bytes at most, and the arithmetic that turns a rank
//! among the living into a seat without reading what lies before it.

use super::id::BLOCK_SEATS;

/// The vacated seats of one block.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Holes(Vec<u8>);

impl Holes {
    /// From the bytes of [`Holes::bytes`].
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        Self(bytes.to_vec())
    }

    /// One bit a seat, least significant first, without trailing zeroes.
    pub(super) fn bytes(&self) -> &[u8] {
        &self.0
    }

    /// How many.
    pub(super) fn count(&self) -> u32 {
        self.0.iter().map(|byte| byte.count_ones()).sum()
    }

    /// Whether this seat was vacated.
    pub(super) fn contains(&self, seat: u16) -> bool {
        self.0.get(usize::from(seat / 8)).is_some_and(|byte| byte & (1 << (seat % 8)) != 0)
    }

    /// Notes a vacated seat.
    pub(super) fn add(&mut self, seat: u16) {
        let at = usize::from(seat / 8);
        if self.0.len() <= at {
            self.0.resize(at + 1, 0);
        }
        if let Some(byte) = self.0.get_mut(at) {
            *byte |= 1 << (seat % 8);
        }
    }

    /// The seat of the living record that has `rank` living ones before it.
    pub(super) fn select(&self, rank: u32) -> Option<u16> {
        let mut left = rank;
        let mut seat = 0;
        while seat < BLOCK_SEATS {
            let byte = self.0.get(usize::from(seat / 8)).copied().unwrap_or(0);
            let living = byte.count_zeros();
            if left < living {
                return (seat..seat + 8).filter(|at| !self.contains(*at)).nth(left as usize);
            }
            left -= living;
            seat += 8;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    proptest! {
        #[test]
        fn select_agrees_with_a_walk(vacated in prop::collection::btree_set(0..BLOCK_SEATS, 0..300), rank in 0u32..4200) {
            let mut holes = Holes::default();
            for seat in &vacated {
                holes.add(*seat);
            }
            let living: Vec<u16> = (0..BLOCK_SEATS).filter(|seat| !vacated.contains(seat)).collect();
            prop_assert_eq!(holes.select(rank), living.get(rank as usize).copied());
            prop_assert_eq!(holes.count() as usize, vacated.len());
            let kept: BTreeSet<u16> = (0..BLOCK_SEATS).filter(|seat| Holes::from_bytes(holes.bytes()).contains(*seat)).collect();
            prop_assert_eq!(kept, vacated);
        }
    }
}
