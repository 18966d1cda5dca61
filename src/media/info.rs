use super::ReadError;
use crate::audio::Layout;
use crate::units::Rate;

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Info {
    /// `wav`, `w64`, `aiff`, `caf`, `au`, `flac`, `mp3` (`mp2`, `mp1`), `aac`, `mp4`, `ogg`.
    pub format: &'static str,
    /// As ffmpeg calls it: `pcm_s16le`, `pcm_s24le`, `pcm_f32le`, `flac`, `alac`, `mp3`, `aac`, `vorbis`, `opus` …
    pub codec: &'static str,
    /// 1 to 16.
    pub channels: usize,
    pub rate: Rate,
    /// Exact, encoder delay and padding taken off where the file tells them.
    pub frames: u64,
    /// Bits of an integer sample; `None` for floating point and lossy codecs.
    pub bits: Option<u32>,
    pub lossless: bool,
    /// A WAV's own channel mask (the `dwChannelMask` of WAVEFORMATEXTENSIBLE), where it has one.
    pub mask: Option<u32>,
}

impl Info {
    pub fn seconds(&self) -> f64 {
        self.frames as f64 / self.rate.hz()
    }
}

/// `channels` within 1 to 16.
pub(super) fn channels(channels: u32) -> Result<usize, ReadError> {
    match channels as usize {
        0 => Err(ReadError::Damaged { frame: None, why: "its header says 0 channels".into() }),
        n if n > Layout::MOST => Err(ReadError::TooManyChannels(channels)),
        n => Ok(n),
    }
}

pub(super) fn rate(hz: u32) -> Result<Rate, ReadError> {
    Rate::new(hz).ok_or(ReadError::Rate(hz))
}
