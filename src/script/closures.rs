//! Functions of time: kept while the song's length is unknown, sampled once it is.

use std::sync::Arc;

use rhai::{AST, Dynamic, Engine, EvalAltResult, Position};

use super::numbers::{Scalar, What};
use super::sandbox::{self, Guard};
use super::state::{Closure, Shared};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::session::{ClosureId, Signal};

/// The functions of time of a session.
#[derive(Clone, Default)]
pub struct Closures {
    inner: Option<Arc<Inner>>,
}

struct Inner {
    engine: Engine,
    guard: Guard,
    shared: Shared,
    /// By source.
    asts: Vec<Option<AST>>,
    all: Vec<Closure>,
}

impl std::fmt::Debug for Closures {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Closures({})", self.len())
    }
}

impl Closures {
    pub(super) fn new(
        engine: Engine,
        guard: Guard,
        shared: Shared,
        asts: Vec<Option<AST>>,
        all: Vec<Closure>,
    ) -> Closures {
        Closures { inner: Some(Arc::new(Inner { engine, guard, shared, asts, all })) }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.inner.as_ref().map_or(0, |i| i.all.len())
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The values of a function from 0 to `seconds`, both included: one at each k / [`Signal::SAMPLE_RATE`], in the unit of the parameter it
    /// drives. An error names the place where it was given.
    pub fn sample(&self, id: ClosureId, seconds: f64) -> Result<Vec<f64>, Diagnostic> {
        let lost = || Diagnostic::error(Code::SCRIPT, "a function of time could not be run");
        let Some(inner) = self.inner.clone() else { return Err(lost()) };
        let guard = inner.guard.clone();
        sandbox::run_for(&guard, Some(sandbox::SAMPLING), || {
            inner.sample(id, seconds, sandbox::OPERATIONS_OF_FUNCTIONS)
        })
        .unwrap_or_else(|| Err(lost()))
    }

    /// Every function, over one second: its mistakes.
    pub(super) fn try_all(&self) -> Diagnostics {
        let mut found = Diagnostics::default();
        if let Some(inner) = &self.inner {
            for index in 0..inner.all.len() {
                if let Err(diagnostic) = inner.sample(ClosureId(index), 1.0, sandbox::OPERATIONS_OF_TRIALS) {
                    let limit = diagnostic.code == Code::LIMIT;
                    found.push(diagnostic);
                    // the others would meet it too, each after its own while
                    if limit {
                        break;
                    }
                }
            }
        }
        found
    }
}

impl Inner {
    fn sample(&self, id: ClosureId, seconds: f64, most: u64) -> Result<Vec<f64>, Diagnostic> {
        let Some(closure) = self.all.get(id.0) else {
            return Err(Diagnostic::error(Code::SCRIPT, "there is no such function of time"));
        };
        let last = (seconds.clamp(0.0, 1e6) * Signal::SAMPLE_RATE + 1e-6).floor() as usize;
        let mut values = Vec::new();
        self.guard.allow(sandbox::OPERATIONS_PER_SAMPLE);
        for k in 0..=last {
            values.push(self.value(closure, k as f64 / Signal::SAMPLE_RATE)?);
            if self.guard.spend() > most {
                let message = format!(
                    "functions of time take more than {} steps together, here at {} s",
                    most,
                    k as f64 / Signal::SAMPLE_RATE
                );
                return Err(Diagnostic::error(Code::LIMIT, message)
                    .label(closure.span, format!("the function of time for {}", closure.what))
                    .help("give points in time, `[bar(1): -6dB, bar(9): -3dB]`, where a function is too slow"));
            }
        }
        Ok(values)
    }

    fn value(&self, closure: &Closure, t: f64) -> Result<f64, Diagnostic> {
        let called = self.call(closure, t).and_then(|value| match self.guard.ended() {
            Some(end) => Err(EvalAltResult::ErrorTerminated(Dynamic::from(end), Position::NONE).into()),
            None => Ok(value),
        });
        let value = called.map_err(|error| {
            let state = self.shared.lock();
            let told = super::errors::evaluation(&error, &state);
            let message = told.as_ref().map_or("it stopped".to_string(), |d| d.message.clone());
            let mut diagnostic =
                Diagnostic::error(told.as_ref().map_or(Code::SCRIPT, |d| d.code), format!("{message}, at {t} s"))
                    .label(closure.span, format!("the function of time for {}", closure.what));
            for label in told.into_iter().flat_map(|d| d.labels).filter(|l| !l.span.is_empty()) {
                diagnostic = diagnostic.label(label.span, label.text);
            }
            diagnostic
        })?;
        let mut state = self.shared.lock();
        let before = std::mem::take(&mut state.diagnostics);
        let (param, of) = closure.what.split_once("` of `").unwrap_or((&closure.what, ""));
        let what = What { param: param.trim_matches('`'), of: of.trim_matches('`'), help: "" };
        let number = crate::dsp::Number { curve: false, ..closure.number };
        let value = state.scalar(what, &number, &value.flatten(), closure.span);
        let found = std::mem::replace(&mut state.diagnostics, before);
        match value {
            Some(Scalar::Number(x)) => Ok(x),
            _ => {
                let mut told = found.iter().next().cloned().unwrap_or_else(|| {
                    Diagnostic::error(Code::WRONG_TYPE, format!("{} takes a number", closure.what))
                        .label(closure.span, "gives something else")
                });
                told.message = format!("{}: this function leaves that at {t} s", told.message);
                Err(told)
            }
        }
    }

    /// Looks for the function in the text that it was given in, then in the others.
    fn call(&self, closure: &Closure, t: f64) -> Result<Dynamic, Box<EvalAltResult>> {
        let own = closure.span.source.0 as usize;
        let order = std::iter::once(own).chain((0..self.asts.len()).filter(|i| *i != own));
        let mut last = None;
        for ast in order.filter_map(|i| self.asts.get(i).and_then(Option::as_ref)) {
            match closure.function.call::<Dynamic>(&self.engine, ast, (t,)) {
                Err(error) if missing(&error, closure.function.fn_name()) => last = Some(error),
                result => return result,
            }
        }
        Err(last.unwrap_or_else(sandbox::stop))
    }
}

fn missing(error: &EvalAltResult, name: &str) -> bool {
    matches!(error, EvalAltResult::ErrorFunctionNotFound(text, _) if text.starts_with(name))
}

impl Drop for Closures {
    fn drop(&mut self) {
        // what a script nested deeply also falls apart deeply
        if let Some(inner) = self.inner.take()
            && let Some(inner) = Arc::into_inner(inner)
        {
            let guard = inner.guard.clone();
            sandbox::run_for(&guard, None, move || drop(inner));
        }
    }
}
