//! Metrics as CloudWatch takes them from a log: one line of JSON in its embedded metric format, without a dimension and
//! without a word about whom it concerns. `infra/operations.yaml` has the alarms on them.

use jiff::Timestamp;
use serde_json::{Map, Value, json};
use std::io::Write as _;

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Time.
    Milliseconds,
}

impl Unit {
    const fn as_str(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Milliseconds => "Milliseconds",
        }
    }
}

/// A figure with its name.
pub type Metric = (&'static str, Unit, u64);

/// Writes them to the function's output, which Lambda keeps as its log.
pub fn tell(now: Timestamp, metrics: &[Metric]) {
    // A closed stdout is the end of the function anyway.
    let _ = writeln!(std::io::stdout(), "{}", document(now, metrics));
}

fn document(now: Timestamp, metrics: &[Metric]) -> Value {
    let declared: Vec<Value> =
        metrics.iter().map(|(name, unit, _)| json!({ "Name": name, "Unit": unit.as_str() })).collect();
    let told = [json!({ "Namespace": "Muster", "Dimensions": [[]], "Metrics": declared })];
    let mut document = Map::new();
    document.insert("_aws".into(), json!({ "Timestamp": now.as_millisecond(), "CloudWatchMetrics": told }));
    document.extend(metrics.iter().map(|(name, _, value)| ((*name).to_owned(), Value::from(*value))));
    document.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_declared_and_told() {
        let metrics = [("RunsHeld", Unit::Count, 1), ("RunTime", Unit::Milliseconds, 250)];
        assert_eq!(
            document(Timestamp::from_millisecond(1_805_000_000_123).unwrap(), &metrics),
            json!({
                "_aws": {
                    "Timestamp": 1_805_000_000_123_i64,
                    "CloudWatchMetrics": [{
                        "Namespace": "Muster",
                        "Dimensions": [[]],
                        "Metrics": [
                            { "Name": "RunsHeld", "Unit": "Count" },
                            { "Name": "RunTime", "Unit": "Milliseconds" },
                        ],
                    }],
                },
                "RunsHeld": 1,
                "RunTime": 250,
            })
        );
    }
}
