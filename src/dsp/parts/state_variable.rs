use super::biquad::Prototype;

/// A section as it runs while it moves: the trapezoidal state-variable filter (V. Zavalishin, "The Art of VA Filter Design", 2018; A. Simper,
/// 2013), whose states mean the same whatever the coefficients are, so that they may change at any sample. It realises every [`Prototype`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Variable {
    /// The corner in σ and the damping 1 / Q.
    g: f64,
    k: f64,
    /// What of the input, of the band-pass and of the low-pass comes out.
    direct: f64,
    band: f64,
    low: f64,
}

impl Variable {
    pub fn new(p: &Prototype) -> Variable {
        let (n, d) = if p.is_first_order() {
            // a first-order section times one
            let widened = |c: &[f64; 3]| [c[0] * p.d[0], c[0] * p.d[1] + c[1] * p.d[0], c[1] * p.d[1]];
            (widened(&p.n), widened(&p.d))
        } else {
            (p.n, p.d)
        };
        let k = d[1] / (d[0] * d[2]).sqrt();
        let direct = n[2] / d[2];
        Variable { g: (d[0] / d[2]).sqrt(), k, direct, band: k * (n[1] / d[1] - direct), low: n[0] / d[0] - direct }
    }

    fn between(&self, to: &Variable, t: f64) -> Variable {
        let at = |a: f64, b: f64| a + (b - a) * t;
        Variable {
            g: at(self.g, to.g),
            k: at(self.k, to.k),
            direct: at(self.direct, to.direct),
            band: at(self.band, to.band),
            low: at(self.low, to.low),
        }
    }
}

/// The coefficients of one section over (part of) a grid cell, frame by frame on the straight line from the last cell's to this one's: made once
/// for all channels.
pub struct Way {
    frames: [(Variable, f64); 32],
    count: usize,
}

impl Way {
    /// For `count` frames from place `first` (0..32) of the cell on.
    pub fn new(from: &Variable, to: &Variable, first: usize, count: usize) -> Way {
        let mut frames = [(*to, 0.0); 32];
        for (i, frame) in frames.iter_mut().take(count).enumerate() {
            let v = if from == to { *to } else { from.between(to, (first + i + 1) as f64 / 32.0) };
            *frame = (v, 1.0 / (1.0 + v.g * (v.g + v.k)));
        }
        Way { frames, count }
    }

    /// From the two integrators' states to theirs after `samples`, which it filters.
    pub fn run(&self, (mut s1, mut s2): (f64, f64), samples: &mut [f64]) -> (f64, f64) {
        for (sample, (v, a1)) in samples.iter_mut().zip(&self.frames[..self.count]) {
            let v3 = *sample - s2;
            let v1 = a1 * (s1 + v.g * v3);
            let v2 = s2 + v.g * v1;
            s1 = 2.0 * v1 - s1;
            s2 = 2.0 * v2 - s2;
            *sample = v.direct * *sample + (v.band * v1 + v.low * v2);
        }
        (s1, s2)
    }
}
