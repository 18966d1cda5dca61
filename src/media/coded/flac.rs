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
    file: Shared,
    base: u64,
    channels: usize,
    reader: Reader,
    /// It may be entered in the middle: the file's own index holds, and no piece of it is missing.
    leaps: bool,
    /// The frame that is decoded next.
    at: u64,
    /// What was decoded to see that the way in was right.
    first: Option<Vec<Vec<f64>>>,
}

struct Reader {
    format: Box<dyn FormatReader>,
    decoder: Box<dyn AudioDecoder>,
    track: u32,
}

pub(super) fn open(file: Shared, base: u64, allow_truncated: bool) -> Result<Opened, ReadError> {
    let mut info = flac::read(&file, base)?;
    let leaps = !allow_truncated && flac::index_holds(&file, base)?;
    if info.frames == 0 {
        // its encoder did not know: the packets are counted, without their sound; they may end anywhere
        let mut reader = Reader::new(&file, base)?;
        while let Ok(Some(packet)) = reader.packet() {
            info.frames = info.frames.saturating_add(packet.dur.get());
        }
    }
    let reader = Reader::new(&file, base)?;
    let stream = Box::new(Flac { file, base, channels: info.channels, reader, leaps, at: 0, first: None });
    Ok(Opened { info, stream })
}

impl Reader {
    fn new(file: &Shared, base: u64) -> Result<Reader, ReadError> {
        let bytes = MediaSourceStream::new(Box::new(file.from(base)), Default::default());
        let format = guarded(|| FlacReader::try_new(bytes, Default::default()).map(Box::new))?;
        let track = format.default_track(TrackType::Audio).ok_or(ReadError::NotAudio)?;
        let params = track.codec_params.as_ref().and_then(|params| params.audio()).ok_or(ReadError::NotAudio)?;
        let options = AudioDecoderOptions::default();
        let decoder = guarded(|| symphonia::default::get_codecs().make_audio_decoder(params, &options))?;
        Ok(Reader { track: track.id, format, decoder })
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

impl Flac {
    fn restart(&mut self) -> Result<(), ReadError> {
        self.reader = Reader::new(&self.file, self.base)?;
        (self.at, self.first) = (0, None);
        Ok(())
    }

    /// Decodes the frame that holds `frame` and says where it begins. `None` where it is not found: its bytes are not there, something else looks
    /// like it, or the file's own index is wrong. Then whoever reads from the beginning knows what is there.
    fn leap(&mut self, frame: u64) -> Result<Option<u64>, ReadError> {
        if frame < self.at {
            // symphonia 0.6.1 goes back to the first frame with the number of the last one in mind, and takes none below it
            self.restart()?;
        }
        let Reader { format, decoder, track } = &mut self.reader;
        decoder.reset();
        let to = SeekTo::Timestamp { ts: Timestamp::new(frame as i64), track_id: *track };
        let Ok(seeked) = guarded(|| format.seek(SeekMode::Accurate, to)) else { return Ok(None) };
        let from = seeked.actual_ts.get().max(0) as u64;
        (self.at, self.first) = (from, None);
        let mut first = vec![Vec::new(); self.channels];
        if from > frame || !matches!(self.next(&mut first), Ok(true)) {
            return Ok(None);
        }
        self.first = Some(first);
        Ok(Some(from))
    }
}

impl Stream for Flac {
    fn enter(&mut self, frame: u64) -> Result<u64, ReadError> {
        if self.leaps
            && let Some(from) = self.leap(frame)?
        {
            return Ok(from);
        }
        self.restart()?;
        Ok(0)
    }

    fn next(&mut self, planes: &mut Vec<Vec<f64>>) -> Result<bool, ReadError> {
        if let Some(first) = self.first.take() {
            *planes = first;
            return Ok(true);
        }
        let Some(packet) = self.reader.packet()? else { return Ok(false) };
        if packet.pts.get() != self.at as i64 {
            return Err(damaged(Some(self.at), "a frame is missing"));
        }
        let decoder = &mut self.reader.decoder;
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
