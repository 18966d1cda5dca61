use num_complex::Complex64;

use crate::audio::{Block, StateError, StateReader, StateWriter};
use crate::dsp::parts::child::Child;
use crate::dsp::parts::delay_ring::DelayRing;
use crate::dsp::{
    Args, Category, Declaration, Effect, Flow, Io, Param, Place, Processor, Refused, Setup, Shape, catalogue, common,
};
use crate::units::{Frames, Hz};

/// Effects side by side, each on the same sound: their sum, every branch aligned to the latest.
pub(crate) struct Parallel;

static DECLARATION: Declaration = Declaration {
    name: "parallel",
    category: Category::Image,
    help: "Effects side by side on the same sound, summed and aligned in time",
    version: 1,
    params: &[Param::effects("effects", "The branches; a branch of several effects is a chain")],
};

impl Effect for Parallel {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    /// As late as the latest branch and as wide as the widest.
    fn shape(&self, args: &Args, setup: &Setup) -> Result<Shape, Refused> {
        let mut shapes = shapes(args, setup)?.into_iter();
        let Some(first) = shapes.next() else { return Ok(Shape::plain(setup)) };
        Ok(shapes.fold(first, |a, b| Shape {
            latency: a.latency.max(b.latency),
            tail: a.tail.or(b.tail),
            out: a.out.max(b.out),
        }))
    }

    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
        let shape = self.shape(args, setup)?;
        let (latest, ins) = (shape.latency.get() as usize, setup.layout.channels());
        let mut branches = Vec::new();
        for child in Child::all(args, setup, &self.places(args, setup)?)? {
            let (outs, wait) = (child.shape.out.channels(), latest - child.latency());
            branches.push(Branch {
                ring: DelayRing::new(outs, wait),
                block: Block::new(child.channels, setup.block),
                child,
            });
        }
        Ok(Box::new(Sum { branches, ins, outs: shape.out.channels(), input: Block::new(ins, setup.block) }))
    }

    fn response(&self, args: &Args, setup: &Setup, frequency: Hz) -> Option<Complex64> {
        if args.children().next().is_none() {
            return Some(Complex64::new(1.0, 0.0));
        }
        let shapes = shapes(args, setup).ok()?;
        let latest = shapes.iter().map(|shape| shape.latency).max()?;
        let places = self.places(args, setup).ok()?;
        let mut sum = Complex64::new(0.0, 0.0);
        for (index, ((child, place), shape)) in args.children().zip(places).zip(shapes).enumerate() {
            let branch = catalogue::response(child, &place.setup(setup, index), frequency)?;
            sum += branch * common::delayed(latest - shape.latency, setup, frequency);
        }
        Some(sum)
    }

    fn neutral(&self) -> Option<Args> {
        Some(Args::defaults(&DECLARATION))
    }
}

fn shapes(args: &Args, setup: &Setup) -> Result<Vec<Shape>, Refused> {
    let place = Place { layout: setup.layout, late: Frames::ZERO };
    args.children().enumerate().map(|(index, child)| catalogue::shape(child, &place.setup(setup, index))).collect()
}

struct Branch {
    child: Child,
    /// Aligns it to the latest branch.
    ring: DelayRing,
    block: Block,
}

struct Sum {
    branches: Vec<Branch>,
    ins: usize,
    outs: usize,
    input: Block,
}

impl Processor for Sum {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let frames = io.frames();
        if self.branches.is_empty() {
            return if io.audio.is_silent() { Flow::Silent } else { Flow::Through };
        }
        self.input.planes(self.ins, frames).copy_from(&io.audio.as_ref());
        let input = self.input.planes_ref(self.ins, frames);
        let mut silent = true;
        for (index, branch) in self.branches.iter_mut().enumerate() {
            let (channels, outs) = (branch.child.channels, branch.child.shape.out.channels());
            branch.block.planes(self.ins, frames).copy_from(&input);
            let flow = branch.child.process(io.at, branch.block.planes(channels, frames), io.keys, &io.params);
            let mut planes = branch.block.planes(outs, frames);
            branch.ring.process(&mut planes);
            silent &= flow == Flow::Silent && branch.ring.at_rest() && planes.is_silent();
            for channel in 0..self.outs {
                // one channel is heard on all, of more each on its own
                let from = if outs == 1 { 0 } else { channel };
                let sum = io.audio.channel_mut(channel);
                match (index, from < outs) {
                    (0, true) => sum.copy_from_slice(planes.channel(from)),
                    (0, false) => sum.fill(0.0),
                    (_, true) => sum.iter_mut().zip(planes.channel(from)).for_each(|(sum, x)| *sum += *x),
                    (_, false) => {}
                }
            }
        }
        if silent { Flow::Silent } else { Flow::Written }
    }

    fn reset(&mut self) {
        for branch in &mut self.branches {
            branch.child.reset();
            branch.ring.reset();
        }
    }

    fn save(&self, into: &mut StateWriter) {
        for branch in &self.branches {
            branch.child.save(into);
            branch.ring.save(into);
        }
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.branches.iter_mut().try_for_each(|branch| {
            branch.child.load(from)?;
            branch.ring.load(from)
        })
    }
}
