//! Every effect there is.

use num_complex::Complex64;

use super::{Args, Declaration, Effect, Processor, Refused, Setup, Shape, common, effects};
use crate::units::{Frames, Hz};

/// All effects, in the order of the manual.
pub const CATALOGUE: &[&dyn Effect] = &[
    // equaliser
    &effects::Eq,
    &effects::LOW_CUT,
    &effects::HIGH_CUT,
    &effects::BELL,
    &effects::LOW_SHELF,
    &effects::HIGH_SHELF,
    &effects::NOTCH,
    &effects::BAND_PASS,
    &effects::ALL_PASS,
    &effects::TILT,
    // dynamics
    &effects::Compressor,
    &effects::Multiband,
    &effects::Limiter,
    // colour
    &effects::Saturate,
    // space
    &effects::Reverb,
    &effects::Delay,
    // image
    &effects::Width,
    &effects::MidSide,
    &effects::Parallel,
    &effects::Chain,
];

pub fn find(name: &str) -> Option<&'static dyn Effect> {
    let all = CATALOGUE.iter();
    #[cfg(test)]
    let all = all.chain(effects::stand_ins::EFFECTS);
    all.copied().find(|e| e.declaration().name == name)
}

pub fn declaration(name: &str) -> Option<&'static Declaration> {
    find(name).map(|e| e.declaration())
}

/// The shape of an effect with its common parameters.
pub fn shape(args: &Args, setup: &Setup) -> Result<Shape, Refused> {
    common::shape(effect_of(args)?, args, setup)
}

/// Builds an effect with its common parameters.
pub fn build(args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
    common::build(effect_of(args)?, args, setup)
}

/// The frequency response of an effect with its common parameters: every channel's, latency included. `None` for one that is not linear
/// and time-invariant, whose channels differ, or that is refused.
pub fn response(args: &Args, setup: &Setup, frequency: Hz) -> Option<Complex64> {
    common::response(find(args.of.name)?, args, setup, frequency)
}

/// How late the sound is where each slot acts, in frames against the effect's input, in the order of the slots: curves are read that much
/// earlier than `Io::at`. Own parameters act on the input, the common ones on the output, those of children where the sound reaches them.
pub fn delays(args: &Args, setup: &Setup) -> Result<Vec<Frames>, Refused> {
    let mut slots = Vec::with_capacity(args.slots());
    common::delays(effect_of(args)?, args, setup, Frames::ZERO, &mut slots)?;
    Ok(slots)
}

pub(super) fn effect_of(args: &Args) -> Result<&'static dyn Effect, Refused> {
    find(args.of.name).ok_or_else(|| Refused::new(format!("there is no effect `{}`", args.of.name)))
}
