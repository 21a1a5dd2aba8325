//! The one table of problem codes: name, severity, what, an example in brackets, why, remedy. Reports and
//! `docs/import-codes.md` are made of it. Its part about fetching and decrypting stands in [`super::pull_codes`].

use std::fmt;

use super::code_kind::codes;
use super::problem::Severity;
use super::pull_codes::with_codes_of_pulls;
use serde::{Deserialize, Serialize};

with_codes_of_pulls! {
    // The file as a whole.
    FileEmpty "file-empty" FileRefused
        "The file is empty" ["A file of 0 bytes, or of blank lines"]
        "An export that failed often leaves an empty file, and nobody may be changed by it"
        "Export the file again and see that it has a header line and rows";
    FileBinary "file-binary" FileRefused
        "The file is not text" ["A program or a picture"]
        "It holds bytes that no text file has"
        "Save the table as CSV in UTF-8 and send that file";
    FileUtf32 "file-utf-32" FileRefused
        "The file is UTF-32 text" ["A file that begins with the bytes FF FE 00 00"]
        "Hardly any program writes it, and none that reads tables expects it"
        "Save the table as CSV UTF-8 and send that file";
    FileNotUtf8 "file-not-utf-8" FileRefused
        "The file is not UTF-8 text" ["`Müller` in Windows-1252, where the configuration says utf-8"]
        "Letters with accents would be stored wrongly, and nobody would notice"
        "Save the table as CSV UTF-8 and send that file";
    FileWorkbook "file-workbook" FileRefused
        "The file is a spreadsheet workbook, whatever its name says" ["users.xlsx, renamed to users.csv"]
        "Only one table of text can be imported"
        "Open it in the spreadsheet program, save the sheet as CSV UTF-8 and send that file";
    FileCompressed "file-compressed" FileRefused
        "The file is packed in a way that is not read here" ["users.csv.bz2, users.7z, users.tar"]
        "Only gzip and ordinary zip are unpacked"
        "Send the CSV file inside, or pack it with gzip or zip";
    ArchiveNotOneFile "archive-not-one-file" FileRefused
        "The zip does not hold exactly one file" ["A zip with january.csv and february.csv"]
        "It is not clear which of several is meant"
        "Pack the one CSV file alone";
    ArchiveEncrypted "archive-encrypted" FileRefused
        "The zip is protected by a password" ["A zip that asks for a password"]
        "Its content cannot be read without it"
        "Send the zip without a password; over SFTP, or encrypted with PGP, nobody else can read it";
    ArchiveDamaged "archive-damaged" FileRefused
        "The packed file is damaged or incomplete" ["A gzip file of which only the first half arrived"]
        "What can still be unpacked is not the whole, and the rest would be missing"
        "Pack it again and see that it arrives whole";
    ArchiveNested "archive-nested" FileRefused
        "The packed file holds a packed file" ["users.zip in which there is users.csv.gz"]
        "Only one wrapping is unpacked"
        "Pack the CSV file only once";
    ArchiveTooLarge "archive-too-large" FileRefused
        "The packed file holds more than a hundred times its size, or more than 4 GB" ["A gzip file of 1 MB that holds 1 GB of blanks"]
        "A table of people does not, and unpacking it could fill the disk"
        "Send the CSV file itself, in parts if it really is so large";
    FilePdf "file-pdf" FileRefused
        "The file is a PDF document, whatever its name says" ["`%PDF-1.7`"]
        "A printed page has no columns"
        "Export the table as CSV UTF-8 and send that file";
    FileHtml "file-html" FileRefused
        "The file is a web page, whatever its name says" ["`<!DOCTYPE html><title>Sign in</title>`"]
        "Often it is the sign-in page of the system that should have exported the table"
        "Sign in to that system, export the table as CSV UTF-8 and send that file";
    FileEncrypted "file-encrypted" FileRefused
        "The file is encrypted with PGP" ["`-----BEGIN PGP MESSAGE-----`"]
        "This configuration does not decrypt"
        "Send the file unencrypted, or turn decryption on in the configuration";
    HeaderUnreadable "header-unreadable" FileRefused
        "The header line cannot be read" ["`status,mail,\"lastName`"]
        "Without it no cell can be told from another"
        "See that the header is one line of column names with every quotation mark closed";
    DelimiterUnclear "delimiter-unclear" FileRefused
        "It is not clear what separates the columns" ["`status;mail;lastName` above `active,ann@acme.example,Keller`"]
        "With the wrong separator every row would be wrong"
        "Use one separator in the header and all rows, and the same one in the configuration";
    ColumnMissing "column-missing" FileRefused
        "A column that is needed is missing" ["`status,lastName`"]
        "Without it every row would be rejected or misread"
        "Add the column, or map one of the file's columns to it in the configuration";
    ColumnDuplicated "column-duplicated" FileRefused
        "Two columns mean the same" ["`status,mail,lastName,MAIL`"]
        "It is not clear which of them holds the value"
        "Remove or rename one of them";
    ColumnOrder "column-order" FileRefused
        "The columns are not those of the template, in its order" ["`status,mail,lastName`"]
        "The configuration demands that order (P3)"
        "Fill in the template of this configuration, or let it find columns by name";
    EncodingGuessed "encoding-guessed" RunHeld
        "The file does not say how its letters are written, so this was guessed" ["`Müller` in Windows-1252, where the configuration says auto"]
        "A wrong guess would store names with wrong letters, so a person has to look at it first"
        "Compare the samples with the names as they should be and confirm the encoding, or send the file as UTF-8";
    ColumnIgnored "column-ignored" FileWarning
        "Columns that Muster does not know were ignored" ["`status,mail,lastName,shoe size`"]
        "A misspelt column would otherwise go unnoticed"
        "Nothing, or map them in the configuration if they were meant to be imported";
    LinesAboveHeader "lines-above-header" FileWarning
        "Lines above the header were left out" ["`Users of today` above `status,mail,lastName`"]
        "A title is no column name; the first line that has all columns that are needed was taken for the header"
        "Nothing, or export without the title; skip_lines in the configuration says how many lines there always are";
    LinesBelowTable "lines-below-table" FileWarning
        "Lines below the table were left out" ["`Total: 3`"]
        "A total or a note about the export is no user"
        "Nothing, or export without them";
    FileWithoutRows "file-without-rows" RunHeld
        "The file has a header and no rows" ["`status,mail,lastName`"]
        "An export that failed often looks like this, so it removes nobody"
        "See whether the export was meant to be empty";
    // Doubts about the file as a whole: it removes nobody.
    DoubtOpenQuote "doubt-open-quote" FileWarning
        "A quotation mark or a field has no end, so nobody is removed because of this file" ["`active,ann@acme.example,\"Keller`"]
        "Rows may be hidden in what was taken for one field"
        "Correct the rows that were rejected for it and send the file again";
    DoubtUndecodable "doubt-undecodable" FileWarning
        "Some bytes are no letters in the file's encoding, so nobody is removed because of this file" ["One row in Windows-1252 in a file that is UTF-8 otherwise"]
        "The file was damaged or put together from two, and may not be whole"
        "Export the file again in one encoding, best in UTF-8";
    DoubtNulBytes "doubt-nul-bytes" FileWarning
        "The file contains NUL bytes, so nobody is removed because of this file" ["A row of NUL bytes"]
        "They stand where a disk or a transfer failed, and rows may be missing"
        "Export or transfer the file again";
    DoubtRagged "doubt-ragged" FileWarning
        "More than one row of ten has another number of fields than the header, so nobody is removed because of this file" ["`active,ann@acme.example`"]
        "Rows may be shifted, joined or broken in two"
        "Put quotation marks around fields that contain the separator or a line break, and send the file again";
    DoubtTruncated "doubt-truncated" FileWarning
        "The file ends in the middle of a row or with a line that is none, so nobody is removed because of this file" ["`Error: connection lost`"]
        "An export or a transfer that broke off leaves such an end, and the rows behind it are missing"
        "See that the export ran to its end, and send the file again";
    // The shape of a row.
    QuoteUnclosed "quote-unclosed" RowRejected
        "A quotation mark is opened and not closed, or a field runs over more than five line breaks" ["`active,ann@acme.example,\"Keller`"]
        "Everything after it would become one field; reading went on at the next line"
        "Close the quotation mark; inside a quoted field write it twice";
    QuoteMisplaced "quote-misplaced" RowRejected
        "A quotation mark stands in the wrong place" ["`active, \"ann@acme.example\",Keller`"]
        "The field could be read in two ways"
        "Remove the blank before the quotation mark, and write \"\" instead of \\\"";
    QuoteStray "quote-stray" RowWarning
        "Text follows the closing quotation mark of a field; both parts were taken" ["`active,ann@acme.example,\"Kel\"ler`"]
        "The quotation mark may have been meant as part of the text"
        "Put the whole field in quotation marks and write those inside it twice";
    FieldTooLong "field-too-long" RowRejected
        "A field is longer than 32 KB" ["A field of 40,000 characters"]
        "No user has such a value; most likely a quotation mark is missing"
        "Shorten the field or close the quotation mark";
    RowTooLong "row-too-long" RowRejected
        "The row is longer than 1 MB" ["A line of 2 MB"]
        "No user has such a row; most likely the line ends are missing"
        "Write each user on a line of its own";
    RowRagged "row-ragged" RowRejected
        "The row has another number of fields than the header" ["`active,ann@acme.example`"]
        "Its values may stand under the wrong columns"
        "Give the row as many fields as the header; put fields that contain the separator in quotation marks";
    RowNotUtf8 "row-not-utf-8" RowRejected
        "The row is not UTF-8 text" ["One row in Windows-1252 in a file that is UTF-8 otherwise"]
        "Its letters cannot be told for certain"
        "Save the file as CSV UTF-8, or type the damaged letters again";
    RowUndecodable "row-undecodable" RowRejected
        "The row holds bytes that are no letters in the file's encoding" ["Half a letter of Shift_JIS at the end of a cell"]
        "They would be lost, or become wrong letters"
        "Correct the row, or name the right encoding in the configuration";
    NulByte "nul-byte" RowRejected
        "The row contains a NUL byte" ["A NUL byte in the middle of a name"]
        "It is no character of any text"
        "Type the row again or export it again";
    ControlCharacter "control-character" RowRejected
        "The value contains a line break or another control character" ["`Ann\u{7}`"]
        "It would be stored unseen"
        "Remove the character; a line break in a name often means a missing quotation mark above";
    TextDamaged "text-damaged" RowRejected
        "The value contains the replacement character \u{FFFD}" ["`M\u{FFFD}ller`"]
        "A program before Muster could not read a letter and wrote this instead"
        "Type the letter that belongs there, or export again as UTF-8";
    CharactersRemoved "characters-removed" RowWarning
        "Invisible characters were removed from the value" ["`Kel\u{200B}ler` with a zero-width space in the middle"]
        "They make two values look the same that are not"
        "Nothing; they often come from copying out of web pages";
    // Values.
    ValueMissing "value-missing" RowRejected
        "A mandatory value is missing" ["An empty cell in a column that the configuration calls mandatory"]
        "The configuration demands it"
        "Fill in the value";
    ValueTooLong "value-too-long" RowRejected
        "The value is longer than 1,024 characters" ["A title of 1,025 characters"]
        "No attribute holds more"
        "Shorten the value";
    StatusMissing "status-missing" RowRejected
        "The status is missing" ["An empty cell"]
        "It decides whether the user may sign in (S2)"
        "Write active or inactive";
    StatusInvalid "status-invalid" RowRejected
        "The status is neither active nor inactive" ["`aktiv`"]
        "Anything else would be a guess about who may sign in (S2)"
        "Write active or inactive";
    LoginNameTooLong "login-name-too-long" RowRejected
        "The login name is longer than 64 characters" ["A login name of 65 characters"]
        "A login name has at most 64 (S3)"
        "Shorten the login name";
    UserNameMissing "user-name-missing" RowRejected
        "The row has neither a login name nor a mail address" ["An empty mail cell in a file without login names"]
        "A user is told apart by one of them (S3)"
        "Fill in the login name or the mail address";
    MailMissing "mail-missing" RowRejected
        "The mail address is missing" ["An empty cell"]
        "It is mandatory (S4)"
        "Fill in the mail address";
    MailTooLong "mail-too-long" RowRejected
        "The mail address is longer than 64 characters" ["An address of 65 characters"]
        "A mail address has at most 64 (S4)"
        "Use a shorter address";
    MailInvalid "mail-invalid" RowRejected
        "This is not a mail address" ["`ann at acme.example`"]
        "It needs a name, one @ and a domain, without blanks (S4)"
        "Write one address such as ann@acme.example";
    MailImmutable "mail-immutable" RowRejected
        "The mail address of an existing user cannot be changed by an import" ["`ann.keller@acme.example` in the row of Ann, who has `ann@acme.example`"]
        "It may tell two people apart (S4)"
        "Write the address that the user has, or change it in the console first";
    FirstNameTooLong "first-name-too-long" RowRejected
        "The first name is longer than 64 characters" ["A first name of 65 characters"]
        "A first name has at most 64 (S5)"
        "Shorten the first name";
    LastNameMissing "last-name-missing" RowRejected
        "The last name is missing" ["An empty cell"]
        "It is mandatory (S5)"
        "Fill in the last name";
    LastNameTooLong "last-name-too-long" RowRejected
        "The last name is longer than 64 characters" ["A last name of 65 characters"]
        "A last name has at most 64 (S5)"
        "Shorten the last name";
    MailExcluded "mail-excluded" RowRejected
        "The mail address is on the directory's exclude list" ["`root@acme.example`, where that address is on the list"]
        "Values on that list cannot be used (S6)"
        "Use another address, or take it off the list";
    FirstNameExcluded "first-name-excluded" RowRejected
        "The first name is on the directory's exclude list" ["`Test`, where that name is on the list"]
        "Values on that list cannot be used (S6)"
        "Use another first name, or take it off the list";
    LastNameExcluded "last-name-excluded" RowRejected
        "The last name is on the directory's exclude list" ["`Test`, where that name is on the list"]
        "Values on that list cannot be used (S6)"
        "Use another last name, or take it off the list";
    LanguageUnknown "language-unknown" RowWarning
        "The language is not written as XX, xx, xx-XX or xx_XX; e-mails will be in English unless a language is known" ["`german`"]
        "A user is not kept out for it (S7)"
        "Write a language such as de or de-DE";
    ValidFromInvalid "valid-from-invalid" RowRejected
        "The start of validity is not a date as yyyyMMddHHmmssZ" ["`2026-01-31`"]
        "A guessed date could let somebody in or lock somebody out (S8)"
        "Write it as 20260131080000Z, in UTC";
    ValidToInvalid "valid-to-invalid" RowRejected
        "The end of validity is not a date as yyyyMMddHHmmssZ" ["`20260230000000Z`"]
        "A guessed date could let somebody in or lock somebody out (S8)"
        "Write it as 20260131080000Z, in UTC";
    ValidityReversed "validity-reversed" RowRejected
        "The validity ends before it begins" ["From `20260201000000Z` to `20260101000000Z`"]
        "The user could never sign in (S8)"
        "Exchange or correct the two dates";
    GroupsTooMany "groups-too-many" RowRejected
        "The row names more than 500 groups" ["A cell with 501 names of groups"]
        "A user is in at most 500 (S10)"
        "Name fewer groups";
    LocationTooLong "location-too-long" RowRejected
        "The location is longer than 50 characters" ["A location of 51 characters"]
        "A location has at most 50 (P16)"
        "Shorten the location";
    DivisionTooLong "division-too-long" RowRejected
        "The division is longer than 15 characters" ["`Sales and Marketing`"]
        "A division has at most 15 (P16)"
        "Shorten the division";
    SpreadsheetNotation "spreadsheet-notation" RowRejected
        "The identifier is in spreadsheet notation" ["`1.23E+11`"]
        "A spreadsheet has rounded a long number, and its last digits are lost"
        "Format the column as text in the spreadsheet and fill in the identifier again";
    // Rows beside each other, and beside the directory.
    DuplicateRow "duplicate-row" RowWarning
        "An earlier row says exactly the same; this one was left out" ["The row of Ann twice, letter for letter"]
        "A user needs only one row"
        "Nothing, or remove one of the rows";
    DuplicateUser "duplicate-user" RowRejected
        "Another row is about the same user and says something else" ["Two rows for `ann@acme.example`, one `active` and one `inactive`"]
        "It is not clear which of them holds, so none of them was taken"
        "Keep one row for the user";
    UserNameTaken "user-name-taken" RowRejected
        "Another user has this login name" ["`ann` in the row of Bob, while Ann has that login name"]
        "Login names are unique in a directory (S3)"
        "Use another login name, or correct the identifier of the row";
    MatchAmbiguous "match-ambiguous" RowRejected
        "The row fits two users: its values belong to different people" ["The identifier of Ann beside the login name of Bob"]
        "Changing either of them could be wrong"
        "Correct the identifier, the login name or the mail address";

    // A row against the directory; told while planning or applying, not while reading.
    MailTaken "mail-taken" RowRejected
        "Another user of the directory has this mail address" ["`ann@acme.example` in the row of Bob, while Ann has that address"]
        "A mail address leads to one person"
        "Correct the mail address, or the loginName if the other user is meant";
    ChangedSincePlan "changed-since-plan" RowRejected
        "The user was created, changed or deleted by somebody else while the import was running" ["An administrator edits Ann while the import runs"]
        "The change was planned on what is no longer there"
        "Import the file again; it is then compared with the user as it is now";
    UserSignedIn "user-signed-in" RowRejected
        "The user has signed in, and the row would change the login name or the identifier" ["Another `uid` for somebody who has signed in since the file before"]
        "With the first sign-in a mapping becomes a user, whom only an administrator may call otherwise (P13)"
        "Change the user, or send the login name and the identifier as they are";
    UserNameContested "user-name-contested" RowRejected
        "Rows exchange this login name in a circle that is too long" ["Thirty rows that hand their login names on in a ring"]
        "All of them would have to change at the same moment, and at most 20 can"
        "Give one of them another login name first, and its own in the next file";
    RoleUnknown "role-unknown" RowRejected
        "The directory has no such role" ["`Adminstrator` in the column role, where the directory has `Administrator`"]
        "A misspelt role would give nobody anything (P16)"
        "Correct the role, or add it to the directory's roles";
    GroupUnknown "group-unknown" RowRejected
        "The directory has no such group" ["`Slaes` in the column groups, where the directory has `Sales`"]
        "A misspelt group would give nobody anything (S10)"
        "Correct the name, or create the group first";
    LastAdministrator "last-administrator" RowRejected
        "The user is the last active administrator of the directory" ["`inactive` for the only user with the role Administrator"]
        "Nobody could let anybody in any more"
        "Make somebody else an administrator first";
    RemovalBlocked "removal-blocked" RowRejected
        "The row would take access away, and the file as a whole is in doubt" ["`inactive` in a file with a quotation mark that is never closed"]
        "A damaged file must not lock anybody out; the warnings say what is wrong with it"
        "Mend what the warnings name and import the file again";

    // The file against the one before it, and against the directory.
    HeaderChanged "header-changed" FileWarning
        "The header is not that of the file before" ["`status,mail,lastName` after `status,mail,lastName,location`"]
        "A changed export may have changed more than its header, so it removes nobody"
        "See whether the columns are as they should be; the next file with this header is trusted again";
    FileShrunken "file-shrunken" FileWarning
        "The file has less than half the rows of the file before" ["400 rows after 1,000"]
        "An export that was cut off looks like this, so it removes nobody"
        "See whether the export is complete; the next file of this length is trusted again";
    RowsUnidentified "rows-unidentified" FileWarning
        "Rows were rejected that do not say whom they are about" ["`active,,not an address,Keller` in full mode"]
        "Their users would seem to be missing from the file"
        "Mend the rejected rows and import the file again";
    RemovalsBlocked "removals-blocked" FileWarning
        "Users who are missing from the file were left as they are, because the file is in doubt" ["A file in full mode that was cut off"]
        "A damaged file must not lock anybody out; the other warnings say what is wrong with it"
        "Mend what the other warnings name and import the file again";
    AdministratorKept "administrator-kept" FileWarning
        "Administrators who are missing from the file were left as they are" ["A file in full mode without the administrators"]
        "Being left out of a file is no reason to take the directory from those who run it"
        "Nothing, or deactivate them by a row of their own";
    RemovalsOverLimit "removals-over-limit" RunHeld
        "More users would lose their access than the configuration allows without asking" ["70 of 400 users are missing, and 40 may be"]
        "A wrong file must not lock a workforce out"
        "Look at the plan; approve it if it is as it should be, or else discard it and send a right file";
    RejectionsOverLimit "rejections-over-limit" RunHeld
        "More rows are rejected than the configuration allows without asking" ["30 of 100 rows are rejected, and the configuration allows 20 %"]
        "The file may be another one than was meant"
        "Look at the report; approve the plan if it is as it should be, or else discard it and send a right file";

    // The run.
    RunCancelled "run-cancelled" RowRejected
        "The run was cancelled before it came to this row" ["A row behind the one at which the run was cancelled"]
        "Somebody asked for it"
        "Import the file again; what was applied already stays as it is";
    ConfigurationGone "configuration-gone" FileRefused
        "The configuration of the run has been removed" ["A configuration that was deleted while its run waited"]
        "Without it nobody can say what the file means"
        "Create the configuration again and send the file again";
    ChangesGone "changes-gone" FileRefused
        "The change log of the run that is to be taken back is gone" ["A run whose files were removed from the bucket"]
        "Without it nobody can say what the run has changed"
        "Correct the users with a file or by hand";
    RunBrokeOff "run-broke-off" FileRefused
        "The import broke off several times at the same place" ["A store that fails at the same row each time"]
        "Trying again and again would keep all other files waiting"
        "Ask the operator to look into the log; what was applied already is in the change log";
    ChangedSinceRun "changed-since-run" RowRejected
        "The user was changed or deleted by somebody else after the run that is taken back" ["A user who was changed over SCIM after the run"]
        "Taking it back would undo that as well"
        "Change the user by hand if need be";
    ValueTakenSince "value-taken-since" RowRejected
        "Somebody else has the user's unique value by now" ["Another user has the login name by now"]
        "Two users cannot have it"
        "Change the user by hand if need be";
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
            for words in [code.what(), code.example(), code.why(), code.remedy()] {
                assert!(!words.is_empty() && !words.ends_with('.'), "{name}: {words}");
            }
        }
    }
}
