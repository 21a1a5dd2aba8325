//! Filters: what they match, what they refuse, what a store can look up.

use crate::{ENTERPRISE, MUSTER, REGISTRY, barbara, groups, stored, users};
use scim::{
    ErrorKind,
    filter::{Filter, Hint},
};
use serde_json::json;

#[track_caller]
fn check(text: &str, expect: bool) {
    let filter = Filter::parse(text, users()).unwrap_or_else(|error| panic!("{text}: {error}"));
    assert_eq!(filter.matches(&barbara()), expect, "{text}");
    let printed = filter.to_string();
    assert_eq!(Filter::parse(&printed, users()).expect(&printed), filter, "{printed}");
}

#[test]
fn examples_of_rfc_7644() {
    check(r#"userName eq "bjensen@example.com""#, true);
    check(r#"name.familyName co "O'Malley""#, true);
    check(r#"userName sw "J""#, false);
    check(r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "B""#, true);
    check("title pr", true);
    check(r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, false);
    check(r#"meta.lastModified ge "2011-05-13T02:42:34.5Z""#, true);
    check(r#"meta.lastModified lt "2011-05-13T04:42:34Z""#, true);
    check(r#"meta.lastModified le "2011-05-13T02:42:34.4Z""#, false);
    check(r#"title pr and userType eq "Employee""#, true);
    check(r#"title pr or userType eq "Intern""#, true);
    check(r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#, true);
    check(
        r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
        false,
    );
    check(r#"userType eq "Employee" and (emails.type eq "work")"#, true);
    check(r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#, true);
    check(
        r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
        true,
    );
    check(r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#, true);
}

#[test]
fn operators_on_text() {
    for (text, expect) in [
        (r#"userName eq "BJENSEN@EXAMPLE.COM""#, true),
        (r#"USERNAME EQ "bjensen@example.com""#, true),
        (r#"externalId eq "b-1""#, false),
        (r#"externalId eq "B-1""#, true),
        (r#"externalId sw "B""#, true),
        (r#"externalId gt "A""#, true),
        (r#"id eq "2819C223""#, false),
        (r#"userName ne "bjensen@example.com""#, false),
        (r#"userName ew "COM""#, true),
        (r#"userName co "EXAMPLE""#, true),
        (r#"userName co """#, true),
        (r#"userName co "a very long text that is longer than the value is""#, false),
        (r#"userName sw "é""#, false),
        (r#"userName gt "A""#, true),
        (r#"userName lt "C""#, true),
        (r#"userName le "BJENSEN@example.com""#, true),
        (r#"displayName eq "Babs\u0020Jensen""#, true),
        (r#"displayName eq "Babs \"Jensen""#, false),
        (r#"x509Certificates.value sw "miid""#, false),
        (r#"x509Certificates.value sw "MIID""#, true),
    ] {
        check(text, expect);
    }
}

#[test]
fn case_beyond_ascii() {
    let user = stored(
        users(),
        json!({"userName": "straße", "displayName": "JÖRG Weiß", "nickName": "ΟΔΟΣΗΜΟ", "title": "mu\u{308}ller"}),
    );
    for (text, expect) in [
        (r#"displayName eq "jörg weiß""#, true),
        (r#"displayName co "Örg""#, true),
        (r#"displayName sw "JÖ""#, true),
        (r#"displayName ew "ß""#, true),
        (r#"displayName gt "jör""#, true),
        (r#"displayName eq "jorg weiß""#, false),
        (r#"displayName eq "JÖRG WEISS""#, true),
        (r#"displayName ew "SS""#, true),
        (r#"userName eq "STRASSE""#, true),
        (r#"userName gt "strasse""#, false),
        (r#"userName ge "strasse""#, true),
        (r#"nickName sw "οδοσ""#, true),
        (r#"title eq "MÜLLER""#, true),
        (r#"title co "ü""#, true),
        (r#"title ne "Müller""#, false),
    ] {
        assert_eq!(Filter::parse(text, users()).expect(text).matches(&user), expect, "{text}");
    }
}

#[test]
fn several_values_absence_and_logic() {
    for (text, expect) in [
        (r#"emails.value eq "babs@jensen.org""#, true),
        (r#"emails.type ne "work""#, true),
        (r#"roles.value ne "guide""#, false),
        (r#"emails[type eq "home" and value co "example"]"#, false),
        (r#"emails[not (type eq "home")]"#, true),
        (r#"emails[primary eq true].value eq "bjensen@example.com""#, true),
        (r#"emails[type eq "home"].value eq "bjensen@example.com""#, false),
        (r#"emails[type eq "home"].primary pr"#, false),
        (r#"roles[primary eq "True"].value eq "Guide""#, true),
        (r#"nickName ne "x""#, true),
        (r#"nickName eq "x""#, false),
        ("nickName eq null", true),
        ("nickName ne null", false),
        ("title eq null", false),
        ("title ne null", true),
        ("nickName pr", false),
        ("name pr", true),
        ("emails pr", true),
        ("addresses pr", false),
        ("active eq true", true),
        (r#"active eq "TRUE""#, true),
        ("active ne true", false),
        ("not (active eq true)", false),
        ("not(active eq false)", true),
        (r#"title pr and nickName pr or userName sw "b""#, true),
        (r#"userName sw "b" or title pr and nickName pr"#, true),
        (r#"(userName sw "b" or title pr) and nickName pr"#, false),
    ] {
        check(text, expect);
    }
    check(&format!(r#"{ENTERPRISE}:employeeNumber eq "701984""#), true);
    check(&format!(r#"{}:manager.value eq "26118915""#, ENTERPRISE.to_uppercase()), true);
    check(&format!(r#"{ENTERPRISE}:manager eq "26118915""#), true);
    check(&format!(r#"{MUSTER}:validTo gt "2029-12-31T23:59:59Z""#), true);
    check(&format!(r#"{MUSTER}:validTo eq "2030-01-01T01:00:00+01:00""#), true);
    check(&format!("{MUSTER}:validFrom pr"), false);
}

#[test]
fn literals_without_quotes() {
    check("userName eq bjensen@example.com", true);
    check("userName eq bjensen@example.com and active eq True", true);
    check("externalId eq B-1", true);
    check("emails[type eq work].value eq babs@jensen.org", false);
}

#[test]
fn refusals() {
    for (text, words) in [
        ("", "character 1"),
        ("   ", "the name of an attribute"),
        ("userName", "an operator"),
        ("userName eq", "a text in quotes"),
        ("userName zz \"a\"", "character 10"),
        ("nickNam pr", "nickName"),
        ("department pr", "extension:enterprise"),
        ("name.given pr", "name.given"),
        ("userName eq 5", "a text in quotes"),
        ("userName gt true", "a text in quotes"),
        ("active gt true", "fits active"),
        ("active co \"t\"", "boolean"),
        ("active eq \"maybe\"", "true or false"),
        ("x509Certificates.value gt \"a\"", "binary"),
        ("meta.created gt \"yesterday\"", "dateTime"),
        ("userName gt null", "a text in quotes"),
        ("name eq \"x\"", "sub-attribute"),
        ("addresses co \"x\"", "sub-attribute"),
        ("userName pr title pr", "character 13"),
        ("userName eq \"a\" \"b\"", "\"and\""),
        ("(userName pr", "\")\""),
        ("userName pr)", "found \")\""),
        ("emails[type eq \"work\"", "\"]\""),
        ("emails[]", "name of an attribute"),
        ("emails[foo pr]", "a sub-attribute of emails"),
        ("emails[type eq \"a\"].foo pr", "sub-attribute"),
        ("emails[value[type pr]]", "complex"),
        ("userName[value pr]", "complex"),
        ("not userName pr", "attribute"),
        ("not (userName pr", "\")\""),
        ("userName eq \"abc", "closing quote"),
        ("userName eq \"\\q\"", "escapes"),
        ("and userName pr", "attribute"),
        ("userName pr and", "found the end"),
        ("urn:x:y:userName pr", "urn:x:y:userName"),
    ] {
        let error = Filter::parse(text, users()).expect_err(text);
        assert_eq!(error.kind, ErrorKind::InvalidFilter, "{text}");
        assert!(error.detail.contains(words), "{text}: {error}");
    }
}

#[test]
fn bounds() {
    let nested = |depth: usize| format!("{}title pr{}", "(".repeat(depth), ")".repeat(depth));
    let refused = |text: &str| Filter::parse(text, users()).expect_err("too much").kind;
    Filter::parse(&nested(64), users()).expect("as deep as is allowed");
    for depth in [65, 1_000, 100_000] {
        assert_eq!(refused(&nested(depth)), ErrorKind::InvalidFilter);
        assert_eq!(refused(&"not (".repeat(depth)), ErrorKind::InvalidFilter);
        assert_eq!(refused(&"emails[".repeat(depth)), ErrorKind::InvalidFilter);
    }
    let chain = |terms: usize| vec!["title pr"; terms].join(" or ");
    Filter::parse(&chain(256), users()).expect("as long as is allowed");
    assert_eq!(refused(&chain(257)), ErrorKind::InvalidFilter);
    assert_eq!(refused(&format!("userName eq \"{}\"", "x".repeat(9_000))), ErrorKind::InvalidFilter);
}

/// Each hint as `key=text` or `key>=instant`.
#[track_caller]
fn alternatives(text: &str, expect: &[&[&str]]) {
    let filter = Filter::parse(text, if text.contains("members") { groups() } else { users() }).expect(text);
    let show = |hint: &Hint<'_>| match hint {
        Hint::Equal { key, text } => format!("{key}={text}"),
        Hint::Since { key, at } => format!("{key}>={at}"),
    };
    let got: Vec<Vec<String>> =
        filter.alternatives().iter().map(|hints| hints.iter().map(show).collect()).collect();
    assert_eq!(got, expect, "{text}");
}

#[test]
fn alternatives_for_look_ups() {
    alternatives(r#"UserName eq "X""#, &[&["username=X"]]);
    alternatives(
        r#"userName eq "a" or (userName eq "b" or emails eq "c")"#,
        &[&["username=a"], &["username=b"], &["emails.value=c"]],
    );
    alternatives(r#"emails[type eq "work"].value eq "x""#, &[&["emails.type=work", "emails.value=x"]]);
    alternatives(r#"id eq "g" and members eq "u""#, &[&["id=g", "members.value=u"]]);
    alternatives(r#"userName eq "a" or active eq true"#, &[&["username=a"], &[]]);
    alternatives(r#"active eq true and (userName eq "a" or userName eq "b")"#, &[&[]]);
    alternatives(r#"emails[value eq "a" or value eq "b"]"#, &[&[]]);
    alternatives(r#"not (userName eq "a" or userName eq "b")"#, &[&[]]);
    alternatives(r#"userName ne "a" and userName co "b" and title eq null"#, &[&[]]);
    for operator in ["gt", "ge", "eq"] {
        let text = format!(r#"meta.lastModified {operator} "2026-01-31T09:30:00+01:00" and userName sw "a""#);
        alternatives(&text, &[&["meta.lastmodified>=2026-01-31T08:30:00Z"]]);
    }
    alternatives(
        r#"meta[lastModified gt "2026-01-31T08:30:00Z"]"#,
        &[&["meta.lastmodified>=2026-01-31T08:30:00Z"]],
    );
    alternatives(r#"meta.lastModified lt "2026-01-31T08:30:00Z""#, &[&[]]);
    alternatives(r#"meta.lastModified sw "2026-01""#, &[&[]]);
    let key = format!("{}:employeenumber", ENTERPRISE.to_lowercase());
    alternatives(&format!(r#"{ENTERPRISE}:employeeNumber eq "7""#), &[&[&format!("{key}=7")]]);
}

#[test]
fn a_store_learns_what_to_read() {
    let filter =
        Filter::parse(r#"displayName eq "x" and not (members[value eq "u"])"#, groups()).expect("valid");
    assert_eq!(filter.members(), ["displayName", "members"]);
    let text = format!("{ENTERPRISE}:department pr or title pr");
    assert_eq!(Filter::parse(&text, users()).expect("valid").members(), [ENTERPRISE, "title"]);
}

/// RFC 7644 section 3.4.2.1: what a type does not have is an attribute without a value.
#[test]
fn attributes_of_another_type() {
    let group = stored(groups(), json!({"displayName": "Staff"}));
    let types = REGISTRY.resource_types();
    for (text, matches) in [
        ("userName eq \"x\"", false),
        ("userName pr", false),
        ("not (userName pr)", true),
        ("userName ne \"x\"", true),
        ("userName eq \"x\" or displayName eq \"staff\"", true),
        ("emails[type eq \"work\"].value pr or displayName pr", true),
        ("userName pr and displayName pr", false),
    ] {
        assert_eq!(Filter::parse(text, groups()).map_err(|error| error.kind), Err(ErrorKind::InvalidFilter));
        let filter = Filter::parse_beside(text, groups(), types).expect(text);
        assert_eq!(filter.matches(&group), matches, "{text}");
    }
    assert!(Filter::parse_beside("shoeSize pr", groups(), types).is_err());
    assert!(Filter::parse_beside("password pr", groups(), types).is_err());
}

#[test]
fn which_elements_are_asked_for() {
    for (text, expect) in [
        (r#"members eq "a""#, Some(vec!["a"])),
        (r#"members.value eq "a" or not (members[value eq "b"])"#, Some(vec!["a", "b"])),
        (r#"id eq "g" and members eq "u""#, Some(vec!["u"])),
        (r#"displayName eq "x""#, Some(vec![])),
        ("members pr", None),
        (r#"members ne "a""#, None),
        (r#"members.type eq "User""#, None),
        (r#"members[value eq "a" and type eq "User"]"#, None),
        (r#"members eq "a" and members.display sw "b""#, None),
        ("members eq null", None),
    ] {
        let filter = Filter::parse(text, groups()).expect(text);
        assert_eq!(filter.values_named("members"), expect, "{text}");
    }
}
