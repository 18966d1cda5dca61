//! FLAC, MP3 and Ogg Vorbis, decoded by symphonia behind a guard: a decoder that panics on a broken file names that file and nothing else.

use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind};

use symphonia::core::codecs::audio::well_known::{CODEC_ID_FLAC, CODEC_ID_MP3, CODEC_ID_OPUS, CODEC_ID_VORBIS};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::{Error, Result as Decoded};
use symphonia::core::formats::{FormatReader, SeekMode, SeekTo, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::packet::Packet;
use symphonia::core::units::Timestamp;
use symphonia::default::formats::{FlacReader, MpaReader, OggReader};

use super::info::{channels, rate};
use super::input::Shared;
use super::{Info, ReadError, flac};
use crate::audio::Planes;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Flac,
    Mp3,
    Ogg,
}

/// Some encoders count their own header as a frame of music, so an MP3 may be this much shorter than it says.
const MP3_SLACK: u64 = 2 * 1152;

/// Reads the samples of a coded file, from any frame on.
pub(super) struct Coded {
    file: Shared,
    base: u64,
    kind: Kind,
    pub(super) info: Info,
    allow_truncated: bool,
    /// A FLAC whose frames are all there, or it is an error, and whose own index leads to them. What is left of a torn one is what is found from
    /// its beginning on.
    leaps: bool,
    stream: Stream,
    /// The frame that `read` gives next, and the one that the decoder does.
    at: u64,
    decoded: u64,
    /// What was decoded last, and how much of it was given.
    pending: Vec<Vec<f64>>,
    used: usize,
}

struct Stream {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    /// What the header says about the length.
    promised: Option<u64>,
    params: AudioCodecParameters,
}

impl Coded {
    pub(super) fn open(file: Shared, base: u64, kind: Kind, allow_truncated: bool) -> Result<Coded, ReadError> {
        let known = if kind == Kind::Flac { Some(flac::read(&file, base)?) } else { None };
        let mut stream = Stream::open(&file, base, kind).map_err(|e| match cut_off(e, "its header is cut off") {
            // a byte that looks like MPEG is not much of a sign
            ReadError::Damaged { .. } if kind == Kind::Mp3 => ReadError::NotAudio,
            e => e,
        })?;
        let mut info = match known {
            Some(info) => info,
            None => described(&stream.params, kind)?,
        };
        if info.frames == 0 {
            // only the packets know: their lengths are read, not their sound
            info.frames = stream.count(kind)?;
            let promised = stream.promised.unwrap_or(0);
            if kind == Kind::Mp3 && info.frames + MP3_SLACK < promised && !allow_truncated {
                return Err(ReadError::Truncated { expected: promised, found: info.frames });
            }
            stream = Stream::open(&file, base, kind)?;
        }
        if info.frames == 0 {
            return Err(ReadError::Empty);
        }
        let leaps = kind == Kind::Flac && !allow_truncated && flac::index_holds(&file, base)?;
        Ok(Coded {
            file,
            base,
            kind,
            info,
            allow_truncated,
            leaps,
            stream,
            at: 0,
            decoded: 0,
            pending: Vec::new(),
            used: 0,
        })
    }

    pub(super) fn read(&mut self, out: &mut Planes<'_>) -> Result<usize, ReadError> {
        let frames = (self.info.frames - self.at).min(out.frames() as u64) as usize;
        let mut done = 0;
        while done < frames {
            let left = self.left();
            if left == 0 {
                if self.fill()? {
                    continue;
                }
                if self.kind == Kind::Flac && !self.allow_truncated {
                    return Err(ReadError::Truncated { expected: self.info.frames, found: self.decoded });
                }
                // the promised length is kept
                for plane in out.each_mut().take(self.info.channels) {
                    plane[done..frames].fill(0.0);
                }
                self.at += (frames - done) as u64;
                break;
            }
            let count = left.min(frames - done);
            for (plane, decoded) in out.each_mut().zip(&self.pending) {
                plane[done..done + count].copy_from_slice(&decoded[self.used..self.used + count]);
            }
            self.used += count;
            self.at += count as u64;
            done += count;
        }
        Ok(frames)
    }

    /// FLAC finds its way by the frames' own numbers. The state of a lossy decoder depends on all before: it starts anew and runs up to there,
    /// so that what follows is what an uninterrupted reading gives.
    pub(super) fn seek(&mut self, frame: u64) -> Result<(), ReadError> {
        let frame = frame.min(self.info.frames);
        let ahead = frame.wrapping_sub(self.at);
        if frame >= self.at && ahead <= self.left() as u64 {
            self.used += ahead as usize;
            self.at = frame;
            return Ok(());
        }
        if frame == self.info.frames {
            self.restart()?;
            self.at = frame;
            return Ok(());
        }
        if self.kind == Kind::Flac {
            if !self.leaps || !self.leap(frame)? {
                self.restart()?;
            }
        } else if frame < self.at || self.decoded < self.at {
            self.restart()?;
        }
        loop {
            let from = self.decoded - self.left() as u64;
            let skip = (frame - from).min(self.left() as u64);
            self.used += skip as usize;
            if from + skip == frame || !self.fill()? {
                self.at = frame;
                return Ok(());
            }
        }
    }

    /// Decodes the FLAC frame that holds `frame`. False where it is not found: its bytes are not there, something else looks like it, or the file's
    /// own index is wrong. Then whoever reads from the beginning knows what is there.
    fn leap(&mut self, frame: u64) -> Result<bool, ReadError> {
        if frame < self.decoded {
            // symphonia 0.6.1 goes back to the first frame with the number of the last one in mind, and takes none below it
            self.restart()?;
        }
        self.stream.decoder.reset();
        let to = SeekTo::Timestamp { ts: Timestamp::new(frame as i64), track_id: self.stream.track };
        let format = &mut self.stream.format;
        let Ok(seeked) = guarded(|| format.seek(SeekMode::Accurate, to)) else { return Ok(false) };
        self.decoded = seeked.actual_ts.get().max(0) as u64;
        self.pending.clear();
        self.used = 0;
        Ok(self.decoded <= frame && matches!(self.fill(), Ok(true)))
    }

    fn restart(&mut self) -> Result<(), ReadError> {
        self.stream = Stream::open(&self.file, self.base, self.kind)?;
        (self.at, self.decoded, self.used) = (0, 0, 0);
        self.pending.clear();
        Ok(())
    }

    fn left(&self) -> usize {
        self.pending.first().map_or(0, |plane| plane.len() - self.used)
    }

    /// Decodes the next packet that holds sound into `pending`. False at the end.
    fn fill(&mut self) -> Result<bool, ReadError> {
        self.used = 0;
        self.pending.iter_mut().for_each(Vec::clear);
        while let Some(packet) = self.stream.next(self.kind)? {
            if self.kind == Kind::Flac && packet.pts.get() != self.decoded as i64 {
                return Err(damaged(Some(self.decoded), "a frame is missing"));
            }
            let (decoder, pending) = (&mut self.stream.decoder, &mut self.pending);
            let result = guarded(|| decoder.decode(&packet).map(|sound| sound.copy_to_vecs_planar::<f64>(pending)));
            match result.map_err(|e| cut_off(e, "a packet is cut off")) {
                Ok(()) if self.pending.len() == self.info.channels => {}
                Ok(()) => return Err(damaged(Some(self.decoded), "the number of its channels changes")),
                // what can't be decoded of a lossy stream is silence: its first packet may lean on one that was cut away
                Err(ReadError::Damaged { .. }) if self.kind != Kind::Flac => {
                    self.pending =
                        vec![vec![0.0; sounding(&packet, self.kind).min(1 << 16) as usize]; self.info.channels];
                }
                Err(ReadError::Damaged { why, .. }) => return Err(damaged(Some(self.decoded), &why)),
                Err(e) => return Err(e),
            }
            let frames = self.left();
            if frames > 0 {
                self.decoded += frames as u64;
                return Ok(true);
            }
        }
        Ok(false)
    }
}

impl Stream {
    fn open(file: &Shared, base: u64, kind: Kind) -> Result<Stream, ReadError> {
        // an MP3 is read from front to back: a seekable one would have its length guessed, and cut there
        let tail = file.from(base, kind != Kind::Mp3);
        let format = guarded(|| {
            let bytes = MediaSourceStream::new(Box::new(tail), Default::default());
            Ok::<Box<dyn FormatReader>, Error>(match kind {
                Kind::Flac => Box::new(FlacReader::try_new(bytes, Default::default())?),
                Kind::Mp3 => Box::new(MpaReader::try_new(bytes, Default::default())?),
                Kind::Ogg => Box::new(OggReader::try_new(bytes, Default::default())?),
            })
        })?;
        let found = format.default_track(TrackType::Audio);
        let track = found.ok_or_else(|| ReadError::Unsupported("an Ogg without Vorbis".into()))?;
        let params = track.codec_params.as_ref().and_then(|params| params.audio());
        let params = params.cloned().ok_or(ReadError::NotAudio)?;
        match params.codec {
            CODEC_ID_FLAC if kind == Kind::Flac => {}
            CODEC_ID_MP3 | CODEC_ID_VORBIS => {}
            CODEC_ID_FLAC => return Err(ReadError::Unsupported("FLAC inside Ogg".into())),
            CODEC_ID_OPUS => return Err(ReadError::Unsupported("Opus".into())),
            _ if kind == Kind::Mp3 => return Err(ReadError::Unsupported("MPEG audio other than MP3".into())),
            _ => return Err(ReadError::Unsupported("an Ogg without Vorbis".into())),
        }
        let (track, promised) = (track.id, track.num_frames);
        let options = AudioDecoderOptions::default();
        let decoder = guarded(|| symphonia::default::get_codecs().make_audio_decoder(&params, &options))?;
        Ok(Stream { format, decoder, track, promised, params })
    }

    /// The next packet of the track; `None` at the end.
    fn next(&mut self, kind: Kind) -> Result<Option<Packet>, ReadError> {
        loop {
            let format = &mut self.format;
            return match guarded(|| format.next_packet()) {
                Ok(Some(packet)) if packet.track_id != self.track => continue,
                Ok(packet) => Ok(packet),
                Err(ReadError::Io(e)) if e.kind() == ErrorKind::UnexpectedEof => Ok(None),
                Err(ReadError::Damaged { .. }) if kind != Kind::Flac => Ok(None),
                Err(e) => Err(e),
            };
        }
    }

    /// The length of all packets.
    fn count(&mut self, kind: Kind) -> Result<u64, ReadError> {
        let mut frames = 0u64;
        // no kind's lenience is wanted here but that for lossy streams, and a FLAC of unknown length may end anywhere
        while let Some(packet) = self.next(Kind::Mp3)? {
            frames = frames.saturating_add(sounding(&packet, kind));
        }
        Ok(frames)
    }
}

/// The frames of a packet that are sound, not an encoder's delay or padding.
fn sounding(packet: &Packet, kind: Kind) -> u64 {
    let trimmed = packet.trim_start.get().saturating_add(packet.trim_end.get());
    // symphonia 0.6.1 leaves an MP3 packet's duration as it was before trimming, unlike an Ogg packet's
    if kind == Kind::Mp3 { packet.dur.get().saturating_sub(trimmed) } else { packet.dur.get() }
}

fn described(params: &AudioCodecParameters, kind: Kind) -> Result<Info, ReadError> {
    let count = params.channels.as_ref().map_or(0, |channels| channels.count());
    let (format, codec) = if kind == Kind::Mp3 { ("mp3", "mp3") } else { ("ogg", "vorbis") };
    Ok(Info {
        format,
        codec,
        channels: channels(count as u32)?,
        rate: rate(params.sample_rate.unwrap_or(0))?,
        frames: 0,
        bits: None,
        lossless: false,
        mask: None,
    })
}

fn guarded<T>(work: impl FnOnce() -> Decoded<T>) -> Result<T, ReadError> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(e)) => Err(match e {
            Error::IoError(e) => ReadError::Io(e),
            Error::Unsupported(what) => ReadError::Unsupported(what.into()),
            Error::ResetRequired => ReadError::Unsupported("a chain of several streams".into()),
            Error::DecodeError(why) | Error::LimitError(why) => damaged(None, why),
            other => damaged(None, &other.to_string()),
        }),
        Err(_) => Err(damaged(None, "the decoder gave up on it")),
    }
}

/// A decoder that runs out of bytes means the file, not the disk.
fn cut_off(e: ReadError, why: &str) -> ReadError {
    match e {
        ReadError::Io(e) if e.kind() == ErrorKind::UnexpectedEof => damaged(None, why),
        e => e,
    }
}

fn damaged(frame: Option<u64>, why: &str) -> ReadError {
    ReadError::Damaged { frame, why: why.into() }
}
