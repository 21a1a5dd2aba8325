//! Imports what is put into the inbox folders.
//!
//! The folders are looked at twice a second. A notification of the operating system would tell of a change, but
//! not that a copy is complete; two looks that agree do.

use super::files::{InboxFile, Unusable, files};
use super::looks::Looks;
use crate::data_folder::shown;
use crate::import::{Imports, ObjectImport, run_line};
use crate::serve::Stop;
use crate::terminal::one_line;
use domain::import::engine::Silent;
use std::collections::HashSet;
use std::io::Write as _;
use std::sync::Arc;
use std::time::Duration;

const BETWEEN_LOOKS: Duration = Duration::from_millis(500);
/// Looks after which a file that could not be imported is tried again.
const TRY_AGAIN_AFTER: u64 = 20;

/// Watches until the server stops; a run that has begun is finished first.
pub(crate) async fn watch(imports: Arc<Imports>, mut stop: Stop) {
    let mut looks = Looks::default();
    let mut told = HashSet::new();
    while !stop.is_stopping() {
        let folder = imports.folder().clone();
        match tokio::task::spawn_blocking(move || files(&folder)).await {
            Ok(Ok(found)) => {
                tell_of(found.unusable, &mut told);
                for file in looks.complete(found.files) {
                    if stop.is_stopping() {
                        return;
                    }
                    take(&imports, &file, &mut looks).await;
                }
            }
            Ok(Err(error)) => tracing::warn!(%error, "the inbox cannot be read"),
            Err(error) => tracing::error!(%error, "looking at the inbox"),
        }
        stop.or_after(BETWEEN_LOOKS).await;
    }
}

/// Each entry that can never be imported is told of once, and again when it comes back.
fn tell_of(unusable: Vec<Unusable>, told: &mut HashSet<Unusable>) {
    let unusable: HashSet<Unusable> = unusable.into_iter().collect();
    for Unusable { path, why } in unusable.difference(told) {
        say(&format!("{} is never imported: {why}; put a regular file into the inbox", shown(path)));
    }
    *told = unusable;
}

async fn take(imports: &Arc<Imports>, file: &InboxFile, looks: &mut Looks) {
    let path = imports.folder().object(&file.key);
    let wrong = match imports.object(&file.key, Arc::new(Silent)).await {
        Ok(ObjectImport::Stopped(run)) => {
            let report = imports.report_of(&file.key, &run.id);
            let held = run.is_held();
            // A held file stays in the inbox until somebody has decided, and is told of once.
            if !held || looks.set_aside(file, TRY_AGAIN_AFTER) {
                say(&run_line(&run, report.as_deref()));
            }
            return;
        }
        Ok(ObjectImport::Gone) => return,
        Ok(ObjectImport::Busy) => {
            format!(
                "{} was being imported when something went wrong; it goes on within a minute",
                shown(&path)
            )
        }
        Ok(ObjectImport::Unroutable) => format!(
            "{} is not imported: files belong into inbox/TENANT/DIRECTORY/CONFIGURATION/ of ones that exist",
            shown(&path)
        ),
        Err(failure) => format!("{} is not imported yet, and tried again: {failure}", shown(&path)),
    };
    if looks.set_aside(file, TRY_AGAIN_AFTER) {
        say(&wrong);
    }
}

/// A line on the server's screen; a closed one is no reason to stop.
fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{}", one_line(line));
}
