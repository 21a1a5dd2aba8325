//! Reasons to remove nobody.

use super::{Setting, read};

#[track_caller]
fn check(rows: &[u8], doubts: &[(u64, &str)]) {
    let read = read(&[b"status,mail,lastName\n".as_slice(), rows].concat(), &Setting::default()).unwrap();
    let found: Vec<_> = read.doubts.iter().map(|problem| (problem.line, problem.code.as_str())).collect();
    assert_eq!(found, doubts, "{:?}", String::from_utf8_lossy(rows));
}

/// So many good rows, and these.
fn beside(good: usize, rows: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    for row in 0..good {
        file.extend(format!("active,u{row}@acme.example,Müller\n").bytes());
    }
    file.extend(rows);
    file
}

#[test]
fn a_good_file_leaves_no_doubt() {
    check(&beside(3, b""), &[]);
    check(&beside(3, b"\n,,\n"), &[]);
    check(&beside(3, b"active,b@acme.example,B"), &[]);
    check(&beside(3, b"nonsense,b,\n"), &[]);
}

#[test]
fn every_doubt_names_its_first_line() {
    check(b"\n", &[(0, "file-without-rows")]);
    check(b"Total: 0\n", &[(0, "file-without-rows")]);
    check(&beside(3, b"active,b@acme.example,\"B\n"), &[(5, "doubt-open-quote")]);
    let long = format!("active,b@acme.example,{}\n", "x".repeat(40_000));
    check(&beside(3, long.as_bytes()), &[(5, "doubt-open-quote")]);
    check(&beside(3, b"active,b@acme.example,M\xFCller\n"), &[(5, "doubt-undecodable")]);
    check(&beside(3, b"active,b@acme.example,\0\n"), &[(5, "doubt-nul-bytes")]);
    check(&beside(10, b"active,b@acme.example\n"), &[]);
    check(&beside(8, b"active,b@acme.example\n"), &[(10, "doubt-ragged")]);
    check(&beside(20, b"active,b@ac"), &[(22, "doubt-truncated")]);
    check(
        &beside(2, b"active,b@acme.example\nactive,b@acme.example,\"\0\nactive"),
        &[(5, "doubt-open-quote"), (5, "doubt-nul-bytes"), (4, "doubt-ragged"), (6, "doubt-truncated")],
    );
}

#[test]
fn a_doubt_counts_its_rows() {
    let read = read(b"status,mail,lastName\nactive,a\nactive,b\nactive,c\n", &Setting::default()).unwrap();
    assert!(read.doubts[0].text.ends_with(": 3 rows, the first on line 2."), "{}", read.doubts[0].text);
    assert_eq!(read.warnings, read.doubts);
}
