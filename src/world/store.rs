//! What a world keeps of finished work: pieces of sound and exact states, each under a key that says all that it is computed from.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// What names an object.
pub(super) type Key = [u8; 32];

/// Objects of finished work, as one run sees them: those that were there when it was opened. Anything in it may get lost at any time and is computed
/// again then.
pub trait Store: Send + Sync {
    /// Whether there is an object of this key: [`Store::get`] may still find it damaged.
    fn has(&self, key: &Key) -> bool;

    /// The object, instead of what `into` held. False when there is none or it is not just what was put: it is not there from then on.
    fn get(&self, key: &Key, into: &mut Vec<u8>) -> bool;

    /// Takes an object, which is these parts in a row, for later runs. What cannot be kept is dropped.
    fn put_parts(&self, key: &Key, parts: &[&[u8]]);

    /// The same of one part.
    fn put(&self, key: &Key, bytes: &[u8]) {
        self.put_parts(key, &[bytes]);
    }

    /// Lets later runs see what was put; without this call all of that is gone. To be called once, when it is known that nothing it was computed
    /// from has changed meanwhile.
    fn keep(&self);
}

/// What a folder of packs holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stock {
    pub packs: usize,
    pub objects: usize,
    pub bytes: u64,
    /// Objects that are not what was put, where that was looked for.
    pub damaged: usize,
}

/// The objects of a world in memory.
pub(super) type Shelf = Arc<Mutex<BTreeMap<Key, Arc<[u8]>>>>;

/// A store in memory, for tests.
pub(super) struct MemoryStore {
    pub(super) shelf: Shelf,
    /// As it was opened.
    seen: BTreeMap<Key, Arc<[u8]>>,
    new: Mutex<BTreeMap<Key, Arc<[u8]>>>,
}

impl MemoryStore {
    pub(super) fn open(shelf: &Shelf) -> MemoryStore {
        let seen = shelf.lock().unwrap_or_else(PoisonError::into_inner).clone();
        MemoryStore { shelf: shelf.clone(), seen, new: Mutex::default() }
    }
}

impl Store for MemoryStore {
    fn has(&self, key: &Key) -> bool {
        self.seen.contains_key(key)
    }

    fn get(&self, key: &Key, into: &mut Vec<u8>) -> bool {
        let Some(bytes) = self.seen.get(key) else { return false };
        into.clear();
        into.extend_from_slice(bytes);
        true
    }

    fn put_parts(&self, key: &Key, parts: &[&[u8]]) {
        self.new.lock().unwrap_or_else(PoisonError::into_inner).insert(*key, parts.concat().into());
    }

    fn keep(&self) {
        let mut new = self.new.lock().unwrap_or_else(PoisonError::into_inner);
        self.shelf.lock().unwrap_or_else(PoisonError::into_inner).append(&mut new);
    }
}
