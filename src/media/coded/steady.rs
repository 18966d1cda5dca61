//! Streams whose packets all hold the same number of frames: MP3, AAC, ALAC.

use super::Stream;
use super::decoder::Decoder;
use super::guard::damaged;
use crate::media::ReadError;

/// The packets of a file.
pub(super) trait Packets: Send {
    /// Packets of a cell.
    const CELL: u64;

    fn count(&self) -> u64;

    /// Goes to the first packet that must be decoded for the cell: that packet.
    fn enter(&mut self, cell: u64) -> Result<u64, ReadError>;

    /// The next packet. False where the file ends early.
    fn next(&mut self, into: &mut Vec<u8>) -> Result<bool, ReadError>;
}

pub(super) struct Steady<P> {
    packets: P,
    decoder: Decoder,
    /// Frames of a packet.
    frames: u64,
    /// Frames that come out of the decoder before the first one that is sound.
    skip: u64,
    lossless: bool,
    /// The packet that is decoded next.
    at: u64,
    bytes: Vec<u8>,
}

impl<P: Packets> Steady<P> {
    pub(super) fn new(packets: P, decoder: Decoder, frames: u64, skip: u64, lossless: bool) -> Steady<P> {
        Steady { packets, decoder, frames, skip, lossless, at: 0, bytes: Vec::new() }
    }

    /// Begins anew, so far before packet `at`, the first of a cell, that this is not heard.
    fn lead(&mut self, planes: &mut Vec<Vec<f64>>) -> Result<(), ReadError> {
        self.decoder.restart()?;
        for _ in self.packets.enter(self.at / P::CELL)?..self.at {
            if !self.packets.next(&mut self.bytes)? {
                break;
            }
            // a lead that is cut off gives what it can
            match self.decoder.decode(&self.bytes, planes) {
                Err(e @ ReadError::Io(_)) => return Err(e),
                _ => planes.iter_mut().for_each(Vec::clear),
            }
        }
        Ok(())
    }
}

impl<P: Packets> Stream for Steady<P> {
    fn enter(&mut self, frame: u64) -> Result<u64, ReadError> {
        let wanted = (frame + self.skip) / self.frames;
        if self.at > wanted || self.at / P::CELL != wanted / P::CELL {
            self.at = wanted / P::CELL * P::CELL;
        }
        Ok((self.at * self.frames).saturating_sub(self.skip))
    }

    fn next(&mut self, planes: &mut Vec<Vec<f64>>) -> Result<bool, ReadError> {
        if self.at >= self.packets.count() {
            return Ok(false);
        }
        // after an error nobody knows where the packets are: whoever reads on must enter anew
        self.packet(planes).inspect_err(|_| self.at = u64::MAX)
    }
}

impl<P: Packets> Steady<P> {
    fn packet(&mut self, planes: &mut Vec<Vec<f64>>) -> Result<bool, ReadError> {
        if self.at.is_multiple_of(P::CELL) {
            self.lead(planes)?;
        }
        if !self.packets.next(&mut self.bytes)? {
            return Ok(false);
        }
        let from = self.at * self.frames;
        let last = self.at + 1 == self.packets.count();
        match self.decoder.decode(&self.bytes, planes) {
            Ok(frames) if frames as u64 == self.frames || last && self.lossless => {}
            Err(e @ ReadError::Io(_)) => return Err(e),
            // what can't be decoded of a lossy stream is silence: its first packet may lean on one that was cut away
            _ if !self.lossless => {
                planes.iter_mut().for_each(|plane| {
                    plane.clear();
                    plane.resize(self.frames as usize, 0.0);
                });
            }
            Ok(_) => return Err(damaged(Some(from), "a packet is not as long as the others")),
            Err(ReadError::Damaged { why, .. }) => return Err(damaged(Some(from), &why)),
            Err(e) => return Err(e),
        }
        self.at += 1;
        let skip = self.skip.saturating_sub(from) as usize;
        for plane in planes {
            plane.drain(..skip.min(plane.len()));
        }
        Ok(true)
    }
}
