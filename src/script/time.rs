//! Words for time, and sums of them.

use rhai::Dynamic;

use super::bind::{Bound, Cx, Signature};
use super::curves::section;
use super::numbers::{What, number};
use super::state::{Out, State};
use super::values::{self, Quantity, StripValue, TimeValue};
use crate::diag::{Code, Diagnostic, Span};
use crate::session::{Anchor, Loc, Time};
use crate::units::{Beats, Dimension, Unit};

pub(super) const SIGNATURES: &[Signature] = &[
    Signature::function(
        "bar",
        "The place where a bar begins, or one of its beats.",
        &[
            ("bar", "its number, from 1"),
            ("beat", "of the meter's note value, from 1; `3.5` is half a beat after the third"),
        ],
        2,
        bar,
    ),
    Signature::function(
        "bars",
        "A length of so many bars, for a number that is counted out: `bars(n)`; else write `4bars`.",
        &[("count", "how many; a part of a bar is one too")],
        1,
        |c, b| length(c, b, Unit::Bars),
    ),
    Signature::function(
        "beats",
        "A length of so many beats, for a number that is counted out: `beats(n)`; else write `2beats`.",
        &[("count", "how many")],
        1,
        |c, b| length(c, b, Unit::Beats),
    ),
    Signature::function(
        "note",
        "The length of a note.",
        &[("value", "of a whole note: `1/8`, `3/16`"), ("style", "\"dotted\" or \"triplet\"")],
        2,
        note,
    ),
    Signature::function(
        "at",
        "The place at this time of the song.",
        &[("time", "minutes and seconds, \"1:02.5\", or a time")],
        1,
        at,
    ),
    Signature::function(
        "start",
        "The place where a section or a strip's first clip begins.",
        &[("of", "the name of a section, or a strip"), ("number", "which of the sections of that name, from 1")],
        2,
        |c, b| edge(c, b, true),
    ),
    Signature::function(
        "end",
        "The place where a section or a strip's last clip ends.",
        &[("of", "the name of a section, or a strip"), ("number", "which of the sections of that name, from 1")],
        2,
        |c, b| edge(c, b, false),
    ),
];

fn value(time: Time, at: Span) -> Out {
    Ok(Dynamic::from(TimeValue(Time { loc: Some(Loc(at)), ..time })))
}

/// A musical number: finite, of a sane size.
fn musical(cx: &mut Cx<'_>, bound: &mut Bound, index: usize, param: &str, min: f64) -> Option<Beats> {
    let what = What { param, of: cx.of, help: "" };
    let given = bound.take(index)?;
    let x = cx.state.plain(what, &number(Unit::None, min, 1e6, false), &given)?;
    Beats::from_f64(x)
}

fn bar(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    if bound.by_param[0].is_none() {
        cx.state.error(Code::ARGUMENTS, "`bar` needs the number of a bar, from 1", cx.at, "which bar?");
        return cx.state.poison();
    }
    let bar = musical(cx, &mut bound, 0, "bar", -1e6);
    let beat =
        if bound.by_param[1].is_some() { musical(cx, &mut bound, 1, "beat", -1e6) } else { Some(Beats::new(1, 1)) };
    let (Some(bar), Some(beat)) = (bar, beat) else { return cx.state.poison() };
    value(Time::anchor(Anchor::Bar { bar, beat }), cx.at)
}

fn length(cx: &mut Cx<'_>, mut bound: Bound, unit: Unit) -> Out {
    let Some(count) = musical(cx, &mut bound, 0, "count", -1e6) else { return cx.state.poison() };
    let time = if unit == Unit::Bars {
        Time { bars: count, ..Time::default() }
    } else {
        Time { beats: count, ..Time::default() }
    };
    value(time, cx.at)
}

fn note(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    if bound.by_param[0].is_none() {
        cx.state.error(Code::ARGUMENTS, "`note` needs a note value", cx.at, "such as `note(1/8)`");
        return cx.state.poison();
    }
    let notes = musical(cx, &mut bound, 0, "value", 0.0);
    let what = What { param: "style", of: "note", help: "" };
    let style = bound.take(1).map(|g| cx.state.choice(what, &["dotted", "triplet"], &g));
    let Some(notes) = notes else { return cx.state.poison() };
    let notes = match style {
        Some(Some(0)) => notes.scale(3, 2),
        Some(Some(_)) => notes.scale(2, 3),
        _ => notes,
    };
    value(Time { notes, ..Time::default() }, cx.at)
}

/// `"1:02.5"`: hours, minutes and seconds, the last with a fraction.
pub(super) fn clock(text: &str) -> Option<f64> {
    let text = text.trim();
    let (sign, text) = text.strip_prefix('-').map_or((1.0, text), |t| (-1.0, t));
    let parts: Vec<&str> = text.split(':').collect();
    let (last, high) = parts.split_last()?;
    let plain = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    if high.len() > 2 || !plain(last) || high.iter().any(|h| h.is_empty() || !h.bytes().all(|b| b.is_ascii_digit())) {
        return None;
    }
    let mut seconds: f64 = last.parse().ok()?;
    let mut factor = 60.0;
    for part in high.iter().rev() {
        seconds += part.parse::<f64>().ok()? * factor;
        factor *= 60.0;
    }
    seconds.is_finite().then_some(sign * seconds)
}

fn at(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let what = What { param: "time", of: "at", help: "" };
    let Some(given) = bound.take(0) else {
        cx.state.error(Code::ARGUMENTS, "`at` needs a time", cx.at, "such as `at(\"1:02.5\")`");
        return cx.state.poison();
    };
    if values::quantity(&given.value).is_some() {
        return match cx.state.time_of(&given.value, given.span) {
            Some(time) => value(time, cx.at),
            None => cx.state.poison(),
        };
    }
    let Some(text) = cx.state.text(what, &given) else { return cx.state.poison() };
    match clock(&text) {
        Some(seconds) => value(Time::seconds(seconds), cx.at),
        None => {
            cx.state.error(
                Code::TIME,
                format!("\"{text}\" is not a time"),
                given.span,
                "minutes:seconds, as in 1:02.5",
            );
            cx.state.poison()
        }
    }
}

fn edge(cx: &mut Cx<'_>, mut bound: Bound, start: bool) -> Out {
    let Some(of) = bound.take(0) else {
        let message = format!("`{}` needs a section or a strip", cx.of);
        cx.state.error(Code::ARGUMENTS, message, cx.at, format!("the {} of what?", cx.of));
        return cx.state.poison();
    };
    let nth = bound.take(1).and_then(|g| {
        let what = What { param: "number", of: cx.of, help: "which of the sections of that name, from 1" };
        cx.state.whole(what, 1.0, 10_000.0, &g)
    });
    let anchor = if let Some(StripValue(id)) = values::get::<StripValue>(&of.value) {
        if start { Anchor::StripStart(id) } else { Anchor::StripEnd(id) }
    } else if let Some(name) = values::text(&of.value) {
        let name = nth.map_or(name.clone(), |n| format!("{name} {n}"));
        let section = section(cx.state, name, of.span);
        if start { Anchor::SectionStart(section) } else { Anchor::SectionEnd(section) }
    } else {
        if !values::is_poison(&of.value) {
            let message = format!("`{}` takes the name of a section, or a strip", cx.of);
            cx.state.error(Code::WRONG_TYPE, message, of.span, format!("this is {}", values::words(&of.value)));
        }
        return cx.state.poison();
    };
    value(Time::anchor(anchor), cx.at)
}

/// A time from a number with a unit; a bare number is seconds.
pub(super) fn from_quantity(q: Quantity) -> Option<Time> {
    let loc = q.span.map(Loc);
    let time = match q.unit.dimension() {
        Dimension::Time => Time::seconds(q.unit.convert(q.value, Unit::S)?),
        Dimension::None => Time::seconds(q.value),
        Dimension::Samples => Time { samples: q.value, ..Time::default() },
        Dimension::Musical => {
            let count = Beats::from_f64(q.value)?;
            if q.unit == Unit::Bars {
                Time { bars: count, ..Time::default() }
            } else {
                Time { beats: count, ..Time::default() }
            }
        }
        _ => return None,
    };
    (time.seconds.is_finite() && time.samples.is_finite()).then_some(Time { loc, ..time })
}

/// Beyond this many parts a sum of times is no time any more.
const MOST_ANCHORS: usize = 64;

/// `a + b`, without ever overflowing: fractions too fine to add exactly are added as numbers.
pub(super) fn sum(a: Time, b: Time) -> Option<Time> {
    if a.anchors.len() + b.anchors.len() > MOST_ANCHORS {
        return None;
    }
    let add = |x: Beats, y: Beats| {
        let fine = x.denominator().checked_mul(y.denominator()).is_some_and(|d| d < 1 << 32);
        let sane = x.value().abs() < 1e8 && y.value().abs() < 1e8;
        if fine && sane { Some(x + y) } else { Beats::from_f64(x.value() + y.value()) }
    };
    let bars = add(a.bars, b.bars)?;
    let beats = add(a.beats, b.beats)?;
    let notes = add(a.notes, b.notes)?;
    let mut anchors = a.anchors;
    anchors.extend(b.anchors);
    let (seconds, samples) = (a.seconds + b.seconds, a.samples + b.samples);
    (seconds.is_finite() && samples.is_finite()).then_some(Time {
        anchors,
        bars,
        beats,
        notes,
        seconds,
        samples,
        loc: a.loc.or(b.loc),
    })
}

/// `factor` times as long; a place in the song has no multiples.
pub(super) fn scaled(time: Time, factor: f64) -> Option<Time> {
    if !time.anchors.is_empty() {
        return None;
    }
    let by = |b: Beats| Beats::from_f64(b.value() * factor);
    let (seconds, samples) = (time.seconds * factor, time.samples * factor);
    let scaled =
        Time { bars: by(time.bars)?, beats: by(time.beats)?, notes: by(time.notes)?, seconds, samples, ..time };
    (seconds.is_finite() && samples.is_finite()).then_some(scaled)
}

impl State {
    /// A value as a time: a time, or a number with a unit that makes one.
    pub(super) fn time_of(&mut self, value: &Dynamic, span: Span) -> Option<Time> {
        if values::is_poison(value) {
            return None;
        }
        if let Some(TimeValue(time)) = values::get::<TimeValue>(value) {
            return Some(Time { loc: Some(Loc(span)), ..time });
        }
        let time = values::quantity(value).and_then(from_quantity);
        if time.is_none() {
            let literal = values::quantity(value).and_then(|q| q.span);
            let diagnostic = Diagnostic::error(Code::TIME, "this is not a time")
                .help("times are written `bar(17)`, `4bars`, `2.5s`, `120ms`, `start(\"chorus\")`, `at(\"1:02.5\")`");
            self.point(diagnostic, span, literal, values::words(value));
        }
        time.map(|t| Time { loc: Some(Loc(span)), ..t })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_are_read() {
        assert_eq!(clock("1:02.5"), Some(62.5));
        assert_eq!(clock("2:00:01"), Some(7201.0));
        assert_eq!(clock("12"), Some(12.0));
        for wrong in ["", ":", "1:", "a", "1:2:3:4", "1.2.3", "1:-2", "nan"] {
            assert_eq!(clock(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn sums_of_fine_fractions_never_overflow() {
        let mut time = Time::default();
        for n in 1..2000 {
            let beats = Beats::new(1, 46_080 - n);
            time = sum(time, Time { beats, ..Time::default() }).unwrap();
        }
        let exact: f64 = (1..2000).map(|n| 1.0 / (46_080 - n) as f64).sum();
        assert!((time.beats.value() - exact).abs() < 1e-2);
    }
}
