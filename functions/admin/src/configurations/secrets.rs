//! Secrets that a body brings: sealed before anything else is done with it, so that nothing below can show one.

use crate::Api;
use crate::error::Problem;
use domain::import::configuration::{AuthenticationKind, Configuration, SealedKey, SecretMember};
use domain::remote::PrivateKey;
use domain::store::{DirectoryId, Name};
use serde_json::{Map, Value};
use zeroize::Zeroizing;

/// Members of `authentication` that are shown and never set.
const SHOWN_ONLY: [&str; 5] =
    ["password_set", "private_key_set", "passphrase_set", "public_key", "key_fingerprint"];
/// Bytes of a secret at most: a private key of RSA has a few thousand.
const MAX_BYTES: usize = 64 * 1024;

/// Seals the secrets in a body, and looks at the keys that it names. What is no secret stays as it is, right or wrong.
///
/// # Errors
/// 400 with the member that is wrong; it quotes none of it.
pub(super) async fn seal(
    api: &Api,
    id: &DirectoryId,
    name: &Name,
    members: &mut Map<String, Value>,
) -> Result<(), Problem> {
    check_keys(api, members)?;
    let Some(Value::Object(source)) = members.get_mut("source") else { return Ok(()) };
    let Some(Value::Object(account)) = source.get_mut("authentication") else { return Ok(()) };
    account.retain(|member, _| !SHOWN_ONLY.contains(&member.as_str()));
    let key = text(account, SecretMember::PrivateKey)?;
    let passphrase = text(account, SecretMember::Passphrase)?;
    if let Some(key) = key {
        let key = PrivateKey { text: key, passphrase };
        let about = api.pulls.keys.inspect(&key);
        let about = about.map_err(|words| Problem::field(field(SecretMember::PrivateKey), words))?;
        let sealed = sealed(api, id, name, SecretMember::PrivateKey, &key.text).await?;
        set(account, SecretMember::PrivateKey, SealedKey { sealed, about })?;
        match key.passphrase {
            Some(passphrase) => {
                let sealed = self::sealed(api, id, name, SecretMember::Passphrase, &passphrase).await?;
                set(account, SecretMember::Passphrase, sealed)?;
            }
            // That of the key before is not for this one.
            None => {
                account.insert(SecretMember::Passphrase.name().to_owned(), Value::Null);
            }
        }
    } else if passphrase.is_some() {
        let detail = "send the private key together with its passphrase";
        return Err(Problem::field(field(SecretMember::Passphrase), detail));
    }
    if let Some(password) = text(account, SecretMember::Password)? {
        let sealed = sealed(api, id, name, SecretMember::Password, &password).await?;
        set(account, SecretMember::Password, sealed)?;
    }
    Ok(())
}

fn field(member: SecretMember) -> String {
    format!("source.authentication.{}", member.name())
}

/// A secret as it was sent.
fn text(account: &Map<String, Value>, member: SecretMember) -> Result<Option<Zeroizing<String>>, Problem> {
    let refuse = |detail| Err(Problem::field(field(member), detail));
    match account.get(member.name()) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.is_empty() => refuse("write the secret, or null for none"),
        Some(Value::String(text)) if text.len() > MAX_BYTES => refuse("a secret has at most 64 KB"),
        Some(Value::String(text)) => Ok(Some(Zeroizing::new(text.clone()))),
        // In particular not what we keep ourselves: who sends that has it from somewhere else.
        Some(_) => refuse("write the secret as text, or null for none"),
    }
}

async fn sealed(
    api: &Api,
    id: &DirectoryId,
    name: &Name,
    member: SecretMember,
    secret: &str,
) -> Result<domain::secret::Sealed, Problem> {
    Ok(api.pulls.vault.seal(id, &member.purpose(name), secret.as_bytes()).await?)
}

fn set(
    account: &mut Map<String, Value>,
    member: SecretMember,
    kept: impl serde::Serialize,
) -> Result<(), Problem> {
    let kept = serde_json::to_value(kept).map_err(domain::Error::from)?;
    account.insert(member.name().to_owned(), kept);
    Ok(())
}

/// Looks at the keys of hosts and signers.
fn check_keys(api: &Api, members: &Map<String, Value>) -> Result<(), Problem> {
    let texts = |outer: &str, inner: &str| -> Vec<String> {
        let list = members.get(outer).and_then(|outer| outer.get(inner)).and_then(Value::as_array);
        list.into_iter().flatten().map(|one| one.as_str().unwrap_or_default().to_owned()).collect()
    };
    for (at, key) in texts("source", "host_keys").iter().enumerate() {
        let field = || format!("source.host_keys[{at}]");
        api.pulls.keys.pins(key).map_err(|words| Problem::field(field(), words))?;
    }
    for (at, signer) in texts("pgp", "signers").iter().enumerate() {
        let field = || format!("pgp.signers[{at}]");
        api.pulls.pgp.signer(signer).map_err(|words| Problem::field(field(), words))?;
    }
    Ok(())
}

/// Sees that no secret goes where it was not given for, and that an account with a password has one. `before` is the
/// configuration that this one takes the place of.
///
/// # Errors
/// 400 with the member that has to be sent again.
pub(super) fn check(document: &Configuration, before: Option<&Configuration>) -> Result<(), Problem> {
    let Some(source) = document.source.sftp() else { return Ok(()) };
    let before = before.and_then(|before| before.source.sftp());
    if let Some(member) = before.and_then(|before| source.diverted_from(before)) {
        let detail = "the server or the account is another one now; send the secret for it";
        return Err(Problem::field(field(member), detail));
    }
    let account = &source.authentication;
    if account.kind == AuthenticationKind::Password && account.password.is_none() {
        return Err(Problem::field(field(SecretMember::Password), "write the password of the account"));
    }
    Ok(())
}
