//! Files as they come: packed, in any encoding, or no table at all.

use std::io::Write as _;

use domain::import::format::{Charset, Format};
use domain::import::prepare::Sample;
use domain::import::read::Outcome::{Accepted, Rejected};
use rawzip::{CompressionMethod, ZipArchiveWriter};

use super::{Setting, bytes_of, on_disk, prepared, read};

const PEOPLE: &str = "status,mail,lastName\nactive,a@acme.example,Müller\n";

/// A gzip file with one member.
pub(super) fn gzip(text: &[u8]) -> Vec<u8> {
    let mut file = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    file.write_all(text).unwrap();
    file.finish().unwrap()
}

/// A zip of these entries.
pub(super) fn zip(entries: &[(&str, &[u8])], encrypted: bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut archive = ZipArchiveWriter::new(&mut bytes);
    for (name, text) in entries {
        if name.ends_with('/') {
            archive.new_dir(name).create().unwrap();
            continue;
        }
        let file = archive.new_file(name).compression_method(CompressionMethod::DEFLATE);
        let (mut entry, config) = file.encrypted(encrypted).start().unwrap();
        let deflate = flate2::write::DeflateEncoder::new(&mut entry, flate2::Compression::default());
        let mut writer = config.wrap(deflate);
        writer.write_all(text).unwrap();
        let (deflate, descriptor) = writer.finish().unwrap();
        deflate.finish().unwrap();
        entry.finish(descriptor).unwrap();
    }
    archive.finish().unwrap();
    bytes
}

/// UTF-16, the lower byte first, without a mark.
pub(super) fn utf_16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

fn format(encoding: &str) -> Format {
    serde_json::from_value(serde_json::json!({ "encoding": encoding })).unwrap()
}

/// What the file is read as, and its text.
#[track_caller]
fn check(file: &[u8], configured: &str, encoding: &str, text: &str) {
    let prepared = prepared(file, &format(configured)).unwrap();
    assert_eq!(prepared.encoding.name(), encoding);
    assert!(prepared.guessed.is_none() && prepared.warnings.is_empty());
    let read = bytes_of(&prepared.file);
    let read = String::from_utf8(read).unwrap();
    assert_eq!(read.trim_start_matches('\u{FEFF}'), text);
    assert_eq!(read.starts_with('\u{FEFF}'), encoding != "utf-8", "what was turned into UTF-8 says so");
}

#[track_caller]
fn refused(file: &[u8], code: &str, detail: &str) {
    let problem = prepared(file, &Format::default()).err().unwrap();
    assert_eq!(problem.code.as_str(), code);
    assert!(problem.text.contains(detail), "{}", problem.text);
}

#[test]
fn gzip_is_unpacked_in_all_its_members() {
    let (first, second) = PEOPLE.split_at(30);
    check(&gzip(PEOPLE.as_bytes()), "auto", "utf-8", PEOPLE);
    let members = [gzip(first.as_bytes()), gzip(second.as_bytes())].concat();
    check(&members, "auto", "utf-8", PEOPLE);
    check(&[members.clone(), vec![0; 1024]].concat(), "auto", "utf-8", PEOPLE);
    refused(&[members.clone(), b"junk".to_vec()].concat(), "archive-damaged", "");
    for end in 2..members.len() {
        // Cut off anywhere but between the members.
        if end != gzip(first.as_bytes()).len() {
            refused(&members[..end], "archive-damaged", "");
        }
    }
}

#[test]
fn a_zip_holds_one_file_and_what_does_not_count() {
    let people = ("people.csv", PEOPLE.as_bytes());
    check(&zip(&[people], false), "auto", "utf-8", PEOPLE);
    check(&zip(&[("out/", b""), ("out/people.csv", PEOPLE.as_bytes())], false), "auto", "utf-8", PEOPLE);
    let beside =
        [("__MACOSX/._people.csv", b"x".as_slice()), people, (".DS_Store", b"x"), ("out/.hidden", b"x")];
    check(&zip(&beside, false), "auto", "utf-8", PEOPLE);
    refused(&zip(&[people, ("b.csv", b"")], false), "archive-not-one-file", "2: \"people.csv\", \"b.csv\"");
    refused(&zip(&[("__MACOSX/x", b"")], false), "archive-not-one-file", "none");
    refused(&zip(&[people], true), "archive-encrypted", "");
    refused(&zip(&[("xl/a", b""), ("[Content_Types].xml", b"")], false), "file-workbook", "");
    let whole = zip(&[people], false);
    for end in [4, 20, whole.len() / 2, whole.len() - 1] {
        refused(&whole[..end], "archive-damaged", "");
    }
    let mut changed = whole.clone();
    // The first byte of the deflated text.
    changed[30 + "people.csv".len()] ^= 0x5A;
    refused(&changed, "archive-damaged", "");
}

#[test]
fn archives_in_archives_and_bombs_are_refused() {
    let packed = gzip(PEOPLE.as_bytes());
    refused(&gzip(&packed), "archive-nested", "");
    refused(&zip(&[("people.csv.gz", &packed)], false), "archive-nested", "");
    refused(&gzip(&zip(&[("a", b"")], false)), "archive-nested", "");
    refused(&gzip(b"BZh91AY&SY"), "archive-nested", "");
    refused(&gzip(&vec![b' '; 3 << 20]), "archive-too-large", "");
    refused(&zip(&[("people.csv", &vec![b' '; 3 << 20])], false), "archive-too-large", "");
    // What is small may repeat itself.
    let alike = "active,a@acme.example,A\n".repeat(30_000);
    check(&gzip(alike.as_bytes()), "auto", "utf-8", &alike);
}

#[test]
fn utf_16_is_read_in_every_form() {
    let low = utf_16(PEOPLE);
    let high: Vec<u8> = low.chunks(2).flat_map(|pair| [pair[1], pair[0]]).collect();
    for configured in ["auto", "utf-8", "windows-1252"] {
        check(&[b"\xFF\xFE".to_vec(), low.clone()].concat(), configured, "utf-16le", PEOPLE);
        check(&[b"\xFE\xFF".to_vec(), high.clone()].concat(), configured, "utf-16be", PEOPLE);
        check(&low, configured, "utf-16le", PEOPLE);
        check(&high, configured, "utf-16be", PEOPLE);
        check(&gzip(&low), configured, "utf-16le", PEOPLE);
    }
    // No byte but those of the separators is NUL.
    let han =
        "状态,电子邮件\n启用,甲\n".to_owned() + &"乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥\n".repeat(9);
    check(&utf_16(&han), "utf-16", "utf-16le", &han);
}

#[test]
fn a_configured_encoding_is_for_what_is_not_utf_8() {
    for (label, name, text) in [
        ("latin1", "windows-1252", "name\nMüller\nŒuvre €\n"),
        ("windows-1250", "windows-1250", "name\nDvořák\nŁódź\n"),
        ("windows-1251", "windows-1251", "name\nИванова\n"),
        ("shift_jis", "shift_jis", "name\n山田太郎\nソ表\n"),
        ("gbk", "gbk", "name\n张伟,王芳\n"),
        ("gb18030", "gb18030", "name\n㐀张伟\n"),
        ("euc-kr", "euc-kr", "name\n김철수\n"),
        ("macintosh", "macintosh", "name\nMüller\n"),
        ("iso-2022-jp", "iso-2022-jp", "name\n山田太郎\n"),
    ] {
        let encoding = encoding_rs::Encoding::for_label(label.as_bytes()).unwrap();
        check(&encoding.encode(text).0, label, name, text);
        check(text.as_bytes(), label, "utf-8", text);
    }
    check(b"status,mail\n", "windows-1252", "utf-8", "status,mail\n");
}

#[test]
fn letters_and_line_ends_may_fall_anywhere_in_the_pieces() {
    for before in [65_530, 65_533, 65_534, 65_535, 131_068, 131_069, 131_070, 131_071] {
        let text = format!("name\n{}\nü€𝒳 Müller\nend\n", "x".repeat(before));
        check(text.as_bytes(), "auto", "utf-8", &text);
        check(&utf_16(&text), "auto", "utf-16le", &text);
    }
}

#[test]
fn auto_guesses_and_shows_what_it_read() {
    let names = ["Müller", "Jürgen Weiß", "Zoë", "José García", "Françoise", "Søren", "Åsa"];
    let rows: Vec<String> =
        (0..40).map(|row| format!("active,u{row}@acme.example,{}", names[row % 7])).collect();
    let text = format!("status,mail,lastName\r\n{}\r\n", rows.join("\r\n"));
    let file = encoding_rs::WINDOWS_1252.encode(&text).0;
    let prepared = prepared(&file, &Format::default()).unwrap();
    let guess = prepared.guessed.unwrap();
    assert_eq!((guess.encoding, prepared.encoding), (guess.encoding, guess.encoding));
    assert_eq!(guess.encoding.name(), "windows-1252");
    assert_eq!(guess.samples.len(), 10);
    assert_eq!(guess.samples[0], Sample { line: 2, text: rows[0].clone() });
    assert_eq!(guess.samples[9], Sample { line: 11, text: rows[9].clone() });
    assert_eq!(prepared.warnings.len(), 1);
    assert!(prepared.warnings[0].text.contains("windows-1252"), "{}", prepared.warnings[0].text);
    // Confirmed, it is pinned and silent.
    check(&file, &guess.encoding.name(), "windows-1252", &text);
    for (encoding, text) in [
        (encoding_rs::SHIFT_JIS, "氏名\n山田太郎\n鈴木一郎\n佐藤花子\n".repeat(5)),
        (encoding_rs::WINDOWS_1251, "имя\nИванова Мария\nПетров Сергей\n".repeat(5)),
        (encoding_rs::GBK, "姓名\n张伟\n王芳的电子邮件地址\n李娜\n".repeat(5)),
    ] {
        let guess = super::prepared(&encoding.encode(&text).0, &Format::default()).unwrap().guessed.unwrap();
        assert_eq!(guess.encoding, Charset::for_label(encoding.name()).unwrap());
    }
}

#[test]
fn a_few_bad_rows_do_not_make_another_encoding_of_a_file() {
    let good = "active,a{}@acme.example,Müller\n".repeat(4).replace("{}", "");
    let bad = b"active,b@acme.example,M\xFCller\n";
    let file = [b"status,mail,lastName\n".as_slice(), good.as_bytes(), bad].concat();
    for configured in ["auto", "utf-8", "windows-1252"] {
        let prepared = prepared(&file, &format(configured)).unwrap();
        assert_eq!((prepared.encoding, prepared.guessed), (Charset::UTF_8, None), "{configured}");
    }
    let told = read(&file, &Setting::default()).unwrap().told();
    assert_eq!(told.last().unwrap(), &(6, Rejected, "row-not-utf-8".to_owned()));
}

#[test]
fn what_cannot_be_decoded_rejects_its_row_and_no_other() {
    let half =
        [utf_16(PEOPLE), vec![0x00, 0xDC], utf_16(",b@acme.example,B\nactive,c@acme.example,C\n")].concat();
    let file = [b"\xFF\xFE".to_vec(), half].concat();
    let told = read(&file, &Setting::default()).unwrap().told();
    let expected = [(2, Accepted, ""), (3, Rejected, "row-undecodable"), (4, Accepted, "")];
    assert_eq!(told, expected.map(|(line, outcome, codes)| (line, outcome, codes.to_owned())));
    // A lead byte of Shift_JIS in front of a line end takes nothing of the next line with it.
    let file = b"status,mail,lastName\nactive,a@acme.example,\x8E\x52\nactive,b@acme.example,B\x8E\nactive,c@acme.example,C\n";
    let told = read(file, &Setting::of(r#"{"encoding":"shift_jis"}"#, "{}")).unwrap().told();
    assert_eq!(told, expected.map(|(line, outcome, codes)| (line, outcome, codes.to_owned())));
}

#[test]
fn a_plain_file_is_not_copied() {
    use std::os::unix::fs::MetadataExt as _;
    let file = on_disk(PEOPLE.as_bytes());
    let inode = file.metadata().unwrap().ino();
    let prepared = domain::import::prepare::prepare(file, &Format::default()).unwrap();
    assert_eq!(prepared.file.metadata().unwrap().ino(), inode);
}
