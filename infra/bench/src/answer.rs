//! As much of an HTTP answer as has to be understood to measure it. The client shares the processors with the server,
//! so it reads no more than where an answer ends and whether it is the expected one.

use crate::failure::Failure;

/// Heads of the servers that are measured have some hundred bytes.
const LONGEST_HEAD: usize = 16 * 1024;
/// A page of 200 users is a hundredth of this.
const LONGEST_BODY: usize = 16 * 1024 * 1024;
const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// The head of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Head {
    /// The status, three digits.
    pub(crate) status: u16,
    /// Bytes of the head, the empty line included: where the body begins.
    pub(crate) length: usize,
    /// Bytes of the body.
    pub(crate) body: usize,
}

/// The head at the beginning of what was received, or `None` if its end has not come yet.
///
/// # Errors
/// If this is no answer of HTTP/1.1 with a length (RFC 9112 §6.3), or one of unreasonable size.
pub(crate) fn head(received: &[u8]) -> Result<Option<Head>, Failure> {
    let Some(end) = received.windows(END_OF_HEAD.len()).position(|window| window == END_OF_HEAD) else {
        let too_long = received.len() > LONGEST_HEAD;
        return if too_long { Err(unexpected(received, "its head does not end")) } else { Ok(None) };
    };
    let mut lines = received.get(..end).unwrap_or_default().split(|byte| *byte == b'\n');
    let status = lines
        .next()
        .and_then(|line| number(line.strip_prefix(b"HTTP/1.1 ")?.get(..3)?))
        .and_then(|status| u16::try_from(status).ok())
        .ok_or_else(|| unexpected(received, "it does not begin like HTTP/1.1"))?;
    let body = match (lines.find_map(content_length), status) {
        (Some(body), _) if body <= LONGEST_BODY => body,
        // RFC 9110 §15.3.5: no content.
        (None, 204) => 0,
        _ => return Err(unexpected(received, "it has no Content-Length that could be used")),
    };
    Ok(Some(Head { status, length: end + END_OF_HEAD.len(), body }))
}

/// The number that follows `"name":` near the beginning of a JSON body. The servers write counts before resources, and
/// the resources are not looked at.
pub(crate) fn count(body: &[u8], name: &str) -> Option<usize> {
    const BEGINNING: usize = 256;
    let beginning = body.get(..BEGINNING).unwrap_or(body);
    let mut rest = beginning;
    while let Some(quote) = rest.iter().position(|byte| *byte == b'"') {
        rest = rest.get(quote + 1..)?;
        let value = rest.strip_prefix(name.as_bytes()).and_then(|rest| rest.strip_prefix(b"\":"));
        if let Some(value) = value {
            let digits = value.iter().take_while(|byte| byte.is_ascii_digit()).count();
            return number(value.get(..digits)?);
        }
    }
    None
}

/// That an answer is not what was expected, and its beginning.
pub(crate) fn unexpected(answer: &[u8], why: &str) -> Failure {
    const SHOWN: usize = 2_000;
    let shown = String::from_utf8_lossy(answer.get(..SHOWN).unwrap_or(answer));
    Failure::new(format!("an answer is not as expected: {why}. It is:\n{shown}"))
}

/// The value, if this is the header that tells the length of the body.
fn content_length(line: &[u8]) -> Option<usize> {
    const NAME: &[u8] = b"content-length:";
    let (name, value) = line.split_at_checked(NAME.len())?;
    name.eq_ignore_ascii_case(NAME).then(|| number(value.trim_ascii())).flatten()
}

fn number(digits: &[u8]) -> Option<usize> {
    // `parse` would take a sign.
    let only_digits = digits.iter().all(u8::is_ascii_digit);
    std::str::from_utf8(digits).ok().filter(|_| only_digits)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the parser says of an answer: status and length of the body, that more is needed, or that it is wrong.
    #[derive(Debug, PartialEq, Eq)]
    enum Said {
        Head(u16, usize),
        More,
        Wrong,
    }
    use Said::{Head as Is, More, Wrong};

    #[track_caller]
    fn check(received: impl AsRef<[u8]>, expected: &Said) {
        let received = received.as_ref();
        let said = match head(received) {
            Ok(Some(head)) => {
                assert!(
                    received[..head.length].ends_with(END_OF_HEAD),
                    "{}",
                    String::from_utf8_lossy(received)
                );
                Is(head.status, head.body)
            }
            Ok(None) => More,
            Err(_) => Wrong,
        };
        assert_eq!(said, *expected, "{}", String::from_utf8_lossy(received));
    }

    #[test]
    fn heads_tell_status_and_length() {
        check("HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nabcde", &Is(200, 5));
        check("HTTP/1.1 201 Created\r\nContent-Type: a/b\r\nCONTENT-LENGTH:0\r\nX: y\r\n\r\n", &Is(201, 0));
        check("HTTP/1.1 404 \r\ncontent-length:  7 \r\n\r\nab", &Is(404, 7));
        check("HTTP/1.1 204 No Content\r\nx-content-length: 9\r\n\r\n", &Is(204, 0));
    }

    #[test]
    fn what_has_not_come_is_waited_for() {
        let whole = b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n";
        for length in 0..whole.len() {
            check(&whole[..length], &More);
        }
        check("x".repeat(LONGEST_HEAD), &More);
        check("x".repeat(LONGEST_HEAD + 1), &Wrong);
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        for wrong in [
            "\r\n\r\n",
            "HTTP/1.0 200 OK\r\ncontent-length: 5\r\n\r\n",
            "HTTP/1.1 2\r\ncontent-length: 5\r\n\r\n",
            "HTTP/1.1 abc\r\ncontent-length: 5\r\n\r\n",
            "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: \r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: +1\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 16777217\r\n\r\n",
            "HTTP/1.1 200 OK\r\ncontent-length: 99999999999999999999999\r\n\r\n",
        ] {
            check(wrong, &Wrong);
        }
    }

    #[test]
    fn counts_are_found_at_the_beginning_of_a_body() {
        let body =
            br#"{"schemas":["urn:x"],"totalResults":10,"itemsPerPage":100,"Resources":[{"startIndex":7}]}"#;
        for (name, expected) in [
            ("totalResults", Some(10)),
            ("itemsPerPage", Some(100)),
            ("Results", None),
            ("schemas", None),
            ("absent", None),
        ] {
            assert_eq!(count(body, name), expected, "{name}");
        }
        for body in ["", "\"", "\"totalResults\":", "\"totalResults\"", "\"totalResults\":\"1\""] {
            assert_eq!(count(body.as_bytes(), "totalResults"), None, "{body}");
        }
        let late = format!("{}\"totalResults\":1", " ".repeat(300));
        assert_eq!(count(late.as_bytes(), "totalResults"), None);
    }
}
