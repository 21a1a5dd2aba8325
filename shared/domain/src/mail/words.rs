//! Fills the templates: a subject, a plain text, and the same paragraphs as HTML.

use super::facts::{facts, one_line};
use super::texts::{self, LAYOUT};
use super::{Language, Notice};
use crate::Error;
use minijinja::{Environment, UndefinedBehavior, Value, context};

/// A message before it is packed.
pub(super) struct Words {
    /// One line without control characters.
    pub(super) subject: String,
    /// Lines end with `\n`.
    pub(super) plain: String,
    /// A whole document.
    pub(super) html: String,
}

/// What the templates become.
struct Parts {
    subject: String,
    paragraphs: Vec<String>,
    /// A heading and what it stands above; empty where there are no reasons.
    reasons: Vec<String>,
    /// Labels and values.
    facts: Vec<(String, String)>,
    closing: String,
}

/// A notice in words.
///
/// # Errors
/// A fault where a template is wrong.
pub(super) fn words(notice: &Notice, language: Language, console: Option<&str>) -> Result<Words, Error> {
    let mut templates = Environment::new();
    templates.set_undefined_behavior(UndefinedBehavior::Strict);
    let told = facts(notice, language, console);
    let parts = fill(&templates, notice, language, &told)?;
    let html = templates.render_named_str("layout.html", LAYOUT, layout_facts(&parts, language, &told)?);
    Ok(Words { plain: plain(&parts), html: html.map_err(broken)?, subject: parts.subject })
}

fn fill(
    templates: &Environment<'_>,
    notice: &Notice,
    language: Language,
    told: &Value,
) -> Result<Parts, Error> {
    let filled = |template: &str| templates.render_named_str("text", template, told.clone()).map_err(broken);
    let (message, every) = (texts::message(&notice.kind, language), texts::every(language));
    Ok(Parts {
        subject: one_line(&filled(message.subject)?),
        paragraphs: paragraphs(&filled(message.body)?),
        reasons: if notice.reasons.is_empty() { Vec::new() } else { lines(&filled(every.reasons)?) },
        facts: lines(&filled(every.facts)?).iter().filter_map(|line| pair(line)).collect(),
        closing: paragraphs(&filled(every.closing)?).join(" "),
    })
}

/// A template names what it is not told. The words of the error are of the template, not of the notice.
#[expect(clippy::needless_pass_by_value, reason = "the form that map_err calls")]
fn broken(error: minijinja::Error) -> Error {
    Error::fault(format!("a template of mail, line {}: {}", error.line().unwrap_or_default(), error.kind()))
}

/// What blank lines part, each on one line.
fn paragraphs(text: &str) -> Vec<String> {
    let mut paragraphs = vec![String::new()];
    for line in text.lines().map(str::trim) {
        match paragraphs.last_mut() {
            Some(last) if !line.is_empty() => {
                if !last.is_empty() {
                    last.push(' ');
                }
                last.push_str(line);
            }
            _ => paragraphs.push(String::new()),
        }
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    paragraphs
}

fn lines(text: &str) -> Vec<String> {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

fn pair(line: &str) -> Option<(String, String)> {
    line.split_once(": ").map(|(label, value)| (label.to_owned(), value.to_owned()))
}

fn plain(parts: &Parts) -> String {
    let mut plain = String::new();
    for paragraph in &parts.paragraphs {
        plain.extend([paragraph.as_str(), "\n\n"]);
    }
    if let Some((heading, reasons)) = parts.reasons.split_first() {
        plain.extend([heading.as_str(), "\n"]);
        for reason in reasons {
            plain.extend(["* ", reason.as_str(), "\n"]);
        }
        plain.push('\n');
    }
    for (label, value) in &parts.facts {
        plain.extend([label.as_str(), ": ", value.as_str(), "\n"]);
    }
    plain.extend(["\n", parts.closing.as_str(), "\n"]);
    plain
}

fn layout_facts(parts: &Parts, language: Language, told: &Value) -> Result<Value, Error> {
    let facts = parts.facts.iter();
    let reasons = parts.reasons.split_first();
    Ok(context! {
        language => language.as_str(),
        subject => &parts.subject,
        paragraphs => parts.paragraphs.iter().collect::<Value>(),
        reasons_heading => reasons.map(|(heading, _)| heading),
        reasons => reasons.map(|(_, reasons)| reasons.iter().collect::<Value>()),
        facts => facts.map(|(label, value)| context! { label => label, value => value }).collect::<Value>(),
        closing => &parts.closing,
        link => told.get_attr("link").map_err(broken)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: &[&str]) {
        assert_eq!(paragraphs(text), expect, "{text:?}");
    }

    #[test]
    fn blank_lines_part_paragraphs() {
        check("", &[]);
        check("\n \n\t\n", &[]);
        check("one\ntwo\n\n\nthree", &["one two", "three"]);
        check("\n  one \r\n\r\n two", &["one", "two"]);
    }
}
