//! An output's frames at its file's rate. Frame `k` of that rate lies at song time `k` × song's rate / file's rate, counted from the song's first frame
//! whatever part of it a file holds: so all files of one rate share one grid, and parts that follow one another meet without a gap.

use std::sync::Arc;

use crate::audio::{Block, Planes};
use crate::dsp::parts::resample::{Resampler, converted};
use crate::units::Rate;

/// Frames converted at once.
pub(super) const PIECE: usize = 1024;

/// The frame of a file at which song frame `song` begins: the nearest of its grid, halves later.
pub(super) fn place(song: i64, from: Rate, to: Rate) -> i64 {
    converted(song.max(0) as u64, from.get().into(), to.get().into()) as i64
}

/// Takes blocks of the song's frames, gives blocks of the file's. What it gives depends on neither's size.
pub(super) struct Convert {
    resampler: Arc<Resampler>,
    /// The file's frames that are next and not wanted any more.
    next: u64,
    to: u64,
    /// Song frames `from`..`from + held`: those that the next frames need.
    window: Block,
    from: i64,
    held: usize,
    out: Block,
}

impl Convert {
    /// For the file's frames `first`..`to`; `block`: the most song frames at once.
    pub(super) fn new(from: Rate, rate: Rate, channels: usize, first: i64, to: i64, block: usize) -> Convert {
        let resampler = Resampler::shared(from, rate);
        let (next, to) = (first as u64, to.max(first) as u64);
        let (begin, end) = resampler.needs(next, PIECE);
        // pieces' spans differ by a frame; a block comes on top of what is almost a piece
        let window = Block::new(channels, (end - begin) as usize + 2 + block);
        Convert { resampler, next, to, window, from: begin, held: 0, out: Block::new(channels, PIECE) }
    }

    /// The song frames that it must be given: first, one past the last.
    pub(super) fn needs(&self) -> (i64, i64) {
        if self.next == self.to {
            return (self.from, self.from);
        }
        self.resampler.needs(self.next, (self.to - self.next) as usize)
    }

    /// The next frames of the song, the first at song time `song`; before the first of all there was silence. Then [`Convert::give`] must be called
    /// until it gives nothing.
    pub(super) fn take(&mut self, song: i64, planes: &Planes<'_>) {
        let (channels, at) = (planes.channels(), (song - self.from) as usize);
        debug_assert!(self.held == 0 || at == self.held, "frames follow one another");
        let held = at + planes.frames();
        let mut window = self.window.planes(channels, held);
        window.slice(self.held, at).fill(0.0);
        window.slice(at, held).copy_from(&planes.as_ref());
        self.held = held;
    }

    /// A piece of the file and its first frame, once all that it needs is there.
    pub(super) fn give(&mut self) -> Option<(i64, Planes<'_>)> {
        let frames = (self.to - self.next).min(PIECE as u64) as usize;
        if frames == 0 || self.resampler.ready(self.from + self.held as i64) < self.next + frames as u64 {
            return None;
        }
        let (at, channels) = (self.next, self.out.channels());
        let mut out = self.out.planes(channels, frames);
        for pair in (0..channels).step_by(2) {
            let input = |channel: usize| &self.window.channel(channel)[..self.held];
            if pair + 1 < channels {
                let (left, right) = out.pair_mut(pair, pair + 1);
                self.resampler.run_pair(at, [input(pair), input(pair + 1)], self.from, [left, right]);
            } else {
                self.resampler.run(at, input(pair), self.from, out.channel_mut(pair));
            }
        }
        self.next += frames as u64;
        let begin = self.resampler.needs(self.next, 1).0;
        let gone = ((begin - self.from) as usize).min(self.held);
        for channel in 0..channels {
            self.window.channel_mut(channel).copy_within(gone..self.held, 0);
        }
        self.from += gone as i64;
        self.held -= gone;
        Some((at as i64, self.out.planes(channels, frames)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::rng::Seed;

    fn rate(hz: u32) -> Rate {
        Rate::new(hz).unwrap()
    }

    /// Frames `first..to` of the file, from song frames that begin with `song`, given block by block.
    fn run(from: u32, to_rate: u32, channels: usize, first: i64, to: i64, song: i64, block: usize) -> Vec<Vec<f64>> {
        let mut convert = Convert::new(rate(from), rate(to_rate), channels, first, to, block);
        let (needed, end) = convert.needs();
        let mut planes = Block::new(channels, block);
        let mut all = vec![Vec::new(); channels];
        let mut at = needed.max(song);
        while at < end {
            let n = (block as i64).min(end - at) as usize;
            for channel in 0..channels {
                let seed = Seed::new(5).with(channel as u64);
                planes.channel_mut(channel)[..n].iter_mut().zip(at..).for_each(|(x, n)| *x = seed.bipolar(n));
            }
            convert.take(at, &planes.planes(channels, n));
            while let Some((frame, piece)) = convert.give() {
                assert_eq!(frame, first + all[0].len() as i64);
                all.iter_mut().enumerate().for_each(|(c, all)| all.extend_from_slice(piece.channel(c)));
            }
            at += n as i64;
        }
        assert_eq!(all[0].len() as i64, to - first);
        all
    }

    #[test]
    fn pieces_and_blocks_are_not_heard() {
        for (from, to) in [(48_000, 44_100), (44_100, 96_000), (192_000, 8_000), (8_000, 384_000), (44_100, 44_101)] {
            let whole = run(from, to, 2, 0, 5_000, -30, 512);
            for block in [1, 7, 64, 4096] {
                assert!(run(from, to, 2, 0, 5_000, -30, block) == whole, "{from} to {to} in blocks of {block}");
            }
            let part = run(from, to, 3, 1_777, 4_000, -30, 100);
            for channel in 0..2 {
                assert!(part[channel] == whole[channel][1_777..4_000], "{from} to {to}: a part");
            }
        }
    }

    #[test]
    fn it_says_what_it_needs_and_needs_it_all() {
        let convert = Convert::new(rate(48_000), rate(44_100), 2, 441, 882, 64);
        let (first, end) = convert.needs();
        assert!(first < 480 - 50 && end > 960 + 50, "{first} {end}");
        assert_eq!(Convert::new(rate(48_000), rate(44_100), 2, 441, 441, 64).needs(), (first, first));
    }

    #[test]
    fn parts_meet() {
        let to = rate(44_100);
        assert_eq!(place(0, Rate::STUDIO, to), 0);
        assert_eq!(place(160, Rate::STUDIO, to), 147);
        assert_eq!(place(48_000 * 3600, Rate::STUDIO, to), 44_100 * 3600);
        // halves later: 1.5 frames of a song at 48 kHz are 3 at 96
        assert_eq!(place(1, rate(96_000), Rate::STUDIO), 1);
        assert_eq!(place(-5, Rate::STUDIO, to), 0);
    }
}
