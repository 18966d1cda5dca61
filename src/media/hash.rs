use std::io::{self, Read};
use std::path::Path;

use super::ReadError;
use super::writer::Finished;
use crate::world::{Stamp, World};

/// How much is read and hashed at once.
const PIECE: usize = 1 << 17;

/// Asked between pieces of a long file: true ends the work on it.
pub type Stopped<'a> = &'a (dyn Fn() -> bool + Sync);

/// What shows any change of a file's bytes: XXH3 of 128 bits. `None` for a file that cannot be read, or when it is stopped.
pub fn seal(world: &dyn World, path: &Path, stopped: Stopped<'_>) -> Option<u128> {
    sealed(&mut world.open(path).ok()?, stopped).ok()
}

fn sealed(input: &mut (impl Read + ?Sized), stopped: Stopped<'_>) -> io::Result<u128> {
    let mut hasher = xxhash_rust::xxh3::Xxh3::new();
    pieces(input, stopped, |piece| hasher.update(piece))?;
    Ok(hasher.digest128())
}

/// What a file holds, as long as its stamp is this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Content {
    /// As [`seal`] finds it.
    pub seal: u128,
    pub stamp: Stamp,
}

impl Content {
    /// Whether the file of this path is still the same.
    pub fn holds(&self, world: &dyn World, path: &Path) -> bool {
        seen(world, path).is_ok_and(|(stamp, _)| stamp == self.stamp)
    }
}

/// The [`seal`] of a file, recalled when it is the one it was: the same real path, length, times and inode. A file that was changed just now is
/// not remembered: a change within the same tick of its file system's clock would not show.
///
/// # Errors
/// [`ReadError::Io`], and [`ReadError::Changed`] when the file was written to meanwhile.
pub fn content(world: &dyn World, path: &Path) -> Result<Content, ReadError> {
    content_unless(world, path, &|| false)
}

/// As [`content`]; when it is stopped, an error that means nothing else.
pub fn content_unless(world: &dyn World, path: &Path, stopped: Stopped<'_>) -> Result<Content, ReadError> {
    let (stamp, settled) = seen(world, path)?;
    let mut key = blake3::Hasher::new_derive_key("mixdown: content of a file, 2");
    let real = world.canonical(path);
    let name = real.as_os_str().as_encoded_bytes();
    key.update(&(name.len() as u64).to_le_bytes()).update(name);
    key.update(&stamp.length.to_le_bytes()).update(&stamp.inode.to_le_bytes());
    key.update(&stamp.modified.to_le_bytes()).update(&stamp.changed.to_le_bytes());
    let key = *key.finalize().as_bytes();
    if let Some(seal) = world.recall(&key).and_then(|bytes| bytes.try_into().ok()) {
        return Ok(Content { seal: u128::from_le_bytes(seal), stamp });
    }
    let mut input = world.open(path)?;
    let before = input.stamp()?;
    let content = Content { seal: sealed(&mut input, stopped)?, stamp };
    if input.stamp()? != before || !content.holds(world, path) {
        return Err(ReadError::Changed);
    }
    if settled {
        world.remember(&key, &content.seal.to_le_bytes());
    }
    Ok(content)
}

fn seen(world: &dyn World, path: &Path) -> Result<(Stamp, bool), ReadError> {
    let input = world.open(path)?;
    Ok((input.stamp()?, input.settled()))
}

/// The [`seal`] of a file, and its BLAKE3 in hexadecimal. `None` for a file that cannot be read, or when it is stopped.
pub fn digests(world: &dyn World, path: &Path, stopped: Stopped<'_>) -> Option<(u128, String)> {
    let digests = Digests::of(&mut world.open(path).ok()?, true, stopped).ok()?;
    let Finished { seal, hash, .. } = digests.finish(0);
    Some((seal, hash))
}

/// What a file that is being written is known by: its [`seal`], and its BLAKE3 where that is told.
pub(super) struct Digests {
    hash: Option<blake3::Hasher>,
    seal: xxhash_rust::xxh3::Xxh3,
}

impl Digests {
    pub(super) fn new(told: bool) -> Digests {
        Digests { hash: told.then(blake3::Hasher::new), seal: xxhash_rust::xxh3::Xxh3::new() }
    }

    /// Of all that is left to read.
    pub(super) fn of(input: &mut (impl Read + ?Sized), told: bool, stopped: Stopped<'_>) -> io::Result<Digests> {
        let mut digests = Digests::new(told);
        pieces(input, stopped, |piece| digests.add(piece))?;
        Ok(digests)
    }

    pub(super) fn add(&mut self, bytes: &[u8]) {
        if let Some(hash) = &mut self.hash {
            hash.update(bytes);
        }
        self.seal.update(bytes);
    }

    /// A file of so many bytes.
    pub(super) fn finish(&self, bytes: u64) -> Finished {
        let hash = self.hash.as_ref().map_or(String::new(), |hash| hash.finalize().to_hex().to_string());
        Finished { hash, seal: self.seal.digest128(), bytes }
    }
}

/// Reads to the end, a piece at a time.
fn pieces(input: &mut (impl Read + ?Sized), stopped: Stopped<'_>, mut each: impl FnMut(&[u8])) -> io::Result<()> {
    let mut piece = vec![0; PIECE];
    loop {
        if stopped() {
            return Err(io::Error::other("stopped"));
        }
        match input.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(n) => each(&piece[..n]),
            Err(e) if e.kind() == io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// A hash as it is printed: 64 hexadecimal digits.
pub fn hex(hash: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}
