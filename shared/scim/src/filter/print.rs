//! A filter as text, in canonical spelling and with no more parentheses than it needs.

use super::node::{Comparison, Literal, Node};
use serde_json::Value;
use std::fmt;

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::And(parts) => joined(f, parts, " and "),
            Self::Or(parts) => joined(f, parts, " or "),
            Self::Not(inner) => write!(f, "not ({inner})"),
            Self::Present(target) => write!(f, "{target} pr"),
            Self::Compare(Comparison { target, operator, literal }) => {
                write!(f, "{target} {} {literal}", operator.as_str())
            }
            Self::Element(target, inner) => write!(f, "{target}[{inner}]"),
        }
    }
}

/// Parts that are themselves joined stand in parentheses: `or` inside `and` needs them, and a chain inside a
/// chain of its own kind keeps the shape in which it was written.
fn joined(f: &mut fmt::Formatter<'_>, parts: &[Node], word: &str) -> fmt::Result {
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            f.write_str(word)?;
        }
        match part {
            Node::And(_) | Node::Or(_) => write!(f, "({part})")?,
            _ => fmt::Display::fmt(part, f)?,
        }
    }
    Ok(())
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Boolean(value) => value.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text { written, .. } | Self::Instant { written, .. } => {
                // JSON's own rules of quoting.
                Value::from(written.as_str()).fmt(f)
            }
        }
    }
}
