//! Biquads in series, all sections at each sample: while one section waits for its recursion the others work.

#[cfg(target_arch = "x86_64")]
mod halves;
#[cfg(target_arch = "x86_64")]
mod lanes;
mod plain;
#[cfg(target_arch = "x86_64")]
mod walk;
#[cfg(target_arch = "x86_64")]
mod wide;

use super::biquad::Section;
#[cfg(target_arch = "x86_64")]
use crate::audio::isa::Isa;
use crate::audio::isa::{Level, explicit};
use crate::audio::{Planes, StateError, StateReader, StateWriter, math};
use crate::dsp::GRID;

/// The most sections that run side by side.
const MOST: usize = 6;

/// How many sections of `left` run side by side.
fn group_of(left: usize) -> usize {
    if left > MOST { 4 } else { left }
}

/// The two states of a section, for two channels side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Pair {
    pub u1: [f64; 2],
    pub u2: [f64; 2],
}

impl Pair {
    pub fn is_at_rest(&self) -> bool {
        *self == Pair::default()
    }

    pub fn flush(&mut self) {
        self.u1 = self.u1.map(math::flush);
        self.u2 = self.u2.map(math::flush);
    }
}

/// Runs `sections` over all channels of `audio`, whose first frame is the one at `place` in its cell of the song's grid. `states` has one [`Pair`] per
/// section for each two channels, `stride` apart. Where a cell ends decayed states become zero.
pub fn run(isa: Level, sections: &[Section], states: &mut [Pair], stride: usize, place: usize, audio: &mut Planes<'_>) {
    let gain = gain(sections);
    let channels = audio.channels();
    for channel in (0..channels).step_by(2) {
        let mut states = &mut states[channel / 2 * stride..][..sections.len()];
        let mut sections = sections;
        while !sections.is_empty() {
            let ((here, later), (mine, others)) = {
                let now = group_of(sections.len());
                (sections.split_at(now), states.split_at_mut(now))
            };
            let gains = if later.is_empty() { [gain; 2] } else { [1.0; 2] };
            if channel + 1 < channels {
                let (l, r) = audio.pair_mut(channel, channel + 1);
                two(isa, [here; 2], mine, l, r, place, gains);
            } else {
                one(isa, [here; 2], mine, audio.channel_mut(channel), &mut [], place, gains);
            }
            (sections, states) = (later, others);
        }
    }
}

/// What the sections leave to the end.
fn gain(sections: &[Section]) -> f64 {
    sections.iter().fold(1.0, |gain, s| gain * s.gain)
}

/// Up to [`MOST`] sections that stand still over one channel or two, and their states: lent by who holds them.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    count: usize,
    sections: [Section; MOST],
    pub states: [Pair; MOST],
}

impl Standing {
    /// `None` where they are too many.
    pub fn new<'a>(all: impl Iterator<Item = (&'a Section, &'a Pair)>) -> Option<Standing> {
        let mut standing = Standing::default();
        for (section, pair) in all {
            *standing.sections.get_mut(standing.count)? = *section;
            standing.states[standing.count] = *pair;
            standing.count += 1;
        }
        Some(standing)
    }
}

/// What [`run`] does, for two cascades over blocks of as many frames, alike in their places: neither waits for the other's recursion where the machine
/// has the vectors. False, and nothing done, for blocks that are not alike or have more than two channels, and where there is nothing to run.
pub fn run_both(isa: Level, [a, b]: [&mut Standing; 2], place: usize, [x, y]: [&mut Planes<'_>; 2]) -> bool {
    if (x.channels(), x.frames()) != (y.channels(), y.frames()) || a.count.min(b.count) == 0 {
        return false;
    }
    let gains = [gain(&a.sections[..a.count]), gain(&b.sections[..b.count])];
    // the shorter one ends with sections that pass on what comes
    let count = a.count.max(b.count);
    let of = [&a.sections[..count], &b.sections[..count]];
    match x.channels() {
        1 => {
            // each has a lane
            let mut both = [Pair::default(); MOST];
            for (both, (a, b)) in both.iter_mut().zip(a.states.iter().zip(&b.states)) {
                *both = Pair { u1: [a.u1[0], b.u1[0]], u2: [a.u2[0], b.u2[0]] };
            }
            two(isa, of, &mut both[..count], x.channel_mut(0), y.channel_mut(0), place, gains);
            for (both, (a, b)) in both.iter().zip(a.states.iter_mut().zip(&mut b.states)) {
                ([a.u1[0], b.u1[0]], [a.u2[0], b.u2[0]]) = (both.u1, both.u2);
            }
            true
        }
        2 => {
            let ((a_l, a_r), (b_l, b_r)) = (x.pair_mut(0, 1), y.pair_mut(0, 1));
            let states = [&mut a.states[..count], &mut b.states[..count]];
            four(isa, of, states, [a_l, a_r, b_l, b_r], place, gains);
            true
        }
        _ => false,
    }
}

explicit! {
    /// A group of sections over each of two channels, with the place of the first frame in its cell and the gains that come last. A [`Pair`] has the states
    /// of both.
    fn two(of: [&[Section]; 2], states: &mut [Pair], l: &mut [f64], r: &mut [f64], place: usize, gains: [f64; 2]) =
        [wide::run] (halves::run::<true>) lanes::run::<true>, or plain::two;
    /// The same over one channel; the second is empty.
    fn one(of: [&[Section]; 2], states: &mut [Pair], l: &mut [f64], r: &mut [f64], place: usize, gains: [f64; 2]) =
        (halves::run::<false>) lanes::run::<false>, or plain::one;
}

/// A group of sections over two channels and as many others over two more: at once where a vector has room for all of a group over two, otherwise one
/// after the other.
fn four(
    isa: Level,
    of: [&[Section]; 2],
    states: [&mut [Pair]; 2],
    audio: [&mut [f64]; 4],
    place: usize,
    gains: [f64; 2],
) {
    #[cfg(target_arch = "x86_64")]
    #[allow(unsafe_code, reason = "see `explicit!`: here all other levels have nothing of their own")]
    if isa.isa() == Isa::Avx512 {
        // SAFETY: a `Level` is made only where the machine has it
        return unsafe { wide::four(of, states, audio, place, gains) };
    }
    let ([a, b], [p, q], [a_l, a_r, b_l, b_r]) = (of, states, audio);
    two(isa, [a; 2], p, a_l, a_r, place, [gains[0]; 2]);
    two(isa, [b; 2], q, b_l, b_r, place, [gains[1]; 2]);
}

/// Sections that stand still, with their states.
#[derive(Clone, Debug)]
pub struct Cascade {
    sections: Vec<Section>,
    states: Vec<Pair>,
    isa: Level,
}

impl Cascade {
    pub fn new(sections: Vec<Section>, channels: usize) -> Cascade {
        let states = vec![Pair::default(); sections.len() * channels.div_ceil(2)];
        Cascade { sections, states, isa: Level::find() }
    }

    /// Channels × frames in place, from song time `at` on.
    pub fn process(&mut self, at: i64, audio: &mut Planes<'_>) {
        let place = at.rem_euclid(GRID) as usize;
        run(self.isa, &self.sections, &mut self.states, self.sections.len(), place, audio);
    }

    /// Two, each over its own block from song time `at` on.
    pub fn process_both([a, b]: [&mut Cascade; 2], at: i64, [x, y]: [&mut Planes<'_>; 2]) {
        let place = at.rem_euclid(GRID) as usize;
        if let (Some(mut p), Some(mut q)) = (a.standing(), b.standing())
            && run_both(a.isa, [&mut p, &mut q], place, [&mut *x, &mut *y])
        {
            a.states.copy_from_slice(&p.states[..p.count]);
            b.states.copy_from_slice(&q.states[..q.count]);
            return;
        }
        a.process(at, x);
        b.process(at, y);
    }

    fn standing(&self) -> Option<Standing> {
        let alone = self.states.len() == self.sections.len();
        if alone { Standing::new(self.sections.iter().zip(&self.states)) } else { None }
    }

    pub fn is_at_rest(&self) -> bool {
        self.states.iter().all(Pair::is_at_rest)
    }

    pub fn reset(&mut self) {
        self.states.fill(Pair::default());
    }

    pub fn save(&self, into: &mut StateWriter) {
        save(&self.states, into);
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        load(&mut self.states, from)
    }
}

pub fn save(states: &[Pair], into: &mut StateWriter) {
    for pair in states {
        into.all(&pair.u1);
        into.all(&pair.u2);
    }
}

pub fn load(states: &mut [Pair], from: &mut StateReader<'_>) -> Result<(), StateError> {
    states.iter_mut().try_for_each(|pair| from.all(&mut pair.u1).and_then(|()| from.all(&mut pair.u2)))
}

#[cfg(test)]
mod tests;
