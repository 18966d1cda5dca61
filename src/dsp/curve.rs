//! Curves as the engine reads them: pieces in frames of song time, stateless, so that any frame can be asked for at any moment.
//! `at` and `fill` give the same bits for a frame, however the frames are asked for.

mod ramps;

use serde::Serialize;

use crate::audio::isa::{Level, levels};
use crate::audio::math;

/// What drives a parameter.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Driver {
    /// It stands still.
    Constant(f64),
    Pieces(Pieces),
    Lfo(Lfo),
    Sampled(Sampled),
    /// It follows a sound: an edge of the graph, evaluated by the engine with state.
    Follow(Follow),
}

/// A curve in pieces, ascending: before the first it has the first's start value, between two and after the last the end value of the one
/// before. Without pieces it is 0.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Pieces {
    pub scale: Scale,
    pub pieces: Vec<Piece>,
}

/// From frame `from` (inclusive) to frame `to` (exclusive) the value goes from `start` to `end`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Piece {
    pub from: i64,
    pub to: i64,
    pub start: f64,
    pub end: f64,
    pub shape: Shape,
}

/// How values lie between points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Scale {
    #[default]
    Linear,
    /// Frequencies: linear in octaves.
    Octaves,
    /// Levels in dB: linear in dB; a piece that touches `off` is interpolated in amplitude.
    Decibels,
}

/// The way to a point, over x from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Shape {
    #[default]
    Straight,
    /// Raised cosine.
    Smooth,
    /// (e^5x - 1) / (e^5 - 1)
    Expo,
    /// 1 - (1 - x)^3
    Ease,
}

/// An oscillator in song time: at `from` at frame 0, at `to` half a period later.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Lfo {
    pub hz: f64,
    pub from: f64,
    pub to: f64,
    pub shape: Wave,
    pub scale: Scale,
    pub rate: f64,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, serde::Deserialize)]
pub enum Wave {
    #[default]
    Sine,
    Triangle,
    Square,
}

/// Values at a steady control rate from frame 0 on, straight lines between them in the parameter's scale.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sampled {
    /// Frames per value: the session's rate / 200 Hz.
    pub step: f64,
    pub values: Vec<f64>,
    pub scale: Scale,
}

/// An envelope follower: -60..0 dBFS (`low`..`high`) to `from`..`to`, linear in dB.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Follow {
    pub from: f64,
    pub to: f64,
    pub low: f64,
    pub high: f64,
    /// Time constants in frames.
    pub attack: f64,
    pub release: f64,
    pub scale: Scale,
}

impl Driver {
    pub fn moves(&self) -> bool {
        !matches!(self, Driver::Constant(_))
    }

    /// The value at a frame of song time. What follows a sound is known only to its [`Follower`](super::follower::Follower): here it rests.
    pub fn at(&self, frame: i64) -> f64 {
        match self {
            Driver::Constant(value) => *value,
            Driver::Pieces(pieces) => pieces.at(frame),
            Driver::Lfo(lfo) => lfo.at(frame),
            Driver::Sampled(sampled) => sampled.at(frame),
            Driver::Follow(follow) => follow.from,
        }
    }

    /// The values from frame `at` on, the same bits as [`Driver::at`] gives one by one.
    pub fn fill(&self, at: i64, out: &mut [f64]) {
        match self {
            Driver::Constant(value) => out.fill(*value),
            Driver::Pieces(pieces) => pieces.fill(at, out),
            Driver::Lfo(lfo) => lfo.fill(at, out),
            Driver::Sampled(sampled) => sampled.fill(at, out),
            Driver::Follow(follow) => out.fill(follow.from),
        }
    }
}

impl Shape {
    /// How far it has come at `x` from 0 to 1: 0 at 0 exactly.
    #[inline(always)]
    fn way(self, x: f64) -> f64 {
        match self {
            Shape::Straight => x,
            Shape::Smooth => 0.5 - 0.5 * math::cos(std::f64::consts::PI * x),
            Shape::Expo => {
                const PER_X: f64 = 5.0 * std::f64::consts::LOG2_E;
                const E5_LESS_1: f64 = 147.413_159_102_576_6;
                (math::exp2(PER_X * x) - 1.0) / E5_LESS_1
            }
            Shape::Ease => {
                let rest = 1.0 - x;
                1.0 - rest * rest * rest
            }
        }
    }
}

/// The values between two, in a scale; made once for many.
#[derive(Clone, Copy, Debug)]
pub(super) struct Between {
    start: f64,
    end: f64,
    law: Law,
}

#[derive(Clone, Copy, Debug)]
enum Law {
    /// start + step u
    Linear { step: f64 },
    /// start 2^(octaves u)
    Octaves { octaves: f64 },
    /// Of amplitudes, in dB.
    Amplitude { start: f64, step: f64 },
    /// Both ends are the same.
    Still,
}

impl Between {
    pub(super) fn new(scale: Scale, start: f64, end: f64) -> Between {
        let law = match scale {
            _ if start == end => Law::Still,
            Scale::Octaves if start > 0.0 && end > 0.0 => Law::Octaves { octaves: math::log2(end / start) },
            Scale::Decibels if start == f64::NEG_INFINITY || end == f64::NEG_INFINITY => {
                let (start, end) = (math::from_db(start), math::from_db(end));
                Law::Amplitude { start, step: end - start }
            }
            _ => Law::Linear { step: end - start },
        };
        Between { start, end, law }
    }

    /// At `u` from 0 (`start`, exactly) to 1 (`end`, exactly).
    #[inline(always)]
    pub(super) fn at(&self, u: f64) -> f64 {
        if u == 0.0 {
            return self.start;
        }
        if u == 1.0 {
            return self.end;
        }
        match self.law {
            Law::Linear { step } => self.start + step * u,
            Law::Octaves { octaves } => self.start * math::exp2(octaves * u),
            Law::Amplitude { start, step } => {
                let amplitude = start + step * u;
                if amplitude < f64::MIN_POSITIVE { f64::NEG_INFINITY } else { math::to_db(amplitude) }
            }
            Law::Still => self.start,
        }
    }
}

/// A piece made ready for many frames.
struct Run {
    from: i64,
    per_frame: f64,
    shape: Shape,
    between: Between,
}

impl Run {
    fn new(piece: &Piece, scale: Scale) -> Run {
        Run {
            from: piece.from,
            per_frame: 1.0 / (piece.to - piece.from) as f64,
            shape: piece.shape,
            between: Between::new(scale, piece.start, piece.end),
        }
    }

    #[inline(always)]
    fn at(&self, frame: i64) -> f64 {
        self.between.at(self.shape.way((frame - self.from) as f64 * self.per_frame))
    }

    fn fill(&self, at: i64, out: &mut [f64]) {
        match (self.between.law, self.shape) {
            (Law::Still, _) => out.fill(self.between.start),
            // the formula of `at` without its branches: step · 0 is 0, so the start is exact; whole frames add up exactly in f64, and 32-bit
            // ones are converted several at a time
            (Law::Linear { step }, Shape::Straight) => {
                line(Level::find(), out, self.between.start, step, (at - self.from) as f64, self.per_frame);
            }
            _ => out.iter_mut().enumerate().for_each(|(i, out)| *out = self.at(at + i as i64)),
        }
    }
}

levels! {
    fn line(out: &mut [f64], start: f64, step: f64, first: f64, per_frame: f64) = straight;
}

#[inline(always)]
fn straight(out: &mut [f64], start: f64, step: f64, first: f64, per_frame: f64) {
    for (i, out) in out.iter_mut().enumerate() {
        *out = start + step * ((first + f64::from(i as i32)) * per_frame);
    }
}

impl Pieces {
    /// The value at a frame of song time.
    pub fn at(&self, frame: i64) -> f64 {
        match self.pieces[..self.begun(frame)].last() {
            Some(piece) if frame < piece.to => Run::new(piece, self.scale).at(frame),
            Some(piece) => piece.end,
            None => self.pieces.first().map_or(0.0, |piece| piece.start),
        }
    }

    /// The values from frame `at` on.
    pub fn fill(&self, at: i64, out: &mut [f64]) {
        self.runs(at, out, |run, (at, _), out| match run {
            Ok(run) => run.fill(at, out),
            Err(value) => out.fill(value),
        });
    }

    /// Calls `with` for every stretch of the frames from `at` on over which one piece holds, or a value between two: with where the stretch begins,
    /// where it ends, if need be behind the frames that were asked for, and those of them that are its own.
    fn runs(&self, at: i64, out: &mut [f64], mut with: impl FnMut(Result<&Run, f64>, (i64, i64), &mut [f64])) {
        let (end, mut now, mut rest) = (at + out.len() as i64, at, out);
        while now < end {
            let begun = self.begun(now);
            let next = self.pieces.get(begun).map_or(i64::MAX, |piece| piece.from);
            let (to, run) = match self.pieces[..begun].last() {
                Some(piece) if now < piece.to => (piece.to.min(next), Some(Run::new(piece, self.scale))),
                _ => (next, None),
            };
            let (head, tail) = rest.split_at_mut((to.min(end) - now) as usize);
            with(run.as_ref().ok_or_else(|| self.at(now)), (now, to), head);
            (now, rest) = (to, tail);
        }
    }

    /// How many pieces have begun at a frame.
    fn begun(&self, frame: i64) -> usize {
        self.pieces.partition_point(|piece| piece.from <= frame)
    }

    /// The pieces that the values of the frames `from..to` depend on: those that touch them, and the one whose end they begin with.
    pub fn touching(&self, from: i64, to: i64) -> &[Piece] {
        let first = self.begun(from).saturating_sub(1);
        let last = self.pieces.partition_point(|piece| piece.from < to).max(first + 1).min(self.pieces.len());
        &self.pieces[first.min(last)..last]
    }
}

impl Lfo {
    /// The value at a frame of song time. The phase is frame · hz / rate less its whole part, never a running sum: after n periods it is
    /// right within n · 2.3e-16 of a period.
    pub fn at(&self, frame: i64) -> f64 {
        self.value(&Between::new(self.scale, self.from, self.to), frame)
    }

    /// The values from frame `at` on.
    pub fn fill(&self, at: i64, out: &mut [f64]) {
        let between = Between::new(self.scale, self.from, self.to);
        out.iter_mut().enumerate().for_each(|(i, out)| *out = self.value(&between, at + i as i64));
    }

    #[inline(always)]
    fn value(&self, between: &Between, frame: i64) -> f64 {
        let periods = frame as f64 * self.hz / self.rate;
        let phase = periods - periods.floor();
        between.at(match self.shape {
            Wave::Sine => 0.5 - 0.5 * math::cos(std::f64::consts::TAU * phase),
            Wave::Triangle => 1.0 - (1.0 - 2.0 * phase).abs(),
            Wave::Square if phase < 0.5 => 0.0,
            Wave::Square => 1.0,
        })
    }
}

impl Sampled {
    /// The value at a frame of song time: the first before frame 0, the last after the end, 0 without any.
    pub fn at(&self, frame: i64) -> f64 {
        let mut one = [0.0];
        self.fill(frame, &mut one);
        one[0]
    }

    /// The values from frame `at` on.
    pub fn fill(&self, at: i64, out: &mut [f64]) {
        let (Some(first), Some(last)) = (self.values.first(), self.values.last()) else { return out.fill(0.0) };
        let mut line: Option<(usize, Between)> = None;
        for (i, out) in out.iter_mut().enumerate() {
            let place = (at + i as i64) as f64 / self.step;
            let index = place.floor();
            *out = if place <= 0.0 {
                *first
            } else if index >= (self.values.len() - 1) as f64 {
                *last
            } else {
                let between = match line {
                    Some((at, between)) if at == index as usize => between,
                    _ => {
                        let [a, b] = [0, 1].map(|k| self.values[index as usize + k]);
                        line.insert((index as usize, Between::new(self.scale, a, b))).1
                    }
                };
                between.at(place - index)
            };
        }
    }
}

#[cfg(test)]
mod tests;
