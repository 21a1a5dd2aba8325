//! OpenPGP by rPGP: makes keys that gpg 2.2 and 2.4 import, and opens what they write.
//!
//! A file is decrypted in one walk from its first to its last byte, with memory that does not grow with it: some buffers of
//! kilobytes, and at most two blocks of 4 MB where the writer has chosen those (OCB). Plaintext is written before the proof
//! of its integrity has been reached, so what was written counts only where the call succeeds.

mod armour;
mod generate;
mod layer;
mod refused;
mod seems;
mod session;
mod signed;
mod signer;
mod walk;

use std::fs::File;
use std::io::{self, BufReader, Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::import::problem::Code;
use domain::pgp::{Opened, Pgp, PgpAlgorithm, PgpPair, PgpSecret, Signatures, Unopened};
use jiff::Timestamp;

use armour::Armour;
use layer::Source;
use refused::{damaged, refused};
use seems::{LOOK, Seems, seems};
use session::Ring;
use signed::Plaintext;
use signer::Signer;
use walk::{Found, Walk};

/// As much plaintext as the beginning of a file is asked for.
const MOST_OF_BEGINNING: u64 = 64 * 1024;
/// Bytes that are read from a file at a time.
const BUFFER: usize = 64 * 1024;

/// OpenPGP by rPGP, with the operating system's randomness.
#[derive(Debug, Clone, Copy, Default)]
pub struct RPgp;

impl Pgp for RPgp {
    fn generate(
        &self,
        algorithm: PgpAlgorithm,
        user_id: &str,
        created: Timestamp,
        expires: Timestamp,
    ) -> Result<PgpPair, String> {
        generate::generate(algorithm, user_id, created, expires)
    }

    fn decrypt(
        &self,
        encrypted: &mut File,
        secrets: &[PgpSecret],
        signatures: Signatures,
        signers: &[String],
        most: u64,
        into: &mut File,
    ) -> Result<Opened, Unopened> {
        guarded(|| {
            let start = into.stream_position().map_err(damaged)?;
            let ring = Ring::new(secrets);
            let mut walk = Walk { ring: &ring, most, cut: false, into, found: Found::default() };
            open(&mut walk, encrypted)?;
            let found = walk.found;
            let mut plaintext = Plaintext { file: into, start, bytes: found.bytes };
            let signer = signed::check(signatures, signers, &found.signatures, &mut plaintext)?;
            into.seek(SeekFrom::Start(start + found.bytes)).map_err(damaged)?;
            let key = found.key.unwrap_or_default().to_owned();
            Ok(Opened { key, signer, bytes: found.bytes, name: found.name })
        })
    }

    fn decrypt_beginning(&self, beginning: &[u8], secrets: &[PgpSecret]) -> Result<Vec<u8>, Unopened> {
        guarded(|| {
            let (ring, mut plaintext) = (Ring::new(secrets), Vec::new());
            let mut walk = Walk {
                ring: &ring,
                most: MOST_OF_BEGINNING,
                cut: true,
                into: &mut plaintext,
                found: Found::default(),
            };
            match open(&mut walk, &mut Cursor::new(beginning)) {
                // Where it breaks off is not where it ends: what came by then is what was asked for.
                Err(error) if plaintext.is_empty() => Err(error),
                _ => Ok(plaintext),
            }
        })
    }

    fn signer(&self, armoured: &str) -> Result<String, String> {
        let parsed = catch_unwind(|| {
            let signer = Signer::parse(armoured)?;
            signer.can_sign()?;
            Ok(signer.fingerprint)
        });
        parsed.unwrap_or_else(|_| Err("The public key cannot be read; export and copy it again.".to_owned()))
    }
}

/// Goes through a file, whatever form it has.
fn open<S: Read + Seek + std::fmt::Debug + Send>(
    walk: &mut Walk<'_, '_>,
    file: &mut S,
) -> Result<(), Unopened> {
    let start = look(file).map_err(damaged)?;
    match seems(&start) {
        Seems::Binary => walk.file(&mut source(file, 0).map_err(damaged)?),
        Seems::Armoured(skip) => {
            let lines = source(file, skip as u64).map_err(damaged)?;
            walk.file(&mut Armour::new(lines, b"-----END PGP MESSAGE-----", walk.cut))
        }
        Seems::Empty => Err(damaged("it is empty")),
        Seems::Broken => Err(damaged("it breaks off in its first line")),
        Seems::Other(other) => Err(refused(Code::PgpNotEncrypted, other.to_string())),
    }
}

/// The first bytes of a file.
fn look(file: &mut (impl Read + Seek)) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(0))?;
    let mut start = Vec::with_capacity(LOOK);
    file.take(LOOK as u64).read_to_end(&mut start)?;
    Ok(start)
}

fn source<S: Read + Seek + std::fmt::Debug + Send>(file: &mut S, from: u64) -> io::Result<impl Source + '_> {
    file.seek(SeekFrom::Start(from))?;
    Ok(BufReader::with_capacity(BUFFER, file))
}

/// Keeps a fault of rPGP's from ending the run of everybody: what strangers write goes through thousands of lines of others,
/// some of which panic in states that they hold to be impossible. Nothing of ours is kept between calls.
fn guarded<T>(work: impl FnOnce() -> Result<T, Unopened>) -> Result<T, Unopened> {
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err(damaged("it cannot be made sense of")))
}
