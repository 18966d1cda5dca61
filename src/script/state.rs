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
        let diagnostic = self.decimal_comma(diagnostic);
        let diagnostic = self.through(diagnostic);
        self.diagnostics.push(diagnostic);
    }

    pub(super) fn error(&mut self, code: Code, message: impl Into<String>, span: Span, label: impl Into<String>) {
        self.push(Diagnostic::error(code, message).label(span, label));
    }

    /// `-1,5dB` are two values, and one was meant.
    fn decimal_comma(&self, diagnostic: Diagnostic) -> Diagnostic {
        let Some(span) = diagnostic.labels.first().map(|l| l.span) else { return diagnostic };
        let Some(lexed) = self.texts.get(span.source.0 as usize) else { return diagnostic };
        let Some(before) = lexed.text[..span.start as usize].strip_suffix(',') else { return diagnostic };
        let whole = before.trim_end_matches(|c: char| c.is_ascii_digit());
        let (written, digits) = (lexed.slice(span), &before[whole.len()..]);
        let named = matches!(diagnostic.code, Code::ARGUMENTS | Code::WRONG_TYPE | Code::WRONG_UNIT);
        let number = written.starts_with(|c: char| c.is_ascii_digit()) && !digits.is_empty();
        if !named || !number || whole.ends_with(|c: char| c.is_alphanumeric() || c == '.' || c == '_') {
            return diagnostic;
        }
        let comma = span.start as usize - 1;
        diagnostic
            .help(format!("the sign in a number is a dot: `{digits}.{written}`"))
            .fix(Span::new(span.source, comma, comma + 1), ".")
    }

    /// The place of a text that is written once within `span`: an entry of a list, say. `span` itself where it is not.
    pub(super) fn entry(&self, span: Span, text: &str) -> Span {
        let Some(lexed) = self.texts.get(span.source.0 as usize) else { return span };
        let (within, written) = (lexed.slice(span), format!("\"{text}\""));
        match within.find(&written).filter(|i| !within[i + 1..].contains(&written)) {
            Some(i) => Span::new(span.source, span.start as usize + i, span.start as usize + i + written.len()),
            None => span,
        }
    }

    /// Whether a name of a call's arguments has been told of: what is missing was likely meant by it.
    pub(super) fn misnamed(&self, at: Span) -> bool {
        let lexed = self.texts.get(at.source.0 as usize);
        let site = lexed.and_then(|l| l.site(at.start as usize));
        let mut names = site.iter().flat_map(|s| s.arguments.iter().filter_map(|a| a.name));
        names.any(|name| self.told(Code::UNKNOWN_PARAMETER, name))
    }

    /// Whether a call has nothing in its parentheses.
    pub(super) fn empty_call(&self, at: Span) -> bool {
        let lexed = self.texts.get(at.source.0 as usize);
        lexed.and_then(|l| l.site(at.start as usize)).is_some_and(|s| s.arguments.is_empty())
    }

    /// Whether a mistake has been told within `span`.
    pub(super) fn wrong_within(&self, span: Span) -> bool {
        let inside = |l: Span| l.source == span.source && l.start >= span.start && l.end <= span.end;
        self.diagnostics.iter().any(|d| d.labels.first().is_some_and(|l| inside(l.span)))
    }

    /// Whether a place is part of a mistake that has been told.
    pub(super) fn covered(&self, span: Span) -> bool {
        let covers = |l: Span| l.source == span.source && l.start <= span.start && l.end >= span.end && l != span;
        self.diagnostics.iter().any(|d| d.labels.first().is_some_and(|l| covers(l.span)))
    }

    /// Whether a mistake of this code has been told at a place.
    pub(super) fn told(&self, code: Code, span: Span) -> bool {
        self.diagnostics.iter().any(|d| d.code == code && d.labels.first().is_some_and(|l| l.span == span))
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
