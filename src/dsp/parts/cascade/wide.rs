//! Four sections over both channels in a vector of eight lanes: the last section's two channels in the first two lanes, the first's in the last.

use std::arch::x86_64::{
    __m128d, __m512d, _CMP_LT_OQ, _mm_set1_pd, _mm_setr_pd, _mm_setzero_pd, _mm512_abs_pd, _mm512_add_pd,
    _mm512_alignr_epi64, _mm512_castpd_si512, _mm512_castpd128_pd512, _mm512_castpd512_pd128, _mm512_castsi512_pd,
    _mm512_cmp_pd_mask, _mm512_mask_cmp_pd_mask, _mm512_mask_mov_pd, _mm512_maskz_mov_pd, _mm512_mul_pd,
    _mm512_range_pd, _mm512_set1_pd, _mm512_setzero_pd, _mm512_sub_pd,
};
use std::hint::cold_path;

use super::Pair;
use super::halves::{Audio, Halves};
use super::lanes::{LANES, LAST};
use super::walk::{Edge, LAG, walk};
use crate::audio::isa::lanes::{load_8, store_8};
use crate::audio::math;
use crate::dsp::parts::biquad::Section;

/// Up to six sections over each of two channels of the same length. Fewer than four leave lanes that pass on what comes.
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) fn run(
    of: [&[Section]; 2],
    states: &mut [Pair],
    l: &mut [f64],
    r: &mut [f64],
    place: usize,
    gains: [f64; 2],
) {
    let audio = Audio { l, r, gains: _mm_setr_pd(gains[0], gains[1]) };
    match states.len() {
        5 => eight::<1>(of, states, audio, place),
        6 => eight::<2>(of, states, audio, place),
        _ => eight::<0>(of, states, audio, place),
    }
}

/// Up to six sections over two channels, and as many over two others of the same length: two vectors that don't wait for one another.
#[target_feature(enable = "avx512f,avx512dq")]
pub(super) fn four(
    of: [&[Section]; 2],
    states: [&mut [Pair]; 2],
    [a_l, a_r, b_l, b_r]: [&mut [f64]; 4],
    place: usize,
    gains: [f64; 2],
) {
    let a = Audio { l: a_l, r: a_r, gains: _mm_set1_pd(gains[0]) };
    let b = Audio { l: b_l, r: b_r, gains: _mm_set1_pd(gains[1]) };
    match states[0].len() {
        5 => eights::<1>(of, states, [a, b], place),
        6 => eights::<2>(of, states, [a, b], place),
        _ => eights::<0>(of, states, [a, b], place),
    }
}

/// Coefficients, states, and what came of the last two steps.
#[derive(Clone, Copy)]
struct Eight {
    c1: __m512d,
    c2: __m512d,
    a1: __m512d,
    a2: __m512d,
    u1: __m512d,
    u2: __m512d,
    last: __m512d,
    before: __m512d,
}

/// All sections of two channels: those that the vector has no room for come behind it.
type Work<const EXTRA: usize> = (Eight, Halves<EXTRA, true>);

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn eight<const EXTRA: usize>(of: [&[Section]; 2], states: &mut [Pair], mut audio: Audio<'_>, place: usize) {
    let frames = audio.l.len();
    assert!(audio.r.len() == frames);
    let work = load::<EXTRA>(of, states);
    let steps = |work, audio: &mut Audio<'_>, at: usize| pass::<EXTRA>(work, audio, at);
    let edge = |work, audio: &mut Audio<'_>, edge: Edge| at_edge::<EXTRA>(work, audio, edge);
    let sections = states.len();
    let settle = |work: Work<EXTRA>, stage: usize| if stage < sections { settled::<EXTRA>(work, stage) } else { work };
    save(walk::<true, _, _>(LAST, work, &mut audio, (place, frames), steps, edge, settle), states);
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn eights<const EXTRA: usize>(of: [&[Section]; 2], [a, b]: [&mut [Pair]; 2], mut audio: [Audio<'_>; 2], place: usize) {
    let frames = audio[0].l.len();
    assert!(audio.iter().all(|audio| audio.l.len() == frames && audio.r.len() == frames));
    let work = (load::<EXTRA>([of[0]; 2], a), load::<EXTRA>([of[1]; 2], b));
    let steps = |(p, q), [a, b]: &mut [Audio<'_>; 2], at: usize| (pass::<EXTRA>(p, a, at), pass::<EXTRA>(q, b, at));
    let edge =
        |(p, q), [a, b]: &mut [Audio<'_>; 2], edge: Edge| (at_edge::<EXTRA>(p, a, edge), at_edge::<EXTRA>(q, b, edge));
    let sections = a.len();
    let settle = |(p, q): (Work<EXTRA>, Work<EXTRA>), stage: usize| {
        if stage < sections { (settled::<EXTRA>(p, stage), settled::<EXTRA>(q, stage)) } else { (p, q) }
    };
    let (p, q) = walk::<false, _, _>(LAST, work, &mut audio, (place, frames), steps, edge, settle);
    save(p, a);
    save(q, b);
}

/// A frame in, and the one that leaves.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn pass<const EXTRA: usize>((eight, extra): Work<EXTRA>, audio: &mut Audio<'_>, at: usize) -> Work<EXTRA> {
    let eight = step(eight, audio.frame::<true>(at));
    let (x, extra) = extra.step(_mm512_castpd512_pd128(eight.last));
    audio.put::<true>(at - LAG * LAST, x);
    (eight, extra)
}

/// The same where not all are at work.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn at_edge<const EXTRA: usize>((eight, extra): Work<EXTRA>, audio: &mut Audio<'_>, edge: Edge) -> Work<EXTRA> {
    let next = step(eight, edge.first().map_or(_mm_setzero_pd(), |at| audio.frame::<true>(at)));
    let (x, next_extra) = extra.step(_mm512_castpd512_pd128(next.last));
    if let Some(at) = edge.last(LAST) {
        audio.put::<true>(at, x);
    }
    (choose(eight, next, edge), extra.or(next_extra, edge.has(LAST)))
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn settled<const EXTRA: usize>((eight, extra): Work<EXTRA>, stage: usize) -> Work<EXTRA> {
    (settle(eight, stage), if stage == LAST { extra.settle() } else { extra })
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn save<const EXTRA: usize>((eight, extra): Work<EXTRA>, states: &mut [Pair]) {
    let (few, more) = states.split_at_mut(states.len().min(LANES));
    extra.save(more);
    let (mut u1, mut u2) = ([0.0; 8], [0.0; 8]);
    store_8(eight.u1, &mut u1);
    store_8(eight.u2, &mut u2);
    for (k, pair) in few.iter_mut().enumerate() {
        (pair.u1, pair.u2) = ([u1[6 - 2 * k], u1[7 - 2 * k]], [u2[6 - 2 * k], u2[7 - 2 * k]]);
    }
}

#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn load<const EXTRA: usize>(of: [&[Section]; 2], states: &[Pair]) -> Work<EXTRA> {
    let all = |of: &dyn Fn(usize) -> [f64; 2]| {
        let [[a, b], [c, d], [e, f], [g, h]] = [of(3), of(2), of(1), of(0)];
        load_8(&[a, b, c, d, e, f, g, h])
    };
    let section = |k: usize| of.map(|sections| sections.get(k).copied().unwrap_or_default());
    let state = |k: usize| states.get(k).copied().unwrap_or_default();
    let eight = Eight {
        c1: all(&|k| section(k).map(|s| s.c1)),
        c2: all(&|k| section(k).map(|s| s.c2)),
        a1: all(&|k| section(k).map(|s| s.a1)),
        a2: all(&|k| section(k).map(|s| s.a2)),
        u1: all(&|k| state(k).u1),
        u2: all(&|k| state(k).u2),
        last: _mm512_setzero_pd(),
        before: _mm512_setzero_pd(),
    };
    let more = of.map(|sections| sections.get(LANES..).unwrap_or_default());
    (eight, Halves::load(more, states.get(LANES..).unwrap_or_default()))
}

/// What comes of a frame and of what the sections passed on two steps ago.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn step(s: Eight, x: __m128d) -> Eight {
    // every section takes what the one above it had
    let x = _mm512_castpd_si512(_mm512_castpd128_pd512(x));
    let x = _mm512_castsi512_pd(_mm512_alignr_epi64::<2>(x, _mm512_castpd_si512(s.before)));
    let u1 = _mm512_sub_pd(_mm512_add_pd(_mm512_mul_pd(s.c1, x), s.u2), _mm512_mul_pd(s.a1, s.u1));
    let u2 = _mm512_sub_pd(_mm512_mul_pd(s.c2, x), _mm512_mul_pd(s.a2, s.u1));
    Eight { u1, u2, last: _mm512_add_pd(x, s.u1), before: s.last, ..s }
}

/// Of two the smaller magnitude, without sign.
const SMALLER: i32 = 0b1010;

/// The two lanes of a section.
fn lanes_of(stage: usize) -> u8 {
    0b1100_0000 >> (2 * stage)
}

/// The sections that were at work in a step become what it made of them.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn choose(before: Eight, after: Eight, edge: Edge) -> Eight {
    let lanes = (0..LANES).map(|stage| if edge.has(stage) { lanes_of(stage) } else { 0 }).sum();
    let u1 = _mm512_mask_mov_pd(before.u1, lanes, after.u1);
    Eight { u1, u2: _mm512_mask_mov_pd(before.u2, lanes, after.u2), ..after }
}

/// Decayed states of one section become zero.
#[inline]
#[target_feature(enable = "avx512f,avx512dq")]
fn settle(s: Eight, stage: usize) -> Eight {
    let least = _mm512_range_pd::<SMALLER>(s.u1, s.u2);
    if _mm512_mask_cmp_pd_mask::<_CMP_LT_OQ>(lanes_of(stage), least, _mm512_set1_pd(math::REST)) == 0 {
        return s;
    }
    cold_path();
    let small = |u| _mm512_cmp_pd_mask::<_CMP_LT_OQ>(_mm512_abs_pd(u), _mm512_set1_pd(math::REST)) & lanes_of(stage);
    let (small_1, small_2) = (small(s.u1), small(s.u2));
    Eight { u1: _mm512_maskz_mov_pd(!small_1, s.u1), u2: _mm512_maskz_mov_pd(!small_2, s.u2), ..s }
}
