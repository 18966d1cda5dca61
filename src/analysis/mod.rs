//! Numbers about sound: loudness, peaks, correlation.

mod gate;
mod intake;
mod loudness;
mod measurement;
mod meter;
mod power;
mod speakers;
mod sums;
mod true_peak;
mod weighting;

pub use gate::integrated;
pub use measurement::Measurement;
pub use meter::{Meter, What};
pub use power::Power;
pub use true_peak::TruePeak;

/// Raised whenever a [`Meter`] reads the same sound otherwise.
pub const METER_VERSION: u32 = 1;
