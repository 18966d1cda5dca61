//! What the store keeps of a run, as bytes: taps as f32, [exact sums](super::whole) as whole numbers, states.

use super::slots::Slot;
use crate::graph::Key;
use crate::graph::plan::Point;

/// What an object is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A segment of a tap.
    Tap(Point),
    /// What a strip was after a segment.
    State,
    /// A segment of a sum.
    Sum,
}

/// The key of an object that belongs to a node's or sum's key: those are even noise, so another one differs in its last byte as well as in any.
pub(super) fn object(key: &Key, kind: Kind) -> Key {
    let mut key = *key;
    key[31] ^= match kind {
        Kind::Tap(point) => 0x10 | point as u8,
        Kind::State => 0x20,
        Kind::Sum => 0x30,
    };
    key
}

const SILENT: u8 = 0;
const FLOATS: u8 = 1;

/// A segment of a tap: a byte that says what it is, then channels × frames of f32 as the machine has them.
pub(super) fn tap_parts(slot: &Slot) -> [&[u8]; 2] {
    if slot.silent { [&[SILENT], &[]] } else { [&[FLOATS], bytemuck::cast_slice(slot.samples())] }
}

/// False for bytes that are no such tap.
pub(super) fn get_tap(bytes: &[u8], slot: &mut Slot) -> bool {
    match bytes.split_first() {
        Some((&SILENT, [])) => {
            slot.silent = true;
            slot.samples_mut().fill(0.0);
            true
        }
        Some((&FLOATS, samples)) if samples.len() == size_of_val(slot.samples()) => {
            slot.silent = false;
            bytemuck::cast_slice_mut(slot.samples_mut()).copy_from_slice(samples);
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_of_one_key_have_keys_of_their_own() {
        let kinds = [Kind::Tap(Point::Input), Kind::Tap(Point::Post), Kind::State, Kind::Sum];
        let keys = kinds.map(|kind| object(&[7; 32], kind));
        assert!(keys.iter().enumerate().all(|(i, key)| !keys[..i].contains(key)));
    }
}
