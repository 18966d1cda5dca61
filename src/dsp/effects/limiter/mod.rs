//! A true-peak limiter: the gain every frame needs is read from an eight-fold interpolated side chain, recovers as the programme lets it, is held
//! and smoothed over the look-ahead, and acts at the sample rate itself, where no decimation can make new peaks. A gain that moves within the
//! interpolator's reach makes peaks higher than it was asked to: a second stage measures again where that can be, and takes the rest away.

mod envelope;
mod foretold;
mod processor;
mod recovery;
mod stage;

pub use self::envelope::{CELL as ENVELOPE_CELL, PeakEnvelope};
pub use self::foretold::{LimiterSettings, limiter_envelope};
use self::processor::Running;
use crate::dsp::parts::true_peak;
use crate::dsp::{Args, Category, Declaration, Effect, Param, Processor, Refused, Setup, Shape, Tail};
use crate::units::{Frames, Rate, Unit};

const CEILING: usize = 0;
const GAIN: usize = 1;
const LOOKAHEAD: usize = 2;
const RELEASE: usize = 3;
const LINK: usize = 4;
const TRUE_PEAK: usize = 5;

static DECLARATION: Declaration = Declaration {
    name: "limiter",
    category: Category::Dynamics,
    help: "Lets no peak through that is higher than the ceiling",
    version: 2,
    params: &[
        Param::number("ceiling", Unit::Dbtp, -60.0, 6.0, -1.0, "The highest true peak that leaves it").curve(),
        Param::number("gain", Unit::Db, -36.0, 36.0, 0.0, "Level before it").curve(),
        Param::number("lookahead", Unit::Ms, 0.1, 20.0, 2.0, "How long before a peak it begins to turn down"),
        Param::number(
            "release",
            Unit::Ms,
            1.0,
            5000.0,
            100.0,
            "The time to 63 % of its way back; auto: soon after a peak, slowly after lasting loudness",
        )
        .or(&["auto"])
        .optional(),
        Param::number(
            "link",
            Unit::Percent,
            0.0,
            100.0,
            100.0,
            "How much the channels share the largest of their reductions",
        ),
        Param::switch("truepeak", true, "Whether peaks between samples count"),
    ],
};

pub(crate) struct Limiter;

impl Effect for Limiter {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn shape(&self, args: &Args, setup: &Setup) -> Result<Shape, Refused> {
        let second = if args.switch(TRUE_PEAK) { true_peak::LATE + correction(setup.rate) } else { 0 };
        let latency = Frames::new(
            (lookahead(args.number(LOOKAHEAD).unwrap_or(2.0), setup.rate) + interpolation(args) + second) as i64,
        );
        Ok(Shape { latency, tail: Tail::None, out: setup.layout })
    }

    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
        Ok(Box::new(Running::new(args, setup)))
    }
}

/// In frames, from ms.
fn lookahead(ms: f64, rate: Rate) -> usize {
    ((ms * rate.hz() / 1000.0).round() as usize).max(1)
}

fn interpolation(args: &Args) -> usize {
    if args.switch(TRUE_PEAK) { true_peak::LATE } else { 0 }
}

/// The second stage's look-ahead in frames: 1 ms. Its corrections are small, so they are slow enough even then.
fn correction(rate: Rate) -> usize {
    (rate.hz() / 1000.0).round() as usize
}

/// How far below the ceiling a true peak is set, as a factor: the second stage's gain moves too, if slowly, and meters round.
const MARGIN: f64 = 0.998_849_4; // -0.01 dB
