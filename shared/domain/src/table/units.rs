//! Request units: what DynamoDB bills, counted in halves so that they add up exactly.

use std::ops::{Add, AddAssign};

/// Request units consumed. Reads come in halves; writes are whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct Units {
    /// Read units, in halves.
    pub read_halves: u64,
    /// Write units, of the table and its index together.
    pub writes: u64,
}

impl Units {
    /// So many read units; rounded to the half.
    pub fn read(units: f64) -> Self {
        Self { read_halves: (units * 2.0).round() as u64, writes: 0 }
    }

    /// So many write units; rounded to the whole.
    pub fn write(units: f64) -> Self {
        Self { read_halves: 0, writes: units.round() as u64 }
    }

    /// Read units.
    pub fn reads(self) -> f64 {
        self.read_halves as f64 / 2.0
    }
}

impl Add for Units {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self { read_halves: self.read_halves + other.read_halves, writes: self.writes + other.writes }
    }
}

impl AddAssign for Units {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl std::iter::Sum for Units {
    fn sum<I: Iterator<Item = Self>>(units: I) -> Self {
        units.fold(Self::default(), Add::add)
    }
}
