//! The users of a directory as a file that the same configuration imports back unchanged.
//!
//! No cell may begin a formula, and reading takes the protecting apostrophe away from reports only. So an export bears
//! a report's marks, two columns that are empty: it can be opened in a spreadsheet, changed, and imported.

use super::configuration::Configuration;
use super::document;
use super::header::REPORT_MARKS;
use super::preamble::CANDIDATES;
use super::report::protected;
use super::rules::Rules;
use super::target::{Place, Target};
use super::template::columns;
use crate::directory::{Directory, Paging, Position, Shown, Wanted};
use crate::error::Error;
use crate::store::Kind;
use jiff::Timestamp;
use scim::Document;
use serde_json::Value;
use std::borrow::Cow;

/// Users on a part of an export: about 250 KB in memory.
const PART_USERS: usize = 250;

/// Writes users in the columns of a configuration, part by part.
#[derive(Debug, Clone)]
pub struct Export {
    columns: Vec<(Target, String)>,
    delimiter: u8,
    skipped_lines: usize,
}

/// A part of an export.
#[derive(Debug, Clone, PartialEq)]
pub struct ExportPart {
    /// Whole rows, as UTF-8.
    pub text: Vec<u8>,
    /// Behind whom the next part begins; none at the end.
    pub next: Option<Position>,
}

impl Export {
    /// In the columns and the delimiter of this configuration, behind as many empty lines as it skips.
    pub fn new(configuration: Configuration) -> Self {
        let Configuration { format, mapping, .. } = configuration;
        Self {
            columns: columns(&mapping, &Rules::default().mandatory),
            delimiter: format.delimiter.byte().unwrap_or(CANDIDATES[0]),
            skipped_lines: format.skip_lines as usize,
        }
    }

    /// The next users of a directory, behind the header where it begins. Users who come and go meanwhile are in the
    /// export or not; everybody else is in it once. Costs what a page of 250 costs; and 1 read unit and more for each
    /// user who was ever in a group.
    pub async fn part(&self, directory: &Directory, after: Option<Position>) -> Result<ExportPart, Error> {
        let text = if after.is_none() { vec![b'\n'; self.skipped_lines] } else { Vec::new() };
        let mut csv = csv::WriterBuilder::new().delimiter(self.delimiter).from_writer(text);
        if after.is_none() {
            let names = self.columns.iter().map(|(_, name)| name.as_str());
            write_row(&mut csv, names.chain(REPORT_MARKS))?;
        }
        let paging = Paging::After { position: after, count: PART_USERS };
        let shown = Shown { members: false, groups: true };
        let page = directory.list(Kind::User, &Wanted { filter: None, sort: None, paging, shown }).await?;
        for user in &page.resources {
            let user = directory.document(user)?;
            let cells: Vec<Cow<'_, str>> =
                self.columns.iter().map(|(target, _)| cell(&user, *target)).collect();
            write_row(&mut csv, cells.iter().map(AsRef::as_ref).chain(REPORT_MARKS.map(|_| "")))?;
        }
        let text = csv.into_inner().map_err(|_| Error::fault("a CSV in memory"))?;
        Ok(ExportPart { text, next: page.next })
    }
}

/// A row in which no cell begins a formula.
fn write_row<'a>(csv: &mut csv::Writer<Vec<u8>>, cells: impl Iterator<Item = &'a str>) -> Result<(), Error> {
    let fault = |_: csv::Error| Error::fault("a CSV in memory");
    for cell in cells {
        csv.write_field(protected(cell).as_ref()).map_err(fault)?;
    }
    csv.write_record(None::<&[u8]>).map_err(fault)
}

/// What a file says of this value of a user; nothing where there is none, which leaves it so.
fn cell(user: &Document, target: Target) -> Cow<'_, str> {
    let value = document::value(user, target.place());
    match (target.place(), value) {
        // Who is not said to be inactive may sign in.
        (_, value) if target == Target::Status => match value.and_then(Value::as_bool) {
            Some(false) => "inactive".into(),
            _ => "active".into(),
        },
        (Place::Apart, _) => groups(user, target).into(),
        (Place::Names(_), Some(Value::Array(elements))) => {
            joined(target, elements.iter().filter_map(|element| element.get("value")?.as_str())).into()
        }
        (_, None | Some(Value::Null)) => "".into(),
        (_, Some(Value::String(text))) if matches!(target, Target::ValidFrom | Target::ValidTo) => {
            moment(text)
        }
        (_, Some(Value::String(text))) => text.into(),
        (_, Some(value)) => value.to_string().into(),
    }
}

/// The groups that have the user as a member. One whose name has the separator in it cannot be written in a cell: it is
/// left out, which leaves the user in it.
fn groups(user: &Document, target: Target) -> String {
    let elements = user.get("groups").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let direct = elements.iter().filter(|group| group.get("type").and_then(Value::as_str) == Some("direct"));
    let names = direct.filter_map(|group| group.get("display")?.as_str());
    joined(target, names.filter(|name| target.separator().is_none_or(|separator| !name.contains(separator))))
}

fn joined<'a>(target: Target, names: impl Iterator<Item = &'a str>) -> String {
    let separator = target.separator().map(String::from).unwrap_or_default();
    names.collect::<Vec<_>>().join(&separator)
}

/// S8: `yyyyMMddHHmmss'Z'`. A moment that is none stays as it is, for the import to refuse.
fn moment(text: &str) -> Cow<'_, str> {
    match text.parse::<Timestamp>() {
        Ok(moment) => moment.strftime("%Y%m%d%H%M%SZ").to_string().into(),
        Err(_) => text.into(),
    }
}
