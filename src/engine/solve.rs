//! How far a limiter must be driven so that what leaves it is as loud as asked. It is worked out on envelopes: the peaks scale with the drive, the
//! gains that a limiter makes of them are those of the real one in cells of 16 frames, and gated loudness is a matter of powers. A whole song
//! takes milliseconds a try.

use std::ops::Range;

use super::spool::Envelope;
use crate::analysis::integrated;
use crate::audio::math;
use crate::dsp::{ENVELOPE_CELL as CELL, LimiterSettings, limiter_envelope};

/// What is asked of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Ask {
    /// LUFS.
    pub loudness: Option<f64>,
    /// A loudness that need only be reached: what is louder stays as it is.
    pub floor: bool,
    /// dBTP.
    pub ceiling: f64,
    /// dBTP, where the file is louder than a floor.
    pub ceiling_when_louder: Option<f64>,
    /// dB.
    pub max_reduction: f64,
}

impl Ask {
    /// Whether `lufs` is above the floor that was asked for.
    pub fn is_louder(&self, lufs: f64) -> bool {
        self.floor && self.loudness.is_some_and(|goal| lufs > goal + LOUDER)
    }

    /// dBTP, of a file that is louder than its floor.
    pub fn ceiling_when_louder(&self) -> f64 {
        self.ceiling_when_louder.map_or(self.ceiling, |ceiling| ceiling.min(self.ceiling))
    }
}

/// How to drive the limiter.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Answer {
    Drive(Setting),
    /// The loudness asked takes a deeper reduction (dB) than is allowed; what is allowed reaches `reach` LUFS. `None`: no reduction does it.
    TooFar {
        reduction: Option<f64>,
        allowed: f64,
        reach: f64,
    },
    /// Its peaks alone take a deeper reduction (dB) than is allowed.
    TooHigh {
        reduction: f64,
        allowed: f64,
    },
    /// Nothing is loud enough to have a loudness.
    Silent,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// dB, on top of the limiter's own gain: a multiple of [`STEP`], so that a small change elsewhere leaves it.
    pub gain: f64,
    /// dBTP.
    pub ceiling: f64,
    /// Whether a loudness was asked for that this gain is to meet.
    pub driven: bool,
}

/// dB.
pub const STEP: f64 = 0.05;

/// A floor is reached when no more than this is missing, in LU.
const NEAR: f64 = 0.05;

/// LU by which a floor is aimed over: half a step of the gain, and what prediction leaves.
const OVER: f64 = 0.04;

/// dB: no limiter is driven further, whatever is allowed.
const DEEPEST: f64 = 36.0;

/// dB: what a limiter's own margins take.
const TOUCH: f64 = 0.05;

/// LU above a floor from which on a file is louder than it, by any meter.
const LOUDER: f64 = 0.1;

/// How far what is worked out may be from what comes out, in LU.
const DOUBT: f64 = 0.25;

/// A song before its limiter.
pub struct Solver<'a> {
    envelope: &'a Envelope,
    limiter: LimiterSettings,
    cells: Range<usize>,
    /// The highest peak, dBTP, with the limiter's own gain.
    peak: f64,
    /// LU by which the real loudness turned out higher than it was worked out.
    bias: f64,
    /// LU by which what is worked out may be wrong: nothing is refused on the strength of less.
    doubt: f64,
}

impl<'a> Solver<'a> {
    /// For song frames `from` to `to`. `plain`: nothing but what was said of the limiter makes the sound louder or quieter behind it.
    pub fn new(envelope: &'a Envelope, limiter: LimiterSettings, from: i64, to: i64, plain: bool) -> Solver<'a> {
        let cell = |frame: i64| (frame.max(0) as usize).div_ceil(CELL).min(envelope.peaks.len());
        let cells = cell(from)..cell(to).max(cell(from));
        let peak = envelope.peaks[cells.clone()].iter().fold(0.0f32, |a, b| a.max(*b));
        let peak = math::to_db(f64::from(peak)) + limiter.drive;
        let doubt = if plain { DOUBT } else { f64::INFINITY };
        Solver { envelope, limiter, cells, peak, bias: 0.0, doubt }
    }

    /// Whether the other works out the same of the same.
    pub fn is_like(&self, other: &Solver<'_>) -> bool {
        let known =
            |solver: &Solver<'_>| (solver.limiter, solver.cells.clone(), solver.peak, solver.bias, solver.doubt);
        std::ptr::eq(self.envelope, other.envelope) && known(self) == known(other)
    }

    /// Learns what a file really came to.
    pub fn learn(&mut self, setting: &Setting, lufs: f64) {
        if let Some(told) = self.loudness(setting.gain, setting.ceiling) {
            self.bias += lufs - told;
            self.doubt = 0.0;
        }
    }

    /// Learns how much (dB) the limiter really took away at a setting: a part's highest peak may have been told roughly.
    pub fn learn_reduction(&mut self, gain: f64, ceiling: f64, reduction: f64) {
        self.peak = self.peak.max(reduction + ceiling - gain);
    }

    /// The reduction that a driven limiter may come to, in dB: what the script's own does is nothing to forbid, nor that it does it a little lower.
    pub fn allowed(&self, ask: &Ask) -> f64 {
        ask.max_reduction.max(self.own(ask))
    }

    /// What the script's own limiter takes away before it is driven, in dB.
    fn own(&self, ask: &Ask) -> f64 {
        if self.limiter.ceiling.is_finite() { self.reduction(0.0, ask.ceiling) } else { 0.0 }
    }

    /// The deepest reduction at a setting, in dB.
    pub fn reduction(&self, gain: f64, ceiling: f64) -> f64 {
        (self.peak + gain - ceiling).max(0.0)
    }

    /// Integrated loudness behind the limiter, LUFS.
    pub fn loudness(&self, gain: f64, ceiling: f64) -> Option<f64> {
        let settings = LimiterSettings { drive: self.limiter.drive + gain, ceiling, ..self.limiter };
        let gains = limiter_envelope(&self.envelope.peaks, &settings);
        let drive = math::from_db(settings.drive);
        let hop = self.envelope.rate.hz() / 10.0;
        let begins = |of: usize| (of as f64 * hop / CELL as f64).ceil() as usize;
        let (gains, powers) = (&gains[self.cells.clone()], &self.envelope.power[self.cells.clone()]);
        // the last one is not whole
        let whole = ((gains.len() * CELL) as f64 / hop) as usize;
        let mean = |of: usize| {
            let cells = begins(of)..begins(of + 1).min(gains.len());
            let count = cells.len().max(1);
            let power = gains[cells.clone()].iter().zip(&powers[cells]).fold(0.0, |sum, (gain, power)| {
                let gain = f64::from(*gain) * drive;
                sum + gain * gain * f64::from(*power)
            });
            power / count as f64
        };
        let hops: Vec<f64> = (0..whole).map(mean).collect();
        // blocks of 400 ms, each a quarter of itself after the last
        let blocks: Vec<f64> = hops.windows(4).map(|w| 0.25 * (w[0] + w[1] + w[2] + w[3])).collect();
        integrated(&blocks).map(|lufs| lufs + self.bias)
    }

    pub fn answer(&self, ask: &Ask) -> Answer {
        let (own, allowed) = (self.own(ask), self.allowed(ask));
        let keep = |ceiling| match self.reduction(0.0, ceiling) {
            reduction if own == 0.0 && reduction > allowed + TOUCH => Answer::TooHigh { reduction, allowed },
            _ => Answer::Drive(Setting { gain: 0.0, ceiling, driven: false }),
        };
        let Some(goal) = ask.loudness else { return keep(ask.ceiling) };
        let Some(now) = self.loudness(0.0, ask.ceiling) else { return Answer::Silent };
        if ask.floor && now >= goal - NEAR {
            return keep(if ask.is_louder(now) { ask.ceiling_when_louder() } else { ask.ceiling });
        }
        let most = allowed + ask.ceiling - self.peak;
        let reach = self.loudness(most, ask.ceiling).unwrap_or(f64::NEG_INFINITY);
        if reach < goal - NEAR - self.doubt {
            // what it would take: reductions grow faster than loudness
            let gain = self.search(goal, ask.ceiling, now, most, most + DEEPEST);
            let reduction = gain.map(|gain| self.reduction(gain, ask.ceiling)).filter(|deep| *deep <= DEEPEST);
            return Answer::TooFar { reduction, allowed, reach };
        }
        let low = (goal - now).min(0.0) - 60.0;
        // a floor is better passed by a hair than missed by one
        let aim = if ask.floor { goal + OVER } else { goal };
        let gain = self.search(aim, ask.ceiling, now, low, most).unwrap_or(most);
        let steps = (gain / STEP).round().min((most / STEP + 1e-6).floor());
        Answer::Drive(Setting { gain: steps * STEP, ceiling: ask.ceiling, driven: true })
    }

    /// The gain at which the loudness is `goal`, between `low` and `high`: by false position (Illinois), as loudness grows with gain. `now`: what it is
    /// without any.
    fn search(&self, goal: f64, ceiling: f64, now: f64, low: f64, high: f64) -> Option<f64> {
        let miss = |gain: f64| self.loudness(gain, ceiling).map_or(-200.0, |lufs| lufs - goal);
        // from where loudness and gain would go together
        let guess = goal - now;
        let (mut low, mut high) = (low, high);
        let (mut below, mut above) = (f64::NAN, f64::NAN);
        let mut gain = guess.clamp(low, high);
        for round in 0..40 {
            let off = miss(gain);
            if off.abs() < 0.002 || high - low < 1e-4 {
                return Some(gain);
            }
            if off < 0.0 {
                (low, below) = (gain, off);
                above *= if round > 0 { 0.5 } else { 1.0 };
            } else {
                (high, above) = (gain, off);
                below *= if round > 0 { 0.5 } else { 1.0 };
            }
            gain = if below.is_nan() || above.is_nan() {
                // one side is not known yet: a step that overshoots a little
                (gain - 1.3 * off).clamp(low, high)
            } else {
                low + (high - low) * below / (below - above)
            };
            if gain <= low || gain >= high {
                gain = 0.5 * (low + high);
            }
        }
        None
    }
}
