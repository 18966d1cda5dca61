//! Script functions on their way: who called whom when a mistake is found, and the arguments that they were given by name. Rhai tells both to a
//! debugger only, so there is one that never stops.

use rhai::debugger::{BreakPoint, Debugger, DebuggerCommand};
use rhai::{Dynamic, Engine, EvalContext, ImmutableString, NativeCallContext, Position};

use super::state::{Shared, State};
use super::values::{self, Pair, Poison};
use crate::diag::{Diagnostic, Label, SourceId, Span};

/// A function of a script that has been called and has not come back.
#[derive(Clone, Debug)]
pub(super) struct Call {
    name: ImmutableString,
    /// Where the call stands.
    source: SourceId,
    at: Position,
}

/// More than this of a chain of calls helps nobody.
const MOST: usize = 6;

pub(super) fn register(engine: &mut Engine, shared: &Shared) {
    let shared = shared.clone();
    let begin = move |_: &Engine, mut debugger: Debugger| {
        let state = shared.lock();
        let stops = state.named.iter().map(|(source, pos)| BreakPoint::AtPosition {
            source: Some(source.0.to_string().into()),
            pos: *pos,
            enabled: true,
        });
        debugger.break_points_mut().extend(stops);
        debugger
    };
    #[allow(deprecated, reason = "marked as volatile, not as going away")]
    engine.register_debugger(begin, |mut context, _, _, _, _| {
        by_name(&mut context);
        Ok(DebuggerCommand::Continue)
    });
}

/// At the beginning of a function: its parameters are what was given under their names. What is given wrongly has been told of statically.
fn by_name(context: &mut EvalContext<'_, '_, '_, '_, '_, '_>) {
    let Some(count) = context.debugger().and_then(|d| d.call_stack().last()).map(|f| f.args.len()) else { return };
    let mut given: Vec<(String, Dynamic)> =
        context.scope().iter_raw().take(count).map(|(name, _, value)| (name.to_string(), value.clone())).collect();
    given.reverse();
    if !given.iter().any(|(_, value)| value.is::<Pair>()) {
        return;
    }
    let names: Vec<String> = given.iter().map(|(name, _)| name.clone()).collect();
    let mut bound: Vec<Option<Dynamic>> = vec![None; count];
    for (index, (_, value)) in given.into_iter().enumerate() {
        let (index, value) = match values::get::<Pair>(&value) {
            Some(pair) => (names.iter().position(|n| Some(n) == values::text(&pair.key).as_ref()), pair.value),
            None => (Some(index), value),
        };
        if let Some(index) = index {
            bound[index].get_or_insert(value);
        }
    }
    for (name, value) in names.iter().zip(bound) {
        if let Some(place) = context.scope_mut().get_mut(name) {
            *place = value.unwrap_or_else(|| Dynamic::from(Poison));
        }
    }
}

/// The calls that are open, outermost first. `top`: the text whose own statements run.
pub(super) fn open(cx: &NativeCallContext<'_>, top: SourceId) -> Vec<Call> {
    let frames = cx.global_runtime_state().debugger().call_stack();
    // the last is the word itself
    let frames = &frames[..frames.len().saturating_sub(1)];
    let mut source = top;
    let mut calls = Vec::with_capacity(frames.len());
    for frame in frames {
        calls.push(Call { name: frame.fn_name.clone(), source, at: frame.pos });
        source = frame.source.as_ref().and_then(|s| s.parse().ok()).map_or(source, SourceId);
    }
    calls
}

impl State {
    /// A mistake that is found inside of a function. What the caller has brought stands at the caller's line first when that is in another file;
    /// what is written in the function itself stands where it is written.
    pub(super) fn through(&self, diagnostic: Diagnostic) -> Diagnostic {
        let calls = self.calls.iter().map(|call| {
            let name = if call.name.starts_with("anon$") { "this function" } else { call.name.as_str() };
            (self.token(call.source, call.at), format!("in this call of `{name}`"))
        });
        let brought = |span: Span| self.texts.get(span.source.0 as usize).is_none_or(|l| names_anything(l.slice(span)));
        match (diagnostic.labels.first().map(|l| l.span), self.calls.first()) {
            // of a module alone, whoever calls it
            (Some(own), Some(outer)) if own.source != outer.source && !brought(own) => diagnostic,
            (Some(own), _) => through(diagnostic, calls.collect(), brought(own)),
            (None, _) => diagnostic,
        }
    }
}

/// Whether an expression is more than plain values: a variable or a call is in it.
fn names_anything(text: &str) -> bool {
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' => rest[1..].find('"').map_or(rest.len(), |i| i + 2),
            c if c.is_ascii_digit() => rest.find(|c: char| !c.is_alphanumeric() && c != '.').unwrap_or(rest.len()),
            c if c.is_alphabetic() || c == '_' || c == '`' => return !matches!(text, "true" | "false" | "off"),
            c => c.len_utf8(),
        };
        rest = &rest[length..];
    }
    false
}

/// Adds the calls, outermost first, that led to a mistake.
pub(super) fn through(mut diagnostic: Diagnostic, calls: Vec<(Span, String)>, caller_first: bool) -> Diagnostic {
    let (Some((outer, _)), Some(own)) = (calls.first(), diagnostic.labels.first()) else { return diagnostic };
    let caller_first = caller_first && outer.source != own.span.source;
    let label = |(span, text)| Label { span, text, primary: false };
    let mut calls: Vec<Label> = calls.into_iter().map(label).filter(|l| !l.span.is_empty()).collect();
    if calls.len() > MOST {
        calls.drain(MOST / 2..calls.len() - MOST / 2);
    }
    if caller_first && !calls.is_empty() {
        diagnostic.labels.iter_mut().for_each(|label| label.primary = false);
        let inner = calls.split_off(1);
        calls[0].primary = true;
        calls.append(&mut diagnostic.labels);
        calls.extend(inner);
        diagnostic.labels = calls;
    } else {
        diagnostic.labels.extend(calls.into_iter().rev());
    }
    diagnostic
}
