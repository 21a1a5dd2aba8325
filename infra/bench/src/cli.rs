//! The command line.

use clap::Parser;
use std::path::PathBuf;
use std::time::Duration;

/// Measures `muster serve` under load, beside a server that does the least possible
#[derive(Debug, Parser)]
#[command(name = "load")]
pub(crate) struct Arguments {
    /// The command to measure, such as target/release/muster
    #[arg(required_unless_present = "floor")]
    pub(crate) muster: Option<PathBuf>,
    /// Users of each directory that is measured
    // A page in the middle needs 100 users behind it; beyond a million the client's own lists would be what is measured.
    #[arg(long, value_delimiter = ',', default_value = "1000,10000,100000", value_parser = clap::value_parser!(u32).range(200..=1_000_000))]
    pub(crate) sizes: Vec<u32>,
    /// Seconds for each kind of request and each server
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u16).range(1..=60))]
    seconds: u16,
    /// Connections, each with one request in flight
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u16).range(1..=512))]
    pub(crate) connections: u16,
    /// Print nothing but the line of JSON
    #[arg(long)]
    pub(crate) json: bool,
    /// Be the other server; the client starts it
    #[arg(long, hide = true, conflicts_with = "muster")]
    floor: bool,
}

impl Arguments {
    /// For each kind of request and each server.
    pub(crate) fn time(&self) -> Duration {
        Duration::from_secs(self.seconds.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, sizes: Option<&[u32]>) {
        let parsed = Arguments::try_parse_from(line.split(' ')).ok();
        assert_eq!(parsed.map(|arguments| arguments.sizes).as_deref(), sizes, "{line}");
    }

    #[test]
    fn sizes_and_times_are_bounded() {
        check("load muster", Some(&[1_000, 10_000, 100_000]));
        check("load muster --sizes 200,300 --seconds 1 --connections 1", Some(&[200, 300]));
        for wrong in [
            "load",
            "load muster --sizes 199",
            "load muster --sizes 1000001",
            "load muster --seconds 61",
            "load muster --connections 0",
            "load muster --floor",
        ] {
            check(wrong, None);
        }
    }
}
