//! What holds for any file of people that is read.

use std::io::{Read, Seek};
use std::sync::Arc;

use domain::import::document::merge;
use domain::import::duplicates::survey;
use domain::import::format::Format;
use domain::import::mapping::Mapping;
use domain::import::read::{Outcome, RowBuffer, open};
use domain::import::rules::Rules;
use scim::body;
use serde_json::Value;

use crate::SPECIMENS;

/// Reads a file as an import does, and looks at every row.
pub fn read<R: Read + Seek>(mut file: R, format: &Format) {
    let (mapping, rules) = (Mapping::default(), Rules::default());
    let Ok(survey) = survey(&mut file, format, &mapping, &rules) else { return };
    let reader = open(&mut file, format, &mapping, &rules).expect("a file that was surveyed");
    let surveyed = survey.rows();
    let mut reader = reader.with_survey(Arc::new(survey));
    let mut row = RowBuffer::new();
    let (mut rows, mut line) = (0, 0);
    while let Some(outcome) = reader.next(&mut row).expect("from memory") {
        assert!(row.line() > line, "line {} after {line}", row.line());
        (rows, line) = (rows + 1, row.line());
        let counts = reader.counts();
        assert_eq!(counts.rows, counts.accepted + counts.rejected + counts.ignored);
        check(&row, outcome);
    }
    assert_eq!(rows, surveyed, "rows that are not blank");
}

fn check(row: &RowBuffer, outcome: Outcome) {
    assert_eq!(outcome, row.outcome());
    assert_eq!(row.fields().count(), row.layout().names().count());
    assert_eq!(row.desired().is_some(), outcome == Outcome::Accepted);
    let Some(desired) = row.desired() else { return };
    let user = merge(&desired, None).expect("a new user").document;
    assert_eq!(merge(&desired, Some(&user)), None, "the same row once more");
    let again = body::create(&SPECIMENS[0].resource_type, Value::Object(user.clone()));
    assert_eq!(again.expect("a valid user"), user);
}
