//! Which rows give a user a name that another row gives too.
//!
//! Of each name of each row three numbers are noted: its hash, the line, and a hash of all that the row says. They
//! are sorted into parts by the first; the parts are looked through one by one for names that repeat, and only what
//! was found is kept, sorted by line. Memory is bounded by [`Spill`] throughout.

use std::borrow::Cow;
use std::collections::HashMap;
use std::collections::hash_map::Entry as Slot;
use std::hash::{BuildHasherDefault, Hasher};
use std::io;

use xxhash_rust::xxh3::xxh3_64_with_seed;

use super::codes::Code;
use super::problem::Problem;
use super::row::RowBuffer;
use super::spill::{Entry, PARTS, Spill};
use super::target::Target;
use super::text::{clean, trim_ascii};

/// Names that are compared at once, together 24 MB with the table of them; larger parts are gone through several times.
const AT_ONCE: usize = 512 * 1024;

/// The names of a file, while it is gone through: hash, line, hash of the content.
#[derive(Debug, Default)]
pub(super) struct Names {
    noted: Spill,
    last_line: u64,
}

/// What repeated names mean for rows: line, another line with the name, and 1 where the rows say different things.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    by_line: Spill,
    lines_of_a_part: u64,
}

type Hashed<T> = HashMap<u64, T, BuildHasherDefault<AlreadyHashed>>;

/// A name that more than one row gives.
#[derive(Debug, Clone, Copy)]
struct Repeated {
    first: u64,
    second: u64,
    differs: bool,
}

impl Names {
    /// Notes the names of a sound row.
    pub(super) fn note(&mut self, row: &RowBuffer) -> io::Result<()> {
        let content = content(row);
        self.last_line = row.line();
        for name in names(row).into_iter().flatten() {
            // The lowest and the highest bits choose a slot in the tables below.
            self.noted.push((name >> 32) as usize, [name, row.line(), content])?;
        }
        Ok(())
    }

    /// Finds what repeats.
    pub(super) fn repeats(mut self) -> io::Result<Repeats> {
        let lines_of_a_part = self.last_line / PARTS as u64 + 1;
        let mut repeats = Repeats { by_line: Spill::default(), lines_of_a_part };
        let (mut entries, mut seen) = (Vec::new(), Hashed::default());
        for part in 0..PARTS {
            let passes = self.noted.count(part).div_ceil(AT_ONCE);
            for pass in 0..passes {
                entries.clear();
                self.noted.each(part, |entry| {
                    if (entry[0] >> 40) as usize % passes == pass {
                        entries.push(entry);
                    }
                })?;
                repeats.find(&entries, &mut seen)?;
            }
            self.noted.forget(part);
        }
        Ok(repeats)
    }
}

impl Repeats {
    /// Looks through names that came in the order of their lines.
    fn find(&mut self, entries: &[Entry], seen: &mut Hashed<(u64, u64)>) -> io::Result<()> {
        let mut repeated: Hashed<Repeated> = Hashed::default();
        seen.clear();
        for [name, line, content] in entries {
            match seen.entry(*name) {
                Slot::Vacant(slot) => {
                    slot.insert((*line, *content));
                }
                Slot::Occupied(slot) => {
                    let (first, said) = *slot.get();
                    let new = Repeated { first, second: *line, differs: false };
                    repeated.entry(*name).or_insert(new).differs |= said != *content;
                }
            }
        }
        if repeated.is_empty() {
            return Ok(());
        }
        for [name, line, _] in entries {
            let Some(Repeated { first, second, differs }) = repeated.get(name) else { continue };
            let other = if line == first { second } else { first };
            if *differs || line != first {
                let part = (line / self.lines_of_a_part) as usize;
                self.by_line.push(part, [*line, *other, u64::from(*differs)])?;
            }
        }
        Ok(())
    }
}

/// Goes along with a reader and tells it what repeated names mean for its rows.
#[derive(Debug, Default)]
pub(super) struct Judge {
    part: Option<u64>,
    /// What is to be said about the rows of this part, by line.
    verdicts: Vec<Entry>,
    next: usize,
}

impl Judge {
    /// Adds to a row what the rest of the file means for it: all rows that give one user different things are
    /// rejected; of rows that say the same all but the first are left out. Rows come in the order of the file.
    pub(super) fn judge(&mut self, repeats: &Repeats, row: &mut RowBuffer) -> io::Result<()> {
        if repeats.by_line.is_empty() {
            return Ok(());
        }
        let line = row.line();
        let part = line / repeats.lines_of_a_part;
        if self.part != Some(part) {
            (self.part, self.next) = (Some(part), 0);
            self.verdicts.clear();
            repeats.by_line.each(part as usize, |entry| self.verdicts.push(entry))?;
            self.verdicts.sort_unstable();
        }
        let mut found: Option<Entry> = None;
        while let Some(verdict) = self.verdicts.get(self.next).filter(|verdict| verdict[0] <= line) {
            if verdict[0] == line && found.is_none_or(|found| found[2] < verdict[2]) {
                found = Some(*verdict);
            }
            self.next += 1;
        }
        match found {
            Some([_, other, 1]) => {
                row.problems
                    .push(Problem::new(Code::DuplicateUser, line).about(format_args!("line {other}")));
            }
            Some([_, other, _]) if !row.problems.iter().any(Problem::rejects) => {
                row.problems.push(Problem::new(Code::DuplicateRow, line).about(format_args!("line {other}")));
            }
            _ => {}
        }
        Ok(())
    }
}

/// The names by which a row calls its user, hashed: login name (or else mail), mail, identifier.
fn names(row: &RowBuffer) -> [Option<u64>; 3] {
    let cell = |target: Target| {
        let text = clean(row.field(row.layout().column_of(target)?), target.identifies()).text;
        let values = row.layout().values.get(&target);
        let text = match values.and_then(|values| values.meaning(&text)) {
            Some(meaning) => Cow::Owned(meaning.to_owned()),
            None => text,
        };
        (!text.is_empty()).then_some(text)
    };
    let (login, mail, uid) = (cell(Target::LoginName), cell(Target::Mail), cell(Target::Uid));
    // Without a column for it, every login name is the mail address: one name says it all.
    let login = row.layout().column_of(Target::LoginName).and(login.as_deref().or(mail.as_deref()));
    [
        login.map(|text| folded_hash(1, text)),
        mail.as_deref().map(|text| folded_hash(2, text)),
        uid.map(|text| hash(3, text.as_bytes())),
    ]
}

/// Without regard to case.
fn folded_hash(kind: u8, text: &str) -> u64 {
    let mut buffer = [0; 64];
    match buffer.get_mut(..text.len()) {
        Some(folded) if text.is_ascii() => {
            folded.copy_from_slice(text.as_bytes());
            folded.make_ascii_lowercase();
            hash(kind, folded)
        }
        _ => hash(kind, scim::fold(text).as_bytes()),
    }
}

fn hash(kind: u8, bytes: &[u8]) -> u64 {
    xxh3_64_with_seed(bytes, u64::from(kind))
}

/// All that a row says, hashed: the fields of columns that are taken over.
fn content(row: &RowBuffer) -> u64 {
    let fields = row.layout().mapped.iter().map(|(column, _)| trim_ascii(row.field(*column)));
    fields.fold(0, |hash, field| xxh3_64_with_seed(field.as_bytes(), hash))
}

/// The keys are hashes already.
#[derive(Debug, Clone, Default)]
struct AlreadyHashed(u64);

impl Hasher for AlreadyHashed {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, hash: u64) {
        self.0 = hash;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// Line, the other line, and whether they differ, of all that repeats in rows of a name and a content.
    fn found(rows: &[(u64, u64)], most: usize) -> BTreeSet<Entry> {
        let mut names = Names { noted: Spill::keeping(most), last_line: rows.len() as u64 + 1 };
        for (at, (name, content)) in rows.iter().enumerate() {
            let name = name << 31;
            names.noted.push((name >> 32) as usize, [name, at as u64 + 2, *content]).unwrap();
        }
        let repeats = names.repeats().unwrap();
        let mut found = BTreeSet::new();
        for part in 0..PARTS {
            repeats.by_line.each(part, |entry| assert!(found.insert(entry))).unwrap();
        }
        found
    }

    /// The same by comparing each row with all others.
    fn expected(rows: &[(u64, u64)]) -> BTreeSet<Entry> {
        let mut expected = BTreeSet::new();
        for (at, (name, _)) in rows.iter().enumerate() {
            let same: Vec<usize> = (0..rows.len()).filter(|other| rows[*other].0 == *name).collect();
            let differs = same.iter().any(|other| rows[*other].1 != rows[same[0]].1);
            if same.len() > 1 && (differs || at != same[0]) {
                let other = if at == same[0] { same[1] } else { same[0] };
                expected.insert([at as u64 + 2, other as u64 + 2, u64::from(differs)]);
            }
        }
        expected
    }

    proptest! {
        #[test]
        fn what_repeats_is_what_a_comparison_of_all_finds(
            rows in prop::collection::vec((0_u64..40, 0_u64..2), 0..60),
            most in prop_oneof![Just(0_usize), Just(9), Just(1000)],
        ) {
            prop_assert_eq!(found(&rows, most), expected(&rows));
        }
    }
}
