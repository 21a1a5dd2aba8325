//! `format` of the configuration document: how the bytes of a file become cells.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

pub use super::charset::Charset;

/// How a file is to be read. Unknown fields are refused by name.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Format {
    /// What separates the columns.
    pub delimiter: Delimiter,
    /// How letters are written as bytes.
    pub encoding: Encoding,
    /// How a column is known.
    pub columns: Columns,
    /// Physical lines above the header that are not part of the table.
    pub skip_lines: u32,
    /// What an empty cell means.
    pub empty_cells: EmptyCells,
}

/// What separates the columns: `"auto"`, or one ASCII character.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Delimiter {
    /// Comma, semicolon, tab or pipe, told by the header and the first rows.
    #[default]
    Auto,
    /// This byte, and nothing else.
    Byte(u8),
}

impl Delimiter {
    /// The byte, where one is configured.
    pub(super) fn byte(self) -> Option<u8> {
        match self {
            Self::Auto => None,
            Self::Byte(byte) => Some(byte),
        }
    }
}

/// How letters are written as bytes: `"auto"`, or the label of an encoding.
///
/// Whatever is said here, text that is valid UTF-8 or marked as UTF-16 is read as that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Encoding {
    /// What is not UTF-8 or UTF-16 is guessed, and a person has to confirm the guess.
    #[default]
    Auto,
    /// This one.
    Named(Charset),
}

/// How a column is known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Columns {
    /// By its name in the header, wherever it stands.
    #[default]
    ByName,
    /// By its name too, and the header has to be that of the template, column by column (P3).
    TemplateOrder,
}

/// What an empty cell means for the user's attribute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EmptyCells {
    /// It stays as it is.
    #[default]
    Leave,
    /// It is removed.
    Clear,
}

impl Serialize for Encoding {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Named(charset) => charset.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Encoding {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let label = String::deserialize(deserializer)?;
        if label == "auto" {
            return Ok(Self::Auto);
        }
        Charset::deserialize(de::value::StringDeserializer::new(label)).map(Self::Named)
    }
}

impl Serialize for Delimiter {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Byte(byte) => serializer.serialize_char(char::from(*byte)),
        }
    }
}

impl<'de> Deserialize<'de> for Delimiter {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        match text.as_bytes() {
            b"auto" => Ok(Self::Auto),
            b"\"" | b"\r" | b"\n" | b"\0" => Err(de::Error::custom("this character cannot be a delimiter")),
            [byte] => Ok(Self::Byte(*byte)),
            _ => Err(de::Error::custom("a delimiter is \"auto\" or one ASCII character")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(json: &str, because: &str) {
        let error = serde_json::from_str::<Format>(json).unwrap_err().to_string();
        assert!(error.contains(because), "{error}");
    }

    #[test]
    fn the_documents_form_is_read_and_written() {
        let json = r#"{"delimiter":";","encoding":"utf-8","columns":"by-name","skip_lines":2,"empty_cells":"clear"}"#;
        let format: Format = serde_json::from_str(json).unwrap();
        assert_eq!(format.delimiter, Delimiter::Byte(b';'));
        assert_eq!(serde_json::to_string(&format).unwrap(), json);
        assert_eq!(serde_json::from_str::<Format>("{}").unwrap(), Format::default());
        let pinned: Format = serde_json::from_str(r#"{"encoding":"Latin1"}"#).unwrap();
        assert!(serde_json::to_string(&pinned).unwrap().contains(r#""encoding":"windows-1252""#));
    }

    #[test]
    fn what_is_not_supported_is_refused_by_name() {
        refused(r#"{"delimeter":","}"#, "delimeter");
        refused(r#"{"delimiter":"::"}"#, "one ASCII character");
        refused(r#"{"delimiter":"\""}"#, "cannot be a delimiter");
        refused(r#"{"encoding":"windows-1259"}"#, "`windows-1259` is no encoding");
        refused(r#"{"columns":"by-place"}"#, "by-place");
    }
}
