//! Numbers in threes, sorted into parts by one of them, of which only so many are kept in memory; the others wait in
//! a temporary file. With it a file of any size is surveyed in the same memory.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::Mutex;

/// Three numbers; what they mean is the caller's.
pub(super) type Entry = [u64; 3];

/// Parts; with the most entries that are kept, a part of any real file fits the memory.
pub(super) const PARTS: usize = 256;
/// Entries that are kept in memory, together 9 MB.
const KEPT: usize = 384 * 1024;
const ENTRY_BYTES: usize = size_of::<Entry>();

/// Entries by part.
#[derive(Debug)]
pub(super) struct Spill {
    parts: Vec<Part>,
    kept: usize,
    most: usize,
    written: Option<Mutex<File>>,
    end: u64,
}

/// The entries of one part, in the order in which they came: first those in the file, then those in memory.
#[derive(Debug, Default)]
struct Part {
    /// Where they stand in the file: offset and number of entries.
    extents: Vec<(u64, usize)>,
    kept: Vec<Entry>,
}

impl Default for Spill {
    fn default() -> Self {
        Self::keeping(KEPT)
    }
}

impl Spill {
    /// Keeps so many entries in memory.
    pub(super) fn keeping(most: usize) -> Self {
        let parts = std::iter::repeat_with(Part::default).take(PARTS).collect();
        Self { parts, kept: 0, most, written: None, end: 0 }
    }

    /// Whether there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.kept == 0 && self.written.is_none()
    }

    /// Adds to a part; the part's number is taken modulo [`PARTS`].
    #[inline]
    pub(super) fn push(&mut self, part: usize, entry: Entry) -> io::Result<()> {
        if let Some(part) = self.parts.get_mut(part % PARTS) {
            part.kept.push(entry);
            self.kept += 1;
        }
        if self.kept > self.most { self.write() } else { Ok(()) }
    }

    /// Moves what is in memory to the file.
    fn write(&mut self) -> io::Result<()> {
        let file = match self.written.take() {
            Some(file) => file,
            None => Mutex::new(tempfile::tempfile()?),
        };
        let mut bytes = Vec::new();
        {
            let mut file = lock(&file);
            file.seek(SeekFrom::Start(self.end))?;
            for part in self.parts.iter_mut().filter(|part| !part.kept.is_empty()) {
                bytes.clear();
                bytes.extend(part.kept.iter().flatten().flat_map(|number| number.to_le_bytes()));
                file.write_all(&bytes)?;
                part.extents.push((self.end, part.kept.len()));
                self.end += bytes.len() as u64;
                part.kept.clear();
            }
        }
        self.kept = 0;
        self.written = Some(file);
        Ok(())
    }

    /// How many entries a part has.
    pub(super) fn count(&self, part: usize) -> usize {
        let Some(part) = self.parts.get(part) else { return 0 };
        part.extents.iter().map(|(_, count)| count).sum::<usize>() + part.kept.len()
    }

    /// Calls with every entry of a part, in the order in which they came.
    pub(super) fn each(&self, part: usize, mut call: impl FnMut(Entry)) -> io::Result<()> {
        let Some(part) = self.parts.get(part) else { return Ok(()) };
        if let Some(file) = &self.written {
            let mut bytes = Vec::new();
            for (offset, count) in &part.extents {
                bytes.resize(count * ENTRY_BYTES, 0);
                let mut file = lock(file);
                file.seek(SeekFrom::Start(*offset))?;
                file.read_exact(&mut bytes)?;
                drop(file);
                bytes.as_chunks::<ENTRY_BYTES>().0.iter().map(entry).for_each(&mut call);
            }
        }
        part.kept.iter().copied().for_each(call);
        Ok(())
    }

    /// Gives the memory of a part back; nothing is asked of it any more.
    pub(super) fn forget(&mut self, part: usize) {
        if let Some(part) = self.parts.get_mut(part) {
            self.kept -= part.kept.len();
            *part = Part::default();
        }
    }
}

/// Nothing is left half done where a thread could have panicked.
fn lock(file: &Mutex<File>) -> std::sync::MutexGuard<'_, File> {
    file.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn entry(bytes: &[u8; ENTRY_BYTES]) -> Entry {
    let mut entry = Entry::default();
    for (number, bytes) in entry.iter_mut().zip(bytes.as_chunks::<8>().0) {
        *number = u64::from_le_bytes(*bytes);
    }
    entry
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_comes_back_in_its_part_and_order() {
        for most in [0, 1, 7, 100, 10_000] {
            let mut spill = Spill::keeping(most);
            assert!(spill.is_empty());
            for number in 0..1000_u64 {
                spill.push(number as usize % 3, [number, u64::MAX - number, 7]).unwrap();
            }
            for part in 0..3 {
                let mut found = Vec::new();
                spill.each(part, |entry| found.push(entry)).unwrap();
                let expected: Vec<Entry> = (0..1000)
                    .filter(|number| *number as usize % 3 == part)
                    .map(|n| [n, u64::MAX - n, 7])
                    .collect();
                assert_eq!(found, expected, "keeping {most}");
                assert_eq!(spill.count(part), expected.len());
            }
            assert_eq!(spill.count(3), 0);
            assert!(!spill.is_empty());
        }
    }
}
