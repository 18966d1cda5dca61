//! Compressor, limiter and saturation, measured against their formulas.

mod ceiling;
mod compressor;
mod envelope;
mod limiter;
mod rig;
mod saturate;
