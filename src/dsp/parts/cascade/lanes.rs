//! Four sections in the four lanes of a vector, each a sample behind the one before it: a step is a sample for all of them. The first section is in the
//! last lane, so that what leaves the four is in the first. Where a cell ends all are brought to its last sample, because decayed states become zero
//! there: so a cell takes three steps more than it has samples, in which some lanes only wait.
//!
//! A section more or two beside the four, and all where there are fewer, have the two channels in the lanes of a half vector: their recursion runs in
//! the shadow of the four's.

use std::arch::x86_64::{
    __m128d, __m256d, _CMP_GE_OQ, _mm_add_pd, _mm_and_pd, _mm_andnot_pd, _mm_cmpge_pd, _mm_cvtsd_f64, _mm_mul_pd,
    _mm_set1_pd, _mm_setr_pd, _mm_setzero_pd, _mm_sub_pd, _mm_unpackhi_pd, _mm_unpacklo_pd, _mm256_add_pd,
    _mm256_and_pd, _mm256_andnot_pd, _mm256_blend_pd, _mm256_castpd256_pd128, _mm256_cmp_pd, _mm256_mul_pd,
    _mm256_permute2f128_pd, _mm256_set1_pd, _mm256_setzero_pd, _mm256_shuffle_pd, _mm256_sub_pd,
};

use super::{Pair, cell_end, plain};
use crate::audio::isa::lanes;
use crate::audio::math;
use crate::dsp::GRID;
use crate::dsp::parts::biquad::Section;

const LANES: usize = 4;

/// Up to seven sections over one channel, or over two of the same length.
#[target_feature(enable = "avx2")]
pub(super) fn run<const STEREO: bool>(
    sections: &[Section],
    states: &mut [Pair],
    l: &mut [f64],
    r: &mut [f64],
    place: usize,
    gain: f64,
) {
    match sections.len() {
        1 => all::<false, 1, STEREO>(sections, states, l, r, place, gain),
        2 => all::<false, 2, STEREO>(sections, states, l, r, place, gain),
        3 => all::<false, 3, STEREO>(sections, states, l, r, place, gain),
        4 => all::<true, 0, STEREO>(sections, states, l, r, place, gain),
        5 => all::<true, 1, STEREO>(sections, states, l, r, place, gain),
        6 => all::<true, 2, STEREO>(sections, states, l, r, place, gain),
        _ => all::<true, 3, STEREO>(sections, states, l, r, place, gain),
    }
}

/// The four lanes of one channel.
#[derive(Clone, Copy)]
struct Four {
    u1: __m256d,
    u2: __m256d,
}

#[derive(Clone, Copy)]
struct Fours {
    c1: __m256d,
    c2: __m256d,
    a1: __m256d,
    a2: __m256d,
}

/// One section for both channels.
#[derive(Clone, Copy)]
struct Two {
    c1: __m128d,
    c2: __m128d,
    a1: __m128d,
    a2: __m128d,
    u1: __m128d,
    u2: __m128d,
}

/// Everything that is at work: fields and not arrays, which would not stay in registers.
#[derive(Clone, Copy)]
struct Work {
    of: Fours,
    l: Four,
    r: Four,
    e0: Two,
    e1: Two,
    e2: Two,
}

#[inline]
#[target_feature(enable = "avx2")]
fn all<const FOUR: bool, const EXTRA: usize, const STEREO: bool>(
    sections: &[Section],
    states: &mut [Pair],
    l: &mut [f64],
    r: &mut [f64],
    place: usize,
    gain: f64,
) {
    let frames = l.len();
    let mut work = load(sections, states, FOUR);
    let mut from = 0;
    while from < frames {
        let to = cell_end(place, from, frames);
        let (left, right) = (&mut l[from..to], if STEREO { &mut r[from..to] } else { &mut [] });
        if FOUR && to - from < LANES {
            // too few for all lanes to be busy at once
            save::<STEREO>(&work, states, FOUR);
            if STEREO {
                plain::piece(sections, states, [left, right], gain);
            } else {
                plain::piece(sections, states, [left], gain);
            }
            work = load(sections, states, FOUR);
        } else {
            work = cell::<FOUR, EXTRA, STEREO>(work, left, right, gain);
        }
        if (place + to).is_multiple_of(GRID as usize) {
            flush(&mut work);
        }
        from = to;
    }
    save::<STEREO>(&work, states, FOUR);
}

#[inline]
#[target_feature(enable = "avx2")]
fn cell<const FOUR: bool, const EXTRA: usize, const STEREO: bool>(
    work: Work,
    l: &mut [f64],
    r: &mut [f64],
    gain: f64,
) -> Work {
    let Work { of, l: mut sl, r: mut sr, mut e0, mut e1, mut e2 } = work;
    let (frames, zero) = (l.len(), _mm_setzero_pd());
    assert!(!STEREO || r.len() == frames);
    let (mut yl, mut yr) = (_mm256_setzero_pd(), _mm256_setzero_pd());
    // a step of the four of which only some lanes change what they remember
    macro_rules! partly {
        ($l:expr, $r:expr, $lanes:literal) => {{
            let next;
            (yl, next) = step(of, sl, yl, $l);
            sl = blend::<$lanes>(sl, next);
            if STEREO {
                let next;
                (yr, next) = step(of, sr, yr, $r);
                sr = blend::<$lanes>(sr, next);
            }
        }};
    }
    // what leaves the four, through the others, to its place
    macro_rules! leave {
        ($x:expr, $at:expr) => {{
            let mut x = $x;
            if EXTRA > 0 {
                (x, e0) = two(e0, x);
            }
            if EXTRA > 1 {
                (x, e1) = two(e1, x);
            }
            if EXTRA > 2 {
                (x, e2) = two(e2, x);
            }
            // without the sign of zero, which not every form keeps
            let x = _mm_add_pd(_mm_mul_pd(x, _mm_set1_pd(gain)), zero);
            l[$at] = _mm_cvtsd_f64(x);
            if STEREO {
                r[$at] = _mm_cvtsd_f64(_mm_unpackhi_pd(x, x));
            }
        }};
    }
    macro_rules! both {
        () => {
            _mm_unpacklo_pd(_mm256_castpd256_pd128(yl), if STEREO { _mm256_castpd256_pd128(yr) } else { zero })
        };
    }
    if FOUR {
        for at in 0..LANES - 1 {
            let (x, z) = (l[at], if STEREO { r[at] } else { 0.0 });
            match at {
                0 => partly!(x, z, 0b1000),
                1 => partly!(x, z, 0b1100),
                _ => partly!(x, z, 0b1110),
            }
        }
        for at in LANES - 1..frames {
            (yl, sl) = step(of, sl, yl, l[at]);
            if STEREO {
                (yr, sr) = step(of, sr, yr, r[at]);
            }
            leave!(both!(), at + 1 - LANES);
        }
        partly!(0.0, 0.0, 0b0111);
        leave!(both!(), frames - 3);
        partly!(0.0, 0.0, 0b0011);
        leave!(both!(), frames - 2);
        partly!(0.0, 0.0, 0b0001);
        leave!(both!(), frames - 1);
    } else {
        for at in 0..frames {
            leave!(_mm_setr_pd(l[at], if STEREO { r[at] } else { 0.0 }), at);
        }
    }
    Work { of, l: sl, r: sr, e0, e1, e2 }
}

/// What comes of `x` and what the four have passed on, and what they remember then.
#[inline]
#[target_feature(enable = "avx2")]
fn step(of: Fours, Four { u1, u2 }: Four, y: __m256d, x: f64) -> (__m256d, Four) {
    // every lane takes what the one above it had: y1 y2 y3 x
    let above = _mm256_permute2f128_pd::<0x21>(y, _mm256_set1_pd(x));
    let x = _mm256_shuffle_pd::<0b0101>(y, above);
    let first = _mm256_sub_pd(_mm256_add_pd(_mm256_mul_pd(of.c1, x), u2), _mm256_mul_pd(of.a1, u1));
    let second = _mm256_sub_pd(_mm256_mul_pd(of.c2, x), _mm256_mul_pd(of.a2, u1));
    (_mm256_add_pd(x, u1), Four { u1: first, u2: second })
}

#[inline]
#[target_feature(enable = "avx2")]
fn two(s: Two, x: __m128d) -> (__m128d, Two) {
    let first = _mm_sub_pd(_mm_add_pd(_mm_mul_pd(s.c1, x), s.u2), _mm_mul_pd(s.a1, s.u1));
    let second = _mm_sub_pd(_mm_mul_pd(s.c2, x), _mm_mul_pd(s.a2, s.u1));
    (_mm_add_pd(x, s.u1), Two { u1: first, u2: second, ..s })
}

#[inline]
#[target_feature(enable = "avx2")]
fn blend<const LANES: i32>(before: Four, after: Four) -> Four {
    Four { u1: _mm256_blend_pd::<LANES>(before.u1, after.u1), u2: _mm256_blend_pd::<LANES>(before.u2, after.u2) }
}

#[inline]
#[target_feature(enable = "avx2")]
fn flush(work: &mut Work) {
    let four = |u: __m256d| {
        let magnitude = _mm256_andnot_pd(_mm256_set1_pd(-0.0), u);
        _mm256_and_pd(u, _mm256_cmp_pd::<_CMP_GE_OQ>(magnitude, _mm256_set1_pd(math::REST)))
    };
    let two = |u: __m128d| _mm_and_pd(u, _mm_cmpge_pd(_mm_andnot_pd(_mm_set1_pd(-0.0), u), _mm_set1_pd(math::REST)));
    let Work { l, r, e0, e1, e2, .. } = work;
    (l.u1, l.u2, r.u1, r.u2) = (four(l.u1), four(l.u2), four(r.u1), four(r.u2));
    (e0.u1, e0.u2) = (two(e0.u1), two(e0.u2));
    (e1.u1, e1.u2) = (two(e1.u1), two(e1.u2));
    (e2.u1, e2.u2) = (two(e2.u1), two(e2.u2));
}

#[inline]
#[target_feature(enable = "avx2")]
fn load(sections: &[Section], states: &[Pair], four: bool) -> Work {
    let (mine, others) = if four { sections.split_at(LANES) } else { (&[][..], sections) };
    let (my_states, other_states) = if four { states.split_at(LANES) } else { (&[][..], states) };
    let of = |of: fn(&Section) -> f64| {
        let mut x = [0.0; LANES];
        mine.iter().enumerate().for_each(|(k, section)| x[LANES - 1 - k] = of(section));
        lanes::load(&x)
    };
    let state = |of: fn(&Pair) -> [f64; 2], channel: usize| {
        let mut x = [0.0; LANES];
        my_states.iter().enumerate().for_each(|(k, pair)| x[LANES - 1 - k] = of(pair)[channel]);
        lanes::load(&x)
    };
    let extra = |k: usize| {
        let (s, state) = match (others.get(k), other_states.get(k)) {
            (Some(section), Some(state)) => (*section, *state),
            _ => (Section::default(), Pair::default()),
        };
        let half = |x: [f64; 2]| _mm_setr_pd(x[0], x[1]);
        let [c1, c2] = [s.c1, s.c2];
        Two {
            c1: half([c1, c1]),
            c2: half([c2, c2]),
            a1: half([s.a1, s.a1]),
            a2: half([s.a2, s.a2]),
            u1: half(state.u1),
            u2: half(state.u2),
        }
    };
    Work {
        of: Fours { c1: of(|s| s.c1), c2: of(|s| s.c2), a1: of(|s| s.a1), a2: of(|s| s.a2) },
        l: Four { u1: state(|s| s.u1, 0), u2: state(|s| s.u2, 0) },
        r: Four { u1: state(|s| s.u1, 1), u2: state(|s| s.u2, 1) },
        e0: extra(0),
        e1: extra(1),
        e2: extra(2),
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn save<const STEREO: bool>(work: &Work, states: &mut [Pair], four: bool) {
    let first = if four { LANES } else { 0 };
    let (mine, others) = states.split_at_mut(first);
    let (l1, l2) = (lanes::array(work.l.u1), lanes::array(work.l.u2));
    let (r1, r2) = (lanes::array(work.r.u1), lanes::array(work.r.u2));
    for (k, pair) in mine.iter_mut().enumerate() {
        let lane = LANES - 1 - k;
        // the other lane of one channel alone stays as it is
        (pair.u1[0], pair.u2[0]) = (l1[lane], l2[lane]);
        if STEREO {
            (pair.u1[1], pair.u2[1]) = (r1[lane], r2[lane]);
        }
    }
    for (pair, two) in others.iter_mut().zip([work.e0, work.e1, work.e2]) {
        (pair.u1, pair.u2) = (lanes::halves(two.u1), lanes::halves(two.u2));
    }
}
