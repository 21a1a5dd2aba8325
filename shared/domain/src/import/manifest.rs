//! Manifests: which rows a configuration has applied, and to whom, as entries of 32 bytes in the order of their
//! digests. A row whose digest is in the manifest needs neither a read nor a write, unless its user is noted as
//! changed by others since. Whoever is in the manifest and in no row of the next file is missing from it.

use crate::store::{Digest, Id};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek as _, SeekFrom, Write};
use std::os::unix::fs::FileExt as _;

/// Bytes of an entry: the digest of a row, and the id of its user.
const ENTRY_BYTES: usize = 32;
/// Entries that are sorted at once: 16 MB.
const SORTED_AT_ONCE: usize = 512 * 1024;
/// Entries that a search reads at once.
const BLOCK_ENTRIES: u64 = 128;
/// Bytes of a manifest that is kept in memory: a million entries. Of a larger one each search reads a block.
const MOST_BYTES_IN_MEMORY: u64 = 32 * 1024 * 1024;

/// A row that was applied, and its user.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Entry {
    /// What the row says.
    pub(super) digest: Digest,
    /// Whom it is about.
    pub(super) user: Id,
}

impl Entry {
    /// Of a user of the configuration to whom no row applies at present: found by no digest.
    pub(super) fn without_row(user: Id) -> Self {
        Self { digest: user.bytes(), user }
    }

    fn bytes(&self) -> [u8; ENTRY_BYTES] {
        let mut bytes = [0; ENTRY_BYTES];
        let parts = self.digest.into_iter().chain(self.user.bytes());
        bytes.iter_mut().zip(parts).for_each(|(to, from)| *to = from);
        bytes
    }

    fn of(bytes: &[u8]) -> io::Result<Self> {
        let damaged = || io::Error::new(io::ErrorKind::InvalidData, "a damaged manifest");
        let (digest, user) = bytes.split_at_checked(16).ok_or_else(damaged)?;
        let digest = digest.try_into().map_err(|_| damaged())?;
        Ok(Self { digest, user: Id::from_bytes(user).ok_or_else(damaged)? })
    }
}

/// Writes entries one behind the other, in any order.
pub(super) struct Entries(BufWriter<File>);

impl Entries {
    pub(super) fn new() -> io::Result<Self> {
        Ok(Self(BufWriter::new(tempfile::tempfile()?)))
    }

    pub(super) fn push(&mut self, entry: &Entry) -> io::Result<()> {
        self.0.write_all(&entry.bytes())
    }

    /// The file, at its beginning.
    pub(super) fn finish(self) -> io::Result<File> {
        let mut file = self.0.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.rewind()?;
        Ok(file)
    }
}

/// The entries of a file, in its order.
pub(super) fn read(mut file: File) -> io::Result<impl Iterator<Item = io::Result<Entry>>> {
    file.rewind()?;
    let mut reader = BufReader::with_capacity(64 * 1024, file);
    Ok(std::iter::from_fn(move || next(&mut reader).transpose()))
}

fn next(reader: &mut impl Read) -> io::Result<Option<Entry>> {
    let mut bytes = [0; ENTRY_BYTES];
    match reader.read_exact(&mut bytes) {
        Ok(()) => Entry::of(&bytes).map(Some),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(error),
    }
}

/// Sorts entries of any number: 16 MB of them in memory, the others in files. Each digest comes out once.
pub(super) fn sorted(entries: impl Iterator<Item = io::Result<Entry>>) -> io::Result<File> {
    let mut parts = Vec::new();
    let mut part = Vec::new();
    for entry in entries {
        part.push(entry?);
        if part.len() == SORTED_AT_ONCE {
            parts.push(part_file(&mut part)?);
        }
    }
    parts.push(part_file(&mut part)?);
    if parts.len() == 1
        && let Some(only) = parts.pop()
    {
        return Ok(only);
    }
    let mut readers = parts.into_iter().map(read).collect::<io::Result<Vec<_>>>()?;
    let mut heads = BinaryHeap::new();
    for (at, reader) in readers.iter_mut().enumerate() {
        heads.extend(reader.next().transpose()?.map(|entry| Reverse((entry, at))));
    }
    let mut merged = Entries::new()?;
    let mut last = None;
    while let Some(Reverse((entry, at))) = heads.pop() {
        if last.replace(entry.digest) != Some(entry.digest) {
            merged.push(&entry)?;
        }
        let following = readers.get_mut(at).and_then(Iterator::next).transpose()?;
        heads.extend(following.map(|entry| Reverse((entry, at))));
    }
    merged.finish()
}

fn part_file(part: &mut Vec<Entry>) -> io::Result<File> {
    part.sort_unstable();
    part.dedup_by_key(|entry| entry.digest);
    let mut file = Entries::new()?;
    part.iter().try_for_each(|entry| file.push(entry))?;
    part.clear();
    file.finish()
}

/// A manifest that rows are looked up in. Remembers which entries a row was found for.
pub(super) struct Manifest {
    file: File,
    entries: u64,
    /// The whole of it, unless it is too large.
    whole: Option<Vec<u8>>,
    /// Otherwise the block read last.
    block: Vec<u8>,
    block_at: u64,
    /// A bit an entry.
    seen: Vec<u64>,
}

impl Manifest {
    /// Of this file.
    pub(super) fn open(file: File) -> io::Result<Self> {
        Self::open_within(file, MOST_BYTES_IN_MEMORY)
    }

    fn open_within(mut file: File, most: u64) -> io::Result<Self> {
        let bytes = file.metadata()?.len();
        let entries = bytes / ENTRY_BYTES as u64;
        let whole = if bytes <= most {
            let mut whole = Vec::with_capacity(usize::try_from(bytes).unwrap_or_default());
            file.rewind()?;
            file.read_to_end(&mut whole)?;
            Some(whole)
        } else {
            None
        };
        let words = usize::try_from(entries.div_ceil(64)).unwrap_or_default();
        Ok(Self { file, entries, whole, block: Vec::new(), block_at: u64::MAX, seen: vec![0; words] })
    }

    /// The user of the row with this digest, who is then seen. Digests are spread evenly, so the first guess is mostly right.
    pub(super) fn take(&mut self, digest: &Digest) -> io::Result<Option<Id>> {
        let (mut low, mut high) = (0, self.entries.div_ceil(BLOCK_ENTRIES));
        let first_half = u64::try_from(u128::from_be_bytes(*digest) >> 64).unwrap_or_default();
        let place = u128::from(first_half) * u128::from(high);
        let mut guess = u64::try_from(place >> 64).unwrap_or_default();
        while low < high {
            let block = self.block(guess)?;
            let first = block.get(..16).unwrap_or_default();
            let last = block.chunks_exact(ENTRY_BYTES).next_back().and_then(|entry| entry.get(..16));
            if digest.as_slice() < first {
                high = guess;
            } else if last.is_some_and(|last| digest.as_slice() > last) {
                low = guess + 1;
            } else {
                let Some((at, user)) = find(block, digest)? else { return Ok(None) };
                self.see(guess * BLOCK_ENTRIES + at);
                return Ok(Some(user));
            }
            // A guess misses by a block or two: the next one is beside it, and only then halves are taken.
            let beside = if guess + 1 == low { low + 1 } else { guess.saturating_sub(2) };
            guess = if (low..high).contains(&beside) { beside } else { low.midpoint(high) };
        }
        Ok(None)
    }

    fn block(&mut self, number: u64) -> io::Result<&[u8]> {
        let first = number * BLOCK_ENTRIES;
        let entries = BLOCK_ENTRIES.min(self.entries.saturating_sub(first));
        let bytes = usize::try_from(entries).unwrap_or_default() * ENTRY_BYTES;
        let from = first * ENTRY_BYTES as u64;
        if let Some(whole) = &self.whole {
            let from = usize::try_from(from).unwrap_or(usize::MAX);
            return Ok(whole.get(from..from.saturating_add(bytes)).unwrap_or_default());
        }
        if self.block_at != number {
            self.block.resize(bytes, 0);
            self.block_at = u64::MAX;
            self.file.read_exact_at(&mut self.block, from)?;
            self.block_at = number;
        }
        Ok(&self.block)
    }

    fn see(&mut self, at: u64) {
        if let Some(word) = self.seen.get_mut(usize::try_from(at / 64).unwrap_or(usize::MAX)) {
            *word |= 1 << (at % 64);
        }
    }

    /// The users of the entries that no row was found for.
    pub(super) fn unseen(mut self) -> io::Result<impl Iterator<Item = io::Result<Id>>> {
        self.file.seek(SeekFrom::Start(0))?;
        let seen = self.seen;
        let is_seen = move |at: usize| seen.get(at / 64).is_some_and(|word| word & (1 << (at % 64)) != 0);
        let entries = read(self.file)?.enumerate();
        Ok(entries.filter(move |(at, _)| !is_seen(*at)).map(|(_, entry)| entry.map(|entry| entry.user)))
    }
}

/// The entry of a block with this digest: its place and its user.
fn find(block: &[u8], digest: &Digest) -> io::Result<Option<(u64, Id)>> {
    let (mut low, mut high) = (0, block.len() / ENTRY_BYTES);
    while low < high {
        let middle = low.midpoint(high);
        let entry = block.get(middle * ENTRY_BYTES..(middle + 1) * ENTRY_BYTES).unwrap_or_default();
        match entry.get(..16).unwrap_or_default().cmp(digest) {
            std::cmp::Ordering::Less => low = middle + 1,
            std::cmp::Ordering::Greater => high = middle,
            std::cmp::Ordering::Equal => return Ok(Some((middle as u64, Entry::of(entry)?.user))),
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::Seat;
    use proptest::prelude::*;

    fn entry(digest: [u8; 16], seat: u16) -> Entry {
        Entry { digest, user: Id::mint(Seat { block: 1, number: seat }, [7; 10]) }
    }

    fn manifest(entries: &[Entry]) -> Manifest {
        Manifest::open(sorted(entries.iter().copied().map(Ok)).unwrap()).unwrap()
    }

    /// One that memory does not hold.
    fn large_manifest(entries: &[Entry]) -> Manifest {
        Manifest::open_within(sorted(entries.iter().copied().map(Ok)).unwrap(), 0).unwrap()
    }

    /// Spread as hashes are, with some at the ends.
    fn digests() -> impl Strategy<Value = Vec<[u8; 16]>> {
        let one = prop_oneof![9 => any::<[u8; 16]>(), 1 => Just([0; 16]), 1 => Just([255; 16])];
        proptest::collection::hash_set(one, 0..1500).prop_map(|set| set.into_iter().collect())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn every_row_is_found_and_no_other(digests in digests(), other: [u8; 16]) {
            let entries: Vec<Entry> =
                digests.iter().zip(0..).map(|(digest, seat)| entry(*digest, seat)).collect();
            for mut manifest in [manifest(&entries), large_manifest(&entries)] {
                prop_assert_eq!(manifest.entries, entries.len() as u64);
                for one in entries.iter().skip(entries.len() / 2) {
                    prop_assert_eq!(manifest.take(&one.digest).unwrap(), Some(one.user));
                }
                if !digests.contains(&other) {
                    prop_assert_eq!(manifest.take(&other).unwrap(), None);
                }
                let mut unseen: Vec<Id> = manifest.unseen().unwrap().map(Result::unwrap).collect();
                let mut expected: Vec<Id> =
                    entries.iter().take(entries.len() / 2).map(|one| one.user).collect();
                unseen.sort();
                expected.sort();
                prop_assert_eq!(unseen, expected);
            }
        }
    }

    #[test]
    fn what_is_more_than_memory_holds_is_sorted_as_well() {
        let digest = |at: u32| {
            let hash = xxhash_rust::xxh3::xxh3_128(&at.to_be_bytes());
            hash.to_be_bytes()
        };
        let count = SORTED_AT_ONCE as u32 + 1000;
        // Some of them come twice.
        let entries = (0..count).chain(0..10).map(|at| Ok(entry(digest(at), (at % 4096) as u16)));
        let mut manifest = Manifest::open(sorted(entries).unwrap()).unwrap();
        assert_eq!(manifest.entries, u64::from(count));
        for at in [0, 1, count / 2, count - 1] {
            assert!(manifest.take(&digest(at)).unwrap().is_some(), "{at}");
        }
        assert!(manifest.take(&digest(count)).unwrap().is_none());
        assert_eq!(manifest.unseen().unwrap().count(), count as usize - 4);
    }

    #[test]
    fn an_empty_one_knows_nobody() {
        assert_eq!(manifest(&[]).take(&[3; 16]).unwrap(), None);
    }
}
