//! One file per effect. An effect's file is the effect: its declaration, its formula's source, its processor.

mod chain;
mod mid_side;
mod parallel;
#[cfg(test)]
pub(super) mod stand_ins;
mod width;

pub(super) use chain::Chain;
pub(super) use mid_side::MidSide;
pub(super) use parallel::Parallel;
pub(super) use width::Width;
