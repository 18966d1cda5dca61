//! What a dynamics processor hears: the key's filters, then the peak or the mean square, and the static curve.

use crate::audio::{StateError, StateReader, StateWriter, math};
use crate::units::Rate;

use super::ballistics;
use super::cut::Cut;

/// Raises each value to the magnitude of the sample beside it.
#[inline]
pub fn raise(values: &mut [f64], x: &[f64]) {
    values.iter_mut().zip(x).for_each(|(value, x)| *value = if x.abs() > *value { x.abs() } else { *value });
}

/// One channel's ear.
#[derive(Clone, Debug)]
pub struct Detector {
    cuts: Vec<Cut>,
    /// For rms: the factor per frame of the window, and the mean square.
    window: Option<f64>,
    mean: f64,
}

impl Detector {
    /// `window`: the time constant of the mean square in ms; `None` hears peaks.
    pub fn new(low_cut: Option<f64>, high_cut: Option<f64>, window: Option<f64>, rate: Rate) -> Detector {
        Detector {
            cuts: Cut::all(low_cut, high_cut, rate.hz()),
            window: window.map(|ms| ballistics::factor(ms, rate)),
            mean: 0.0,
        }
    }

    /// Replaces samples by magnitudes, or by mean squares when it has a window.
    pub fn process(&mut self, x: &mut [f64]) {
        self.cuts.iter_mut().for_each(|cut| cut.process(x));
        match self.window {
            None => x.iter_mut().for_each(|x| *x = x.abs()),
            Some(a) => {
                let (b, mut mean) = (1.0 - a, self.mean);
                for x in x {
                    mean = a * mean + b * (*x * *x);
                    *x = mean;
                }
                self.mean = mean;
            }
        }
    }

    /// It hears peaks of everything: magnitudes are all there is to it.
    pub fn is_plain(&self) -> bool {
        self.cuts.is_empty() && self.window.is_none()
    }

    pub fn at_rest(&self) -> bool {
        self.mean == 0.0 && self.cuts.iter().all(Cut::is_at_rest)
    }

    /// To be called where a grid cell ends.
    pub fn settle(&mut self) {
        self.cuts.iter_mut().for_each(Cut::flush);
        self.mean = math::flush(self.mean);
    }

    pub fn reset(&mut self) {
        self.cuts.iter_mut().for_each(Cut::clear);
        self.mean = 0.0;
    }

    pub fn save(&self, into: &mut StateWriter) {
        self.cuts.iter().for_each(|cut| cut.save(into));
        into.f64(self.mean);
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.cuts.iter_mut().try_for_each(|cut| cut.load(from))?;
        self.mean = from.f64()?;
        Ok(())
    }
}

/// The static curve of a downward compressor with a quadratic knee (Giannoulis, Massberg, Reiss 2012, equation 4) as the reduction it asks
/// for. Levels and reductions in octaves of amplitude (6.02 dB).
#[derive(Clone, Copy, Debug)]
pub struct StaticCurve {
    /// Where the knee begins.
    start: f64,
    width: f64,
    /// 1 / (2 width), 0 for a hard knee.
    bend: f64,
    slope: f64,
    range: f64,
}

impl StaticCurve {
    /// `threshold`, `knee` and `range` in dB.
    #[inline(always)]
    pub fn new(threshold: f64, ratio: f64, knee: f64, range: f64) -> StaticCurve {
        const OCTAVES: f64 = 1.0 / math::DB_PER_OCTAVE;
        let width = knee * OCTAVES;
        StaticCurve {
            start: (threshold - 0.5 * knee) * OCTAVES,
            width,
            bend: if width > 0.0 { 0.5 / width } else { 0.0 },
            slope: 1.0 - 1.0 / ratio,
            range: range * OCTAVES,
        }
    }

    #[inline(always)]
    pub fn reduction(&self, level: f64) -> f64 {
        let over = level - self.start;
        let over = if over > 0.0 { over } else { 0.0 };
        let beyond = over - self.width;
        let beyond = if beyond > 0.0 { beyond } else { 0.0 };
        let bent = if over < self.width { over } else { self.width };
        let c = self.slope * (bent * bent * self.bend + beyond);
        if c < self.range { c } else { self.range }
    }

    /// An amplitude that surely asks for nothing: just below the knee, and everything for a ratio of 1.
    pub fn quiet(&self) -> f64 {
        if self.slope == 0.0 || self.range == 0.0 { f64::INFINITY } else { math::exp2(self.start - 1e-8) }
    }
}
