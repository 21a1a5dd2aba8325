//! SCIM 2.0 as a library.
