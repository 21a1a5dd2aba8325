//! How the names of a declaration are spelled. What else could stand in them, filters and paths could not read.

/// The longest URN, in characters.
pub(super) const MAX_URN: usize = 255;
/// The longest name of an attribute, in characters.
pub(super) const MAX_NAME: usize = 64;
/// The longest name of a resource type, and the longest endpoint, in characters.
pub(super) const MAX_TYPE: usize = 32;

/// Namespaces in which only the RFCs name schemas.
const RESERVED: [&str; 2] = ["urn:ietf:params:scim:schemas:core:", "urn:ietf:params:scim:api:"];

/// Why the text is no URN for a declared schema (RFC 8141, without the characters that part filters and lists).
pub(super) fn urn_fault(text: &str) -> Option<&'static str> {
    let mut parts = text.split(':');
    let scheme = parts.next().is_some_and(|scheme| scheme.eq_ignore_ascii_case("urn"));
    let namespace = parts.next().is_some_and(is_namespace);
    let rest: Vec<&str> = parts.collect();
    let shaped = scheme && namespace && !rest.is_empty() && rest.iter().all(|part| is_urn_part(part));
    if !shaped || text.len() > MAX_URN {
        return Some(
            "must be a URN of at most 255 letters, digits and -._: such as urn:example:params:Device:1.0",
        );
    }
    let reserved = RESERVED.iter().any(|prefix| {
        text.get(..prefix.len()).is_some_and(|beginning| beginning.eq_ignore_ascii_case(prefix))
    });
    reserved.then_some("must not lie where the SCIM standard names its own schemas; use a URN of your own")
}

fn is_namespace(text: &str) -> bool {
    (2..=32).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn is_urn_part(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_'))
}

/// Whether the text is an attribute name (RFC 7643 section 2.1). `$ref`, which the RFC itself uses, is one too.
pub(super) fn is_attribute_name(text: &str) -> bool {
    let name_character = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'$' | b'-' | b'_');
    let begins = text == "$ref" || text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic());
    begins && text.len() <= MAX_NAME && text.bytes().all(name_character)
}

/// Whether the text can name a resource type or an endpoint.
pub(super) fn is_type_name(text: &str) -> bool {
    (1..=MAX_TYPE).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric())
        && text.bytes().next().is_some_and(|b| b.is_ascii_alphabetic())
}
