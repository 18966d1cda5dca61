use std::io::Read;
use std::path::Path;

use super::ReadError;
use crate::world::World;

/// How much is read and hashed at once.
const PIECE: usize = 1 << 17;

/// BLAKE3 of a file's bytes.
///
/// # Errors
/// [`ReadError::Io`], and [`ReadError::Changed`] when the file was written to meanwhile.
pub fn hash(world: &dyn World, path: &Path) -> Result<[u8; 32], ReadError> {
    let mut input = world.open(path)?;
    let stamp = input.stamp()?;
    let hash = of(&mut input)?;
    if input.stamp()? == stamp { Ok(hash) } else { Err(ReadError::Changed) }
}

/// BLAKE3 of all that is left to read.
pub(super) fn of(input: &mut (impl Read + ?Sized)) -> std::io::Result<[u8; 32]> {
    let mut hasher = blake3::Hasher::new();
    let mut piece = vec![0; PIECE];
    loop {
        match input.read(&mut piece) {
            Ok(0) => return Ok(*hasher.finalize().as_bytes()),
            Ok(n) => drop(hasher.update(&piece[..n])),
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => {}
            Err(e) => return Err(e),
        }
    }
}

/// A hash as it is printed: 64 hexadecimal digits.
pub fn hex(hash: &[u8; 32]) -> String {
    blake3::Hash::from_bytes(*hash).to_hex().to_string()
}
