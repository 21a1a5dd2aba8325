//! What stands in for a server, for OpenPGP, for the passing of time and for a mailbox.

use adapters::system::SystemRandom;
use async_trait::async_trait;
use domain::import::problem::Code;
use domain::mail::{Mail, MailError};
use domain::pgp::{Opened, Pgp, PgpAlgorithm, PgpPair, PgpSecret, Signatures, Unopened};
use domain::ports::Pause;
use domain::remote::{
    Failed, PrivateKey, RemoteEntry, RemoteFiles, RemoteKind, RemoteSession, Server, SshKey, SshKeys, Step,
    Steps,
};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read as _, Seek as _, Write as _};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use zeroize::Zeroizing;

/// What the server has and how it behaves.
#[derive(Default)]
pub(crate) struct Shelf {
    /// Path, content and time.
    pub(crate) files: BTreeMap<String, (Vec<u8>, i64)>,
    /// What connecting comes to.
    pub(crate) refuses: Option<(Step, Code)>,
    /// What renaming and removing come to.
    pub(crate) keeps: bool,
    /// Whether files grow with every look.
    pub(crate) grows: bool,
    /// Logins so far.
    pub(crate) logins: usize,
}

/// A server in memory.
#[derive(Clone, Default)]
pub(crate) struct Remote(pub(crate) Arc<Mutex<Shelf>>);

impl Remote {
    pub(crate) fn put(&self, path: &str, content: &str, modified: i64) {
        let file = (content.as_bytes().to_vec(), modified);
        self.0.lock().unwrap().files.insert(path.to_owned(), file);
    }

    pub(crate) fn take(&self, path: &str) {
        self.0.lock().unwrap().files.remove(path);
    }

    pub(crate) fn refuse(&self, refuses: Option<(Step, Code)>) {
        self.0.lock().unwrap().refuses = refuses;
    }

    pub(crate) fn paths(&self) -> Vec<String> {
        self.0.lock().unwrap().files.keys().cloned().collect()
    }
}

#[async_trait]
impl RemoteFiles for Remote {
    async fn connect(
        &self,
        server: &Server,
        steps: &mut dyn Steps,
    ) -> Result<Box<dyn RemoteSession>, Failed> {
        let mut shelf = self.0.lock().unwrap();
        shelf.logins += 1;
        assert_eq!(server.password.as_ref().map(|password| password.as_str()), Some("correct horse"));
        if let Some((step, code)) = shelf.refuses {
            return Err(Failed::at(step, code, "as the test wants it"));
        }
        for step in &Step::ALL[..6] {
            steps.passed(*step, "passed".to_owned());
        }
        Ok(Box::new(self.clone()))
    }
}

#[async_trait]
impl RemoteSession for Remote {
    fn host_key(&self) -> &'static str {
        "ssh-ed25519 SHA256:abc"
    }

    async fn list(&mut self, folder: &str, _: usize) -> Result<Vec<RemoteEntry>, Failed> {
        let shelf = self.0.lock().unwrap();
        let below = |path: &String| Some(path.strip_prefix(folder)?.strip_prefix('/')?.to_owned());
        let entries = shelf.files.iter().filter_map(|(path, file)| Some((below(path)?, file)));
        Ok(entries.filter(|(name, _)| !name.contains('/')).map(|(name, file)| entry(&name, file)).collect())
    }

    async fn look(&mut self, path: &str) -> Result<Option<RemoteEntry>, Failed> {
        let mut shelf = self.0.lock().unwrap();
        if shelf.grows
            && let Some((content, _)) = shelf.files.get_mut(path)
        {
            content.push(b'x');
        }
        if path == "/out" {
            let kind = RemoteKind::Folder;
            return Ok(Some(RemoteEntry { name: "out".to_owned(), kind, size: None, modified: None }));
        }
        let name = path.rsplit('/').next().unwrap();
        Ok(shelf.files.get(path).map(|file| entry(name, file)))
    }

    async fn read(&mut self, path: &str, most: u64, into: &mut File) -> Result<u64, Failed> {
        let content = self.0.lock().unwrap().files[path].0.clone();
        let content = &content[..content.len().min(most as usize)];
        into.write_all(content).unwrap();
        Ok(content.len() as u64)
    }

    async fn rename(&mut self, from: &str, to: &str) -> Result<(), Failed> {
        let mut shelf = self.0.lock().unwrap();
        if shelf.keeps {
            return Err(Failed::at(Step::Archive, Code::SftpDenied, from));
        }
        let file = shelf.files.remove(from).unwrap();
        assert!(shelf.files.insert(to.to_owned(), file).is_none());
        Ok(())
    }

    async fn remove(&mut self, path: &str) -> Result<(), Failed> {
        self.0.lock().unwrap().files.remove(path).unwrap();
        Ok(())
    }

    async fn make_folder(&mut self, _: &str) -> Result<(), Failed> {
        Ok(())
    }

    async fn close(self: Box<Self>) {}
}

fn entry(name: &str, (content, modified): &(Vec<u8>, i64)) -> RemoteEntry {
    let (size, modified) = (Some(content.len() as u64), Timestamp::from_second(*modified).ok());
    RemoteEntry { name: name.to_owned(), kind: RemoteKind::File, size, modified }
}

/// Keys that are not looked at here.
pub(crate) struct NoKeys;

impl SshKeys for NoKeys {
    fn generate(&self) -> (Zeroizing<String>, SshKey) {
        panic!("no key is made")
    }

    fn inspect(&self, _: &PrivateKey) -> Result<SshKey, String> {
        panic!("no key is looked at")
    }

    fn pins(&self, text: &str) -> Result<Vec<String>, String> {
        Ok(vec![text.to_owned()])
    }
}

/// Encrypts nothing: a file for the key `K` begins with `K:`.
pub(crate) struct Plainly;

impl Pgp for Plainly {
    fn generate(&self, _: PgpAlgorithm, _: &str, _: Timestamp, _: Timestamp) -> Result<PgpPair, String> {
        let mut random = [0; 8];
        domain::ports::Random::fill(&SystemRandom, &mut random);
        let fingerprint = format!("{:016X}", u64::from_be_bytes(random));
        let private_key = Zeroizing::new(fingerprint.clone().into_bytes());
        Ok(PgpPair { public_key: format!("public {fingerprint}"), fingerprint, private_key })
    }

    fn decrypt(
        &self,
        encrypted: &mut File,
        secrets: &[PgpSecret],
        _: Signatures,
        _: &[String],
        _: u64,
        into: &mut File,
    ) -> Result<Opened, Unopened> {
        let mut content = Vec::new();
        encrypted.rewind().unwrap();
        encrypted.read_to_end(&mut content).unwrap();
        let plain = self.decrypt_beginning(&content, secrets)?;
        into.write_all(&plain).unwrap();
        let key = String::from_utf8(content[..16].to_vec()).unwrap();
        Ok(Opened { key, signer: None, bytes: plain.len() as u64, name: None })
    }

    fn decrypt_beginning(&self, beginning: &[u8], secrets: &[PgpSecret]) -> Result<Vec<u8>, Unopened> {
        let refuse = |code| Err(Unopened { code, fact: String::new() });
        let Some(at) = beginning.iter().position(|byte| *byte == b':') else {
            return refuse(Code::PgpNotEncrypted);
        };
        let known = secrets.iter().any(|secret| secret.private_key.as_slice() == &beginning[..at]);
        if known { Ok(beginning[at + 1..].to_vec()) } else { refuse(Code::PgpForOthers) }
    }

    fn signer(&self, _: &str) -> Result<String, String> {
        panic!("no signer is looked at")
    }
}

/// No time passes.
pub(crate) struct AtOnce;

#[async_trait]
impl Pause for AtOnce {
    async fn pause(&self, _: Duration) {}
}

/// Keeps what is sent, and sends nothing while it is told to.
#[derive(Clone, Default)]
pub(crate) struct Postbox {
    pub(crate) sent: Arc<Mutex<Vec<String>>>,
    pub(crate) closed: Arc<Mutex<bool>>,
}

#[async_trait]
impl Mail for Postbox {
    async fn send(&self, _: &str, _: &[String], message: &[u8]) -> Result<(), MailError> {
        if *self.closed.lock().unwrap() {
            return Err(MailError::Later("closed by the test".into()));
        }
        self.sent.lock().unwrap().push(String::from_utf8(message.to_vec()).unwrap());
        Ok(())
    }
}
