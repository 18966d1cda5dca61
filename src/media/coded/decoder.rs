use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};

use super::guard::{damaged, guarded};
use crate::media::ReadError;

/// What symphonia needs to know of a codec, and a decoder made of it as often as one is wanted.
pub(super) struct Decoder {
    params: AudioCodecParameters,
    decoder: Box<dyn AudioDecoder>,
    channels: usize,
}

impl Decoder {
    /// `extra` is what a container keeps for the codec: an AudioSpecificConfig, a magic cookie, a STREAMINFO, Vorbis headers.
    pub(super) fn new(codec: AudioCodecId, rate: u32, channels: usize, extra: &[u8]) -> Result<Decoder, ReadError> {
        let mut params = AudioCodecParameters::new();
        params.for_codec(codec).with_sample_rate(rate);
        if !extra.is_empty() {
            params.with_extra_data(extra.into());
        }
        let decoder = make(&params)?;
        Ok(Decoder { params, decoder, channels })
    }

    /// As if it had decoded nothing yet.
    pub(super) fn restart(&mut self) -> Result<(), ReadError> {
        // a reset would leave the random numbers of AAC where they are
        self.decoder = make(&self.params)?;
        Ok(())
    }

    /// As `restart`, for codecs whose `reset` forgets all.
    pub(super) fn reset(&mut self) {
        self.decoder.reset();
    }

    /// Decodes a packet into `planes`, one for each channel, and returns its frames; after an error they are empty.
    pub(super) fn decode(&mut self, packet: &[u8], planes: &mut Vec<Vec<f64>>) -> Result<usize, ReadError> {
        let packet = PacketRef::new(0, Timestamp::ZERO, Duration::ZERO, packet);
        let decoder = &mut self.decoder;
        let result = guarded(|| decoder.decode_ref(&packet).map(|sound| sound.copy_to_vecs_planar::<f64>(planes)));
        let fits = planes.len() == self.channels;
        // broken tables can make a decoder give what is no number
        let sound = planes.iter().flatten().all(|sample| sample.is_finite());
        if result.is_err() || !fits || !sound {
            planes.clear();
            planes.resize(self.channels, Vec::new());
        }
        match result {
            Ok(()) if fits && sound => Ok(planes[0].len()),
            Ok(()) if fits => Err(damaged(None, "its samples are no numbers")),
            Ok(()) => Err(damaged(None, "the number of its channels changes")),
            Err(e) => Err(e),
        }
    }
}

fn make(params: &AudioCodecParameters) -> Result<Box<dyn AudioDecoder>, ReadError> {
    let options = AudioDecoderOptions::default();
    guarded(|| symphonia::default::get_codecs().make_audio_decoder(params, &options))
}
