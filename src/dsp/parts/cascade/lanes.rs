//! Four sections in the four lanes of a vector, the first in the last lane, so that what leaves them is in the first: a step is a sample for all of
//! them. A section or two more, and all where there are fewer, go in [`Halves`], behind the last of the four.

use std::arch::x86_64::{
    __m128d, __m256d, _CMP_LT_OQ, _mm_setr_pd, _mm_setzero_pd, _mm_unpackhi_pd, _mm_unpacklo_pd, _mm256_add_pd,
    _mm256_and_pd, _mm256_andnot_pd, _mm256_blendv_pd, _mm256_broadcastsd_pd, _mm256_castpd256_pd128, _mm256_cmp_pd,
    _mm256_movemask_pd, _mm256_mul_pd, _mm256_or_pd, _mm256_permute2f128_pd, _mm256_set1_pd, _mm256_setzero_pd,
    _mm256_shuffle_pd, _mm256_sub_pd,
};
use std::hint::cold_path;

use super::Pair;
use super::halves::{self, Audio, Halves};
use super::walk::{Edge, LAG, walk};
use crate::audio::isa::lanes;
use crate::audio::math;
use crate::dsp::parts::biquad::Section;

pub(super) const LANES: usize = 4;

/// The section whose sound leaves the four, which is that much behind the first.
pub(super) const LAST: usize = LANES - 1;

/// Up to six sections over one channel, or over each of two of the same length.
#[target_feature(enable = "avx2")]
pub(super) fn run<const STEREO: bool>(
    of: [&[Section]; 2],
    states: &mut [Pair],
    l: &mut [f64],
    r: &mut [f64],
    place: usize,
    gains: [f64; 2],
) {
    let mut audio = Audio { l, r, gains: _mm_setr_pd(gains[0], gains[1]) };
    match states.len() {
        0..LANES => halves::run::<STEREO>(of, states, audio.l, audio.r, place, gains),
        4 => fours::<0, STEREO>(of, states, &mut audio, place),
        5 => fours::<1, STEREO>(of, states, &mut audio, place),
        _ => fours::<2, STEREO>(of, states, &mut audio, place),
    }
}

/// The coefficients.
#[derive(Clone, Copy)]
struct Fours {
    c1: __m256d,
    c2: __m256d,
    a1: __m256d,
    a2: __m256d,
}

/// One channel: its states, and what came of the last two steps.
#[derive(Clone, Copy)]
struct Four {
    u1: __m256d,
    u2: __m256d,
    last: __m256d,
    before: __m256d,
}

type Work<const EXTRA: usize, const STEREO: bool> = (Four, Four, Halves<EXTRA, STEREO>);

#[inline]
#[target_feature(enable = "avx2")]
fn fours<const EXTRA: usize, const STEREO: bool>(
    sections: [&[Section]; 2],
    states: &mut [Pair],
    audio: &mut Audio<'_>,
    place: usize,
) {
    let of = sections.map(|sections| {
        let of = |of: fn(&Section) -> f64| lanes::load(&[3, 2, 1, 0].map(|k| of(&sections[k])));
        Fours { c1: of(|s| s.c1), c2: of(|s| s.c2), a1: of(|s| s.a1), a2: of(|s| s.a2) }
    });
    let four = |channel: usize| {
        let u = |u: fn(&Pair) -> [f64; 2]| lanes::load(&[3, 2, 1, 0].map(|k| u(&states[k])[channel]));
        Four { u1: u(|s| s.u1), u2: u(|s| s.u2), last: _mm256_setzero_pd(), before: _mm256_setzero_pd() }
    };
    let frames = audio.l.len();
    assert!(!STEREO || audio.r.len() == frames);
    let steps = |work: Work<EXTRA, STEREO>, audio: &mut Audio<'_>, at: usize| steps(of, work, audio, at);
    let edge = |(l, r, extra): Work<EXTRA, STEREO>, audio: &mut Audio<'_>, edge: Edge| {
        let x = edge.first().map_or(_mm_setzero_pd(), |at| audio.frame::<STEREO>(at));
        let (next_l, next_r, x) = both::<STEREO>(of, l, r, x);
        let (x, next) = extra.step(x);
        if let Some(at) = edge.last(LAST) {
            audio.put::<STEREO>(at, x);
        }
        (choose(l, next_l, edge), choose(r, next_r, edge), extra.or(next, edge.has(LAST)))
    };
    let settle = |(l, r, extra): Work<EXTRA, STEREO>, stage: usize| {
        let extra = if stage == LAST { extra.settle() } else { extra };
        (settle(l, stage), if STEREO { settle(r, stage) } else { r }, extra)
    };
    let work = (four(0), four(1), Halves::load(sections.map(|sections| &sections[LANES..]), &states[LANES..]));
    let (l, r, extra) = walk::<STEREO, _, _>(LAST, work, audio, (place, frames), steps, edge, settle);
    extra.save(&mut states[LANES..]);
    save(l, 0, states);
    if STEREO {
        save(r, 1, states);
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn steps<const EXTRA: usize, const STEREO: bool>(
    of: [Fours; 2],
    (l, r, extra): Work<EXTRA, STEREO>,
    audio: &mut Audio<'_>,
    at: usize,
) -> Work<EXTRA, STEREO> {
    let (l, r, x) = both::<STEREO>(of, l, r, audio.frame::<STEREO>(at));
    let (x, extra) = extra.step(x);
    audio.put::<STEREO>(at - LAG * LAST, x);
    (l, r, extra)
}

/// A frame, and what leaves.
#[inline]
#[target_feature(enable = "avx2")]
fn both<const STEREO: bool>(of: [Fours; 2], l: Four, r: Four, x: __m128d) -> (Four, Four, __m128d) {
    let l = step(of[0], l, x);
    let r = if STEREO { step(of[1], r, _mm_unpackhi_pd(x, x)) } else { r };
    let right = if STEREO { _mm256_castpd256_pd128(r.last) } else { _mm_setzero_pd() };
    (l, r, _mm_unpacklo_pd(_mm256_castpd256_pd128(l.last), right))
}

/// What comes of `x` and of what the lanes passed on two steps ago.
#[inline]
#[target_feature(enable = "avx2")]
fn step(of: Fours, Four { u1, u2, last, before }: Four, x: __m128d) -> Four {
    // every lane takes what the one above it had: y1 y2 y3 x
    let above = _mm256_permute2f128_pd::<0x21>(before, _mm256_broadcastsd_pd(x));
    let x = _mm256_shuffle_pd::<0b0101>(before, above);
    let first = _mm256_sub_pd(_mm256_add_pd(_mm256_mul_pd(of.c1, x), u2), _mm256_mul_pd(of.a1, u1));
    let second = _mm256_sub_pd(_mm256_mul_pd(of.c2, x), _mm256_mul_pd(of.a2, u1));
    Four { u1: first, u2: second, last: _mm256_add_pd(x, u1), before: last }
}

/// The lanes that were at work in a step become what it made of them.
#[inline]
#[target_feature(enable = "avx2")]
fn choose(before: Four, after: Four, edge: Edge) -> Four {
    let lanes = lanes::load(&[3, 2, 1, 0].map(|stage| if edge.has(stage) { -0.0 } else { 0.0 }));
    let u1 = _mm256_blendv_pd(before.u1, after.u1, lanes);
    Four { u1, u2: _mm256_blendv_pd(before.u2, after.u2, lanes), ..after }
}

#[inline]
#[target_feature(enable = "avx2")]
fn small(u: __m256d) -> __m256d {
    let magnitude = _mm256_andnot_pd(_mm256_set1_pd(-0.0), u);
    _mm256_cmp_pd::<_CMP_LT_OQ>(magnitude, _mm256_set1_pd(math::REST))
}

/// Decayed states of one lane become zero.
#[inline]
#[target_feature(enable = "avx2")]
fn settle(four: Four, stage: usize) -> Four {
    let (small_1, small_2) = (small(four.u1), small(four.u2));
    if _mm256_movemask_pd(_mm256_or_pd(small_1, small_2)) & (0b1000 >> stage) == 0 {
        return four;
    }
    cold_path();
    let ones = f64::from_bits(u64::MAX);
    let lane = lanes::load(&[3, 2, 1, 0].map(|k| if k == stage { ones } else { 0.0 }));
    let without = |small, u| _mm256_andnot_pd(_mm256_and_pd(small, lane), u);
    Four { u1: without(small_1, four.u1), u2: without(small_2, four.u2), ..four }
}

#[inline]
#[target_feature(enable = "avx2")]
fn save(four: Four, channel: usize, states: &mut [Pair]) {
    let (u1, u2) = (lanes::array(four.u1), lanes::array(four.u2));
    for (k, pair) in states[..LANES].iter_mut().enumerate() {
        (pair.u1[channel], pair.u2[channel]) = (u1[LAST - k], u2[LAST - k]);
    }
}
