//! Runs a plan: segments through strips, in parallel, with bounded memory, and the same bytes whatever the threads and blocks.

mod beside;
mod fader;
mod keeper;
mod needs;
mod output;
mod parallel;
mod params;
mod proof;
mod rendered;
mod schedule;
mod shelf;
mod slots;
mod solve;
mod spool;
mod store;
mod strip;
mod sum;
mod tape;
mod timing;
mod unit;
mod whole;

pub use needs::foresee;
pub use output::{Delivery, Last, Sink, Written};
pub use parallel::{both, each, stream};
pub use rendered::Rendered;
pub use slots::SEGMENT;
pub use solve::{Answer, Ask, STEP, Setting, Solver};
pub use spool::{Envelope, Spool};
pub use tape::File;
pub use timing::{Timer, Unit, Work as TimedWork};

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use crate::analysis::Measurement;
use crate::graph::LONGEST_BLOCK;
use crate::graph::plan::{Edge, Node, Plan};
use crate::graph::{Key, Trail};
use crate::media::{ReadError, WriteError};
use crate::world::{Store, World};
use keeper::Keeper;
use needs::{Known, Needs, Work};
use proof::Proof;
use schedule::{Schedule, Task};
use shelf::Shelves;
use slots::{Slots, WINDOW};
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

    /// Who wants to know where the time goes.
    fn timer(&self) -> Option<&dyn Timer> {
        None
    }
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
    /// What was kept for a solve could not be read again.
    Spool(std::io::Error),
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
    /// Something in the store is not what it was: it is computed again.
    Lost,
}

/// What is to be run.
#[derive(Clone, Copy)]
pub struct Job<'a> {
    pub plan: &'a Plan,
    /// The materials of its clips.
    pub files: &'a [File],
    /// What an earlier run has kept for its nodes.
    pub spools: &'a [Spool],
    /// What becomes of its outputs, alike in number.
    pub sinks: &'a [Sink],
    pub world: &'a dyn World,
    pub options: Options,
    /// What is there of earlier runs, and is kept for later ones.
    pub past: Option<Past<'a>>,
    /// Of a preview: no strip runs before this segment, what has no state in the store begins anew there, which is not exact, and nothing is kept.
    pub start: Option<usize>,
}

/// A store, and under which keys a plan's sounds are in it.
#[derive(Clone, Copy)]
pub struct Past<'a> {
    pub store: &'a dyn Store,
    pub trail: &'a Trail,
    /// What the last run has [spared](Rendered::spared) itself.
    pub spared: &'a [Key],
}

/// Runs a plan. After a failure no file has appeared that was not whole.
pub fn run(job: &Job<'_>, watcher: &dyn Watcher) -> Result<Rendered, Failure> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(job.options.threads)
        .thread_name(|i| format!("render {i}"))
        .build()
        .map_err(|e| Failure::Threads(e.to_string()))?;
    pool.install(|| {
        // what is found damaged is not there the second time; where more is, nothing is read
        for _ in 0..TRIES {
            match Run::new(job)?.go(watcher) {
                Err(Failure::Lost) => {}
                result => return result,
            }
        }
        Run::new(&Job { past: None, ..*job })?.go(watcher)
    })
}

/// How often a run is begun with the store.
const TRIES: usize = 3;

struct Run<'a> {
    plan: &'a Plan,
    slots: Slots,
    materials: Materials<'a>,
    spools: &'a [Spool],
    strips: Vec<Mutex<Strip>>,
    outputs: Vec<Mutex<output::Output>>,
    shelves: Shelves,
    /// Of the outputs, as they are told.
    paths: Vec<String>,
    proof: Option<Mutex<Proof>>,
    needs: Needs,
    keeper: Option<Keeper<'a>>,
    preview: bool,
    spared: Vec<Key>,
    summed: bool,
    exact: bool,
    segments: usize,
}

impl<'a> Run<'a> {
    fn new(job: &Job<'a>) -> Result<Run<'a>, Failure> {
        let Job { plan, files, spools, sinks, world, options, past, start } = *job;
        let (preview, start) = (start.is_some(), start.unwrap_or(0));
        let mut plays = vec![0; files.len()];
        plan.nodes.iter().flat_map(|n| &n.clips).for_each(|c| plays[c.material] += c.repeat);
        let outputs: Result<Vec<_>, Failure> = plan
            .outputs
            .iter()
            .zip(sinks)
            .enumerate()
            .map(|(i, (output, sink))| output::Output::create(i, plan, output, sink, world, options.block))
            .collect();
        let mut outputs = outputs?;
        let shelves = Shelves::new(&mut outputs, rayon::current_num_threads());
        // streams run on until the last of them has given its last frame in song time
        let last = outputs.iter().map(output::Output::until).max().unwrap_or(0);
        let segments = (last.max(0) as usize).div_ceil(SEGMENT);
        let spans: Vec<(usize, usize)> = outputs.iter().map(|output| clamp(output.span(), segments)).collect();
        let known = past.map(|past| Known { store: past.store, trail: past.trail });
        let mut needs = Needs::new(plan, known, &spans, segments, start);
        let proof = plan.proof.as_ref().filter(|_| needs.prove(plan, segments));
        let spared = past.map_or(Vec::new(), |past| needs.spared(past));
        let summed = known.is_some_and(|known| needs.summed(known, segments, spared.is_empty()));
        let total = |node: usize| {
            let trail = past?.trail;
            // a kept sum, or one that is made of a kept one
            trail.sums[node].as_ref().map(|_| trail.undo[node].as_ref())
        };
        let strips: Result<Vec<_>, Failure> =
            plan.nodes.iter().enumerate().map(|(i, node)| Strip::new(i, node, plan.rate, &options, total(i))).collect();
        let strips = strips?;
        let begins = |work: &Vec<Work>| matches!(work.get(start), Some(Work::Run { resume: false, .. }));
        Ok(Run {
            plan,
            slots: Slots::new(
                plan,
                past.iter().flat_map(|past| past.trail.undo.iter().flatten()).flat_map(|undo| &undo.minus),
                &needs.work,
            ),
            materials: Materials::new(world, plan.rate, files, &plays),
            spools,
            keeper: known.map(|known| Keeper::new(known, plan, &strips, segments)),
            strips: strips.into_iter().map(Mutex::new).collect(),
            outputs: outputs.into_iter().map(Mutex::new).collect(),
            shelves,
            paths: sinks.iter().map(Sink::name).collect(),
            proof: proof.map(|p| Mutex::new(Proof::new(p, p.latency, options.block))),
            preview,
            spared,
            summed,
            exact: start == 0 || !needs.work.iter().any(begins),
            needs,
            segments,
        })
    }

    fn go(self, watcher: &dyn Watcher) -> Result<Rendered, Failure> {
        let edges = |edges: &[Edge]| edges.iter().map(|e| e.from).collect::<Vec<_>>();
        let past = |node: usize| {
            let undo = self.keeper.as_ref().and_then(|keeper| keeper.undo(node));
            undo.map_or(Vec::new(), |undo| edges(&undo.minus))
        };
        let beside = beside::partners(self.plan);
        let node = |(i, node): (usize, &Node)| Task {
            hears: [edges(&node.inputs), edges(&node.keys), past(i)].concat(),
            reads: self.needs.work[i].iter().map(|work| matches!(work, Work::Run { .. })).collect(),
            busy: self.needs.work[i].iter().any(|work| *work != Work::Rest),
            window: self.slots.window(i),
            beside: beside[i],
        };
        let segments = self.segments;
        let last =
            |hears: Vec<usize>| Task { hears, reads: vec![true; segments], busy: true, window: WINDOW, beside: None };
        let mut tasks: Vec<Task> = self.plan.nodes.iter().enumerate().map(node).collect();
        tasks.extend(self.plan.outputs.iter().map(|o| last([edges(&o.inputs), edges(&o.keys)].concat())));
        let proof = self.plan.proof.as_ref().filter(|_| self.proof.is_some());
        tasks.extend(proof.map(|p| last([edges(&p.stems), edges(&p.keys), vec![p.whole.from]].concat())));
        tasks.extend(self.shelves.tasks(self.strips.len(), segments));
        let schedule = Schedule::new(tasks, segments);
        let total = schedule.units() as u64;
        let done = AtomicU64::new(0);
        let ended = AtomicBool::new(false);
        // of several failures the one earliest in the song, then in the plan: the same on every run
        let failure: Mutex<Option<(usize, usize, Failure)>> = Mutex::new(None);
        schedule.run(&|task, beside, segment| {
            if ended.load(Ordering::Relaxed) {
                return false;
            }
            let results = match beside {
                _ if watcher.cancelled() => [Err(Failure::Cancelled), Ok(())],
                Some(beside) => self.abreast([task, beside], segment, watcher),
                None => [self.timed(task, segment, watcher), Ok(())],
            };
            let mut more = true;
            for (task, result) in [Some(task), beside].into_iter().zip(results) {
                match (task, result) {
                    (Some(task), Err(error)) => {
                        ended.store(true, Ordering::Relaxed);
                        let mut first = lock(&failure);
                        if first.as_ref().is_none_or(|(s, t, _)| (segment, task) < (*s, *t)) {
                            *first = Some((segment, task, error));
                        }
                        more = false;
                    }
                    (Some(_), Ok(())) if more => watcher.progress(done.fetch_add(1, Ordering::Relaxed) + 1, total),
                    _ => {}
                }
            }
            more
        });
        if let Some((_, _, error)) = failure.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner()) {
            return Err(error);
        }
        let proof = self.proof.as_ref().map(|p| lock(p).worst());
        let reductions = self.strips.iter().map(|strip| lock(strip).reduction()).collect();
        let whole =
            |output: Mutex<output::Output>| output.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        let mut outputs: Vec<output::Output> = self.outputs.into_iter().map(whole).collect();
        self.shelves.left(segments).try_for_each(|(output, coded)| outputs[output].put(coded))?;
        let measured: Result<Vec<Measurement>, Failure> = outputs.iter_mut().map(output::Output::measured).collect();
        let measured = measured?;
        let last = outputs.iter().map(output::Output::reduction).collect();
        let ran = self.needs.work.iter().map(|work| needs::ran(work)).collect();
        let Run { spared, summed, exact, .. } = self;
        Ok(Rendered { measured, outputs, reductions, last, proof, ran, spared, summed, exact })
    }
}

fn clamp((from, to): (usize, usize), segments: usize) -> (usize, usize) {
    (from.min(segments), to.min(segments))
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}
