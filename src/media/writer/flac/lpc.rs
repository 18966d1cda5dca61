//! Predictors made for a block: autocorrelation, the Levinson-Durbin recursion (Makhoul, "Linear prediction: a tutorial review", 1975) and coefficients
//! in whole numbers.

use super::predictor::{MOST_ORDER, Predictor};
use super::window::Window;
use crate::audio::isa::{Level, levels};
use crate::audio::math;

/// Products are summed in so many columns, whatever the machine's vectors: the same order of additions everywhere.
const LANES: usize = 8;
/// Lags at once.
const LAGS: usize = 5;
/// Zeros before the samples, so that every group of lags finds something there.
const LEAD: usize = MOST_ORDER + LAGS;
/// The largest shift that is written (RFC 9639, section 9.2.6: five bits with a sign, and none that is negative).
const MOST_SHIFT: i32 = 15;

levels! {
    /// For `windowed` samples after [`LEAD`] zeros, a whole number of lanes: the sums of their products with themselves so many samples before.
    fn autocorrelation(windowed: &[f64], lags: &mut [f64]) = correlated;
    fn weighted(samples: &[f64], weights: &[f64], into: &mut [f64]) = multiplied;
}

#[inline(always)]
fn correlated(windowed: &[f64], lags: &mut [f64]) {
    for (group, lags) in lags.chunks_mut(LAGS).enumerate() {
        let first = group * LAGS;
        let mut sums = [[0.0; LANES]; LAGS];
        let (now, _) = windowed[LEAD..].as_chunks::<LANES>();
        // the last lag of the group comes first
        let past = windowed[LEAD + 1 - first - LAGS..].windows(LANES + LAGS - 1).step_by(LANES);
        for (now, past) in now.iter().zip(past) {
            for (sums, past) in sums.iter_mut().zip(past.windows(LANES).rev()) {
                for i in 0..LANES {
                    sums[i] += now[i] * past[i];
                }
            }
        }
        lags.iter_mut().zip(&sums).for_each(|(lag, sums)| *lag = sums.iter().sum());
    }
}

#[inline(always)]
fn multiplied(samples: &[f64], weights: &[f64], into: &mut [f64]) {
    for ((into, x), w) in into.iter_mut().zip(samples).zip(weights) {
        *into = x * w;
    }
}

/// Predictors of every order for one block under one window, not rounded yet.
#[derive(Clone, Debug)]
pub(super) struct Model {
    /// `coefficients[order - 1][..order]`.
    coefficients: Vec<[f64; MOST_ORDER]>,
    /// The order with the fewest bits …
    order: usize,
    /// … and what its residual and coefficients are estimated to take, for the whole block.
    pub(super) bits: f64,
}

impl Model {
    /// `room` is scratch. `None` where nothing can be foretold: silence.
    pub(super) fn of(
        level: Level,
        samples: &[f64],
        window: &Window,
        most: usize,
        bits: u32,
        room: &mut Vec<f64>,
    ) -> Option<Model> {
        let count = window.weights.len();
        let most = most.min(MOST_ORDER).min(samples.len().saturating_sub(1));
        room.clear();
        room.resize(LEAD + count.next_multiple_of(LANES), 0.0);
        weighted(level, &samples[window.from..][..count], &window.weights, &mut room[LEAD..]);
        let mut lags = [0.0; MOST_ORDER + 1];
        autocorrelation(level, room, &mut lags[..most + 1]);
        let (coefficients, errors) = levinson(&lags[..most + 1])?;
        // how much a sample differs from the one before it, twice
        let steep = 2.0 * (lags[0] - lags[1]);
        let cost = |order: usize, error: f64| {
            // rounding takes from one coefficient what it gives to the next, so that the sound's differences come through: a fourth of what errors
            // that know nothing of one another would let through fits music best
            let step = 1.0 / f64::from(1u32 << shift(&coefficients[order - 1][..order], precision(bits)));
            let rounded = error + order as f64 / 48.0 * step * step * steep;
            let residual = (samples.len() - order) as f64 * spread(rounded / window.energy);
            residual + (order as u32 * (precision(bits) + bits)) as f64
        };
        let costs = errors.iter().zip(1..).map(|(error, order)| (order, cost(order, *error)));
        let (order, bits) = costs.min_by(|a, b| a.1.total_cmp(&b.1))?;
        Some(Model { coefficients, order, bits })
    }

    /// The predictor of the best order in whole numbers.
    pub(super) fn predictor(&self, bits: u32) -> Option<Predictor> {
        let coefficients = self.coefficients.get(self.order - 1)?;
        quantised(&coefficients[..self.order], precision(bits))
    }
}

/// Bits per sample of a residual with this variance, Laplace's distribution: log2(e √2 σ), and one bit at least.
fn spread(variance: f64) -> f64 {
    let twice_e_squared = 14.778_112_197_861_3;
    let power = variance * twice_e_squared;
    if power > 4.0 { 0.5 * math::log2(power) } else { 1.0 }
}

/// Bits of a coefficient for samples of so many: more would cost more than they spare.
fn precision(bits: u32) -> u32 {
    (bits / 2 + 4).clamp(6, 15)
}

/// Coefficients for every order, and what each leaves of lag 0.
fn levinson(lags: &[f64]) -> Option<(Vec<[f64; MOST_ORDER]>, Vec<f64>)> {
    let (mut error, mut of) = (*lags.first()?, [0.0; MOST_ORDER]);
    let (mut all, mut errors) = (Vec::new(), Vec::new());
    for order in 0..lags.len() - 1 {
        // what is foretold wholly has no next order
        if error <= 0.0 || error.is_nan() {
            break;
        }
        let known: f64 = (0..order).map(|j| of[j] * lags[order - j]).sum();
        let reflection = (lags[order + 1] - known) / error;
        let before = of;
        for j in 0..order {
            of[j] = before[j] - reflection * before[order - 1 - j];
        }
        of[order] = reflection;
        error *= 1.0 - reflection * reflection;
        all.push(of);
        errors.push(error);
    }
    (!all.is_empty()).then_some((all, errors))
}

/// How far coefficients can be shifted up and still have `precision` bits.
fn shift(exact: &[f64], precision: u32) -> u32 {
    let largest = exact.iter().fold(0.0, |most: f64, c| if c.abs() > most { c.abs() } else { most });
    // the exponent of a number: its magnitude is below 2^that
    let exponent = (largest.to_bits() >> 52) as i32 - 1022;
    (precision as i32 - 1 - exponent).clamp(0, MOST_SHIFT) as u32
}

/// Whole numbers of `precision` bits; what is lost at one coefficient is added to the next.
fn quantised(exact: &[f64], precision: u32) -> Option<Predictor> {
    if !exact.iter().all(|c| c.abs() < 1e9) || exact.iter().all(|c| c.abs() < 1e-9) {
        return None;
    }
    let shift = shift(exact, precision);
    let (scale, most) = (f64::from(1u32 << shift), f64::from((1i32 << (precision - 1)) - 1));
    let mut coefficients = [0.0; MOST_ORDER];
    let mut error = 0.0;
    for (whole, exact) in coefficients.iter_mut().zip(exact) {
        error += exact * scale;
        *whole = error.round().clamp(-most - 1.0, most);
        error -= *whole;
    }
    Some(Predictor { order: exact.len(), coefficients, shift, precision })
}

#[cfg(test)]
mod tests {
    use super::super::window::windows;
    use super::*;
    use crate::audio::rng::Seed;

    /// What noise becomes through the recursion of these coefficients.
    fn coloured(count: usize, of: &[f64]) -> Vec<f64> {
        let mut x: Vec<f64> = Vec::new();
        for n in 0..count {
            let past: f64 = of.iter().enumerate().map(|(j, c)| c * if n > j { x[n - 1 - j] } else { 0.0 }).sum();
            x.push(past + 1000.0 * Seed::of("lpc").bipolar(n as i64));
        }
        x.iter().map(|x| x.floor()).collect()
    }

    #[test]
    fn it_finds_what_a_sound_was_made_with() {
        let of = [1.5, -0.9, 0.1];
        let x = coloured(4096, &of);
        let window = &windows(x.len(), 1)[0];
        let model = Model::of(Level::find(), &x, window, 8, 16, &mut Vec::new()).unwrap();
        let found = model.predictor(16).unwrap();
        assert!((2..=4).contains(&found.order), "{}", found.order);
        let scale = f64::from(1u32 << found.shift);
        for (found, of) in found.coefficients.iter().zip(of) {
            assert!((found / scale - of).abs() < 0.1, "{} {of}", found / scale);
        }
        // 1000 either way, evenly: log2(2000) bits, a little less than Laplace's distribution of the same power
        let bits = model.bits / 4096.0;
        assert!((10.9..11.6).contains(&bits), "{bits}");
    }

    #[test]
    fn every_level_computes_the_same_bits() {
        let x = coloured(1000, &[0.9]);
        for window in &windows(1000, 3) {
            let of = |level| Model::of(level, &x, window, 32, 24, &mut Vec::new()).map(|m| (m.coefficients, m.bits));
            let first = of(Level::all()[0]);
            assert!(first.is_some() && Level::all().into_iter().all(|level| of(level) == first));
        }
    }

    #[test]
    fn autocorrelations_are_sums_of_products() {
        let x = coloured(803, &[0.5]);
        let mut room = vec![0.0; LEAD];
        room.extend(&x);
        room.resize(LEAD + 808, 0.0);
        let mut lags = [0.0; MOST_ORDER + 1];
        autocorrelation(Level::find(), &room, &mut lags);
        for (lag, found) in lags.iter().enumerate() {
            // whole numbers: exact
            assert_eq!(*found, x[lag..].iter().zip(&x).map(|(a, b)| a * b).sum::<f64>(), "lag {lag}");
        }
    }

    #[test]
    fn coefficients_fit_their_bits() {
        for (exact, precision) in [([1.0, -1.0], 12), ([1.99, -0.99], 15), ([100_000.0, 3.0], 8), ([1e-4, -1e-5], 10)] {
            let found = quantised(&exact, precision).unwrap();
            let most = f64::from(1u32 << (precision - 1));
            assert!(
                found.shift <= 15 && found.coefficients.iter().all(|c| (-most..most).contains(c) && c.fract() == 0.0)
            );
            let scale = f64::from(1u32 << found.shift);
            if exact[0] < 1000.0 {
                assert!((found.coefficients[0] / scale - exact[0]).abs() <= 0.5 / scale, "{exact:?}");
            }
        }
        assert!([[0.0; 2], [f64::NAN; 2], [f64::INFINITY; 2]].iter().all(|none| quantised(none, 12).is_none()));
    }

    #[test]
    fn silence_has_no_model() {
        let window = &windows(100, 1)[0];
        assert!(Model::of(Level::find(), &[0.0; 100], window, 8, 16, &mut Vec::new()).is_none());
    }
}
