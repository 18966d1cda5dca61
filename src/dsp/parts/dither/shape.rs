//! Noise-shaping filters: the optimum of Gerzon and Craven ("Optimal noise shaping and dither of digital signals", AES preprint 2822, 1989) with few
//! taps, as Wannamaker made his F-weighted ones ("Psychoacoustically optimal noise shaping", JAES 40(7/8), 1992).
//!
//! 1 + Σ a z^-k leaves the least of a weighted noise when it predicts what the weighting lets through: Levinson and Durbin's recursion on the
//! autocorrelation of the weighting gives it, with all zeros inside the unit circle. Weighted is by ISO 226:2003's curve of 15 phon, continued above
//! 12.5 kHz like the threshold of hearing of ISO 389-7 (6.1 and 27.9 dB more at 14 and 16 kHz, then level), and everything alike by 45 dB less than the
//! most: so the ear's deafest place does not get noise without end. `tests.rs` makes them anew.

use crate::audio::Layout;
use crate::units::Rate;

pub(super) const ORDER: usize = 9;

pub(super) const RATES: [u32; 2] = [44_100, 48_000];

/// a1 to a9, for each of [`RATES`].
pub(super) const FILTERS: [[f64; ORDER]; 2] = [
    [
        -2.358_163_978_857,
        2.995_504_530_175,
        -2.718_940_602_947,
        1.923_927_613_455,
        -0.640_268_561_240,
        -0.355_397_714_812,
        0.693_306_546_630,
        -0.486_519_655_159,
        0.184_682_199_523,
    ],
    [
        -2.443_395_827_562,
        3.013_838_819_355,
        -2.394_066_631_581,
        1.115_303_712_582,
        0.348_535_951_783,
        -1.045_143_228_202,
        0.872_521_716_076,
        -0.397_843_496_417,
        0.109_791_195_071,
    ],
];

#[derive(Clone, Debug)]
pub(super) struct Shape {
    /// For the oldest error first.
    pub(super) taps: [f64; ORDER],
    /// Each channel's last errors in LSB, the oldest first.
    pub(super) errors: [[f64; ORDER]; Layout::MOST],
}

impl Shape {
    pub(super) fn new(rate: Rate) -> Option<Shape> {
        let mut taps = FILTERS[RATES.iter().position(|hz| *hz == rate.get())?];
        taps.reverse();
        Some(Shape { taps, errors: [[0.0; ORDER]; Layout::MOST] })
    }
}

/// By how much a filter makes the noise stronger in all, at most: a factor of amplitude.
pub(super) fn most_noise() -> f64 {
    let power = |taps: &[f64; ORDER]| 1.0 + taps.iter().map(|a| a * a).sum::<f64>();
    FILTERS.iter().map(power).fold(0.0, f64::max).sqrt()
}
