use super::Measurement;
use super::loudness::{Integrated, Loudness, map};
use crate::audio::{Block, PlanesRef, math};
use crate::units::Rate;

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Everything that a [`Measurement`] holds.
    Full,
    /// Sample peak and length: next to nothing.
    Peaks,
}

/// Frames looked at together.
const PIECE: usize = 4096;

/// Measures sound as it goes by: the samples of a file, quantised as they are written, full scale 1.
pub struct Meter {
    rate: Rate,
    channels: usize,
    frames: u64,
    peak: f64,
    full: Option<Box<Full>>,
}

struct Full {
    loudness: Loudness,
    /// Of (L+R)/2 on both channels, for stereo.
    fold: Option<(Integrated, Block)>,
    sums: Vec<f64>,
    /// Σ L², Σ R², Σ L R.
    products: [f64; 3],
}

impl Meter {
    /// For 1 to 16 channels, on their usual loudspeakers.
    pub fn new(rate: Rate, channels: usize, what: What) -> Meter {
        Meter::of(rate, channels, what, None, false)
    }

    /// As [`Meter::new`], with a WAV's channel `mask`; `dual_mono` reads a mono file as it plays on two loudspeakers (+3.01 LU).
    pub fn of(rate: Rate, channels: usize, what: What, mask: Option<u32>, dual_mono: bool) -> Meter {
        let full = (what == What::Full).then(|| {
            let fold = || (Integrated::new(rate, &map(1, None, true)), Block::new(1, PIECE));
            Box::new(Full {
                loudness: Loudness::new(rate, &map(channels, mask, dual_mono)),
                fold: (channels == 2).then(fold),
                sums: vec![0.0; channels],
                products: [0.0; 3],
            })
        });
        Meter { rate, channels, frames: 0, peak: 0.0, full }
    }

    /// Takes the next frames, any number of them, of the meter's channels.
    pub fn add(&mut self, planes: PlanesRef<'_>) {
        let mut from = 0;
        while from < planes.frames() {
            let to = (from + PIECE).min(planes.frames());
            let piece = planes.slice(from, to);
            for plane in piece.each() {
                self.peak = self.peak.max(peak(plane));
            }
            if let Some(full) = &mut self.full {
                full.add(&piece);
            }
            from = to;
        }
        self.frames += planes.frames() as u64;
    }

    /// What was measured; the file's own fields (`format`, `codec`, `blake3`) are left to who knows them.
    pub fn finish(self) -> Measurement {
        let mut measurement = Measurement {
            sample_rate: self.rate.get(),
            channels: self.channels,
            frames: self.frames,
            seconds: self.frames as f64 / self.rate.hz(),
            sample_peak_dbfs: decibels(self.peak),
            ..Measurement::default()
        };
        if let Some(full) = self.full {
            full.finish(self.frames, self.peak, &mut measurement);
        }
        measurement
    }
}

impl Full {
    fn add(&mut self, piece: &PlanesRef<'_>) {
        self.loudness.add(piece);
        for (total, plane) in self.sums.iter_mut().zip(piece.each()) {
            *total += sum(plane);
        }
        if let Some((fold, block)) = &mut self.fold {
            let (l, r) = (piece.channel(0), piece.channel(1));
            let products = [product(l, l), product(r, r), product(l, r)];
            self.products.iter_mut().zip(products).for_each(|(total, part)| *total += part);
            for (y, (l, r)) in block.channel_mut(0).iter_mut().zip(l.iter().zip(r)) {
                *y = (l + r) * 0.5;
            }
            fold.add(&block.planes_ref(1, l.len()));
        }
    }

    fn finish(self, frames: u64, peak: f64, into: &mut Measurement) {
        let loudness = self.loudness;
        into.integrated_lufs = loudness.integrated();
        into.momentary_max_lufs = loudness.momentary();
        into.short_term_max_lufs = loudness.short_term();
        into.loudness_range_lu = loudness.range();
        into.true_peak_dbtp = decibels(loudness.true_peak().max(peak));
        into.plr_lu = into.true_peak_dbtp.zip(into.integrated_lufs).map(|(peak, loudness)| peak - loudness);
        let [ll, rr, lr] = self.products;
        into.correlation = (ll > 0.0 && rr > 0.0)
            .then(|| (lr / (ll.sqrt() * rr.sqrt())).clamp(-1.0, 1.0))
            .filter(|correlation| correlation.is_finite());
        into.mono_loss_lu = into.integrated_lufs.zip(self.fold).map(|(whole, (fold, _))| whole - fold.gated());
        into.dc_offset = self.sums.iter().map(|sum| if frames == 0 { 0.0 } else { sum / frames as f64 }).collect();
    }
}

/// Σ x, in eight partial sums of fixed order.
fn sum(x: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let (chunks, rest) = x.as_chunks::<8>();
    for chunk in chunks {
        for lane in 0..8 {
            sums[lane] += chunk[lane];
        }
    }
    total(sums) + rest.iter().sum::<f64>()
}

/// Σ a b, in eight partial sums of fixed order.
fn product(a: &[f64], b: &[f64]) -> f64 {
    let mut sums = [0.0; 8];
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<8>(), b.as_chunks::<8>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..8 {
            sums[lane] += a[lane] * b[lane];
        }
    }
    total(sums) + a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum::<f64>()
}

fn total([s0, s1, s2, s3, s4, s5, s6, s7]: [f64; 8]) -> f64 {
    ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
}

fn peak(plane: &[f64]) -> f64 {
    let mut peaks = [0.0f64; 8];
    let (chunks, rest) = plane.as_chunks::<8>();
    for chunk in chunks {
        for lane in 0..8 {
            let x = chunk[lane].abs();
            peaks[lane] = if x > peaks[lane] { x } else { peaks[lane] };
        }
    }
    rest.iter().map(|x| x.abs()).chain(peaks).fold(0.0, f64::max)
}

/// None for digital silence.
fn decibels(amplitude: f64) -> Option<f64> {
    (amplitude > 0.0 && amplitude.is_finite()).then(|| 20.0 * math::log10(amplitude))
}

#[cfg(test)]
mod tests;
