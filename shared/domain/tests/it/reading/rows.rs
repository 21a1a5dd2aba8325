//! Rows: their lines, their fields, their values.

use domain::import::desired::Cell;
use domain::import::mapping::Target;
use domain::import::read::Outcome::{Accepted, Ignored, Rejected};
use domain::import::read::{Counts, Outcome};

use super::{Setting, read};

#[track_caller]
fn check(file: &str, expected: &[(u64, Outcome, &str)]) {
    let told = read(file.as_bytes(), &Setting::default()).unwrap().told();
    let told: Vec<_> = told.iter().map(|(line, outcome, codes)| (*line, *outcome, codes.as_str())).collect();
    assert_eq!(told, expected, "{file:?}");
}

#[test]
fn lines_are_physical_whatever_ends_them() {
    let rows = "status,mail,lastName~~active,a@acme.example,A~active,b@acme.example,\"B~b\"~,,~bad~active,c@acme.example,C";
    let expected = [
        (3, Accepted, ""),
        (4, Rejected, "control-character"),
        (7, Rejected, "row-ragged"),
        (8, Accepted, ""),
    ];
    for end in ["\n", "\r\n", "\r"] {
        check(&rows.replace('~', end), &expected);
        check(&(rows.replace('~', end) + end), &expected);
    }
    let mixed = "status,mail,lastName\r\n\ractive,a@acme.example,A\nactive,b@acme.example,\"B\rb\"\r\n,,\rbad\nactive,c@acme.example,C\r";
    check(mixed, &expected);
}

#[test]
fn blank_rows_are_counted_as_ignored() {
    let file = "status,mail,lastName\n\n,,\n  , ,\t\n\u{A0},,,,\nactive,a@acme.example,A\n";
    let read = read(file.as_bytes(), &Setting::default()).unwrap();
    assert_eq!(read.counts, Counts { rows: 5, accepted: 1, rejected: 0, ignored: 4 });
    assert!(read.doubts.is_empty());
}

#[test]
fn after_an_unclosed_quotation_mark_reading_goes_on_at_the_next_line() {
    let file = |row: &str| {
        format!("status,mail,lastName\n{row}\nactive,b@acme.example,\"Bo\"\nactive,c@acme.example,C\n")
    };
    for row in ["active,a@acme.example,\"A", "active,\"a@acme.example,A", "\"active,a@acme.example,A"] {
        let text = file(row);
        check(&text, &[(2, Rejected, "quote-unclosed"), (3, Accepted, ""), (4, Accepted, "")]);
        assert_eq!(read(text.as_bytes(), &Setting::default()).unwrap().doubted(), "doubt-open-quote");
    }
}

#[test]
fn extra_fields_must_be_empty() {
    check(
        "status,mail,lastName\nactive,a@acme.example,A,,\nactive,b@acme.example,B,x\nactive,c@acme.example\n",
        &[(2, Accepted, ""), (3, Rejected, "row-ragged"), (4, Rejected, "row-ragged")],
    );
}

#[test]
fn a_row_gives_all_that_is_wrong_with_it() {
    check(
        "status,mail,lastName\naktiv,ann,\n",
        &[(2, Rejected, "status-invalid mail-invalid last-name-missing")],
    );
}

#[test]
fn a_problem_names_line_column_and_remedy() {
    let setting = Setting::of("{}", r#"{"Work E-Mail": "mail"}"#);
    let read = read(b"status,lastName,work e-mail\nactive,Keller,ann\n", &setting).unwrap();
    let problem = &read.rows[0].problems()[0];
    assert_eq!((problem.line, problem.column.as_deref()), (2, Some("work e-mail")));
    assert_eq!(problem.text, "This is not a mail address: \"ann\".");
    assert!(problem.remedy.contains("ann@acme.example"));
    assert_eq!(problem.to_string(), "mail-invalid", "what may be logged holds no cell");
}

#[test]
fn rows_about_one_user_are_judged_together() {
    check(
        "status,loginName,mail,lastName,note\n\
         active,ann,ann@acme.example,A,1\n\
         active,ANN,other@acme.example,A,2\n\
         active,bob,bob@acme.example,B,3\n\
         active,bob,bob@acme.example,B,4\n\
         active,carl,carl@acme.example,C,5\n\
         active,c2,Carl@acme.example,C,6\n\
         active,,dora@acme.example,D,7\n\
         active,dora@acme.example,d@acme.example,D,8\n",
        &[
            (2, Rejected, "duplicate-user"),
            (3, Rejected, "duplicate-user"),
            (4, Accepted, ""),
            (5, Ignored, "duplicate-row"),
            (6, Rejected, "duplicate-user"),
            (7, Rejected, "duplicate-user"),
            (8, Rejected, "duplicate-user"),
            (9, Rejected, "duplicate-user"),
        ],
    );
    check(
        "status,uid,mail,lastName\nactive,7,a@acme.example,A\nactive,7,b@acme.example,A\n",
        &[(2, Rejected, "duplicate-user"), (3, Rejected, "duplicate-user")],
    );
}

#[track_caller]
fn cell(target: Target, field: &str, expected: Cell<'_>) {
    let header = format!("status,mail,lastName,{}", target.name());
    let file = format!("{header}\nactive,a@acme.example,A,\"{field}\"\n");
    let read = read(file.as_bytes(), &Setting::default()).unwrap();
    let row = &read.rows[0];
    assert_eq!(row.desired().unwrap_or_else(|| panic!("{:?}", row.problems())).cell(target), expected);
}

#[test]
fn values_are_kept_in_one_form() {
    use Cell::{Absent, Set};
    cell(Target::FirstName, "  Ann ", Set("Ann"));
    cell(Target::FirstName, "Zoe\u{308}", Set("Zoë"));
    cell(Target::FirstName, "An\u{200B}n", Set("Ann"));
    cell(Target::FirstName, "", Absent);
    cell(Target::Language, "DE", Set("de"));
    cell(Target::Language, "de", Set("de"));
    cell(Target::Language, "de_DE", Set("de-DE"));
    cell(Target::Language, "de-DE", Set("de-DE"));
    cell(Target::Language, "De", Absent);
    cell(Target::Language, "de-de", Absent);
    cell(Target::ValidTo, "20240229235959Z", Set("2024-02-29T23:59:59Z"));
    cell(Target::Custom1, "one\ntwo", Set("one\ntwo"));
    cell(Target::Uid, "=12E4 ü", Set("=12E4 ü"));
    cell(Target::Department, "Sales", Set("Sales"));
}

#[track_caller]
fn mail(address: &str, accepted: bool) {
    let file = format!("status,mail,lastName\nactive,\"{}\",A\n", address.replace('"', "\"\""));
    let read = read(file.as_bytes(), &Setting::default()).unwrap();
    assert_eq!(read.rows[0].outcome() == Accepted, accepted, "{address}");
}

#[test]
fn mail_addresses_are_plausible() {
    for address in
        ["a@b", "ann.o'neill+x@acme.example", "jörg@müller.example", "\"a@b\"@acme.example", "a@[192.0.2.1]"]
    {
        mail(address, true);
    }
    for address in [
        "@b",
        "a@",
        "a",
        "a@b@c",
        "a b@c",
        "Ann <a@b>",
        "a@b,c@d",
        "a@b..c",
        "a@.b",
        "a@b.",
        "\"\"@b",
        "mailto:a@b",
    ] {
        mail(address, false);
    }
}

#[test]
fn empty_cells_leave_or_clear() {
    let file = b"status,mail,lastName,firstName\nactive,a@acme.example,A,\n";
    for (format, expected) in [("{}", Cell::Absent), (r#"{"empty_cells":"clear"}"#, Cell::Clear)] {
        let read = read(file, &Setting::of(format, "{}")).unwrap();
        assert_eq!(read.rows[0].desired().unwrap().cell(Target::FirstName), expected);
        assert_eq!(read.rows[0].desired().unwrap().cell(Target::Title), Cell::Absent);
    }
}

#[test]
fn byte_order_marks_title_lines_and_delimiters_are_seen_through() {
    let rows = "status~mail~lastName\nactive~a@acme.example~\"A~B\"\n";
    for delimiter in [",", ";", "\t", "|"] {
        for before in ["", "\u{FEFF}", "\u{FEFF}\u{FEFF}"] {
            let file = format!("{before}{}", rows.replace('~', delimiter));
            let read = read(file.as_bytes(), &Setting::default()).unwrap();
            let tab = delimiter == "\t";
            assert_eq!(read.rows[0].outcome(), if tab { Rejected } else { Accepted }, "{file:?}");
            assert_eq!(read.rows[0].fields().last(), Some(format!("A{delimiter}B").as_str()));
        }
    }
    let setting = Setting::of(r#"{"skip_lines":2,"delimiter":"^"}"#, "{}");
    let read = read(b"Users, \"today\n\nstatus^mail^lastName\nactive^a@acme.example^A\n", &setting).unwrap();
    assert_eq!(read.told(), [(4, Accepted, String::new())]);
}

#[test]
fn an_explicit_mapping_goes_before_a_columns_own_name() {
    let setting =
        Setting::of("{}", r#"{"work": "emails[type eq \"work\"].value", "Ｎａｍｅ": "name.familyName"}"#);
    let read =
        read(b"status,mail,WORK,name\nactive,old@acme.example,new@acme.example,N\n", &setting).unwrap();
    assert_eq!(read.rows[0].desired().unwrap().mail(), Some("new@acme.example"));
    assert_eq!(read.warnings.len(), 1, "the other column is told to be ignored");
}

#[test]
fn a_mapped_column_that_is_absent_refuses_the_file() {
    let problem =
        read(b"status,mail,lastName\n", &Setting::of("{}", r#"{"Vorname": "firstName"}"#)).err().unwrap();
    assert_eq!(problem.code.as_str(), "column-missing");
    assert!(problem.text.contains("Vorname"), "{}", problem.text);
}

#[track_caller]
fn named(header: &str, field: &str, clear: bool, cell: Cell<'_>, names: &[&str]) {
    let file = format!("status,mail,lastName,{header}\nactive,a@acme.example,A,\"{field}\"\n");
    let format = if clear { r#"{"empty_cells":"clear"}"# } else { "{}" };
    let read = read(file.as_bytes(), &Setting::of(format, "{}")).unwrap();
    let desired = read.rows[0].desired().unwrap();
    let groups = header == "groups";
    assert_eq!(desired.cell(if groups { Target::Groups } else { Target::Roles }), cell);
    let found: Vec<&str> = if groups { desired.groups().collect() } else { desired.roles().collect() };
    assert_eq!(found, names);
}

#[test]
fn groups_and_roles_are_several_in_one_cell() {
    use Cell::{Absent, Clear, Set};
    named("groups", "Sales, Berlin ,,sales", false, Set("Sales,Berlin"), &["Sales", "Berlin"]);
    named("groups", "a|b", false, Set("a|b"), &["a|b"]);
    named("role", "User | Administrator|user|", false, Set("User|Administrator"), &["User", "Administrator"]);
    named("Roles", "User", false, Set("User"), &["User"]);
    named("role", " | ", false, Absent, &[]);
    named("groups", ",", true, Clear, &[]);
    named("groups", "", true, Clear, &[]);
}

#[test]
fn values_mean_what_the_mapping_says() {
    let mapping = r#"{"State": {"target": "status", "values": {"A": "active", "": "inactive"}, "otherwise": "inactive"},
        "Lang": {"target": "language", "values": {"German": "DE", "none": ""}}}"#;
    let file = "State,mail,lastName,Lang\n\
                 a ,a@acme.example,A,german\n\
                 A,b@acme.example,B,german\n\
                 ,c@acme.example,C,none\n\
                 X,d@acme.example,D,fr\n";
    let read = read(file.as_bytes(), &Setting::of("{}", mapping)).unwrap();
    let told: Vec<_> = read
        .rows
        .iter()
        .map(|row| row.desired().unwrap_or_else(|| panic!("{:?}", row.problems())))
        .map(|desired| (desired.active().unwrap(), desired.cell(Target::Language).value().unwrap_or("-")))
        .collect();
    assert_eq!(told, [(true, "de"), (true, "de"), (false, "-"), (false, "fr")]);
}

#[test]
fn identifiers_are_compared_by_what_they_mean() {
    let mapping = r#"{"uid": {"target": "uid", "values": {"one": "1"}}}"#;
    let file = "status,mail,lastName,uid\nactive,a@acme.example,A,one\nactive,b@acme.example,B,1\n";
    let told = read(file.as_bytes(), &Setting::of("{}", mapping)).unwrap().told();
    assert_eq!(told.iter().map(|(_, _, codes)| codes.as_str()).collect::<Vec<_>>(), ["duplicate-user"; 2]);
}
