//! Numbers about sound: loudness, peaks, correlation.

mod loudness;
mod measurement;
mod meter;

pub use measurement::Measurement;
pub use meter::{Meter, What};
