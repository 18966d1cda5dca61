//! Effects, bound by their declarations.

use rhai::{Array, Dynamic};

use super::bind::{Cx, bind};
use super::numbers::What;
use super::state::{Out, State};
use super::values::{self, EffectValue, Given, StripValue, TapValue};
use crate::diag::{Code, Diagnostic, Span};
use crate::dsp::{Declaration, Kind, Number, Param, catalogue};
use crate::session::{Effect, Loc, StripId, Tap, TapPoint, Value};
use crate::units::Unit;

/// Effects in effects in effects; and effects of a whole script.
const DEEPEST: usize = 24;
const LARGEST: usize = 256;
pub(super) const MOST: usize = 20_000;

/// How many effects an effect is made of, itself included.
fn size(effect: &Effect) -> usize {
    let within = |value: &Value| match value {
        Value::Effect(child) => size(child),
        Value::Effects(children) => children.iter().map(size).sum(),
        _ => 0,
    };
    1 + effect.values.iter().map(|(_, value, _)| within(value)).sum::<usize>()
}

/// An effect from what was given to its function.
pub(super) fn effect(state: &mut State, of: &'static Declaration, at: Span, given: Vec<Given>) -> Out {
    state.effects += 1;
    state.count("effects", state.effects, MOST, at)?;
    let names: Vec<&'static str> = of.all_params().map(|p| p.name).collect();
    let list = of.params.iter().position(|p| matches!(p.kind, Kind::Effects));
    // the effects of a chain and the bands of an eq come by position; everything else of them is named
    let variadic = list == Some(0);
    let positional = if variadic { 0 } else { of.params.len() };
    let mut bound = bind(state, of.name, &names, positional, variadic, given);
    let mut effect = Effect { name: of.name.to_string(), values: Vec::new(), loc: Loc(at) };
    let mut depth = 1;
    for (index, param) in of.all_params().enumerate() {
        let rest = if Some(index) == list { std::mem::take(&mut bound.rest) } else { Vec::new() };
        let what = What { param: param.name, of: of.name, help: param.help };
        if !rest.is_empty() {
            let span = rest[0].span.to(rest[rest.len() - 1].span);
            let mut children = Vec::new();
            for given in rest.iter().chain(bound.take(index).iter()) {
                depth = depth.max(1 + state.effects_from(what, given, &mut children));
            }
            effect.values.push((param.name.to_string(), Value::Effects(children), Loc(span)));
            continue;
        }
        let Some(given) = bound.take(index) else { continue };
        if given.value.is_unit() && !matches!(param.kind, Kind::Switch { .. }) {
            // `()` is Rhai's way to leave something out
            continue;
        }
        let loc = Loc(given.span);
        if let Some(value) = value(state, what, param, &given, &mut depth) {
            effect.values.push((param.name.to_string(), value, loc));
        }
    }
    if depth > DEEPEST {
        state.push(
            Diagnostic::error(Code::LIMIT, format!("effects nest at most {DEEPEST} deep")).label(at, "one too deep"),
        );
        return state.poison();
    }
    if size(&effect) > LARGEST {
        let message = format!("an effect is made of at most {LARGEST} others");
        state.push(Diagnostic::error(Code::LIMIT, message).label(at, "too many"));
        return state.poison();
    }
    Ok(Dynamic::from(EffectValue { effect, depth }))
}

fn value(state: &mut State, what: What<'_>, param: &'static Param, given: &Given, depth: &mut usize) -> Option<Value> {
    match &param.kind {
        Kind::Number(n) => {
            if let Some(word) = values::text(&given.value).filter(|_| !n.words.is_empty()) {
                if n.words.contains(&word.as_str()) {
                    return Some(Value::Word(word));
                }
                state.choice(what, n.words, given);
                return None;
            }
            let rest = n.default.unwrap_or(n.min.max(0.0));
            state.signal(what, n, rest, given).map(Value::Number)
        }
        Kind::Choice { options, .. } => state.choice(what, options, given).map(|i| Value::Word(options[i].to_string())),
        Kind::Switch { default, curve } => {
            let moves = given.value.is_array() || given.value.is::<values::Movement>();
            if moves {
                let n = Number {
                    unit: Unit::None,
                    min: 0.0,
                    max: 1.0,
                    default: Some(f64::from(u8::from(*default))),
                    words: &[],
                    steps: &[],
                    curve: *curve,
                    nyquist: false,
                };
                return state.signal(what, &n, 0.0, given).map(Value::Number);
            }
            state.boolean(what, given).map(Value::Switch)
        }
        Kind::Numbers { unit, min, max, .. } => {
            let n = super::numbers::number(*unit, *min, *max, false);
            let items = values::get::<Array>(&given.value).unwrap_or_else(|| vec![given.value.clone()]);
            let all: Vec<Option<f64>> = items
                .into_iter()
                .map(|value| state.plain(what, &n, &Given { value: value.flatten(), ..given.clone() }))
                .collect();
            all.into_iter().collect::<Option<Vec<f64>>>().map(Value::Numbers)
        }
        Kind::Effect => {
            let mut all = Vec::new();
            *depth = (*depth).max(1 + state.effects_from(what, given, &mut all));
            if all.len() > 1 {
                state.push(
                    Diagnostic::error(Code::WRONG_TYPE, format!("{what} is one effect"))
                        .label(given.span, format!("these are {}", all.len()))
                        .help("make one of them with `chain(…)`"),
                );
                return None;
            }
            all.pop().map(Value::Effect)
        }
        Kind::Effects => {
            let mut all = Vec::new();
            *depth = (*depth).max(1 + state.effects_from(what, given, &mut all));
            Some(Value::Effects(all))
        }
        Kind::Key => state.tap(what, given, TapPoint::Pre).map(Value::Key),
    }
}

impl State {
    /// Counts effects that go into the session.
    pub(super) fn placed(&mut self, effects: &[Effect], at: Span) -> Result<(), Box<rhai::EvalAltResult>> {
        self.effects += effects.iter().map(size).sum::<usize>();
        self.count("effects", self.effects, MOST, at)
    }

    /// One effect or a list of them, added to `into`. How deep the deepest is.
    pub(super) fn effects_from(&mut self, what: What<'_>, given: &Given, into: &mut Vec<Effect>) -> usize {
        if let Some(one) = values::get::<EffectValue>(&given.value) {
            into.push(one.effect);
            return one.depth;
        }
        if let Some(list) = values::get::<Array>(&given.value) {
            let mut depth = 0;
            for value in list {
                let value = value.flatten();
                if value.is_array() {
                    self.error(Code::WRONG_TYPE, format!("{what} takes effects"), given.span, "a list in a list");
                    continue;
                }
                depth = depth.max(self.effects_from(what, &Given { value, ..given.clone() }, into));
            }
            return depth;
        }
        if !values::is_poison(&given.value) && !given.value.is_unit() {
            let label = format!("this is {}", values::words(&given.value));
            let diagnostic =
                Diagnostic::error(Code::WRONG_TYPE, format!("{what} takes effects")).label(given.span, label);
            let name = values::text(&given.value).unwrap_or_default();
            self.push(match catalogue::CATALOGUE.iter().find(|e| e.declaration().name == name) {
                Some(_) => diagnostic
                    .help(format!("an effect is no text: write `{name}()`"))
                    .fix(given.span, format!("{name}()")),
                None => diagnostic.help("write one: `compressor(ratio: 3)`; `mixdown effects` lists all"),
            });
        }
        0
    }

    pub(super) fn tap(&mut self, what: What<'_>, given: &Given, point: TapPoint) -> Option<Tap> {
        if let Some(TapValue(tap)) = values::get::<TapValue>(&given.value) {
            return Some(tap);
        }
        self.strip_from(what, given).map(|strip| Tap { strip, point })
    }

    /// A strip, by itself or by its name, which may come later in the script.
    pub(super) fn strip_from(&mut self, what: What<'_>, given: &Given) -> Option<StripId> {
        if let Some(StripValue(id)) = values::get::<StripValue>(&given.value) {
            return Some(id);
        }
        if let Some(name) = values::text(&given.value) {
            return Some(self.by_name(name, given.span));
        }
        if !values::is_poison(&given.value) {
            let label = format!("this is {}", values::words(&given.value));
            self.error(Code::WRONG_TYPE, format!("{what} takes a strip"), given.span, label);
        }
        None
    }
}

impl Cx<'_> {
    pub(super) fn what<'b>(&self, param: &'b str) -> What<'b> {
        What { param, of: self.of, help: "" }
    }
}
