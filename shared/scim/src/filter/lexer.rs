//! Cuts a filter or a path into words, texts and brackets.

use crate::error::{Error, ErrorKind, quoted};

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token<'t> {
    /// Anything without white space, quotes, parentheses and brackets: a name, an operator, a bare literal.
    Word(&'t str),
    /// A JSON string, its escapes resolved.
    Text(String),
    OpenParenthesis,
    CloseParenthesis,
    OpenBracket,
    CloseBracket,
    End,
}

impl Token<'_> {
    /// The token for the detail of an error.
    pub(super) fn describe(&self) -> String {
        match self {
            Self::Word(word) => quoted(word),
            Self::Text(text) => format!("the text {}", quoted(text)),
            Self::OpenParenthesis => "\"(\"".to_owned(),
            Self::CloseParenthesis => "\")\"".to_owned(),
            Self::OpenBracket => "\"[\"".to_owned(),
            Self::CloseBracket => "\"]\"".to_owned(),
            Self::End => "the end".to_owned(),
        }
    }
}

/// The tokens with the byte at which each begins; the last one is always [`Token::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<(usize, Token<'_>)>, Error> {
    let mut tokens = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let Some(first) = rest.chars().next() else { break };
        let (token, length) = match first {
            '(' => (Token::OpenParenthesis, 1),
            ')' => (Token::CloseParenthesis, 1),
            '[' => (Token::OpenBracket, 1),
            ']' => (Token::CloseBracket, 1),
            '"' => string(text, at, rest)?,
            space if space.is_whitespace() => {
                at += space.len_utf8();
                continue;
            }
            _ => {
                let length = rest.find(ends_word).unwrap_or(rest.len());
                (Token::Word(rest.get(..length).unwrap_or_default()), length)
            }
        };
        tokens.push((at, token));
        at += length;
    }
    tokens.push((text.len(), Token::End));
    Ok(tokens)
}

fn ends_word(c: char) -> bool {
    c.is_whitespace() || matches!(c, '"' | '(' | ')' | '[' | ']')
}

/// The JSON string at the beginning of `rest`, and how many bytes it takes.
fn string<'t>(text: &str, at: usize, rest: &str) -> Result<(Token<'t>, usize), Error> {
    let mut escaped = false;
    for (index, c) in rest.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => {
                let literal = rest.get(..=index).unwrap_or_default();
                let content = serde_json::from_str(literal)
                    .map_err(|_| failure(text, at, "text with the escapes of JSON", "another escape"))?;
                return Ok((Token::Text(content), index + 1));
            }
            _ => {}
        }
    }
    Err(failure(text, at, "a closing quote", "the end"))
}

/// The refusal of a filter, with the character (counted from 1) at which it cannot be understood.
pub(super) fn failure(text: &str, at: usize, expected: &str, found: &str) -> Error {
    let character = text.get(..at).map_or(0, |before| before.chars().count()) + 1;
    let detail = format!("the filter is wrong at character {character}: expected {expected}, found {found}");
    Error::new(ErrorKind::InvalidFilter, detail)
}
