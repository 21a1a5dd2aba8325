//! Where a file lies on a server: `sftp://host:port/folder/name`, with dates in braces and, in the name, `*` and `?`.

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};
use std::net::Ipv6Addr;

/// Characters of a URL at most.
const MAX_CHARS: usize = 1024;
/// The port of SSH.
const SSH_PORT: u16 = 22;
/// What may stand in braces beside separators, with the directive of strftime that it means.
const DATE_PARTS: [(&str, &str); 7] =
    [("yyyy", "%Y"), ("yy", "%y"), ("MM", "%m"), ("dd", "%d"), ("HH", "%H"), ("mm", "%M"), ("ss", "%S")];
/// What may stand between them.
const SEPARATORS: [char; 4] = ['-', '_', '.', 'T'];

/// The URL of a file, or of files, on an SFTP server.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RemoteUrl {
    text: String,
    host: String,
    port: u16,
    /// Parts of the path of the folder; the first is empty where the path is absolute.
    folder: Vec<Template>,
    name: Template,
}

/// Text with dates in it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Template(Vec<Part>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// A format of strftime.
    Date(String),
}

impl RemoteUrl {
    /// The host: a name, or an address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The folder at this time, without a slash at its end; `.` is the account's home.
    pub fn folder(&self, at: DateTime) -> String {
        let parts: Vec<String> = self.folder.iter().map(|part| part.at(at)).collect();
        match parts.join("/") {
            path if path.is_empty() && self.folder.is_empty() => ".".to_owned(),
            path if path.is_empty() => "/".to_owned(),
            path => path,
        }
    }

    /// What the name of the file has to fit at this time; see [`RemoteUrl::fits`].
    pub fn name(&self, at: DateTime) -> String {
        self.name.at(at)
    }

    /// Whether more than one name can fit.
    pub fn is_pattern(&self) -> bool {
        self.name.0.iter().any(|part| matches!(part, Part::Text(text) if text.contains(['*', '?'])))
    }

    /// Whether a file's name fits.
    pub fn fits(pattern: &str, name: &str) -> bool {
        fast_glob::glob_match(pattern, name)
    }
}

impl Template {
    fn at(&self, at: DateTime) -> String {
        let part = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            // The formats are ours, and all of them are known.
            Part::Date(format) => jiff::fmt::strtime::format(format, at).unwrap_or_default(),
        };
        self.0.iter().map(part).collect()
    }

    fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('{') {
            let (inside, after) = after
                .split_once('}')
                .ok_or("a brace is opened and not closed; dates are written as {yyyyMMdd}")?;
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(Part::Date(date_format(inside)?));
            rest = after;
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        let odd = |part: &Part| matches!(part, Part::Text(text) if text.contains(['}', '[', ']', '\\', '!']));
        if parts.iter().any(odd) {
            return Err(
                "the characters } [ ] \\ ! have no meaning here; use * and ? for what varies".to_owned()
            );
        }
        Ok(Self(parts))
    }
}

fn date_format(inside: &str) -> Result<String, String> {
    let mut format = String::new();
    let mut rest = inside;
    while !rest.is_empty() {
        if let Some((letters, directive)) = DATE_PARTS.iter().find(|(letters, _)| rest.starts_with(letters)) {
            format.push_str(directive);
            rest = rest.get(letters.len()..).unwrap_or_default();
        } else if let Some(separator) = rest.chars().next().filter(|one| SEPARATORS.contains(one)) {
            format.push(separator);
            rest = rest.get(1..).unwrap_or_default();
        } else {
            return Err("in braces stands a date such as {yyyyMMdd}, {yyyy-MM-dd} or {HHmm}".to_owned());
        }
    }
    if format.contains('%') {
        Ok(format)
    } else {
        Err("in braces stands a date such as {yyyyMMdd}".to_owned())
    }
}

impl TryFrom<String> for RemoteUrl {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if text.chars().count() > MAX_CHARS || text.chars().any(char::is_control) {
            return Err(format!("a URL has at most {MAX_CHARS} characters, and no control characters"));
        }
        let rest = after_scheme(&text)?;
        let (authority, path) =
            rest.split_once('/').ok_or("name the file behind the host, as in sftp://host/out/users.csv")?;
        let (host, port) = host_and_port(authority)?;
        let path = percent_decoded(path)?;
        let (path, absolute) = path.strip_prefix("~/").map_or((path.as_str(), true), |home| (home, false));
        let mut parts: Vec<&str> = path.split('/').collect();
        let name = parts.pop().unwrap_or_default();
        if name.is_empty() {
            return Err("the URL ends in the name of a file, as in sftp://host/out/users.csv".to_owned());
        }
        parts.retain(|part| !part.is_empty());
        if parts.iter().chain([&name]).any(|part| matches!(*part, "." | "..")) {
            return Err("a path has no . and .. in it; write where the folder is".to_owned());
        }
        if parts.iter().any(|part| part.contains(['*', '?'])) {
            return Err(
                "* and ? may stand in the name of the file only; folders may have dates in braces".to_owned()
            );
        }
        let root = absolute.then_some(Template(Vec::new()));
        let folder = parts.into_iter().map(Template::parse);
        let folder = root.map(Ok).into_iter().chain(folder).collect::<Result<Vec<_>, _>>()?;
        Ok(Self { host, port, folder, name: Template::parse(name)?, text })
    }
}

impl From<RemoteUrl> for String {
    fn from(url: RemoteUrl) -> Self {
        url.text
    }
}

fn after_scheme(text: &str) -> Result<&str, String> {
    if let Some(rest) = text.strip_prefix("sftp://") {
        return Ok(rest);
    }
    Err(match text.split_once("://").map(|(scheme, _)| scheme) {
        Some("ftp" | "ftps") => {
            "FTP sends passwords and people for all to read, and FTPS is another protocol than SFTP; ask for an SFTP \
             server, and write sftp://host/out/users.csv"
        }
        _ => "write a URL such as sftp://files.acme.example/out/users.csv",
    }
    .to_owned())
}

fn host_and_port(authority: &str) -> Result<(String, u16), String> {
    if authority.contains('@') {
        return Err("leave the user and the password out of the URL; they stand in authentication".to_owned());
    }
    let (host, port) = match authority.strip_prefix('[').map(|rest| rest.split_once(']')) {
        Some(Some((host, port))) => {
            host.parse::<Ipv6Addr>().map_err(|_| "in brackets stands an IPv6 address".to_owned())?;
            (host, port.strip_prefix(':').or(port.is_empty().then_some("")))
        }
        Some(None) => return Err("the bracket of the address is not closed".to_owned()),
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, Some("")),
        },
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_' | ':');
    if host.is_empty() || host.len() > 253 || !host.chars().all(fits) {
        return Err("the host is a name such as files.acme.example, or an address; one with other letters is written \
             in its form that begins with xn--"
            .to_owned());
    }
    let port = match port {
        Some("") => Some(SSH_PORT),
        Some(digits) => digits.parse().ok().filter(|port| *port != 0),
        None => None,
    };
    Ok((host.to_ascii_lowercase(), port.ok_or("the port is a number from 1 to 65535")?))
}

/// Paths are written as they are; what cannot be is written with percent signs.
fn percent_decoded(path: &str) -> Result<String, String> {
    let wrong = || "a percent sign in the path is written as %25".to_owned();
    let mut bytes = Vec::with_capacity(path.len());
    let mut rest = path.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let digits =
                after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok()).ok_or_else(wrong)?;
            if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
                return Err(wrong());
            }
            bytes.push(u8::from_str_radix(digits, 16).map_err(|_| wrong())?);
            rest = after.get(2..).unwrap_or_default();
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    let decoded = String::from_utf8(bytes).map_err(|_| "the path is not UTF-8".to_owned())?;
    if decoded.chars().any(char::is_control) {
        Err("a path has no control characters".to_owned())
    } else {
        Ok(decoded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use proptest::prelude::*;

    #[track_caller]
    fn check(url: &str, expect: Result<(&str, u16, &str, &str), &str>) {
        let at = date(2026, 3, 9).at(2, 30, 0, 0);
        match (RemoteUrl::try_from(url.to_owned()), expect) {
            (Ok(read), Ok((host, port, folder, name))) => {
                let found = (read.host(), read.port(), read.folder(at), read.name(at));
                assert_eq!(found, (host, port, folder.to_owned(), name.to_owned()), "{url}");
                assert_eq!(String::from(read), url);
            }
            (Err(error), Err(words)) => assert!(error.contains(words), "{url}: {error}"),
            (found, _) => panic!("{url}: {found:?}"),
        }
    }

    #[test]
    fn urls() {
        check("sftp://files.acme.example/out/users.csv", Ok(("files.acme.example", 22, "/out", "users.csv")));
        check("sftp://Files.Acme.example:2222/users.csv", Ok(("files.acme.example", 2222, "/", "users.csv")));
        check("sftp://h/~/out/a.csv", Ok(("h", 22, "out", "a.csv")));
        check("sftp://h/~/a.csv", Ok(("h", 22, ".", "a.csv")));
        check("sftp://[::1]:2022/a.csv", Ok(("::1", 2022, "/", "a.csv")));
        check("sftp://[2001:db8::1]/a.csv", Ok(("2001:db8::1", 22, "/", "a.csv")));
        check("sftp://h/out/users_{yyyyMMdd}.csv", Ok(("h", 22, "/out", "users_20260309.csv")));
        check(
            "sftp://h/{yyyy}/{MM}/u_{yyyy-MM-dd}_{HHmm}_*.csv",
            Ok(("h", 22, "/2026/03", "u_2026-03-09_0230_*.csv")),
        );
        check("sftp://h/my%20out/100%25.csv", Ok(("h", 22, "/my out", "100%.csv")));
        check("sftp://h/März/ä.csv", Ok(("h", 22, "/März", "ä.csv")));
        check("ftp://h/a.csv", Err("FTP sends passwords"));
        check("ftps://h/a.csv", Err("FTPS is another protocol"));
        check("https://h/a.csv", Err("write a URL such as"));
        check("files.acme.example/a.csv", Err("write a URL such as"));
        check("sftp://h", Err("name the file"));
        check("sftp://h/out/", Err("ends in the name of a file"));
        check("sftp:///a.csv", Err("the host is"));
        check("sftp://ann:secret@h/a.csv", Err("leave the user"));
        check("sftp://h:0/a.csv", Err("the port"));
        check("sftp://h:x/a.csv", Err("the port"));
        check("sftp://h:/a.csv", Ok(("h", 22, "/", "a.csv")));
        check("sftp://[::1/a.csv", Err("not closed"));
        check("sftp://[::g]/a.csv", Err("IPv6"));
        check("sftp://[::1]x/a.csv", Err("the port"));
        check("sftp://münchen.example/a.csv", Err("xn--"));
        check("sftp://h/a/../b.csv", Err(". and .."));
        check("sftp://h/%2e%2e/b.csv", Err(". and .."));
        check("sftp://h/*/b.csv", Err("name of the file only"));
        check("sftp://h/{date}.csv", Err("in braces"));
        check("sftp://h/{-}.csv", Err("in braces"));
        check("sftp://h/{yyyy.csv", Err("not closed"));
        check("sftp://h/yyyy}.csv", Err("no meaning"));
        check("sftp://h/[a-z].csv", Err("no meaning"));
        check("sftp://h/100%.csv", Err("%25"));
        check("sftp://h/%00.csv", Err("control"));
        check("sftp://h/a\nb.csv", Err("control"));
    }

    #[test]
    fn names_fit() {
        for (pattern, name, fits) in [
            ("users.csv", "users.csv", true),
            ("users.csv", "Users.csv", false),
            ("users_*.csv", "users_20260309.csv", true),
            ("users_*.csv", "users_.csv.pgp", false),
            ("users_?.csv", "users_1.csv", true),
            ("*", "a", true),
        ] {
            assert_eq!(RemoteUrl::fits(pattern, name), fits, "{pattern} {name}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text: String, tail in "[a-z*?{}/%~.-]{0,20}") {
            for url in [text.clone(), format!("sftp://h/{text}"), format!("sftp://h/{tail}"), format!("sftp://{text}/a")] {
                if let Ok(read) = RemoteUrl::try_from(url.clone()) {
                    let at = date(2026, 3, 9).at(0, 0, 0, 0);
                    prop_assert!(!read.folder(at).is_empty() && !read.name(at).contains('/'));
                    prop_assert_eq!(String::from(read), url);
                }
            }
        }
    }
}
