use crate::audio::{Planes, StateError, StateReader, StateWriter};

/// A delay by a whole number of frames: what aligns a dry path or a faster branch with a later one, and what the sound waits in while a detector looks
/// ahead.
#[derive(Clone, Debug)]
pub struct DelayRing {
    /// Channels × `delay`, each channel in one piece.
    data: Vec<f64>,
    channels: usize,
    delay: usize,
    /// Where the oldest frame lies.
    oldest: usize,
    /// Frames of exact silence that went in last, counted up to `delay`.
    quiet: usize,
}

impl DelayRing {
    /// Zeros: `channels` × `delay` frames.
    pub fn new(channels: usize, delay: usize) -> DelayRing {
        DelayRing { data: vec![0.0; channels * delay], channels, delay, oldest: 0, quiet: delay }
    }

    pub fn delay(&self) -> usize {
        self.delay
    }

    /// Delays `audio` in place, as many channels as both have: always the same number, and any others are left alone.
    pub fn process(&mut self, audio: &mut Planes<'_>) {
        if self.delay == 0 {
            return;
        }
        let channels = self.channels.min(audio.channels());
        let last = (0..channels).filter_map(|c| last_sound(audio.channel(c))).max();
        for channel in 0..channels {
            self.exchange(channel, audio.channel_mut(channel));
        }
        self.advance(audio.frames(), last);
    }

    /// The same for a ring of one channel.
    pub fn process_mono(&mut self, samples: &mut [f64]) {
        debug_assert_eq!(self.channels, 1);
        if self.delay == 0 {
            return;
        }
        let last = last_sound(samples);
        self.exchange(0, samples);
        self.advance(samples.len(), last);
    }

    /// The frames of one channel for those that went in earlier.
    fn exchange(&mut self, channel: usize, samples: &mut [f64]) {
        let ring = &mut self.data[channel * self.delay..][..self.delay];
        let (mut at, mut rest) = (self.oldest, samples);
        while !rest.is_empty() {
            let (now, later) = rest.split_at_mut(rest.len().min(self.delay - at));
            ring[at..at + now.len()].swap_with_slice(now);
            at += now.len();
            at = if at == self.delay { 0 } else { at };
            rest = later;
        }
    }

    /// `last`: the last frame of `frames` in which there was sound.
    fn advance(&mut self, frames: usize, last: Option<usize>) {
        let quiet = match last {
            Some(last) => frames - 1 - last,
            None => self.quiet + frames,
        };
        self.quiet = quiet.min(self.delay);
        self.oldest += frames;
        if self.oldest >= self.delay {
            self.oldest %= self.delay;
        }
    }

    /// Whether nothing but exact silence is left inside.
    pub fn at_rest(&self) -> bool {
        self.quiet == self.delay
    }

    pub fn reset(&mut self) {
        self.data.fill(0.0);
        self.oldest = 0;
        self.quiet = self.delay;
    }

    /// Oldest frame first, channel by channel.
    pub fn save(&self, into: &mut StateWriter) {
        self.save_first(self.channels, into);
    }

    /// Only the first `channels`, when it is known that no others were fed.
    pub fn save_first(&self, channels: usize, into: &mut StateWriter) {
        for channel in 0..channels.min(self.channels) {
            let ring = &self.data[channel * self.delay..][..self.delay];
            into.all(&ring[self.oldest..]);
            into.all(&ring[..self.oldest]);
        }
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.load_first(self.channels, from)
    }

    /// What [`save_first`](DelayRing::save_first) wrote; the other channels are silent.
    pub fn load_first(&mut self, channels: usize, from: &mut StateReader<'_>) -> Result<(), StateError> {
        let (read, silent) = self.data.split_at_mut(channels.min(self.channels) * self.delay);
        from.all(read)?;
        silent.fill(0.0);
        self.oldest = 0;
        let delay = self.delay;
        let quiet_of = |ring: &[f64]| ring.iter().rev().take_while(|x| **x == 0.0).count();
        self.quiet = self.data.chunks(delay.max(1)).map(quiet_of).min().unwrap_or(delay);
        Ok(())
    }
}

fn last_sound(samples: &[f64]) -> Option<usize> {
    samples.iter().rposition(|x| *x != 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Block;

    fn ramp(channel: usize, frame: usize) -> f64 {
        (1000 * channel + frame + 1) as f64
    }

    #[test]
    fn what_goes_in_comes_out_that_many_frames_later_whatever_the_blocks() {
        for delay in [0, 1, 5, 64] {
            for block in [1, 3, 5, 64, 100] {
                let mut ring = DelayRing::new(2, delay);
                let mut audio = Block::new(2, 100);
                for c in 0..2 {
                    audio.channel_mut(c).iter_mut().enumerate().for_each(|(i, x)| *x = ramp(c, i));
                }
                for from in (0..100).step_by(block) {
                    ring.process(&mut audio.planes(2, 100).slice(from, (from + block).min(100)));
                }
                for c in 0..2 {
                    for (i, x) in audio.channel(c).iter().enumerate() {
                        assert_eq!(*x, if i < delay { 0.0 } else { ramp(c, i - delay) });
                    }
                }
            }
        }
    }

    #[test]
    fn equal_sound_has_equal_state_and_rest_is_known_after_loading() {
        let saved = |block: usize| {
            let mut ring = DelayRing::new(1, 7);
            let mut audio = Block::new(1, 20);
            audio.channel_mut(0)[..15].fill(0.5);
            for from in (0..20).step_by(block) {
                ring.process(&mut audio.planes(1, 20).slice(from, (from + block).min(20)));
            }
            assert!(!ring.at_rest());
            let mut state = StateWriter::new();
            ring.save(&mut state);
            state.into_bytes()
        };
        assert_eq!(saved(1), saved(20));
        assert_eq!(saved(3), saved(20));
        let mut ring = DelayRing::new(1, 7);
        ring.load(&mut StateReader::new(&saved(20))).expect("its own state");
        for frame in 0..2 {
            assert!(!ring.at_rest(), "{frame}");
            ring.process(&mut Block::new(1, 1).planes(1, 1));
        }
        // five silent frames were in, two more came: the last of the sound has left
        assert!(ring.at_rest());
    }
}
