//! What an evaluation writes into, and how a call finds out where it stands.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use rhai::{Dynamic, EvalAltResult, FnPtr, NativeCallContext, Position};

use super::calls::{self, Call};
use super::lex::Lexed;
use super::params::Param;
use super::sandbox;
use super::values::{Given, Pair, Poison};
use crate::diag::{Code, Diagnostic, Diagnostics, SourceId, Span};
use crate::dsp::Number;
use crate::session::{Session, Strip, StripId};

pub(super) type Out = Result<Dynamic, Box<EvalAltResult>>;

/// A route to a name that is resolved once the whole script was read.
pub(super) struct Pending {
    pub(super) name: String,
    pub(super) span: Span,
}

/// A function of time that drives a parameter.
#[derive(Clone)]
pub(super) struct Closure {
    pub(super) function: FnPtr,
    pub(super) number: Number,
    pub(super) what: String,
    pub(super) span: Span,
}

/// In lists of vcas and stems, all together.
const MOST_LISTED: usize = 200_000;

pub(super) struct State {
    pub(super) session: Session,
    pub(super) diagnostics: Diagnostics,
    pub(super) texts: Vec<Arc<Lexed>>,
    pub(super) pending: Vec<Pending>,
    /// Names of sections that were used, and where.
    pub(super) sections: Vec<(String, Span)>,
    pub(super) closures: Vec<Closure>,
    /// What was said of delivery targets, in the order of the script.
    pub(super) targets: Vec<super::targets::Said>,
    /// What was set from outside, and what can be.
    pub(super) settings: Vec<(String, String)>,
    pub(super) params: Vec<Param>,
    /// Functions whose arguments are given by name somewhere: where their bodies begin.
    pub(super) named: Vec<(SourceId, Position)>,
    /// The text whose own statements run: the script, or a module while it is imported.
    pub(super) top: SourceId,
    /// Functions of scripts that are open while a word of the language is at work, outermost first.
    pub(super) calls: Vec<Call>,
    pub(super) effects: usize,
    pub(super) points: usize,
    pub(super) listed: usize,
    /// Sends of all strips.
    pub(super) sends: usize,
    /// The first strip of each name, and how many strips were looked at.
    pub(super) exact: (BTreeMap<String, usize>, usize),
    /// The names of the first strips, small letters only, and how many strips that are.
    pub(super) names: (BTreeMap<String, usize>, usize),
}

#[derive(Clone)]
pub(super) struct Shared(pub(super) Arc<Mutex<State>>);

impl Shared {
    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// The state for a call of the language: its mistakes know who called.
    pub(super) fn enter(&self, cx: &NativeCallContext<'_>) -> MutexGuard<'_, State> {
        let mut state = self.lock();
        state.calls = calls::open(cx, state.top);
        state
    }
}

/// The source that a call stands in: its number is the name that its syntax tree carries.
fn source_of(cx: &NativeCallContext<'_>) -> SourceId {
    SourceId(cx.call_source().and_then(|s| s.parse().ok()).unwrap_or(0))
}

impl State {
    /// The first strip of this name, capitals or not; `low` has none.
    pub(super) fn same_name(&mut self, low: &str) -> Option<&Strip> {
        let (names, known) = &mut self.names;
        for (index, strip) in self.session.strips.iter().enumerate().skip(*known) {
            names.entry(strip.name.to_lowercase()).or_insert(index);
        }
        *known = self.session.strips.len();
        names.get(low).map(|index| &self.session.strips[*index])
    }

    /// Tells a mistake that was found while the script runs.
    pub(super) fn push(&mut self, diagnostic: Diagnostic) {
        let diagnostic = self.through(diagnostic);
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn error(&mut self, code: Code, message: impl Into<String>, span: Span, label: impl Into<String>) {
        self.push(Diagnostic::error(code, message).label(span, label));
    }

    /// The token at a place of a source.
    pub(super) fn token(&self, source: SourceId, position: Position) -> Span {
        let start = Span::new(source, 0, 0);
        let Some(lexed) = self.texts.get(source.0 as usize) else { return start };
        lexed.offset(position).map_or(start, |at| lexed.token(at))
    }

    pub(super) fn here(&self, cx: &NativeCallContext<'_>) -> Span {
        self.token(source_of(cx), cx.call_position())
    }

    /// The name of a call and its arguments with their places. The values are taken out of `arguments`.
    pub(super) fn given(&self, cx: &NativeCallContext<'_>, arguments: &mut [&mut Dynamic]) -> (Span, Vec<Given>) {
        let source = source_of(cx);
        let at = self.token(source, cx.call_position());
        let lexed = self.texts.get(source.0 as usize);
        let site = lexed.and_then(|l| l.site(at.start as usize));
        // called as `gain(strip, -3dB)` the receiver is among the written arguments
        let skip = site.map_or(0, |s| s.arguments.len().saturating_sub(arguments.len()));
        let mut all = Vec::with_capacity(arguments.len());
        for (i, argument) in arguments.iter().enumerate() {
            // not taken: the first of a call may be the script's own variable, which lives on
            let value = (**argument).clone().flatten();
            let place = site.and_then(|s| s.arguments.get(i + skip));
            let span = place.map_or(at, |p| p.value);
            // a pair that was not written here came through a function of the script, which has been told of
            let through = place.is_some_and(|p| p.name.is_none());
            if let Some(pair) = super::values::get::<Pair>(&value).filter(|_| through) {
                all.push(Given { name: None, name_span: span, value: pair.value, span });
            } else if let Some(pair) = super::values::get::<Pair>(&value) {
                let name = super::values::text(&pair.key);
                all.push(Given { name, name_span: pair.key_span, value: pair.value, span: pair.value_span });
            } else {
                all.push(Given { name: None, name_span: span, value, span });
            }
        }
        (at, all)
    }

    /// The place of a key of a `#{…}` that stands within `span`, and of its value.
    pub(super) fn key_in(&self, span: Span, key: &str) -> Option<Span> {
        let lexed = self.texts.get(span.source.0 as usize)?;
        lexed.keys.iter().copied().find(|k| k.start >= span.start && k.end <= span.end && lexed.slice(*k) == key)
    }

    /// A strip that is named before it may exist.
    pub(super) fn by_name(&mut self, name: String, span: Span) -> StripId {
        let (names, known) = &mut self.exact;
        for (index, strip) in self.session.strips.iter().enumerate().skip(*known) {
            names.entry(strip.name.clone()).or_insert(index);
        }
        *known = self.session.strips.len();
        if let Some(index) = names.get(&name) {
            return StripId(*index);
        }
        self.pending.push(Pending { name, span });
        StripId(usize::MAX - (self.pending.len() - 1))
    }

    /// So many more strips in lists of vcas and stems.
    pub(super) fn listed(&mut self, more: usize, span: Span) -> Result<(), Box<EvalAltResult>> {
        self.listed += more;
        self.count("mentions of strips in lists", self.listed, MOST_LISTED, span)
    }

    /// One more of something that is capped; the error ends the evaluation.
    pub(super) fn count(&mut self, what: &str, now: usize, most: usize, span: Span) -> Result<(), Box<EvalAltResult>> {
        if now < most {
            return Ok(());
        }
        self.push(
            Diagnostic::error(Code::LIMIT, format!("a script makes at most {most} {what}"))
                .label(span, "one too many")
                .help("is this inside of a loop that does not end?"),
        );
        Err(sandbox::stop())
    }

    pub(super) fn poison(&self) -> Out {
        Ok(Dynamic::from(Poison))
    }
}
