//! `muster test-access`: what was seen on the way to a configuration's file.

use crate::administer::{Api, Request};
use crate::cli::TestAccess;
use crate::failure::Failure;
use crate::terminal::one_line;
use serde_json::Value;
use std::io::Write as _;
use std::process::ExitCode;

/// Does what the command says.
pub(crate) async fn test_access(options: &TestAccess) -> ExitCode {
    match carry_out(options).await {
        Ok((text, ok)) => {
            // A closed stdout is the reader's decision: the exit code still says how it went.
            let _ = writeln!(std::io::stdout(), "{text}");
            if ok { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(failure) => failure.tell(),
    }
}

async fn carry_out(options: &TestAccess) -> Result<(String, bool), Failure> {
    let of = &options.of;
    let request = Request::test_access(of, &options.configuration);
    let reply = Api::open(&options.data).await?.ask(&request).await?;
    if !reply.is_success() {
        let detail = reply.body["detail"].as_str().unwrap_or("the admin API does not say why");
        return Err(Failure::new(format!("{}/{}: {detail}", of.tenant, of.directory)));
    }
    let ok = reply.body["ok"] == true;
    let text = if options.json { reply.body.to_string() } else { shown(&reply.body) };
    Ok((text, ok))
}

/// A line for each step.
fn shown(body: &Value) -> String {
    let line = |step: &Value| {
        let text = |member: &str| step[member].as_str().unwrap_or_default();
        one_line(&format!("{:<8} {:<14} {}", text("status"), text("name"), text("fact")))
            .trim_end()
            .to_owned()
    };
    let steps = body["steps"].as_array().map(Vec::as_slice).unwrap_or_default();
    steps.iter().map(line).collect::<Vec<_>>().join("\n")
}
