//! Who asks (RFC 4252): each way in is tried once, and none twice.

use super::algorithms::rsa_hash;
use super::handshake::Client;
use domain::import::problem::Code;
use domain::remote::{Failed, Server, Step};
use russh::client::{AuthResult, Handle, KeyboardInteractiveAuthResponse};
use russh::keys::{PrivateKey, PrivateKeyWithHashAlg};
use russh::{Error, MethodKind, MethodSet};
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;

/// How long letting us in may take.
const WITHIN: Duration = Duration::from_secs(20);
/// Messages of a server that asks nothing, and wants an answer all the same.
const MAX_EMPTY_QUESTIONS: usize = 3;

/// Logs in; how.
pub(super) async fn log_in(
    handle: &mut Handle<Client>,
    server: &Server,
    key: Option<PrivateKey>,
) -> Result<String, Failed> {
    let failed = |code, fact: String| Failed::at(Step::Authenticate, code, fact);
    if key.is_none() && server.password.is_none() {
        return Err(failed(Code::SftpCredentialsMissing, String::new()));
    }
    match timeout(WITHIN, attempt(handle, server, key)).await {
        Ok(Ok(Outcome::In(how))) => Ok(how),
        Ok(Ok(Outcome::Refused(fact))) => Err(failed(Code::SftpCredentialsRefused, fact)),
        Ok(Err(error)) => Err(failed(Code::SftpBrokeOff, error.to_string())),
        Err(_) => Err(failed(Code::SftpTimedOut, "20 seconds".to_owned())),
    }
}

enum Outcome {
    In(String),
    Refused(String),
}

/// Whether the server has let us in, or what may still be tried.
enum Answer {
    In,
    /// What it takes next, and whether it took what it was given.
    Further(MethodSet, bool),
}

impl From<AuthResult> for Answer {
    fn from(result: AuthResult) -> Self {
        match result {
            AuthResult::Success => Self::In,
            AuthResult::Failure { remaining_methods, partial_success } => {
                Self::Further(remaining_methods, partial_success)
            }
        }
    }
}

async fn attempt(
    handle: &mut Handle<Client>,
    server: &Server,
    key: Option<PrivateKey>,
) -> Result<Outcome, Error> {
    let user = server.username.as_str();
    // By asking for nothing one learns what there is; no server counts it as a failure.
    let mut offered = match handle.authenticate_none(user).await?.into() {
        Answer::In => return Ok(Outcome::In("the server asks for nothing".to_owned())),
        Answer::Further(methods, _) => methods,
    };
    let mut taken = String::new();
    if let Some(key) = key.filter(|_| offered.contains(&MethodKind::PublicKey)) {
        let kind = key.algorithm().to_string();
        match with_key(handle, server, key).await? {
            Answer::In => return Ok(Outcome::In(format!("with a key, {kind}"))),
            Answer::Further(methods, partly) => {
                if !partly {
                    return Ok(refused("the key", &methods));
                }
                taken = format!("with a key, {kind}, and ");
                offered = methods;
            }
        }
    }
    let Some(password) = server.password.as_ref() else { return Ok(refused("the key", &offered)) };
    let answer = if offered.contains(&MethodKind::Password) {
        handle.authenticate_password(user, password.as_str()).await?.into()
    } else if offered.contains(&MethodKind::KeyboardInteractive) {
        match answer_question(handle, user, password).await? {
            Ok(answer) => answer,
            Err(fact) => return Ok(Outcome::Refused(fact)),
        }
    } else {
        return Ok(refused("a password", &offered));
    };
    Ok(match answer {
        Answer::In => Outcome::In(format!("{taken}with a password")),
        Answer::Further(methods, true) => refused("the password alone", &methods),
        Answer::Further(methods, false) => refused("the password", &methods),
    })
}

async fn with_key(handle: &mut Handle<Client>, server: &Server, key: PrivateKey) -> Result<Answer, Error> {
    let hash = match key.algorithm().is_rsa() {
        true => rsa_hash(handle.best_supported_rsa_hash().await?, server.legacy_algorithms),
        false => None,
    };
    let key = PrivateKeyWithHashAlg::new(Arc::new(key), hash);
    Ok(handle.authenticate_publickey(server.username.as_str(), key).await?.into())
}

/// Answers one hidden question with the password (RFC 4256). Otherwise what the server asked instead.
async fn answer_question(
    handle: &mut Handle<Client>,
    user: &str,
    password: &str,
) -> Result<Result<Answer, String>, Error> {
    let mut response = handle.authenticate_keyboard_interactive_start(user, None::<String>).await?;
    let mut empty = 0;
    let mut answered = false;
    loop {
        let prompts = match response {
            KeyboardInteractiveAuthResponse::Success => return Ok(Ok(Answer::In)),
            KeyboardInteractiveAuthResponse::Failure { remaining_methods, partial_success } => {
                return Ok(Ok(Answer::Further(remaining_methods, partial_success)));
            }
            KeyboardInteractiveAuthResponse::InfoRequest { prompts, .. } => prompts,
        };
        let answers = match prompts.as_slice() {
            [] if empty < MAX_EMPTY_QUESTIONS => {
                empty += 1;
                Vec::new()
            }
            [prompt] if !prompt.echo && !answered => {
                answered = true;
                vec![password.to_owned()]
            }
            _ => {
                let words = "the server asks more than for a password, which nobody can answer here";
                return Ok(Err(words.to_owned()));
            }
        };
        response = handle.authenticate_keyboard_interactive_respond(answers).await?;
    }
}

fn refused(what: &str, offered: &MethodSet) -> Outcome {
    let offered: Vec<String> = offered.iter().map(|method| <&str>::from(method).to_owned()).collect();
    let offered = if offered.is_empty() { "nothing".to_owned() } else { offered.join(", ") };
    Outcome::Refused(format!("it does not take {what}; it offers {offered}"))
}
