//! What the limiter will do, from its input's peaks alone: for solving how far to drive it. Cells of [`CELL`] frames instead of frames; the second
//! stage's small corrections are left out.

use super::recovery::{Recovery, Speeds};
use super::{CEILING, GAIN, LINK, LOOKAHEAD, MARGIN, RELEASE, TRUE_PEAK, lookahead};
use crate::audio::{PlanesRef, math};
use crate::dsp::Args;
use crate::dsp::parts::brickwall::RATIOS;
use crate::dsp::parts::true_peak::{self, LATE, TruePeak};
use crate::units::Rate;

/// Frames that have one peak and one gain.
pub const CELL: usize = 16;

/// Frames measured together.
const PIECE: usize = true_peak::CELL;

/// Below this (-12 dBFS) a cell's peak may be read from its samples alone.
const FLOOR: f64 = 0.25;

/// Measures the peaks of a limiter's input, as its first stage reads them: fed with the sound from its beginning on, it gives the largest true peak
/// of all channels for every [`CELL`] frames.
///
/// A peak of at most -12 dBFS may be given as the largest sample: it is for drives that leave such peaks below the ceiling.
#[derive(Clone, Debug)]
pub struct PeakEnvelope {
    meters: Vec<TruePeak>,
    /// Channels × what waits for a whole piece.
    waiting: Vec<[f64; PIECE]>,
    filled: usize,
    /// How many frames come before the next piece ends: the first ones end where the meters' first interval begins.
    piece: usize,
    frames: usize,
    peaks: Vec<f32>,
}

impl PeakEnvelope {
    pub fn new(channels: usize) -> PeakEnvelope {
        PeakEnvelope {
            meters: vec![TruePeak::default(); channels],
            waiting: vec![[0.0; PIECE]; channels],
            filled: 0,
            piece: LATE % PIECE,
            frames: 0,
            peaks: Vec::new(),
        }
    }

    /// Channels × frames that follow those before, any number of them. Channels that it wasn't made for are left out.
    pub fn add(&mut self, audio: PlanesRef<'_>) {
        let mut from = 0;
        while from < audio.frames() {
            let count = (self.piece - self.filled).min(audio.frames() - from);
            for (channel, waiting) in self.waiting.iter_mut().enumerate().take(audio.channels()) {
                waiting[self.filled..self.filled + count].copy_from_slice(&audio.channel(channel)[from..from + count]);
            }
            from += count;
            self.frames += count;
            self.filled += count;
            if self.filled == self.piece {
                self.measure();
            }
        }
    }

    fn measure(&mut self) {
        let mut cells = [0.0; PIECE / CELL];
        for (meter, x) in self.meters.iter_mut().zip(&self.waiting) {
            meter.sampled(&x[..self.piece], &mut cells);
        }
        for meter in &mut self.meters {
            meter.highest(self.piece, FLOOR, &mut cells);
        }
        // before the first interval there is nothing
        if self.piece == PIECE {
            self.peaks.extend(cells.map(|x| x as f32));
        }
        (self.filled, self.piece) = (0, PIECE);
    }

    /// One peak per cell, the last of which may be shorter.
    pub fn finish(mut self) -> Vec<f32> {
        let cells = self.frames.div_ceil(CELL);
        // the first pieces were of what lies before the sound; what is on its way comes out with silence behind it
        let late = LATE.div_ceil(PIECE) - 1;
        while self.peaks.len() < cells + late * (PIECE / CELL) {
            self.waiting.iter_mut().for_each(|x| x[self.filled..].fill(0.0));
            self.measure();
        }
        self.peaks.drain(..late * (PIECE / CELL));
        self.peaks.truncate(cells);
        self.peaks
    }
}

/// What of a limiter decides its gain.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LimiterSettings {
    pub rate: Rate,
    /// What the sound is turned up by before, in dB: the limiter's own `gain` and all between the measured peaks and it.
    pub drive: f64,
    /// dBTP
    pub ceiling: f64,
    /// ms
    pub lookahead: f64,
    /// ms; `None` is automatic.
    pub release: Option<f64>,
}

impl LimiterSettings {
    /// Those of a limiter's arguments, its own gain being the drive. None where its gain isn't one function of its true peaks: with `link` below
    /// 100 %, without `truepeak`, and with moving parameters.
    pub fn of(args: &Args, rate: Rate) -> Option<LimiterSettings> {
        let fits = args.of.name == "limiter"
            && args.number(LINK) == Some(100.0)
            && args.switch(TRUE_PEAK)
            && args.moving.is_empty();
        fits.then_some(LimiterSettings {
            rate,
            drive: args.number(GAIN)?,
            ceiling: args.number(CEILING)?,
            lookahead: args.number(LOOKAHEAD)?,
            release: args.number(RELEASE),
        })
    }
}

/// The gain of every cell, 0 to 1, from the peaks that [`PeakEnvelope`] has measured. The sound's power per cell times the gain's square gives the
/// loudness of what leaves the limiter within 0.05 LU for most music; of recorded loops driven by 9 dB one, of bright drums, came 0.15 LU too loud.
pub fn limiter_envelope(peaks: &[f32], settings: &LimiterSettings) -> Vec<f32> {
    let scale = math::from_db(settings.drive - settings.ceiling);
    let mut gains: Vec<f64> = peaks.iter().map(|x| needed(f64::from(*x) * scale)).collect();
    let (mut recovery, speeds) = (Recovery::default(), Speeds::new(settings.release, settings.rate, CELL));
    for gains in gains.chunks_mut(64) {
        recovery.run(&speeds, gains);
        recovery.settle();
    }
    let frames = lookahead(settings.lookahead, settings.rate) as f64;
    // as many frames as the limiter's own: its sliding minimum's, with a few for what the second stage takes, and its boxes'
    let held = held(&gains, (frames + 3.0 + 4.0) / CELL as f64);
    let kernel = kernel((frames + 2.0) / CELL as f64);
    let mut smooth = smoothed(&held, &kernel);
    // a peak gets what it needs, wherever in its cell it lies
    for (smooth, gain) in smooth.iter_mut().zip(&gains) {
        *smooth = smooth.min(*gain as f32);
    }
    smooth
}

fn needed(peak: f64) -> f64 {
    if peak > 1.0 { MARGIN / peak } else { 1.0 }
}

/// The least gain of `width` cells around each. A width between two odd numbers has a share in both.
fn held(gains: &[f64], width: f64) -> Vec<f64> {
    let reach = (((width - 1.0) / 2.0).max(0.0)) as usize;
    let share = ((width - 1.0) / 2.0 - reach as f64).max(0.0);
    let narrow = minimum(gains, reach);
    let at = |i: usize| if i < narrow.len() { narrow[i] } else { 1.0 };
    (0..gains.len())
        .map(|i| {
            let wide = at(i).min(at(i + 1)).min(if i > 0 { narrow[i - 1] } else { 1.0 });
            at(i) + share * (wide - at(i))
        })
        .collect()
}

/// The least of `reach` cells to each side, by doubling.
fn minimum(gains: &[f64], reach: usize) -> Vec<f64> {
    let width = 2 * reach + 1;
    let mut least = vec![1.0; reach];
    least.extend_from_slice(gains);
    least.extend(vec![1.0; reach]);
    let mut done = 1;
    while done < width {
        let step = done.min(width - done);
        for i in 0..least.len() - step {
            least[i] = if least[i + step] < least[i] { least[i + step] } else { least[i] };
        }
        done += step;
    }
    least.truncate(gains.len());
    least
}

/// Three boxes of together `span` cells, one after the other; a box's ends may lie inside cells.
fn kernel(span: f64) -> Vec<f64> {
    let [first, second] = RATIOS;
    [first, second, 1.0 - first - second].iter().fold(vec![1.0], |kernel, ratio| {
        let side = ((ratio * span - 1.0) / 2.0).max(0.0);
        let reach = side.ceil() as usize;
        let weight = |i: usize| (side + 1.0 - i.abs_diff(reach) as f64).clamp(0.0, 1.0) / (1.0 + 2.0 * side);
        let mut both = vec![0.0; kernel.len() + 2 * reach];
        for (i, x) in kernel.iter().enumerate() {
            (0..=2 * reach).for_each(|k| both[i + k] += x * weight(k));
        }
        both
    })
}

fn smoothed(gains: &[f64], kernel: &[f64]) -> Vec<f32> {
    let reach = kernel.len() / 2;
    let mut padded = vec![0.0; gains.len() + 2 * reach];
    padded[reach..reach + gains.len()].iter_mut().zip(gains).for_each(|(to, gain)| *to = 1.0 - gain);
    let mut sums = vec![0.0; gains.len()];
    for (k, weight) in kernel.iter().enumerate() {
        sums.iter_mut().zip(&padded[k..]).for_each(|(sum, x)| *sum += weight * x);
    }
    sums.iter().map(|x| (1.0 - x) as f32).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::{Block, rng::Seed};

    fn sound(frames: usize) -> Block {
        let seed = Seed::new(5);
        let mut block = Block::new(2, frames);
        for channel in 0..2 {
            let mut low = 0.0;
            for (i, x) in block.channel_mut(channel).iter_mut().enumerate() {
                let white = seed.with(channel as u64).bipolar(i as i64);
                low += 0.1 * (white - low);
                *x = if i / 700 % 2 == 0 { 2.0 * low } else { 0.6 * white };
            }
        }
        block
    }

    #[test]
    fn a_cell_has_the_largest_peak_that_the_limiter_reads_in_it() {
        for frames in [1, 40, 41, 1000, 4001] {
            let block = sound(frames);
            let mut all = vec![0.0; frames + LATE];
            for channel in 0..2 {
                let mut meter = TruePeak::default();
                let mut x = block.channel(channel).to_vec();
                x.extend([0.0; LATE]);
                for (x, all) in x.chunks(32).zip(all.chunks_mut(32)) {
                    meter.process(x, 0.0, all);
                }
            }
            for size in [7, 500, 5000] {
                let mut envelope = PeakEnvelope::new(2);
                for from in (0..frames).step_by(size) {
                    envelope.add(block.planes_ref(2, frames).slice(from, (from + size).min(frames)));
                }
                let peaks = envelope.finish();
                assert_eq!(peaks.len(), frames.div_ceil(CELL));
                for (cell, (found, real)) in peaks.iter().zip(all[LATE..].chunks(CELL)).enumerate() {
                    let real = real.iter().fold(0.0f64, |a, b| a.max(*b));
                    assert!(
                        f64::from(*found) <= real + 1e-6 && (real < FLOOR || f64::from(*found) >= real - 1e-6)
                            || cell + 1 == peaks.len(),
                        "{frames}, {size}: cell {cell} {found} {real}"
                    );
                }
            }
        }
    }

    #[test]
    fn kernels_and_windows_of_any_length_are_as_long_as_asked_for() {
        for span in [0.2, 1.0, 3.3, 6.1, 24.0, 240.7] {
            let kernel = kernel(span);
            assert!((kernel.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            let mut gains = vec![1.0; 999];
            gains[500] = 0.5;
            let held: f64 = held(&gains, span).iter().map(|x| 2.0 * (1.0 - x)).sum();
            assert!((held - span.max(1.0)).abs() < 1e-9, "{span}: {held}");
        }
    }
}
