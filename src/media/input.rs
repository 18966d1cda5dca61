use std::io::{self, Read, Seek, SeekFrom};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use symphonia::core::io::MediaSource;

use crate::world::{Input, Stamp};

/// A file that a decoder reads while its reader keeps an eye on it: both hold it.
#[derive(Clone)]
pub(super) struct Shared {
    input: Arc<Mutex<Box<dyn Input>>>,
    pub(super) length: u64,
    stamp: Stamp,
}

impl Shared {
    pub(super) fn new(input: Box<dyn Input>) -> io::Result<Shared> {
        let (length, stamp) = (input.length()?, input.stamp()?);
        Ok(Shared { input: Arc::new(Mutex::new(input)), length, stamp })
    }

    fn lock(&self) -> MutexGuard<'_, Box<dyn Input>> {
        self.input.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Fills `into` from byte `at` on, as far as the file goes.
    pub(super) fn read_at(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        let mut input = self.lock();
        input.seek(SeekFrom::Start(at))?;
        let mut filled = 0;
        while filled < into.len() {
            match input.read(&mut into[filled..]) {
                Ok(0) => break,
                Ok(n) => filled += n,
                Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
                Err(e) => return Err(e),
            }
        }
        Ok(filled)
    }

    /// Whether the file is still what it was when it was opened.
    pub(super) fn unchanged(&self) -> io::Result<bool> {
        Ok(self.lock().stamp()? == self.stamp)
    }

    /// What follows byte `base`, as a decoder wants it.
    pub(super) fn from(&self, base: u64) -> Tail {
        Tail { shared: self.clone(), base, at: 0 }
    }
}

/// The part of a file after its tags.
pub(super) struct Tail {
    shared: Shared,
    base: u64,
    at: u64,
}

impl Read for Tail {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let n = self.shared.read_at(self.base.saturating_add(self.at), into)?;
        self.at += n as u64;
        Ok(n)
    }
}

impl Seek for Tail {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let length = self.shared.length.saturating_sub(self.base);
        let to = match to {
            SeekFrom::Start(at) => Some(at),
            SeekFrom::Current(by) => self.at.checked_add_signed(by),
            SeekFrom::End(by) => length.checked_add_signed(by),
        };
        self.at = to.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.at)
    }
}

impl MediaSource for Tail {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.shared.length.saturating_sub(self.base))
    }
}
