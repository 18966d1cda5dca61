//! How a gain reduction comes and goes: the smooth branching detector of Giannoulis, Massberg, Reiss, "Digital dynamic range compressor
//! design", JAES 60(6) 2012, section 3.2: y ← αy + (1 - α)c, α the attack's while c > y, the release's otherwise.

use std::ops::Range;

use super::cell::{CELL, Frames, SILENCE};
use crate::audio::isa::{Level, levels};
use crate::audio::{StateError, StateReader, StateWriter, math};
use crate::units::Rate;

/// The two stages of an automatic release, in ms, and how fast the slow one learns: a short peak leaves it nearly untouched and is over
/// in 60 ms, a lasting reduction has filled it and takes 600 ms.
const FAST_RELEASE: f64 = 60.0;
const SLOW_RELEASE: f64 = 600.0;
const SLOW_ATTACK: f64 = 100.0;

/// A reduction below this (in octaves of amplitude, 6e-10 dB) is over.
const OVER: f64 = 1e-10;

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
}

impl Times {
    /// `release` of `None` is automatic.
    pub fn new(attack: f64, release: Option<f64>, rate: Rate) -> Times {
        Times {
            attack_ms: attack,
            release_ms: release,
            attack: factor(attack, rate),
            release: factor(release.unwrap_or(FAST_RELEASE), rate),
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
    now: f64,
    slow: f64,
    hold_left: u64,
}

levels! {
    fn smooth(times: &Times, y: f64, c: &mut [f64], room: &mut [Frames; 2]) -> f64 = smoothed;
}

/// The recursion over at most a cell, from `y` on. Returns where it ends. `room`: for [`parts`].
#[inline(always)]
pub fn smoothed(times: &Times, y: f64, c: &mut [f64], room: &mut [Frames; 2]) -> f64 {
    parts(times, c, room);
    go(times, y, c, room, 0..c.len())
}

/// What the recursion over at most a cell adds at each frame: of both branches, as it hangs on the wanted reductions alone.
#[inline(always)]
pub fn parts(times: &Times, c: &[f64], [up, down]: &mut [Frames; 2]) {
    let (a1, r1) = (1.0 - times.attack, 1.0 - times.release);
    debug_assert!(c.len() <= CELL);
    for ((up, down), c) in up.iter_mut().zip(down).zip(c) {
        (*up, *down) = (a1 * *c, r1 * *c);
    }
}

/// A piece of the recursion, from `y` on: `out` of these frames is where it comes to. Returns where it ends.
///
/// The branch without a comparison to wait for: of the two the larger is the right one when the attack is the faster, otherwise the smaller.
#[inline(always)]
pub fn go(times: &Times, mut y: f64, out: &mut [f64], [up, down]: &[Frames; 2], piece: Range<usize>) -> f64 {
    let (a, r) = (times.attack, times.release);
    let parts = up[piece.clone()].iter().zip(&down[piece.clone()]).zip(&mut out[piece]);
    if a <= r {
        for ((up, down), out) in parts {
            let (up, down) = (a * y + up, r * y + down);
            y = if up > down { up } else { down };
            *out = y;
        }
    } else {
        for ((up, down), out) in parts {
            let (up, down) = (a * y + up, r * y + down);
            y = if up < down { up } else { down };
            *out = y;
        }
    }
    y
}

/// Where a reduction is at the end of a grid cell: one that can't be heard any more is over.
#[inline(always)]
pub fn settled(y: f64) -> f64 {
    if y < OVER { 0.0 } else { y }
}

impl Envelope {
    /// No reduction, and none on its way.
    pub fn at_rest(&self) -> bool {
        self.now == 0.0 && self.slow == 0.0 && self.hold_left == 0
    }

    /// Replaces the wanted reductions `c`, at most a cell, by the smoothed ones. `hold` frames pass before a release begins.
    pub fn run(&mut self, isa: Level, times: &Times, hold: u64, c: &mut [f64]) {
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
            self.now = smooth(isa, times, self.now, c, &mut [SILENCE; 2]);
        }
    }

    /// With neither hold nor automatic release: where it comes to, from where it is.
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
        into.f64(self.slow);
        into.u64(self.hold_left);
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        *self = Envelope { now: from.f64()?, slow: from.f64()?, hold_left: from.u64()? };
        Ok(())
    }
}

#[inline(always)]
fn branch(y: f64, c: f64, attack: f64, release: f64) -> f64 {
    let factor = if c > y { attack } else { release };
    factor * y + (1.0 - factor) * c
}
