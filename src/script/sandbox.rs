//! What a script may use: operations, depth, sizes, and a wall-clock deadline held by the caller's thread.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use rhai::{Dynamic, Engine, EvalAltResult, Position};

/// Operations of one evaluation: a session of 500 lines takes some ten thousand.
pub(super) const OPERATIONS: u64 = 2_000_000;
/// Operations of one sample of a function of time.
pub(super) const OPERATIONS_PER_SAMPLE: u64 = 20_000;
/// A text of a script.
pub(super) const TEXT: usize = 1 << 20;
/// Modules of one session.
pub(super) const MODULES: usize = 200;
pub(super) const CALLS: usize = 64;
/// Nested expressions.
pub(super) const DEPTH: usize = 256;
pub(super) const VARIABLES: usize = 2_000;
pub(super) const FUNCTIONS: usize = 2_000;
/// Values of one kind, with all that is in them.
pub(super) const STRING: usize = 64 << 10;
pub(super) const ARRAY: usize = 10_000;
pub(super) const MAP: usize = 4_000;
/// A few huge operations can take long where many small ones don't: then the clock ends it.
pub(super) const DEADLINE: Duration = Duration::from_millis(1800);
/// One function over a whole song.
pub(super) const SAMPLING: Duration = Duration::from_secs(20);
/// Address space, not memory: only what is used is ever touched.
const STACKS: [usize; 3] = [512 << 20, 128 << 20, 32 << 20];

/// How far an evaluation has come.
#[derive(Clone, Default)]
pub(super) struct Guard {
    stop: Arc<AtomicBool>,
    limit: Arc<AtomicU64>,
}

impl Guard {
    /// From now on every evaluation may take this many operations.
    pub(super) fn allow(&self, operations: u64) {
        self.limit.store(operations, Ordering::Relaxed);
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
            if count > guard.limit.load(Ordering::Relaxed) {
                return Some("operations".into());
            }
            guard.stop.load(Ordering::Relaxed).then(|| "time".into())
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
