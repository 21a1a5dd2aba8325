//! What a start prints: for a person, or as one line of JSON.

use super::admin_key::{AdminKey, Source};
use crate::cli::DEFAULT_DATA;
use crate::data_folder::shown;
use crate::session::Session;
use serde_json::{Map, Value};
use std::fmt::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Path, PathBuf};

/// What a client needs to know of a running server.
pub(super) struct Facts {
    listen: SocketAddr,
    scim_base: String,
    scim_token: Option<String>,
    admin_base: String,
    admin_key: AdminKey,
    admin_key_file: PathBuf,
    inbox: PathBuf,
    data: PathBuf,
    default_data: bool,
    first_start: bool,
}

impl Facts {
    /// Of a server at this address on this folder.
    pub(super) fn new(listen: SocketAddr, admin_key: AdminKey, session: &Session) -> Self {
        let demo = session.demo.as_ref();
        let inbox = demo.map(|demo| session.folder.inbox(&demo.directory, &demo.configuration));
        Self {
            listen,
            scim_base: format!("http://{}/scim/v2", reachable(listen)),
            scim_token: demo.map(|demo| demo.scim_token.clone()),
            admin_base: format!("http://{}{}", reachable(listen), admin::BASE),
            admin_key,
            admin_key_file: session.folder.admin_key(),
            inbox: inbox.unwrap_or_else(|| session.folder.inboxes()),
            data: session.folder.path().to_owned(),
            default_data: Path::new(DEFAULT_DATA)
                .canonicalize()
                .is_ok_and(|data| data == session.folder.path()),
            first_start: session.first_start,
        }
    }

    /// One line for programs. Without the demo there is no token to tell.
    pub(super) fn json(&self) -> String {
        let mut facts = Map::new();
        let mut tell = |name: &str, value: String| facts.insert(name.to_owned(), Value::from(value));
        tell("listen", self.listen.to_string());
        tell("scim_base", self.scim_base.clone());
        if let Some(token) = &self.scim_token {
            tell("scim_token", token.clone());
        }
        tell("admin_base", self.admin_base.clone());
        tell("admin_key", self.admin_key.key.clone());
        tell("inbox", self.inbox.display().to_string());
        Value::Object(facts).to_string()
    }

    /// The first screen.
    pub(super) fn screen(&self) -> String {
        let mut text = format!("Muster is running. Everything it knows is in {}.\n", shown(&self.data));
        if self.first_start {
            text.push_str(
                "The folder was empty, so there is a demo now: tenant acme with the directory people.\n",
            );
        }
        let _ = writeln!(text, "\n  SCIM base URL  {}", self.scim_base);
        if let Some(token) = &self.scim_token {
            let _ = writeln!(text, "  SCIM token     {token}");
        }
        let _ = writeln!(text, "  Admin API      {}", self.admin_base);
        let _ = writeln!(text, "  Admin key      {}", self.told_key());
        let _ = writeln!(text, "  Inbox folder   {}", shown(&self.inbox));
        if let Some(token) = &self.scim_token {
            let _ = writeln!(text, "\nCreate a user:\n\n{}", create_a_user(&self.scim_base, token));
        }
        let _ = write!(
            text,
            "\nImport a CSV file: move it into the inbox folder, or run\n\n  {}\n\nStop with Ctrl-C.",
            self.import_a_file(),
        );
        text
    }

    /// The operator's key is shown when it is made, and later only where it is.
    fn told_key(&self) -> String {
        match self.admin_key.source {
            Source::Made => self.admin_key.key.clone(),
            Source::Kept => format!("in {}", shown(&self.admin_key_file)),
            Source::Environment => "that of MUSTER_ADMIN_KEY".to_owned(),
        }
    }

    /// The command to paste: as this process was called, for `muster` need not be in the path.
    fn import_a_file(&self) -> String {
        let program = std::env::args().next().unwrap_or_else(|| "muster".to_owned());
        let program = shown(Path::new(&program));
        if self.default_data {
            return format!("{program} import FILE.csv");
        }
        format!("{program} import FILE.csv --data '{}'", shown(&self.data))
    }
}

/// A command to paste.
fn create_a_user(scim_base: &str, token: &str) -> String {
    format!(
        "  curl {scim_base}/Users -H 'Content-Type: application/scim+json' \\\n    \
         -H 'Authorization: Bearer {token}' \\\n    \
         -d '{{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"ann@acme.example\"}}'"
    )
}

/// A server that listens on every address is reached on this machine's own.
fn reachable(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        ip if !ip.is_unspecified() => ip,
        IpAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
    };
    SocketAddr::new(ip, listen.port())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_all_is_reached_locally() {
        for (listen, reached) in [
            ("127.0.0.1:80", "127.0.0.1:80"),
            ("0.0.0.0:81", "127.0.0.1:81"),
            ("[::]:82", "[::1]:82"),
            ("10.0.0.1:83", "10.0.0.1:83"),
        ] {
            assert_eq!(reachable(listen.parse().unwrap()), reached.parse().unwrap());
        }
    }
}
