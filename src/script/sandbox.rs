//! What a script may use: operations, depth, sizes, memory, and a wall-clock deadline held by the caller's thread.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use rhai::{Dynamic, Engine, EvalAltResult, Position};

use crate::memory;

/// Operations of one evaluation: a session of 500 lines takes some ten thousand.
pub(super) const OPERATIONS: u64 = 2_000_000;
/// Operations of one sample of a function of time.
pub(super) const OPERATIONS_PER_SAMPLE: u64 = 20_000;
/// Operations of all functions of time of a session while they are tried, over one second …
pub(super) const OPERATIONS_OF_TRIALS: u64 = 30_000_000;
/// … and over all of its song: an hour of ten that are not simple.
pub(super) const OPERATIONS_OF_FUNCTIONS: u64 = 300_000_000;
/// What one evaluation may hold, values and session together. One operation can at most double it.
pub(super) const MEMORY: isize = 64 << 20;
/// A text of a script.
pub(super) const TEXT: usize = crate::world::MOST_TEXT as usize;
/// All texts of a session.
pub(super) const TEXTS: usize = 2 << 20;
/// Imports in all texts, whatever they lead to: each asks the disk.
pub(super) const IMPORTS: usize = 2_000;
/// Modules of one session.
pub(super) const MODULES: usize = 200;
pub(super) const CALLS: usize = 64;
/// Nested expressions.
pub(super) const DEPTH: usize = 256;
pub(super) const VARIABLES: usize = 2_000;
/// Variables of all blocks and functions of a text.
pub(super) const DECLARED: usize = 2_000;
/// Different names in a text: each that is not declared is looked for among all before it.
pub(super) const NAMES: usize = 10_000;
/// Functions of time.
pub(super) const CLOSURES: usize = 2_000;
/// Modules in modules, counted once for each way that leads to them: Rhai walks all ways.
pub(super) const WAYS: usize = 2_000;
pub(super) const FUNCTIONS: usize = 2_000;
/// Arguments of one call, as written: Rhai looks at all of them for every way to call a name.
pub(super) const ARGUMENTS: usize = 100;
/// Values of one kind, with all that is in them.
pub(super) const STRING: usize = 64 << 10;
pub(super) const ARRAY: usize = 10_000;
pub(super) const MAP: usize = 4_000;
/// The name of a module.
pub(super) const MODULE: usize = 256;
/// Folders that one path goes through, each of which is looked for on the disk.
pub(super) const FOLDERS: usize = 32;
/// A text that the session keeps: a name, a path.
pub(super) const NAME: usize = 4096;
/// A few huge operations can take long where many small ones don't: then the clock ends it.
pub(super) const DEADLINE: Duration = Duration::from_millis(1200);
/// All functions over a whole song.
pub(super) const SAMPLING: Duration = Duration::from_secs(20);
/// Address space, not memory: only what is used is ever touched.
const STACKS: [usize; 3] = [512 << 20, 128 << 20, 32 << 20];

/// Which limit ended an evaluation.
#[derive(Clone, Copy, Debug)]
pub(super) enum End {
    Operations = 1,
    Memory,
    Time,
}

/// How far an evaluation has come.
#[derive(Clone, Default)]
pub(super) struct Guard {
    stop: Arc<AtomicBool>,
    limit: Arc<AtomicU64>,
    /// Of the evaluation that runs.
    count: Arc<AtomicU64>,
    /// Of all functions of time.
    spent: Arc<AtomicU64>,
    ended: Arc<AtomicU8>,
}

impl Guard {
    /// From now on every evaluation may take this many operations.
    pub(super) fn allow(&self, operations: u64) {
        self.limit.store(operations, Ordering::Relaxed);
        self.ended.store(0, Ordering::Relaxed);
    }

    /// The limit that was met. Callbacks of Rhai's own functions (`sort`) swallow errors, this one too.
    pub(super) fn ended(&self) -> Option<End> {
        [End::Operations, End::Memory, End::Time]
            .into_iter()
            .find(|end| *end as u8 == self.ended.load(Ordering::Relaxed))
    }

    /// Adds the evaluation that has ended to those of the functions of time; all that they took.
    pub(super) fn spend(&self) -> u64 {
        let count = self.count.swap(0, Ordering::Relaxed);
        self.spent.fetch_add(count, Ordering::Relaxed) + count
    }

    pub(super) fn register(&self, engine: &mut Engine) {
        engine
            .set_max_call_levels(CALLS)
            .set_max_expr_depths(DEPTH, DEPTH)
            .set_max_string_size(STRING)
            .set_max_array_size(ARRAY)
            .set_max_map_size(MAP)
            .set_max_modules(MODULES)
            .set_max_variables(VARIABLES)
            .set_max_functions(FUNCTIONS)
            .set_fast_operators(false)
            .set_optimization_level(rhai::OptimizationLevel::None)
            .disable_symbol("eval");
        // told of statically; here they only must not do anything
        engine.register_fn("sleep", |_: rhai::INT| {}).register_fn("sleep", |_: rhai::FLOAT| {});
        engine.on_print(|_| {}).on_debug(|_, _, _| {});
        let guard = self.clone();
        #[allow(deprecated, reason = "marked as volatile, not as going away")]
        engine.on_progress(move |count| {
            guard.count.store(count, Ordering::Relaxed);
            let end = if count > guard.limit.load(Ordering::Relaxed) {
                End::Operations
            } else if memory::held() > MEMORY {
                End::Memory
            } else if guard.stop.load(Ordering::Relaxed) {
                End::Time
            } else {
                return None;
            };
            guard.ended.store(end as u8, Ordering::Relaxed);
            Some(Dynamic::from(end))
        });
    }
}

/// Ends an evaluation whose reason has been told already.
pub(super) fn stop() -> Box<EvalAltResult> {
    Box::new(EvalAltResult::ErrorTerminated(Dynamic::UNIT, Position::NONE))
}

/// Runs `work` on a stack that no nesting within the caps can exhaust, and stops the evaluation when it takes too long.
/// `None` when the work panicked or no thread could be had.
pub(super) fn run<T: Send>(guard: &Guard, work: impl FnOnce() -> T + Send) -> Option<T> {
    run_for(guard, Some(DEADLINE), work)
}

/// The same with another deadline, or none.
pub(super) fn run_for<T: Send>(
    guard: &Guard,
    deadline: Option<Duration>,
    work: impl FnOnce() -> T + Send,
) -> Option<T> {
    let done = (Mutex::new(false), Condvar::new());
    let work = Mutex::new(Some(work));
    std::thread::scope(|scope| {
        for size in STACKS {
            let task = || {
                let work = work.lock().unwrap_or_else(|e| e.into_inner()).take();
                let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work.map(|w| w())));
                *done.0.lock().unwrap_or_else(|e| e.into_inner()) = true;
                done.1.notify_all();
                result.ok().flatten()
            };
            let Ok(thread) =
                std::thread::Builder::new().name("script".into()).stack_size(size).spawn_scoped(scope, task)
            else {
                continue;
            };
            if let Some(deadline) = deadline {
                let waiting = done.0.lock().unwrap_or_else(|e| e.into_inner());
                let _ = done.1.wait_timeout_while(waiting, deadline, |done| !*done);
                guard.stop.store(true, Ordering::Relaxed);
            }
            let result = thread.join().ok().flatten();
            guard.stop.store(false, Ordering::Relaxed);
            return result;
        }
        None
    })
}
