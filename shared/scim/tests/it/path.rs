//! Paths of PATCH operations.

use crate::{ENTERPRISE, users};
use scim::{ErrorKind, path::Path};

#[test]
fn accepted_and_printed() {
    for (text, expect) in [
        ("userName", "userName"),
        ("NAME.familyname", "name.familyName"),
        (r#"addresses[type eq "work"]"#, r#"addresses[type eq "work"]"#),
        (
            r#"emails[TYPE EQ "work" and value co "@x"].VALUE"#,
            r#"emails[type eq "work" and value co "@x"].value"#,
        ),
        ("urn:ietf:params:scim:schemas:core:2.0:User:name.givenName", "name.givenName"),
        (ENTERPRISE, ENTERPRISE),
        (r#"roles[primary eq "True"].display"#, "roles[primary eq true].display"),
        (r#"emails[value eq "]"]"#, r#"emails[value eq "]"]"#),
    ] {
        let path = Path::parse(text, users()).unwrap_or_else(|error| panic!("{text}: {error}"));
        assert_eq!(path.to_string(), expect);
        assert_eq!(Path::parse(expect, users()), Ok(path));
    }
    let manager = format!("{ENTERPRISE}:manager.value");
    assert_eq!(Path::parse(&manager, users()).expect("valid").to_string(), manager);
}

#[test]
fn refusals() {
    for text in [
        "",
        " ",
        "nope",
        "userNam",
        "name.nope",
        "employeeNumber",
        "[",
        "]",
        "emails[",
        r#"emails[type eq "work""#,
        r#"emails[type eq "wo"#,
        "userName x",
        "userName]",
        r#"name[givenName eq "x"]"#,
        r#"userName[value eq "x"]"#,
        r#"emails.value[type eq "x"]"#,
        r#"emails[type eq "x"].nope"#,
        r#"emails[type eq "x"]value"#,
        r#"emails[type eq "x"].value.x"#,
        r#"emails[type eq "x"].value "y""#,
        "\"userName\"",
        "(userName)",
        "/userName",
    ] {
        assert_eq!(Path::parse(text, users()).expect_err(text).kind, ErrorKind::InvalidPath, "{text}");
    }
    for text in [
        "emails[]",
        "emails[nope eq 1]",
        "emails[type zz \"a\"]",
        "emails[type eq 1]",
        "emails[primary gt true]",
    ] {
        assert_eq!(Path::parse(text, users()).expect_err(text).kind, ErrorKind::InvalidFilter, "{text}");
    }
}
