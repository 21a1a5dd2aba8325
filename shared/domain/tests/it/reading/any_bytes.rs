//! Properties that hold for any bytes.

use std::io::Cursor;

use domain::import::format::Format;
use domain::import::mapping::Mapping;
use domain::import::read::{Outcome, RowBuffer, open};
use domain::import::rules::Rules;
use proptest::prelude::*;

use super::preparing::{gzip, utf_16};
use super::{Setting, read};

/// Physical lines before this offset, counted one byte at a time.
fn line_of(file: &[u8], offset: usize) -> u64 {
    let ends = (0..offset)
        .filter(|at| file[*at] == b'\n' || (file[*at] == b'\r' && file.get(at + 1) != Some(&b'\n')));
    1 + ends.count() as u64
}

/// A file whose lines each name themselves, with all kinds of line ends and of accidents.
fn lines() -> impl Strategy<Value = Vec<u8>> {
    let cell = prop_oneof![
        4 => "[a-zü@. ]{0,6}",
        1 => Just("\"".to_owned()),
        1 => "\"[a-z,\n\r]{0,4}\"",
        1 => Just(" \"x\"".to_owned()),
        1 => Just("\u{200B}".to_owned()),
    ];
    let row = (prop::collection::vec(cell, 0..5), prop_oneof![Just("\n"), Just("\r\n"), Just("\r")]);
    prop::collection::vec(row, 0..30).prop_map(|rows| {
        let mut file = b"status,mail,lastName\n".to_vec();
        for (number, (cells, end)) in rows.into_iter().enumerate() {
            file.extend(format!("row{number},{}{end}", cells.join(",")).bytes());
        }
        file
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn nothing_panics_and_every_row_has_one_outcome(bytes in prop::collection::vec(any::<u8>(), 0..300), with_header: bool) {
        let file = if with_header { [b"status,mail,lastName\n".to_vec(), bytes].concat() } else { bytes };
        if let Ok(read) = read(&file, &Setting::default()) {
            let counts = read.counts;
            prop_assert_eq!(counts.rows, counts.accepted + counts.rejected + counts.ignored);
            let of = |outcome| read.rows.iter().filter(|row| row.outcome() == outcome).count() as u64;
            prop_assert_eq!((of(Outcome::Accepted), of(Outcome::Rejected)), (counts.accepted, counts.rejected));
            for row in &read.rows {
                prop_assert_eq!(row.desired().is_some(), row.outcome() == Outcome::Accepted);
                prop_assert_eq!(row.fields().count(), row.layout().names().count());
            }
        }
    }

    #[test]
    fn lines_are_those_of_a_naive_count(file in lines()) {
        let read = read(&file, &Setting::default()).unwrap();
        for row in &read.rows {
            let name = row.fields().next().unwrap();
            if let Some(name) = name.strip_prefix("row") {
                let marker = format!("row{name},");
                let offset = file.windows(marker.len()).position(|window| window == marker.as_bytes()).unwrap();
                prop_assert_eq!(row.line(), line_of(&file, offset), "{}", name);
            }
        }
    }

    #[test]
    fn lines_are_physical_in_every_combination(
        marks in 0_usize..3,
        separator: bool,
        titles in 0_usize..4,
        below: bool,
        file in lines(),
        as_it_comes in 0_usize..3,
    ) {
        // The lines end as the table's do in some cases, and otherwise in others.
        let mut text = "\u{FEFF}".repeat(marks) + if separator { "sep=,\r\n" } else { "" };
        text += &["Users\r", "\n", "all,\n\r"][..titles].concat();
        text += std::str::from_utf8(&file).unwrap();
        text += if below { "Total: 1" } else { "" };
        let bytes = match as_it_comes {
            0 => text.clone().into_bytes(),
            1 => gzip(text.as_bytes()),
            _ => utf_16(&text),
        };
        let read = read(&bytes, &Setting::default()).unwrap();
        for row in &read.rows {
            let name = row.fields().next().unwrap();
            if name.starts_with("row") {
                let offset = text.find(&format!("{name},")).unwrap();
                prop_assert_eq!(row.line(), line_of(text.as_bytes(), offset), "{}", name);
            }
        }
    }

    #[test]
    fn well_formed_fields_are_those_that_the_csv_crate_reads(
        rows in prop::collection::vec(prop::collection::vec("[a-z ,\"\n\r;ü]{0,8}", 3), 1..20)
    ) {
        let few_breaks = |cell: &String| cell.matches(['\n', '\r']).count() <= 5;
        prop_assume!(rows.iter().flatten().all(few_breaks));
        let mut writer = csv::WriterBuilder::new().quote_style(csv::QuoteStyle::Always).from_writer(Vec::new());
        writer.write_record(["status", "mail", "lastName"]).unwrap();
        for row in &rows {
            writer.write_record(row).unwrap();
        }
        let file = writer.into_inner().unwrap();
        let read = read(&file, &Setting::default()).unwrap();
        let theirs: Vec<Vec<String>> = csv::Reader::from_reader(file.as_slice()).into_records()
            .map(|record| record.unwrap().iter().map(str::to_owned).collect())
            .filter(|record: &Vec<String>| !record.iter().all(|field| field.trim().is_empty()))
            .collect();
        let ours: Vec<Vec<String>> = read.rows.iter().map(|row| row.fields().map(str::to_owned).collect()).collect();
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn pieces_of_any_size_read_the_same(file in lines(), piece in 1_usize..7) {
        let whole = lines_of(Cursor::new(&file));
        prop_assert_eq!(lines_of(Pieces { file: Cursor::new(file), piece }), whole);
    }
}

fn lines_of(file: impl std::io::Read + std::io::Seek) -> Vec<u64> {
    let mut reader = open(file, &Format::default(), &Mapping::default(), &Rules::default()).unwrap();
    let mut row = RowBuffer::new();
    let mut lines = Vec::new();
    while reader.next(&mut row).unwrap().is_some() {
        lines.push(row.line());
    }
    lines
}

/// A file that is handed out in small pieces.
struct Pieces {
    file: Cursor<Vec<u8>>,
    piece: usize,
}

impl std::io::Read for Pieces {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(self.piece);
        self.file.read(&mut buffer[..length])
    }
}

impl std::io::Seek for Pieces {
    fn seek(&mut self, to: std::io::SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

/// A huge field, made while it is read.
struct Endless {
    head: Cursor<&'static [u8]>,
    left: u64,
    tail: Cursor<&'static [u8]>,
}

impl std::io::Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.head.read(buffer)?;
        if count > 0 {
            return Ok(count);
        }
        if self.left > 0 {
            let length = buffer.len().min(self.left as usize);
            buffer[..length].fill(b'x');
            self.left -= length as u64;
            return Ok(length);
        }
        self.tail.read(buffer)
    }
}

impl std::io::Seek for Endless {
    fn seek(&mut self, _: std::io::SeekFrom) -> std::io::Result<u64> {
        Ok(0)
    }
}

#[test]
fn a_huge_field_costs_its_row_and_not_the_memory() {
    let file = Endless {
        head: Cursor::new(b"status,mail,lastName\nactive,a@acme.example,\""),
        left: 1 << 24,
        tail: Cursor::new(b"\r\nactive,b@acme.example,B\r\n"),
    };
    let mut reader = open(file, &Format::default(), &Mapping::default(), &Rules::default()).unwrap();
    let mut row = RowBuffer::new();
    assert_eq!(reader.next(&mut row).unwrap(), Some(Outcome::Rejected));
    assert_eq!((row.line(), row.problems()[0].code.as_str()), (2, "field-too-long"));
    assert!(row.fields().map(str::len).sum::<usize>() < 64 * 1024);
    assert_eq!(reader.next(&mut row).unwrap(), Some(Outcome::Accepted));
    assert_eq!(row.line(), 3);
    assert_eq!(reader.next(&mut row).unwrap(), None);
}
