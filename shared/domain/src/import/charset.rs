//! How letters are written as bytes, by the names of the WHATWG's Encoding Standard.

use std::fmt;

use encoding_rs::Encoding;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// An encoding of text. Any label of the Encoding Standard names one (`latin1`, `windows-1252` and `cp1252` the
/// same); it is written by its canonical name, in lower case.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Charset(pub(super) &'static Encoding);

impl Charset {
    /// UTF-8, with or without a byte order mark.
    pub const UTF_8: Self = Self(encoding_rs::UTF_8);
    /// UTF-16, the lower byte first, as Windows writes it.
    pub const UTF_16LE: Self = Self(encoding_rs::UTF_16LE);
    /// UTF-16, the higher byte first.
    pub const UTF_16BE: Self = Self(encoding_rs::UTF_16BE);

    /// The encoding of this label; none where there is no such label, or where browsers are forbidden to read it.
    pub fn for_label(label: &str) -> Option<Self> {
        Encoding::for_label_no_replacement(label.as_bytes())
            .filter(|encoding| *encoding != encoding_rs::X_USER_DEFINED)
            .map(Self)
    }

    /// The canonical name, in lower case: `utf-8`, `windows-1252`, `shift_jis`.
    pub fn name(self) -> String {
        self.0.name().to_ascii_lowercase()
    }

    /// Whether its letters are written with bytes of ASCII, as those of ISO-2022-JP are.
    pub(super) fn hides_in_ascii(self) -> bool {
        self.0 == encoding_rs::ISO_2022_JP
    }

    /// Whether text in it may look as if it were none.
    pub(super) fn looks_binary(self) -> bool {
        !self.0.is_ascii_compatible()
    }
}

impl fmt::Display for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name())
    }
}

impl fmt::Debug for Charset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Charset({self})")
    }
}

impl Serialize for Charset {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Charset {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let label = String::deserialize(deserializer)?;
        Self::for_label(&label).ok_or_else(|| {
            de::Error::custom(format_args!(
                "`{label}` is no encoding that is known here; write \"auto\", \"utf-8\", \"windows-1252\" or another \
                 label of the WHATWG Encoding Standard"
            ))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(label: &str, name: Option<&str>) {
        assert_eq!(Charset::for_label(label).map(Charset::name).as_deref(), name, "{label}");
    }

    #[test]
    fn labels_have_one_canonical_name() {
        check("UTF8", Some("utf-8"));
        check(" Latin1 ", Some("windows-1252"));
        check("windows-1252", Some("windows-1252"));
        check("sjis", Some("shift_jis"));
        check("gb18030", Some("gb18030"));
        check("utf-16", Some("utf-16le"));
        check("macintosh", Some("macintosh"));
        check("ebcdic", None);
        check("utf-7", None);
        check("iso-2022-kr", None);
        check("", None);
    }
}
