//! Reports: what stands in them, and that a mended copy can be sent back.

use domain::import::problem::{Code, Problem};
use domain::import::report::ReportWriter;

use super::{Setting, read};

fn report(file: &str) -> String {
    let read = read(file.as_bytes(), &Setting::default()).unwrap();
    let layout = read.rows[0].layout();
    let mut report = ReportWriter::new(Vec::new(), Some(layout)).unwrap();
    for problem in &read.warnings {
        report.file(problem).unwrap();
    }
    for row in read.rows.iter().filter(|row| !row.problems().is_empty()) {
        report.row(row.line(), row.fields(), row.problems()).unwrap();
    }
    String::from_utf8(report.finish().unwrap()).unwrap()
}

#[test]
fn the_original_columns_come_first_and_nothing_is_a_formula() {
    let written =
        report("status,mail,lastName,phone\nactive,a@acme.example,=A,+49\nx,b@acme.example,@B,-1\n");
    let expected = "status,mail,lastName,phone,_line,_column,_code,_problem,_remedy\n\
        ,,,,1,,column-ignored,\"Columns that Muster does not know were ignored: \"\"phone\"\".\",\
        \"Nothing, or map them in the configuration if they were meant to be imported.\"\n\
        x,b@acme.example,'@B,'-1,3,status,status-invalid,\"The status is neither active nor inactive: \"\"x\"\".\",\
        Write active or inactive.\n";
    assert_eq!(written, expected);
}

#[test]
fn a_mended_copy_is_read_as_the_file_was() {
    for (bom, delimiter, end) in [("", ",", "\n"), ("\u{FEFF}", ";", "\r\n")] {
        let file = "status,mail,lastName,spCustomAttribute1,phone\n\
                    x,a@acme.example,=A,'=b,'+49\n\
                    active,b@acme.example,B,c,\n";
        let file = format!("{bom}{}", file.replace(',', delimiter).replace('\n', end));
        let first = report(&file);
        assert!(first.starts_with(bom) && first.ends_with(end));
        let mended = first.replacen(&format!("{end}x"), &format!("{end}active"), 1);
        let again = read(mended.as_bytes(), &Setting::default()).unwrap();
        assert_eq!(again.counts.accepted, 1, "{mended}");
        let fields: Vec<&str> = again.rows[0].fields().collect();
        assert_eq!(fields, ["active", "a@acme.example", "=A", "'=b", "'+49"]);
        assert_eq!(again.warnings.len(), 1, "the report's own columns are no surprise");
        // The row stands one line lower in it, below what was said about the file.
        let (before, after) =
            (format!("{delimiter}2{delimiter}status"), format!("{delimiter}3{delimiter}status"));
        assert_eq!(
            report(&first),
            first.replace(&before, &after),
            "a report of a report has its columns once"
        );
    }
}

#[test]
fn a_delimiter_that_only_the_file_names_is_named_in_the_report() {
    let first = report("sep=^\nstatus^mail^lastName\nx^a@acme.example^A\n");
    assert!(first.starts_with("sep=^\nstatus^mail^lastName^_line"), "{first}");
    let again = read(first.replace("\nx^", "\nactive^").as_bytes(), &Setting::default()).unwrap();
    assert_eq!(again.counts.accepted, 1);
}

#[test]
fn several_problems_stand_in_one_row_and_a_refused_file_has_a_report_too() {
    let written = report("status,mail,lastName\nx,a,\n");
    assert!(
        written.contains("2,status; mail; lastName,status-invalid; mail-invalid; last-name-missing,"),
        "{written}"
    );
    let mut report = ReportWriter::new(Vec::new(), None).unwrap();
    report.file(&Problem::of_file(Code::FileEmpty)).unwrap();
    let written = String::from_utf8(report.finish().unwrap()).unwrap();
    assert!(
        written.starts_with("_line,_column,_code,_problem,_remedy\n,,file-empty,The file is empty.,"),
        "{written}"
    );
}
