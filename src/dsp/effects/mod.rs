//! One file per effect. An effect's file is the effect: its declaration, its formula's source, its processor.

mod band;
mod bank;
mod bells;
mod chain;
mod cuts;
mod eq;
mod mid_side;
mod multiband;
mod parallel;
mod shelves;
#[cfg(test)]
pub(super) mod stand_ins;
mod width;

pub(super) use bells::{ALL_PASS, BAND_PASS, BELL, NOTCH};
pub(super) use chain::Chain;
pub(super) use cuts::{HIGH_CUT, LOW_CUT};
pub(super) use eq::Eq;
pub(super) use mid_side::MidSide;
pub(super) use multiband::Multiband;
pub(super) use parallel::Parallel;
pub(super) use shelves::{HIGH_SHELF, LOW_SHELF, TILT};
pub(super) use width::Width;
