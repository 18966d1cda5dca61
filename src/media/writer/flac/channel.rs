//! One channel of a block as a subframe (RFC 9639, section 9.2): the way to write it that takes the fewest bits.

use super::bits::Bits;
use super::lpc::Model;
use super::predictor::{self, Predictor};
use super::rice::{Parts, Plan};
use super::settings::Settings;
use super::window::Window;
use crate::audio::isa::{Level, levels};

/// A channel of a block, and how it is to be written. It is used again, block after block.
#[derive(Debug, Default)]
pub(super) struct Channel {
    samples: Vec<f64>,
    /// Of a sample, without the lowest ones that are 0 in all of them.
    bits: u32,
    wasted: u32,
    /// All samples are the same.
    constant: bool,
    /// The fixed predictor that leaves least, and how much.
    fixed: Option<(usize, f64)>,
    models: Vec<Model>,
    way: Way,
    /// What the chosen predictor leaves, and what the next one does.
    residual: Vec<u32>,
    trial: Vec<u32>,
    room: Vec<f64>,
    parts: Parts,
}

#[derive(Debug, Default)]
enum Way {
    #[default]
    Plain,
    Constant,
    Foretold(Box<Predictor>, Plan),
}

/// Which channel of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Part<'a> {
    Alone(&'a [i32]),
    /// Half of the sum, floored.
    Middle(&'a [i32], &'a [i32]),
    /// The difference: one bit more.
    Side(&'a [i32], &'a [i32]),
}

/// Bits of a subframe's head, without those that say how many are wasted.
const HEAD: u64 = 8;

impl Channel {
    /// Takes a channel whose samples have so many bits.
    pub(super) fn take(&mut self, level: Level, part: Part<'_>, bits: u32) {
        let (all, (left, right)) = match part {
            Part::Alone(x) => (or(level, x), (x, x)),
            Part::Middle(left, right) => (or_middle(level, left, right), (left, right)),
            Part::Side(left, right) => (or_side(level, left, right), (left, right)),
        };
        // silence is not wasted, but constant
        self.wasted = if all == 0 { 0 } else { all.trailing_zeros() };
        self.bits = bits + u32::from(matches!(part, Part::Side(..))) - self.wasted;
        let scale = 1.0 / f64::from(1u32 << self.wasted);
        self.samples.resize(left.len(), 0.0);
        match part {
            Part::Alone(_) => wide(level, left, scale, &mut self.samples),
            Part::Middle(..) => middle(level, left, right, scale, &mut self.samples),
            Part::Side(..) => side(level, left, right, scale, &mut self.samples),
        }
    }

    /// How many bits it will take, roughly. Without windows fixed predictors are looked at, with them others alone.
    pub(super) fn estimate(&mut self, level: Level, settings: &Settings, windows: &[Window]) -> f64 {
        let Channel { samples, bits, room, models, .. } = self;
        self.constant = samples.iter().all(|x| *x == samples[0]);
        models.clear();
        if self.constant {
            return f64::from(*bits);
        }
        models.extend(windows.iter().filter_map(|w| Model::of(level, samples, w, settings.order, *bits, room)));
        let mut least = samples.len() as f64 * f64::from(*bits);
        if models.is_empty() {
            self.simplest(level);
            let whole = self.samples.len() as f64;
            least = self.fixed.map_or(least, |(_, magnitude)| least.min(whole * laplace(magnitude / whole)));
        }
        self.models.iter().map(|model| model.bits).fold(least, f64::min)
    }

    /// Finds the fixed predictor.
    fn simplest(&mut self, level: Level) {
        let all = predictor::magnitudes(level, &self.samples).into_iter().enumerate();
        // the fifth sample is the first that all are compared at
        self.fixed = all.filter(|_| self.samples.len() > 4).min_by(|a, b| a.1.total_cmp(&b.1));
    }

    /// Chooses how to write it, after [`Channel::estimate`]; gives the exact number of bits.
    pub(super) fn settle(&mut self, level: Level, settings: &Settings) -> u64 {
        let head = HEAD + u64::from(self.wasted);
        if self.constant {
            self.way = Way::Constant;
            return head + u64::from(self.bits);
        }
        self.way = Way::Plain;
        let mut best = head + self.samples.len() as u64 * u64::from(self.bits);
        let mut least = f64::MAX;
        let made: Vec<Predictor> = self.models.iter().filter_map(|model| model.predictor(self.bits)).collect();
        for predictor in made {
            if let Some(bits) = self.tried(level, settings, &predictor, best - head) {
                best = head + bits;
                // folded numbers are twice as large
                least = if let Way::Foretold(_, plan) = &self.way { plan.sum as f64 * 0.5 } else { least };
            }
        }
        if !self.models.is_empty() {
            self.simplest(level);
        }
        if let Some((order, magnitude)) = self.fixed
            // a predictor made for the block is rarely worse; then its residual shows it
            && magnitude < least * 1.02
            && let Some(bits) = self.tried(level, settings, &Predictor::fixed(order), best - head)
        {
            best = head + bits;
        }
        best
    }

    /// Takes a predictor when it needs less than `most` bits for all but the head.
    fn tried(&mut self, level: Level, settings: &Settings, predictor: &Predictor, most: u64) -> Option<u64> {
        let Predictor { order, precision, .. } = *predictor;
        if order >= self.samples.len() {
            return None;
        }
        let largest = predictor::residual(level, &self.samples, predictor, &mut self.trial);
        if largest >= f64::from(1u32 << 31) {
            return None;
        }
        let own = if precision > 0 { 9 + order as u64 * u64::from(precision) } else { 0 };
        let plan = Plan::of(level, &self.trial, order, settings.partitions, &mut self.parts);
        let bits = order as u64 * u64::from(self.bits) + own + plan.bits;
        if bits >= most {
            return None;
        }
        self.way = Way::Foretold(Box::new(*predictor), plan);
        std::mem::swap(&mut self.residual, &mut self.trial);
        Some(bits)
    }

    pub(super) fn write(&self, into: &mut Bits) {
        let kind = match &self.way {
            Way::Constant => 0,
            Way::Plain => 1,
            Way::Foretold(predictor, _) if predictor.precision == 0 => 8 + predictor.order as u32,
            Way::Foretold(predictor, _) => 31 + predictor.order as u32,
        };
        into.put(kind << 1 | u32::from(self.wasted > 0), 8);
        if self.wasted > 0 {
            into.unary(self.wasted - 1);
        }
        let sample = |x: &f64, into: &mut Bits| into.signed(*x as i64, self.bits);
        match &self.way {
            Way::Constant => self.samples.iter().take(1).for_each(|x| sample(x, into)),
            Way::Plain => self.samples.iter().for_each(|x| sample(x, into)),
            Way::Foretold(predictor, plan) => {
                let Predictor { order, coefficients, shift, precision } = **predictor;
                self.samples.iter().take(order).for_each(|x| sample(x, into));
                if precision > 0 {
                    into.put(precision - 1, 4);
                    into.put(shift, 5);
                    coefficients[..order].iter().for_each(|c| into.signed(*c as i64, precision));
                }
                plan.write(&self.residual, order, into);
            }
        }
    }
}

/// Bits per sample of a residual of this mean magnitude, Laplace's distribution; one bit at least.
fn laplace(mean: f64) -> f64 {
    let twice_e = 5.436_563_656_918_09;
    let power = mean * twice_e;
    if power > 2.0 { crate::audio::math::log2(power) } else { 1.0 }
}

levels! {
    /// Every bit that a sample has.
    fn or(x: &[i32]) -> i32 = ored;
    fn or_middle(left: &[i32], right: &[i32]) -> i32 = ored_middle;
    /// The lowest 32 bits: all of them are 0 only where both are the same.
    fn or_side(left: &[i32], right: &[i32]) -> i32 = ored_side;
    fn wide(x: &[i32], scale: f64, into: &mut [f64]) = widened;
    fn middle(left: &[i32], right: &[i32], scale: f64, into: &mut [f64]) = middles;
    fn side(left: &[i32], right: &[i32], scale: f64, into: &mut [f64]) = sides;
}

/// Without a sum that could be too large.
#[inline(always)]
fn half(left: i32, right: i32) -> i32 {
    (left & right) + ((left ^ right) >> 1)
}

#[inline(always)]
fn ored(x: &[i32]) -> i32 {
    x.iter().fold(0, |all, x| all | x)
}

#[inline(always)]
fn ored_middle(left: &[i32], right: &[i32]) -> i32 {
    left.iter().zip(right).fold(0, |all, (l, r)| all | half(*l, *r))
}

#[inline(always)]
fn ored_side(left: &[i32], right: &[i32]) -> i32 {
    left.iter().zip(right).fold(0, |all, (l, r)| all | l.wrapping_sub(*r))
}

#[inline(always)]
fn widened(x: &[i32], scale: f64, into: &mut [f64]) {
    into.iter_mut().zip(x).for_each(|(into, x)| *into = f64::from(*x) * scale);
}

#[inline(always)]
fn middles(left: &[i32], right: &[i32], scale: f64, into: &mut [f64]) {
    into.iter_mut().zip(left.iter().zip(right)).for_each(|(into, (l, r))| *into = f64::from(half(*l, *r)) * scale);
}

#[inline(always)]
fn sides(left: &[i32], right: &[i32], scale: f64, into: &mut [f64]) {
    let pairs = left.iter().zip(right);
    into.iter_mut().zip(pairs).for_each(|(into, (l, r))| *into = (f64::from(*l) - f64::from(*r)) * scale);
}
