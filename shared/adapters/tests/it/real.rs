//! Real programs that tests run against, where they are there.

use std::path::PathBuf;
use std::process::Command;

/// Whether a program is there. Where it is missing, the test says that it was passed over; with `MUSTER_REAL=1` it fails.
#[expect(clippy::disallowed_methods, reason = "whoever runs the tests says whether real programs are a must")]
pub(crate) fn wanted(program: &str) -> bool {
    if path(program).is_some() {
        return true;
    }
    assert!(
        std::env::var("MUSTER_REAL").as_deref() != Ok("1"),
        "{program} is missing, and MUSTER_REAL=1 says that it must be there"
    );
    eprintln!("passed over: {program} is not installed");
    false
}

/// Where a program is; also in the folders of the administrator, which are not in everybody's path.
pub(crate) fn path(program: &str) -> Option<PathBuf> {
    let found = Command::new("sh")
        .args(["-c", "PATH=$PATH:/usr/sbin:/sbin; command -v \"$0\"", program])
        .output()
        .ok()?;
    let line = String::from_utf8(found.stdout).ok()?;
    found.status.success().then(|| PathBuf::from(line.trim()))
}
