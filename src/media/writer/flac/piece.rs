//! Blocks that are given out: whoever has time encodes them.

use std::sync::{Arc, Mutex, PoisonError};

use super::frame::Encoder;
use super::settings::Settings;

/// Encoders of one file that nobody uses just now: as many are made as there are blocks encoded at once.
pub(super) struct Spare {
    settings: Settings,
    bits: u32,
    rate: u32,
    idle: Mutex<Vec<Encoder>>,
}

impl Spare {
    pub(super) fn new(settings: Settings, bits: u32, rate: u32) -> Spare {
        Spare { settings, bits, rate, idle: Mutex::default() }
    }

    fn idle(&self) -> std::sync::MutexGuard<'_, Vec<Encoder>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A block of a file that is being written, to be encoded on any thread, in any order.
pub struct Piece {
    pub(super) planes: Vec<Vec<i32>>,
    pub(super) number: u64,
    pub(super) spare: Arc<Spare>,
}

/// A block as it stands in the file.
pub struct Coded(pub(super) Vec<u8>);

impl Piece {
    pub fn encode(&self) -> Coded {
        let Spare { settings, bits, rate, .. } = *self.spare;
        let idle = self.spare.idle().pop();
        let mut encoder = idle.unwrap_or_else(|| Encoder::new(settings, bits, rate));
        let planes: Vec<&[i32]> = self.planes.iter().map(Vec::as_slice).collect();
        let coded = Coded(encoder.frame(&planes, self.number).to_vec());
        self.spare.idle().push(encoder);
        coded
    }
}
