//! Brings a file near: connected, found, fetched whole, decrypted to its end.

use super::find::{self, Found, MAX_BYTES};
use super::puller::Puller;
use super::server::{Stopped, server};
use crate::import::configuration::{After, Configuration, Decryption, PgpPolicy, Schedule, SftpSource};
use crate::import::problem::{Code, Problem};
use crate::import::run::{Provenance, SourceFile};
use crate::import::upload::fingerprint;
use crate::pgp::Opened;
use crate::remote::{Failed, RemoteSession, Step, Steps};
use crate::store::DirectoryId;
use jiff::Timestamp;
use jiff::civil::DateTime;
use std::fs::File;

/// A file that was fetched, and the way to where it lay.
pub(super) struct Fetched {
    /// Plain, at its beginning.
    pub(super) file: File,
    /// What it is, under the name that it had on the server.
    pub(super) source: SourceFile,
    /// Where it came from.
    pub(super) provenance: Provenance,
    /// SHA-256 of what lay on the server.
    pub(super) sha256: String,
    session: Box<dyn RemoteSession>,
    found: Found,
}

/// Nobody hears it.
struct Unheard;

impl Steps for Unheard {
    fn passed(&mut self, _: Step, _: String) {}
}

/// The time of which dates in names are made: of the schedule's zone, or of UTC where there is none.
pub(super) fn dated(source: &SftpSource, schedule: Option<&Schedule>, at: Timestamp) -> DateTime {
    let zone = schedule.map(|schedule| schedule.timezone.clone()).unwrap_or_default();
    zone.local(at, source.date_offset_days)
}

impl Puller {
    /// Fetches the file of a configuration that was due at this time.
    pub(super) async fn fetch(
        &self,
        id: &DirectoryId,
        configuration: &Configuration,
        source: &SftpSource,
        at: Timestamp,
    ) -> Result<Fetched, Stopped> {
        let server = server(&self.vault, self.keys.as_ref(), id, &configuration.name, source).await?;
        let mut session = self.remote.connect(&server, &mut Unheard).await?;
        let dated = dated(source, configuration.schedule.as_ref(), at);
        let found = find::find(session.as_mut(), source, dated, &mut Unheard).await?;
        find::is_stable(session.as_mut(), &found, self.pause.as_ref()).await?;
        let mut encrypted = tempfile::tempfile()?;
        read_whole(session.as_mut(), &found, &mut encrypted).await?;
        let lain = fingerprint(&mut encrypted, &found.entry.name)?;
        find::check_hash(&found, &lain.sha256)?;
        let mut provenance = Provenance {
            server: format!("{}:{}", server.host, server.port),
            path: found.path(),
            modified: found.entry.modified,
            host_key: session.host_key().to_owned(),
            ..Provenance::default()
        };
        let file = match configuration.decryption {
            Decryption::None => encrypted,
            Decryption::Pgp => {
                let policy = configuration.pgp.clone().unwrap_or_default();
                let (opened, file) = self.decrypt(id, configuration, &policy, encrypted).await?;
                (provenance.pgp_key, provenance.signer) = (Some(opened.key), opened.signer);
                file
            }
        };
        find::check_rows(&found, &file)?;
        let mut file = file;
        let source = fingerprint(&mut file, &plain_name(&found.entry.name, configuration.decryption))?;
        Ok(Fetched { file, source, provenance, sha256: lain.sha256, session, found })
    }

    async fn decrypt(
        &self,
        id: &DirectoryId,
        configuration: &Configuration,
        policy: &PgpPolicy,
        mut encrypted: File,
    ) -> Result<(Opened, File), Stopped> {
        let secrets = self.pgp_secrets(id, &configuration.name).await?;
        if secrets.is_empty() {
            return Err(Failed::at(Step::Decrypt, Code::PgpNoKeys, "").into());
        }
        let mut plain = tempfile::tempfile()?;
        let opened = self.pgp.decrypt(
            &mut encrypted,
            &secrets,
            policy.signatures,
            &policy.signers,
            MAX_BYTES,
            &mut plain,
        );
        let opened = opened.map_err(|unopened| Failed::at(Step::Decrypt, unopened.code, unopened.fact))?;
        Ok((opened, plain))
    }
}

/// Reads a file to its end, and sees that it did not change meanwhile.
async fn read_whole(session: &mut dyn RemoteSession, found: &Found, into: &mut File) -> Result<(), Stopped> {
    let read = session.read(&found.path(), MAX_BYTES + 1, into).await?;
    if read > MAX_BYTES {
        return Err(Failed::at(Step::Read, Code::SftpFileTooLarge, "more than 4 GB").into());
    }
    find::is_same(session, found).await?;
    match found.entry.size {
        Some(size) if size != read => {
            let fact = format!("{size} bytes were told, and {read} came");
            Err(Failed::at(Step::Read, Code::SftpFileUnfinished, fact).into())
        }
        _ => Ok(()),
    }
}

/// The name that the file has once it is decrypted.
fn plain_name(name: &str, decryption: Decryption) -> String {
    let endings = [".pgp", ".gpg", ".asc"];
    let plain = endings.iter().find_map(|ending| {
        let at = name.len().checked_sub(ending.len())?;
        let (plain, end) = name.split_at_checked(at)?;
        (end.eq_ignore_ascii_case(ending) && !plain.is_empty()).then_some(plain)
    });
    plain.filter(|_| decryption == Decryption::Pgp).unwrap_or(name).to_owned()
}

impl Fetched {
    /// Does with the file on the server what the source says; a failure is a warning, as the file is here.
    pub(super) async fn clear(&mut self, after: After, now: Timestamp) -> Option<Problem> {
        let cleared = match after {
            After::Leave => Ok(()),
            After::Archive => self.archive(now).await,
            After::Delete => self.delete().await,
        };
        match cleared {
            Ok(()) => None,
            Err(Stopped::Failed(failed)) => {
                let fact = format!("{}: {}", failed.code.what(), failed.fact);
                Some(Problem::of_file(Code::SftpArchiveFailed).about(fact))
            }
            Err(Stopped::Error(error)) => Some(Problem::of_file(Code::SftpArchiveFailed).about(error)),
        }
    }

    async fn archive(&mut self, now: Timestamp) -> Result<(), Stopped> {
        find::is_same(self.session.as_mut(), &self.found).await?;
        let folder = find::join(&self.found.folder, ARCHIVE);
        self.session.make_folder(&folder).await?;
        // With the time, so that a name that comes every night is never replaced.
        let time = now.strftime("%Y%m%dT%H%M%SZ").to_string();
        let marker = self.found.marker.as_ref().map(|marker| marker.path.clone());
        for path in [Some(self.found.path()), marker].into_iter().flatten() {
            let name = path.rsplit('/').next().unwrap_or(&path);
            self.session.rename(&path, &find::join(&folder, &format!("{time}-{name}"))).await?;
        }
        Ok(())
    }

    async fn delete(&mut self) -> Result<(), Stopped> {
        find::is_same(self.session.as_mut(), &self.found).await?;
        self.session.remove(&self.found.path()).await?;
        if let Some(marker) = &self.found.marker {
            self.session.remove(&marker.path).await?;
        }
        Ok(())
    }

    /// Says goodbye to the server.
    pub(super) async fn close(self) {
        self.session.close().await;
    }
}

/// The folder that archived files are moved into.
pub(super) const ARCHIVE: &str = "archive";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_decrypted_files() {
        for (name, decryption, plain) in [
            ("users.csv.pgp", Decryption::Pgp, "users.csv"),
            ("users.csv.GPG", Decryption::Pgp, "users.csv"),
            ("users.csv", Decryption::Pgp, "users.csv"),
            (".asc", Decryption::Pgp, ".asc"),
            ("ä.pgp", Decryption::Pgp, "ä"),
            ("users.csv.pgp", Decryption::None, "users.csv.pgp"),
        ] {
            assert_eq!(plain_name(name, decryption), plain);
        }
    }
}
