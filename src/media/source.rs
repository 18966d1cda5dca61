use std::sync::Arc;

use super::{Info, ReadError, Reader};
use crate::audio::{Block, Planes};
use crate::dsp::parts::resample::{self, Resampler};
use crate::units::Rate;

/// Output frames converted at once.
const PIECE: usize = 1024;

/// A file at the session's rate: read as it is, or resampled. Its length is round(frames × session's rate / file's rate), and what follows a
/// seek is what an uninterrupted reading gives, bit for bit.
pub struct Source {
    reader: Reader,
    frames: u64,
    convert: Option<Convert>,
}

struct Convert {
    resampler: Arc<Resampler>,
    at: u64,
    /// Input frames `from`..`from + held`; before the file's start and after its end they are zeros.
    window: Block,
    from: i64,
    held: usize,
}

/// How many frames a file has at another rate.
pub fn frames_at(info: &Info, rate: Rate) -> u64 {
    resample::converted(info.frames, info.rate.get().into(), rate.get().into())
}

impl Source {
    pub fn new(mut reader: Reader, rate: Rate) -> Source {
        let info = reader.info();
        if info.rate == rate {
            return Source { frames: info.frames, reader, convert: None };
        }
        let resampler = Resampler::shared(info.rate, rate);
        let frames = resampler.length(info.frames);
        let (from, to) = resampler.needs(0, PIECE);
        // the pieces' spans differ by a frame
        let window = Block::new(info.channels, (to - from) as usize + 1);
        // nothing was read yet, so this can't fail
        let _ = reader.seek(0);
        Source { reader, frames, convert: Some(Convert { resampler, at: 0, window, from: 0, held: 0 }) }
    }

    /// What the file itself holds, at its own rate.
    pub fn info(&self) -> &Info {
        self.reader.info()
    }

    /// Whether there can be negative zeros in what is read: integers have none, as long as they are what is read.
    pub fn signs_zeros(&self) -> bool {
        self.convert.is_some() || self.reader.info().bits.is_none()
    }

    /// The length at the session's rate.
    pub fn frames(&self) -> u64 {
        self.frames
    }

    /// As [`Reader::read`], at the session's rate.
    pub fn read(&mut self, out: &mut Planes<'_>) -> Result<usize, ReadError> {
        let Some(convert) = &mut self.convert else { return self.reader.read(out) };
        let frames = (self.frames - convert.at).min(out.frames() as u64) as usize;
        let mut done = 0;
        while done < frames {
            let count = (frames - done).min(PIECE);
            let (from, to) = convert.resampler.needs(convert.at, count);
            convert.hold(&mut self.reader, from, to)?;
            let mut piece = out.slice(done, done + count);
            if self.reader.info().channels == 2 {
                let (left, right) = piece.pair_mut(0, 1);
                let input = [0, 1].map(|channel| convert.window.channel(channel));
                convert.resampler.run_pair(convert.at, input, from, [left, right]);
            } else {
                for channel in 0..self.reader.info().channels {
                    let input = convert.window.channel(channel);
                    convert.resampler.run(convert.at, input, from, piece.channel_mut(channel));
                }
            }
            convert.at += count as u64;
            done += count;
        }
        Ok(frames)
    }

    /// The next frame read will be `frame`, at the session's rate.
    pub fn seek(&mut self, frame: u64) -> Result<(), ReadError> {
        match &mut self.convert {
            None => self.reader.seek(frame),
            Some(convert) => {
                convert.at = frame.min(self.frames);
                Ok(())
            }
        }
    }
}

impl Convert {
    /// Makes the window begin with input frame `from` and reach to `to`.
    fn hold(&mut self, reader: &mut Reader, from: i64, to: i64) -> Result<(), ReadError> {
        let (channels, length) = (reader.info().channels, reader.info().frames as i64);
        let kept = self.from + self.held as i64 - from;
        if from < self.from || kept < 0 {
            self.held = 0;
            reader.seek(from.max(0) as u64)?;
        } else {
            let gone = (from - self.from) as usize;
            for channel in 0..channels {
                self.window.channel_mut(channel).copy_within(gone..self.held, 0);
            }
            self.held -= gone;
        }
        self.from = from;
        let wanted = (to - from) as usize;
        while self.held < wanted {
            let next = from + self.held as i64;
            let mut planes = self.window.planes(channels, wanted);
            let zeros = if next < 0 { (-next) as usize } else { 0 };
            if zeros > 0 || next >= length {
                let until = if zeros > 0 { (self.held + zeros).min(wanted) } else { wanted };
                planes.slice(self.held, until).fill(0.0);
                self.held = until;
            } else {
                let read = reader.read(&mut planes.slice(self.held, wanted));
                // what was read before an error is not known: start again next time
                self.held += read.inspect_err(|_| self.from = i64::MAX)?;
            }
        }
        Ok(())
    }
}
