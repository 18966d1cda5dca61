use super::band::{Band, Form, MOST, Places, frequency, q};
use crate::audio::math;
use crate::dsp::parts::biquad::Prototype;
use crate::dsp::{Category, Declaration, Param};
use crate::units::Unit;

const SLOPES: &[f64] = &[6.0, 12.0, 18.0, 24.0, 36.0, 48.0];
const PLACES: Places = Places { frequency: 0, gain: None, q: Some(2), slope: Some(1) };

const fn slope() -> Param {
    Param::number("slope", Unit::None, 6.0, 48.0, 12.0, "How steep it falls, in dB per octave: Butterworth")
        .steps(SLOPES)
}

const fn resonance() -> Param {
    q(0.707, "The resonance at the frequency, of the slope of 12 only")
}

pub(crate) static LOW_CUT: Band = Band {
    form: Form::LowCut,
    places: PLACES,
    declaration: &Declaration {
        name: "low_cut",
        category: Category::Equaliser,
        help: "Removes what lies below a frequency",
        version: 2,
        params: &[frequency(80.0, "Where it is 3 dB down"), slope(), resonance()],
    },
};

pub(crate) static HIGH_CUT: Band = Band {
    form: Form::HighCut,
    places: PLACES,
    declaration: &Declaration {
        name: "high_cut",
        category: Category::Equaliser,
        help: "Removes what lies above a frequency",
        version: 1,
        params: &[frequency(12_000.0, "Where it is 3 dB down"), slope(), resonance()],
    },
};

/// A Butterworth of `slope` / 6 poles: its pairs with Q = 1 / (2 cos θ), θ equally spaced, then a single pole when their number is odd.
/// A slope of 12 has the user's q.
pub(super) fn sections(
    slope: u32,
    q: f64,
    pair: impl Fn(f64) -> Prototype,
    single: impl Fn() -> Prototype,
) -> ([Prototype; MOST], usize) {
    let poles = (slope / 6).clamp(1, 2 * MOST as u32);
    let mut all = [Prototype::IDENTITY; MOST];
    let pairs = (poles / 2) as usize;
    for (k, section) in all.iter_mut().take(pairs).enumerate() {
        let from_axis = if poles.is_multiple_of(2) { k as f64 + 0.5 } else { k as f64 + 1.0 };
        let butterworth = 0.5 / math::cos(std::f64::consts::PI * from_axis / f64::from(poles));
        *section = pair(if poles == 2 { q } else { butterworth });
    }
    if poles % 2 == 1 {
        all[pairs] = single();
    }
    (all, pairs + (poles % 2) as usize)
}
