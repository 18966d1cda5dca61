//! What leaves the graph: summed, cut and faded as it arrives, then written to a file or only measured.

mod convert;
mod file;
mod heard;
mod ink;
mod kept;
mod last;

pub use file::Delivery;
pub use last::Last;

use std::f64::consts::FRAC_PI_2;
use std::path::PathBuf;

use super::Failure;
use super::params::Followers;
use super::slots::{SEGMENT, Slots};
use super::spool::{Envelope, Spool};
use super::sum::{self, Input};
use crate::analysis::{Measurement, What};
use crate::audio::{Block, Planes, math};
use crate::graph::plan::{self, Plan};
use crate::media::WriteError;
use crate::media::writer::{Coded, Piece, Writer};
use crate::world::World;

/// What becomes of an output.
#[derive(Clone, Debug)]
pub enum Sink {
    File(Delivery),
    /// It is measured as it is, and not written: these song frames (first, one past the last; in order), each without what came before it.
    Meter {
        ranges: Vec<(i64, i64)>,
        what: What,
    },
    /// It is kept for a solve, in a file beside this path that never gets its name.
    Spool(PathBuf),
}

impl Sink {
    /// Where it goes, in words.
    pub(super) fn name(&self) -> String {
        match self {
            Sink::File(delivery) => delivery.path.display().to_string(),
            Sink::Meter { .. } => "measured".to_string(),
            Sink::Spool(_) => "kept for its loudness".to_string(),
        }
    }
}

/// What came of an output: a file, or only what was measured.
#[derive(Debug)]
pub struct Written {
    pub measurement: Measurement,
    /// Samples over full scale that were held there.
    pub clipped: u64,
    /// The deepest reduction of the limiter at its end, from the delivery's beginning on: dB, 0 without one.
    pub reduction: f64,
    pub kept: Option<(Spool, Envelope)>,
    /// Of a file that was just written: see [`Finished`](crate::media::writer::Finished).
    pub seal: Option<u128>,
}

/// Where the frames of an output end.
trait End: Send {
    /// The song frames that it must be given: first, one past the last. Those before the stream begins were silence and don't come.
    fn wants(&self) -> (i64, i64);

    /// The next frames, the first at song time `song`.
    fn take(&mut self, song: i64, planes: Planes<'_>) -> Result<(), WriteError>;

    /// The deepest reduction of a limiter at its end so far, dB.
    fn reduction(&self) -> f64 {
        0.0
    }

    /// Of its file, if it has one.
    fn writer(&mut self) -> Option<&mut dyn Writer> {
        None
    }

    /// What was measured, when everything has come.
    fn measured(&mut self) -> Result<Measurement, WriteError>;

    /// Puts it under its final name, if it has one.
    fn finish(self: Box<Self>) -> Result<Written, WriteError>;
}

pub(super) struct Output {
    index: usize,
    inputs: Vec<Input>,
    followers: Followers,
    channels: usize,
    latency: i64,
    begin: i64,
    over: i64,
    fade_in: i64,
    fade_out: i64,
    block: Block,
    end: Box<dyn End>,
}

impl Output {
    pub(super) fn create(
        index: usize,
        plan: &Plan,
        output: &plan::Output,
        sink: &Sink,
        world: &dyn World,
        block: usize,
    ) -> Result<Output, Failure> {
        let channels = output.layout.channels();
        let end: Box<dyn End> = match sink {
            Sink::File(delivery) => {
                let file = file::File::create(plan, output, delivery, world, block);
                Box::new(file.map_err(|error| Failure::Write { output: index, error })?)
            }
            Sink::Spool(path) => {
                let file = world.create(path).map_err(|e| Failure::Write { output: index, error: e.into() })?;
                Box::new(kept::Kept::new(file, plan.rate, output))
            }
            Sink::Meter { ranges, what } => Box::new(heard::Heard::new(plan.rate, output, ranges, *what)),
        };
        Ok(Output {
            index,
            inputs: output.inputs.iter().map(|edge| Input::new(edge, block)).collect(),
            followers: Followers::of_sum(&output.keys, &output.inputs, block),
            channels,
            latency: output.latency,
            begin: output.begin,
            over: output.end,
            fade_in: output.fade_in,
            fade_out: output.fade_out,
            block: Block::new(channels, block),
            end,
        })
    }

    /// The stream's frame after the last that it needs.
    pub(super) fn until(&self) -> i64 {
        self.end.wants().1 + self.latency
    }

    /// The segments that it must hear, first and one past the last.
    pub(super) fn span(&self) -> (usize, usize) {
        let (first, end) = self.end.wants();
        // what follows a sound has heard it from the beginning
        let first = if self.followers.follow() { 0 } else { (first + self.latency).max(0) as usize / SEGMENT };
        (first, ((end + self.latency).max(0) as usize).div_ceil(SEGMENT))
    }

    /// Takes one segment of what it hears.
    pub(super) fn segment(&mut self, segment: usize, slots: &Slots) -> Result<(), Failure> {
        let step = self.block.capacity();
        let mut at = 0;
        while at < SEGMENT {
            let n = step.min(SEGMENT - at);
            let song = (segment * SEGMENT + at) as i64 - self.latency;
            let mut planes = self.block.planes(self.channels, n);
            self.followers.take(slots, segment, at, n);
            let alone = self.inputs.len() == 1;
            sum::sum(&mut self.inputs, (alone, true), slots, segment, at, song, &mut self.followers, &mut planes);
            let (first, last) = self.end.wants();
            let (from, to) = (first.max(song), last.min(song + n as i64));
            if from < to {
                self.take((from - song) as usize, (to - song) as usize, from)?;
            }
            at += n;
        }
        Ok(())
    }

    /// Frames `first..last` of the block, the first at song time `song`.
    fn take(&mut self, first: usize, last: usize, song: i64) -> Result<(), Failure> {
        let mut planes = self.block.planes(self.channels, last);
        let mut planes = planes.slice(first, last);
        if self.fade_in > 0 || self.fade_out > 0 {
            for plane in planes.each_mut() {
                for (i, x) in plane.iter_mut().enumerate() {
                    let at = song + i as i64;
                    *x *= way(at - self.begin, self.fade_in) * way(self.over - 1 - at, self.fade_out);
                }
            }
        }
        self.end.take(song, planes).map_err(|error| Failure::Write { output: self.index, error })
    }

    /// See [`Writer`].
    pub(super) fn share(&mut self) -> bool {
        self.end.writer().is_some_and(|writer| writer.share())
    }

    pub(super) fn pieces(&mut self) -> Vec<Piece> {
        self.end.writer().map_or(Vec::new(), |writer| writer.pieces())
    }

    pub(super) fn put(&mut self, coded: Vec<Coded>) -> Result<(), Failure> {
        let Some(writer) = self.end.writer() else { return Ok(()) };
        let written = coded.into_iter().try_for_each(|coded| writer.put(coded));
        written.map_err(|error| Failure::Write { output: self.index, error })
    }

    /// As [`Written::reduction`], once it was measured.
    pub(super) fn reduction(&self) -> f64 {
        self.end.reduction()
    }

    pub(super) fn measured(&mut self) -> Result<Measurement, Failure> {
        self.end.measured().map_err(|error| Failure::Write { output: self.index, error })
    }

    pub(super) fn finish(self) -> Result<Written, Failure> {
        self.end.finish().map_err(|error| Failure::Write { output: self.index, error })
    }
}

/// The way in or out of a file: a raised cosine from 0 to 1. Without one the sound goes on beyond the file's ends, for filters that reach there.
fn way(done: i64, all: i64) -> f64 {
    if done >= all || all == 0 {
        1.0
    } else if done < 0 {
        0.0
    } else {
        let s = math::sin((done as f64 + 0.5) / all as f64 * FRAC_PI_2);
        s * s
    }
}
