//! The header: which column goes where, and what is said about the others.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;

use super::codes::Code;
use super::mapping::{Mapping, Values};
use super::problem::{Problem, Quoted};
use super::report::unprotected;
use super::target::{TARGETS, Target};
use super::text::folded;

/// Columns that a report adds.
pub(crate) const REPORT_COLUMNS: [&str; 5] = ["_line", "_column", "_code", "_problem", "_remedy"];
/// Those of them by which a report is known.
pub(crate) const REPORT_MARKS: [&str; 2] = ["_line", "_code"];

/// Names that are listed at most.
const NAMES_LISTED: usize = 40;

/// How the columns of one file are laid out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Layout {
    pub(crate) names: Vec<String>,
    /// Column and target of every column that is taken over, by column.
    pub(crate) mapped: Vec<(usize, Target)>,
    pub(crate) column_of: [Option<u16>; TARGETS],
    /// What the values of a target's column mean, where they do not stand for themselves.
    pub(crate) values: BTreeMap<Target, Arc<Values>>,
    /// Columns that are the file's own; a report that comes back has five more.
    pub(crate) original: Vec<usize>,
    /// Whether the file is a report that comes back.
    pub(crate) is_report: bool,
    pub(crate) delimiter: u8,
    /// Whether a first line such as `sep=;` named the delimiter.
    pub(crate) delimiter_named: bool,
    pub(crate) byte_order_mark: bool,
    /// What ends the file's lines, as far as its first one shows.
    pub(crate) line_end: &'static str,
}

impl Layout {
    /// The header's names as the file writes them, those of a report that comes back left out.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.original.iter().filter_map(|column| self.names.get(*column)).map(String::as_str)
    }

    /// The column that goes to this target, by its position from 0.
    pub fn column_of(&self, target: Target) -> Option<usize> {
        self.column_of.get(target as usize).copied().flatten().map(usize::from)
    }

    /// The name of the column that goes to this target.
    pub fn name_of(&self, target: Target) -> Option<&str> {
        self.column_of(target).and_then(|column| self.name(column))
    }

    pub(crate) fn name(&self, column: usize) -> Option<&str> {
        self.names.get(column).map(String::as_str)
    }
}

/// A name for comparison, without regard to case and form, nor to the apostrophe that a report or a template puts
/// before what looks like a formula.
pub(crate) fn key(name: &str) -> String {
    let mut name = name.trim();
    while let Some(bare) = Some(unprotected(name)).filter(|bare| bare.len() < name.len()) {
        name = bare;
    }
    folded(name)
}

/// Whether a column of this name goes anywhere.
pub(crate) fn knows(name: &str, mapping: &Mapping) -> bool {
    let name = key(name);
    mapping.entries().any(|(column, _)| key(column) == name) || Target::from_name(&name).is_some()
}

/// Whether a line of these names is the header for certain: it has every column that is mapped or mandatory. Where
/// nothing is demanded, two columns that go somewhere are enough.
pub(crate) fn is_complete(names: &[Cow<'_, str>], mapping: &Mapping, mandatory: &[Target]) -> bool {
    let keys: Vec<String> = names.iter().map(|name| key(name)).collect();
    let has = |name: &str| keys.contains(&key(name));
    let mapped = |target: Target| mapping.entries().any(|(_, to)| to == target);
    let named: Vec<Target> = keys.iter().filter_map(|key| Target::from_name(key)).collect();
    let demanded = !mandatory.is_empty() || mapping.entries().next().is_some();
    mapping.entries().all(|(name, _)| has(name))
        && mandatory.iter().all(|target| mapped(*target) || named.contains(target))
        && (demanded || named.len() > 1)
}

/// Lays the header out; with warnings about columns that are not taken over.
///
/// An explicit mapping goes before a column that merely bears a target's name. A column that is mapped but
/// absent, one that is mandatory but absent, and two for one target refuse the file.
pub(crate) fn resolve(
    names: Vec<String>,
    mapping: &Mapping,
    mandatory: &[Target],
    line: u64,
) -> Result<(Layout, Vec<Problem>), Problem> {
    let names =
        if is_report(&names) { names.iter().map(|n| unprotected(n).to_owned()).collect() } else { names };
    let keys: Vec<String> = names.iter().map(|name| key(name)).collect();
    let mut layout = Layout { is_report: is_report(&names), ..Layout::default() };
    let mut taken: Vec<Option<Target>> = vec![None; names.len()];
    take_mapped(&keys, mapping, &mut taken, line)?;
    take_by_name(&keys, &names, &mut taken, line)?;
    // Every mapped column is there, and no target has two.
    let with_values = mapping.0.values().filter_map(|entry| Some((entry.target, entry.values.clone()?)));
    layout.values = with_values.collect();
    for (column, target) in taken.iter().enumerate() {
        if let Some(target) = target {
            layout.mapped.push((column, *target));
            if let Some(place) = layout.column_of.get_mut(*target as usize) {
                *place = u16::try_from(column).ok();
            }
        }
    }
    demand(mandatory, &layout, &names, line)?;
    let of_report = |name: &str| layout.is_report && REPORT_COLUMNS.contains(&name.trim());
    layout.original =
        (0..names.len()).filter(|column| !names.get(*column).is_some_and(|n| of_report(n))).collect();
    let warnings = ignored(&keys, &names, &taken, &layout, line).into_iter().collect();
    layout.names = names;
    Ok((layout, warnings))
}

/// A file that bears a report's marks is one, even if some of its explanations were deleted.
fn is_report(names: &[String]) -> bool {
    REPORT_MARKS.iter().all(|mark| names.iter().any(|name| name.trim() == *mark))
}

fn take_mapped(
    keys: &[String],
    mapping: &Mapping,
    taken: &mut [Option<Target>],
    line: u64,
) -> Result<(), Problem> {
    let mut absent = Vec::new();
    for (name, target) in mapping.entries() {
        let wanted = key(name);
        let mut columns =
            keys.iter().enumerate().filter(|(_, key)| **key == wanted).map(|(column, _)| column);
        let Some(column) = columns.next() else {
            absent.push(name);
            continue;
        };
        let place = taken.get_mut(column).filter(|place| place.is_none());
        let (None, Some(place)) = (columns.next(), place) else { return Err(duplicated(name, line)) };
        *place = Some(target);
    }
    if absent.is_empty() {
        for (column, target) in taken.iter().enumerate() {
            if target.is_some() && taken.iter().skip(column + 1).any(|other| other == target) {
                return Err(duplicated(target.map_or("", Target::name), line));
            }
        }
        return Ok(());
    }
    Err(Problem::new(Code::ColumnMissing, line)
        .about(format!("the mapping names {}", list(absent.into_iter()))))
}

fn take_by_name(
    keys: &[String],
    names: &[String],
    taken: &mut [Option<Target>],
    line: u64,
) -> Result<(), Problem> {
    let explicit: Vec<Target> = taken.iter().copied().flatten().collect();
    for (column, key) in keys.iter().enumerate() {
        let Some(target) = Target::from_name(key) else { continue };
        if taken.get(column).is_none_or(Option::is_some) || explicit.contains(&target) {
            continue;
        }
        if taken.contains(&Some(target)) {
            return Err(duplicated(names.get(column).map_or("", String::as_str), line));
        }
        if let Some(place) = taken.get_mut(column) {
            *place = Some(target);
        }
    }
    Ok(())
}

fn duplicated(name: &str, line: u64) -> Problem {
    Problem::new(Code::ColumnDuplicated, line).in_column(name).about(Quoted(name))
}

fn demand(mandatory: &[Target], layout: &Layout, names: &[String], line: u64) -> Result<(), Problem> {
    let absent: Vec<&str> = mandatory
        .iter()
        .filter(|target| layout.column_of(**target).is_none())
        .map(|target| target.name())
        .collect();
    if absent.is_empty() {
        return Ok(());
    }
    let detail =
        format!("{}; the header has {}", list(absent.into_iter()), list(names.iter().map(String::as_str)));
    Err(Problem::new(Code::ColumnMissing, line).about(detail))
}

fn ignored(
    keys: &[String],
    names: &[String],
    taken: &[Option<Target>],
    layout: &Layout,
    line: u64,
) -> Option<Problem> {
    // A trailing separator makes a column without a name; it holds nothing worth a warning.
    let is_unknown = |column: &usize| {
        keys.get(*column).is_some_and(|key| !key.is_empty())
            && taken.get(*column).copied().flatten().is_none()
    };
    let columns = layout.original.iter().filter(|column| is_unknown(column));
    let mut unknown = columns.filter_map(|column| names.get(*column)).map(String::as_str).peekable();
    unknown.peek()?;
    Some(Problem::new(Code::ColumnIgnored, line).about(list(unknown)))
}

pub(crate) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let mut text = String::new();
    for (count, name) in names.enumerate() {
        if count == NAMES_LISTED {
            return text + ", …";
        }
        if count > 0 {
            text.push_str(", ");
        }
        text.push_str(&Quoted(name).to_string());
    }
    text
}
