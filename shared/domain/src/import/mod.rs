//! Imports: read -> plan -> apply.
//!
//! Reading: [`duplicates::survey`] goes over the file once and says what can only be known from the whole of
//! it; [`read::open`] then hands out row by row, each accepted, rejected or ignored; [`document::merge`]
//! says what an accepted row changes on a user; [`report`] writes down what was wrong, in a form that can be
//! mended and sent back.
//!
//! Planning and applying: [`upload`] begins a [`run`], [`engine`] takes it from the file to the report by way
//! of a stored [`plan`], and [`apply`] carries that out.

pub mod apply;
mod cells;
mod codes;
pub mod configuration;
mod delimiter;
pub mod desired;
pub mod document;
pub mod duplicates;
pub mod engine;
pub mod format;
mod header;
pub mod mapping;
pub mod plan;
mod plan_batch;
pub mod problem;
pub mod read;
mod records;
mod rejected;
pub mod report;
mod row;
pub mod rules;
pub mod run;
mod signature;
pub mod target;
pub(crate) mod text;
pub mod upload;
