//! Reverberation of spaces that never were: diffusion into a feedback delay network.
//!
//! input → cuts → predelay → three steps of diffusion → sixteen lines, mixed all into all → two uncorrelated outputs, and past all that
//! the early reflections of a hall. Each part is a file beside this one with its own source. Decay and spectrum of the decay are
//! designed, not tuned: see [`absorption`]. Between the cuts and the two outputs everything is f32.
//!
//! Loudness: pink noise comes out as loud as it goes in (every output channel against the input, within 1 dB), whatever the kind, size
//! and decay: the response's energy, as pink noise sees it, is one.

mod absorption;
mod diffuser;
mod network;
mod poles;
mod processor;
#[cfg(test)]
mod reference;
mod room;
mod rotation;
#[cfg(test)]
mod tests;

use absorption::{Absorption, Decay};
use processor::Reverberation;
use room::{KINDS, Room};

use crate::audio::{Layout, rng::Seed};
use crate::dsp::parts::rest::Rest;
use crate::dsp::{Args, Category, Declaration, Effect, GRID, Param, Processor, Refused, Setup, Shape, Tail};
use crate::units::{Frames, Seconds, Unit};

#[derive(Debug)]
pub(crate) struct Reverb;

const KIND: usize = 0;
const DECAY: usize = 1;
const PREDELAY: usize = 2;
const SIZE: usize = 3;
const DAMP: usize = 4;
const LOW_DECAY: usize = 5;
const DIFFUSION: usize = 6;
const MODULATION: usize = 7;
const LOW_CUT: usize = 8;
const HIGH_CUT: usize = 9;
const WIDTH: usize = 10;
const SEED: usize = 11;

static DECLARATION: Declaration = Declaration {
    name: "reverb",
    category: Category::Space,
    help: "The sound of a room: a hall's or a steel plate's",
    version: 3,
    params: &[
        Param::choice(
            "kind",
            &["hall", "plate"],
            0,
            "hall: wide, with early reflections, builds up; plate: dense from the first moment",
        ),
        Param::number(
            "decay",
            Unit::S,
            0.1,
            20.0,
            2.0,
            "How long it takes to fall by 60 dB, between the lows and `damp`; below 0.4 s the room shrinks too",
        ),
        Param::number("predelay", Unit::Ms, 0.0, 250.0, 0.0, "How late the room answers"),
        Param::number("size", Unit::Percent, 0.0, 200.0, 100.0, "How far apart the walls are"),
        Param::number(
            "damp",
            Unit::Hz,
            500.0,
            20_000.0,
            6000.0,
            "Where the decay is half as long; above, it is shorter still",
        ),
        Param::number("low_decay", Unit::Percent, 50.0, 200.0, 100.0, "The decay below 250 Hz against `decay`"),
        Param::number("diffusion", Unit::Percent, 0.0, 100.0, 100.0, "From single echoes to a cloud, at the onset"),
        Param::number("modulation", Unit::Percent, 0.0, 100.0, 20.0, "How much the room's resonances drift"),
        Param::frequency("low_cut", 10.0, 100.0, "Keeps what is below out of the room, 12 dB an octave").optional(),
        Param::frequency("high_cut", 10.0, 10_000.0, "Keeps what is above out of the room, 12 dB an octave").optional(),
        Param::number(
            "width",
            Unit::Percent,
            0.0,
            200.0,
            100.0,
            "0 is mono, 100 % a left and right of nothing in common",
        ),
        Param::number("seed", Unit::None, 0.0, 1e9, 1.0, "Another number is another room of the same kind"),
    ],
};

/// The arguments in the units of the formulas.
struct Settings {
    room: Room,
    decay: Decay,
    predelay: usize,
    diffusion: f64,
    modulation: f64,
    low_cut: Option<f64>,
    high_cut: Option<f64>,
    width: f64,
    /// The room's own: the same wherever the reverb stands, so that it survives the renaming of a strip.
    seed: Seed,
    rate: f64,
}

impl Settings {
    fn new(args: &Args, setup: &Setup) -> Result<Settings, Refused> {
        if setup.layout.channels() > 2 {
            return Err(Refused::new(format!(
                "a reverb takes a mono or a stereo sound, not one of {} channels",
                setup.layout.channels()
            ))
            .help("send a stereo mix of it to the reverb"));
        }
        let number = |index: usize, default: f64| args.number(index).unwrap_or(default);
        let rate = setup.rate.hz();
        let decay =
            Decay { t60: number(DECAY, 2.0), damp: number(DAMP, 6000.0), low: number(LOW_DECAY, 100.0) / 100.0 };
        let seed = Seed::of("reverb").with(number(SEED, 1.0).to_bits());
        Ok(Settings {
            room: Room::new(&KINDS[args.choice(KIND)], number(SIZE, 100.0) / 100.0, decay.t60, seed, rate),
            decay,
            predelay: Seconds::from_ms(number(PREDELAY, 0.0)).frames(setup.rate).get() as usize,
            diffusion: number(DIFFUSION, 100.0) / 100.0,
            modulation: number(MODULATION, 20.0) / 100.0,
            low_cut: args.number(LOW_CUT),
            high_cut: args.number(HIGH_CUT),
            width: number(WIDTH, 100.0) / 100.0,
            seed,
            rate,
        })
    }

    /// Down to -120 dB: twice the longest T60, a fifth of one for peaks above the mean, and the way there.
    fn tail(&self) -> i64 {
        let longest = self.decay.t60 * self.decay.low.max(1.0);
        (self.predelay + self.room.reach()) as i64 + (2.2 * longest * self.rate) as i64 + 2 * GRID
    }

    fn rest(&self, gain: f64) -> Rest {
        // sixteen values below a threshold add up to less than four times it
        Rest::new((self.predelay + self.room.reach()) as i64 + GRID, self.tail() - GRID, 0.25e-6 / gain)
    }

    /// The factor that makes the response's energy one, for pink noise: the mean of octaves alike. A sound that enters the network with
    /// energy 16 (see [`diffuser`]) leaves 1 of it in each output at every pass.
    fn gain(&self, absorption: &Absorption) -> f64 {
        let mut octaves = 0;
        let mut energy = 0.0;
        let mut hz = 31.25;
        while hz < 0.45 * self.rate && hz < 17_000.0 {
            energy += self.room.early_energy + 1.0 / (1.0 - absorption.remainder(hz));
            octaves += 1;
            hz *= 2.0;
        }
        (f64::from(octaves) / energy).sqrt()
    }
}

impl Effect for Reverb {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn shape(&self, args: &Args, setup: &Setup) -> Result<Shape, Refused> {
        let settings = Settings::new(args, setup)?;
        Ok(Shape { latency: Frames::ZERO, tail: Tail::Sounds(Frames::new(settings.tail())), out: Layout::STEREO })
    }

    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
        Ok(Box::new(Reverberation::new(&Settings::new(args, setup)?, setup.layout.channels())))
    }
}
