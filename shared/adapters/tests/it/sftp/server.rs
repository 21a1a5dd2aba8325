//! What all tests of SFTP say to a server, and what they note of its answers.

use adapters::networks::Allowed;
use adapters::sftp::{Keys, Sftp};
use domain::import::problem::Code;
use domain::remote::{Failed, PrivateKey, RemoteFiles, RemoteSession, Server, SshKeys, Step, Steps};
use std::io::{Read, Seek};
use zeroize::Zeroizing;

/// The steps that were passed, with their facts.
#[derive(Debug, Default)]
pub(crate) struct Noted(pub(crate) Vec<(Step, String)>);

impl Steps for Noted {
    fn passed(&mut self, step: Step, fact: String) {
        self.0.push((step, fact));
    }
}

impl Noted {
    pub(crate) fn steps(&self) -> Vec<Step> {
        self.0.iter().map(|(step, _)| *step).collect()
    }

    #[track_caller]
    pub(crate) fn fact(&self, step: Step) -> &str {
        &self.0.iter().find(|(passed, _)| *passed == step).unwrap_or_else(|| panic!("{step:?} in {self:?}")).1
    }
}

/// An account on a server of the loopback interface, without a way to log in and without pins.
pub(crate) fn account(port: u16, username: &str) -> Server {
    Server {
        host: "127.0.0.1".into(),
        port,
        username: username.into(),
        password: None,
        private_key: None,
        host_keys: Vec::new(),
        legacy_algorithms: false,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "it is what the field of a server takes")]
pub(crate) fn password(words: &str) -> Option<Zeroizing<String>> {
    Some(Zeroizing::new(words.to_owned()))
}

#[expect(clippy::unnecessary_wraps, reason = "it is what the field of a server takes")]
pub(crate) fn private_key(text: &str) -> Option<PrivateKey> {
    Some(PrivateKey { text: Zeroizing::new(text.to_owned()), passphrase: None })
}

pub(crate) fn pins(text: &str) -> Vec<String> {
    Keys.pins(text).unwrap()
}

/// Connects as an operator who allows the loopback network.
pub(crate) async fn connect(server: &Server) -> (Result<Box<dyn RemoteSession>, Failed>, Noted) {
    let mut noted = Noted::default();
    let sftp = Sftp::new(Allowed::parse("127.0.0.0/8").unwrap());
    let session = sftp.connect(server, &mut noted).await;
    (session, noted)
}

/// Connects where that must go well.
pub(crate) async fn session(server: &Server) -> Box<dyn RemoteSession> {
    let (session, noted) = connect(server).await;
    session.unwrap_or_else(|failed| panic!("{failed:?} after {noted:?}"))
}

/// Connects where that must not go well.
pub(crate) async fn refused(server: &Server) -> (Failed, Noted) {
    let (session, noted) = connect(server).await;
    (session.err().unwrap_or_else(|| panic!("connected: {noted:?}")), noted)
}

#[track_caller]
pub(crate) fn check_failed(failed: &Failed, step: Step, code: Code, fact: &str) {
    assert_eq!((failed.step, failed.code), (step, code), "{failed:?}");
    assert!(failed.fact.contains(fact), "{failed:?}");
}

/// Reads a file, and tells what it holds.
pub(crate) async fn contents(
    session: &mut dyn RemoteSession,
    path: &str,
    most: u64,
) -> Result<Vec<u8>, Failed> {
    let mut file = tempfile::tempfile().unwrap();
    let told = session.read(path, most, &mut file).await?;
    let mut held = Vec::new();
    file.rewind().unwrap();
    file.read_to_end(&mut held).unwrap();
    assert_eq!(told, held.len() as u64);
    Ok(held)
}
