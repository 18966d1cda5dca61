use num_complex::Complex64;

use crate::audio::{Block, StateError, StateReader, StateWriter};
use crate::dsp::parts::child::Child;
use crate::dsp::{
    Args, Category, Declaration, Effect, Flow, Io, Param, Place, Processor, Refused, Setup, Shape, Tail, catalogue,
};
use crate::units::{Frames, Hz};

/// Effects in series, as one.
pub(crate) struct Chain;

static DECLARATION: Declaration = Declaration {
    name: "chain",
    category: Category::Image,
    help: "Effects one after the other, as one effect",
    version: 1,
    params: &[Param::effects("effects", "What the sound passes through, in this order")],
};

impl Effect for Chain {
    fn declaration(&self) -> &'static Declaration {
        &DECLARATION
    }

    fn shape(&self, args: &Args, setup: &Setup) -> Result<Shape, Refused> {
        Ok(walk(args, setup)?.1)
    }

    fn places(&self, args: &Args, setup: &Setup) -> Result<Vec<Place>, Refused> {
        Ok(walk(args, setup)?.0)
    }

    fn build(&self, args: &Args, setup: &Setup) -> Result<Box<dyn Processor>, Refused> {
        let (places, shape) = walk(args, setup)?;
        let children = Child::all(args, setup, &places)?;
        let own = setup.layout.channels().max(shape.out.channels());
        let widest = children.iter().map(|child| child.channels).max().unwrap_or(own);
        Ok(Box::new(Series {
            ins: setup.layout.channels(),
            outs: shape.out.channels(),
            wide: (widest > own).then(|| Block::new(widest, setup.block)),
            children,
        }))
    }

    fn response(&self, args: &Args, setup: &Setup, frequency: Hz) -> Option<Complex64> {
        let (places, _) = walk(args, setup).ok()?;
        let mut product = Complex64::new(1.0, 0.0);
        for (index, (child, place)) in args.children().zip(places).enumerate() {
            product *= catalogue::response(child, &place.setup(setup, index), frequency)?;
        }
        Some(product)
    }

    fn neutral(&self) -> Option<Args> {
        Some(Args::defaults(&DECLARATION))
    }
}

/// Where each child stands, and the shape of them all: latencies add up, each takes the layout that the one before it gives.
fn walk(args: &Args, setup: &Setup) -> Result<(Vec<Place>, Shape), Refused> {
    let mut places = Vec::new();
    let mut all = Shape { latency: Frames::ZERO, tail: Tail::None, out: setup.layout };
    for (index, child) in args.children().enumerate() {
        let place = Place { layout: all.out, late: all.latency };
        let shape = catalogue::shape(child, &place.setup(setup, index))?;
        places.push(place);
        all = Shape { latency: all.latency + shape.latency, tail: all.tail.then(shape.tail), out: shape.out };
    }
    Ok((places, all))
}

struct Series {
    children: Vec<Child>,
    ins: usize,
    outs: usize,
    /// Where a child on the way is wider than both ends.
    wide: Option<Block>,
}

impl Processor for Series {
    fn process(&mut self, io: &mut Io<'_>) -> Flow {
        let frames = io.frames();
        if let Some(wide) = &mut self.wide {
            wide.planes(self.ins, frames).copy_from(&io.audio.as_ref());
        }
        let (mut silent, mut through) = (true, true);
        for child in &mut self.children {
            let audio = match &mut self.wide {
                Some(wide) => wide.planes(child.channels, frames),
                None => io.audio.first(child.channels),
            };
            let flow = child.process(io.at, audio, io.keys, &io.params);
            silent &= flow == Flow::Silent;
            through &= flow == Flow::Through;
        }
        if let Some(wide) = &self.wide {
            io.audio.first(self.outs).copy_from(&wide.planes_ref(self.outs, frames));
        }
        if self.children.is_empty() {
            return if io.audio.is_silent() { Flow::Silent } else { Flow::Through };
        }
        match (silent, through) {
            (true, _) => Flow::Silent,
            (_, true) if self.ins == self.outs => Flow::Through,
            _ => Flow::Written,
        }
    }

    /// That of all one after the other, as if each had been at its least at the same time.
    fn reduction(&self) -> f64 {
        self.children.iter().map(Child::reduction).product()
    }

    fn reset(&mut self) {
        self.children.iter_mut().for_each(Child::reset);
    }

    fn save(&self, into: &mut StateWriter) {
        self.children.iter().for_each(|child| child.save(into));
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.children.iter_mut().try_for_each(|child| child.load(from))
    }
}
