//! Compressor, limiter and saturation, measured against their formulas.

mod ceiling;
mod compressor;
mod limiter;
mod rig;
mod saturate;
