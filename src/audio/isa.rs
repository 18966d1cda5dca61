//! The vector level of this machine, found once, and how a loop is compiled for each. Every level computes the same bits: the same IEEE operations
//! in the same order, never fused; only how many of them run side by side differs.

use std::sync::OnceLock;

/// Which vectors there are, narrowest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Isa {
    /// What every CPU of the architecture has.
    Baseline,
    /// AVX2 on machines that work through its vectors in two halves: what moves between the halves is dear there.
    Avx2Halves,
    Avx2,
    Avx512,
}

/// A level that this machine has: only [`Level::find`] and [`Level::all`] make one, which is what makes calling its functions sound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Level(Isa);

impl Level {
    pub fn isa(self) -> Isa {
        self.0
    }

    /// The machine's best, or the one that `MIXDOWN_ISA=baseline|avx2-halves|avx2|avx512` names, where the machine has it.
    pub fn find() -> Level {
        static FOUND: OnceLock<Level> = OnceLock::new();
        *FOUND.get_or_init(|| {
            let asked = match std::env::var("MIXDOWN_ISA").as_deref() {
                Ok("baseline") => Some(Isa::Baseline),
                Ok("avx2-halves") => Some(Isa::Avx2Halves),
                Ok("avx2") => Some(Isa::Avx2),
                _ => None,
            };
            let has = |isa: &Isa| *isa <= widest();
            Level(asked.filter(has).unwrap_or_else(best))
        })
    }

    /// Every level of this machine, for tests that compare them.
    pub fn all() -> Vec<Level> {
        let all = [Isa::Baseline, Isa::Avx2Halves, Isa::Avx2, Isa::Avx512];
        all.into_iter().filter(|isa| *isa <= widest()).map(Level).collect()
    }
}

/// What is quickest here.
fn best() -> Isa {
    match widest() {
        Isa::Avx2 if is_halved() => Isa::Avx2Halves,
        isa => isa,
    }
}

#[cfg(target_arch = "x86_64")]
fn widest() -> Isa {
    let avx512 = is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512vl")
        && is_x86_feature_detected!("avx512dq")
        && is_x86_feature_detected!("avx512bw");
    match is_x86_feature_detected!("avx2") {
        true if avx512 => Isa::Avx512,
        true => Isa::Avx2,
        false => Isa::Baseline,
    }
}

/// Whether vectors of 256 bits are halved: AMD tells (APM volume 3, `CPUID` function 8000_001A, `FP256`); other makers halve none.
#[cfg(target_arch = "x86_64")]
fn is_halved() -> bool {
    use std::arch::x86_64::__cpuid;
    const IDENTIFIERS: u32 = 0x8000_001A;
    const FP256: u32 = 1 << 2;
    let maker = __cpuid(0);
    let amd = [maker.ebx, maker.edx, maker.ecx].map(u32::to_le_bytes).as_flattened() == b"AuthenticAMD";
    amd && __cpuid(0x8000_0000).eax >= IDENTIFIERS && __cpuid(IDENTIFIERS).eax & FP256 == 0
}

#[cfg(not(target_arch = "x86_64"))]
fn widest() -> Isa {
    Isa::Baseline
}

#[cfg(not(target_arch = "x86_64"))]
fn is_halved() -> bool {
    false
}

/// `levels! { pub fn name(a: A, b: B) -> R = body; }`: `body` is a safe `#[inline(always)]` function of the same arguments, compiled once for each
/// level; `name` takes the level first. Loops over slices become vectors of that level's width.
macro_rules! levels {
    ($($(#[$doc:meta])* $vis:vis fn $name:ident($($a:ident: $t:ty),* $(,)?) $(-> $r:ty)? = $body:path;)*) => {$(
        $(#[$doc])*
        #[allow(unsafe_code, reason = "a function of a vector level may only be called where the machine has it: a `Level` is the proof")]
        $vis fn $name(level: $crate::audio::isa::Level, $($a: $t),*) $(-> $r)? {
            #[cfg(target_arch = "x86_64")]
            {
                #[target_feature(enable = "avx2")]
                fn avx2($($a: $t),*) $(-> $r)? { $body($($a),*) }
                #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw")]
                fn avx512($($a: $t),*) $(-> $r)? { $body($($a),*) }
                match level.isa() {
                    $crate::audio::isa::Isa::Baseline => $body($($a),*),
                    // SAFETY: a `Level` is made only where the machine has it
                    $crate::audio::isa::Isa::Avx2Halves | $crate::audio::isa::Isa::Avx2 => unsafe { avx2($($a),*) },
                    // SAFETY: as above
                    $crate::audio::isa::Isa::Avx512 => unsafe { avx512($($a),*) },
                }
            }
            #[cfg(not(target_arch = "x86_64"))]
            {
                let _ = level;
                $body($($a),*)
            }
        }
    )*};
}

pub(crate) use levels;

/// `explicit! { fn name(a: A) = lanes, or plain; }`: `lanes` is a function of the same arguments with `#[target_feature(enable = "avx2")]`, which works in
/// explicit lanes; `plain` computes the same bits and runs where there is no AVX2. Before it can stand, in brackets, one with `"avx512f"` (and its `vl`, `dq`
/// and `bw` where it needs them) that works in lanes of eight, then, in parentheses, one with `"avx2"` for machines that halve its vectors. `name` takes
/// the level first.
macro_rules! explicit {
    () => {};
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($a:ident: $t:ty),* $(,)?) $(-> $r:ty)? = [$wide:path] ($halves:path) $lanes:path, or $plain:path; $($more:tt)*) => {
        $(#[$doc])*
        #[allow(unsafe_code, reason = "a function of a vector level may only be called where the machine has it: a `Level` is the proof")]
        $vis fn $name(level: $crate::audio::isa::Level, $($a: $t),*) $(-> $r)? {
            #[cfg(target_arch = "x86_64")]
            match level.isa() {
                // SAFETY: a `Level` is made only where the machine has it
                $crate::audio::isa::Isa::Avx512 => return unsafe { $wide($($a),*) },
                // SAFETY: as above
                $crate::audio::isa::Isa::Avx2 => return unsafe { $lanes($($a),*) },
                // SAFETY: as above
                $crate::audio::isa::Isa::Avx2Halves => return unsafe { $halves($($a),*) },
                $crate::audio::isa::Isa::Baseline => {}
            }
            let _ = level;
            $plain($($a),*)
        }
        $crate::audio::isa::explicit! { $($more)* }
    };
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($a:ident: $t:ty),* $(,)?) $(-> $r:ty)? = [$wide:path] $lanes:path, or $plain:path; $($more:tt)*) => {
        $crate::audio::isa::explicit! { $(#[$doc])* $vis fn $name($($a: $t),*) $(-> $r)? = [$wide] ($lanes) $lanes, or $plain; $($more)* }
    };
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($a:ident: $t:ty),* $(,)?) $(-> $r:ty)? = ($halves:path) $lanes:path, or $plain:path; $($more:tt)*) => {
        $crate::audio::isa::explicit! { $(#[$doc])* $vis fn $name($($a: $t),*) $(-> $r)? = [$lanes] ($halves) $lanes, or $plain; $($more)* }
    };
    ($(#[$doc:meta])* $vis:vis fn $name:ident($($a:ident: $t:ty),* $(,)?) $(-> $r:ty)? = $lanes:path, or $plain:path; $($more:tt)*) => {
        $crate::audio::isa::explicit! { $(#[$doc])* $vis fn $name($($a: $t),*) $(-> $r)? = [$lanes] ($lanes) $lanes, or $plain; $($more)* }
    };
}

pub(crate) use explicit;

/// Four or eight samples as one vector and back, of f32 eight or sixteen; the compiler makes one move of each.
#[cfg(target_arch = "x86_64")]
pub(crate) mod lanes {
    use std::arch::x86_64::{
        __m128, __m128d, __m256, __m256d, __m512, __m512d, _mm_cvtsd_f64, _mm_cvtss_f32, _mm_shuffle_ps,
        _mm_unpackhi_pd, _mm256_castpd_ps, _mm256_castpd256_pd128, _mm256_castps256_ps128, _mm256_extractf128_pd,
        _mm256_extractf128_ps, _mm256_setr_pd, _mm256_setr_ps, _mm512_castpd512_pd256, _mm512_castps_pd,
        _mm512_castps512_ps256, _mm512_extractf64x4_pd, _mm512_setr_pd, _mm512_setr_ps,
    };

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn load_single_16(x: &[f32; 16]) -> __m512 {
        _mm512_setr_ps(
            x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8], x[9], x[10], x[11], x[12], x[13], x[14], x[15],
        )
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn store_single_16(x: __m512, into: &mut [f32; 16]) {
        let [low, high] = into.as_chunks_mut::<8>().0 else { unreachable!() };
        store_single(_mm512_castps512_ps256(x), low);
        store_single(_mm256_castpd_ps(_mm512_extractf64x4_pd::<1>(_mm512_castps_pd(x))), high);
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn load_single(x: &[f32; 8]) -> __m256 {
        _mm256_setr_ps(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn store_single(x: __m256, into: &mut [f32; 8]) {
        let (low, high) = (quarters(_mm256_castps256_ps128(x)), quarters(_mm256_extractf128_ps::<1>(x)));
        *into = [low[0], low[1], low[2], low[3], high[0], high[1], high[2], high[3]];
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn quarters(x: __m128) -> [f32; 4] {
        let second = _mm_cvtss_f32(_mm_shuffle_ps::<1>(x, x));
        let third = _mm_cvtss_f32(_mm_shuffle_ps::<2>(x, x));
        [_mm_cvtss_f32(x), second, third, _mm_cvtss_f32(_mm_shuffle_ps::<3>(x, x))]
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn load_8(x: &[f64; 8]) -> __m512d {
        _mm512_setr_pd(x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7])
    }

    #[inline]
    #[target_feature(enable = "avx512f")]
    pub(crate) fn store_8(x: __m512d, into: &mut [f64; 8]) {
        let (low, high) = (array(_mm512_castpd512_pd256(x)), array(_mm512_extractf64x4_pd::<1>(x)));
        *into = [low[0], low[1], low[2], low[3], high[0], high[1], high[2], high[3]];
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn load(x: &[f64; 4]) -> __m256d {
        _mm256_setr_pd(x[0], x[1], x[2], x[3])
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn array(x: __m256d) -> [f64; 4] {
        let (low, high) = (halves(_mm256_castpd256_pd128(x)), halves(_mm256_extractf128_pd::<1>(x)));
        [low[0], low[1], high[0], high[1]]
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn store(x: __m256d, into: &mut [f64; 4]) {
        *into = array(x);
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    pub(crate) fn halves(x: __m128d) -> [f64; 2] {
        [_mm_cvtsd_f64(x), _mm_cvtsd_f64(_mm_unpackhi_pd(x, x))]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[inline(always)]
    fn halves(x: &mut [f64]) {
        x.iter_mut().for_each(|x| *x = *x * 0.5 + 1.0);
    }

    levels! { fn halved(x: &mut [f64]) = halves; }

    #[test]
    fn every_level_computes_the_same_bits() {
        let input: Vec<f64> = (0..1001).map(|i| f64::from(i) * 0.1 - 50.0).collect();
        let mut plain = input.clone();
        halves(&mut plain);
        for level in Level::all() {
            let mut x = input.clone();
            halved(level, &mut x);
            assert!(x == plain, "{level:?}");
        }
        assert_eq!(Level::all()[0].isa(), Isa::Baseline);
        assert!(Level::find().isa() <= Level::all().last().unwrap().isa());
    }
}
