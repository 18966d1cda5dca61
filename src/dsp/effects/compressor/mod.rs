//! A feed-forward compressor in the log domain with the detector's smoothing after the gain computer: D. Giannoulis, M. Massberg, J. D. Reiss,
//! "Digital dynamic range compressor design", JAES 60(6), 2012.

mod press;
mod processor;

use processor::Running;

use crate::dsp::{Arg, Args, Category, Declaration, Effect, Param, Processor, Refused, Setup, Shape, Tail};
use crate::units::{Frames, Rate, Unit};

const THRESHOLD: usize = 0;
const RATIO: usize = 1;
const ATTACK: usize = 2;
const HOLD: usize = 3;
const RELEASE: usize = 4;
const KNEE: usize = 5;
const MAKEUP: usize = 6;
const DETECTOR: usize = 7;
const WINDOW: usize = 8;
const LOOKAHEAD: usize = 9;
const LINK: usize = 10;
const RANGE: usize = 11;
const KEY: usize = 12;
const KEY_LOW_CUT: usize = 13;
const KEY_HIGH_CUT: usize = 14;

static DECLARATION: Declaration = Declaration {
    name: "compressor",
    category: Category::Dynamics,
    help: "Makes what is louder than the threshold softer by the ratio",
    version: 2,
    params: &[
        Param::number("threshold", Unit::Db, -80.0, 0.0, -18.0, "The level above which it works").curve(),
        Param::number("ratio", Unit::None, 1.0, 100.0, 2.0, "How many dB more in give one dB more out").curve(),
        Param::number("attack", Unit::Ms, 0.0, 1000.0, 10.0, "The time to 63 % of a growing reduction").curve(),
        Param::number("hold", Unit::Ms, 0.0, 1000.0, 0.0, "How long a reduction stands before it is released"),
        Param::number(
            "release",
            Unit::Ms,
            1.0,
            5000.0,
            100.0,
            "The time to 63 % of a release; auto: 60 ms after a peak, 600 ms after a lasting reduction",
        )
        .or(&["auto"])
        .curve(),
        Param::number("knee", Unit::Db, 0.0, 36.0, 6.0, "How wide the bend around the threshold is").curve(),
        Param::number(
            "makeup",
            Unit::Db,
            -24.0,
            24.0,
            0.0,
            "Level afterwards; auto: half of the reduction of a sound at 0 dBFS",
        )
        .or(&["auto"])
        .curve(),
        Param::choice("detector", &["peak", "rms"], 0, "Whether peaks or power count"),
        Param::number("window", Unit::Ms, 0.1, 1000.0, 10.0, "The time constant of the rms detector's mean"),
        Param::number(
            "lookahead",
            Unit::Ms,
            0.0,
            20.0,
            0.0,
            "How much earlier it hears than it acts; the whole song waits for it",
        ),
        Param::number(
            "link",
            Unit::Percent,
            0.0,
            100.0,
            100.0,
            "How much the channels share the largest of their reductions",
        ),
        Param::number("range", Unit::Db, 0.0, 60.0, 60.0, "The largest reduction").curve(),
        Param::key("key", "The strip it listens to instead of its own sound"),
        Param::frequency("key_low_cut", 10.0, 100.0, "It doesn't hear what is below (12 dB per octave)").optional(),
        Param::frequency("key_high_cut", 10.0, 10_000.0, "It doesn't hear what is above (12 dB per octave)").optional(),
    ],
};

pub(crate) struct Compressor;

impl Effect for Compressor {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn shape(&self, args: &Args, setup: &Setup) -> Result<Shape, Refused> {
        let latency = Frames::new(lookahead(args, setup.rate) as i64);
        Ok(Shape { latency, tail: Tail::None, out: setup.layout })
    }

    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
        Ok(Box::new(Running::new(args, setup)))
    }

    fn neutral(&self) -> Option<Args> {
        Some(Args::defaults(&DECLARATION).with("ratio", Arg::Number(1.0)))
    }
}

fn frames(ms: f64, rate: Rate) -> usize {
    (ms * rate.hz() / 1000.0).round() as usize
}

fn lookahead(args: &Args, rate: Rate) -> usize {
    frames(args.number(LOOKAHEAD).unwrap_or(0.0), rate)
}
