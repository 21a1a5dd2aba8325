//! The figures, for a person and for a program.

use crate::kind::Kind;
use crate::times::Summary;
use serde_json::{Map, Value, json};
use std::fmt::Write as _;
use std::time::Duration;

/// All that was measured.
#[derive(Debug)]
pub(crate) struct Report {
    /// Connections at a time.
    pub(crate) connections: u16,
    /// For each kind and each server.
    pub(crate) time: Duration,
    /// In the order asked for.
    pub(crate) sizes: Vec<OfSize>,
}

/// What was measured in a directory.
#[derive(Debug)]
pub(crate) struct OfSize {
    /// Users that were imported.
    pub(crate) users: u32,
    /// Of the servers.
    pub(crate) memory: Measured,
    /// In the order of [`Kind::ALL`].
    pub(crate) kinds: Vec<OfKind>,
}

/// Resident memory in bytes, where the system tells it.
#[derive(Debug)]
pub(crate) struct Measured {
    /// Of Muster before the import.
    pub(crate) empty: Option<u64>,
    /// After the import.
    pub(crate) filled: Option<u64>,
    /// After all requests.
    pub(crate) loaded: Option<u64>,
    /// Of the floor, after all requests.
    pub(crate) floor: Option<u64>,
    /// Users that Muster had more by then.
    pub(crate) posted: usize,
}

/// What was measured of one kind of request.
#[derive(Debug)]
pub(crate) struct OfKind {
    /// Which.
    pub(crate) kind: Kind,
    /// On the server that does the least possible.
    pub(crate) floor: Summary,
    /// On Muster.
    pub(crate) muster: Summary,
}

/// What the medians grow by from one size to another.
struct Growth {
    from: u32,
    to: u32,
    /// For each kind, the median at `to` users divided by that at `from` users.
    ratios: Vec<(Kind, f64)>,
}

impl OfKind {
    /// Requests a second of Muster for each of the floor.
    fn ratio(&self) -> f64 {
        divided(self.muster.rate, self.floor.rate)
    }
}

impl OfSize {
    /// Bytes of memory that Muster grew by for each user it has, those that were posted included.
    fn bytes_a_user(&self) -> Option<u64> {
        let grown = self.memory.loaded?.saturating_sub(self.memory.empty?);
        grown.checked_div(u64::from(self.users) + self.memory.posted as u64)
    }
}

impl Report {
    /// For a person: a table for each size, and what the medians grow by from the smallest size to the largest.
    pub(crate) fn table(&self) -> String {
        let mut text = String::new();
        for size in &self.sizes {
            let memory = &size.memory;
            // Writing to a string cannot fail.
            let _ = writeln!(
                text,
                "{} users: {} MB resident, {} after the load and {} more users; {} bytes a user (floor {} MB)",
                size.users,
                shown(memory.filled.map(megabytes)),
                shown(memory.loaded.map(megabytes)),
                memory.posted,
                shown(size.bytes_a_user()),
                shown(memory.floor.map(megabytes)),
            );
            let (floor, muster) = ("floor/s", "muster/s");
            let _ = writeln!(
                text,
                "{:20}{floor:>10}{muster:>10}{:>8}{:>9}{:>9}",
                "", "ratio", "p50 ms", "p99 ms"
            );
            for of in &size.kinds {
                let (name, ratio) = (of.kind.name(), of.ratio());
                let Summary { rate, p50, p99 } = of.muster;
                let floor = of.floor.rate;
                let _ = writeln!(text, "{name:20}{floor:10.0}{rate:10.0}{ratio:8.2}{p50:9.2}{p99:9.2}");
            }
            text.push('\n');
        }
        if let Some(Growth { from, to, ratios }) = self.growth() {
            let _ = writeln!(text, "median at {to} users, that at {from} = 1:");
            for (kind, ratio) in ratios {
                let _ = writeln!(text, "{:20}{ratio:10.2}", kind.name());
            }
            text.push('\n');
        }
        text
    }

    /// For a program.
    pub(crate) fn json(&self) -> Value {
        let growth = self.growth().map(|Growth { from, to, ratios }| {
            let ratios = ratios.into_iter().map(|(kind, ratio)| (kind.key().to_owned(), rounded(ratio, 2)));
            json!({ "from": from, "to": to, "ratios": ratios.collect::<Map<_, _>>() })
        });
        json!({
            "connections": self.connections,
            "seconds": self.time.as_secs(),
            "sizes": self.sizes.iter().map(OfSize::json).collect::<Vec<_>>(),
            "median_growth": growth,
        })
    }

    /// From the smallest size to the largest; nothing if there is one size only.
    fn growth(&self) -> Option<Growth> {
        let small = self.sizes.iter().min_by_key(|size| size.users)?;
        let large = self.sizes.iter().max_by_key(|size| size.users)?;
        let kinds = small.kinds.iter().zip(&large.kinds);
        let ratios = kinds.map(|(small, large)| (small.kind, divided(large.muster.p50, small.muster.p50)));
        let ratios = ratios.collect();
        (small.users < large.users).then_some(Growth { from: small.users, to: large.users, ratios })
    }
}

impl OfSize {
    fn json(&self) -> Value {
        let kinds = self.kinds.iter().map(|of| {
            let figures = json!({
                "floor_per_second": rounded(of.floor.rate, 0),
                "muster_per_second": rounded(of.muster.rate, 0),
                "ratio": rounded(of.ratio(), 3),
                "p50_ms": rounded(of.muster.p50, 3),
                "p99_ms": rounded(of.muster.p99, 3),
                "floor_p50_ms": rounded(of.floor.p50, 3),
                "floor_p99_ms": rounded(of.floor.p99, 3),
            });
            (of.kind.key().to_owned(), figures)
        });
        json!({
            "users": self.users,
            "posted": self.memory.posted,
            "resident_empty": self.memory.empty,
            "resident_filled": self.memory.filled,
            "resident_loaded": self.memory.loaded,
            "resident_floor": self.memory.floor,
            "bytes_a_user": self.bytes_a_user(),
            "requests": kinds.collect::<Map<_, _>>(),
        })
    }
}

fn divided(one: f64, by: f64) -> f64 {
    if by > 0.0 { one / by } else { 0.0 }
}

fn megabytes(bytes: u64) -> u64 {
    (bytes + 500_000) / 1_000_000
}

/// The number, or that nobody knows.
fn shown(number: Option<u64>) -> String {
    number.map_or_else(|| "?".to_owned(), |number| number.to_string())
}

/// With so many digits after the point.
fn rounded(number: f64, digits: i32) -> Value {
    let unit = 10f64.powi(digits);
    let rounded = (number * unit).round() / unit;
    if digits == 0 { json!(rounded as u64) } else { json!(rounded) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(sizes: &[(u32, f64)]) -> Report {
        let sizes = sizes.iter().map(|(users, p50)| {
            let floor = Summary { rate: 70_000.4, p50: 0.2, p99: 0.3 };
            let muster = Summary { rate: 35_000.6, p50: *p50, p99: 2.0 };
            let kinds = Kind::ALL.map(|kind| OfKind { kind, floor, muster }).into();
            let (empty, filled, loaded) = (Some(10_000_000), Some(11_000_000), Some(14_000_000));
            let memory = Measured { empty, filled, loaded, floor: None, posted: 1_000 };
            OfSize { users: *users, memory, kinds }
        });
        Report { connections: 16, time: Duration::from_secs(3), sizes: sizes.collect() }
    }

    #[test]
    fn the_table_has_every_kind_and_what_is_not_known() {
        let table = report(&[(1_000, 1.0), (3_000, 1.5)]).table();
        let line = "GET by id                70000     35001    0.50     1.50     2.00\n";
        assert!(table.contains(line), "{table}");
        assert!(table.contains("3000 users: 11 MB resident, 14 after the load and 1000 more users; 1000 bytes a user (floor ? MB)"), "{table}");
        assert!(table.contains("median at 3000 users, that at 1000 = 1:\n"), "{table}");
        assert!(table.ends_with("POST                      1.50\n\n"), "{table}");
    }

    #[test]
    fn growth_is_from_the_smallest_size_to_the_largest() {
        let json = report(&[(3_000, 1.5), (2_000, 9.0), (1_000, 1.0)]).json();
        assert_eq!(json["median_growth"]["ratios"]["patch"], json!(1.5), "{json}");
        assert_eq!(json["sizes"][0]["requests"]["get"]["ratio"], json!(0.5), "{json}");
        assert_eq!(json["sizes"][0]["requests"]["get"]["muster_per_second"], json!(35_001), "{json}");
        assert_eq!(json["sizes"][2]["bytes_a_user"], json!(2_000), "{json}");
        assert_eq!(report(&[(3_000, 1.5), (3_000, 1.0)]).json()["median_growth"], Value::Null);
        assert_eq!(report(&[]).table(), "");
    }
}
