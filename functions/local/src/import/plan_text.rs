//! A plan as text: what each row would do.

use crate::terminal::one_line;
use domain::import::plan::{Action, PlanRow, Values};
use serde_json::Value;
use std::fmt::Write as _;

/// Characters of a value that are shown.
const VALUE_CHARS: usize = 40;

/// The rows, one line each, and below it what would change or why it would be rejected.
pub(super) fn text(rows: &[PlanRow]) -> String {
    let mut text = String::new();
    for row in rows {
        // A user who is missing from the file has no line in it.
        let place = if row.line == 0 { "missing".to_owned() } else { format!("line {}", row.line) };
        let line = format!("  {place:<11} {:<10}{}", action(row.action), changes(row));
        let _ = writeln!(text, "{}", one_line(line.trim_end()));
        for problem in &row.problems {
            let column = problem.column.as_deref().map(|column| format!(" ({column})")).unwrap_or_default();
            let line = format!("{}{column}: {} {}", problem.code, problem.text, problem.remedy);
            let _ = writeln!(text, "    {}", one_line(&line));
        }
    }
    text
}

fn action(action: Action) -> &'static str {
    match action {
        Action::Create => "create",
        Action::Update => "update",
        Action::Reactivate => "reactivate",
        Action::Deactivate => "deactivate",
        Action::Unchanged => "unchanged",
        Action::Reject => "reject",
        Action::Ignore => "ignore",
        Action::Delete => "delete",
    }
}

/// For a new user its name; for others every attribute, before and after.
fn changes(row: &PlanRow) -> String {
    if row.action == Action::Create {
        let name = row.changes.get("userName").map(|values| shown(&values.after));
        return name.map(|name| format!(" {name}")).unwrap_or_default();
    }
    let mut text = String::new();
    for (index, (attribute, Values { before, after })) in row.changes.iter().enumerate() {
        let separator = if index == 0 { " " } else { ", " };
        let _ = write!(text, "{separator}{attribute}: {} -> {}", shown(before), shown(after));
    }
    text
}

fn shown(value: &Value) -> String {
    let text = match value {
        Value::Null => return "nothing".to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= VALUE_CHARS {
        return text;
    }
    text.chars().take(VALUE_CHARS).chain(['…']).collect()
}
