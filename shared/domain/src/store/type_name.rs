//! Names of declared resource types.

/// The name of a declared resource type: 1 to 32 ASCII letters and digits, in lower case. It is copied as freely as
/// the kinds that are built in.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeName {
    bytes: [u8; 32],
    length: u8,
}

impl TypeName {
    /// The name, if it is one.
    pub fn new(name: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        let place = bytes.get_mut(..name.len()).filter(|_| !name.is_empty())?;
        place.copy_from_slice(name.as_bytes());
        bytes.make_ascii_lowercase();
        let right = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        right.then_some(Self { bytes, length: name.len() as u8 })
    }

    /// As text.
    pub fn as_str(&self) -> &str {
        let bytes = self.bytes.get(..usize::from(self.length)).unwrap_or_default();
        std::str::from_utf8(bytes).unwrap_or_default()
    }
}

impl std::fmt::Debug for TypeName {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.as_str())
    }
}
