//! The discrete Fourier transform of complex numbers, for lengths that are powers of two, in f64: radix 4, decimated in frequency on the way there
//! and in time on the way back (W. M. Gentleman and G. Sande, "Fast Fourier transforms: for fun and profit", 1966), so that nothing is ever reordered.
//!
//! It is our own because the crates choose their kernels by the CPU they find and take their roots from the platform's `sin`: neither gives the same
//! bytes on every machine.

use std::f64::consts::TAU;

use crate::audio::math;

/// A transform of one length, with all its roots of unity. Real and imaginary parts lie in two planes, so that loops over them vectorise and a stereo
/// sound is one complex one: the left channel real, the right imaginary.
#[derive(Clone, Debug)]
pub struct Fft {
    length: usize,
    /// From the longest blocks to the shortest.
    stages: Vec<Stage>,
}

/// One step, from blocks of `radix` × `part` numbers to `radix` blocks each.
#[derive(Clone, Debug)]
struct Stage {
    radix: usize,
    part: usize,
    /// e^{-2πi r j / (radix part)} for r = 1 to radix - 1 and all j below `part`: the real parts of each r, then its imaginary ones.
    roots: Vec<f64>,
}

/// e^{-2πi k / n}, the eight octants alike to the last bit.
fn root(k: usize, n: usize) -> (f64, f64) {
    let k = k % n;
    if 2 * k > n {
        let (re, im) = root(n - k, n);
        (re, -im)
    } else if 4 * k > n {
        let (re, im) = root(n - 2 * k, 2 * n);
        (-re, im)
    } else if 8 * k > n {
        let (re, im) = root(n - 4 * k, 4 * n);
        (-im, -re)
    } else {
        let (sin, cos) = math::sincos(TAU * (k as f64 / n as f64));
        (cos, -sin)
    }
}

impl Stage {
    fn new(radix: usize, part: usize) -> Stage {
        let mut roots = Vec::with_capacity(2 * (radix - 1) * part);
        for r in 1..radix {
            let all = (0..part).map(|j| root(r * j, radix * part));
            roots.extend(all.clone().map(|(re, _)| re));
            roots.extend(all.map(|(_, im)| im));
        }
        Stage { radix, part, roots }
    }

    fn forward(&self, re: &mut [f64], im: &mut [f64]) {
        match (self.radix, self.part) {
            (4, 1) => re.as_chunks_mut().0.iter_mut().zip(im.as_chunks_mut().0).for_each(|(re, im)| four(re, im)),
            (4, part) => {
                let [w1, w2, w3] = self.roots_of_four();
                for (re, im) in re.chunks_exact_mut(4 * part).zip(im.chunks_exact_mut(4 * part)) {
                    let ([a, b, c, d], [e, f, g, h]) = (quarters(re, part), quarters(im, part));
                    for j in 0..part {
                        let mut x = [a[j], b[j], c[j], d[j]];
                        let mut y = [e[j], f[j], g[j], h[j]];
                        four(&mut x, &mut y);
                        (a[j], e[j]) = (x[0], y[0]);
                        (b[j], f[j]) = times(x[1], y[1], w1.0[j], w1.1[j]);
                        (c[j], g[j]) = times(x[2], y[2], w2.0[j], w2.1[j]);
                        (d[j], h[j]) = times(x[3], y[3], w3.0[j], w3.1[j]);
                    }
                }
            }
            (_, part) => {
                let (w_re, w_im) = self.roots.split_at(part);
                for (re, im) in re.chunks_exact_mut(2 * part).zip(im.chunks_exact_mut(2 * part)) {
                    let ((a, b), (e, f)) = (re.split_at_mut(part), im.split_at_mut(part));
                    for j in 0..part {
                        let (x, y) = (a[j] - b[j], e[j] - f[j]);
                        (a[j], e[j]) = (a[j] + b[j], e[j] + f[j]);
                        (b[j], f[j]) = times(x, y, w_re[j], w_im[j]);
                    }
                }
            }
        }
    }

    /// The transposed step with the roots' conjugates.
    fn inverse(&self, re: &mut [f64], im: &mut [f64]) {
        match (self.radix, self.part) {
            // the conjugate transform: real and imaginary parts change places
            (4, 1) => re.as_chunks_mut().0.iter_mut().zip(im.as_chunks_mut().0).for_each(|(re, im)| four(im, re)),
            (4, part) => {
                let [w1, w2, w3] = self.roots_of_four();
                for (re, im) in re.chunks_exact_mut(4 * part).zip(im.chunks_exact_mut(4 * part)) {
                    let ([a, b, c, d], [e, f, g, h]) = (quarters(re, part), quarters(im, part));
                    for j in 0..part {
                        let (x1, y1) = times(b[j], f[j], w1.0[j], -w1.1[j]);
                        let (x2, y2) = times(c[j], g[j], w2.0[j], -w2.1[j]);
                        let (x3, y3) = times(d[j], h[j], w3.0[j], -w3.1[j]);
                        let mut x = [a[j], x1, x2, x3];
                        let mut y = [e[j], y1, y2, y3];
                        four(&mut y, &mut x);
                        [a[j], b[j], c[j], d[j]] = x;
                        [e[j], f[j], g[j], h[j]] = y;
                    }
                }
            }
            (_, part) => {
                let (w_re, w_im) = self.roots.split_at(part);
                for (re, im) in re.chunks_exact_mut(2 * part).zip(im.chunks_exact_mut(2 * part)) {
                    let ((a, b), (e, f)) = (re.split_at_mut(part), im.split_at_mut(part));
                    for j in 0..part {
                        let (x, y) = times(b[j], f[j], w_re[j], -w_im[j]);
                        (b[j], f[j]) = (a[j] - x, e[j] - y);
                        (a[j], e[j]) = (a[j] + x, e[j] + y);
                    }
                }
            }
        }
    }

    fn roots_of_four(&self) -> [(&[f64], &[f64]); 3] {
        let n = self.part;
        [0, 1, 2].map(|r| (&self.roots[2 * r * n..][..n], &self.roots[(2 * r + 1) * n..][..n]))
    }
}

fn quarters(x: &mut [f64], part: usize) -> [&mut [f64]; 4] {
    let (a, rest) = x.split_at_mut(part);
    let (b, rest) = rest.split_at_mut(part);
    let (c, d) = rest.split_at_mut(part);
    [a, b, c, &mut d[..part]]
}

#[inline(always)]
fn times(x: f64, y: f64, re: f64, im: f64) -> (f64, f64) {
    (x * re - y * im, x * im + y * re)
}

/// The transform of four numbers, in natural order.
#[inline(always)]
fn four(re: &mut [f64; 4], im: &mut [f64; 4]) {
    let (s0, t0) = (re[0] + re[2], im[0] + im[2]);
    let (s1, t1) = (re[0] - re[2], im[0] - im[2]);
    let (s2, t2) = (re[1] + re[3], im[1] + im[3]);
    let (s3, t3) = (re[1] - re[3], im[1] - im[3]);
    *re = [s0 + s2, s1 + t3, s0 - s2, s1 - t3];
    *im = [t0 + t2, t1 - s3, t0 - t2, t1 + s3];
}

impl Fft {
    /// For `length` numbers: a power of two, 4 at least.
    pub fn new(length: usize) -> Fft {
        assert!(length.is_power_of_two() && length >= 4, "a power of two, not {length}");
        let mut stages = Vec::new();
        let mut block = length;
        while block > 1 {
            let radix = if block.ilog2() % 2 == 1 { 2 } else { 4 };
            block /= radix;
            stages.push(Stage::new(radix, block));
        }
        Fft { length, stages }
    }

    pub fn length(&self) -> usize {
        self.length
    }

    /// Where the number of frequency `bin` / `length` lies in a spectrum: they are not in order, which no product of two spectra cares about.
    pub fn place(&self, mut bin: usize) -> usize {
        let mut place = 0;
        for stage in &self.stages {
            place += bin % stage.radix * stage.part;
            bin /= stage.radix;
        }
        place
    }

    /// From `length` numbers to their spectrum, Σ x e^{-2πi n k / length}, in place.
    pub fn forward(&self, re: &mut [f64], im: &mut [f64]) {
        assert!(re.len() == self.length && im.len() == self.length);
        forward(&self.stages, re, im);
    }

    /// From a spectrum back to `length` times its numbers, in place.
    pub fn inverse(&self, re: &mut [f64], im: &mut [f64]) {
        assert!(re.len() == self.length && im.len() == self.length);
        inverse(&self.stages, re, im);
    }
}

/// Numbers at once that fit the cache nearest to the CPU.
const NEAR: usize = 1024;

/// Block after block as soon as one is small enough to stay near.
fn forward(stages: &[Stage], re: &mut [f64], im: &mut [f64]) {
    let Some((first, rest)) = stages.split_first() else { return };
    first.forward(re, im);
    if re.len() > NEAR {
        let blocks = re.chunks_exact_mut(first.part).zip(im.chunks_exact_mut(first.part));
        blocks.for_each(|(re, im)| forward(rest, re, im));
    } else {
        rest.iter().for_each(|stage| stage.forward(re, im));
    }
}

fn inverse(stages: &[Stage], re: &mut [f64], im: &mut [f64]) {
    let Some((first, rest)) = stages.split_first() else { return };
    if re.len() > NEAR {
        let blocks = re.chunks_exact_mut(first.part).zip(im.chunks_exact_mut(first.part));
        blocks.for_each(|(re, im)| inverse(rest, re, im));
    } else {
        rest.iter().rev().for_each(|stage| stage.inverse(re, im));
    }
    first.inverse(re, im);
}

#[cfg(test)]
mod tests {
    use rustfft::FftPlanner;
    use rustfft::num_complex::Complex64;

    use super::*;
    use crate::audio::rng::Seed;

    fn noise(n: usize) -> (Vec<f64>, Vec<f64>) {
        let plane = |seed| (0..n as i64).map(|i| Seed::new(seed).bipolar(i)).collect();
        (plane(1), plane(2))
    }

    #[test]
    fn it_is_the_transform_that_another_computes() {
        for n in (2..=16).map(|bits| 1 << bits) {
            let (fft, (mut re, mut im)) = (Fft::new(n), noise(n));
            let mut other: Vec<Complex64> = re.iter().zip(&im).map(|(re, im)| Complex64::new(*re, *im)).collect();
            FftPlanner::new().plan_fft_forward(n).process(&mut other);
            fft.forward(&mut re, &mut im);
            let size = (other.iter().map(|x| x.norm_sqr()).sum::<f64>() / n as f64).sqrt();
            for (bin, expected) in other.iter().enumerate() {
                let found = Complex64::new(re[fft.place(bin)], im[fft.place(bin)]);
                assert!((found - expected).norm() < 1e-13 * size, "{n}, bin {bin}: {found} for {expected}");
            }
        }
    }

    #[test]
    fn there_and_back_is_where_it_was() {
        for n in (2..=16).map(|bits| 1 << bits) {
            let (fft, (mut re, mut im)) = (Fft::new(n), noise(n));
            let (left, right) = (re.clone(), im.clone());
            fft.forward(&mut re, &mut im);
            fft.inverse(&mut re, &mut im);
            for (found, expected) in re.iter().chain(&im).zip(left.iter().chain(&right)) {
                assert!((found / n as f64 - expected).abs() < 1e-14, "{n}");
            }
        }
    }

    #[test]
    fn the_places_are_all_places() {
        for n in [4, 8, 2048, 4096] {
            let fft = Fft::new(n);
            let mut places: Vec<usize> = (0..n).map(|bin| fft.place(bin)).collect();
            places.sort_unstable();
            assert!(places.into_iter().eq(0..n));
        }
    }

    #[test]
    fn roots_are_exact_where_they_can_be() {
        for (k, expected) in [(0, (1.0, 0.0)), (2, (0.0, -1.0)), (4, (-1.0, 0.0)), (6, (0.0, 1.0))] {
            assert_eq!(root(k, 8), expected, "{k}");
        }
        for k in 0..64 {
            let (re, im) = root(k, 64);
            let (sin, cos) = math::sincos(TAU * k as f64 / 64.0);
            assert!((re - cos).abs() < 2e-15 && (im + sin).abs() < 2e-15, "{k}");
        }
    }
}
