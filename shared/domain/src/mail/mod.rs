//! Mail.

/// What a recipient's address must be.
///
/// # Errors
/// A sentence for the sender.
pub fn address(text: &str) -> Result<(), &'static str> {
    if text.contains('@') { Ok(()) } else { Err("write one address such as ann@acme.example") }
}
