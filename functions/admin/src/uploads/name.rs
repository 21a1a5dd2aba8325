//! The name and the type of a file that is a body.

use crate::error::Problem;
use axum::http::{HeaderMap, StatusCode, header};
use domain::import::entrance::check_file_name;

/// The types that files have.
const MEDIA: [&str; 7] = [
    "text/csv",
    "text/plain",
    "application/csv",
    "application/octet-stream",
    "application/gzip",
    "application/x-gzip",
    "application/zip",
];

/// Refuses what is no file.
///
/// # Errors
/// 415 for another type than that of a table or a package of one.
pub(super) fn expect_file(headers: &HeaderMap) -> Result<(), Problem> {
    let Some(sent) = headers.get(header::CONTENT_TYPE) else { return Ok(()) };
    let media = sent.to_str().unwrap_or_default().split(';').next().unwrap_or_default().trim();
    if media.is_empty() || MEDIA.contains(&media.to_ascii_lowercase().as_str()) {
        return Ok(());
    }
    let detail = "send the file as text/csv, application/octet-stream, application/gzip or application/zip";
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail))
}

/// The file's name in `Content-Disposition` (RFC 6266 §4.3), if it has one.
///
/// # Errors
/// 400 for a name that a file of the inbox cannot have.
pub(super) fn sent_name(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(header) = headers.get(header::CONTENT_DISPOSITION) else { return Ok(None) };
    let text = std::str::from_utf8(header.as_bytes()).map_err(|_| bad("the header is not UTF-8"))?;
    let Some(name) = extended(text).or_else(|| plain(text)) else { return Ok(None) };
    check_file_name(&name).map_err(bad)?;
    Ok(Some(name))
}

fn bad(detail: &str) -> Problem {
    Problem::field("Content-Disposition", detail)
}

/// The parameters behind the type of disposition. A semicolon in quotation marks parts nothing.
fn parameters(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let mut quoted = false;
    let parts = text.split(move |character| {
        quoted ^= character == '"';
        character == ';' && !quoted
    });
    parts.skip(1).filter_map(|part| part.split_once('=')).map(|(name, value)| (name.trim(), value.trim()))
}

fn plain(text: &str) -> Option<String> {
    let (_, value) = parameters(text).find(|(name, _)| name.eq_ignore_ascii_case("filename"))?;
    let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
    Some(value.to_owned())
}

/// `filename*=UTF-8''…` (RFC 8187 §3.2).
fn extended(text: &str) -> Option<String> {
    let (_, value) = parameters(text).find(|(name, _)| name.eq_ignore_ascii_case("filename*"))?;
    let mut parts = value.splitn(3, '\'');
    parts.next().filter(|charset| charset.eq_ignore_ascii_case("utf-8"))?;
    let value = parts.nth(1)?;
    // What reads forms decodes percent signs too, once a plus sign means itself.
    let form = format!("x={}", value.replace('+', "%2B"));
    form_urlencoded::parse(form.as_bytes()).next().map(|(_, value)| value.into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[track_caller]
    fn check(header: &str, name: Option<&str>) {
        let mut headers = HeaderMap::new();
        headers.insert(header::CONTENT_DISPOSITION, HeaderValue::from_bytes(header.as_bytes()).unwrap());
        assert_eq!(sent_name(&headers).ok().flatten().as_deref(), name, "{header}");
    }

    #[test]
    fn the_name_is_read() {
        check("attachment; filename=people.csv", Some("people.csv"));
        check("attachment; filename=\"a;b.csv\"; x=1", Some("a;b.csv"));
        check("inline; FILENAME=\"März.csv\"", Some("März.csv"));
        check("attachment; filename=a.csv; filename*=UTF-8''M%C3%A4rz+1.csv", Some("März+1.csv"));
        check("attachment", None);
        for wrong in
            ["filename=..", "filename=\"a/b\"", "filename=.a", "filename=\"\"", "filename*=utf-8''a%2Fb"]
        {
            check(&format!("attachment; {wrong}"), None);
        }
    }
}
