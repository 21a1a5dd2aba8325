//! The rules for values: one function and one code for each. What is checked between rows stands in
//! [`super::duplicates`]; what depends on the existing user in [`against_current`].

use std::borrow::Cow;
use std::collections::HashSet;

use memchr::memchr;
use serde_json::{Map, Value};

use super::codes::Code;
use super::desired::{Cell, Desired};
use super::document;
use super::problem::{Problem, Quoted};
use super::target::Target;
use super::text::longer_than;
use crate::tenant::{ExcludeList, ExcludeLists};
use scim::fold;

pub(super) const NAME_CHARS: usize = 64;
const LOCATION_CHARS: usize = 50;
pub(super) const DIVISION_CHARS: usize = 15;
const VALUE_CHARS: usize = 1024;
/// Groups that a user has at most.
const MOST_GROUPS: usize = 500;

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

/// What a rule says about a value.
pub(super) enum Verdict<'a> {
    /// As it is.
    Taken,
    /// Written this way.
    Written(Cow<'a, str>),
    /// Nothing but separators: as an empty cell.
    Empty,
    /// Left out, with a warning.
    Left(Code),
    /// Not with this value.
    Rejected(Code),
}

pub(super) fn missing(target: Target) -> Code {
    match target {
        Target::Status => Code::StatusMissing,
        Target::Mail => Code::MailMissing,
        Target::LastName => Code::LastNameMissing,
        _ => Code::ValueMissing,
    }
}

/// The rules of one target.
#[inline]
pub(super) fn value<'a>(target: Target, text: &'a str, rules: &Rules) -> Verdict<'a> {
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
        Target::Groups | Target::Roles => names(target, text),
        Target::Location => all([length(text, LOCATION_CHARS, Code::LocationTooLong)]),
        Target::Division => all([length(text, DIVISION_CHARS, Code::DivisionTooLong)]),
        _ => all([length(text, VALUE_CHARS, Code::ValueTooLong)]),
    }
}

/// The first objection counts.
#[inline]
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
#[inline]
fn length(text: &str, chars: usize, code: Code) -> Option<Code> {
    longer_than(text, chars).then_some(code)
}

/// S10, P16: several names in one cell, each once and without the blanks around it; at most 500 groups. Whether
/// they exist is known only to the directory.
fn names(target: Target, text: &str) -> Verdict<'_> {
    let Some(separator) = target.separator() else { return Verdict::Taken };
    let mut seen = HashSet::new();
    let each = text.split(separator).map(str::trim).filter(|name| !name.is_empty());
    let names: Vec<&str> = each.filter(|name| seen.insert(fold(name))).collect();
    if names.is_empty() {
        return Verdict::Empty;
    }
    if names.iter().any(|name| longer_than(name, VALUE_CHARS)) {
        return Verdict::Rejected(Code::ValueTooLong);
    }
    if target == Target::Groups && names.len() > MOST_GROUPS {
        return Verdict::Rejected(Code::GroupsTooMany);
    }
    let joined = names.join(separator.encode_utf8(&mut [0; 4]));
    if joined == text { Verdict::Taken } else { Verdict::Written(Cow::Owned(joined)) }
}

/// S6: not on the list.
#[inline]
fn excluded(text: &str, list: &ExcludeList, code: Code) -> Option<Code> {
    list.contains(text).then_some(code)
}

/// S4: a plausible address. Exactly one `@` outside a quoted local part, something on both sides, no blanks,
/// nothing that belongs to a list of addresses. Letters of any script are welcome.
fn mail_address(text: &str) -> Option<Code> {
    (!is_plain_address(text.as_bytes()) && plausible_address(text).is_none()).then_some(Code::MailInvalid)
}

/// Nearly every address is of this kind, told by a short look at each byte: ASCII without anything special.
pub(super) fn is_plain_address(text: &[u8]) -> bool {
    let Some(at) = memchr(b'@', text) else { return false };
    let (local, domain) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
    let mut after_dot = true;
    for byte in domain {
        let dot = *byte == b'.';
        if (dot && after_dot) || !is_plain(*byte) {
            return false;
        }
        after_dot = dot;
    }
    !after_dot && !local.is_empty() && local.iter().fold(true, |plain, byte| plain & is_plain(*byte))
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
const fn is_special(byte: u8) -> bool {
    matches!(byte, b'@' | b'"' | b'(' | b')' | b',' | b':' | b';' | b'<' | b'>' | b'[' | b']' | b'\\')
}

/// Visible ASCII that is nothing special; a table, because every byte of every address is asked.
fn is_plain(byte: u8) -> bool {
    const PLAIN: [bool; 256] = {
        let mut table = [false; 256];
        let mut byte = b'!';
        while byte <= b'~' {
            table[byte as usize] = !is_special(byte);
            byte += 1;
        }
        table
    };
    PLAIN.get(usize::from(byte)).copied().unwrap_or_default()
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
    let [a, b, c, d, mo, mp, da, db, ha, hb, ma, mb, sa, sb, b'Z'] = *text.as_bytes() else { return None };
    let digits = [a, b, c, d, mo, mp, da, db, ha, hb, ma, mb, sa, sb];
    if !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let two = |tens: u8, ones: u8| (tens - b'0') as i8 * 10 + (ones - b'0') as i8;
    let year = i16::from(two(a, b)) * 100 + i16::from(two(c, d));
    let (month, day) = (two(mo, mp), two(da, db));
    jiff::civil::DateTime::new(year, month, day, two(ha, hb), two(ma, mb), two(sa, sb), 0).ok()?;
    let moment = [a, b, c, d, b'-', mo, mp, b'-', da, db, b'T', ha, hb, b':', ma, mb, b':', sa, sb, b'Z'];
    String::from_utf8(moment.to_vec()).ok()
}

/// `1.23E+11`: a number that a spreadsheet has rounded. Always with a sign, so `12E4` stays an identifier.
fn spreadsheet_notation(text: &str) -> Option<Code> {
    // Nearly every identifier is told by its bytes to be none.
    if !text.bytes().next().is_some_and(begins_number) {
        return None;
    }
    let at = text.bytes().position(|byte| matches!(byte, b'E' | b'e'))?;
    let (mantissa, exponent) = (text.get(..at)?, text.get(at + 1..)?);
    let exponent = exponent.strip_prefix(['+', '-'])?;
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let (whole, fraction) = mantissa.split_once(['.', ',']).unwrap_or((mantissa, "0"));
    let notation = digits(exponent) && digits(fraction) && digits(whole.strip_prefix('-').unwrap_or(whole));
    notation.then_some(Code::SpreadsheetNotation)
}

pub(super) fn begins_number(byte: u8) -> bool {
    byte.is_ascii_digit() || byte == b'-'
}

/// No damaged letters, and no control characters; line breaks and tabs only where free text may stand.
pub(super) fn readable(text: &str, target: Target) -> Option<Code> {
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

/// P13: what an import may not change of somebody who has signed in, if the row would: the login name or the
/// identifier. The mail address is nobody's to change by an import.
pub(super) fn renames(desired: Desired<'_>, current: &Map<String, Value>) -> Option<Target> {
    [Target::LoginName, Target::Uid].into_iter().find(|target| {
        let present = document::value(current, target.place()).and_then(Value::as_str);
        match desired.cell(*target) {
            Cell::Absent => false,
            Cell::Clear => *target == Target::Uid && present.is_some(),
            Cell::Set(wanted) => present != Some(wanted),
        }
    })
}

/// Compares moments; the directory's may have fractions or another offset.
fn earlier(left: &str, right: &str) -> bool {
    let moment = |text: &str| text.parse::<jiff::Timestamp>().ok();
    moment(left).zip(moment(right)).is_some_and(|(left, right)| left < right)
}
