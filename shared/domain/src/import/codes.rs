//! The one table of problem codes: name, severity, what, why, remedy. Documentation and reports are made of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::problem::Severity;

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $what:literal $why:literal $remedy:literal;)*) => {
        /// A kind of problem. Its name is stable: reports, clients and documentation rely on it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[expect(clippy::doc_markdown, reason = "the sentences are read by administrators, not as Markdown")]
        pub enum Code {
            $(
                #[doc = $what]
                #[serde(rename = $name)]
                $variant,
            )*
        }

        impl Code {
            /// Every code, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The stable name.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What it does to the import.
            pub const fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity,)* }
            }

            /// What is wrong: a sentence without its full stop.
            pub const fn what(self) -> &'static str {
                match self { $(Self::$variant => $what,)* }
            }

            /// Why that is not simply taken: a sentence without its full stop.
            pub const fn why(self) -> &'static str {
                match self { $(Self::$variant => $why,)* }
            }

            /// How to mend it: a sentence without its full stop.
            pub const fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy,)* }
            }
        }
    };
}

codes! {
    // The file as a whole.
    FileEmpty "file-empty" FileRefused
        "The file is empty"
        "An export that failed often leaves an empty file, and nobody may be changed by it"
        "Export the file again and see that it has a header line and rows";
    FileBinary "file-binary" FileRefused
        "The file is not text"
        "It holds bytes that no text file has"
        "Save the table as CSV in UTF-8 and send that file";
    FileUtf16 "file-utf-16" FileRefused
        "The file is UTF-16 text"
        "Spreadsheets write it as Unicode text; read as UTF-8 every second character would be lost"
        "Save the table as CSV UTF-8 and send that file";
    FileNotUtf8 "file-not-utf-8" FileRefused
        "The file is not UTF-8 text"
        "Letters with accents would be stored wrongly, and nobody would notice"
        "Save the table as CSV UTF-8 and send that file";
    FileWorkbook "file-workbook" FileRefused
        "The file is a spreadsheet workbook, whatever its name says"
        "Only one table of text can be imported"
        "Open it in the spreadsheet program, save the sheet as CSV UTF-8 and send that file";
    FileCompressed "file-compressed" FileRefused
        "The file is compressed"
        "Its content cannot be read as it is"
        "Unpack it and send the CSV file inside";
    FilePdf "file-pdf" FileRefused
        "The file is a PDF document, whatever its name says"
        "A printed page has no columns"
        "Export the table as CSV UTF-8 and send that file";
    FileHtml "file-html" FileRefused
        "The file is a web page, whatever its name says"
        "Often it is the sign-in page of the system that should have exported the table"
        "Sign in to that system, export the table as CSV UTF-8 and send that file";
    FileEncrypted "file-encrypted" FileRefused
        "The file is encrypted with PGP"
        "This configuration does not decrypt"
        "Send the file unencrypted, or turn decryption on in the configuration";
    HeaderUnreadable "header-unreadable" FileRefused
        "The header line cannot be read"
        "Without it no cell can be told from another"
        "See that the header is one line of column names with every quotation mark closed";
    DelimiterUnclear "delimiter-unclear" FileRefused
        "It is not clear what separates the columns"
        "With the wrong separator every row would be wrong"
        "Use one separator in the header and all rows, and the same one in the configuration";
    ColumnMissing "column-missing" FileRefused
        "A column that is needed is missing"
        "Without it every row would be rejected or misread"
        "Add the column, or map one of the file's columns to it in the configuration";
    ColumnDuplicated "column-duplicated" FileRefused
        "Two columns mean the same"
        "It is not clear which of them holds the value"
        "Remove or rename one of them";
    ColumnIgnored "column-ignored" FileWarning
        "Columns that Muster does not know were ignored"
        "A misspelt column would otherwise go unnoticed"
        "Nothing, or map them in the configuration if they were meant to be imported";
    ColumnNotTakenOver "column-not-taken-over" FileWarning
        "Columns for groups and roles are not taken over yet"
        "Imports do not change memberships or access levels in this version"
        "Nothing for the other columns; set groups and roles in another way";
    FileWithoutRows "file-without-rows" FileWarning
        "The file has a header and no rows"
        "An export that failed often looks like this, so it removes nobody"
        "See whether the export was meant to be empty";
    // The shape of a row.
    QuoteUnclosed "quote-unclosed" RowRejected
        "A quotation mark is opened and not closed, or a field runs over more than five line breaks"
        "Everything after it would become one field; reading went on at the next line"
        "Close the quotation mark; inside a quoted field write it twice";
    QuoteMisplaced "quote-misplaced" RowRejected
        "A quotation mark stands in the wrong place"
        "The field could be read in two ways"
        "Remove the blank before the quotation mark, and write \"\" instead of \\\"";
    QuoteStray "quote-stray" RowWarning
        "Text follows the closing quotation mark of a field; both parts were taken"
        "The quotation mark may have been meant as part of the text"
        "Put the whole field in quotation marks and write those inside it twice";
    FieldTooLong "field-too-long" RowRejected
        "A field is longer than 32 KB"
        "No user has such a value; most likely a quotation mark is missing"
        "Shorten the field or close the quotation mark";
    RowTooLong "row-too-long" RowRejected
        "The row is longer than 1 MB"
        "No user has such a row; most likely the line ends are missing"
        "Write each user on a line of its own";
    RowRagged "row-ragged" RowRejected
        "The row has another number of fields than the header"
        "Its values may stand under the wrong columns"
        "Give the row as many fields as the header; put fields that contain the separator in quotation marks";
    RowNotUtf8 "row-not-utf-8" RowRejected
        "The row is not UTF-8 text"
        "Its letters cannot be told for certain"
        "Save the file as CSV UTF-8, or type the damaged letters again";
    NulByte "nul-byte" RowRejected
        "The row contains a NUL byte"
        "It is no character of any text"
        "Type the row again or export it again";
    ControlCharacter "control-character" RowRejected
        "The value contains a line break or another control character"
        "It would be stored unseen"
        "Remove the character; a line break in a name often means a missing quotation mark above";
    TextDamaged "text-damaged" RowRejected
        "The value contains the replacement character \u{FFFD}"
        "A program before Muster could not read a letter and wrote this instead"
        "Type the letter that belongs there, or export again as UTF-8";
    CharactersRemoved "characters-removed" RowWarning
        "Invisible characters were removed from the value"
        "They make two values look the same that are not"
        "Nothing; they often come from copying out of web pages";
    // Values.
    ValueMissing "value-missing" RowRejected
        "A mandatory value is missing"
        "The configuration demands it"
        "Fill in the value";
    ValueTooLong "value-too-long" RowRejected
        "The value is longer than 1,024 characters"
        "No attribute holds more"
        "Shorten the value";
    StatusMissing "status-missing" RowRejected
        "The status is missing"
        "It decides whether the user may sign in (S2)"
        "Write active or inactive";
    StatusInvalid "status-invalid" RowRejected
        "The status is neither active nor inactive"
        "Anything else would be a guess about who may sign in (S2)"
        "Write active or inactive";
    LoginNameTooLong "login-name-too-long" RowRejected
        "The login name is longer than 64 characters"
        "A login name has at most 64 (S3)"
        "Shorten the login name";
    UserNameMissing "user-name-missing" RowRejected
        "The row has neither a login name nor a mail address"
        "A user is told apart by one of them (S3)"
        "Fill in the login name or the mail address";
    MailMissing "mail-missing" RowRejected
        "The mail address is missing"
        "It is mandatory (S4)"
        "Fill in the mail address";
    MailTooLong "mail-too-long" RowRejected
        "The mail address is longer than 64 characters"
        "A mail address has at most 64 (S4)"
        "Use a shorter address";
    MailInvalid "mail-invalid" RowRejected
        "This is not a mail address"
        "It needs a name, one @ and a domain, without blanks (S4)"
        "Write one address such as ann@acme.example";
    MailImmutable "mail-immutable" RowRejected
        "The mail address of an existing user cannot be changed by an import"
        "It may tell two people apart (S4)"
        "Write the address that the user has, or change it in the console first";
    FirstNameTooLong "first-name-too-long" RowRejected
        "The first name is longer than 64 characters"
        "A first name has at most 64 (S5)"
        "Shorten the first name";
    LastNameMissing "last-name-missing" RowRejected
        "The last name is missing"
        "It is mandatory (S5)"
        "Fill in the last name";
    LastNameTooLong "last-name-too-long" RowRejected
        "The last name is longer than 64 characters"
        "A last name has at most 64 (S5)"
        "Shorten the last name";
    MailExcluded "mail-excluded" RowRejected
        "The mail address is on the directory's exclude list"
        "Values on that list cannot be used (S6)"
        "Use another address, or take it off the list";
    FirstNameExcluded "first-name-excluded" RowRejected
        "The first name is on the directory's exclude list"
        "Values on that list cannot be used (S6)"
        "Use another first name, or take it off the list";
    LastNameExcluded "last-name-excluded" RowRejected
        "The last name is on the directory's exclude list"
        "Values on that list cannot be used (S6)"
        "Use another last name, or take it off the list";
    LanguageUnknown "language-unknown" RowWarning
        "The language is not written as XX, xx, xx-XX or xx_XX; e-mails will be in English unless a language is known"
        "A user is not kept out for it (S7)"
        "Write a language such as de or de-DE";
    ValidFromInvalid "valid-from-invalid" RowRejected
        "The start of validity is not a date as yyyyMMddHHmmssZ"
        "A guessed date could let somebody in or lock somebody out (S8)"
        "Write it as 20260131080000Z, in UTC";
    ValidToInvalid "valid-to-invalid" RowRejected
        "The end of validity is not a date as yyyyMMddHHmmssZ"
        "A guessed date could let somebody in or lock somebody out (S8)"
        "Write it as 20260131080000Z, in UTC";
    ValidityReversed "validity-reversed" RowRejected
        "The validity ends before it begins"
        "The user could never sign in (S8)"
        "Exchange or correct the two dates";
    LocationTooLong "location-too-long" RowRejected
        "The location is longer than 50 characters"
        "A location has at most 50 (P16)"
        "Shorten the location";
    DivisionTooLong "division-too-long" RowRejected
        "The division is longer than 15 characters"
        "A division has at most 15 (P16)"
        "Shorten the division";
    SpreadsheetNotation "spreadsheet-notation" RowRejected
        "The identifier is in spreadsheet notation"
        "A spreadsheet has rounded a long number, and its last digits are lost"
        "Format the column as text in the spreadsheet and fill in the identifier again";
    // Rows beside each other, and beside the directory.
    DuplicateRow "duplicate-row" RowWarning
        "An earlier row says exactly the same; this one was left out"
        "A user needs only one row"
        "Nothing, or remove one of the rows";
    DuplicateUser "duplicate-user" RowRejected
        "Another row is about the same user and says something else"
        "It is not clear which of them holds, so none of them was taken"
        "Keep one row for the user";
    UserNameTaken "user-name-taken" RowRejected
        "Another user has this login name"
        "Login names are unique in a directory (S3)"
        "Use another login name, or correct the identifier of the row";
    MatchAmbiguous "match-ambiguous" RowRejected
        "The row fits two users: its values belong to different people"
        "Changing either of them could be wrong"
        "Correct the identifier, the login name or the mail address";

    // A row against the directory; told while planning or applying, not while reading.
    MailTaken "mail-taken" RowRejected
        "Another user of the directory has this mail address"
        "A mail address leads to one person"
        "Correct the mail address, or the loginName if the other user is meant";
    ChangedSincePlan "changed-since-plan" RowRejected
        "The user was created, changed or deleted by somebody else while the import was running"
        "The change was planned on what is no longer there"
        "Import the file again; it is then compared with the user as it is now";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_kebab_case_and_the_serialised_form() {
        let mut seen = std::collections::BTreeSet::new();
        for code in Code::ALL {
            let name = code.as_str();
            assert!(seen.insert(name), "{name} twice");
            assert!(
                name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
                "{name}"
            );
            assert_eq!(serde_json::to_value(code).unwrap(), name);
            for words in [code.what(), code.why(), code.remedy()] {
                assert!(!words.is_empty() && !words.ends_with('.'), "{name}: {words}");
            }
        }
    }
}
