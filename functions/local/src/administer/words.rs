//! What the commands say to a person.

use super::request::Reply;
use crate::cli::{Administer, Directory, Tenant, Token};
use crate::failure::Failure;
use serde_json::Value;

/// What was done.
pub(super) fn done(command: &Administer, body: &Value) -> String {
    match command {
        Administer::Tenant(Tenant::Create { name, .. }) => format!("Created the tenant {name}."),
        Administer::Directory(Directory::Create { tenant, name, .. }) => {
            format!("Created the directory {tenant}/{name}, profile {}.", text(body, "profile"))
        }
        Administer::Directory(Directory::Set { tenant, name, .. }) => {
            format!("The directory {tenant}/{name} has the profile {}.", text(body, "profile"))
        }
        Administer::Token(Token::Create { of, .. }) => format!(
            "Created a token for {}/{}. Its secret is shown now and never again:\n\n  {}\n\nId {}, expires {}.",
            of.tenant,
            of.directory,
            text(body, "secret"),
            text(body, "id"),
            body["expires_at"].as_str().unwrap_or("never"),
        ),
        Administer::Token(Token::List { of, .. }) => match body["items"].as_array().map(Vec::as_slice) {
            None | Some([]) => format!("The directory {}/{} has no tokens.", of.tenant, of.directory),
            Some(tokens) => table(tokens),
        },
        Administer::Token(Token::Revoke { id, .. }) => format!("Revoked the token {id}."),
    }
}

fn text<'a>(body: &'a Value, member: &str) -> &'a str {
    body[member].as_str().unwrap_or_default()
}

/// One line for each token; ids and times of one length each.
fn table(tokens: &[Value]) -> String {
    let line = |token: &Value| {
        let line = format!(
            "{}  created {}  expires {}",
            text(token, "id"),
            text(token, "created_at"),
            token["expires_at"].as_str().unwrap_or("never"),
        );
        match token["user"].as_str() {
            Some(user) => format!("{line}  for the user {user}"),
            None => line,
        }
    };
    tokens.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// Why it was not done.
pub(super) fn refusal(command: &Administer, reply: &Reply) -> Failure {
    let detail = reply.body["detail"].as_str().unwrap_or("the admin API does not say why");
    let about = match command {
        Administer::Tenant(_) => return Failure::new(detail),
        Administer::Directory(Directory::Create { tenant, .. }) => tenant.to_string(),
        Administer::Directory(Directory::Set { tenant, name, .. }) => format!("{tenant}/{name}"),
        Administer::Token(Token::Create { of, .. } | Token::List { of, .. } | Token::Revoke { of, .. }) => {
            format!("{}/{}", of.tenant, of.directory)
        }
    };
    Failure::new(format!("{about}: {detail}"))
}
