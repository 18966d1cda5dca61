//! Runs a plan: segments through strips, in parallel, with bounded memory, and the same bytes whatever the threads and blocks.

mod fader;
mod output;
mod params;
mod proof;
mod ring;
mod schedule;
mod slots;
mod strip;
mod sum;
mod tape;

pub use output::{Delivery, Last, Sink, Written};
pub use slots::SEGMENT;
pub use tape::File;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::graph::LONGEST_BLOCK;
use crate::graph::plan::Plan;
use crate::media::{ReadError, WriteError};
use crate::world::World;
use proof::Proof;
use schedule::Schedule;
use slots::Slots;
use strip::Strip;
use tape::Materials;

/// Frames of a block unless one is asked for: what a strip works on stays in the first cache.
const BLOCK: usize = 512;

/// How to run.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Frames per block; the sound does not depend on it.
    pub block: usize,
    /// Threads; 0: one per core.
    pub threads: usize,
}

impl Options {
    pub fn new(threads: Option<usize>, block: Option<usize>) -> Options {
        Options { block: block.unwrap_or(BLOCK).clamp(1, LONGEST_BLOCK), threads: threads.unwrap_or(0) }
    }
}

/// Hears how a run goes on, and can end it.
pub trait Watcher: Sync {
    fn progress(&self, done: u64, total: u64);
    fn cancelled(&self) -> bool;
}

/// What made a run end early.
#[derive(Debug)]
pub enum Failure {
    Cancelled,
    /// A file could not be read to its end.
    Read {
        material: usize,
        error: Arc<ReadError>,
    },
    /// An output could not be written.
    Write {
        output: usize,
        error: WriteError,
    },
    /// A strip made a sample that is no number, or louder than +60 dBFS, at this song frame.
    NotFinite {
        node: usize,
        song: i64,
    },
    /// An effect that planning accepted could not be built.
    Refused {
        node: String,
        message: String,
    },
    /// The threads could not be started.
    Threads(String),
}

/// What a run made.
#[derive(Debug)]
pub struct Finished {
    /// One per output.
    pub written: Vec<Written>,
    /// The largest difference between the sum of the stems and what the mix heard, when the plan asked for the proof.
    pub proof: Option<f64>,
}

/// Runs `plan`; its outputs become what `sinks`, alike in number, say of them. After a failure no file has appeared that was not whole.
pub fn run(
    plan: &Plan,
    files: &[File],
    sinks: &[Sink],
    world: &dyn World,
    options: &Options,
    watcher: &dyn Watcher,
) -> Result<Finished, Failure> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(options.threads)
        .thread_name(|i| format!("render {i}"))
        .build()
        .map_err(|e| Failure::Threads(e.to_string()))?;
    pool.install(|| Run::new(plan, files, sinks, world, options)?.go(watcher))
}

struct Run<'a> {
    plan: &'a Plan,
    slots: Slots,
    materials: Materials<'a>,
    strips: Vec<Mutex<Strip>>,
    outputs: Vec<Mutex<output::Output>>,
    proof: Option<Mutex<Proof>>,
    segments: usize,
}

impl<'a> Run<'a> {
    fn new(
        plan: &'a Plan,
        files: &[File],
        sinks: &[Sink],
        world: &'a dyn World,
        options: &Options,
    ) -> Result<Run<'a>, Failure> {
        let mut plays = vec![0; files.len()];
        plan.nodes.iter().flat_map(|n| &n.clips).for_each(|c| plays[c.material] += c.repeat);
        let strips: Result<Vec<_>, Failure> = plan
            .nodes
            .iter()
            .enumerate()
            .map(|(i, node)| Strip::new(i, node, plan.rate, options).map(Mutex::new))
            .collect();
        let outputs: Result<Vec<_>, Failure> = plan
            .outputs
            .iter()
            .zip(sinks)
            .enumerate()
            .map(|(i, (output, sink))| output::Output::create(i, plan, output, sink, world, options.block))
            .collect();
        let outputs = outputs?;
        // streams run on until the last of them has given its last frame in song time
        let last = outputs.iter().map(output::Output::until).max().unwrap_or(0);
        Ok(Run {
            plan,
            slots: Slots::new(plan),
            materials: Materials::new(world, plan.rate, files, &plays),
            strips: strips?,
            outputs: outputs.into_iter().map(Mutex::new).collect(),
            proof: plan.proof.as_ref().map(|p| Mutex::new(Proof::new(p, p.latency, options.block))),
            segments: (last.max(0) as usize).div_ceil(SEGMENT),
        })
    }

    fn go(self, watcher: &dyn Watcher) -> Result<Finished, Failure> {
        let edges = |edges: &[crate::graph::plan::Edge]| edges.iter().map(|e| e.from).collect::<Vec<_>>();
        let mut hears: Vec<Vec<usize>> =
            self.plan.nodes.iter().map(|n| [edges(&n.inputs), edges(&n.keys)].concat()).collect();
        hears.extend(self.plan.outputs.iter().map(|o| [edges(&o.inputs), edges(&o.keys)].concat()));
        hears.extend(self.plan.proof.iter().map(|p| [edges(&p.stems), edges(&p.keys), vec![p.whole.from]].concat()));
        let schedule = Schedule::new(hears, self.segments, self.slots.window());
        let total = schedule.units() as u64;
        let done = AtomicU64::new(0);
        let ended = AtomicBool::new(false);
        // of several failures the one earliest in the song, then in the plan: the same on every run
        let failure: Mutex<Option<(usize, usize, Failure)>> = Mutex::new(None);
        schedule.run(&|task, segment| {
            if ended.load(Ordering::Relaxed) {
                return false;
            }
            let result = if watcher.cancelled() { Err(Failure::Cancelled) } else { self.unit(task, segment) };
            if let Err(error) = result {
                ended.store(true, Ordering::Relaxed);
                let mut first = lock(&failure);
                if first.as_ref().is_none_or(|(s, t, _)| (segment, task) < (*s, *t)) {
                    *first = Some((segment, task, error));
                }
                return false;
            }
            watcher.progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            true
        });
        if let Some((_, _, error)) = failure.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
            return Err(error);
        }
        let proof = self.proof.as_ref().map(|p| lock(p).worst());
        let mut written = Vec::with_capacity(self.outputs.len());
        for output in self.outputs {
            written.push(output.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()).finish()?);
        }
        Ok(Finished { written, proof })
    }

    /// One segment of one strip, file or proof.
    fn unit(&self, task: usize, segment: usize) -> Result<(), Failure> {
        let (strips, outputs) = (self.strips.len(), self.outputs.len());
        if task < strips {
            lock(&self.strips[task]).segment(segment, &self.slots, &self.materials)
        } else if task < strips + outputs {
            lock(&self.outputs[task - strips]).segment(segment, &self.slots)
        } else {
            if let Some(proof) = &self.proof {
                lock(proof).segment(segment, &self.slots);
            }
            Ok(())
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
