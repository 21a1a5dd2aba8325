//! The contract of the table port.

mod conditions;
mod conflicts;
mod limits;
mod queries;
mod tokens;
mod units;
