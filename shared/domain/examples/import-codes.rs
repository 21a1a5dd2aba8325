//! Writes the catalogue of problem codes to stdout: `docs/import-codes.md` is made with it.

use std::io::{self, Write as _};

fn main() -> io::Result<()> {
    io::stdout().write_all(domain::import::catalogue::catalogue().as_bytes())
}
