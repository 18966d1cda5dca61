use crate::audio::{Block, Layout, StateError, StateReader, StateWriter};
use crate::dsp::parts::child::Child;
use crate::dsp::parts::delay_ring::DelayRing;
use crate::dsp::parts::mid_side;
use crate::dsp::{
    Arg, Args, Category, Declaration, Effect, Flow, Io, Param, Place, Processor, Refused, Setup, Shape, catalogue,
    common,
};
use crate::units::Frames;

/// One effect on the middle, M = (L + R) / 2, and one on the side, S = (L - R) / 2, aligned with each other.
pub(crate) struct MidSide;

const MID: usize = 0;

static DECLARATION: Declaration = Declaration {
    name: "mid_side",
    category: Category::Image,
    help: "Processes the middle and the side of a stereo sound apart",
    version: 1,
    params: &[
        Param::effect("mid", "For the middle, what both channels share"),
        Param::effect("side", "For the side, what tells the channels apart"),
    ],
};

impl Effect for MidSide {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn shape(&self, args: &Args, setup: &Setup) -> Result<Shape, Refused> {
        let places = self.places(args, setup)?;
        let mut all = Shape::plain(setup);
        for (index, (child, place)) in args.children().zip(places).enumerate() {
            let shape = catalogue::shape(child, &place.setup(setup, index))?;
            all.latency = all.latency.max(shape.latency);
            all.tail = if index == 0 { shape.tail } else { all.tail.or(shape.tail) };
        }
        Ok(all)
    }

    /// Each child is built for one channel; of an effect that makes more of it, the mean is taken.
    fn places(&self, args: &Args, setup: &Setup) -> Result<Vec<Place>, Refused> {
        if setup.layout != Layout::STEREO {
            return Err(Refused::new("`mid_side` needs a stereo sound: there is no side in a mono one")
                .help("use the effect itself, without `mid_side`"));
        }
        Ok(args.children().map(|_| Place { layout: Layout::MONO, late: Frames::ZERO }).collect())
    }

    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
        let latest = self.shape(args, setup)?.latency.get() as usize;
        let children = Child::all(args, setup, &self.places(args, setup)?)?;
        let mut halves = children.into_iter().map(|child| Half {
            ring: DelayRing::new(1, latest - child.latency()),
            block: Block::new(child.channels, setup.block),
            child,
        });
        let mid = if args.values[MID] == Arg::Absent { None } else { halves.next() };
        Ok(Box::new(Split {
            mid,
            side: halves.next(),
            ring: DelayRing::new(2, latest),
            dry: Block::new(2, setup.block),
        }))
    }

    fn neutral(&self) -> Option<Args> {
        Some(Args::defaults(&DECLARATION))
    }
}

/// The way of the middle or of the side.
struct Half {
    child: Child,
    /// Aligns it to the later of the two.
    ring: DelayRing,
    block: Block,
}

impl Half {
    /// From what `block` holds in its first channel to the processed and aligned half there; whether that and all to come is silent.
    fn process(&mut self, io: &Io<'_>) -> bool {
        let frames = io.frames();
        let audio = self.block.planes(self.child.channels, frames);
        let flow = self.child.process(io.at, audio, io.keys, &io.params);
        if self.child.shape.out.channels() > 1 {
            common::fold(&mut self.block, frames);
        }
        let mut mono = self.block.planes(1, frames);
        self.ring.process(&mut mono);
        flow == Flow::Silent && self.ring.at_rest() && mono.is_silent()
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.child.load(from)?;
        self.ring.load(from)
    }
}

struct Split {
    mid: Option<Half>,
    side: Option<Half>,
    ring: DelayRing,
    /// The input, as late as the halves: where nothing was changed it comes back bit for bit.
    dry: Block,
}

impl Split {
    fn halves(&mut self) -> impl Iterator<Item = &mut Half> {
        self.mid.iter_mut().chain(&mut self.side)
    }
}

impl Processor for Split {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let frames = io.frames();
        let (left, right) = (io.audio.channel(0), io.audio.channel(1));
        for i in 0..frames {
            let (middle, side) = mid_side::encode(left[i], right[i]);
            if let Some(half) = &mut self.mid {
                half.block.channel_mut(0)[i] = middle;
            }
            if let Some(half) = &mut self.side {
                half.block.channel_mut(0)[i] = side;
            }
        }
        let mut dry = self.dry.planes(2, frames);
        dry.copy_from(&io.audio.as_ref());
        self.ring.process(&mut dry);
        let mut silent = dry.is_silent() && self.ring.at_rest();
        for half in self.mid.iter_mut().chain(&mut self.side) {
            silent &= half.process(io);
        }
        if silent {
            io.audio.fill(0.0);
            return Flow::Silent;
        }
        let (l, r) = (self.dry.channel(0), self.dry.channel(1));
        let (left, right) = io.audio.pair_mut(0, 1);
        for i in 0..frames {
            let (middle, side) = mid_side::encode(l[i], r[i]);
            let middle = self.mid.as_ref().map_or(middle, |half| half.block.channel(0)[i]);
            let side = self.side.as_ref().map_or(side, |half| half.block.channel(0)[i]);
            (left[i], right[i]) = mid_side::decode(l[i], r[i], middle, side);
        }
        if self.mid.is_none() && self.side.is_none() { Flow::Through } else { Flow::Written }
    }

    fn reset(&mut self) {
        self.ring.reset();
        for half in self.halves() {
            half.child.reset();
            half.ring.reset();
        }
    }

    fn save(&self, into: &mut StateWriter) {
        self.ring.save(into);
        for half in self.mid.iter().chain(&self.side) {
            half.child.save(into);
            half.ring.save(into);
        }
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.ring.load(from)?;
        self.halves().try_for_each(|half| half.load(from))
    }
}
