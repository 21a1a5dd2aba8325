//! Files as they should not be, each with the report that it gets, or the words with which it is refused.
//!
//! A report is written here without its last column, the remedy, which follows from the code.

use domain::import::problem::Code;
use domain::import::report::ReportWriter;

use super::preparing::{gzip, utf_16, zip};
use super::{Setting, read};

/// The report of a file: what is to be said about it as a whole, then its rows with problems.
fn report(file: &[u8], setting: &Setting) -> String {
    let read = read(file, setting).unwrap();
    let layout = read.rows.first().map(domain::import::read::RowBuffer::layout);
    let mut report = ReportWriter::new(Vec::new(), layout).unwrap();
    for problem in &read.warnings {
        report.file(problem).unwrap();
    }
    for row in read.rows.iter().filter(|row| !row.problems().is_empty()) {
        report.row(row.line(), row.fields(), row.problems()).unwrap();
    }
    String::from_utf8(report.finish().unwrap()).unwrap()
}

/// The report in full: each line with the remedies of its codes.
fn in_full(lines: &[&str], delimiter: u8, end: &str) -> String {
    let terminator = if end == "\r\n" { csv::Terminator::CRLF } else { csv::Terminator::Any(b'\n') };
    let mut writer =
        csv::WriterBuilder::new().delimiter(delimiter).terminator(terminator).from_writer(Vec::new());
    for line in lines {
        let mut reader =
            csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).from_reader(line.as_bytes());
        let mut record = reader.records().next().unwrap().unwrap();
        // Before the last one stands the code.
        let codes = record.get(record.len() - 2).unwrap();
        let remedies: Vec<String> = codes.split("; ").map(remedy).collect();
        record.push_field(&remedies.join(" "));
        writer.write_record(&record).unwrap();
    }
    String::from_utf8(writer.into_inner().unwrap()).unwrap()
}

/// The remedy of a code; the name of the column in the header.
fn remedy(code: &str) -> String {
    match Code::ALL.iter().find(|known| known.as_str() == code) {
        Some(code) => format!("{}.", code.remedy()),
        None => code.replace("_code", "_remedy"),
    }
}

/// Reads as configured, and compares the whole report.
#[track_caller]
fn check_as(setting: &Setting, file: &[u8], start: &str, delimiter: u8, end: &str, lines: &[&str]) {
    let found = report(file, setting);
    let expected = format!("{start}{}", in_full(lines, delimiter, end));
    assert_eq!(found, expected, "\n{found}");
}

#[track_caller]
fn check(file: &str, lines: &[&str]) {
    check_as(&Setting::default(), file.as_bytes(), "", b',', "\n", lines);
}

#[track_caller]
fn refused(file: &[u8], line: u64, code: &str, text: &str) {
    refused_as(&Setting::default(), file, line, code, text);
}

#[track_caller]
fn refused_as(setting: &Setting, file: &[u8], line: u64, code: &str, text: &str) {
    let problem = read(file, setting).err().unwrap();
    assert_eq!((problem.line, problem.code.as_str(), problem.text.as_str()), (line, code, text));
}

const HEAD: &str = "status,mail,lastName,_line,_column,_code,_problem";
const BAD: &str = "status,mail,lastName\nactive,a@acme.example,Müller\naktiv,b@acme.example,Łódź\n";
const LODZ: &str = "aktiv,b@acme.example,Łódź,3,status,status-invalid,\
    \"The status is neither active nor inactive: \"\"aktiv\"\".\"";

#[test]
fn marks_and_line_ends() {
    let lines = [HEAD, LODZ];
    let setting = Setting::default();
    check(BAD, &lines);
    for marks in ["\u{FEFF}", "\u{FEFF}\u{FEFF}"] {
        check_as(&setting, format!("{marks}{BAD}").as_bytes(), "\u{FEFF}", b',', "\n", &lines);
    }
    check_as(&setting, BAD.replace('\n', "\r\n").as_bytes(), "", b',', "\r\n", &lines);
    // A report with CR alone would be read by few programs.
    check(&BAD.replace('\n', "\r"), &lines);
    check(&BAD.replacen('\n', "\r", 1), &lines);
    check_as(&setting, BAD.replacen('\n', "\r\n", 1).as_bytes(), "", b',', "\r\n", &lines);
}

#[test]
fn encodings() {
    let lines = [HEAD, LODZ];
    let setting = Setting::default();
    let high: Vec<u8> = utf_16(BAD).chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect();
    // What was turned into UTF-8 is reported with a mark, by which spreadsheet programs know it.
    for file in [utf_16(BAD), utf_16(&format!("\u{FEFF}{BAD}")), high, gzip(&utf_16(BAD))] {
        check_as(&setting, &file, "\u{FEFF}", b',', "\n", &lines);
    }
    for file in [gzip(BAD.as_bytes()), zip(&[("people.csv", BAD.as_bytes()), ("__MACOSX/a", b"")], false)] {
        check_as(&setting, &file, "", b',', "\n", &lines);
    }
    for (label, name) in [
        ("windows-1252", "Müller"),
        ("windows-1250", "Łódź"),
        ("windows-1251", "Иванова"),
        ("shift_jis", "山田"),
        ("gbk", "王芳"),
    ] {
        let text = format!("status,mail,lastName\naktiv,b@acme.example,{name}\n");
        let file = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap().encode(&text).0;
        let bad = format!(
            "aktiv,b@acme.example,{name},2,status,status-invalid,\"The status is neither active nor inactive: \"\"aktiv\"\".\""
        );
        let pinned = Setting::of(&format!(r#"{{"encoding":"{label}"}}"#), "{}");
        check_as(&pinned, &file, "\u{FEFF}", b',', "\n", &[HEAD, &bad]);
    }
    check_as(
        &setting,
        b"status,mail,lastName\nactive,b@acme.example,M\xFCller\n",
        "\u{FEFF}",
        b',',
        "\n",
        &[
            HEAD,
            ",,,,,encoding-guessed,\"The file does not say how its letters are written, so this was guessed: windows-1252.\"",
        ],
    );
    let pinned = Setting::of(r#"{"encoding":"utf-8"}"#, "{}");
    check_as(
        &pinned,
        b"status,mail,lastName\nactive,b@acme.example,M\xFCller\n",
        "",
        b',',
        "\n",
        &[
            HEAD,
            ",,,2,,doubt-undecodable,\"Some bytes are no letters in the file's encoding, so nobody is removed because of this file: line 2.\"",
            "active,b@acme.example,M�ller,2,,row-not-utf-8,The row is not UTF-8 text.",
        ],
    );
    check_as(
        &setting,
        &[utf_16("status,mail,lastName\nactive,b@acme.example,B"), vec![0, 0xD8], utf_16("\n")].concat(),
        "\u{FEFF}",
        b',',
        "\n",
        &[
            HEAD,
            ",,,2,,doubt-undecodable,\"Some bytes are no letters in the file's encoding, so nobody is removed because of this file: line 2.\"",
            "active,b@acme.example,B��,2,,row-undecodable,The row holds bytes that are no letters in the file's encoding.",
        ],
    );
    refused_as(
        &pinned,
        &[b"status,mail,lastName\n".to_vec(), b"active,b@acme.example,M\xFCller\n".repeat(11)].concat(),
        0,
        "file-not-utf-8",
        "The file is not UTF-8 text.",
    );
}

#[test]
fn separators() {
    for (delimiter, format) in [(b';', "{}"), (b'\t', "{}"), (b'|', "{}"), (b'^', r#"{"delimiter":"^"}"#)] {
        let with = |text: &str| text.replace(',', &char::from(delimiter).to_string());
        let file = with("status,mail,lastName\naktiv,b@acme.example,B\n");
        let lines = [
            with(HEAD),
            with(
                "aktiv,b@acme.example,B,2,status,status-invalid,\"The status is neither active nor inactive: \"\"aktiv\"\".\"",
            ),
        ];
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        check_as(&Setting::of(format, "{}"), file.as_bytes(), "", delimiter, "\n", &lines);
    }
    refused(
        b"status;mail;lastName\nactive,a@acme.example,A\n",
        1,
        "delimiter-unclear",
        "It is not clear what separates the columns: the header has semicolons, the rows have commas.",
    );
    refused_as(
        &Setting::of(r#"{"delimiter":","}"#, "{}"),
        b"status;mail;lastName\nactive;a@acme.example;A\n",
        1,
        "delimiter-unclear",
        "It is not clear what separates the columns: the configuration says commas, the header has semicolons.",
    );
    refused(
        b"sep=,\nstatus;mail;lastName\nactive;a@acme.example;A\n",
        2,
        "delimiter-unclear",
        "It is not clear what separates the columns: the first line says commas, the header has semicolons.",
    );
}

#[test]
fn around_the_table() {
    check(
        "sep=,\nUsers of today\n\nstatus,mail,lastName\nactive,a@acme.example,A\nx,b@acme.example,B\nTotal: 2\n\u{1A}",
        &[
            HEAD,
            ",,,2,,lines-above-header,Lines above the header were left out: lines 2 to 3.",
            ",,,7,,lines-below-table,\"Lines below the table were left out: line 7, \"\"Total: 2\"\".\"",
            "x,b@acme.example,B,6,status,status-invalid,\"The status is neither active nor inactive: \"\"x\"\".\"",
        ],
    );
    check(
        "status,mail,lastName\nactive,a@acme.example,A\n\n,,\n , ,\nx,b@acme.example,B\n",
        &[
            HEAD,
            "x,b@acme.example,B,6,status,status-invalid,\"The status is neither active nor inactive: \"\"x\"\".\"",
        ],
    );
    check(
        "status,mail,lastName\nactive,a@acme.example,A\nConnection lost\n",
        &[
            HEAD,
            ",,,3,,lines-below-table,\"Lines below the table were left out: line 3, \"\"Connection lost\"\".\"",
            ",,,3,,doubt-truncated,\"The file ends in the middle of a row or with a line that is none, so nobody is removed because of this file: line 3.\"",
        ],
    );
    check(
        "status,mail,lastName\nactive,a@acme.example,A\nactive,b@ac",
        &[
            HEAD,
            ",,,3,,doubt-ragged,\"More than one row of ten has another number of fields than the header, so nobody is removed because of this file: line 3.\"",
            ",,,3,,doubt-truncated,\"The file ends in the middle of a row or with a line that is none, so nobody is removed because of this file: line 3.\"",
            "active,b@ac,,3,,row-ragged,\"The row has another number of fields than the header: it has 2, the header 3.\"",
        ],
    );
    check(
        "status,mail,lastName\n",
        &["_line,_column,_code,_problem", ",,file-without-rows,The file has a header and no rows."],
    );
    refused(b"", 0, "file-empty", "The file is empty.");
    refused(b"\xEF\xBB\xBF\r\n\r\n", 0, "file-empty", "The file is empty.");
}

#[test]
fn shapes_of_rows() {
    check(
        "status,mail,lastName\nactive,a@acme.example\nactive,b@acme.example,B,,\nactive,c@acme.example,C,D\n",
        &[
            HEAD,
            ",,,2,,doubt-ragged,\"More than one row of ten has another number of fields than the header, so nobody is removed because of this file: 2 rows, the first on line 2.\"",
            "active,a@acme.example,,2,,row-ragged,\"The row has another number of fields than the header: it has 2, the header 3.\"",
            "active,c@acme.example,C,4,,row-ragged,\"The row has another number of fields than the header: it has 4, the header 3.\"",
        ],
    );
    check(
        "status,mail,lastName\nactive,a@acme.example,5\" pipe\nactive,b@acme.example,\"B\"x\nactive, \"c@acme.example\",C\nactive,d@acme.example,\"D \\\"E\\\" F\"\n",
        &[
            HEAD,
            "active,b@acme.example,Bx,3,lastName,quote-stray,Text follows the closing quotation mark of a field; both parts were taken.",
            "active,\" \"\"c@acme.example\"\"\",C,4,mail,quote-misplaced,A quotation mark stands in the wrong place.",
            "active,d@acme.example,\"D \\E\\\"\" F\"\"\",5,lastName,quote-misplaced,A quotation mark stands in the wrong place.",
        ],
    );
    check(
        "status,mail,lastName\nactive,a@acme.example,\"A\nactive,b@acme.example,B\nactive,c@acme.example,\"C\"\n",
        &[
            HEAD,
            ",,,2,,doubt-open-quote,\"A quotation mark or a field has no end, so nobody is removed because of this file: line 2.\"",
            "active,a@acme.example,A,2,lastName,quote-unclosed,\"A quotation mark is opened and not closed, or a field runs over more than five line breaks.\"",
        ],
    );
    check(
        "status,mail,lastName\nactive,a@acme.example,\"A\n\n\n\n\n\n\"\nactive,b@acme.example,B\n",
        &[
            HEAD,
            ",,,2,,doubt-open-quote,\"A quotation mark or a field has no end, so nobody is removed because of this file: 2 rows, the first on line 2.\"",
            "active,a@acme.example,A,2,lastName,quote-unclosed,\"A quotation mark is opened and not closed, or a field runs over more than five line breaks.\"",
            ",,,8,status,quote-unclosed,\"A quotation mark is opened and not closed, or a field runs over more than five line breaks.\"",
        ],
    );
    check(
        "status,mail,lastName\nactive,a@acme.example,A\0B\nactive,b@acme.example,B\u{202E}C\u{200B}\nactive,c@acme.example,C\u{7}\nactive,d@acme.example,\u{A0}D\u{3000}\n",
        &[
            HEAD,
            ",,,2,,doubt-nul-bytes,\"The file contains NUL bytes, so nobody is removed because of this file: line 2.\"",
            "active,a@acme.example,A\0B,2,,nul-byte,The row contains a NUL byte.",
            "active,b@acme.example,B\u{202E}C\u{200B},3,lastName,characters-removed,\"Invisible characters were removed from the value: \"\"B\u{202E}C\u{200B}\"\".\"",
            "active,c@acme.example,C\u{7},4,lastName,control-character,\"The value contains a line break or another control character: \"\"C \"\".\"",
        ],
    );
    let columns: Vec<String> = (0..10_000).map(|column| format!("c{column}")).collect();
    refused(
        columns.join(",").as_bytes(),
        1,
        "header-unreadable",
        "The header line cannot be read: it has 10000 columns, and 1000 at most are read.",
    );
    refused(
        b"status,mail,\"lastName\nactive,a@acme.example,A\n",
        1,
        "header-unreadable",
        "The header line cannot be read.",
    );
}

#[test]
fn headers() {
    check(
        "Ｓｔａｔｕｓ, MAIL ,LASTNAME,shoe size\nactive,ann,A,\n",
        &[
            "Ｓｔａｔｕｓ,MAIL,LASTNAME,shoe size,_line,_column,_code,_problem",
            ",,,,1,,column-ignored,\"Columns that Muster does not know were ignored: \"\"shoe size\"\".\"",
            "active,ann,A,,2,MAIL,mail-invalid,\"This is not a mail address: \"\"ann\"\".\"",
        ],
    );
    refused(
        b"status,mail,lastName,E-Mail,mail\n",
        1,
        "column-duplicated",
        "Two columns mean the same: \"mail\".",
    );
    refused(
        b"state,mail,lastName\n",
        1,
        "column-missing",
        "A column that is needed is missing: \"status\"; the header has \"state\", \"mail\", \"lastName\".",
    );
    refused_as(
        &Setting::of("{}", r#"{"Work E-Mail":"mail"}"#),
        b"status,E-Mail,lastName\n",
        1,
        "column-missing",
        "A column that is needed is missing: the mapping names \"Work E-Mail\".",
    );
}

#[test]
fn values() {
    check(
        "status,uid,mail,lastName,validFrom\nactive,1.23E+11,a@acme.example,A,\nactive,2,b@acme.example,B,03/04/25\n",
        &[
            "status,uid,mail,lastName,validFrom,_line,_column,_code,_problem",
            "active,1.23E+11,a@acme.example,A,,2,uid,spreadsheet-notation,\"The identifier is in spreadsheet notation: \"\"1.23E+11\"\".\"",
            "active,2,b@acme.example,B,03/04/25,3,validFrom,valid-from-invalid,\"The start of validity is not a date as yyyyMMddHHmmssZ: \"\"03/04/25\"\".\"",
        ],
    );
    check(
        "status,mail,lastName\nactive,a@acme.example,A\nactive,a@acme.example,A\nactive,b@acme.example,B\nactive,B@acme.example,C\n",
        &[
            HEAD,
            "active,a@acme.example,A,3,,duplicate-row,An earlier row says exactly the same; this one was left out: line 2.",
            "active,b@acme.example,B,4,,duplicate-user,Another row is about the same user and says something else: line 5.",
            "active,B@acme.example,C,5,,duplicate-user,Another row is about the same user and says something else: line 4.",
        ],
    );
    check(
        "status,mail,lastName,phone\nx,a@acme.example,=1+1,+49\nx,b@acme.example,＠SUM,\"\tx\"\nx,c@acme.example,'=1,\"\rx\"\n",
        &[
            "status,mail,lastName,phone,_line,_column,_code,_problem",
            ",,,,1,,column-ignored,\"Columns that Muster does not know were ignored: \"\"phone\"\".\"",
            "x,a@acme.example,'=1+1,'+49,2,status,status-invalid,\"The status is neither active nor inactive: \"\"x\"\".\"",
            "x,b@acme.example,'＠SUM,'\tx,3,status,status-invalid,\"The status is neither active nor inactive: \"\"x\"\".\"",
            "x,c@acme.example,''=1,\"'\rx\",4,status,status-invalid,\"The status is neither active nor inactive: \"\"x\"\".\"",
        ],
    );
}

#[test]
fn no_tables() {
    refused(
        b"PK\x03\x04....[Content_Types].xml",
        0,
        "file-workbook",
        "The file is a spreadsheet workbook, whatever its name says.",
    );
    refused(
        b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1",
        0,
        "file-workbook",
        "The file is a spreadsheet workbook, whatever its name says.",
    );
    refused(
        b"<!DOCTYPE html><title>Sign in</title>",
        0,
        "file-html",
        "The file is a web page, whatever its name says.",
    );
    refused(b"%PDF-1.7", 0, "file-pdf", "The file is a PDF document, whatever its name says.");
    refused(b"-----BEGIN PGP MESSAGE-----", 0, "file-encrypted", "The file is encrypted with PGP.");
    refused(
        &zip(&[("a.csv", b""), ("b.csv", b"")], false),
        0,
        "archive-not-one-file",
        "The zip does not hold exactly one file: it holds 2: \"a.csv\", \"b.csv\".",
    );
    refused(&zip(&[("a.csv", b"")], true), 0, "archive-encrypted", "The zip is protected by a password.");
    refused(&gzip(BAD.as_bytes())[..40], 0, "archive-damaged", "The packed file is damaged or incomplete.");
    refused(&gzip(&gzip(BAD.as_bytes())), 0, "archive-nested", "The packed file holds a packed file.");
    refused(
        &gzip(&vec![b' '; 2 << 20]),
        0,
        "archive-too-large",
        "The packed file holds more than a hundred times its size, or more than 4 GB.",
    );
}
