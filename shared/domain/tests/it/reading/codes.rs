//! Every code that reading can give has a file that gives it.

use std::collections::BTreeSet;

use domain::import::format::{Charset, Columns, Encoding};
use domain::import::problem::{Code, Severity};
use domain::tenant::{ExcludeList, ExcludeLists};

use super::preparing::{gzip, utf_16, zip};
use super::{Setting, read};

/// Codes of fetching and decrypting.
const OF_PULLS: &[Code] = &[
    Code::SftpNameUnknown,
    Code::SftpAddressForbidden,
    Code::SftpUnreachable,
    Code::SftpNotSsh,
    Code::SftpNoCommonAlgorithms,
    Code::SftpHostKeyUntrusted,
    Code::SftpHostKeyChanged,
    Code::SftpCredentialsMissing,
    Code::SftpKeyUnusable,
    Code::SftpCredentialsRefused,
    Code::SftpPaused,
    Code::SftpNotOffered,
    Code::SftpFolderMissing,
    Code::SftpDenied,
    Code::SftpTooManyFiles,
    Code::SftpFileMissing,
    Code::SftpNotAFile,
    Code::SftpFileUnfinished,
    Code::SftpMarkerWrong,
    Code::SftpFileTooLarge,
    Code::SftpTimedOut,
    Code::SftpBrokeOff,
    Code::SftpArchiveFailed,
    Code::FileOlder,
    Code::PgpNoKeys,
    Code::PgpNotEncrypted,
    Code::PgpForOthers,
    Code::PgpPassword,
    Code::PgpUnprotected,
    Code::PgpDamaged,
    Code::PgpNested,
    Code::PgpTooLarge,
    Code::PgpUnsupported,
    Code::PgpSignatureMissing,
    Code::PgpSignerUnknown,
    Code::PgpSignatureWrong,
    Code::SecretUnreadable,
];

/// Codes that only planning can give, because they depend on the users who are there.
const OF_PLANNING: &[Code] = &[
    Code::MailImmutable,
    Code::UserNameTaken,
    Code::MailTaken,
    Code::MatchAmbiguous,
    Code::ChangedSincePlan,
    Code::UserNameContested,
    Code::RoleUnknown,
    Code::GroupUnknown,
    Code::UserSignedIn,
    Code::LastAdministrator,
    Code::RemovalBlocked,
    Code::HeaderChanged,
    Code::FileShrunken,
    Code::RowsUnidentified,
    Code::RemovalsBlocked,
    Code::AdministratorKept,
    Code::RemovalsOverLimit,
    Code::RejectionsOverLimit,
    Code::RunCancelled,
    Code::ConfigurationGone,
    Code::ChangesGone,
    Code::RunBrokeOff,
    Code::ChangedSinceRun,
    Code::ValueTakenSince,
];

const HEADER: &str =
    "status,loginName,mail,firstName,lastName,language,validFrom,validTo,uid,location,division,title\n";

/// A row of the header above that is in order but for this cell.
pub(super) fn with(column: usize, cell: &str) -> Vec<u8> {
    let mut row = ["active", "ann", "ann@acme.example", "Ann", "Keller", "de", "", "", "1", "", "", ""];
    row[column] = cell;
    format!("{HEADER}{}\n", row.join(",")).into_bytes()
}

fn file(text: &str) -> Vec<u8> {
    text.as_bytes().to_vec()
}

pub(super) fn small(rows: &str) -> Vec<u8> {
    format!("status,mail,lastName\n{rows}").into_bytes()
}

fn latin(rows: usize) -> Vec<u8> {
    b"active,m@acme.example,M\xFCller\n".repeat(rows)
}

fn long(count: usize) -> String {
    "x".repeat(count)
}

fn cases_of_files() -> Vec<(Code, Vec<u8>)> {
    vec![
        (Code::FileEmpty, Vec::new()),
        (Code::FileEmpty, b"\xEF\xBB\xBF\xEF\xBB\xBF\r\n  \r\n".to_vec()),
        (Code::FileBinary, vec![1; 300]),
        (Code::FileUtf32, b"\xFF\xFE\0\0s\0\0\0".to_vec()),
        (Code::FileNotUtf8, b"status,mail,lastName,gr\xF6\xDFe\n".to_vec()),
        (Code::FileNotUtf8, [small(""), latin(30)].concat()),
        (Code::ColumnOrder, small("")),
        (Code::EncodingGuessed, [small(""), latin(30)].concat()),
        (Code::FileWorkbook, b"PK\x03\x04 xl/workbook.xml".to_vec()),
        (Code::FileCompressed, b"BZh91AY&SY".to_vec()),
        (
            Code::ArchiveNotOneFile,
            b"PK\x05\x06                  ".map(|byte| if byte == b' ' { 0 } else { byte }).to_vec(),
        ),
        (Code::ArchiveEncrypted, zip(&[("people.csv", b"")], true)),
        (Code::ArchiveDamaged, b"\x1F\x8B\x08\0".to_vec()),
        (Code::ArchiveNested, gzip(&gzip(b"status"))),
        (Code::ArchiveTooLarge, gzip(&[b'x'; 2_000_000])),
        (Code::FilePdf, file("%PDF-1.4")),
        (Code::FileHtml, file("<!DOCTYPE html><title>Sign in</title>")),
        (Code::FileEncrypted, file("-----BEGIN PGP MESSAGE-----\n")),
        (Code::HeaderUnreadable, file("status,mail,\"lastName\nactive,a@acme.example,A\n")),
        (Code::DelimiterUnclear, file("status;mail;lastName\nactive,a@acme.example,A\n")),
        (Code::ColumnMissing, file("status,lastName\nactive,A\n")),
        (Code::ColumnDuplicated, file("status,mail,lastName, MAIL \n")),
        (Code::ColumnDuplicated, file("status,loginName,userName,mail,lastName\n")),
        (Code::ColumnIgnored, file("status,mail,lastName,shoe size\n")),
        (Code::LinesAboveHeader, file("Users of today\n\nstatus,mail,lastName\nactive,a@acme.example,A\n")),
        (Code::LinesBelowTable, small("active,a@acme.example,A\nTotal: 1\n")),
        (Code::LinesBelowTable, small("active,a@acme.example,A\x1A")),
        (Code::DoubtTruncated, small("active,a@acme.example,A\nError: connection lost\n")),
        (Code::DoubtOpenQuote, small("active,a@acme.example,\"A\n")),
        (Code::DoubtUndecodable, [small("active,a@acme.example,Ä\n").repeat(2), latin(1)].concat()),
        (Code::DoubtNulBytes, small("active,a@acme.example,A\0B\n")),
        (Code::DoubtRagged, small("active,a@acme.example\n")),
        (Code::FileWithoutRows, file("status,mail,lastName\n\n,,\n")),
    ]
}

fn cases_of_rows() -> Vec<(Code, Vec<u8>)> {
    vec![
        (Code::QuoteUnclosed, small("active,a@acme.example,\"A\n")),
        (Code::QuoteUnclosed, small(&format!("active,a@acme.example,\"A{}\"\n", "\n".repeat(6)))),
        (Code::QuoteMisplaced, small("active, \"a@acme.example\",A\n")),
        (Code::QuoteMisplaced, small("active,a@acme.example,\"A \\\"B\\\" C\"\n")),
        (Code::QuoteStray, small("active,a@acme.example,\"A\"B\n")),
        (Code::FieldTooLong, small(&format!("active,a@acme.example,{}\n", long(33 * 1024)))),
        (Code::FieldTooLong, small(&format!("active,a@acme.example,\"{}\n", long(5 << 20)))),
        (Code::RowTooLong, small(&format!("active,a@acme.example,A{}\n", ",x".repeat(1 << 20)))),
        (Code::RowRagged, small("active,a@acme.example\n")),
        (Code::RowRagged, small("active,a@acme.example,A,B\n")),
        (Code::RowNotUtf8, [small(""), latin(1)].concat()),
        (
            Code::RowUndecodable,
            [
                b"\xFF\xFE".to_vec(),
                utf_16("status,mail,lastName\nactive,a@acme.example,"),
                vec![0, 0xD8],
                utf_16("x\n"),
            ]
            .concat(),
        ),
        (Code::NulByte, small("active,a@acme.example,A\0B\n")),
        (Code::ControlCharacter, with(3, "A\u{7}nn")),
        (Code::ControlCharacter, with(3, "\"A\nnn\"")),
        (Code::ControlCharacter, with(3, "A\u{85}nn")),
        (Code::TextDamaged, with(4, "M\u{FFFD}ller")),
        (Code::CharactersRemoved, with(4, "Kel\u{202E}ler")),
        (Code::ValueMissing, with(0, "")),
        (Code::ValueTooLong, with(11, &long(1025))),
        (Code::ValueTooLong, with(8, &long(1025))),
        (Code::StatusMissing, with(0, " ")),
        (Code::StatusInvalid, with(0, "aktiv")),
        (Code::LoginNameTooLong, with(1, &long(65))),
        (Code::UserNameMissing, file("uid\n1\n")),
        (Code::MailMissing, with(2, "")),
        (Code::MailTooLong, with(2, &format!("{}@acme.example", long(60)))),
        (Code::MailInvalid, with(2, "ann")),
        (Code::FirstNameTooLong, with(3, &long(65))),
        (Code::LastNameMissing, with(4, "\u{A0}")),
        (Code::LastNameTooLong, with(4, &"ü".repeat(65))),
        (Code::MailExcluded, with(2, "ROOT@acme.example")),
        (Code::FirstNameExcluded, with(3, "test")),
        (Code::LastNameExcluded, with(4, "TEST")),
        (Code::LanguageUnknown, with(5, "german")),
        (Code::ValidFromInvalid, with(6, "2026-01-01")),
        (Code::ValidToInvalid, with(7, "20260229000000Z")),
        (
            Code::ValidityReversed,
            file(
                "status,mail,lastName,validFrom,validTo\nactive,a@acme.example,A,20260201000000Z,20260101000000Z\n",
            ),
        ),
        (
            Code::GroupsTooMany,
            file(&format!(
                "status,mail,lastName,groups\nactive,a@acme.example,A,\"{}\"\n",
                (0..501).map(|group| group.to_string()).collect::<Vec<_>>().join(",")
            )),
        ),
        (Code::LocationTooLong, with(9, &long(51))),
        (Code::DivisionTooLong, with(10, &long(16))),
        (Code::SpreadsheetNotation, with(8, "1.23E+11")),
        (Code::SpreadsheetNotation, with(1, "\"1,23E+11\"")),
        (Code::DuplicateRow, small("active,a@acme.example,A\nactive,a@acme.example,A\n")),
        (Code::DuplicateUser, small("active,a@acme.example,A\nactive,A@ACME.example,B\n")),
    ]
}

pub(super) fn codes_of(code: Code, file: &[u8]) -> BTreeSet<Code> {
    let mut setting = Setting::excluding(ExcludeLists {
        mail: ExcludeList::new(&["root@ACME.example"]),
        first_name: ExcludeList::new(&["Test"]),
        last_name: ExcludeList::new(&["Test"]),
    });
    match code {
        Code::FileNotUtf8 | Code::RowNotUtf8 => setting.format.encoding = Encoding::Named(Charset::UTF_8),
        Code::ColumnOrder => setting.format.columns = Columns::TemplateOrder,
        Code::UserNameMissing => setting.rules.mandatory = Vec::new(),
        Code::ValueMissing => {
            // The S rules have codes of their own for what they demand.
            setting.rules.mandatory = vec![domain::import::mapping::Target::Title];
        }
        _ => {}
    }
    match read(file, &setting) {
        Err(problem) => [problem.code].into(),
        Ok(read) => {
            let of_rows = read.rows.iter().flat_map(|row| row.problems().iter().map(|problem| problem.code));
            read.warnings.iter().map(|problem| problem.code).chain(of_rows).collect()
        }
    }
}

#[test]
fn every_code_has_a_file_that_gives_it_and_nothing_worse() {
    let mut missing: BTreeSet<Code> = Code::ALL
        .iter()
        .copied()
        .filter(|code| !OF_PLANNING.contains(code) && !OF_PULLS.contains(code))
        .collect();
    for (code, file) in cases_of_files().into_iter().chain(cases_of_rows()) {
        let beginning = String::from_utf8_lossy(&file[..file.len().min(200)]).into_owned();
        let found = codes_of(code, &file);
        assert!(found.contains(&code), "{code} expected, found {found:?} for {beginning}");
        // A doubt is about rows that are rejected.
        let doubt = code.as_str().starts_with("doubt-");
        let worse = |other: &&Code| {
            !doubt
                && **other != code
                && matches!(other.severity(), Severity::FileRefused | Severity::RowRejected)
        };
        assert_eq!(found.iter().find(worse), None, "beside {code} for {beginning}");
        missing.remove(&code);
    }
    assert!(missing.is_empty(), "without a case: {missing:?}");
}
