use crate::audio::math;
use crate::dsp::curve::{Piece, Scale, Shape};

/// A stretch of what a curve asks for, before its jumps are de-clicked: from `from` to `to` it is the part of `line` that lies there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Stretch {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) line: Line,
}

/// A whole way from one value to another. Outside of it, it stays at its ends.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Line {
    pub(super) from: i64,
    pub(super) to: i64,
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) shape: Shape,
}

/// Before and after all music.
pub(super) const EVER: i64 = i64::MAX / 4;

impl Line {
    pub(super) fn still(value: f64) -> Line {
        Line { from: -EVER, to: EVER, start: value, end: value, shape: Shape::Straight }
    }

    /// Its value at a frame: exactly `start` and `end` at its ends.
    pub(super) fn at(&self, frame: i64, scale: Scale) -> f64 {
        if frame <= self.from || self.start == self.end {
            return self.start;
        }
        if frame >= self.to {
            return self.end;
        }
        let x = (frame - self.from) as f64 / (self.to - self.from) as f64;
        between(scale, self.start, self.end, shaped(self.shape, x))
    }
}

/// The shapes of `dsp::curve::Shape`, over x from 0 to 1.
fn shaped(shape: Shape, x: f64) -> f64 {
    match shape {
        Shape::Straight => x,
        Shape::Smooth => 0.5 - 0.5 * math::cos(std::f64::consts::PI * x),
        Shape::Expo => (math::exp(5.0 * x) - 1.0) / (math::exp(5.0) - 1.0),
        Shape::Ease => 1.0 - (1.0 - x) * (1.0 - x) * (1.0 - x),
    }
}

/// `x` of the way from `a` to `b` in a scale; in amplitude where a level is `off`.
pub(super) fn between(scale: Scale, a: f64, b: f64, x: f64) -> f64 {
    match scale {
        Scale::Octaves if a > 0.0 && b > 0.0 => a * math::exp(x * math::ln(b / a)),
        Scale::Decibels if a == f64::NEG_INFINITY || b == f64::NEG_INFINITY => {
            let amplitude = |db: f64| if db == f64::NEG_INFINITY { 0.0 } else { math::pow(10.0, db / 20.0) };
            let (a, b) = (amplitude(a), amplitude(b));
            20.0 * math::log10(a + (b - a) * x)
        }
        _ => a + (b - a) * x,
    }
}

/// Stretches that follow one another without gaps become pieces without jumps: at each jump a straight ramp of `ramp` frames begins, from the
/// value that was reached to the one that the stretches have at its end. A ramp that the next jump interrupts ends there at the value it has
/// reached. The still values before the first change and after the last are no pieces; without any change there are none at all.
pub(super) fn declick(stretches: &[Stretch], ramp: i64, scale: Scale) -> Vec<Piece> {
    let mut to = Vec::new();
    // where the ramp that is under way ends, and the value it has there
    let mut busy = (-EVER, 0.0);
    for (index, stretch) in stretches.iter().enumerate() {
        let asked = stretch.line.at(stretch.from, scale);
        let before = match index.checked_sub(1).map(|i| stretches[i]) {
            Some(before) => before.line.at(stretch.from, scale),
            None => asked,
        };
        if jumps(before, asked) {
            let reached = if busy.0 == stretch.from { busy.1 } else { before };
            busy = begin_ramp(&stretches[index..], ramp, reached, scale, &mut to);
        }
        // what the ramp leaves of this stretch
        let from = stretch.from.max(busy.0);
        if from < stretch.to {
            emit(&Stretch { from, ..*stretch }, scale, &mut to);
        }
    }
    join(&mut to);
    to
}

/// What differs by roundings alone is no jump: a way that comes by a span's own value where the span begins.
fn jumps(before: f64, after: f64) -> bool {
    (before - after).abs() > 1e-9
}

/// Leaves not even roundings between one piece and the next: what stands still keeps its value.
fn join(pieces: &mut [Piece]) {
    for i in 1..pieces.len() {
        let (before, after) = (pieces[i - 1], pieces[i]);
        if before.to == after.from && before.end != after.start {
            if before.start == before.end {
                pieces[i].start = before.end;
            } else {
                pieces[i - 1].end = after.start;
            }
        }
    }
}

/// Writes the ramp of the jump at the beginning of `ahead`; returns where it ends and at which value.
fn begin_ramp(ahead: &[Stretch], ramp: i64, reached: f64, scale: Scale, to: &mut Vec<Piece>) -> (i64, f64) {
    let start = ahead[0].from;
    // the stretch in which the ramp ends, unless a jump comes before
    let mut last = 0;
    while ahead[last].to < start + ramp {
        let (here, next) = (ahead[last], ahead[last + 1]);
        if jumps(here.line.at(here.to, scale), next.line.at(here.to, scale)) {
            break;
        }
        last += 1;
    }
    let end = ahead[last].to.min(start + ramp);
    let aim = ahead[last].line.at(end, scale);
    let line = Line { from: start, to: start + ramp, start: reached, end: aim, shape: Shape::Straight };
    let value = line.at(end, scale);
    to.push(Piece { from: start, to: end, start: reached, end: value, shape: Shape::Straight });
    (end, value)
}

fn emit(stretch: &Stretch, scale: Scale, to: &mut Vec<Piece>) {
    let Stretch { from, to: end, line } = *stretch;
    if from <= -EVER || end >= EVER {
        return;
    }
    let whole = from == line.from && end == line.to;
    let (a, b) = (line.at(from, scale), line.at(end, scale));
    if whole || line.start == line.end {
        let shape = if line.start == line.end { Shape::Straight } else { line.shape };
        to.push(Piece { from, to: end, start: a, end: b, shape });
    } else {
        cut(&line, (from, a), (end, b), scale, to);
    }
}

/// A part of a line as straight pieces, halved until they lie within a thousandth of the line's way (0.005 dB, 1/2000 octave).
fn cut(line: &Line, (from, a): (i64, f64), (to, b): (i64, f64), scale: Scale, pieces: &mut Vec<Piece>) {
    let close = |part: i64| {
        let frame = from + (to - from) * part / 4;
        let x = (frame - from) as f64 / (to - from) as f64;
        near(line, line.at(frame, scale), between(scale, a, b, x), scale)
    };
    if to - from < 2 || (close(1) && close(2) && close(3)) {
        pieces.push(Piece { from, to, start: a, end: b, shape: Shape::Straight });
        return;
    }
    let middle = from + (to - from) / 2;
    let value = line.at(middle, scale);
    cut(line, (from, a), (middle, value), scale, pieces);
    cut(line, (middle, value), (to, b), scale, pieces);
}

fn near(line: &Line, a: f64, b: f64, scale: Scale) -> bool {
    a == b
        || match scale {
            Scale::Linear => (a - b).abs() <= 2e-4 * (line.end - line.start).abs(),
            Scale::Decibels => (a - b).abs() <= 5e-3,
            Scale::Octaves => (a / b - 1.0).abs() <= 3e-4,
        }
}
