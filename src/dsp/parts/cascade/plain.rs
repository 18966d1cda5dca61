//! Section by section at each sample, states in registers: the oracle of the vector levels, and what a machine without them runs.

use super::Pair;
use crate::dsp::GRID;
use crate::dsp::parts::biquad::Section;

pub(super) fn two(of: &[Section], states: &mut [Pair], l: &mut [f64], r: &mut [f64], place: usize, gain: f64) {
    run(of, states, [l, r], place, gain);
}

pub(super) fn one(of: &[Section], states: &mut [Pair], l: &mut [f64], _: &mut [f64], place: usize, gain: f64) {
    run(of, states, [l], place, gain);
}

fn run<const CHANNELS: usize>(
    sections: &[Section],
    states: &mut [Pair],
    mut audio: [&mut [f64]; CHANNELS],
    place: usize,
    gain: f64,
) {
    let frames = audio[0].len();
    let mut from = 0;
    while from < frames {
        let to = cell_end(place, from, frames);
        piece(sections, states, audio.each_mut().map(|x| &mut x[from..to]), gain);
        if (place + to).is_multiple_of(GRID as usize) {
            states.iter_mut().for_each(Pair::flush);
        }
        from = to;
    }
}

/// The piece of a cell of the grid that begins at frame `from`: one past its last frame, of at most `frames`.
fn cell_end(place: usize, from: usize, frames: usize) -> usize {
    let cell = GRID as usize;
    (from + cell - (place + from) % cell).min(frames)
}

/// Part of a cell.
fn piece<const CHANNELS: usize>(sections: &[Section], states: &mut [Pair], audio: [&mut [f64]; CHANNELS], gain: f64) {
    match sections.len() {
        1 => some::<CHANNELS, 1>(sections, states, audio, gain),
        2 => some::<CHANNELS, 2>(sections, states, audio, gain),
        3 => some::<CHANNELS, 3>(sections, states, audio, gain),
        4 => some::<CHANNELS, 4>(sections, states, audio, gain),
        5 => some::<CHANNELS, 5>(sections, states, audio, gain),
        _ => some::<CHANNELS, 6>(sections, states, audio, gain),
    }
}

/// `N` sections.
#[inline(always)]
fn some<const CHANNELS: usize, const N: usize>(
    sections: &[Section],
    states: &mut [Pair],
    audio: [&mut [f64]; CHANNELS],
    gain: f64,
) {
    let mut c = [Section::default(); N];
    c.copy_from_slice(sections);
    let mut s = [Pair::default(); N];
    s.copy_from_slice(states);
    for i in 0..audio[0].len() {
        let mut x = [0.0; CHANNELS];
        for lane in 0..CHANNELS {
            x[lane] = audio[lane][i];
        }
        for k in 0..N {
            let (c, Pair { u1, u2 }) = (&c[k], s[k]);
            let mut y = [0.0; CHANNELS];
            for lane in 0..CHANNELS {
                y[lane] = x[lane] + u1[lane];
                s[k].u1[lane] = (c.c1 * x[lane] + u2[lane]) - c.a1 * u1[lane];
                s[k].u2[lane] = c.c2 * x[lane] - c.a2 * u1[lane];
            }
            x = y;
        }
        for lane in 0..CHANNELS {
            // without the sign of zero, which lanes without a section don't keep
            audio[lane][i] = x[lane] * gain + 0.0;
        }
    }
    states.copy_from_slice(&s);
}
