//! One file per effect. An effect's file is the effect: its declaration, its formula's source, its processor.

mod band;
mod bank;
mod bells;
mod chain;
mod compressor;
mod cuts;
mod delay;
mod eq;
mod limiter;
mod linear;
mod mid_side;
mod multiband;
mod parallel;
#[cfg(test)]
mod rendering;
mod reverb;
mod saturate;
mod shelves;
#[cfg(test)]
pub(super) mod stand_ins;
mod width;

pub(super) use bells::{ALL_PASS, BAND_PASS, BELL, NOTCH};
pub(super) use chain::Chain;
pub(super) use compressor::Compressor;
pub(super) use cuts::{HIGH_CUT, LOW_CUT};
pub(super) use delay::Delay;
pub(super) use eq::Eq;
pub(super) use limiter::Limiter;
pub use limiter::{ENVELOPE_CELL, LimiterSettings, PeakEnvelope, limiter_envelope};
pub(super) use mid_side::MidSide;
pub(super) use multiband::Multiband;
pub(super) use parallel::Parallel;
pub(super) use reverb::Reverb;
pub(super) use saturate::Saturate;
pub(super) use shelves::{HIGH_SHELF, LOW_SHELF, TILT};
pub(super) use width::Width;
