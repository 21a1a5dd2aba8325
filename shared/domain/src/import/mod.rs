//! Imports: read -> plan -> apply.
//!
//! Reading: [`prepare`] makes plain text of a file as it comes; [`duplicates::survey`] goes over the file once
//! and says what can only be known from the whole of it; [`read::open`] then hands out row by row, each accepted, rejected or ignored; [`document::merge`]
//! says what an accepted row changes on a user; [`report`] writes down what was wrong, in a form that can be
//! mended and sent back.
//!
//! Planning and applying: [`upload`] begins a [`run`], which waits for its turn; [`engine`] takes it from the file to
//! the report by way of a stored [`plan`], and [`apply`] carries that out. [`decide`] is what a person may say to a
//! run: approve, discard, cancel, take back.

mod applied;
pub mod apply;
pub mod catalogue;
mod cells;
mod charset;
mod closing;
mod code_kind;
mod codes;
pub mod configuration;
pub mod decide;
mod delimiter;
pub mod desired;
pub mod document;
mod doubt;
mod drafting;
pub mod duplicates;
mod ending;
pub mod engine;
pub mod entrance;
pub mod export;
pub mod format;
mod groups;
mod groups_applied;
mod header;
mod lease;
mod manifest;
pub mod mapping;
mod matching;
mod missing;
mod names;
mod nearest;
mod pace;
mod parts;
pub mod plan;
mod planner;
pub mod planning;
mod preamble;
pub mod prepare;
mod privilege;
pub mod problem;
mod pull_codes;
pub mod read;
mod record;
mod records;
mod rejected;
mod repeats;
pub mod report;
mod revert;
mod row;
mod row_digest;
pub mod rules;
pub mod run;
pub mod shown;
mod signature;
mod spill;
pub mod target;
pub mod template;
pub(crate) mod text;
mod transcode;
mod unpack;
pub mod upload;
mod utf8;
