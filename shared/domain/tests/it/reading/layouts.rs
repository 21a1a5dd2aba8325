//! What stands around the table: titles, a separator's name, totals.

use domain::import::read::Outcome::{self, Accepted, Rejected};

use domain::import::format::Format;
use domain::import::mapping::Mapping;
use domain::import::report::ReportWriter;
use domain::import::rules::Rules;
use domain::import::template::template;

use super::{Setting, read};

/// Rows, warnings with their lines, and doubts.
#[track_caller]
fn check(file: &str, format: &str, rows: &[(u64, Outcome)], warnings: &[(u64, &str)], doubts: &str) {
    let read = read(file.as_bytes(), &Setting::of(format, "{}")).unwrap();
    let told: Vec<_> = read.rows.iter().map(|row| (row.line(), row.outcome())).collect();
    let warned: Vec<_> = read.warnings.iter().map(|problem| (problem.line, problem.code.as_str())).collect();
    assert_eq!(
        (told.as_slice(), warned.as_slice(), read.doubted().as_str()),
        (rows, warnings, doubts),
        "{file:?}"
    );
}

#[track_caller]
fn refused(file: &str, format: &str, line: u64, code: &str) {
    let problem = read(file.as_bytes(), &Setting::of(format, "{}")).err().unwrap();
    assert_eq!((problem.line, problem.code.as_str()), (line, code), "{file:?}");
}

#[test]
fn a_first_line_names_the_separator() {
    let semicolons = "status;mail;lastName\r\nactive;a@acme.example;A\r\n";
    check(&format!("sep=;\r\n{semicolons}"), "{}", &[(3, Accepted)], &[], "");
    check(&format!("\u{FEFF}SEP=;\r\n{semicolons}"), "{}", &[(3, Accepted)], &[], "");
    check(&format!("\"sep=;\"\r\n{semicolons}"), "{}", &[(3, Accepted)], &[], "");
    check(&format!("sep=;\r\n{semicolons}"), r#"{"skip_lines":1}"#, &[(3, Accepted)], &[], "");
    check("sep=^\nstatus^mail^lastName\nactive^a@acme.example^A\n", "{}", &[(3, Accepted)], &[], "");
    // What is configured goes before; a contradiction is one clear problem.
    check(&format!("sep=,\n{semicolons}"), r#"{"delimiter":";"}"#, &[(3, Accepted)], &[], "");
    refused(&format!("sep=,\n{semicolons}"), "{}", 2, "delimiter-unclear");
    refused(&format!("\n\n{semicolons}"), r#"{"delimiter":","}"#, 3, "delimiter-unclear");
}

#[test]
fn titles_above_the_header_are_passed_over_where_the_header_is_certain() {
    let table = "status,mail,lastName\nactive,a@acme.example,A\n";
    let warned = |line| [(line, "lines-above-header")];
    check(&format!("Users\n{table}"), "{}", &[(3, Accepted)], &warned(1), "");
    check(&format!("\n\"Users, \"\"all\"\"\",,\n\nby Ann\n{table}"), "{}", &[(6, Accepted)], &warned(2), "");
    check(&format!("sep=,\n\"open\n{table}"), "{}", &[(4, Accepted)], &warned(2), "");
    check(&format!("{}{table}", "title\n".repeat(19)), "{}", &[(21, Accepted)], &warned(1), "");
    refused(&format!("{}{table}", "title\n".repeat(20)), "{}", 1, "column-missing");
    // Without a line that is the header for certain, the first one is.
    refused("Users\nstatus,mail\n", "{}", 1, "column-missing");
    check(table, "{}", &[(2, Accepted)], &[], "");
}

#[test]
fn what_stands_below_the_table_is_left_out() {
    let table = "status,mail,lastName,uid\r\nactive,a@acme.example,A,1\r\n";
    let rows = [(2, Accepted)];
    let warned = |line| [(line, "lines-below-table")];
    for below in
        ["Total: 3", "-- end of report --", "\u{1A}\r\n", "3 rows\r\n", "Total,3,,\r\n", "\r\nTotal:,,,\r\n"]
    {
        let line = if below.starts_with('\r') { 4 } else { 3 };
        check(&format!("{table}{below}"), "{}", &rows, &warned(line), "");
    }
    check(&format!("{table}\u{1A}"), "{}", &rows, &warned(0), "");
    check(table.trim_end(), "{}", &rows, &[], "");
    check(&format!("{}\u{1A}\u{1A}", table.trim_end()), "{}", &rows, &warned(0), "");
    check(&format!("{table}----\r\nTotal: 1\r\n\r\nEnd\r\n"), "{}", &rows, &warned(3), "");
    // Many of them are no note, and neither is what stands between rows.
    let many = format!("{table}{}", "Total\r\n".repeat(11));
    let told: Vec<_> = rows.into_iter().chain((3..14).map(|line| (line, Rejected))).collect();
    check(&many, "{}", &told, &[(3, "doubt-ragged")], "doubt-ragged");
    // Somebody may be called so.
    check(&format!("{table},,End,7\r\n"), "{}", &[(2, Accepted), (3, Rejected)], &[], "");
}

#[test]
fn an_end_in_the_middle_is_a_doubt() {
    let table = "status,mail,lastName\nactive,a@acme.example,A\n".to_owned() + &"active,,\n".repeat(20);
    let rows: Vec<_> = [(2, Accepted)].into_iter().chain((3..23).map(|line| (line, Rejected))).collect();
    let cut: Vec<_> = rows.iter().copied().chain([(23, Rejected)]).collect();
    let doubt = [(23, "doubt-truncated")];
    check(&format!("{table}active,b@acme"), "{}", &cut, &doubt, "doubt-truncated");
    check(&format!("{table}act"), "{}", &cut, &doubt, "doubt-truncated");
    // A message below the table may be why it ends there.
    let warned = [(23, "lines-below-table"), (23, "doubt-truncated")];
    check(&format!("{table}Connection lost\n"), "{}", &rows, &warned, "doubt-truncated");
}

#[test]
fn the_order_of_the_template_may_be_demanded() {
    let setting = |columns: &str| {
        let format = format!(r#"{{"columns":"{columns}","delimiter":";"}}"#);
        Setting::of(&format, r#"{"=Mail":"mail","Größe":"lastName"}"#)
    };
    let ordered = setting("template-order");
    let header = template(&ordered.format, &ordered.mapping, &Rules::default());
    let row = "active;;a@acme.example;;Keller;;;;;;;;;;;;;\r\n";
    let told = read(format!("{header}{row}").as_bytes(), &ordered).unwrap().told();
    assert_eq!(told, [(2, Accepted, String::new())], "the template itself is taken");
    assert!(
        read(format!("{}{row}", header.to_ascii_uppercase()).as_bytes(), &ordered).is_ok(),
        "case means nothing"
    );
    let exchanged = header.replace("status;loginName", "loginName;status");
    let problem = read(exchanged.as_bytes(), &ordered).err().unwrap();
    assert_eq!((problem.line, problem.code.as_str()), (1, "column-order"));
    for shown in
        ["the template has \"status\", \"loginName\", \"=Mail\"", "the file has \"loginName\", \"status\""]
    {
        assert!(problem.text.contains(shown), "{}", problem.text);
    }
    let fewer = read(b"status;=Mail;Gr\xC3\xB6\xC3\x9Fe\r\n", &ordered).err().unwrap();
    assert_eq!(fewer.code.as_str(), "column-order");
    assert!(read(exchanged.as_bytes(), &setting("by-name")).is_ok());
    // A report has five columns more, and is in order.
    let first = read(format!("{header}{}", row.replace("active", "x")).as_bytes(), &ordered).unwrap();
    let mut report = ReportWriter::new(Vec::new(), Some(first.rows[0].layout())).unwrap();
    report.row(2, first.rows[0].fields(), first.rows[0].problems()).unwrap();
    let mended = String::from_utf8(report.finish().unwrap()).unwrap().replace("\nx;", "\nactive;");
    assert_eq!(read(mended.as_bytes(), &ordered).unwrap().counts.accepted, 1, "{mended}");
}

#[test]
fn a_template_is_a_file_without_rows() {
    let (format, mapping, rules) = (Format::default(), Mapping::default(), Rules::default());
    let text = template(&format, &mapping, &rules);
    check(&text, "{}", &[], &[(0, "file-without-rows")], "file-without-rows");
}
