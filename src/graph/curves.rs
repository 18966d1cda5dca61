use std::collections::BTreeSet;

use super::ramps::{EVER, Line, Stretch, declick};
use crate::diag::{Code, Diagnostic};
use crate::dsp::curve::{Driver, Follow, Lfo, Pieces, Sampled, Scale, Shape};
use crate::session::{At, Curve, LfoRate, Loc, Point, Signal, Timeline, Way};
use crate::units::{Dimension, Seconds, Unit};

/// Steps, spans and mutes are faded over this long, so that they don't click.
pub(super) const DECLICK: Seconds = Seconds::from_ms(5.0);

/// The parameter that a signal is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Target {
    /// What its values are counted in.
    pub(super) unit: Unit,
    /// How values lie between points.
    pub(super) scale: Scale,
    /// Its values are 0 and 1: it steps at each point, whatever the way to it.
    pub(super) switch: bool,
}

impl Target {
    /// A number in a unit: levels move in dB, frequencies in octaves, all else linearly.
    pub(super) const fn number(unit: Unit) -> Target {
        let scale = match unit.dimension() {
            Dimension::Level | Dimension::Loudness => Scale::Decibels,
            Dimension::Frequency => Scale::Octaves,
            _ => Scale::Linear,
        };
        Target { unit, scale, switch: false }
    }

    pub(super) const SWITCH: Target = Target { unit: Unit::None, scale: Scale::Linear, switch: true };

    /// A gain, a ride, the level of a send.
    pub(super) const LEVEL: Target = Target::number(Unit::Db);
}

/// What drives a parameter, in frames of song time. A signal that never changes is a [`Driver::Constant`].
///
/// # Errors
/// Times that cannot be placed, points that are no curve, values that the scale does not hold (a frequency of 0, a number that is none).
pub(super) fn lower(signal: &Signal, to: &Target, timeline: &Timeline) -> Result<Driver, Vec<Diagnostic>> {
    let rate = timeline.rate().hz();
    let driver = match signal {
        Signal::Constant(value) => {
            holds(*value, to, None)?;
            Driver::Constant(*value)
        }
        Signal::Duration(time) => {
            let seconds = timeline.duration(time).map_err(|problem| vec![problem])?.value();
            let value = match to.unit.dimension() {
                Dimension::Time => Unit::S.convert(seconds, to.unit),
                Dimension::Samples => Some(seconds * rate),
                Dimension::Frequency if seconds > 0.0 => Unit::Hz.convert(1.0 / seconds, to.unit),
                _ => None,
            };
            let value = value.ok_or_else(|| {
                let message = format!("a time of {} is not {}", Seconds::new(seconds), to.unit.words());
                vec![label(Diagnostic::error(Code::WRONG_UNIT, message), time.loc, "this length")]
            })?;
            holds(value, to, time.loc)?;
            Driver::Constant(value)
        }
        Signal::Curve(curve) => pieces(curve, to, timeline)?,
        Signal::Lfo(lfo) => {
            let (hz, loc) = match &lfo.rate {
                LfoRate::Hz(hz) => (*hz, None),
                LfoRate::Period(time) => (1.0 / timeline.duration(time).map_err(|p| vec![p])?.value(), time.loc),
            };
            if !(hz.is_finite() && hz > 0.0) {
                let problem = Diagnostic::error(Code::CURVE, "an lfo needs a rate above 0 Hz, or a period above 0 s");
                return Err(vec![label(problem, loc, "this period")]);
            }
            holds(lfo.from, to, loc)?;
            holds(lfo.to, to, loc)?;
            Driver::Lfo(Lfo { hz, from: lfo.from, to: lfo.to, shape: lfo.shape, scale: to.scale, rate })
        }
        Signal::Follow(follow) => {
            let times = [follow.attack, follow.release];
            let ordered = follow.low.is_finite() && follow.high.is_finite() && follow.low < follow.high;
            if !ordered || times.iter().any(|t| !(0.0..=Timeline::LONGEST).contains(t)) {
                let message = "a follower goes from a lower level to a higher one, with times from 0 s on";
                return Err(vec![Diagnostic::error(Code::CURVE, message)]);
            }
            holds(follow.from, to, None)?;
            holds(follow.to, to, None)?;
            Driver::Follow(Follow {
                from: follow.from,
                to: follow.to,
                low: follow.low,
                high: follow.high,
                attack: follow.attack * rate,
                release: follow.release * rate,
                scale: to.scale,
            })
        }
        Signal::Sampled(values) => {
            values.iter().try_for_each(|value| holds(*value, to, None))?;
            match values.split_first() {
                None => return Err(vec![Diagnostic::error(Code::CURVE, "a function without a value")]),
                Some((first, rest)) if rest.iter().all(|v| v == first) => Driver::Constant(*first),
                _ => Driver::Sampled(Sampled {
                    step: rate / Signal::SAMPLE_RATE,
                    values: values.clone(),
                    scale: to.scale,
                }),
            }
        }
        Signal::Closure(_) => {
            let message = "a function of time reached the plan before its values were known";
            return Err(vec![
                Diagnostic::error(Code::CURVE, message).help("this is a mistake of mixdown's own: please report it"),
            ]);
        }
    };
    Ok(driver)
}

fn holds(value: f64, to: &Target, loc: Option<Loc>) -> Result<(), Vec<Diagnostic>> {
    let fits = match to.scale {
        Scale::Linear => value.is_finite(),
        Scale::Octaves => value.is_finite() && value > 0.0,
        Scale::Decibels => value.is_finite() || value == f64::NEG_INFINITY,
    };
    if fits {
        return Ok(());
    }
    let what = match to.scale {
        Scale::Octaves => format!("{value} is no frequency: it must be above 0 Hz"),
        _ => format!("{value} is no number that a sound can have"),
    };
    Err(vec![label(Diagnostic::error(Code::CURVE, what), loc, "here")])
}

/// A span that was placed, and its value.
struct Held {
    from: i64,
    to: i64,
    value: f64,
}

fn pieces(curve: &Curve, to: &Target, timeline: &Timeline) -> Result<Driver, Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    let mut points: Vec<(i64, &Point)> = Vec::new();
    let mut spans: Vec<Held> = Vec::new();
    for point in &curve.points {
        if let Err(problems) = holds(point.value, to, Some(point.loc)) {
            wrong.extend(problems);
        }
        let found = match &point.at {
            At::Point(time) => timeline.position(time).map(|at| {
                if let Some(problem) = points.last().and_then(|(last, before)| order(*last, before, at.get(), point)) {
                    wrong.push(problem);
                }
                points.push((at.get(), point));
                Vec::new()
            }),
            At::Span(from, to) => timeline.span(from, to).map(|span| vec![span]),
            At::Section(section) => timeline.section(section),
        };
        match found {
            Ok(found) => {
                spans.extend(found.iter().map(|(from, to)| Held {
                    from: from.get(),
                    to: to.get(),
                    value: point.value,
                }));
            }
            Err(problem) if problem.labels.is_empty() => wrong.push(problem.label(point.loc.0, "here")),
            Err(problem) => wrong.push(problem),
        }
    }
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let base = base(&points, curve.rest, to.switch);
    let stretches = overlay(&base, &spans);
    let ramp = DECLICK.frames(timeline.rate()).get().max(1);
    let pieces = declick(&stretches, ramp, to.scale);
    if pieces.iter().all(|p| p.start == p.end) {
        // without a change there may be no piece at all
        return Ok(Driver::Constant(stretches[0].line.start));
    }
    Ok(Driver::Pieces(Pieces { scale: to.scale, pieces }))
}

fn order(last: i64, before: &Point, at: i64, point: &Point) -> Option<Diagnostic> {
    let (message, text) = match at.cmp(&last) {
        std::cmp::Ordering::Greater => return None,
        std::cmp::Ordering::Equal => ("two points of a curve lie at the same time", "at the same time"),
        std::cmp::Ordering::Less => ("the points of a curve go forward in time", "before the point written before it"),
    };
    let problem =
        Diagnostic::error(Code::CURVE, message).label(point.loc.0, text).label(before.loc.0, "the point before");
    Some(problem.help("for a jump write `hold(v)`; else put the points in the order of the song"))
}

/// What the points say, from ever to ever.
fn base(points: &[(i64, &Point)], rest: f64, switch: bool) -> Vec<Stretch> {
    let Some((first, start)) = points.first() else {
        return vec![Stretch { from: -EVER, to: EVER, line: Line::still(rest) }];
    };
    let mut all = vec![Stretch { from: -EVER, to: *first, line: Line::still(start.value) }];
    for pair in points.windows(2) {
        let [(from, a), (to, b)] = pair else { continue };
        let line = match if switch { Way::Hold } else { b.way } {
            Way::Hold => Line::still(a.value),
            way => {
                let shape = match way {
                    Way::Smooth => Shape::Smooth,
                    Way::Expo => Shape::Expo,
                    Way::Ease => Shape::Ease,
                    Way::Straight | Way::Hold => Shape::Straight,
                };
                Line { from: *from, to: *to, start: a.value, end: b.value, shape }
            }
        };
        all.push(Stretch { from: *from, to: *to, line });
    }
    if let Some((last, end)) = points.last() {
        all.push(Stretch { from: *last, to: EVER, line: Line::still(end.value) });
    }
    all
}

/// The base, and over it the spans: of those that overlap the last one written.
fn overlay(base: &[Stretch], spans: &[Held]) -> Vec<Stretch> {
    let mut edges: Vec<(i64, bool, usize)> = Vec::new();
    for (index, span) in spans.iter().enumerate() {
        edges.push((span.from, true, index));
        edges.push((span.to, false, index));
    }
    edges.sort_unstable();
    let mut all = Vec::new();
    let mut open = BTreeSet::new();
    let mut from = -EVER;
    let mut next = 0;
    for (at, begins, index) in edges.into_iter().chain([(EVER, false, usize::MAX)]) {
        if at > from {
            fill(base, &mut next, (from, at), open.last().map(|i: &usize| spans[*i].value), &mut all);
            from = at;
        }
        if begins {
            open.insert(index);
        } else {
            open.remove(&index);
        }
    }
    all
}

/// From one edge to the next: a span's value, or what the base says there. `next` is the base's stretch that was reached.
fn fill(base: &[Stretch], next: &mut usize, (from, to): (i64, i64), value: Option<f64>, all: &mut Vec<Stretch>) {
    while base[*next].to <= from {
        *next += 1;
    }
    if let Some(value) = value {
        match all.last_mut() {
            // two spans of one value that touch are one
            Some(last) if last.line == Line::still(value) => last.to = to,
            _ => all.push(Stretch { from, to, line: Line::still(value) }),
        }
        return;
    }
    for stretch in base[*next..].iter().take_while(|s| s.from < to) {
        all.push(Stretch { from: stretch.from.max(from), to: stretch.to.min(to), line: stretch.line });
    }
}

fn label(problem: Diagnostic, loc: Option<Loc>, text: &str) -> Diagnostic {
    match loc {
        Some(loc) => problem.label(loc.0, text),
        None => problem,
    }
}

#[cfg(test)]
mod tests;
