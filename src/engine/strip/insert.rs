//! An effect of a strip as it runs.

use crate::audio::{Block, Layout, Planes, StateError, StateReader, StateWriter};
use crate::dsp::{Flow, Io, Processor, Setup, Value, Values, catalogue, process_both};
use crate::engine::Failure;
use crate::engine::params::{Followers, Slotted};
use crate::graph::constants;
use crate::graph::plan::{Insert, Node};
use crate::units::Rate;

pub(super) struct Running {
    pub(super) processor: Box<dyn Processor>,
    slots: Slotted,
    keys: (usize, usize),
    pub(super) layout: Layout,
    out: Layout,
    latency: i64,
    /// Its last word was silence with all state at rest: fed silence it need not run.
    resting: bool,
}

/// So many frames from `frame` of the stream on.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    pub(super) frame: i64,
    pub(super) frames: usize,
    pub(super) silent: bool,
}

/// A block that comes to an insert, where it is, and what steers the strip.
pub(super) type Place<'a> = (Piece, &'a mut Block, &'a mut Followers);

impl Running {
    pub(super) fn new(insert: &Insert, node: &Node, rate: Rate, block: usize) -> Result<Running, Failure> {
        let setup = Setup { rate, layout: insert.layout, block, seed: insert.seed };
        let processor = catalogue::build(&insert.args, &setup)
            .map_err(|refused| Failure::Refused { node: node.name.clone(), message: refused.message })?;
        let mut still = Vec::new();
        constants(&insert.args, &mut still);
        Ok(Running {
            processor,
            slots: Slotted::new(&still, &insert.moves, block),
            keys: insert.keys,
            layout: insert.layout,
            out: insert.out,
            latency: insert.latency,
            resting: false,
        })
    }

    fn song(&self, piece: Piece) -> i64 {
        piece.frame - self.latency
    }

    fn planes<'b>(&self, block: &'b mut Block, n: usize) -> Planes<'b> {
        block.planes(self.out.channels().max(self.layout.channels()), n)
    }

    /// Its parameters over a block, and whether it has anything to do there.
    fn wakes(&mut self, piece: Piece, block: &mut Block, followers: &mut Followers) -> bool {
        if piece.silent {
            // what silence leaves behind in planes that only now come into use
            self.planes(block, piece.frames).fill(0.0);
        }
        self.slots.evaluate(self.song(piece), piece.frames, followers);
        !(piece.silent && self.resting && followers.are_silent(self.keys))
    }

    /// After the block, with what was said of it: whether what comes out is silent.
    fn done(&mut self, piece: Piece, flow: Option<Flow>) -> bool {
        self.slots.advance(self.song(piece), piece.frames);
        let Some(flow) = flow else { return piece.silent };
        self.resting = flow == Flow::Silent;
        match flow {
            Flow::Silent => true,
            Flow::Through => piece.silent,
            Flow::Written => false,
        }
    }

    fn process(&mut self, piece: Piece, block: &mut Block, followers: &Followers) -> Flow {
        let (at, n) = (self.song(piece), piece.frames);
        let keys = followers.refs(self.keys, n);
        let audio = self.planes(block, n);
        let Running { processor, slots, .. } = self;
        slots.with(n, |slots| processor.process(&mut Io { at, audio, keys: &keys, params: Values::new(slots) }))
    }

    /// Runs it over a block. Says whether what comes out is silent.
    pub(super) fn run(&mut self, (piece, block, followers): Place<'_>) -> bool {
        let flow = self.wakes(piece, block, followers).then(|| self.process(piece, block, followers));
        self.done(piece, flow)
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        into.u64(self.resting.into());
        self.slots.save(into);
        self.processor.save(into);
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.resting = from.u64()? != 0;
        self.slots.load(from)?;
        self.processor.load(from)
    }
}

/// Runs two inserts, each over its own block.
pub(super) fn run_both([p, q]: [&mut Running; 2], [x, y]: [Place<'_>; 2]) -> [bool; 2] {
    let ((x, x_block, x_followers), (y, y_block, y_followers)) = (x, y);
    let flows = match (p.wakes(x, x_block, x_followers), q.wakes(y, y_block, y_followers)) {
        (true, true) => {
            let keys = [x_followers.refs(p.keys, x.frames), y_followers.refs(q.keys, y.frames)];
            let (at, audio) = ([p.song(x), q.song(y)], [p.planes(x_block, x.frames), q.planes(y_block, y.frames)]);
            let [x_audio, y_audio] = audio;
            let both = |x_slots: &[Value<'_>], y_slots: &[Value<'_>]| {
                let io = |at, audio, keys, slots| Io { at, audio, keys, params: Values::new(slots) };
                let mut ios = (io(at[0], x_audio, &keys[0], x_slots), io(at[1], y_audio, &keys[1], y_slots));
                process_both([&mut *p.processor, &mut *q.processor], [&mut ios.0, &mut ios.1])
            };
            p.slots.with(x.frames, |x_slots| q.slots.with(y.frames, |y_slots| both(x_slots, y_slots))).map(Some)
        }
        (one, other) => {
            [one.then(|| p.process(x, x_block, x_followers)), other.then(|| q.process(y, y_block, y_followers))]
        }
    };
    [p.done(x, flows[0]), q.done(y, flows[1])]
}
