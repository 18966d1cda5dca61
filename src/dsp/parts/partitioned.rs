//! Convolution with long responses: overlap-save in partitions of one length (T. G. Stockham, "High-speed convolution and correlation", 1966; F. Wefers,
//! "Partitioned convolution algorithms for real-time auralization", 2015, section 5.2).
//!
//! A partition is worked on whole, where song time is a multiple of its length, so that no block has a say in any bit: the sound comes one
//! partition late besides what the response itself delays it by. Two channels go through one complex transform; a channel that has been silent for
//! as long as the response is stays exactly silent beside a loud one, and two that have been alike stay alike.

use super::fft::Fft;
use crate::audio::{Planes, StateError, StateReader, StateWriter};

/// A spectrum, its order that of the transform.
#[derive(Clone, Debug)]
struct Spectrum {
    re: Vec<f64>,
    im: Vec<f64>,
}

impl Spectrum {
    fn new(length: usize) -> Spectrum {
        Spectrum { re: vec![0.0; length], im: vec![0.0; length] }
    }
}

/// A response as its partitions' spectra.
#[derive(Clone, Debug)]
pub struct Kernel {
    spectra: Vec<Spectrum>,
    /// It is nothing but a delay of so many partitions.
    delay: Option<usize>,
}

impl Kernel {
    /// It keeps every bit.
    pub fn is_delay(&self) -> bool {
        self.delay.is_some()
    }
}

/// What a partition is convolved with.
#[derive(Clone, Copy, Debug)]
pub enum Way<'a> {
    With(&'a Kernel),
    /// In a straight line from what the one gives to what the other gives.
    From(&'a Kernel, &'a Kernel),
}

/// A stream of sound and what is kept of it.
#[derive(Clone, Debug)]
pub struct Convolver {
    fft: Fft,
    /// Frames of a partition, partitions of a response.
    part: usize,
    parts: usize,
    pairs: Vec<Pair>,
    sum: Spectrum,
    other: Spectrum,
}

/// Two channels, or one and nothing.
#[derive(Clone, Debug)]
struct Pair {
    lanes: usize,
    /// The partition under way: what has come in, then what is still to go out.
    now: [Vec<f64>; 2],
    /// The last `parts` partitions of each lane, and the spectra of each with the one before. A ring; `oldest` is in partitions.
    past: [Vec<f64>; 2],
    spectra: Vec<Spectrum>,
    oldest: usize,
    /// For how many partitions up to now each lane has been silent, and both have been alike.
    silent: [usize; 2],
    alike: usize,
}

impl Convolver {
    /// For responses of up to `parts` × `part` taps. `part`: a power of two.
    pub fn new(channels: usize, part: usize, parts: usize) -> Convolver {
        let fft = Fft::new(2 * part);
        // the newest partition is transformed with the one before, so two are kept at least
        let parts = parts.max(2);
        let pair = |lanes: usize| Pair {
            lanes,
            now: [vec![0.0; part], vec![0.0; part]],
            past: [vec![0.0; part * parts], vec![0.0; part * parts]],
            spectra: vec![Spectrum::new(2 * part); parts],
            oldest: 0,
            silent: [parts; 2],
            alike: parts,
        };
        let pairs = (0..channels).step_by(2).map(|first| pair((channels - first).min(2))).collect();
        Convolver { fft, part, parts, pairs, sum: Spectrum::new(2 * part), other: Spectrum::new(2 * part) }
    }

    /// A kernel for [`set`](Convolver::set): silence until then.
    pub fn kernel(&self) -> Kernel {
        Kernel { spectra: vec![Spectrum::new(2 * self.part); self.parts], delay: None }
    }

    /// Makes `kernel` the response `taps`, at most `part` × `parts` of them.
    pub fn set(&self, kernel: &mut Kernel, taps: &[f64]) {
        assert!(taps.len() <= self.part * self.parts);
        let scale = 1.0 / (2 * self.part) as f64;
        let mut taps = taps.chunks(self.part);
        for spectrum in &mut kernel.spectra {
            let taps = taps.next().unwrap_or(&[]);
            spectrum.re.fill(0.0);
            spectrum.im.fill(0.0);
            spectrum.re.iter_mut().zip(taps).for_each(|(x, tap)| *x = tap * scale);
            self.fft.forward(&mut spectrum.re, &mut spectrum.im);
        }
        kernel.delay = None;
    }

    /// Makes `kernel` a delay by so many partitions, fewer than `parts`: every bit is kept.
    pub fn set_delay(&self, kernel: &mut Kernel, by: usize) {
        for (index, spectrum) in kernel.spectra.iter_mut().enumerate() {
            spectrum.re.fill(if index == by { 1.0 / (2 * self.part) as f64 } else { 0.0 });
            spectrum.im.fill(0.0);
        }
        kernel.delay = Some(by);
    }

    /// Whether a partition begins at song time `at`: [`turn`](Convolver::turn) is then to be called before the frame is exchanged.
    pub fn begins(&self, at: i64) -> bool {
        at.rem_euclid(self.part as i64) == 0
    }

    /// Takes the frames of `audio`, from song time `at` on, for those that go out: as many as are left of the partition under way. How many.
    pub fn exchange(&mut self, at: i64, audio: &mut Planes<'_>) -> usize {
        let place = at.rem_euclid(self.part as i64) as usize;
        let frames = audio.frames().min(self.part - place);
        for (channel, samples) in audio.each_mut().enumerate().take(2 * self.pairs.len()) {
            self.pairs[channel / 2].now[channel % 2][place..][..frames].swap_with_slice(&mut samples[..frames]);
        }
        frames
    }

    /// Takes the partition that has come in and makes the next one to go out.
    pub fn turn(&mut self, way: Way<'_>) {
        for pair in &mut self.pairs {
            pair.turn(&self.fft, way, &mut self.sum, &mut self.other);
        }
    }

    /// Nothing but silence had come in before the partition under way.
    pub fn is_fresh(&self) -> bool {
        self.pairs.iter().all(|pair| pair.silent.iter().all(|silent| *silent == self.parts))
    }

    /// Nothing but exact silence is left inside.
    pub fn at_rest(&self) -> bool {
        self.is_fresh() && self.pairs.iter().flat_map(|pair| &pair.now).flatten().all(|x| *x == 0.0)
    }

    pub fn reset(&mut self) {
        for pair in &mut self.pairs {
            pair.now.iter_mut().chain(&mut pair.past).for_each(|plane| plane.fill(0.0));
            pair.oldest = 0;
            pair.recall(&self.fft);
        }
    }

    /// The sound itself, oldest first; the spectra come from it.
    pub fn save(&self, into: &mut StateWriter) {
        for pair in &self.pairs {
            for lane in 0..pair.lanes {
                let (newer, older) = pair.past[lane].split_at(pair.oldest * self.part);
                [older, newer, &pair.now[lane]].into_iter().for_each(|plane| into.all(plane));
            }
        }
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        for pair in &mut self.pairs {
            for lane in 0..pair.lanes {
                from.all(&mut pair.past[lane])?;
                from.all(&mut pair.now[lane])?;
            }
            pair.oldest = 0;
            pair.recall(&self.fft);
        }
        Ok(())
    }
}

impl Pair {
    fn turn(&mut self, fft: &Fft, way: Way<'_>, sum: &mut Spectrum, other: &mut Spectrum) {
        let (part, parts) = (self.now[0].len(), self.spectra.len());
        let sound = self.now.each_ref().map(|now| now.iter().any(|x| *x != 0.0));
        let rested = |lane: usize| self.silent[lane] == parts && !sound[lane];
        let rests = [rested(0), rested(1)];
        if rests == [true; 2] {
            return;
        }
        let same = self.now[0].iter().zip(&self.now[1]).all(|(l, r)| l.to_bits() == r.to_bits());
        let alike = self.lanes == 2 && self.alike == parts && same;
        let newest = self.oldest;
        self.oldest = (newest + 1) % parts;
        for lane in 0..2 {
            self.past[lane][newest * part..][..part].copy_from_slice(&self.now[lane]);
            self.silent[lane] = if sound[lane] { 0 } else { (self.silent[lane] + 1).min(parts) };
        }
        self.alike = if same { (self.alike + 1).min(parts) } else { 0 };
        self.transform(fft, newest);
        match way {
            Way::With(Kernel { delay: Some(delay), .. }) => {
                let late = (newest + parts - delay) % parts;
                let lanes = self.now.iter_mut().zip(&self.past);
                lanes.for_each(|(now, past)| now.copy_from_slice(&past[late * part..][..part]));
                return;
            }
            Way::With(kernel) => {
                self.convolve(fft, kernel, newest, sum);
                self.now[0].copy_from_slice(&sum.re[part..]);
                self.now[1].copy_from_slice(&sum.im[part..]);
            }
            Way::From(first, then) => {
                self.convolve(fft, first, newest, sum);
                self.convolve(fft, then, newest, other);
                let per_frame = 1.0 / part as f64;
                let line = |now: &mut [f64], a: &[f64], b: &[f64]| {
                    for (i, now) in now.iter_mut().enumerate() {
                        *now = a[i] + (b[i] - a[i]) * (i as f64 * per_frame);
                    }
                };
                line(&mut self.now[0], &sum.re[part..], &other.re[part..]);
                line(&mut self.now[1], &sum.im[part..], &other.im[part..]);
            }
        }
        for (now, rests) in self.now.iter_mut().zip(rests) {
            if rests {
                now.fill(0.0);
            }
        }
        if alike {
            let [left, right] = &mut self.now;
            right.copy_from_slice(left);
        }
    }

    /// The spectrum of the partition `index` of the ring with the one before.
    fn transform(&mut self, fft: &Fft, index: usize) {
        let (part, parts) = (self.now[0].len(), self.spectra.len());
        let before = (index + parts - 1) % parts;
        let Spectrum { re, im } = &mut self.spectra[index];
        for (window, past) in [re, im].into_iter().zip(&self.past) {
            window[..part].copy_from_slice(&past[before * part..][..part]);
            window[part..].copy_from_slice(&past[index * part..][..part]);
        }
        let Spectrum { re, im } = &mut self.spectra[index];
        fft.forward(re, im);
    }

    /// Into the second half of `sum`: the newest partition's sound.
    fn convolve(&self, fft: &Fft, kernel: &Kernel, newest: usize, sum: &mut Spectrum) {
        let parts = self.spectra.len();
        for (late, h) in kernel.spectra.iter().enumerate() {
            let x = &self.spectra[(newest + parts - late) % parts];
            if late == 0 {
                product(&mut sum.re, &mut sum.im, x, h, |_, product| product);
            } else {
                product(&mut sum.re, &mut sum.im, x, h, |sum, product| sum + product);
            }
        }
        fft.inverse(&mut sum.re, &mut sum.im);
    }

    /// After a load: what is known of each lane, and the spectra. The oldest partition's would need one that is no longer kept; it is the next to be
    /// overwritten.
    fn recall(&mut self, fft: &Fft) {
        let part = self.now[0].len();
        let ends = |planes: &[Vec<f64>; 2], is: &dyn Fn(f64, f64) -> bool| {
            let pairs = planes[0].chunks(part).zip(planes[1].chunks(part)).rev();
            pairs.take_while(|(l, r)| l.iter().zip(*r).all(|(l, r)| is(*l, *r))).count()
        };
        self.silent = [ends(&self.past, &|l, _| l == 0.0), ends(&self.past, &|_, r| r == 0.0)];
        self.alike = ends(&self.past, &|l, r| l.to_bits() == r.to_bits());
        (0..self.spectra.len()).for_each(|index| self.transform(fft, index));
    }
}

#[inline(always)]
fn product(re: &mut [f64], im: &mut [f64], x: &Spectrum, h: &Spectrum, with: impl Fn(f64, f64) -> f64) {
    let n = re.len();
    let (im, x_re, x_im) = (&mut im[..n], &x.re[..n], &x.im[..n]);
    let (h_re, h_im) = (&h.re[..n], &h.im[..n]);
    for i in 0..n {
        re[i] = with(re[i], x_re[i] * h_re[i] - x_im[i] * h_im[i]);
        im[i] = with(im[i], x_re[i] * h_im[i] + x_im[i] * h_re[i]);
    }
}

#[cfg(test)]
mod tests;
