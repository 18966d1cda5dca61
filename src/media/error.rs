use std::{fmt, io};

use super::stranger::Stranger;

/// What can be read, in the order in which it is told.
pub const READABLE: &str = "WAV, RF64, Wave64, AIFF, CAF, AU, FLAC, MP3, M4A (AAC, ALAC), Ogg Vorbis and Opus";

/// Why a file can't be read as audio.
#[derive(Debug)]
pub enum ReadError {
    /// The file system refused.
    Io(io::Error),
    /// Nothing in it looks like audio.
    NotAudio,
    /// It is audio, of a kind that is not read: named here.
    Unsupported(String),
    /// The text that Git LFS leaves in the place of a file that was not fetched.
    LfsPointer,
    /// The text that git-annex leaves there.
    AnnexPointer,
    /// It is something else, which is known by its first bytes.
    Stranger(Stranger),
    /// No bytes, or no frames.
    Empty,
    /// It ends early: frames by its header, frames there.
    Truncated { expected: u64, found: u64 },
    /// More channels than [`Layout::MOST`](crate::audio::Layout::MOST).
    TooManyChannels(u32),
    /// A channel was asked for, counted from 1, that it does not have.
    NoChannel { asked: usize, channels: usize },
    /// A sample rate outside 8 kHz to 384 kHz.
    Rate(u32),
    /// Its bytes contradict its own format, near this frame where that is known.
    Damaged { frame: Option<u64>, why: String },
    /// It was written to while it was read.
    Changed,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ReadError::Io(e) => match e.kind() {
                io::ErrorKind::NotFound => f.write_str("there is no such file"),
                io::ErrorKind::PermissionDenied => f.write_str("it may not be read: permission denied"),
                io::ErrorKind::IsADirectory => f.write_str("it is a folder, not an audio file"),
                io::ErrorKind::InvalidInput => f.write_str("it is a pipe or a device, not a file"),
                _ => write!(f, "it can't be read: {e}"),
            },
            ReadError::NotAudio => write!(f, "it isn't audio; {READABLE} can be read"),
            ReadError::Unsupported(what) => write!(f, "{what} can't be read; {READABLE} can"),
            ReadError::LfsPointer => f.write_str("it is a Git LFS pointer, not the audio itself"),
            ReadError::AnnexPointer => f.write_str("it is a git-annex pointer, not the audio itself"),
            ReadError::Stranger(stranger) => write!(f, "it is {}, not audio", stranger.called()),
            ReadError::Empty => f.write_str("it holds no audio"),
            ReadError::Truncated { expected, found } => write!(
                f,
                "it ends early: its header promises {expected} frames, {found} are there, {} are missing",
                expected.saturating_sub(*found)
            ),
            ReadError::TooManyChannels(channels) => write!(f, "it has {channels} channels; 16 is the most"),
            ReadError::NoChannel { asked, channels: 1 } => write!(f, "it is mono: it has no channel {asked}"),
            ReadError::NoChannel { asked, channels } => write!(f, "it has {channels} channels, and no channel {asked}"),
            ReadError::Rate(hz) => write!(f, "its sample rate is {hz} Hz; 8 kHz to 384 kHz can be read"),
            ReadError::Damaged { frame: Some(frame), why } => write!(f, "it is damaged near frame {frame}: {why}"),
            ReadError::Damaged { frame: None, why } => write!(f, "it is damaged: {why}"),
            ReadError::Changed => f.write_str("it was changed while it was read"),
        }
    }
}

impl std::error::Error for ReadError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let ReadError::Io(e) = self { Some(e) } else { None }
    }
}

impl From<io::Error> for ReadError {
    fn from(e: io::Error) -> ReadError {
        ReadError::Io(e)
    }
}

/// Why a file can't be written.
#[derive(Debug)]
pub enum WriteError {
    Io(io::Error),
    /// What the format can't hold.
    Unsupported(String),
    /// Other than the promised number of frames were given.
    Length {
        promised: u64,
        given: u64,
    },
    /// The encoder refused.
    Encoder(String),
}

impl fmt::Display for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            WriteError::Io(e) => match e.kind() {
                io::ErrorKind::StorageFull => f.write_str("the disk is full"),
                // of our own: why
                _ if e.get_ref().is_some() => write!(f, "{e}"),
                io::ErrorKind::PermissionDenied => f.write_str("it may not be written: permission denied"),
                io::ErrorKind::IsADirectory => f.write_str("a folder of this name is in the way"),
                io::ErrorKind::NotADirectory | io::ErrorKind::AlreadyExists => {
                    f.write_str("a file is in the way where its folder should be")
                }
                _ => write!(f, "it can't be written: {e}"),
            },
            WriteError::Unsupported(what) => f.write_str(what),
            WriteError::Length { promised, given } => write!(f, "{given} frames were given for a file of {promised}"),
            WriteError::Encoder(why) => write!(f, "the encoder refused: {why}"),
        }
    }
}

impl std::error::Error for WriteError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let WriteError::Io(e) = self { Some(e) } else { None }
    }
}

impl From<io::Error> for WriteError {
    fn from(e: io::Error) -> WriteError {
        WriteError::Io(e)
    }
}
