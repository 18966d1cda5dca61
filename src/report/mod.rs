//! Finished results as text and JSON: pure functions, no colour, no terminal. Tables fit 80 columns as long as the names in them are short.

pub mod effects;
mod files;
pub mod json;
mod measurement;
mod plan;
mod text;

pub use files::{Summary, Written, files, pace};
pub use measurement::{measurement, measurements};
pub use plan::{Node, dot, nodes};
