//! Makes a message of a notice.

use super::words::words;
use super::{Language, Notice, address};
use crate::Error;
use mail_builder::MessageBuilder;
use mail_builder::headers::address::Address;
use mail_builder::headers::content_type::ContentType;
use mail_builder::headers::date::Date;
use mail_builder::headers::raw::Raw;
use mail_builder::mime::MimePart;
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Recipients of a message at most: those that SES takes at once.
pub const MOST_RECIPIENTS: usize = 50;
/// Of a hash, in what parts the alternatives.
const BOUNDARY_BYTES: usize = 16;

/// A message of RFC 5322 about this notice: plain text, and the same as HTML (RFC 2046 §5.1.4). The same arguments give
/// the same bytes. `from` and `to` are addresses that [`address`] takes, at most [`MOST_RECIPIENTS`]; `message_id` is what
/// stands between the angle brackets, in the form of an address too (RFC 5322 §3.6.4); `console` is the URL of the
/// console, where it is known: without it the message tells the routes of the admin API.
///
/// # Errors
/// A fault for an argument that can stand in no header; it quotes none of them.
pub fn render(
    notice: &Notice,
    language: Language,
    from: &str,
    to: &[String],
    message_id: &str,
    console: Option<&str>,
) -> Result<Vec<u8>, Error> {
    check(from, to, message_id)?;
    let words = words(notice, language, console)?;
    let recipients = to.iter().map(|to| Address::from(to.as_str())).collect();
    let kind = ContentType::new("multipart/alternative").attribute("boundary", boundary(message_id));
    let parts = vec![MimePart::new("text/plain", words.plain), MimePart::new("text/html", words.html)];
    let mut message = Vec::new();
    MessageBuilder::new()
        .header("Date", Date::new(notice.at.as_second()))
        .from(from)
        .to(Address::new_list(recipients))
        .subject(words.subject)
        .message_id(message_id)
        // Nobody's absence is answered, and no loop begins (RFC 3834 §5).
        .header("Auto-Submitted", Raw::new("auto-generated"))
        // By which a mailbox can sort them, in whatever language they are.
        .header("X-Muster-Notice", Raw::new(notice.kind.as_str()))
        .body(MimePart::new(kind, parts))
        .serialize(&mut message);
    Ok(message)
}

/// What parts the alternatives: the writer would make it of the clock and of chance. `=_` is in no encoded text (RFC 2045
/// §6.7), and nobody who writes a text knows the rest.
fn boundary(message_id: &str) -> String {
    let mut boundary = "=_".to_owned();
    for byte in Sha256::digest(message_id).iter().take(BOUNDARY_BYTES) {
        // Writing to a string cannot fail.
        let _ = write!(boundary, "{byte:02x}");
    }
    boundary
}

fn check(from: &str, to: &[String], message_id: &str) -> Result<(), Error> {
    address(from).map_err(|words| Error::fault(format!("the sender of mail: {words}")))?;
    address(message_id).map_err(|words| Error::fault(format!("the id of a message: {words}")))?;
    if !(1..=MOST_RECIPIENTS).contains(&to.len()) {
        return Err(Error::fault(format!(
            "a message has 1 to {MOST_RECIPIENTS} recipients, not {}",
            to.len()
        )));
    }
    to.iter()
        .try_for_each(|to| address(to))
        .map_err(|words| Error::fault(format!("a recipient of mail: {words}")))
}
