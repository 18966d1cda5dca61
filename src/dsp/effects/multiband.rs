use num_complex::Complex64;

use crate::audio::{Block, StateError, StateReader, StateWriter};
use crate::dsp::parts::child::Child;
use crate::dsp::parts::delay_ring::DelayRing;
use crate::dsp::parts::linkwitz::Crossover;
use crate::dsp::{
    Arg, Args, Category, Declaration, Effect, Flow, Io, Param, Processor, Refused, Setup, Shape, Tail, catalogue,
    common,
};
use crate::units::{Frames, Hz, Unit};

/// Effects on bands of frequencies, flat where they do nothing.
pub(crate) struct Multiband;

static DECLARATION: Declaration = Declaration {
    name: "multiband",
    category: Category::Dynamics,
    help: "Splits the sound into bands, each with its own effect, and sums them",
    version: 1,
    params: &[
        Param::numbers("split", Unit::Hz, 20.0, 20_000.0, &[120.0, 3000.0], "Where the bands meet, ascending"),
        Param::effect("low", "On the lowest of two or three bands"),
        Param::effect("mid", "On the middle one of three bands"),
        Param::effect("high", "On the highest of two or three bands"),
        Param::effects("bands", "One effect for each band, the lowest first"),
    ],
};

const SPLIT: usize = 0;
const LOW: usize = 1;
const MID: usize = 2;
const HIGH: usize = 3;
const BANDS: usize = 4;
const MOST_SPLITS: usize = 5;

/// What is on each band, the lowest first; refuses settings that contradict one another.
fn bands<'a>(args: &'a Args, setup: &Setup) -> Result<Vec<Option<&'a Args>>, Refused> {
    let splits = args.numbers(SPLIT);
    if splits.is_empty() || splits.len() > MOST_SPLITS {
        return Err(Refused::new(format!(
            "`multiband` has 2 to 6 bands, so 1 to {MOST_SPLITS} splits, not {}",
            splits.len()
        ))
        .at(SPLIT));
    }
    for pair in splits.windows(2) {
        if pair[1] <= pair[0] {
            return Err(Refused::new(format!(
                "the split at {} is not above the one at {}",
                Hz::new(pair[1]),
                Hz::new(pair[0])
            ))
            .at(SPLIT)
            .help("splits ascend: `split: [120Hz, 3kHz]`"));
        }
    }
    if let Some(high) = splits.iter().find(|f| **f > 0.49 * setup.rate.hz()) {
        return Err(Refused::new(format!(
            "a split at {} is above what a rate of {} holds",
            Hz::new(*high),
            setup.rate
        ))
        .at(SPLIT));
    }
    let one = |index: usize| match &args.values[index] {
        Arg::Effect(child) => Some(&**child),
        _ => None,
    };
    let list = match &args.values[BANDS] {
        Arg::Effects(list) => list.as_slice(),
        _ => &[],
    };
    let named = [LOW, MID, HIGH].into_iter().find(|index| one(*index).is_some());
    let count = splits.len() + 1;
    match (named, list) {
        (Some(name), [_, ..]) => {
            Err(Refused::new(format!("either `bands` or `{}`, not both", DECLARATION.params[name].name)).at(name))
        }
        (_, [_, ..]) if list.len() != count => {
            let (s, n) = (splits.len(), list.len());
            Err(Refused::new(format!(
                "{s} split{} make {count} bands, but `bands` has {n}",
                if s == 1 { "" } else { "s" }
            ))
            .at(BANDS)
            .help("one effect for each band; `trim(0dB)` or an empty `chain()` does nothing"))
        }
        (_, [_, ..]) => Ok(list.iter().map(Some).collect()),
        (Some(MID), []) if count == 2 => {
            Err(Refused::new("one split makes two bands, `low` and `high`: there is no `mid`").at(MID))
        }
        (Some(name), []) if count > 3 => {
            Err(Refused::new(format!("{count} bands have no names `low`, `mid` and `high`"))
                .at(name)
                .help("use `bands: […]`"))
        }
        (_, []) if count == 2 => Ok(vec![one(LOW), one(HIGH)]),
        (_, []) if count == 3 => Ok(vec![one(LOW), one(MID), one(HIGH)]),
        (_, []) => Ok(vec![None; count]),
    }
}

/// The shapes of what is on each band.
fn shapes(bands: &[Option<&Args>], setup: &Setup) -> Result<Vec<Shape>, Refused> {
    let shape = |band: &Option<&Args>| match band {
        None => Ok(Shape::plain(setup)),
        Some(child) => {
            let shape = catalogue::shape(child, setup)?;
            if shape.out == setup.layout {
                Ok(shape)
            } else {
                Err(Refused::new(format!("`{}` changes the number of channels, which a band cannot", child.of.name)))
            }
        }
    };
    bands.iter().map(shape).collect()
}

fn latest(shapes: &[Shape]) -> Frames {
    shapes.iter().map(|s| s.latency).max().unwrap_or(Frames::ZERO)
}

impl Effect for Multiband {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn shape(&self, args: &Args, setup: &Setup) -> Result<Shape, Refused> {
        let shapes = shapes(&bands(args, setup)?, setup)?;
        let tail = shapes.iter().fold(Tail::Rings, |tail, s| tail.or(s.tail));
        Ok(Shape { latency: latest(&shapes), tail, out: setup.layout })
    }

    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
        let on = bands(args, setup)?;
        let shapes = shapes(&on, setup)?;
        let latest = latest(&shapes);
        let channels = setup.layout.channels();
        let mut children = Child::all(args, setup, &self.places(args, setup)?)?.into_iter();
        let branch = |(child, shape): (&Option<&Args>, &Shape)| Branch {
            child: child.and_then(|_| children.next()),
            ring: DelayRing::new(channels, (latest - shape.latency).get() as usize),
        };
        let branches = on.iter().zip(&shapes).map(branch).collect();
        let blocks = vec![Block::new(channels, setup.block); on.len()];
        let crossover = Crossover::new(args.numbers(SPLIT), channels, setup.rate);
        Ok(Box::new(Running { crossover, branches, blocks }))
    }

    fn response(&self, args: &Args, setup: &Setup, frequency: Hz) -> Option<Complex64> {
        let on = bands(args, setup).ok()?;
        let shapes = shapes(&on, setup).ok()?;
        let latest = latest(&shapes);
        let crossover = Crossover::new(args.numbers(SPLIT), 1, setup.rate);
        let mut sum = Complex64::ZERO;
        for (i, (child, shape)) in on.iter().zip(&shapes).enumerate() {
            let here = child.map_or(Some(Complex64::ONE), |child| catalogue::response(child, setup, frequency))?;
            let wait = common::delayed(latest - shape.latency, setup, frequency);
            sum += crossover.response(i, frequency, setup.rate) * here * wait;
        }
        Some(sum)
    }
}

/// A band: what is on it, and how long it waits for the latest of them.
struct Branch {
    child: Option<Child>,
    ring: DelayRing,
}

struct Running {
    crossover: Crossover,
    branches: Vec<Branch>,
    blocks: Vec<Block>,
}

impl Processor for Running {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let (channels, frames) = (io.audio.channels(), io.frames());
        let asleep = io.audio.is_silent() && self.crossover.is_at_rest();
        if asleep {
            self.blocks.iter_mut().for_each(|block| block.planes(channels, frames).fill(0.0));
        } else {
            self.crossover.split(io.at, &io.audio, &mut self.blocks);
        }
        let mut silent = asleep;
        io.audio.fill(0.0);
        for (branch, block) in self.branches.iter_mut().zip(&mut self.blocks) {
            let mut band = block.planes(channels, frames);
            let mut quiet = asleep;
            if let Some(child) = &mut branch.child {
                quiet = child.process(io.at, band.reborrow(), io.keys, &io.params) == Flow::Silent;
            }
            if !(quiet && branch.ring.at_rest()) {
                branch.ring.process(&mut band);
                for (sum, band) in io.audio.each_mut().zip(band.as_ref().each()) {
                    sum.iter_mut().zip(band).for_each(|(sum, x)| *sum += x);
                }
                silent = false;
            }
        }
        if silent { Flow::Silent } else { Flow::Written }
    }

    fn reset(&mut self) {
        self.crossover.reset();
        for branch in &mut self.branches {
            branch.ring.reset();
            if let Some(child) = &mut branch.child {
                child.reset();
            }
        }
    }

    fn save(&self, into: &mut StateWriter) {
        self.crossover.save(into);
        for branch in &self.branches {
            branch.ring.save(into);
            if let Some(child) = &branch.child {
                child.save(into);
            }
        }
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.crossover.load(from)?;
        for branch in &mut self.branches {
            branch.ring.load(from)?;
            if let Some(child) = &mut branch.child {
                child.load(from)?;
            }
        }
        Ok(())
    }
}
