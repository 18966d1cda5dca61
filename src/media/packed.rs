//! Integers of 24 bits as they lie in files, little-endian: what nearly all sound is. Eight or four frames of stereo at a time, whose bytes are put to
//! their places in a register.

use crate::audio::isa::explicit;

/// Of an integer of 32 bits whose top 24 are the sample.
const STEP: f64 = 1.0 / 2_147_483_648.0;
/// Bytes of a sample.
const BYTES: usize = 3;
/// Bytes of a register of which no sample is made.
pub(super) const BEHIND: usize = 16;

explicit! {
    /// Stereo frames to f64, full scale 1; as many as `left` and `right` have. Bytes behind them are read, but not heard, and make the end quicker.
    pub(super) fn unpack_pair(bytes: &[u8], left: &mut [f64], right: &mut [f64]) = [wide::unpack_pair] lanes::unpack_pair, or plain::unpack_pair;
    /// The samples of one channel alone, in the same way.
    pub(super) fn unpack(bytes: &[u8], out: &mut [f64]) = [wide::unpack] lanes::unpack, or plain::unpack;
    /// Stereo frames to bytes, of which there are six for each. Up to [`BEHIND`] that follow may be written over, and make the end quicker.
    pub(super) fn pack_pair(left: &[i32], right: &[i32], bytes: &mut [u8]) = [wide::pack_pair] lanes::pack_pair, or plain::pack_pair;
}

mod plain {
    use super::{BYTES, STEP};

    pub(super) fn unpack_pair(bytes: &[u8], left: &mut [f64], right: &mut [f64]) {
        // three bytes at the top of four
        let sides = |frame: u64| {
            let (l, r) = ((frame << 8) as u32 as i32, (frame >> 16) as u32 as i32 & !0xFF);
            (f64::from(l) * STEP, f64::from(r) * STEP)
        };
        let (words, rest) = bytes[..left.len() * 2 * BYTES].as_chunks::<{ 8 * BYTES }>();
        // four frames are three words of eight bytes
        let (left, left_rest) = left.as_chunks_mut::<4>();
        let (right, right_rest) = right.as_chunks_mut::<4>();
        for ((words, l), r) in words.iter().zip(left).zip(right) {
            let word = |i: usize| words[i..].first_chunk().map_or(0, |word| u64::from_le_bytes(*word));
            let (a, b, c) = (word(0), word(8), word(16));
            let frames = [a, a >> 48 | b << 16, b >> 32 | c << 32, c >> 16];
            for i in 0..4 {
                (l[i], r[i]) = sides(frames[i]);
            }
        }
        for ((bytes, l), r) in rest.chunks_exact(2 * BYTES).zip(left_rest).zip(right_rest) {
            (*l, *r) = sides(bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)));
        }
    }

    pub(super) fn unpack(bytes: &[u8], out: &mut [f64]) {
        for ([a, b, c], out) in bytes.as_chunks::<BYTES>().0.iter().zip(out) {
            *out = f64::from(i32::from_le_bytes([0, *a, *b, *c])) * STEP;
        }
    }

    pub(super) fn pack_pair(left: &[i32], right: &[i32], bytes: &mut [u8]) {
        let frame = |l: i32, r: i32| u64::from(l as u32 & 0xFF_FFFF) | u64::from(r as u32 & 0xFF_FFFF) << 24;
        let (words, rest) = bytes[..left.len() * 2 * BYTES].as_chunks_mut::<{ 8 * BYTES }>();
        let (left, left_rest) = left.as_chunks::<4>();
        let (right, right_rest) = right.as_chunks::<4>();
        for ((l, r), words) in left.iter().zip(right).zip(words) {
            let (a, b, c, d) = (frame(l[0], r[0]), frame(l[1], r[1]), frame(l[2], r[2]), frame(l[3], r[3]));
            words[..8].copy_from_slice(&(a | b << 48).to_le_bytes());
            words[8..16].copy_from_slice(&(b >> 16 | c << 32).to_le_bytes());
            words[16..].copy_from_slice(&(c >> 32 | d << 16).to_le_bytes());
        }
        for ((l, r), bytes) in left_rest.iter().zip(right_rest).zip(rest.chunks_exact_mut(2 * BYTES)) {
            bytes.copy_from_slice(&frame(*l, *r).to_le_bytes()[..2 * BYTES]);
        }
    }
}

/// Where the bytes of four samples in a row go, for [`wide`] and [`lanes`]: each to the top of four; or left and right apart, two of each.
#[cfg(target_arch = "x86_64")]
mod places {
    /// Zero.
    const Z: i8 = -1;
    pub(super) const ROW: [i8; 16] = [Z, 0, 1, 2, Z, 3, 4, 5, Z, 6, 7, 8, Z, 9, 10, 11];
    pub(super) const APART: [i8; 16] = [Z, 0, 1, 2, Z, 6, 7, 8, Z, 3, 4, 5, Z, 9, 10, 11];
    /// From the lower three bytes of two left and two right ones.
    pub(super) const WOVEN: [i8; 16] = [0, 1, 2, 8, 9, 10, 4, 5, 6, 12, 13, 14, Z, Z, Z, Z];
}

#[cfg(target_arch = "x86_64")]
mod lanes {
    use std::arch::x86_64::{
        __m256i, _mm_set_epi64x, _mm256_broadcastsi128_si256, _mm256_castsi256_pd, _mm256_castsi256_si128,
        _mm256_cvtepi32_pd, _mm256_extracti128_si256, _mm256_mul_pd, _mm256_permute4x64_epi64,
        _mm256_permutevar8x32_epi32, _mm256_set1_pd, _mm256_setr_epi32, _mm256_setr_epi64x, _mm256_shuffle_epi8,
    };

    use super::{BYTES, STEP, places, plain};
    use crate::audio::isa::lanes::{array, store};

    const FRAMES: usize = 4;

    #[target_feature(enable = "avx2")]
    pub(super) fn unpack_pair(bytes: &[u8], left: &mut [f64], right: &mut [f64]) {
        let mut done = 0;
        for (l, r) in left.as_chunks_mut::<FRAMES>().0.iter_mut().zip(right.as_chunks_mut::<FRAMES>().0) {
            let Some(frames) = bytes[done * 2 * BYTES..].first_chunk() else { break };
            let integers = _mm256_permute4x64_epi64::<0b11_01_10_00>(spread(frames, &places::APART));
            doubles(integers, l, r);
            done += FRAMES;
        }
        plain::unpack_pair(&bytes[done * 2 * BYTES..], &mut left[done..], &mut right[done..]);
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn unpack(bytes: &[u8], out: &mut [f64]) {
        let mut done = 0;
        for out in out.as_chunks_mut::<{ 2 * FRAMES }>().0 {
            let Some(samples) = bytes[done * BYTES..].first_chunk() else { break };
            let integers = spread(samples, &places::ROW);
            let [low, high] = out.as_chunks_mut::<FRAMES>().0 else { break };
            doubles(integers, low, high);
            done += 2 * FRAMES;
        }
        plain::unpack(&bytes[done * BYTES..], &mut out[done..]);
    }

    #[target_feature(enable = "avx2")]
    pub(super) fn pack_pair(left: &[i32], right: &[i32], bytes: &mut [u8]) {
        let mut done = 0;
        for (l, r) in left.as_chunks::<FRAMES>().0.iter().zip(right.as_chunks::<FRAMES>().0) {
            let Some(into) = bytes[done * 2 * BYTES..].first_chunk_mut::<{ 8 * FRAMES }>() else { break };
            let frames = _mm256_setr_epi32(l[0], l[1], l[2], l[3], r[0], r[1], r[2], r[3]);
            let frames = _mm256_permute4x64_epi64::<0b11_01_10_00>(frames);
            let woven = _mm256_shuffle_epi8(frames, both(&places::WOVEN));
            let packed = _mm256_permutevar8x32_epi32(woven, _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
            // what comes behind them is written over
            let packed = array(_mm256_castsi256_pd(packed));
            into.as_chunks_mut::<8>().0.iter_mut().zip(packed).for_each(|(to, x)| *to = x.to_bits().to_le_bytes());
            done += FRAMES;
        }
        plain::pack_pair(&left[done..], &right[done..], &mut bytes[done * 2 * BYTES..]);
    }

    /// Eight samples at the beginning of 32 bytes.
    #[inline]
    #[target_feature(enable = "avx2")]
    fn spread(bytes: &[u8; 8 * FRAMES], places: &[i8; 16]) -> __m256i {
        let words = bytes.as_chunks::<8>().0;
        let word = |i: usize| u64::from_le_bytes(words[i]) as i64;
        let packed = _mm256_setr_epi64x(word(0), word(1), word(2), word(3));
        let spread = _mm256_permutevar8x32_epi32(packed, _mm256_setr_epi32(0, 1, 2, 2, 3, 4, 5, 5));
        _mm256_shuffle_epi8(spread, both(places))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn both(places: &[i8; 16]) -> __m256i {
        let half = |i: usize| i64::from_le_bytes(std::array::from_fn(|k| places[i + k] as u8));
        _mm256_broadcastsi128_si256(_mm_set_epi64x(half(8), half(0)))
    }

    #[inline]
    #[target_feature(enable = "avx2")]
    fn doubles(integers: __m256i, low: &mut [f64; FRAMES], high: &mut [f64; FRAMES]) {
        let step = _mm256_set1_pd(STEP);
        store(_mm256_mul_pd(_mm256_cvtepi32_pd(_mm256_castsi256_si128(integers)), step), low);
        store(_mm256_mul_pd(_mm256_cvtepi32_pd(_mm256_extracti128_si256::<1>(integers)), step), high);
    }
}

#[cfg(target_arch = "x86_64")]
mod wide {
    use std::arch::x86_64::{
        __m512i, _mm_set_epi64x, _mm512_broadcast_i32x4, _mm512_castsi512_pd, _mm512_castsi512_si256,
        _mm512_cvtepi32_pd, _mm512_extracti64x4_epi64, _mm512_mul_pd, _mm512_permutexvar_epi32,
        _mm512_permutexvar_epi64, _mm512_set1_pd, _mm512_setr_epi32, _mm512_setr_epi64, _mm512_shuffle_epi8,
    };

    use super::{BYTES, STEP, places, plain};
    use crate::audio::isa::lanes::store_8;

    const FRAMES: usize = 8;

    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn unpack_pair(bytes: &[u8], left: &mut [f64], right: &mut [f64]) {
        let mut done = 0;
        for (l, r) in left.as_chunks_mut::<FRAMES>().0.iter_mut().zip(right.as_chunks_mut::<FRAMES>().0) {
            let Some(frames) = bytes[done * 2 * BYTES..].first_chunk() else { break };
            let sides = _mm512_setr_epi64(0, 2, 4, 6, 1, 3, 5, 7);
            doubles(_mm512_permutexvar_epi64(sides, spread(frames, &places::APART)), l, r);
            done += FRAMES;
        }
        plain::unpack_pair(&bytes[done * 2 * BYTES..], &mut left[done..], &mut right[done..]);
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn unpack(bytes: &[u8], out: &mut [f64]) {
        let mut done = 0;
        for out in out.as_chunks_mut::<{ 2 * FRAMES }>().0 {
            let Some(samples) = bytes[done * BYTES..].first_chunk() else { break };
            let [low, high] = out.as_chunks_mut::<FRAMES>().0 else { break };
            doubles(spread(samples, &places::ROW), low, high);
            done += 2 * FRAMES;
        }
        plain::unpack(&bytes[done * BYTES..], &mut out[done..]);
    }

    #[target_feature(enable = "avx512f,avx512bw")]
    pub(super) fn pack_pair(left: &[i32], right: &[i32], bytes: &mut [u8]) {
        let mut done = 0;
        for (l, r) in left.as_chunks::<FRAMES>().0.iter().zip(right.as_chunks::<FRAMES>().0) {
            let Some(into) = bytes[done * 2 * BYTES..].first_chunk_mut::<{ 8 * FRAMES }>() else { break };
            let frames = _mm512_setr_epi32(
                l[0], l[1], l[2], l[3], l[4], l[5], l[6], l[7], r[0], r[1], r[2], r[3], r[4], r[5], r[6], r[7],
            );
            let frames = _mm512_permutexvar_epi64(_mm512_setr_epi64(0, 4, 1, 5, 2, 6, 3, 7), frames);
            let woven = _mm512_shuffle_epi8(frames, all(&places::WOVEN));
            let dense = _mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
            let mut packed = [0.0; 8];
            // what comes behind them is written over
            store_8(_mm512_castsi512_pd(_mm512_permutexvar_epi32(dense, woven)), &mut packed);
            into.as_chunks_mut::<8>().0.iter_mut().zip(packed).for_each(|(to, x)| *to = x.to_bits().to_le_bytes());
            done += FRAMES;
        }
        plain::pack_pair(&left[done..], &right[done..], &mut bytes[done * 2 * BYTES..]);
    }

    /// Sixteen samples at the beginning of 64 bytes.
    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn spread(bytes: &[u8; 8 * FRAMES], places: &[i8; 16]) -> __m512i {
        let words = bytes.as_chunks::<8>().0;
        let word = |i: usize| u64::from_le_bytes(words[i]) as i64;
        let packed = _mm512_setr_epi64(word(0), word(1), word(2), word(3), word(4), word(5), word(6), word(7));
        let apart = _mm512_setr_epi32(0, 1, 2, 2, 3, 4, 5, 5, 6, 7, 8, 8, 9, 10, 11, 11);
        _mm512_shuffle_epi8(_mm512_permutexvar_epi32(apart, packed), all(places))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn all(places: &[i8; 16]) -> __m512i {
        let half = |i: usize| i64::from_le_bytes(std::array::from_fn(|k| places[i + k] as u8));
        _mm512_broadcast_i32x4(_mm_set_epi64x(half(8), half(0)))
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    fn doubles(integers: __m512i, low: &mut [f64; FRAMES], high: &mut [f64; FRAMES]) {
        let step = _mm512_set1_pd(STEP);
        store_8(_mm512_mul_pd(_mm512_cvtepi32_pd(_mm512_castsi512_si256(integers)), step), low);
        store_8(_mm512_mul_pd(_mm512_cvtepi32_pd(_mm512_extracti64x4_epi64::<1>(integers)), step), high);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::isa::Level;
    use crate::audio::rng::Seed;

    #[test]
    fn what_was_packed_is_unpacked_at_every_level_and_length() {
        for frames in (0..70).chain([1000, 1023]) {
            let noise = |channel: u64| -> Vec<i32> {
                let some = (0..frames).map(|n| Seed::new(6).with(channel).bits(n) as i32 >> 8);
                some.enumerate().map(|(n, x)| [x, -8_388_608, 8_388_607, -1][n % 5 % 4]).collect()
            };
            let whole = |x: &[i32]| -> Vec<f64> { x.iter().map(|x| f64::from(*x) / 8_388_608.0).collect() };
            let (left, right) = (noise(0), noise(1));
            let three = |x: &i32| x.to_le_bytes().into_iter().take(BYTES);
            let bytes: Vec<u8> = left.iter().zip(&right).flat_map(|(l, r)| three(l).chain(three(r))).collect();
            for level in Level::all() {
                for behind in [0, 1, BEHIND, 40] {
                    let mut packed = vec![0x55; bytes.len() + behind];
                    pack_pair(level, &left, &right, &mut packed);
                    assert_eq!(packed[..bytes.len()], bytes, "{level:?}: {frames} frames");
                    assert!(packed.iter().skip(bytes.len() + BEHIND).all(|x| *x == 0x55));
                    let (mut l, mut r) = (vec![9.0; left.len()], vec![9.0; left.len()]);
                    unpack_pair(level, &packed, &mut l, &mut r);
                    assert!(l == whole(&left) && r == whole(&right), "{level:?}: {frames} frames");
                    let mut one = vec![9.0; 2 * left.len()];
                    unpack(level, &packed, &mut one);
                    let woven: Vec<i32> = left.iter().zip(&right).flat_map(|(l, r)| [*l, *r]).collect();
                    assert_eq!(one, whole(&woven), "{level:?}: {frames} frames");
                }
            }
        }
    }
}
