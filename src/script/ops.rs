//! Sums, products and comparisons of numbers with units and of times; units and taps as properties; mathematics with the same bits everywhere.

use rhai::{Dynamic, Engine, FLOAT, INT, NativeCallContext};

use super::bind::Parameter;
use super::state::{Out, Shared, State};
use super::values::{
    self, EffectValue, Movement, Pair, Poison, Quantity, SpanValue, StripValue, TapValue, TimeValue, VcaValue,
    VersionValue,
};
use super::{sandbox, strips, time};
use crate::audio::math;
use crate::diag::{Code, Diagnostic, Span};
use crate::session::TapPoint;
use crate::units::{Dimension, Unit};

/// What is written behind a strip and a point; units are too, behind a number.
pub(super) const PROPERTIES: [Parameter; 5] = [
    ("source", "a tap of a strip: its clips (or its sum), after `trim`, `polarity` and `delay`"),
    ("pre", "a tap: after the inserts, before the fader, mono where the strip still is"),
    ("post", "a tap: after fader, pan, width and mute: the strip itself"),
    ("name", "what a strip is called, as a text"),
    ("value", "the bare number of a number with a unit"),
];

/// Pairs in pairs in pairs.
const DEEPEST: usize = 16;

pub(super) fn register(engine: &mut Engine, shared: &Shared) {
    engine
        .register_type_with_name::<Quantity>("a number with a unit")
        .register_type_with_name::<StripValue>("a strip")
        .register_type_with_name::<TapValue>("a tap")
        .register_type_with_name::<VcaValue>("a vca")
        .register_type_with_name::<VersionValue>("a version")
        .register_type_with_name::<TimeValue>("a time")
        .register_type_with_name::<SpanValue>("a span of time")
        .register_type_with_name::<EffectValue>("an effect")
        .register_type_with_name::<Movement>("a movement")
        .register_type_with_name::<Pair>("a pair")
        .register_type_with_name::<Poison>("nothing");
    mathematics(engine);
    properties(engine, shared);
    sums(engine, shared);
    let s = shared.clone();
    engine.register_fn(super::sugar::PAIR, move |cx: NativeCallContext<'_>, key: Dynamic, value: Dynamic| -> Out {
        let state = s.lock();
        let here = state.here(&cx);
        let lexed = state.texts.get(here.source.0 as usize);
        let site = lexed.and_then(|l| l.pair(here.start as usize)).copied();
        let depth = 1 + nesting(&value).max(nesting(&key));
        if depth > DEEPEST {
            drop(state);
            let diagnostic = Diagnostic::error(Code::LIMIT, format!("pairs nest at most {DEEPEST} deep"));
            s.enter(&cx).push(diagnostic.label(here, "one too deep"));
            return Err(sandbox::stop());
        }
        let (key_span, value_span) = site.map_or((here, here), |p| (p.key, p.value));
        Ok(Dynamic::from(Pair { key, value, key_span, value_span, depth }))
    });
}

/// How deep pairs nest in a value; lists and maps are looked into.
fn nesting(value: &Dynamic) -> usize {
    if let Some(pair) = value.read_lock::<Pair>() {
        return pair.depth;
    }
    if let Some(list) = value.read_lock::<rhai::Array>() {
        return list.iter().map(nesting).max().unwrap_or(0);
    }
    if let Some(map) = value.read_lock::<rhai::Map>() {
        return map.values().map(nesting).max().unwrap_or(0);
    }
    0
}

fn mathematics(engine: &mut Engine) {
    macro_rules! one {
        ($($name:literal => $f:expr),* $(,)?) => {$(
            engine.register_fn($name, |x: FLOAT| -> FLOAT { $f(x) });
            engine.register_fn($name, |x: INT| -> FLOAT { $f(x as FLOAT) });
        )*};
    }
    one!(
        "sin" => math::sin, "cos" => math::cos, "tan" => math::tan, "sinh" => math::sinh, "cosh" => math::cosh,
        "tanh" => math::tanh, "asin" => math::asin, "acos" => math::acos, "atan" => math::atan, "exp" => math::exp,
        "ln" => math::ln, "log" => math::log10, "asinh" => math::asinh, "acosh" => math::acosh, "atanh" => math::atanh,
    );
    engine.register_fn("atan", |y: FLOAT, x: FLOAT| math::atan2(y, x));
    engine.register_fn("hypot", |x: FLOAT, y: FLOAT| math::hypot(x, y));
    engine.register_fn("log", |x: FLOAT, base: FLOAT| math::ln(x) / math::ln(base));
    engine.register_fn("log", |x: FLOAT, base: INT| math::ln(x) / math::ln(base as FLOAT));
    engine.register_fn("**", |a: FLOAT, b: FLOAT| math::pow(a, b));
    engine.register_fn("**", |a: FLOAT, b: INT| math::pow(a, b as FLOAT));
    engine.register_fn("**", |a: INT, b: FLOAT| math::pow(a as FLOAT, b));
    engine.register_fn("**", |a: INT, b: INT| -> Dynamic {
        let whole = u32::try_from(b).ok().and_then(|b| a.checked_pow(b));
        whole.map_or_else(|| math::pow(a as FLOAT, b as FLOAT).into(), Into::into)
    });
    // a half is a half
    engine.register_fn("/", |a: INT, b: INT| -> Dynamic {
        match a.checked_rem(b) {
            Some(0) => (a / b).into(),
            _ => (a as FLOAT / b as FLOAT).into(),
        }
    });
}

/// The properties of a strip.
const TAPS: &[&str] = &["source", "pre", "post", "name"];

fn properties(engine: &mut Engine, shared: &Shared) {
    for (name, unit) in Unit::WRITTEN.iter().copied().chain([("percent", Unit::Percent)]) {
        if name == "%" {
            continue;
        }
        engine.register_get(name, move |x: &mut FLOAT| Quantity { value: *x, unit, span: None });
        engine.register_get(name, move |x: &mut INT| Quantity { value: *x as FLOAT, unit, span: None });
        engine.register_get(name, move |x: &mut Quantity| Quantity {
            value: x.unit.convert(x.value, unit).unwrap_or(x.value),
            ..if x.unit.dimension() == unit.dimension() { Quantity { unit, ..*x } } else { *x }
        });
    }
    engine.register_get("source", |s: &mut StripValue| strips::tap(*s, TapPoint::Source));
    engine.register_get("pre", |s: &mut StripValue| strips::tap(*s, TapPoint::Pre));
    engine.register_get("post", |s: &mut StripValue| strips::tap(*s, TapPoint::Post));
    engine.register_get("value", |q: &mut Quantity| q.value);
    let s = shared.clone();
    engine.register_get("name", move |strip: &mut StripValue| s.lock().session.strip(strip.0).name.clone());
    let s = shared.clone();
    engine.register_fn("to_string", move |strip: &mut StripValue| s.lock().session.strip(strip.0).name.clone());
    engine.register_fn("to_string", |q: &mut Quantity| values::written(q.value, q.unit));
    // what is no tap of a strip, in words of audio
    let s = shared.clone();
    engine.register_indexer_get(move |cx: NativeCallContext<'_>, _: &mut StripValue, name: &str| -> Out {
        let mut state = s.enter(&cx);
        let here = property(&state, &cx);
        if !state.covered(here) {
            let diagnostic = no_property(name, here);
            state.push(diagnostic);
        }
        state.poison()
    });
    let s = shared.clone();
    engine.register_indexer_set(move |cx: NativeCallContext<'_>, _: &mut StripValue, name: &str, _: Dynamic| {
        let mut state = s.enter(&cx);
        let here = property(&state, &cx);
        // `drums.source.send(…)` sets what it got; and what could not be got has been told of
        if TAPS.contains(&name) || state.wrong_within(here) {
            return;
        }
        let known = strips::SIGNATURES.iter().any(|m| m.name == name);
        let diagnostic = if known {
            let diagnostic = Diagnostic::error(Code::ARGUMENTS, format!("`{name}` of a strip is called, not set"))
                .label(here, "set with `=`");
            called(&state, diagnostic, here, name)
        } else {
            no_property(name, here)
        };
        state.push(diagnostic);
    });
    engine.register_indexer_get(|p: &mut Poison, _: &str| *p);
    engine.register_indexer_set(|_: &mut Poison, _: &str, _: Dynamic| {});
    for name in TAPS {
        engine.register_get(*name, |p: &mut Poison| *p);
    }
}

/// The place of a property: the call stands at its dot.
fn property(state: &State, cx: &NativeCallContext<'_>) -> Span {
    let dot = state.here(cx);
    let lexed = state.texts.get(dot.source.0 as usize).filter(|l| l.slice(dot) == ".");
    lexed.map_or(dot, |l| l.token(dot.end as usize))
}

/// `.gain(-3dB)` for `.gain = -3dB`.
fn called(state: &State, diagnostic: Diagnostic, here: Span, name: &str) -> Diagnostic {
    let from = here.end as usize;
    let rest = state.texts.get(here.source.0 as usize).map_or("", |l| &l.text[from..]);
    let end = rest.find([';', '\n']).unwrap_or(rest.len());
    match rest[..end].trim_start().strip_prefix('=').map(str::trim) {
        Some(value) if !value.is_empty() && !value.contains("//") => diagnostic
            .help(format!("write `.{name}({value})`"))
            .fix(Span::new(here.source, from, from + rest[..end].trim_end().len()), format!("({value})")),
        _ => diagnostic.help(format!("write `.{name}(…)`, with the value in between")),
    }
}

fn no_property(name: &str, here: Span) -> Diagnostic {
    let diagnostic = Diagnostic::error(Code::UNKNOWN_PARAMETER, format!("a strip has no `{name}`"));
    if let Some(method) = strips::SIGNATURES.iter().find(|m| m.name == name) {
        let (written, end) =
            (if method.params.is_empty() && method.rest.is_none() { "()" } else { "(…)" }, here.end as usize);
        let diagnostic = diagnostic.label(here, "a method, without its call");
        return match name {
            "mute" | "solo" => {
                diagnostic.help(format!("call it: `.{name}()`")).fix(Span::new(here.source, end, end), "()")
            }
            _ => diagnostic.help(format!("call it: `.{name}{written}`")),
        };
    }
    let near = crate::diag::suggest(name, TAPS.iter().copied()).map(str::to_string);
    let diagnostic = diagnostic.label(here, "no property of it").did_you_mean(near.as_deref());
    if near.is_none() { diagnostic.help("it has `source`, `pre`, `post` and `name`") } else { diagnostic }
}

fn sums(engine: &mut Engine, shared: &Shared) {
    macro_rules! both {
        ($engine:ident, $op:literal, $sign:expr, $($a:ty, $b:ty);*) => {$({
            let s = shared.clone();
            $engine.register_fn($op, move |cx: NativeCallContext<'_>, a: $a, b: $b| -> Out {
                add(&s, &cx, Dynamic::from(a), Dynamic::from(b), $sign)
            });
        })*};
    }
    both!(engine, "+", 1.0, Quantity, Quantity; Quantity, TimeValue; TimeValue, Quantity; TimeValue, TimeValue;
        Quantity, INT; Quantity, FLOAT; INT, Quantity; FLOAT, Quantity);
    both!(engine, "-", -1.0, Quantity, Quantity; Quantity, TimeValue; TimeValue, Quantity; TimeValue, TimeValue;
        Quantity, INT; Quantity, FLOAT; INT, Quantity; FLOAT, Quantity);
    macro_rules! span {
        ($($a:ty, $b:ty);*) => {$({
            let s = shared.clone();
            engine.register_fn("..", move |cx: NativeCallContext<'_>, a: $a, b: $b| -> Out {
                let mut state = s.enter(&cx);
                let here = state.here(&cx);
                let from = state.time_of(&Dynamic::from(a), here);
                let to = state.time_of(&Dynamic::from(b), here);
                match (from, to) {
                    (Some(from), Some(to)) => Ok(Dynamic::from(SpanValue(from, to))),
                    _ => state.poison(),
                }
            });
        })*};
    }
    span!(Quantity, Quantity; Quantity, TimeValue; TimeValue, Quantity; TimeValue, TimeValue; INT, Quantity; FLOAT, Quantity;
        INT, TimeValue; FLOAT, TimeValue);
    engine.register_fn("-", |q: Quantity| Quantity { value: -q.value, ..q });
    engine.register_fn("+", |q: Quantity| q);
    engine.register_fn("-", |t: TimeValue| TimeValue(t.0.negated()));
    macro_rules! scale {
        ($($n:ty),*) => {$({
            engine.register_fn("*", |q: Quantity, n: $n| Quantity { value: q.value * n as FLOAT, ..q });
            engine.register_fn("*", |n: $n, q: Quantity| Quantity { value: q.value * n as FLOAT, ..q });
            engine.register_fn("/", |q: Quantity, n: $n| Quantity { value: q.value / n as FLOAT, ..q });
            let s = shared.clone();
            engine.register_fn("*", move |cx: NativeCallContext<'_>, t: TimeValue, n: $n| stretch(&s, &cx, t, n as FLOAT));
            let s = shared.clone();
            engine.register_fn("*", move |cx: NativeCallContext<'_>, n: $n, t: TimeValue| stretch(&s, &cx, t, n as FLOAT));
            let s = shared.clone();
            engine.register_fn("/", move |cx: NativeCallContext<'_>, t: TimeValue, n: $n| stretch(&s, &cx, t, 1.0 / n as FLOAT));
        })*};
    }
    scale!(INT, FLOAT);
    macro_rules! compare {
        ($($op:literal => $f:expr),*) => {$({
            let s = shared.clone();
            engine.register_fn($op, move |cx: NativeCallContext<'_>, a: Quantity, b: Quantity| -> bool {
                match b.unit.convert(b.value, a.unit) {
                    Some(other) => $f(&a.value, &other),
                    None => {
                        unlike(&s, &cx, "compared with", &Dynamic::from(a), &Dynamic::from(b));
                        false
                    }
                }
            });
        })*};
    }
    compare!("==" => f64::eq, "!=" => f64::ne, "<" => f64::lt, "<=" => f64::le, ">" => f64::gt, ">=" => f64::ge);
    // a bare number takes the other's unit, as in a sum
    macro_rules! compare_bare {
        ($n:ty; $($op:literal => $f:expr),*) => {$(
            engine.register_fn($op, |a: Quantity, b: $n| -> bool { $f(&a.value, &(b as f64)) });
            engine.register_fn($op, |a: $n, b: Quantity| -> bool { $f(&(a as f64), &b.value) });
        )*};
    }
    compare_bare!(INT; "==" => f64::eq, "!=" => f64::ne, "<" => f64::lt, "<=" => f64::le, ">" => f64::gt, ">=" => f64::ge);
    compare_bare!(FLOAT; "==" => f64::eq, "!=" => f64::ne, "<" => f64::lt, "<=" => f64::le, ">" => f64::gt, ">=" => f64::ge);
    // Rhai takes values that it cannot compare for different, without a word
    macro_rules! refuse {
        ($($a:ty, $b:ty);*) => {$(
            for op in ["==", "!=", "<", "<=", ">", ">="] {
                let s = shared.clone();
                engine.register_fn(op, move |cx: NativeCallContext<'_>, _: $a, _: $b| early(&s, &cx));
            }
        )*};
    }
    refuse!(TimeValue, TimeValue; TimeValue, Quantity; Quantity, TimeValue; TimeValue, INT; INT, TimeValue;
        TimeValue, FLOAT; FLOAT, TimeValue);
    engine.register_fn("==", |a: StripValue, b: StripValue| a.0 == b.0);
    engine.register_fn("!=", |a: StripValue, b: StripValue| a.0 != b.0);
    macro_rules! poison {
        ($($op:literal),*) => {$(
            engine.register_fn($op, |p: Poison, _: Dynamic| p);
            engine.register_fn($op, |_: Dynamic, p: Poison| p);
        )*};
    }
    poison!("+", "-", "*", "/", "..");
    engine.register_fn("-", |p: Poison| p);
}

/// Times are places in music whose tempo is not known yet.
fn early(shared: &Shared, cx: &NativeCallContext<'_>) -> bool {
    let mut state = shared.enter(cx);
    let here = state.here(cx);
    let diagnostic = Diagnostic::error(Code::TIME, "times cannot be compared while the script is read")
        .label(here, "which is later is not known yet")
        .help("compare the numbers that they are made of: `if b < 9 { … bar(b) … }`");
    state.push(diagnostic);
    false
}

fn unlike(shared: &Shared, cx: &NativeCallContext<'_>, verb: &str, a: &Dynamic, b: &Dynamic) {
    let mut state = shared.enter(cx);
    let here = state.here(cx);
    let message = format!("{} cannot be {verb} {}", values::words(a), values::words(b));
    let diagnostic = Diagnostic::error(Code::WRONG_UNIT, message).label(here, "two different things");
    state.push(diagnostic.help("only numbers of one kind go together: levels with levels, times with times"));
}

fn stretch(shared: &Shared, cx: &NativeCallContext<'_>, time: TimeValue, factor: f64) -> Out {
    match time::scaled(time.0, factor) {
        Some(time) => Ok(Dynamic::from(TimeValue(time))),
        None => {
            let mut state = shared.enter(cx);
            let here = state.here(cx);
            state.error(Code::TIME, "only a length of time has multiples", here, "a place in the song has none");
            state.poison()
        }
    }
}

fn add(shared: &Shared, cx: &NativeCallContext<'_>, a: Dynamic, b: Dynamic, sign: f64) -> Out {
    let (qa, qb) = (values::quantity(&a), values::quantity(&b));
    if let (Some(x), Some(y)) = (qa, qb) {
        let loud = x.unit == Unit::Lufs && y.unit.dimension() == Dimension::Level;
        let other = if y.unit == Unit::None || loud { Some(y.value) } else { y.unit.convert(y.value, x.unit) };
        if let Some(other) = other {
            return Ok(Dynamic::from(Quantity { value: x.value + sign * other, ..x }));
        }
        if x.unit == Unit::None {
            return Ok(Dynamic::from(Quantity { value: x.value + sign * y.value, ..y }));
        }
    }
    let as_time = |value: &Dynamic, q: Option<Quantity>| match values::get::<TimeValue>(value) {
        Some(time) => Some(time.0),
        None => q.and_then(time::from_quantity),
    };
    let sum = match (as_time(&a, qa), as_time(&b, qb)) {
        (Some(x), Some(y)) => time::sum(x, if sign < 0.0 { y.negated() } else { y }),
        _ => None,
    };
    match sum {
        Some(time) => Ok(Dynamic::from(TimeValue(time))),
        None => {
            unlike(shared, cx, if sign < 0.0 { "counted with" } else { "added to" }, &a, &b);
            shared.lock().poison()
        }
    }
}
