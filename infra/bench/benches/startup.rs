//! How long the built functions take from their start to the first answer, and the memory that they then have, beside a
//! function that does nothing. `docs/performance.md` says how it is built and run.
//!
//! Usage: `cargo bench -p bench --bench startup -- FOLDER`, an absolute path, with `FOLDER/NAME/bootstrap` as `cargo lambda
//! build` leaves them.

use emulator::{DynamoDb, RuntimeApi};
use serde_json::Value;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// Each function is started so often, in turn with the others, as the machine is not equally fast all the time.
const STARTS: usize = 41;
const EMPTY: &str = "empty";
/// Each with an event for which it has to do as little as it can.
const FUNCTIONS: [(&str, &str); 6] = [
    (EMPTY, "scim-api/find-users"),
    ("scim-api", "scim-api/find-users"),
    ("admin", "admin/list-tokens"),
    ("csv-import", "csv-import/notifications-set-up"),
    ("sftp-pull", "sftp-pull/due"),
    ("mailer", "mailer/clock"),
];
const VARIABLES: [(&str, &str); 12] = [
    ("MUSTER_TABLE", "muster"),
    ("MUSTER_BUCKET", "muster"),
    ("MUSTER_QUEUE_URL", "http://127.0.0.1:9/queue"),
    ("MUSTER_ADMIN_KEY_SHA256", "0000000000000000000000000000000000000000000000000000000000000000"),
    ("MUSTER_SECRETS_KEY", "key"),
    ("MUSTER_PULL_FUNCTION", "sftp-pull"),
    ("MUSTER_PULL_FUNCTION_ARN", "arn:aws:lambda:us-east-1:000000000000:function:sftp-pull"),
    ("MUSTER_SCHEDULE_GROUP", "pulls"),
    ("MUSTER_SCHEDULE_ROLE_ARN", "arn:aws:iam::000000000000:role/schedules"),
    ("MUSTER_MAIL_FROM", "muster@acme.example"),
    ("MUSTER_REQUESTS_PER_SECOND", "100"),
    ("MUSTER_REGION", ""),
];

struct Start {
    time: Duration,
    kilobytes: u64,
}

fn event(name: &str) -> Result<Value, String> {
    let path = format!("{}/../../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
    serde_json::from_str(&text).map_err(|error| format!("{path}: {error}"))
}

/// What a process has in memory that nobody else has.
fn resident(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse().ok())
}

/// Only the table has an endpoint of its own, so that AWS is believed by the roots that it is believed by when deployed.
#[expect(clippy::disallowed_methods, reason = "this is a measurement")]
async fn start(program: &str, event: &Value, table: &str) -> Result<Start, String> {
    let runtime = RuntimeApi::start();
    let variables = [VARIABLES.as_slice(), &[("AWS_ENDPOINT_URL_DYNAMODB", table)]].concat();
    let began = Instant::now();
    let function = runtime.function(program, &variables);
    let answered = runtime.invoke(event).await;
    let time = began.elapsed();
    answered.map_err(|error| format!("{program}: {error:?}"))?;
    let kilobytes = resident(function.id()).ok_or("there is no /proc to tell the memory of a process")?;
    Ok(Start { time, kilobytes })
}

fn median<T: Ord + Copy>(values: impl Iterator<Item = T>) -> T {
    let mut values: Vec<T> = values.collect();
    values.sort_unstable();
    values[values.len() / 2]
}

async fn measure(folder: &str) -> Result<(), String> {
    let dynamodb = DynamoDb::start();
    let table = dynamodb.endpoint();
    let mut starts: Vec<Vec<Start>> = FUNCTIONS.iter().map(|_| Vec::new()).collect();
    for _ in 0..STARTS {
        for ((name, sample), starts) in FUNCTIONS.iter().zip(&mut starts) {
            let program = Path::new(folder).join(name).join("bootstrap");
            starts.push(start(&program.to_string_lossy(), &event(sample)?, &table).await?);
        }
    }
    let empty = median(starts[0].iter().map(|start| start.time));
    println!("| function | to the first answer | of the empty one | memory then |\n|---|---:|---:|---:|");
    for ((name, _), starts) in FUNCTIONS.iter().zip(&starts) {
        let time = median(starts.iter().map(|start| start.time));
        println!(
            "| {name} | {:.1} ms | {:.1} | {:.1} MB |",
            time.as_secs_f64() * 1000.0,
            time.as_secs_f64() / empty.as_secs_f64(),
            median(starts.iter().map(|start| start.kilobytes)) as f64 / 1024.0
        );
    }
    Ok(())
}

#[tokio::main]
async fn main() -> ExitCode {
    // Cargo adds flags of its own.
    let Some(folder) = std::env::args().skip(1).find(|argument| !argument.starts_with("--")) else {
        eprintln!("name the folder that `cargo lambda build` has built into");
        return ExitCode::from(2);
    };
    match measure(&folder).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
