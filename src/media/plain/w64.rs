//! Sony Wave64 ("Sony Pictures Digital Wave 64", 2006): WAV with GUIDs for letters, sizes of 64 bits that count their own heads, and chunks at
//! multiples of eight bytes.

use super::chunks::MOST;
use super::fields::{Fields, Order};
use super::{Shape, Sound, damaged, wave};
use crate::media::ReadError;
use crate::media::input::Shared;

const WAVE: [u8; 16] = guid(b"wave");

/// All but the first chunk's GUIDs are their letters and this.
const fn guid(letters: &[u8; 4]) -> [u8; 16] {
    let [a, b, c, d] = *letters;
    [a, b, c, d, 0xF3, 0xAC, 0xD3, 0x11, 0x8C, 0xD1, 0x00, 0xC0, 0x4F, 0x8E, 0xDB, 0x8A]
}

const FMT: [u8; 16] = guid(b"fmt ");
const DATA: [u8; 16] = guid(b"data");
/// Bytes of a chunk's head: GUID and size.
const HEAD: u64 = 24;

pub(super) fn read(file: &Shared) -> Result<(Shape, Sound), ReadError> {
    let mut head = [0; 40];
    if file.read_at(0, &mut head)? < 40 {
        return Err(damaged("its header is cut off"));
    }
    if head[24..] != WAVE {
        return Err(ReadError::Unsupported("a Wave64 that holds no sound".into()));
    }
    let (mut shape, mut sound) = (None, None);
    let mut at = 40u64;
    for _ in 0..MOST {
        let mut head = [0; HEAD as usize];
        if file.read_at(at, &mut head)? < head.len() {
            break;
        }
        let (body, size) = (at + HEAD, Fields::new(&head, Order::Little).u64(16));
        let is = |guid: [u8; 16]| head[..16] == guid;
        if is(FMT) {
            shape = Some(wave::read(file, body, size.saturating_sub(HEAD), Order::Little, "w64")?);
        } else if is(DATA) {
            // who didn't know when they started wrote a size that is none, or the largest
            let known = (HEAD + 1..i64::MAX as u64).contains(&size) || size == HEAD && !is_sound(file, body)?;
            sound.get_or_insert(Sound { at: body, bytes: known.then(|| size - HEAD), frames: 0 });
        }
        if shape.is_some() && sound.is_some() || size < HEAD {
            break;
        }
        at = match at.checked_add(size).and_then(|end| end.checked_next_multiple_of(8)) {
            Some(next) if next < file.length => next,
            _ => break,
        };
    }
    let shape = shape.ok_or_else(|| damaged("it has no fmt chunk"))?;
    Ok((shape, sound.ok_or_else(|| damaged("it has no data chunk"))?))
}

/// Whether something other than a chunk begins at byte `at`.
fn is_sound(file: &Shared, at: u64) -> Result<bool, ReadError> {
    let mut guid = [0; 16];
    Ok(file.read_at(at, &mut guid)? > 0 && guid[4..] != WAVE[4..])
}
