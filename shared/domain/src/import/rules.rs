//! The rules for values: one function and one code for each. What is checked between rows stands in
//! [`super::duplicates`]; what depends on the existing user in [`against_current`].

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Map, Value};

use super::codes::Code;
use super::desired::{Cell, Desired};
use super::document;
use super::format::EmptyCells;
use super::problem::{Problem, Quoted};
use super::row::{RowBuffer, Span};
use super::target::Target;
use super::text::{clean, longer_than, trim_ascii};

const NAME_CHARS: usize = 64;
const LOCATION_CHARS: usize = 50;
const DIVISION_CHARS: usize = 15;
const VALUE_CHARS: usize = 1024;

/// What a directory and a configuration demand of values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rules {
    /// Targets that need a column, and a value in every row. The default is that of the S rules: status,
    /// mail and last name.
    pub mandatory: Vec<Target>,
    /// Values that may not be used.
    pub exclude: ExcludeLists,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            mandatory: vec![Target::Status, Target::Mail, Target::LastName],
            exclude: ExcludeLists::default(),
        }
    }
}

/// Values of a directory that may not be used, compared without regard to case (S6).
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ExcludeLists {
    mail: BTreeSet<String>,
    first_name: BTreeSet<String>,
    last_name: BTreeSet<String>,
}

impl ExcludeLists {
    /// Lists of these mail addresses, first names and last names.
    pub fn new<S: AsRef<str>>(mail: &[S], first_name: &[S], last_name: &[S]) -> Self {
        let folded = |list: &[S]| list.iter().map(|value| fold(&clean(value.as_ref(), false).text)).collect();
        Self { mail: folded(mail), first_name: folded(first_name), last_name: folded(last_name) }
    }
}

fn fold(value: &str) -> String {
    value.to_lowercase()
}

/// What a rule says about a value.
enum Verdict<'a> {
    /// As it is.
    Taken,
    /// Written this way.
    Written(Cow<'a, str>),
    /// Left out, with a warning.
    Left(Code),
    /// Not with this value.
    Rejected(Code),
}

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
}

/// Cleans and checks every cell of a sound row; the row then has its cells and its problems.
pub(super) fn check(row: &mut RowBuffer, rules: &Rules, empty_cells: EmptyCells) {
    let odd = row.text.bytes().fold(0_u8, |odd, byte| odd | u8::from(byte < b' ') | u8::from(byte == 0x7F));
    let judge = Judge { rules, empty_cells, plain: odd == 0 };
    let layout = Arc::clone(&row.layout);
    for (column, target) in &layout.mapped {
        let span = match judge.plain_cell(row.field(*column), *target) {
            Some(text) => original(&row.text, text),
            None => check_cell(row, judge, *column, *target),
        };
        if let Some(cell) = row.cells.get_mut(*target as usize) {
            *cell = span;
        }
    }
    check_between_cells(row);
}

fn check_cell(row: &mut RowBuffer, judge: Judge<'_>, column: usize, target: Target) -> Span {
    let (kept, findings) = judge.cell(row.field(column), target, &row.text);
    for code in findings.into_iter().flatten() {
        note(row, code, column, target);
    }
    match kept {
        Kept::Nothing => Span::Absent,
        Kept::Clearing => Span::Clear,
        Kept::Original(span) => span,
        Kept::Mended(text) => mend(&mut row.mended, &text),
    }
}

fn note(row: &mut RowBuffer, code: Code, column: usize, target: Target) {
    let problem = row.problem(code, target);
    let shown = row.field(column).trim();
    let problem = if shown.is_empty() { problem } else { problem.about(Quoted(shown)) };
    row.problems.push(problem);
}

impl Judge<'_> {
    /// The short way, which nearly every cell goes: plain ASCII that is kept as it is.
    fn plain_cell<'a>(self, field: &'a str, target: Target) -> Option<&'a str> {
        // What is written in another form is left to the long way.
        let rewritten = matches!(target, Target::ValidFrom | Target::ValidTo);
        if rewritten || !self.plain || !field.is_ascii() {
            return None;
        }
        let text = trim_ascii(field);
        let taken = !text.is_empty() && matches!(value(target, text, self.rules), Verdict::Taken);
        taken.then_some(text)
    }

    fn cell(self, field: &str, target: Target, row: &str) -> (Kept, [Option<Code>; 2]) {
        let cleaned = clean(field, target.identifies());
        let stripped = cleaned.stripped.then_some(Code::CharactersRemoved);
        if cleaned.text.is_empty() {
            let missing = self.rules.mandatory.contains(&target).then(|| missing(target));
            let kept = if self.empty_cells == EmptyCells::Clear { Kept::Clearing } else { Kept::Nothing };
            return (kept, [stripped, missing]);
        }
        let unreadable =
            if self.plain && cleaned.text.is_ascii() { None } else { readable(&cleaned.text, target) };
        let verdict = match unreadable {
            Some(code) => Verdict::Rejected(code),
            None => value(target, &cleaned.text, self.rules),
        };
        let (kept, finding) = match verdict {
            Verdict::Left(code) | Verdict::Rejected(code) => (Kept::Nothing, Some(code)),
            Verdict::Written(text) => (Kept::Mended(text.into_owned()), None),
            Verdict::Taken => match &cleaned.text {
                Cow::Borrowed(text) => (Kept::Original(original(row, text)), None),
                Cow::Owned(text) => (Kept::Mended(text.clone()), None),
            },
        };
        (kept, [stripped, finding])
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

fn missing(target: Target) -> Code {
    match target {
        Target::Status => Code::StatusMissing,
        Target::Mail => Code::MailMissing,
        Target::LastName => Code::LastNameMissing,
        _ => Code::ValueMissing,
    }
}

/// The rules of one target.
fn value<'a>(target: Target, text: &'a str, rules: &Rules) -> Verdict<'a> {
    let exclude = &rules.exclude;
    match target {
        Target::Status => status(text),
        Target::LoginName => {
            all([length(text, NAME_CHARS, Code::LoginNameTooLong), spreadsheet_notation(text)])
        }
        Target::Mail => all([
            length(text, NAME_CHARS, Code::MailTooLong),
            mail_address(text),
            excluded(text, &exclude.mail, Code::MailExcluded),
        ]),
        Target::FirstName => all([
            length(text, NAME_CHARS, Code::FirstNameTooLong),
            excluded(text, &exclude.first_name, Code::FirstNameExcluded),
        ]),
        Target::LastName => all([
            length(text, NAME_CHARS, Code::LastNameTooLong),
            excluded(text, &exclude.last_name, Code::LastNameExcluded),
        ]),
        Target::Language => language(text),
        Target::ValidFrom => instant(text, Code::ValidFromInvalid),
        Target::ValidTo => instant(text, Code::ValidToInvalid),
        Target::Uid => all([length(text, VALUE_CHARS, Code::ValueTooLong), spreadsheet_notation(text)]),
        Target::Location => all([length(text, LOCATION_CHARS, Code::LocationTooLong)]),
        Target::Division => all([length(text, DIVISION_CHARS, Code::DivisionTooLong)]),
        _ => all([length(text, VALUE_CHARS, Code::ValueTooLong)]),
    }
}

/// The first objection counts.
fn all<'a, const N: usize>(objections: [Option<Code>; N]) -> Verdict<'a> {
    objections.into_iter().flatten().next().map_or(Verdict::Taken, Verdict::Rejected)
}

/// S2: `active` or `inactive`, in any case.
fn status(text: &str) -> Verdict<'_> {
    match text {
        "active" | "inactive" => Verdict::Taken,
        _ if text.eq_ignore_ascii_case("active") => Verdict::Written(Cow::Borrowed("active")),
        _ if text.eq_ignore_ascii_case("inactive") => Verdict::Written(Cow::Borrowed("inactive")),
        _ => Verdict::Rejected(Code::StatusInvalid),
    }
}

/// S3, S4, S5, P16: at most so many characters.
fn length(text: &str, chars: usize, code: Code) -> Option<Code> {
    longer_than(text, chars).then_some(code)
}

/// S6: not on the list.
fn excluded(text: &str, list: &BTreeSet<String>, code: Code) -> Option<Code> {
    (!list.is_empty() && list.contains(&fold(text))).then_some(code)
}

/// S4: a plausible address. Exactly one `@` outside a quoted local part, something on both sides, no blanks,
/// nothing that belongs to a list of addresses. Letters of any script are welcome.
fn mail_address(text: &str) -> Option<Code> {
    plausible_address(text).is_none().then_some(Code::MailInvalid)
}

fn plausible_address(text: &str) -> Option<()> {
    let at = text.bytes().rposition(|byte| byte == b'@')?;
    let (local, domain) = (text.get(..at)?, text.get(at + 1..)?);
    let quoted = local.len() > 2 && local.starts_with('"') && local.ends_with('"');
    let literal = domain.starts_with('[') && domain.ends_with(']');
    let refused = local.is_empty()
        || domain.is_empty()
        || text.bytes().any(|byte| byte <= b' ')
        || (!text.is_ascii() && text.contains(char::is_whitespace))
        || (!quoted && local.bytes().any(is_special))
        || (!literal && (domain.bytes().any(is_special) || has_empty_label(domain)));
    (!refused).then_some(())
}

/// What belongs to a list of addresses or to a quoted part, not to a plain name or domain (RFC 5322 §3.2.3).
#[inline]
fn is_special(byte: u8) -> bool {
    matches!(byte, b'@' | b'"' | b'(' | b')' | b',' | b':' | b';' | b'<' | b'>' | b'[' | b']' | b'\\')
}

fn has_empty_label(domain: &str) -> bool {
    domain.as_bytes().split(|byte| *byte == b'.').any(<[u8]>::is_empty)
}

/// S7: `XX`, `xx`, `xx-XX`, `xx_XX`; kept in the form of RFC 5646. Anything else is left out: mails are in English.
fn language(text: &str) -> Verdict<'_> {
    let two = |part: &[u8], test: fn(&u8) -> bool| part.len() == 2 && part.iter().all(test);
    match text.as_bytes() {
        bytes if two(bytes, u8::is_ascii_lowercase) => Verdict::Taken,
        bytes if two(bytes, u8::is_ascii_uppercase) => {
            Verdict::Written(Cow::Owned(text.to_ascii_lowercase()))
        }
        [a, b, separator @ (b'-' | b'_'), c, d]
            if two(&[*a, *b], u8::is_ascii_lowercase) && two(&[*c, *d], u8::is_ascii_uppercase) =>
        {
            if *separator == b'-' {
                Verdict::Taken
            } else {
                Verdict::Written(Cow::Owned(text.replace('_', "-")))
            }
        }
        _ => Verdict::Left(Code::LanguageUnknown),
    }
}

/// S8: `yyyyMMddHHmmss'Z'`, a real moment; kept as RFC 3339.
fn instant<'a>(text: &str, code: Code) -> Verdict<'a> {
    rfc_3339(text).map_or(Verdict::Rejected(code), |text| Verdict::Written(Cow::Owned(text)))
}

fn rfc_3339(text: &str) -> Option<String> {
    let digits = text.strip_suffix('Z').filter(|digits| digits.len() == 14)?;
    let number = |from: usize, to: usize| {
        digits.as_bytes().get(from..to)?.iter().try_fold(0_i16, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i16::from(digit - b'0'))
        })
    };
    let small = |from: usize| number(from, from + 2).map(|number| number as i8);
    let (month, day, hour, minute, second) = (small(4)?, small(6)?, small(8)?, small(10)?, small(12)?);
    jiff::civil::DateTime::new(number(0, 4)?, month, day, hour, minute, second, 0).ok()?;
    let mut moment = String::with_capacity(20);
    for (part, end) in [(0..4, '-'), (4..6, '-'), (6..8, 'T'), (8..10, ':'), (10..12, ':'), (12..14, 'Z')] {
        moment.push_str(digits.get(part)?);
        moment.push(end);
    }
    Some(moment)
}

/// `1.23E+11`: a number that a spreadsheet has rounded. Always with a sign, so `12E4` stays an identifier.
fn spreadsheet_notation(text: &str) -> Option<Code> {
    // Nearly every identifier is told by its bytes to be none.
    let at = text.bytes().position(|byte| matches!(byte, b'E' | b'e')).filter(|at| *at > 0)?;
    let (mantissa, exponent) = (text.get(..at)?, text.get(at + 1..)?);
    let exponent = exponent.strip_prefix(['+', '-'])?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    let notation = digits(exponent) && digits(fraction) && digits(whole.strip_prefix('-').unwrap_or(whole));
    notation.then_some(Code::SpreadsheetNotation)
}

/// No damaged letters, and no control characters; line breaks and tabs only where free text may stand.
fn readable(text: &str, target: Target) -> Option<Code> {
    let free = matches!(
        target,
        Target::Custom1 | Target::Custom2 | Target::Custom3 | Target::Custom4 | Target::Custom5
    );
    if text.contains('\u{FFFD}') {
        return Some(Code::TextDamaged);
    }
    let control = |c: char| c.is_control() && !(free && matches!(c, '\n' | '\r' | '\t'));
    text.contains(control).then_some(Code::ControlCharacter)
}

/// S3: some name to sign in with. S8: the end of validity not before its beginning.
fn check_between_cells(row: &mut RowBuffer) {
    let named = [Target::LoginName, Target::Mail].map(|target| row.cell(target).value());
    let told = row.problems.iter().any(Problem::rejects);
    if named == [None, None] && !told {
        row.problems.push(Problem::new(Code::UserNameMissing, row.line()));
    }
    if let (Cell::Set(from), Cell::Set(to)) = (row.cell(Target::ValidFrom), row.cell(Target::ValidTo))
        && from > to
    {
        let problem = row.problem(Code::ValidityReversed, Target::ValidTo);
        row.problems.push(problem);
    }
}

/// What an accepted row may not do to the user that it is about: change the mail address (S4), or end the
/// validity before it begins where the file has only one of the two dates (S8).
pub fn against_current(desired: &Desired<'_>, current: &Map<String, Value>) -> Option<Problem> {
    let text = |target: Target| document::value(current, target.place()).and_then(Value::as_str);
    if let (Some(wanted), Some(present)) = (desired.mail(), text(Target::Mail))
        && wanted != present
        && fold(wanted) != fold(present)
    {
        return Some(desired.row.problem(Code::MailImmutable, Target::Mail).about(Quoted(wanted)));
    }
    let after = |target: Target| match desired.cell(target) {
        Cell::Set(value) => Some(value),
        Cell::Clear => None,
        Cell::Absent => text(target),
    };
    match (after(Target::ValidFrom), after(Target::ValidTo)) {
        (Some(from), Some(to)) if earlier(to, from) => {
            Some(desired.row.problem(Code::ValidityReversed, Target::ValidTo))
        }
        _ => None,
    }
}

/// Compares moments; the directory's may have fractions or another offset.
fn earlier(left: &str, right: &str) -> bool {
    let moment = |text: &str| text.parse::<jiff::Timestamp>().ok();
    moment(left).zip(moment(right)).is_some_and(|(left, right)| left < right)
}
