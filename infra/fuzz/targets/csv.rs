//! Any bytes as a file of people, in two ways of reading: it is refused, or every row has one outcome and its place,
//! and what a row makes of nobody is a user, whom the same row then leaves alone.
#![no_main]

use std::io::Cursor;

use domain::import::format::{Delimiter, EmptyCells, Format};
use fuzz::people::read;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|file: &[u8]| {
    read(Cursor::new(file), &Format::default());
    let delimiter = Delimiter::Byte(b';');
    let format = Format { delimiter, skip_lines: 1, empty_cells: EmptyCells::Clear, ..Format::default() };
    read(Cursor::new(file), &format);
});
