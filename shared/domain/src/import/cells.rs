//! Cells of a row: cleaned, judged by the rules, and kept. Almost every cell of a real file is good as it is
//! or says what the one above it says; both are seen at a glance, so that an import is read about as fast
//! as its bytes can be split.

use std::borrow::Cow;
use std::sync::Arc;

use memchr::{memchr, memchr2};

use super::codes::Code;
use super::desired::Cell;
use super::format::EmptyCells;
use super::mapping::Values;
use super::problem::{Problem, Quoted};
use super::row::{RowBuffer, Span, slice};
use super::rules::{
    DIVISION_CHARS, NAME_CHARS, Rules, Verdict, begins_number, is_plain_address, missing, readable, value,
};
use super::target::Target;
use super::text::{clean, is_latin};

/// What is kept of a cell.
enum Kept {
    Nothing,
    Clearing,
    /// This part of the row's text.
    Original(Span),
    Mended(String),
}

/// How cells of one row are judged.
#[derive(Clone, Copy)]
struct Judge<'a> {
    rules: &'a Rules,
    empty_cells: EmptyCells,
    /// The row has no control characters.
    plain: bool,
    /// It is all ASCII.
    ascii: bool,
}

/// The last good cell of every column whose values repeat from row to row: what has just been judged need
/// not be judged again.
#[derive(Debug, Clone, Default)]
pub(super) struct Remembered {
    columns: Vec<(String, Option<String>)>,
}

impl Remembered {
    /// Where the cell's text is to be found, if the row before had the same cell.
    fn span(&self, index: usize, field: &str, row: &str, mended: &mut String) -> Option<Span> {
        let (known, written) = self.columns.get(index)?;
        if known != field || field.is_empty() {
            return None;
        }
        Some(written.as_ref().map_or_else(|| original(row, field), |written| mend(mended, written)))
    }

    /// Only cells to which there is nothing to be said beyond what is kept of them.
    fn remember(&mut self, index: usize, row: &RowBuffer, column: usize, span: Span, mended: &str) {
        let field = row.field(column);
        let written = match span {
            Span::Original(start, end) if field.len() == (end - start) as usize => None,
            Span::Mended(start, end) if row.problems.is_empty() => Some(slice(mended, start, end).to_owned()),
            _ => return,
        };
        if self.columns.len() <= index {
            self.columns.resize(index + 1, (String::new(), None));
        }
        if let Some((known, form)) = self.columns.get_mut(index) {
            field.clone_into(known);
            *form = written;
        }
    }
}

/// Cleans and checks every cell of a sound row; the row then has its cells and its problems.
pub(super) fn check(row: &mut RowBuffer, rules: &Rules, empty_cells: EmptyCells, last: &mut Remembered) {
    let text = row.text.as_bytes();
    let odd = text.iter().fold(0_u8, |odd, byte| odd | u8::from(*byte < b' ') | u8::from(*byte == 0x7F));
    let judge = Judge { rules, empty_cells, plain: odd == 0, ascii: row.text.is_ascii() };
    let layout = Arc::clone(&row.layout);
    let mut mended = std::mem::take(&mut row.mended);
    for (index, (column, target)) in layout.mapped.iter().enumerate() {
        let repeats = !target.identifies() && !matches!(target, Target::FirstName | Target::LastName);
        let field = row.field(*column);
        let values = layout.values.get(target).map(Arc::as_ref);
        let known = if repeats { last.span(index, field, &row.text, &mut mended) } else { None };
        let certain = || values.is_none() && judge.is_certain(field, *target);
        let span = match known.or_else(|| certain().then(|| original(&row.text, field))) {
            Some(span) => span,
            None => check_cell(row, judge, (*column, *target), values, &mut mended),
        };
        if repeats && known.is_none() {
            last.remember(index, row, *column, span, &mended);
        }
        if let Some(cell) = row.cells.get_mut(*target as usize) {
            *cell = span;
        }
    }
    row.mended = mended;
    check_between_cells(row);
}

fn check_cell(
    row: &mut RowBuffer,
    judge: Judge<'_>,
    (column, target): (usize, Target),
    values: Option<&Values>,
    mended: &mut String,
) -> Span {
    let (kept, findings) = judge.cell(row.field(column), target, values, &row.text);
    for code in findings.into_iter().flatten() {
        note(row, code, column, target);
    }
    match kept {
        Kept::Nothing => Span::Absent,
        Kept::Clearing => Span::Clear,
        Kept::Original(span) => span,
        Kept::Mended(text) => mend(mended, &text),
    }
}

fn note(row: &mut RowBuffer, code: Code, column: usize, target: Target) {
    let problem = row.problem(code, target);
    let shown = row.field(column).trim();
    let problem = if shown.is_empty() { problem } else { problem.about(Quoted(shown)) };
    row.problems.push(problem);
}

impl Judge<'_> {
    /// Whether a cell is for certain kept as it is: a short look that spares most cells the long one, and
    /// never says yes where [`Self::cell`] would find anything to say.
    fn is_certain(self, field: &str, target: Target) -> bool {
        let bytes = field.as_bytes();
        let (Some(first), Some(last)) = (bytes.first(), bytes.last()) else { return false };
        if !self.plain || *first == b' ' || *last == b' ' || !(self.ascii || is_latin(field)) {
            return false;
        }
        let exclude = &self.rules.exclude;
        match target {
            Target::Mail => bytes.len() <= NAME_CHARS && exclude.mail.is_empty() && is_plain_address(bytes),
            Target::LoginName | Target::Uid => {
                bytes.len() <= NAME_CHARS && !(begins_number(*first) && memchr2(b'+', b'-', bytes).is_some())
            }
            Target::FirstName => bytes.len() <= NAME_CHARS && exclude.first_name.is_empty(),
            Target::LastName => bytes.len() <= NAME_CHARS && exclude.last_name.is_empty(),
            Target::Status => matches!(bytes, b"active" | b"inactive"),
            Target::Groups => bytes.len() <= DIVISION_CHARS && memchr(b',', bytes).is_none(),
            Target::Roles => bytes.len() <= DIVISION_CHARS && memchr(b'|', bytes).is_none(),
            Target::Language | Target::ValidFrom | Target::ValidTo => false,
            _ => bytes.len() <= DIVISION_CHARS,
        }
    }

    fn cell(
        self,
        field: &str,
        target: Target,
        values: Option<&Values>,
        row: &str,
    ) -> (Kept, [Option<Code>; 2]) {
        let cleaned = clean(field, target.identifies());
        let stripped = cleaned.stripped.then_some(Code::CharactersRemoved);
        let text = match values.and_then(|values| values.meaning(&cleaned.text)) {
            Some(meaning) => Cow::Owned(meaning.to_owned()),
            None => cleaned.text,
        };
        if text.is_empty() {
            let (kept, missing) = self.empty(target);
            return (kept, [stripped, missing]);
        }
        let unreadable = if self.plain && text.is_ascii() { None } else { readable(&text, target) };
        let verdict = match unreadable {
            Some(code) => Verdict::Rejected(code),
            None => value(target, &text, self.rules),
        };
        let (kept, finding) = match verdict {
            Verdict::Empty => self.empty(target),
            Verdict::Left(code) | Verdict::Rejected(code) => (Kept::Nothing, Some(code)),
            Verdict::Written(text) => (Kept::Mended(text.into_owned()), None),
            Verdict::Taken => match &text {
                Cow::Borrowed(text) => (Kept::Original(original(row, text)), None),
                Cow::Owned(text) => (Kept::Mended(text.clone()), None),
            },
        };
        (kept, [stripped, finding])
    }

    /// What is kept of an empty cell, and what is wrong with it where there has to be a value.
    fn empty(self, target: Target) -> (Kept, Option<Code>) {
        let missing = self.rules.mandatory.contains(&target).then(|| missing(target));
        let kept = if self.empty_cells == EmptyCells::Clear { Kept::Clearing } else { Kept::Nothing };
        (kept, missing)
    }
}

/// Where a part of the row's text stands in it.
fn original(text: &str, part: &str) -> Span {
    let start = (part.as_ptr() as usize).saturating_sub(text.as_ptr() as usize) as u32;
    Span::Original(start, start + part.len() as u32)
}

fn mend(mended: &mut String, text: &str) -> Span {
    let start = mended.len() as u32;
    mended.push_str(text);
    Span::Mended(start, mended.len() as u32)
}

/// S3: some name to sign in with. S8: the end of validity not before its beginning.
fn check_between_cells(row: &mut RowBuffer) {
    let named = row.has_value(Target::Mail) || row.has_value(Target::LoginName);
    if !named && !row.problems.iter().any(Problem::rejects) {
        row.problems.push(Problem::new(Code::UserNameMissing, row.line()));
    }
    if row.has_value(Target::ValidTo)
        && let (Cell::Set(from), Cell::Set(to)) = (row.cell(Target::ValidFrom), row.cell(Target::ValidTo))
        && from > to
    {
        let problem = row.problem(Code::ValidityReversed, Target::ValidTo);
        row.problems.push(problem);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_certain_at_a_glance_is_so_at_length(
            field in prop_oneof!["[ -~üÄ]{0,20}", "[a-z0-9.@]{1,70}", "[0-9]{1,3}[.,]?[0-9]{0,2}[Ee]?[+-]?[0-9]{1,2}", "\\PC{0,10}", "(in)?active", "[a|, ]{0,9}"],
            excluded: bool,
        ) {
            let mut rules = Rules::default();
            if excluded {
                let list = crate::tenant::ExcludeList::new(&[&field]);
                rules.exclude =
                    crate::tenant::ExcludeLists { mail: list.clone(), first_name: list.clone(), last_name: list };
            }
            let plain = !field.contains(|c: char| c.is_ascii_control());
            let judge = Judge { rules: &rules, empty_cells: EmptyCells::Leave, plain, ascii: field.is_ascii() };
            for target in Target::ALL.iter().copied().filter(|target| judge.is_certain(&field, *target)) {
                let (kept, findings) = judge.cell(&field, target, None, &field);
                let whole = matches!(kept, Kept::Original(Span::Original(0, end)) if end as usize == field.len());
                prop_assert!(whole && findings == [None, None], "{target:?} {field:?} {findings:?}");
            }
        }
    }
}
