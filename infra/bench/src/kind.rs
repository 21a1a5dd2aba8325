//! The kinds of requests that are measured, and what each must be answered with.

use crate::answer::{count, unexpected};
use crate::connection::Server;
use crate::failure::Failure;
use std::fmt::Write as _;

/// Users of a page.
pub(crate) const PAGE: usize = 100;
const USERS: &str = "/scim/v2/Users";
/// A prime. Going through the users in steps of it meets each of them, and neighbours seldom one after the other.
const STEP: usize = 7_919;

/// A user who is asked for.
#[derive(Debug)]
pub(crate) struct User {
    /// The SCIM id.
    pub(crate) id: String,
    /// The `userName`, which needs no escapes in a URL.
    pub(crate) name: String,
}

/// What a client asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// A user by id.
    Get,
    /// The user with a `userName`.
    Filter,
    /// The first users of the directory.
    FirstPage,
    /// Users from its middle on.
    MiddlePage,
    /// One attribute of one user is replaced.
    Patch,
    /// A new user.
    Post,
}

impl Kind {
    /// All, in the order in which they are measured: those that make the directory larger come last.
    pub(crate) const ALL: [Self; 6] =
        [Self::Get, Self::Filter, Self::FirstPage, Self::MiddlePage, Self::Patch, Self::Post];

    /// For tables.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Get => "GET by id",
            Self::Filter => "filter userName eq",
            Self::FirstPage => "first page of 100",
            Self::MiddlePage => "middle page of 100",
            Self::Patch => "PATCH",
            Self::Post => "POST",
        }
    }

    /// For programs.
    pub(crate) const fn key(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Filter => "filter",
            Self::FirstPage => "first_page",
            Self::MiddlePage => "middle_page",
            Self::Patch => "patch",
            Self::Post => "post",
        }
    }

    /// Writes a request of this kind over what is in `text`. The number tells how many of the kind were made before on
    /// this server: it chooses the user, and no value is written twice.
    pub(crate) fn write(self, text: &mut Text, server: &Server, users: &[User], number: usize) {
        let Text { path, body, request } = text;
        path.clear();
        body.clear();
        path.push_str(USERS);
        let user = users.get(number.wrapping_mul(STEP) % users.len().max(1));
        let (id, name) = user.map_or(("", ""), |user| (&user.id, &user.name));
        // Writing to a string cannot fail.
        let _ = match self {
            Self::Get | Self::Patch => write!(path, "/{id}"),
            Self::Filter => write!(path, "?filter=userName+eq+%22{name}%22"),
            Self::FirstPage => write!(path, "?startIndex=1&count={PAGE}"),
            Self::MiddlePage => write!(path, "?startIndex={}&count={PAGE}", users.len() / 2 + 1),
            Self::Post => Ok(()),
        };
        let method = match self {
            Self::Patch => {
                patch(body, number);
                "PATCH"
            }
            Self::Post => {
                new_user(body, number);
                "POST"
            }
            _ => "GET",
        };
        server.write(request, method, path, body);
    }

    /// Whether this is the body of a right answer, whose status was one of success.
    ///
    /// # Errors
    /// If it is not, with what was expected and what came.
    pub(crate) fn check(self, body: &[u8]) -> Result<(), Failure> {
        let (counted, expected) = match self {
            Self::Get | Self::Patch | Self::Post => return Ok(()),
            Self::Filter => ("totalResults", 1),
            Self::FirstPage | Self::MiddlePage => ("itemsPerPage", PAGE),
        };
        if count(body, counted) == Some(expected) {
            return Ok(());
        }
        Err(unexpected(body, &format!("{} should have {counted} {expected}", self.name())))
    }
}

/// Where requests are written, again and again.
#[derive(Debug, Default)]
pub(crate) struct Text {
    path: String,
    body: String,
    /// The whole of the last one.
    pub(crate) request: String,
}

fn patch(body: &mut String, number: usize) {
    let _ = write!(
        body,
        r#"{{"schemas":["urn:ietf:params:scim:api:messages:2.0:PatchOp"],"Operations":[{{"op":"replace","path":"title","value":"Engineer {number}"}}]}}"#
    );
}

/// About as much of a user as the import brings.
fn new_user(body: &mut String, number: usize) {
    let _ = write!(
        body,
        r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User","urn:ietf:params:scim:schemas:extension:muster:2.0:User"],"userName":"new.{number}","active":true,"emails":[{{"value":"new.{number}@acme.example","type":"work","primary":true}}],"name":{{"givenName":"Zoë","familyName":"Müller"}},"preferredLanguage":"de-DE","urn:ietf:params:scim:schemas:extension:muster:2.0:User":{{"location":"Berlin; Nord 1","division":"Sales"}}}}"#
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::Value;

    fn users() -> Vec<User> {
        (0..300).map(|number| User { id: format!("id{number}"), name: format!("user.{number}") }).collect()
    }

    #[track_caller]
    fn check(kind: Kind, line: &str, with_body: bool) {
        let mut text = Text::default();
        let server = Server::new("127.0.0.1:80".parse().unwrap(), Some("secret"));
        kind.write(&mut text, &server, &users(), 1);
        let (head, body) = text.request.split_once("\r\n\r\n").unwrap();
        let mut lines = head.split("\r\n");
        assert_eq!(lines.next(), Some(format!("{line} HTTP/1.1").as_str()));
        assert_eq!(lines.next(), Some("Host: 127.0.0.1:80"));
        assert_eq!(lines.next(), Some("Authorization: Bearer secret"));
        assert_eq!(head.contains(&format!("\r\nContent-Length: {}", body.len())), with_body, "{head}");
        assert_eq!(serde_json::from_str::<Value>(body).is_ok(), with_body, "{body}");
    }

    #[test]
    fn requests_are_whole() {
        // 7919 is 119 more than 26 times the 300 users.
        check(Kind::Get, "GET /scim/v2/Users/id119", false);
        check(Kind::Filter, "GET /scim/v2/Users?filter=userName+eq+%22user.119%22", false);
        check(Kind::FirstPage, "GET /scim/v2/Users?startIndex=1&count=100", false);
        check(Kind::MiddlePage, "GET /scim/v2/Users?startIndex=151&count=100", false);
        check(Kind::Patch, "PATCH /scim/v2/Users/id119", true);
        check(Kind::Post, "POST /scim/v2/Users", true);
    }

    #[test]
    fn answers_must_have_what_was_asked_for() {
        let list = |total: usize, page: usize| {
            format!(r#"{{"totalResults":{total},"startIndex":1,"itemsPerPage":{page},"Resources":[]}}"#)
        };
        for (kind, total, page, right) in [
            (Kind::Filter, 1, 1, true),
            (Kind::Filter, 0, 0, false),
            (Kind::Filter, 2, 2, false),
            (Kind::FirstPage, 1_000, 100, true),
            (Kind::MiddlePage, 1_000, 100, true),
            (Kind::MiddlePage, 1_000, 99, false),
            (Kind::Get, 0, 0, true),
        ] {
            let checked = kind.check(list(total, page).as_bytes());
            assert_eq!(checked.is_ok(), right, "{kind:?} {total} {page}");
        }
    }
}
