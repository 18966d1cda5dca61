//! Finished results as text and JSON: pure functions, no colour, no terminal. Tables fit 80 columns as long as the names in them are short.

mod asked;
pub mod checked;
pub mod effects;
mod expectation;
mod files;
pub mod json;
mod measurement;
mod plan;
pub mod spreadsheet;
mod stock;
pub mod targets;
mod text;
pub mod timings;

pub use asked::Solved;
pub use expectation::Expectation;
pub use files::{Summary, Written, files, pace};
pub use measurement::{measurement, measurements};
pub use plan::{Node, dot, nodes, reasons};
pub use stock::{Stock, stock};
