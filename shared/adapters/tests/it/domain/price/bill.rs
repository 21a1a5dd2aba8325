//! The bill: so much of each thing that AWS takes money for, times its price.

use domain::table::Units;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fmt::Write as _;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");
const BYTES_A_GIGABYTE: f64 = 1_000_000_000.0;
const MEGABYTES_A_GIGABYTE: f64 = 1024.0;
/// Of the disk of a function so many are free.
const FREE_DISK_MEGABYTES: f64 = 512.0;
/// A message of a queue is sent, received and removed.
const REQUESTS_A_MESSAGE: f64 = 3.0;
const TENANTS: [f64; 5] = [1.0, 100.0, 1_000.0, 10_000.0, 1_000_000.0];

#[derive(Deserialize)]
struct Price {
    what: String,
    dollars: f64,
    per: f64,
    #[serde(default)]
    free: f64,
}

/// What was counted and measured.
pub(super) struct Counted {
    pub(super) authenticating: Units,
    pub(super) asking: Units,
    pub(super) finding: Units,
    pub(super) patching: Units,
    pub(super) importing: Units,
    pub(super) user_bytes: usize,
    pub(super) run_bytes: usize,
    pub(super) object_reads: usize,
    pub(super) object_writes: usize,
    pub(super) object_bytes: u64,
}

/// How much of each thing; by the names of the prices.
type Quantities = BTreeMap<&'static str, f64>;

/// Prices, workload, and what the template says.
pub(super) struct Model {
    prices: BTreeMap<String, Price>,
    workload: BTreeMap<String, f64>,
    template: String,
    operations: String,
}

impl Model {
    pub(super) fn read() -> Self {
        let read = |path: &str| std::fs::read_to_string(format!("{ROOT}/{path}")).unwrap();
        Self {
            prices: toml::from_str(&read("infra/cost/prices.toml")).unwrap(),
            workload: toml::from_str(&read("infra/cost/workload.toml")).unwrap(),
            template: read("template.yaml"),
            operations: read("infra/operations.yaml"),
        }
    }

    pub(super) fn workload(&self, name: &str) -> f64 {
        self.workload[name]
    }

    /// A number that stands in the template at a function.
    fn of_function(&self, function: &str, property: &str) -> f64 {
        let from = |text: &str, word: &str| text.split_once(word).unwrap().1.to_owned();
        let rest = from(&from(&self.template, &format!("CodeUri: functions/{function}\n")), property);
        rest.chars().take_while(char::is_ascii_digit).collect::<String>().parse().unwrap()
    }

    fn gigabyte_seconds(&self, function: &str, milliseconds: &str) -> f64 {
        self.of_function(function, "MemorySize: ") / MEGABYTES_A_GIGABYTE * self.workload(milliseconds)
            / 1000.0
    }

    /// What so many tenants use in a month.
    fn quantities(&self, counted: &Counted, tenants: f64) -> Quantities {
        let of = |name: &str| self.workload(name);
        let month = tenants * of("days");
        let (syncs, changes, files) = (month * of("syncs_a_day"), month * of("changes_a_day"), month);
        // The first file of a tenant is forgotten: it comes once.
        let requests = syncs + 2.0 * changes;
        let watches = of("days") * of("watches_a_day");
        let disk = (self.of_function("csv-import", "EphemeralStorage: { Size: ") - FREE_DISK_MEGABYTES)
            / MEGABYTES_A_GIGABYTE;
        let units = |of: fn(&Units) -> f64| {
            syncs * (of(&counted.authenticating) + of(&counted.asking))
                + changes * (of(&counted.finding) + of(&counted.patching))
                + files * of(&counted.importing)
        };
        let months = of("months_kept");
        let table = (tenants * of("users") * counted.user_bytes as f64
            + months * files * counted.run_bytes as f64)
            / BYTES_A_GIGABYTE;
        Quantities::from([
            ("api-request", requests),
            ("function-request", requests + files + watches),
            (
                "function-gigabyte-second",
                requests * self.gigabyte_seconds("scim-api", "request_milliseconds")
                    + files * self.gigabyte_seconds("csv-import", "file_milliseconds")
                    + watches * self.gigabyte_seconds("sftp-pull", "watch_milliseconds"),
            ),
            ("function-disk-gigabyte-second", files * disk * of("file_milliseconds") / 1000.0),
            ("table-read", units(|units| units.reads())),
            ("table-write", units(|units| units.writes as f64)),
            ("table-gigabyte", table),
            ("recovery-gigabyte", table),
            // The watches of csv-import look into the inbox.
            ("object-write", files * counted.object_writes as f64 + watches),
            ("object-read", files * counted.object_reads as f64),
            ("object-gigabyte", months * files * counted.object_bytes as f64 / BYTES_A_GIGABYTE),
            ("queue-request", files * REQUESTS_A_MESSAGE + of("days") * of("polls_a_day")),
            ("key", self.template.matches("Type: AWS::KMS::Key").count() as f64),
            (
                "log-gigabyte",
                ((requests + files + watches) * of("log_bytes") + requests * of("access_log_bytes"))
                    / BYTES_A_GIGABYTE,
            ),
            ("alarm", self.operations.matches("Type: AWS::CloudWatch::Alarm").count() as f64),
            ("metric", of("metrics")),
            ("dashboard", self.operations.matches("Type: AWS::CloudWatch::Dashboard").count() as f64),
        ])
    }

    /// Dollars for so much of a thing: with and without what is free.
    fn dollars_of(&self, name: &str, quantity: f64) -> (f64, f64) {
        let price = &self.prices[name];
        let dollars = |quantity: f64| quantity / price.per * price.dollars;
        (dollars((quantity - price.free).max(0.0)), dollars(quantity))
    }

    fn totals(&self, counted: &Counted, tenants: f64) -> (f64, f64) {
        let each = self.quantities(counted, tenants);
        let dollars = each.iter().map(|(name, quantity)| self.dollars_of(name, *quantity));
        dollars.fold((0.0, 0.0), |sum, one| (sum.0 + one.0, sum.1 + one.1))
    }

    pub(super) fn counted_table(counted: &Counted) -> String {
        let mut table = "| what | read units | write units |\n|---|---|---|\n".to_owned();
        for (what, units) in [
            ("an instance that was not asked for a minute: token, settings, schemas", counted.authenticating),
            ("who does not exist is looked for", counted.asking),
            ("a user is found by `userName`", counted.finding),
            ("a user is patched", counted.patching),
            ("a file is imported of whose thousand rows ten have changed", counted.importing),
        ] {
            writeln!(table, "| {what} | {} | {} |", units.reads(), units.writes).unwrap();
        }
        table
    }

    pub(super) fn bill_table(&self, counted: &Counted) -> String {
        let tenants = self.workload("tenants");
        let mut table = "| | how much | dollars | without what is free |\n|---|---:|---:|---:|\n".to_owned();
        for (name, quantity) in self.quantities(counted, tenants) {
            let (net, gross) = self.dollars_of(name, quantity);
            writeln!(table, "| {} | {} | {net:.2} | {gross:.2} |", self.prices[name].what, amount(quantity))
                .unwrap();
        }
        let (net, gross) = self.totals(counted, tenants);
        writeln!(table, "| **together** | | **{net:.2}** | **{gross:.2}** |").unwrap();
        table
    }

    pub(super) fn growth_table(&self, counted: &Counted) -> String {
        let mut table =
            "| tenants | users | dollars a month | a tenant | without what is free |\n|---:|---:|---:|---:|---:|\n"
                .to_owned();
        for tenants in TENANTS {
            let (net, gross) = self.totals(counted, tenants);
            writeln!(
                table,
                "| {} | {} | {net:.2} | {:.4} | {gross:.2} |",
                amount(tenants),
                amount(tenants * self.workload("users")),
                net / tenants
            )
            .unwrap();
        }
        table
    }
}

/// A number with commas between thousands; small ones with a fraction.
fn amount(number: f64) -> String {
    if number < 100.0 && number.fract() != 0.0 {
        return format!("{number:.2}");
    }
    let digits = format!("{number:.0}");
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}
