//! What is inside a packed file: gzip, or a zip with one file in it.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use flate2::bufread::GzDecoder;
use flate2::read::DeflateDecoder;
use rawzip::{CompressionMethod, ErrorKind, ZipArchive, ZipArchiveEntryWayfinder};

use super::codes::Code;
use super::problem::{Problem, Quoted};
use super::read::ReadError;

const PIECE_BYTES: usize = 64 * 1024;
/// What is unpacked has at most so many times the bytes of what is packed; a table of people has 5 to 20 times.
const MOST_TIMES: u64 = 100;
/// Small files may be more alike in themselves than large ones.
const ALWAYS_BYTES: u64 = 1024 * 1024;
/// What is unpacked has at most so many bytes, whatever it was packed into.
const MOST_BYTES: u64 = 4 * 1024 * 1024 * 1024;
/// Names that a problem lists at most.
const NAMES_LISTED: usize = 5;

/// The text of all members of a gzip file, one behind the other (RFC 1952 §2.2). Zeros behind the last one are
/// padding; anything else there means that the file is damaged.
pub(super) fn gunzip(mut file: &File) -> Result<File, ReadError> {
    let mut copy = Copy::of(file)?;
    file.seek(SeekFrom::Start(0))?;
    let mut packed = BufReader::with_capacity(PIECE_BYTES, file);
    loop {
        let mut member = GzDecoder::new(packed);
        copy.all(&mut member)?;
        packed = member.into_inner();
        if !has_more(&mut packed)? {
            return copy.finish();
        }
    }
}

/// Whether anything but zeros follows; the zeros are taken.
fn has_more(packed: &mut impl BufRead) -> io::Result<bool> {
    loop {
        let rest = packed.fill_buf()?;
        let zeros = rest.iter().take_while(|byte| **byte == 0).count();
        match (zeros, rest.len()) {
            (_, 0) => return Ok(false),
            (zeros, length) if zeros < length => return Ok(true),
            _ => packed.consume(zeros),
        }
    }
}

/// The text of the one file in a zip. Folders, dot-files and what macOS adds do not count.
pub(super) fn unzip(file: &File) -> Result<File, ReadError> {
    let mut copy = Copy::of(file)?;
    let mut buffer = vec![0; rawzip::RECOMMENDED_BUFFER_SIZE];
    let archive = ZipArchive::from_file(file.try_clone()?, &mut buffer).map_err(damaged_zip)?;
    let mut found: Option<Entry> = None;
    let mut names = Vec::new();
    let mut count = 0_u64;
    let mut entries = archive.entries(&mut buffer);
    while let Some(entry) = entries.next_entry().map_err(damaged_zip)? {
        let path = entry.file_path();
        let name = String::from_utf8_lossy(path.as_ref()).into_owned();
        if is_part_of_workbook(&name) {
            return Err(refused(Code::FileWorkbook));
        }
        if entry.is_dir() || is_by_the_way(&name) {
            continue;
        }
        count += 1;
        if names.len() < NAMES_LISTED {
            names.push(Quoted(&name).to_string());
        }
        let (method, encrypted) = (entry.compression_method(), entry.flags().is_encrypted());
        found = Some(Entry { at: entry.wayfinder(), method, encrypted });
    }
    let (1, Some(entry)) = (count, found) else { return Err(not_one_file(count, &names)) };
    if entry.encrypted {
        return Err(refused(Code::ArchiveEncrypted));
    }
    let inside = archive.get_entry(entry.at).map_err(damaged_zip)?;
    match entry.method {
        CompressionMethod::STORE => copy.all(&mut inside.verifying_reader(inside.reader()))?,
        CompressionMethod::DEFLATE => {
            copy.all(&mut inside.verifying_reader(DeflateDecoder::new(inside.reader())))?;
        }
        _ => return Err(refused(Code::FileCompressed)),
    }
    copy.finish()
}

/// What is to be known of an entry of a zip.
struct Entry {
    at: ZipArchiveEntryWayfinder,
    method: CompressionMethod,
    encrypted: bool,
}

fn is_part_of_workbook(name: &str) -> bool {
    name == "[Content_Types].xml" || name == "META-INF/manifest.xml"
}

fn is_by_the_way(name: &str) -> bool {
    name.starts_with("__MACOSX/") || name.rsplit(['/', '\\']).next().is_some_and(|last| last.starts_with('.'))
}

fn not_one_file(count: u64, names: &[String]) -> ReadError {
    let more = if count > names.len() as u64 { ", …" } else { "" };
    let detail = match count {
        0 => "it holds none".to_owned(),
        _ => format!("it holds {count}: {}{more}", names.join(", ")),
    };
    ReadError::Refused(Problem::of_file(Code::ArchiveNotOneFile).about(detail))
}

fn damaged_zip(error: rawzip::Error) -> ReadError {
    match error.into_kind() {
        ErrorKind::IO(error) => damaged(error),
        _ => refused(Code::ArchiveDamaged),
    }
}

/// What the system says about a disk has a number; what is wrong with the file's content has none.
fn damaged(error: io::Error) -> ReadError {
    if error.raw_os_error().is_some() { ReadError::Io(error) } else { refused(Code::ArchiveDamaged) }
}

fn refused(code: Code) -> ReadError {
    ReadError::Refused(Problem::of_file(code))
}

/// What is unpacked, on its way to a temporary file.
struct Copy {
    to: BufWriter<File>,
    left: u64,
}

impl Copy {
    /// For what this file holds.
    fn of(packed: &File) -> io::Result<Self> {
        Ok(Self { to: BufWriter::new(tempfile::tempfile()?), left: limit(packed.metadata()?.len()) })
    }

    fn all(&mut self, from: &mut impl Read) -> Result<(), ReadError> {
        let mut piece = vec![0; PIECE_BYTES];
        loop {
            let count = match from.read(&mut piece) {
                Ok(0) => return Ok(()),
                Ok(count) => count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(damaged(error)),
            };
            let Some(left) = self.left.checked_sub(count as u64) else {
                return Err(refused(Code::ArchiveTooLarge));
            };
            self.left = left;
            self.to.write_all(piece.get(..count).unwrap_or_default())?;
        }
    }

    fn finish(self) -> Result<File, ReadError> {
        Ok(self.to.into_inner().map_err(io::IntoInnerError::into_error)?)
    }
}

/// Bytes that so many packed bytes may become.
fn limit(packed: u64) -> u64 {
    packed.saturating_mul(MOST_TIMES).clamp(ALWAYS_BYTES, MOST_BYTES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_unpacked_has_two_limits() {
        assert_eq!(limit(0), ALWAYS_BYTES);
        assert_eq!(limit(1_000_000), 100_000_000);
        assert_eq!(limit(1 << 30), MOST_BYTES);
        assert_eq!(limit(u64::MAX), MOST_BYTES);
    }
}
