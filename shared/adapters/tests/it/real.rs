//! Programs of others that some tests talk to where they are installed.

use std::process::{Command, Stdio};

/// Whether a program is there. Where it is not, the test says that it is passed over, unless `MUSTER_REAL` is 1: then it
/// fails.
#[expect(
    clippy::disallowed_methods,
    reason = "what a run of the tests must not leave out is said by the environment"
)]
pub(crate) fn wanted(program: &str) -> bool {
    let quiet = || Stdio::null();
    let started =
        Command::new(program).arg("--version").stdin(quiet()).stdout(quiet()).stderr(quiet()).status();
    if started.is_ok() {
        return true;
    }
    assert!(
        std::env::var("MUSTER_REAL").as_deref() != Ok("1"),
        "{program} is not installed, and MUSTER_REAL is 1"
    );
    println!("PASSED OVER: {program} is not installed");
    false
}
