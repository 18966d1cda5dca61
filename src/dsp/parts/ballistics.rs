//! How a gain reduction comes and goes: the smooth branching detector of Giannoulis, Massberg, Reiss, "Digital dynamic range compressor
//! design", JAES 60(6) 2012, section 3.2: y ← αy + (1 - α)c, α the attack's while c > y, the release's otherwise.

mod lines;

pub use lines::{GROUP, Lines};

use super::cell::{Frames, SILENCE};
use crate::audio::isa::{Level, levels};
use crate::audio::{StateError, StateReader, StateWriter, math};
use crate::units::Rate;

/// The two stages of an automatic release, in ms, and how fast the slow one learns: a short peak leaves it nearly untouched and is over
/// in 60 ms, a lasting reduction has filled it and takes 600 ms.
const FAST_RELEASE: f64 = 60.0;
const SLOW_RELEASE: f64 = 600.0;
const SLOW_ATTACK: f64 = 100.0;

/// A reduction below this (in octaves of amplitude, 6e-8 dB) is over: a fourth of what rounding to f32 can change.
const OVER: f64 = 1e-8;

/// The factor per frame of a time constant in ms: 63 % of a step is reached after it. 0 ms is immediate.
pub fn factor(ms: f64, rate: Rate) -> f64 {
    if ms <= 0.0 { 0.0 } else { math::exp(-1000.0 / (ms * rate.hz())) }
}

/// Factors per frame; a pure function of the times.
#[derive(Clone, Copy, Debug)]
pub struct Times {
    attack_ms: f64,
    release_ms: Option<f64>,
    attack: f64,
    release: f64,
    slow_attack: f64,
    slow_release: f64,
    slopes: lines::Slopes,
}

impl Times {
    /// `release` of `None` is automatic.
    pub fn new(attack: f64, release: Option<f64>, rate: Rate) -> Times {
        let (up, down) = (factor(attack, rate), factor(release.unwrap_or(FAST_RELEASE), rate));
        Times {
            attack_ms: attack,
            release_ms: release,
            attack: up,
            release: down,
            slopes: lines::Slopes::new(up, down),
            slow_attack: factor(attack.max(SLOW_ATTACK), rate),
            slow_release: factor(SLOW_RELEASE, rate),
        }
    }

    /// These, or new ones when the times have moved.
    pub fn moved(self, attack: f64, release: Option<f64>, rate: Rate) -> Times {
        if self.attack_ms == attack && self.release_ms == release { self } else { Times::new(attack, release, rate) }
    }
}

/// The reduction of one channel or of linked ones, in octaves of amplitude, 0 and above.
#[derive(Clone, Copy, Debug, Default)]
pub struct Envelope {
    /// Where the group of four frames begins that comes next, and the wanted reductions of those of its frames that were there.
    now: f64,
    waiting: [f64; GROUP - 1],
    slow: f64,
    hold_left: u64,
}

levels! {
    fn smooth(times: &Times, frames: &mut Frames, y: f64, from: usize, to: usize) -> f64 = smoothed;
}

#[inline(always)]
fn smoothed(times: &Times, frames: &mut Frames, y: f64, from: usize, to: usize) -> f64 {
    times.smoothed(frames, y, from, to)
}

/// Where a reduction is at the end of a grid cell: one that can't be heard any more is over.
#[inline(always)]
pub fn settled(y: f64) -> f64 {
    if y < OVER { 0.0 } else { y }
}

impl Envelope {
    /// No reduction, and none on its way.
    pub fn at_rest(&self) -> bool {
        self.now == 0.0 && self.waiting == [0.0; GROUP - 1] && self.slow == 0.0 && self.hold_left == 0
    }

    /// Replaces the wanted reductions `c`, of a cell from frame `place` on, by the smoothed ones. `hold` frames pass before a release begins.
    pub fn run(&mut self, isa: Level, times: &Times, hold: u64, place: usize, c: &mut [f64]) {
        if hold > 0 {
            self.run_held(times, hold, c);
        } else if times.release_ms.is_none() {
            let mut slow = self.slow;
            let mut now = self.now;
            for c in c {
                now = branch(now, *c, times.attack, times.release);
                slow = branch(slow, *c, times.slow_attack, times.slow_release);
                *c = if now > slow { now } else { slow };
            }
            (self.now, self.slow) = (now, slow);
        } else {
            let (mut frames, before, end) = (SILENCE, place % GROUP, place + c.len());
            frames[place - before..place].copy_from_slice(&self.waiting[..before]);
            frames[place..end].copy_from_slice(c);
            self.waiting = [0.0; GROUP - 1];
            self.waiting[..end % GROUP].copy_from_slice(&frames[end - end % GROUP..end]);
            self.now = smooth(isa, times, &mut frames, self.now, place, end);
            c.copy_from_slice(&frames[place..end]);
        }
    }

    /// With neither hold nor automatic release, over whole cells: where it comes to, from where it is.
    #[inline]
    pub fn go(&mut self, to: impl FnOnce(f64) -> f64) {
        self.now = to(self.now);
    }

    fn run_held(&mut self, times: &Times, hold: u64, c: &mut [f64]) {
        let auto = times.release_ms.is_none();
        for c in c {
            let level = if auto { self.now.max(self.slow) } else { self.now };
            let waits = if *c > level || (*c == level && *c > 0.0) {
                self.hold_left = hold;
                false
            } else if self.hold_left > 0 {
                self.hold_left -= 1;
                true
            } else {
                false
            };
            // while it waits nothing falls, but what lies below the wanted reduction still rises
            if !(waits && *c <= self.now) {
                self.now = branch(self.now, *c, times.attack, times.release);
            }
            if auto && !(waits && *c <= self.slow) {
                self.slow = branch(self.slow, *c, times.slow_attack, times.slow_release);
            }
            *c = if auto { self.now.max(self.slow) } else { self.now };
        }
    }

    /// Ends a decay that can't be heard any more; to be called where a grid cell ends.
    pub fn settle(&mut self) {
        (self.now, self.slow) = (settled(self.now), settled(self.slow));
    }

    pub fn save(&self, into: &mut StateWriter) {
        into.f64(self.now);
        into.all(&self.waiting);
        into.f64(self.slow);
        into.u64(self.hold_left);
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.now = from.f64()?;
        from.all(&mut self.waiting)?;
        (self.slow, self.hold_left) = (from.f64()?, from.u64()?);
        Ok(())
    }
}

#[inline(always)]
fn branch(y: f64, c: f64, attack: f64, release: f64) -> f64 {
    let factor = if c > y { attack } else { release };
    factor * y + (1.0 - factor) * c
}
