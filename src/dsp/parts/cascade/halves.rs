//! Up to six sections over the two channels in the lanes of a half vector, at the same sample all of them: the recursions of those behind run in the
//! shadow of the first one's. Where whole vectors are two halves for the machine this is the quickest way, for it moves nothing between lanes.

use std::arch::x86_64::{
    __m128d, _mm_add_pd, _mm_andnot_pd, _mm_cmplt_pd, _mm_cvtsd_f64, _mm_movemask_pd, _mm_mul_pd, _mm_or_pd,
    _mm_set1_pd, _mm_setr_pd, _mm_setzero_pd, _mm_sub_pd, _mm_unpackhi_pd,
};
use std::hint::cold_path;

use super::Pair;
use super::walk::walk;
use crate::audio::isa::lanes;
use crate::audio::math;
use crate::dsp::parts::biquad::Section;

/// The samples of a block, the second channel empty where there is but one, and the gains that come last.
pub(super) struct Audio<'a> {
    pub(super) l: &'a mut [f64],
    pub(super) r: &'a mut [f64],
    pub(super) gains: __m128d,
}

impl Audio<'_> {
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn frame<const STEREO: bool>(&self, at: usize) -> __m128d {
        _mm_setr_pd(self.l[at], if STEREO { self.r[at] } else { 0.0 })
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn put<const STEREO: bool>(&mut self, at: usize, x: __m128d) {
        // without the sign of zero, which not every form keeps
        let x = _mm_add_pd(_mm_mul_pd(x, self.gains), _mm_setzero_pd());
        self.l[at] = _mm_cvtsd_f64(x);
        if STEREO {
            self.r[at] = _mm_cvtsd_f64(_mm_unpackhi_pd(x, x));
        }
    }
}

/// All of up to six sections over one channel, or over each of two of the same length.
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
        1 => some::<1, STEREO>(of, states, &mut audio, place),
        2 => some::<2, STEREO>(of, states, &mut audio, place),
        3 => some::<3, STEREO>(of, states, &mut audio, place),
        4 => some::<4, STEREO>(of, states, &mut audio, place),
        5 => some::<5, STEREO>(of, states, &mut audio, place),
        _ => some::<6, STEREO>(of, states, &mut audio, place),
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn some<const COUNT: usize, const STEREO: bool>(
    of: [&[Section]; 2],
    states: &mut [Pair],
    audio: &mut Audio<'_>,
    place: usize,
) {
    let step = |all: Halves<COUNT, STEREO>, audio: &mut Audio<'_>, at: usize| {
        let (x, all) = all.step(audio.frame::<STEREO>(at));
        audio.put::<STEREO>(at, x);
        all
    };
    let frames = audio.l.len();
    assert!(!STEREO || audio.r.len() == frames);
    let all = Halves::load(of, states);
    walk::<false, _, _>(0, all, audio, (place, frames), step, |all, _, _| all, |all, _| all.settle()).save(states);
}

#[derive(Clone, Copy)]
struct Half {
    c1: __m128d,
    c2: __m128d,
    a1: __m128d,
    a2: __m128d,
    u1: __m128d,
    u2: __m128d,
}

/// Fields and not an array, which would not stay in registers.
#[derive(Clone, Copy)]
pub(super) struct Halves<const COUNT: usize, const STEREO: bool> {
    a: Half,
    b: Half,
    c: Half,
    d: Half,
    e: Half,
    f: Half,
}

impl<const COUNT: usize, const STEREO: bool> Halves<COUNT, STEREO> {
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn load(of: [&[Section]; 2], states: &[Pair]) -> Self {
        let half = |k: usize| {
            let both = |x: [f64; 2]| _mm_setr_pd(x[0], x[1]);
            let s = of.map(|sections| sections.get(k).copied().unwrap_or_default());
            let state = states.get(k).copied().unwrap_or_default();
            Half {
                c1: both(s.map(|s| s.c1)),
                c2: both(s.map(|s| s.c2)),
                a1: both(s.map(|s| s.a1)),
                a2: both(s.map(|s| s.a2)),
                u1: both(state.u1),
                u2: both(state.u2),
            }
        };
        Halves { a: half(0), b: half(1), c: half(2), d: half(3), e: half(4), f: half(5) }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn save(self, states: &mut [Pair]) {
        for (pair, half) in states.iter_mut().zip([self.a, self.b, self.c, self.d, self.e, self.f]) {
            let (u1, u2) = (lanes::halves(half.u1), lanes::halves(half.u2));
            (pair.u1[0], pair.u2[0]) = (u1[0], u2[0]);
            // the other lane of one channel alone stays as it is
            if STEREO {
                (pair.u1[1], pair.u2[1]) = (u1[1], u2[1]);
            }
        }
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn step(mut self, mut x: __m128d) -> (__m128d, Self) {
        if COUNT > 0 {
            (x, self.a) = step(self.a, x);
        }
        if COUNT > 1 {
            (x, self.b) = step(self.b, x);
        }
        if COUNT > 2 {
            (x, self.c) = step(self.c, x);
        }
        if COUNT > 3 {
            (x, self.d) = step(self.d, x);
        }
        if COUNT > 4 {
            (x, self.e) = step(self.e, x);
        }
        if COUNT > 5 {
            (x, self.f) = step(self.f, x);
        }
        (x, self)
    }

    /// As they were, or as they became when they were at `work`.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn or(self, next: Self, work: bool) -> Self {
        if work { next } else { self }
    }

    /// Decayed states become zero.
    #[inline]
    #[target_feature(enable = "avx2")]
    pub(super) fn settle(mut self) -> Self {
        let few = |s: Half| settle(s, if STEREO { 0b11 } else { 0b01 });
        if COUNT > 0 {
            self.a = few(self.a);
        }
        if COUNT > 1 {
            self.b = few(self.b);
        }
        if COUNT > 2 {
            self.c = few(self.c);
        }
        if COUNT > 3 {
            self.d = few(self.d);
        }
        if COUNT > 4 {
            self.e = few(self.e);
        }
        if COUNT > 5 {
            self.f = few(self.f);
        }
        self
    }
}

#[inline]
#[target_feature(enable = "avx2")]
fn step(s: Half, x: __m128d) -> (__m128d, Half) {
    let u1 = _mm_sub_pd(_mm_add_pd(_mm_mul_pd(s.c1, x), s.u2), _mm_mul_pd(s.a1, s.u1));
    let u2 = _mm_sub_pd(_mm_mul_pd(s.c2, x), _mm_mul_pd(s.a2, s.u1));
    (_mm_add_pd(x, s.u1), Half { u1, u2, ..s })
}

#[inline]
#[target_feature(enable = "avx2")]
fn settle(s: Half, lanes: i32) -> Half {
    let small = |u| _mm_cmplt_pd(_mm_andnot_pd(_mm_set1_pd(-0.0), u), _mm_set1_pd(math::REST));
    let (small_1, small_2) = (small(s.u1), small(s.u2));
    if _mm_movemask_pd(_mm_or_pd(small_1, small_2)) & lanes == 0 {
        return s;
    }
    cold_path();
    Half { u1: _mm_andnot_pd(small_1, s.u1), u2: _mm_andnot_pd(small_2, s.u2), ..s }
}
