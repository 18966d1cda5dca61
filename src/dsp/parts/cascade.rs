//! Biquads in series, all sections at each sample: while one section waits for its recursion the others work.

use super::biquad::Section;
use crate::audio::{Planes, StateError, StateReader, StateWriter, math};
use crate::dsp::{GRID, cells};

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

/// Runs `sections` over all channels of `audio`. `states` has one [`Pair`] per section for each two channels, `stride` apart.
pub fn run(sections: &[Section], states: &mut [Pair], stride: usize, audio: &mut Planes<'_>) {
    let gain = sections.iter().fold(1.0, |gain, s| gain * s.gain);
    let channels = audio.channels();
    for channel in (0..channels).step_by(2) {
        let states = &mut states[channel / 2 * stride..][..sections.len()];
        if channel + 1 < channels {
            let (l, r) = audio.pair_mut(channel, channel + 1);
            two(sections, states, l, r, gain);
        } else {
            one(sections, states, audio.channel_mut(channel), gain);
        }
    }
}

fn two(mut sections: &[Section], mut states: &mut [Pair], l: &mut [f64], r: &mut [f64], gain: f64) {
    while !sections.is_empty() {
        let now = sections.len().min(4);
        let (here, later) = sections.split_at(now);
        let (mine, others) = states.split_at_mut(now);
        let gain = if later.is_empty() { gain } else { 1.0 };
        match now {
            4 => stereo::<4>(here, mine, l, r, gain),
            3 => stereo::<3>(here, mine, l, r, gain),
            2 => stereo::<2>(here, mine, l, r, gain),
            _ => stereo::<1>(here, mine, l, r, gain),
        }
        (sections, states) = (later, others);
    }
}

/// `N` sections, states in registers.
#[inline(always)]
fn stereo<const N: usize>(sections: &[Section], states: &mut [Pair], l: &mut [f64], r: &mut [f64], gain: f64) {
    let mut c = [Section::default(); N];
    c.copy_from_slice(sections);
    let mut s = [Pair::default(); N];
    s.copy_from_slice(states);
    for (l, r) in l.iter_mut().zip(r) {
        let mut x = [*l, *r];
        for k in 0..N {
            let (c, Pair { u1, u2 }) = (&c[k], s[k]);
            let mut y = [0.0; 2];
            for lane in 0..2 {
                y[lane] = x[lane] + u1[lane];
                s[k].u1[lane] = (c.c1 * x[lane] + u2[lane]) - c.a1 * u1[lane];
                s[k].u2[lane] = c.c2 * x[lane] - c.a2 * u1[lane];
            }
            x = y;
        }
        (*l, *r) = (x[0] * gain, x[1] * gain);
    }
    states.copy_from_slice(&s);
}

fn one(sections: &[Section], states: &mut [Pair], samples: &mut [f64], gain: f64) {
    for sample in samples {
        let mut x = *sample;
        for (c, s) in sections.iter().zip(states.iter_mut()) {
            let (u1, u2) = (s.u1[0], s.u2[0]);
            let y = x + u1;
            s.u1[0] = (c.c1 * x + u2) - c.a1 * u1;
            s.u2[0] = c.c2 * x - c.a2 * u1;
            x = y;
        }
        *sample = x * gain;
    }
}

/// Sections that stand still, with their states.
#[derive(Clone, Debug)]
pub struct Cascade {
    sections: Vec<Section>,
    states: Vec<Pair>,
}

impl Cascade {
    pub fn new(sections: Vec<Section>, channels: usize) -> Cascade {
        let states = vec![Pair::default(); sections.len() * channels.div_ceil(2)];
        Cascade { sections, states }
    }

    /// Channels × frames in place, from song time `at` on.
    pub fn process(&mut self, at: i64, audio: &mut Planes<'_>) {
        for (from, to) in cells(at, audio.frames()) {
            run(&self.sections, &mut self.states, self.sections.len(), &mut audio.slice(from, to));
            if (at + to as i64).rem_euclid(GRID) == 0 {
                self.states.iter_mut().for_each(Pair::flush);
            }
        }
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
