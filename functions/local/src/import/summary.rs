//! The summary of an import, for the person who asked for it; and the one line that a server says about a run.

use super::outcome::{Outcome, Report};
use super::plan_text;
use crate::cli::Import;
use crate::data_folder::shown;
use crate::terminal::one_line;
use domain::import::run::{Counts, Run, State};
use std::fmt::Write as _;
use std::path::Path;

/// The summary.
pub(super) fn text(options: &Import, outcome: &Outcome) -> String {
    let mut text = heading(options, outcome);
    if outcome.state != State::Failed {
        if !outcome.plan.is_empty() {
            add_plan(&mut text, outcome);
        }
        for (name, count) in named(&outcome.counts) {
            let _ = writeln!(text, "  {name:<12}{count:>9}");
        }
    }
    if let Some(problem) = &outcome.problem {
        let _ = writeln!(text, "  {}: {}", problem.code, sentences(&problem.text, &problem.remedy));
    }
    for warning in &outcome.warnings {
        let _ = writeln!(text, "\nWarning {}: {}", warning.code, sentences(&warning.text, &warning.remedy));
    }
    if outcome.state == State::Held {
        text.push_str("\nTo carry it out all the same, import it with --approve.\n");
    }
    add_rejected(&mut text, outcome);
    if let Some(report) = &outcome.report {
        let place = match report {
            Report::File(path) => shown(path).to_string(),
            Report::Url(url) => url.clone(),
        };
        let _ = writeln!(text, "\nReport: {}", one_line(&place));
        if outcome.counts.rejected > 0 {
            let _ =
                writeln!(text, "Mend the rows in it and import it as it is: its own columns are ignored.");
        }
    }
    text.truncate(text.trim_end().len());
    text
}

/// What a server says about a run: counts and words of ours, but nothing that stands in the file.
pub(crate) fn run_line(run: &Run, report: Option<&Path>) -> String {
    let mut line = match &run.problem {
        Some(problem) if run.is_held() => {
            let (what, remedy) = (problem.code.what(), problem.code.remedy());
            format!("Held: {} ({}): {what}. {remedy}.", run.source.name, problem.code)
        }
        Some(problem) => {
            let (what, remedy) = (problem.code.what(), problem.code.remedy());
            format!("Not imported: {} ({}): {what}. {remedy}.", run.source.name, problem.code)
        }
        None => format!("Imported {}: {}.", run.source.name, counts_in_words(&run.counts)),
    };
    if let Some(report) = report.filter(|_| run.state != State::Finished) {
        let _ = write!(line, " Report: {}", shown(report));
    }
    one_line(&line)
}

/// Two sentences, which bring their full stops. They may quote the file.
pub(super) fn sentences(text: &str, remedy: &str) -> String {
    one_line(&format!("{text} {remedy}"))
}

fn heading(options: &Import, outcome: &Outcome) -> String {
    let file = one_line(&options.file.file_name().unwrap_or_default().to_string_lossy());
    let into = format!("{}/{}", options.tenant, options.directory);
    let rows = outcome.counts.total();
    match outcome.state {
        State::Failed => format!("{file} was not imported; nothing was changed.\n"),
        State::Planned if rows == 0 => format!("{file} has no rows.\n"),
        State::Planned if outcome.run.is_none() => {
            format!("What {file} would do to {into} (a dry run: nothing was changed):\n\n")
        }
        State::Planned => format!("What {file} would do to {into} (test mode: nothing was changed):\n\n"),
        State::Held => format!("{file} is held; nothing was changed. It would do this to {into}:\n\n"),
        _ => {
            let time = outcome.seconds.map(|seconds| format!(" in {seconds:.1} s")).unwrap_or_default();
            format!("Imported {file} into {into}: {}{time}.\n\n", counted(rows, "row"))
        }
    }
}

fn add_plan(text: &mut String, outcome: &Outcome) {
    text.push_str(&plan_text::text(&outcome.plan));
    let more = outcome.counts.total().saturating_sub(outcome.plan.len() as u64);
    if more > 0 {
        let _ = writeln!(text, "  … and {}", counted(more, "more row"));
    }
    text.push('\n');
}

fn add_rejected(text: &mut String, outcome: &Outcome) {
    if outcome.noted.is_empty() {
        return;
    }
    let shown = outcome.noted.len() as u64;
    let _ = match outcome.counts.rejected {
        all if all > shown => writeln!(text, "\nRows that were not applied, the first {shown} of {all}:"),
        _ => writeln!(text, "\nRows that were not applied:"),
    };
    for row in &outcome.noted {
        let column = if row.column.is_empty() { String::new() } else { format!(", {}", row.column) };
        let heading = format!("line {}{column} ({})", row.line, row.code);
        for (indent, line) in [("  ", &heading), ("    ", &row.text), ("    ", &row.remedy)] {
            let _ = writeln!(text, "{indent}{}", one_line(line));
        }
    }
}

fn named(counts: &Counts) -> impl Iterator<Item = (&'static str, u64)> {
    [
        ("created", counts.created),
        ("updated", counts.updated),
        ("reactivated", counts.reactivated),
        ("deactivated", counts.deactivated),
        ("unchanged", counts.unchanged),
        ("rejected", counts.rejected),
        ("ignored", counts.ignored),
        ("deleted", counts.deleted),
    ]
    .into_iter()
    .filter(|(_, count)| *count > 0)
}

fn counts_in_words(counts: &Counts) -> String {
    let words: Vec<String> = named(counts).map(|(name, count)| format!("{count} {name}")).collect();
    if words.is_empty() { "no rows".to_owned() } else { words.join(", ") }
}

fn counted(count: u64, thing: &str) -> String {
    if count == 1 { format!("1 {thing}") } else { format!("{count} {thing}s") }
}
