//! A file of made-up people, with the columns and cells of those that `infra/bench/import.py` writes.

use std::fs::File;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

const FIRST: [&str; 8] = ["Ann", "Jürgen", "Zoë", "Li", "\"Bob\" Robert", "Søren", "María", "Œuvre-Aïda"];
const LAST: [&str; 7] = ["Müller", "Smith", "O'Neill", "Weiß; Schwarz", "García", "Jones, Jr.", "Novák"];
const HEADER: &str = "status,loginName,mail,firstName,lastName,language,location,division";

/// Writes a file of so many people, `user.0` being the first.
pub(crate) fn write(path: &Path, people: u32) -> io::Result<()> {
    let mut file = BufWriter::new(File::create(path)?);
    writeln!(file, "{HEADER}")?;
    let names = FIRST.iter().cycle().zip(LAST.iter().flat_map(|last| [last; 3]).cycle());
    for (row, (first, last)) in (0..people).zip(names) {
        let (first, last) = (first.replace('"', "\"\""), last.replace('"', "\"\""));
        writeln!(
            file,
            "active,user.{row},user.{row}@acme.example,\"{first}\",\"{last}\",de-DE,\"Berlin; Nord {}\",Sales",
            row % 9
        )?;
    }
    file.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_quoted_and_take_turns() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("people.csv");
        write(&path, 25).unwrap();
        let text = std::fs::read_to_string(path).unwrap();
        let lines: Vec<_> = text.lines().collect();
        assert_eq!(lines.len(), 26);
        assert_eq!(
            lines[5],
            "active,user.4,user.4@acme.example,\"\"\"Bob\"\" Robert\",\"Smith\",de-DE,\"Berlin; Nord 4\",Sales"
        );
        assert!(lines[17].contains("\"Ann\",\"Jones, Jr.\""), "{}", lines[17]);
        assert!(lines[22].contains("\"Müller\""), "{}", lines[22]);
    }
}
