//! Cuts a stored plan into the parts between which a run can be left to another worker.

use super::plan::PlanRow;
use crate::error::Error;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Seek as _};

/// Rows of a part that are to be applied: what a successor does again at most.
const PART_ROWS: usize = 4096;

/// Goes through a plan part by part. The same plan has the same parts, whoever cuts it.
pub(super) struct Parts {
    lines: BufReader<File>,
    row: u64,
    line: String,
    /// The row that the part before had no place for.
    next: Option<PlanRow>,
}

/// A part of a plan.
pub(super) struct Part {
    /// Its rows that are to be applied.
    pub(super) planned: Vec<PlanRow>,
    /// Rows of the plan up to its end.
    pub(super) end: u64,
}

impl Parts {
    /// Of this plan.
    pub(super) fn of(mut plan: File) -> Result<Self, Error> {
        plan.rewind()?;
        Ok(Self {
            lines: BufReader::with_capacity(128 * 1024, plan),
            row: 0,
            line: String::new(),
            next: None,
        })
    }

    /// The next part that has rows to be applied; `None` at the end. Rows that exchange their names stay together.
    pub(super) fn next(&mut self) -> Result<Option<Part>, Error> {
        let mut planned: Vec<PlanRow> = self.next.take().into_iter().collect();
        while let Some(row) = self.row()? {
            let circle = |row: &PlanRow| row.after.filter(|after| *after > 0);
            let goes_on = circle(&row).is_some() && planned.last().and_then(circle) == circle(&row);
            if planned.len() >= PART_ROWS && !goes_on {
                self.next = Some(row);
                return Ok(Some(Part { planned, end: self.row - 1 }));
            }
            planned.push(row);
        }
        Ok((!planned.is_empty()).then_some(Part { planned, end: self.row }))
    }

    /// The next row that is to be applied.
    fn row(&mut self) -> Result<Option<PlanRow>, Error> {
        loop {
            self.line.clear();
            if self.lines.read_line(&mut self.line)? == 0 {
                return Ok(None);
            }
            self.row += 1;
            if PlanRow::is_idle(&self.line) {
                continue;
            }
            let row: PlanRow = serde_json::from_str(&self.line)?;
            if row.target.is_some() {
                return Ok(Some(row));
            }
        }
    }
}
