//! Keys of SSH: new ones, those that somebody has sent, and those by which a host is known.

use super::{key_cost, key_text, pins};
use domain::remote::{PrivateKey, SshKey, SshKeys};
use russh::keys::{Algorithm, Error, HashAlg, PrivateKey as Key, PublicKey, decode_secret_key, ssh_key};
use zeroize::Zeroizing;

/// Bits below which RSA is refused (NIST SP 800-131A).
const MIN_RSA_BITS: u32 = 2048;
/// Bits above which RSA takes seconds for a signature.
const MAX_RSA_BITS: u32 = 16_384;

/// Makes keys with the randomness of the operating system, and reads those of others with `russh`.
#[derive(Debug, Clone, Copy, Default)]
pub struct Keys;

impl SshKeys for Keys {
    #[expect(
        clippy::expect_used,
        reason = "an Ed25519 key of our own making has a known size, and can be written"
    )]
    fn generate(&self) -> (Zeroizing<String>, SshKey) {
        let made = Key::random(&mut russh::keys::key::safe_rng(), Algorithm::Ed25519)
            .expect("Ed25519 is compiled in");
        let text = made.to_openssh(ssh_key::LineEnding::LF).expect("it can be written");
        (text, describe(made.public_key()))
    }

    fn inspect(&self, key: &PrivateKey) -> Result<SshKey, String> {
        open(key).map(|key| describe(key.public_key()))
    }

    fn pins(&self, text: &str) -> Result<Vec<String>, String> {
        pins::read(text)
    }
}

/// What can be told about a key from its public half.
pub(super) fn describe(key: &PublicKey) -> SshKey {
    SshKey {
        kind: key.algorithm().as_str().to_owned(),
        bits: bits(key),
        fingerprint: fingerprint(key),
        public_key: line(key),
    }
}

/// `SHA256:…`, as `ssh-keygen -l` shows it.
pub(super) fn fingerprint(key: &PublicKey) -> String {
    key.fingerprint(HashAlg::Sha256).to_string()
}

/// `kind base64`, without a comment: the form of a line of `authorized_keys`, and of a pin.
pub(super) fn line(key: &PublicKey) -> String {
    let bare = PublicKey::new(key.key_data().clone(), "");
    // It can fail only for a key that is larger than a `usize`.
    bare.to_openssh().unwrap_or_default().trim_end().to_owned()
}

fn bits(key: &PublicKey) -> u32 {
    match key.key_data() {
        ssh_key::public::KeyData::Rsa(key) => key.key_size(),
        ssh_key::public::KeyData::Ecdsa(key) => match key.curve() {
            ssh_key::EcdsaCurve::NistP256 => 256,
            ssh_key::EcdsaCurve::NistP384 => 384,
            ssh_key::EcdsaCurve::NistP521 => 521,
        },
        _ => 256,
    }
}

/// Reads a private key that somebody has sent, and decrypts it.
///
/// # Errors
/// A sentence for the sender. It holds nothing of the key.
pub(super) fn open(key: &PrivateKey) -> Result<Key, String> {
    let text = key_text::normalise(&key.text)?;
    let passphrase = key.passphrase.as_ref().map(|words| words.as_str()).filter(|words| !words.is_empty());
    let encrypted = is_encrypted(&text)?;
    let passphrase = match (encrypted, passphrase) {
        (true, None) => return Err("the private key is encrypted; send its passphrase with it".into()),
        (true, Some(words)) => Some(words),
        (false, _) => None,
    };
    let opened =
        decode_secret_key(&text, passphrase).map_err(|error| why_unreadable(&error, encrypted, &text))?;
    refuse_weak(&opened)?;
    Ok(opened)
}

/// Whether a passphrase is needed; refuses what would take too long to decrypt.
fn is_encrypted(text: &str) -> Result<bool, String> {
    let too_dear = || {
        "the private key asks for more rounds or memory to decrypt it than any program sets by itself; \
         set a new passphrase with `ssh-keygen -p` or PuTTYgen, and send it again"
            .to_owned()
    };
    let dear_unless = |cheap: bool| if cheap { Ok(true) } else { Err(too_dear()) };
    if text.starts_with("PuTTY-User-Key-File-") {
        let plain = text.lines().any(|line| line.trim_end() == "Encryption: none");
        return if plain { Ok(false) } else { dear_unless(key_cost::putty_is_cheap(text)) };
    }
    if text.contains("BEGIN OPENSSH PRIVATE KEY") {
        return match Key::from_openssh(text) {
            Ok(key) if key.is_encrypted() => dear_unless(key_cost::openssh_is_cheap(&key)),
            // What cannot be read is told by the reader that comes next.
            _ => Ok(false),
        };
    }
    if text.contains("BEGIN ENCRYPTED PRIVATE KEY") {
        return ssh_key_der(text).map_or(Ok(true), |der| dear_unless(key_cost::pkcs8_is_cheap(&der)));
    }
    Ok(text.contains("\nProc-Type:") || text.contains("\nDEK-Info:"))
}

/// The bytes of a key in PEM.
fn ssh_key_der(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    use russh::keys::ssh_encoding::base64::{Base64, Encoding as _};
    let letters: Zeroizing<String> =
        Zeroizing::new(text.lines().filter(|line| !line.starts_with("-----")).collect::<String>());
    Base64::decode_vec(&letters).ok().map(Zeroizing::new)
}

fn why_unreadable(error: &Error, encrypted: bool, text: &str) -> String {
    if encrypted && text.contains("DEK-Info:") && !text.contains("DEK-Info: AES-128-CBC") {
        return "the private key is encrypted in an old way that is not read here; \
                convert it with `ssh-keygen -p -f KEY`, and send it again"
            .into();
    }
    if encrypted {
        return "the passphrase does not open the private key; send both again".into();
    }
    match error {
        Error::UnsupportedKeyType { .. } | Error::UnknownAlgorithm(_) => {
            "the private key is of a kind that is not used here; use an Ed25519 key, or one of RSA or ECDSA"
                .into()
        }
        _ => {
            "the private key is damaged, or incomplete; copy the whole file, from its first line to its last"
                .into()
        }
    }
}

fn refuse_weak(key: &Key) -> Result<(), String> {
    let public = key.public_key();
    match public.algorithm() {
        Algorithm::Rsa { .. } if bits(public) < MIN_RSA_BITS => Err(format!(
            "the private key is RSA with {} bits, which is not safe; it must have at least {MIN_RSA_BITS}",
            bits(public)
        )),
        Algorithm::Rsa { .. } if bits(public) > MAX_RSA_BITS => Err(format!(
            "the private key is RSA with more than {MAX_RSA_BITS} bits, which is too slow; use 4096"
        )),
        Algorithm::Rsa { .. } | Algorithm::Ed25519 | Algorithm::Ecdsa { .. } => Ok(()),
        Algorithm::SkEcdsaSha2NistP256 | Algorithm::SkEd25519 => Err(
            "the private key is inside a security device, which nobody is there to touch; use an Ed25519 key"
                .into(),
        ),
        other => Err(format!("a key of the kind {} is not used here; use an Ed25519 key", other.as_str())),
    }
}
