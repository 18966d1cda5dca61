//! How a gain reduction comes and goes: the smooth branching detector of Giannoulis, Massberg, Reiss, "Digital dynamic range compressor
//! design", JAES 60(6) 2012, section 3.2: y ← αy + (1 - α)c, α the attack's while c > y, the release's otherwise.

use super::branching::Lines;
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
    pub lines: Lines,
}

impl Times {
    /// `release` of `None` is automatic.
    pub fn new(attack: f64, release: Option<f64>, rate: Rate) -> Times {
        let (fast_attack, fast_release) = (factor(attack, rate), factor(release.unwrap_or(FAST_RELEASE), rate));
        Times {
            attack_ms: attack,
            release_ms: release,
            attack: fast_attack,
            release: fast_release,
            lines: Lines::new(fast_attack, fast_release),
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
#[derive(Clone, Copy, Debug)]
pub struct Envelope {
    /// Where the last frame ended; with neither hold nor automatic release, the last grid cell.
    now: f64,
    slow: f64,
    hold_left: u64,
    /// What was wanted in this cell so far, when it comes in pieces; and whether any of it is above 0.
    wanted: Frames,
    pending: bool,
}

impl Default for Envelope {
    fn default() -> Envelope {
        Envelope { now: 0.0, slow: 0.0, hold_left: 0, wanted: SILENCE, pending: false }
    }
}

levels! {
    fn smooth(lines: &Lines, y: f64, cell: &mut Frames) -> f64 = Lines::run;
}

impl Envelope {
    /// No reduction, and none on its way.
    pub fn at_rest(&self) -> bool {
        self.now == 0.0 && self.slow == 0.0 && self.hold_left == 0 && !self.pending
    }

    /// Replaces the first `n` wanted reductions of `c` by the smoothed ones; they are the frames from `place` on of their cell of the song's grid.
    /// `hold` frames pass before a release begins.
    pub fn run(&mut self, isa: Level, times: &Times, hold: u64, place: usize, n: usize, c: &mut Frames) {
        if hold > 0 {
            self.run_held(times, hold, &mut c[..n]);
        } else if times.release_ms.is_none() {
            let mut slow = self.slow;
            let mut now = self.now;
            for c in &mut c[..n] {
                now = branch(now, *c, times.attack, times.release);
                slow = branch(slow, *c, times.slow_attack, times.slow_release);
                *c = if now > slow { now } else { slow };
            }
            (self.now, self.slow) = (now, slow);
        } else if n == CELL {
            self.whole(|y| smooth(isa, &times.lines, y, c));
        } else {
            self.piece(isa, &times.lines, place, &mut c[..n]);
        }
    }

    /// Where a whole cell ends, from where the last one did.
    #[inline]
    pub fn whole(&mut self, end: impl FnOnce(f64) -> f64) {
        self.now = end(self.now);
    }

    /// A cell that comes in pieces is computed anew for each: so its bits are those of one that comes at once.
    fn piece(&mut self, isa: Level, lines: &Lines, place: usize, c: &mut [f64]) {
        let to = place + c.len();
        self.wanted[place..to].copy_from_slice(c);
        let mut cell = self.wanted;
        let end = smooth(isa, lines, self.now, &mut cell);
        c.copy_from_slice(&cell[place..to]);
        self.pending = self.wanted != SILENCE;
        if to == CELL {
            self.now = end;
            self.wanted = SILENCE;
            self.pending = false;
        }
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
        if self.now < OVER {
            self.now = 0.0;
        }
        if self.slow < OVER {
            self.slow = 0.0;
        }
    }

    pub fn save(&self, into: &mut StateWriter) {
        into.f64(self.now);
        into.f64(self.slow);
        into.u64(self.hold_left);
        into.all(&self.wanted);
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        let mut wanted = SILENCE;
        *self = Envelope { now: from.f64()?, slow: from.f64()?, hold_left: from.u64()?, ..Envelope::default() };
        from.all(&mut wanted)?;
        (self.wanted, self.pending) = (wanted, wanted != SILENCE);
        Ok(())
    }
}

#[inline(always)]
fn branch(y: f64, c: f64, attack: f64, release: f64) -> f64 {
    let factor = if c > y { attack } else { release };
    factor * y + (1.0 - factor) * c
}
