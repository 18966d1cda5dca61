//! Everything that moves: `[time: value, …]`, `lfo`, `follow`, and the shapes of the ways between points.

use rhai::{Array, Dynamic};

use super::bind::{Bound, Cx, Signature};
use super::numbers::{Scalar, What, number};
use super::state::{Out, State};
use super::values::{self, Given, Movement, Pair, Shaped, SpanValue};
use crate::diag::{Code, Diagnostic, Span};
use crate::dsp::Number;
use crate::dsp::curve::Wave;
use crate::session::{At, Curve, Follow, Lfo, LfoRate, Loc, Point, SectionRef, Signal, Way};
use crate::units::Unit;

/// Points of all curves together.
pub(super) const MOST_POINTS: usize = 200_000;

const WAVES: [(&str, Wave); 3] = [("sine", Wave::Sine), ("triangle", Wave::Triangle), ("square", Wave::Square)];

pub(super) const SIGNATURES: &[Signature] = &[
    Signature::function(
        "lfo",
        "Swings between two values for the whole song, from `from` at song time 0.",
        &[
            ("rate", "how often: Hz up to 1kHz, or how long one swing takes: `2bars`, `note(1/2)`, `1.5s`"),
            ("from", "one end, in the unit of the parameter it moves"),
            ("to", "the other end"),
            ("shape", "\"sine\" (unless said), \"triangle\" or \"square\""),
        ],
        0,
        lfo,
    ),
    Signature::function(
        "follow",
        "Moves a parameter with the level of another strip.",
        &[
            ("tap", "the strip that is listened to, or one of its taps"),
            ("from", "the value where it is as quiet as `low`, in the unit of the parameter it moves"),
            ("to", "the value where it is as loud as `high`"),
            ("attack", "how fast it follows upwards, 0s to 10s; 10ms unless said"),
            ("release", "how fast it follows downwards, 0s to 10s; 100ms unless said"),
            ("low", "-60dBFS unless said"),
            ("high", "0dBFS unless said"),
        ],
        1,
        follow,
    ),
    Signature::function(
        "smooth",
        "Comes to this point of a curve softly: slow, fast, slow.",
        &[("value", "of the point")],
        1,
        |c, b| shaped(c, b, Way::Smooth),
    ),
    Signature::function(
        "expo",
        "Comes to this point of a curve late: slowly first, then ever faster.",
        &[("value", "of the point")],
        1,
        |c, b| shaped(c, b, Way::Expo),
    ),
    Signature::function(
        "ease",
        "Comes to this point of a curve early: fast first, then ever slower.",
        &[("value", "of the point")],
        1,
        |c, b| shaped(c, b, Way::Ease),
    ),
    Signature::function(
        "hold",
        "Keeps the value before until this point of a curve, and steps there.",
        &[("value", "of the point")],
        1,
        |c, b| shaped(c, b, Way::Hold),
    ),
];

fn shaped(cx: &mut Cx<'_>, mut bound: Bound, way: Way) -> Out {
    let Some(given) = bound.take(0) else {
        let message = format!("`{}` shapes the way to a value", cx.of);
        cx.state.error(Code::ARGUMENTS, message, cx.at, "has no value");
        return cx.state.poison();
    };
    let plain = values::quantity(&given.value).is_some() || given.value.is_bool();
    if !plain && !values::is_poison(&given.value) {
        let message = format!("`{}` shapes the way to a value", cx.of);
        cx.state.error(Code::WRONG_TYPE, message, given.span, format!("this is {}", values::words(&given.value)));
        return cx.state.poison();
    }
    Ok(Dynamic::from(Shaped(way, given.value)))
}

fn missing(cx: &mut Cx<'_>, param: &str) -> Out {
    if cx.state.misnamed(cx.at) {
        return cx.state.poison();
    }
    let message = format!("`{}` needs `{param}`", cx.of);
    let diagnostic = Diagnostic::error(Code::ARGUMENTS, message).label(cx.at, format!("without `{param}:`"));
    cx.state.push(diagnostic.help(cx.about(param)));
    cx.state.poison()
}

fn lfo(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let what = What { param: "rate", of: "lfo", help: "" };
    let Some(rate) = bound.take(0) else { return missing(cx, "rate") };
    let Some(from) = bound.take(1) else { return missing(cx, "from") };
    let Some(to) = bound.take(2) else { return missing(cx, "to") };
    let shape = bound.take(3).and_then(|g| {
        let names = WAVES.map(|w| w.0);
        cx.state.choice(What { param: "shape", ..what }, &names, &g)
    });
    let shape = WAVES[shape.unwrap_or(0)].1;
    let rate = match cx.state.scalar(what, &number(Unit::Hz, 0.0, 1000.0, false), &rate.value, rate.span) {
        Some(Scalar::Number(hz)) => LfoRate::Hz(hz),
        Some(Scalar::Duration(time)) => LfoRate::Period(time),
        None => return cx.state.poison(),
    };
    Ok(Dynamic::from(Movement::Lfo { rate, from, to, shape }))
}

fn follow(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let what = |param| What { param, of: "follow", help: "" };
    let Some(tap) = bound.take(0) else { return missing(cx, "tap") };
    let tap = cx.state.tap(what("tap"), &tap, crate::session::TapPoint::Post);
    let Some(from) = bound.take(1) else { return missing(cx, "from") };
    let Some(to) = bound.take(2) else { return missing(cx, "to") };
    let Some(tap) = tap else { return cx.state.poison() };
    let mut take = |index, param, unit, min, max, default| {
        let given = bound.take(index);
        given.and_then(|g| cx.state.plain(what(param), &number(unit, min, max, false), &g)).unwrap_or(default)
    };
    let attack = take(3, "attack", Unit::S, 0.0, 10.0, 0.01);
    let release = take(4, "release", Unit::S, 0.0, 10.0, 0.1);
    let low = take(5, "low", Unit::Dbfs, -144.0, 24.0, -60.0);
    let high = take(6, "high", Unit::Dbfs, -144.0, 24.0, 0.0);
    if low >= high {
        cx.state.error(Code::OUT_OF_RANGE, "`low` of `follow` lies below `high`", cx.at, "it does not here");
        return cx.state.poison();
    }
    Ok(Dynamic::from(Movement::Follow { tap, from, to, low, high, attack, release }))
}

/// `lfo` or `follow` with its ends in the unit of the parameter it drives.
pub(super) fn movement(state: &mut State, what: What<'_>, n: &Number, movement: Movement) -> Option<Signal> {
    let still = Number { curve: false, ..*n };
    let (from, to) = match &movement {
        Movement::Lfo { from, to, .. } | Movement::Follow { from, to, .. } => (from, to),
    };
    let (from, to) = (state.plain(what, &still, from), state.plain(what, &still, to));
    let (from, to) = (from?, to?);
    Some(match movement {
        Movement::Lfo { rate, shape, .. } => Signal::Lfo(Lfo { rate, from, to, shape }),
        Movement::Follow { tap, low, high, attack, release, .. } => {
            Signal::Follow(Follow { tap, from, to, low, high, attack, release })
        }
    })
}

/// `[time: value, …]`.
pub(super) fn curve(
    state: &mut State,
    what: What<'_>,
    n: &Number,
    rest: f64,
    list: Array,
    span: Span,
) -> Option<Curve> {
    if list.is_empty() {
        state.error(Code::CURVE, format!("{what} has a curve without points"), span, "nothing in it");
        return None;
    }
    let mut points = Vec::with_capacity(list.len());
    for item in list {
        if values::is_poison(&item) {
            continue;
        }
        let Some(pair) = values::get::<Pair>(&item) else {
            state.push(
                Diagnostic::error(Code::CURVE, format!("a curve for {what} is made of `time: value` pairs"))
                    .label(span, format!("holds {}", values::words(&item)))
                    .help("write `[bar(1): -6dB, bar(9): -3dB]`"),
            );
            return None;
        };
        let (way, value) = match values::get::<Shaped>(&pair.value) {
            Some(Shaped(way, value)) => (way, value),
            None => (Way::Straight, pair.value.clone()),
        };
        let at = when(state, &pair);
        let value = match value.as_bool() {
            Ok(on) if n.unit == Unit::None && n.max == 1.0 => Some(f64::from(u8::from(on))),
            _ => state.plain(what, &Number { curve: false, ..*n }, &Given { value, ..given(&pair) }),
        };
        if let (Some(at), Some(value)) = (at, value) {
            points.push(Point { at, value, way, loc: Loc(pair.key_span.to(pair.value_span)) });
        }
    }
    state.points += points.len();
    if state.points > MOST_POINTS {
        state.error(Code::LIMIT, format!("a script makes at most {MOST_POINTS} points of curves"), span, "too many");
        return None;
    }
    (!points.is_empty()).then_some(Curve { points, rest, loc: Loc(span) })
}

fn given(pair: &Pair) -> Given {
    Given { name: None, name_span: pair.key_span, value: Dynamic::UNIT, span: pair.value_span }
}

/// The time, span or section that a pair begins with.
pub(super) fn when(state: &mut State, pair: &Pair) -> Option<At> {
    if let Some(SpanValue(from, to)) = values::get::<SpanValue>(&pair.key) {
        return Some(At::Span(from, to));
    }
    if let Some(name) = values::text(&pair.key) {
        return Some(At::Section(section(state, name, pair.key_span)));
    }
    state.time_of(&pair.key, pair.key_span).map(At::Point)
}

/// A section by name; it is looked for when the script has ended.
pub(super) fn section(state: &mut State, name: String, span: Span) -> SectionRef {
    state.sections.push((name.clone(), span));
    SectionRef { name, loc: Some(Loc(span)) }
}
