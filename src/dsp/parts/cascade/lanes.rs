//! Four sections in the four lanes of a vector, each a sample behind the one before it: a step is a sample for all of them. The first section is in the
//! last lane, so that what leaves the cascade is in the first. Where a cell ends all sections are brought to its last sample, because decayed states
//! become zero there: so a cell takes three steps more than it has samples, in which some lanes only wait.

use std::arch::x86_64::{
    __m256d, _CMP_GE_OQ, _mm_cvtsd_f64, _mm_unpackhi_pd, _mm256_add_pd, _mm256_and_pd, _mm256_andnot_pd,
    _mm256_blend_pd, _mm256_cmp_pd, _mm256_cvtsd_f64, _mm256_extractf128_pd, _mm256_mul_pd, _mm256_permute2f128_pd,
    _mm256_set1_pd, _mm256_setr_pd, _mm256_setzero_pd, _mm256_shuffle_pd, _mm256_sub_pd,
};

use super::{GROUP, Pair, cell_end, plain};
use crate::audio::math;
use crate::dsp::GRID;
use crate::dsp::parts::biquad::Section;

type V = __m256d;

#[derive(Clone, Copy)]
struct Coefficients {
    c1: V,
    c2: V,
    a1: V,
    a2: V,
}

/// Of one channel: both states of all sections.
#[derive(Clone, Copy)]
struct State {
    u1: V,
    u2: V,
}

/// Up to [`GROUP`] sections over one channel or two; lanes without a section pass on what they get.
#[target_feature(enable = "avx2")]
pub(super) fn run<const CHANNELS: usize>(
    sections: &[Section],
    states: &mut [Pair],
    mut audio: [&mut [f64]; CHANNELS],
    place: usize,
    gain: f64,
) {
    let c = coefficients(sections);
    let frames = audio[0].len();
    let mut now: [State; CHANNELS] = load(states);
    let mut from = 0;
    while from < frames {
        let to = cell_end(place, from, frames);
        if to - from < GROUP {
            // too few for all lanes to be busy at once
            save(&now, states);
            let mut piece = audio.each_mut().map(|x| &mut x[from..to]);
            plain::piece(sections, states, piece.each_mut().map(|x| &mut **x), gain);
            now = load(states);
        } else {
            for channel in audio.iter_mut() {
                assert!(channel.len() >= to);
            }
            now = cell(&c, now, &mut audio, from, to, gain);
        }
        if (place + to).is_multiple_of(GRID as usize) {
            for state in &mut now {
                *state = State { u1: flush(state.u1), u2: flush(state.u2) };
            }
        }
        from = to;
    }
    save(&now, states);
}

#[inline]
#[target_feature(enable = "avx2")]
fn cell<const CHANNELS: usize>(
    c: &Coefficients,
    mut now: [State; CHANNELS],
    audio: &mut [&mut [f64]; CHANNELS],
    from: usize,
    to: usize,
    gain: f64,
) -> [State; CHANNELS] {
    let mut y = [_mm256_setzero_pd(); CHANNELS];
    // a step of which only the lanes in the mask change what they remember
    macro_rules! partly {
        ($channel:ident, $x:expr, $lanes:literal) => {{
            let before = now[$channel];
            let after;
            (y[$channel], after) = step(c, before, y[$channel], $x);
            now[$channel] = State {
                u1: _mm256_blend_pd::<$lanes>(before.u1, after.u1),
                u2: _mm256_blend_pd::<$lanes>(before.u2, after.u2),
            };
        }};
    }
    for channel in 0..CHANNELS {
        partly!(channel, audio[channel][from], 0b1000);
        partly!(channel, audio[channel][from + 1], 0b1100);
        partly!(channel, audio[channel][from + 2], 0b1110);
    }
    for at in from + GROUP - 1..to {
        for channel in 0..CHANNELS {
            (y[channel], now[channel]) = step(c, now[channel], y[channel], audio[channel][at]);
            audio[channel][at + 1 - GROUP] = leave(y[channel], gain);
        }
    }
    for channel in 0..CHANNELS {
        partly!(channel, 0.0, 0b0111);
        audio[channel][to - 3] = leave(y[channel], gain);
        partly!(channel, 0.0, 0b0011);
        audio[channel][to - 2] = leave(y[channel], gain);
        partly!(channel, 0.0, 0b0001);
        audio[channel][to - 1] = leave(y[channel], gain);
    }
    now
}

/// What comes of `x` and what the sections have passed on, and what they remember then.
#[inline]
#[target_feature(enable = "avx2")]
fn step(c: &Coefficients, State { u1, u2 }: State, y: V, x: f64) -> (V, State) {
    // every lane takes what the one above it had: y1 y2 y3 x
    let above = _mm256_permute2f128_pd::<0x21>(y, _mm256_set1_pd(x));
    let x = _mm256_shuffle_pd::<0b0101>(y, above);
    let first = _mm256_sub_pd(_mm256_add_pd(_mm256_mul_pd(c.c1, x), u2), _mm256_mul_pd(c.a1, u1));
    let second = _mm256_sub_pd(_mm256_mul_pd(c.c2, x), _mm256_mul_pd(c.a2, u1));
    (_mm256_add_pd(x, u1), State { u1: first, u2: second })
}

#[inline]
#[target_feature(enable = "avx2")]
fn leave(y: V, gain: f64) -> f64 {
    // without the sign of zero, which lanes without a section don't keep
    _mm256_cvtsd_f64(y) * gain + 0.0
}

#[inline]
#[target_feature(enable = "avx2")]
fn flush(u: V) -> V {
    let magnitude = _mm256_andnot_pd(_mm256_set1_pd(-0.0), u);
    _mm256_and_pd(u, _mm256_cmp_pd::<_CMP_GE_OQ>(magnitude, _mm256_set1_pd(math::REST)))
}

#[inline]
#[target_feature(enable = "avx2")]
fn coefficients(sections: &[Section]) -> Coefficients {
    let lanes = |of: fn(&Section) -> f64| {
        let mut x = [0.0; GROUP];
        sections.iter().enumerate().for_each(|(k, section)| x[GROUP - 1 - k] = of(section));
        x
    };
    let [c1, c2] = [lanes(|s| s.c1), lanes(|s| s.c2)];
    let [a1, a2] = [lanes(|s| s.a1), lanes(|s| s.a2)];
    Coefficients { c1: vector(c1), c2: vector(c2), a1: vector(a1), a2: vector(a2) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn load<const CHANNELS: usize>(states: &[Pair]) -> [State; CHANNELS] {
    let mut now = [State { u1: _mm256_setzero_pd(), u2: _mm256_setzero_pd() }; CHANNELS];
    for (channel, now) in now.iter_mut().enumerate() {
        let (mut u1, mut u2) = ([0.0; GROUP], [0.0; GROUP]);
        for (k, pair) in states.iter().enumerate() {
            (u1[GROUP - 1 - k], u2[GROUP - 1 - k]) = (pair.u1[channel], pair.u2[channel]);
        }
        *now = State { u1: vector(u1), u2: vector(u2) };
    }
    now
}

#[inline]
#[target_feature(enable = "avx2")]
fn save<const CHANNELS: usize>(now: &[State; CHANNELS], states: &mut [Pair]) {
    for (channel, state) in now.iter().enumerate() {
        let (u1, u2) = (array(state.u1), array(state.u2));
        for (k, pair) in states.iter_mut().enumerate() {
            (pair.u1[channel], pair.u2[channel]) = (u1[GROUP - 1 - k], u2[GROUP - 1 - k]);
        }
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn vector(x: [f64; 4]) -> V {
    _mm256_setr_pd(x[0], x[1], x[2], x[3])
}

#[inline]
#[target_feature(enable = "avx2")]
fn array(x: V) -> [f64; 4] {
    let (low, high) = (_mm256_extractf128_pd::<0>(x), _mm256_extractf128_pd::<1>(x));
    let second = |half| _mm_cvtsd_f64(_mm_unpackhi_pd(half, half));
    [_mm_cvtsd_f64(low), second(low), _mm_cvtsd_f64(high), second(high)]
}
