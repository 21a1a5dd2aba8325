//! Numbers of JSON in one total order, in which whole numbers beyond 53 bits and fractions keep their places.

use serde::{Deserialize, Serialize};
use serde_json::Number;
use std::cmp::Ordering;

/// A number, exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(super) enum Exact {
    /// Without a fraction, however it was written.
    Whole(i128),
    /// The bits of a finite binary fraction that no whole number of 128 bits is; bits are stored exactly by any format.
    Other(u64),
}

impl Exact {
    /// None for what JSON cannot say: no number, or none that is finite.
    pub(super) fn of(number: &Number) -> Option<Self> {
        // The bounds are powers of two, so exact, and a conversion between them loses nothing.
        const BOUND: f64 = i128::MAX as f64;
        let whole = number.as_i64().map(i128::from).or_else(|| number.as_u64().map(i128::from));
        if let Some(whole) = whole {
            return Some(Self::Whole(whole));
        }
        let value = number.as_f64().filter(|value| value.is_finite())?;
        if value.fract() == 0.0 && value.abs() < BOUND {
            return Some(Self::Whole(value as i128));
        }
        Some(Self::Other(value.to_bits()))
    }
}

impl Ord for Exact {
    fn cmp(&self, other: &Self) -> Ordering {
        match (*self, *other) {
            (Self::Whole(a), Self::Whole(b)) => a.cmp(&b),
            (Self::Other(a), Self::Other(b)) => f64::from_bits(a).total_cmp(&f64::from_bits(b)),
            (Self::Whole(a), Self::Other(b)) => beside(a, f64::from_bits(b)),
            (Self::Other(a), Self::Whole(b)) => beside(b, f64::from_bits(a)).reverse(),
        }
    }
}

impl PartialOrd for Exact {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// A whole number beside one that is none; they are never equal.
fn beside(whole: i128, other: f64) -> Ordering {
    // The conversion stops at the ends of 128 bits; only the lower end could be taken for a whole number itself.
    let below = other.floor();
    if below < i128::MIN as f64 || whole > below as i128 { Ordering::Greater } else { Ordering::Less }
}
