//! FLAC as it lies in a file by itself. Its frames carry their own numbers, so symphonia finds its way to any of them.

use symphonia::core::codecs::audio::AudioDecoder;
use symphonia::core::codecs::audio::AudioDecoderOptions;
use symphonia::core::formats::{FormatReader, SeekMode, SeekTo, TrackType};
use symphonia::core::io::MediaSourceStream;
use symphonia::core::packet::Packet;
use symphonia::core::units::Timestamp;
use symphonia::default::formats::FlacReader;

use super::guard::{damaged, guarded};
use super::{Opened, Stream};
use crate::media::input::Shared;
use crate::media::{ReadError, flac};

struct Flac {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
    channels: usize,
    /// The frame that is decoded next.
    at: u64,
}

pub(super) fn open(file: Shared, base: u64) -> Result<Opened, ReadError> {
    let mut info = flac::read(&file, base)?;
    if info.frames == 0 {
        // its encoder did not know: the packets are counted, without their sound; they may end anywhere
        let mut stream = Flac::new(&file, base, info.channels)?;
        while let Ok(Some(packet)) = stream.packet() {
            info.frames = info.frames.saturating_add(packet.dur.get());
        }
    }
    let stream = Box::new(Flac::new(&file, base, info.channels)?);
    Ok(Opened { info, stream })
}

impl Flac {
    fn new(file: &Shared, base: u64, channels: usize) -> Result<Flac, ReadError> {
        let bytes = MediaSourceStream::new(Box::new(file.from(base)), Default::default());
        let format = guarded(|| FlacReader::try_new(bytes, Default::default()).map(Box::new))?;
        let track = format.default_track(TrackType::Audio).ok_or(ReadError::NotAudio)?;
        let params = track.codec_params.as_ref().and_then(|params| params.audio()).ok_or(ReadError::NotAudio)?;
        let options = AudioDecoderOptions::default();
        let decoder = guarded(|| symphonia::default::get_codecs().make_audio_decoder(params, &options))?;
        Ok(Flac { track: track.id, format, decoder, channels, at: 0 })
    }

    /// The next packet; `None` at the end, also where the last one is cut off.
    fn packet(&mut self) -> Result<Option<Packet>, ReadError> {
        let format = &mut self.format;
        guarded(|| match format.next_packet() {
            Err(symphonia::core::errors::Error::IoError(e)) if e.kind() == std::io::ErrorKind::UnexpectedEof => {
                Ok(None)
            }
            other => other,
        })
    }
}

impl Stream for Flac {
    fn enter(&mut self, frame: u64) -> Result<u64, ReadError> {
        self.decoder.reset();
        let to = SeekTo::Timestamp { ts: Timestamp::new(frame as i64), track_id: self.track };
        let format = &mut self.format;
        let seeked = guarded(|| format.seek(SeekMode::Accurate, to))?;
        self.at = seeked.actual_ts.get().max(0) as u64;
        Ok(self.at)
    }

    fn next(&mut self, planes: &mut Vec<Vec<f64>>) -> Result<bool, ReadError> {
        let Some(packet) = self.packet()? else { return Ok(false) };
        if packet.pts.get() != self.at as i64 {
            return Err(damaged(Some(self.at), "a frame is missing"));
        }
        let decoder = &mut self.decoder;
        let result = guarded(|| decoder.decode(&packet).map(|sound| sound.copy_to_vecs_planar::<f64>(planes)));
        let fits = planes.len() == self.channels;
        planes.resize(self.channels, Vec::new());
        match result {
            Ok(()) if fits => {
                self.at += planes[0].len() as u64;
                Ok(true)
            }
            Ok(()) => Err(damaged(Some(self.at), "the number of its channels changes")),
            Err(ReadError::Damaged { why, .. }) => Err(damaged(Some(self.at), &why)),
            Err(e) => Err(e),
        }
    }
}
