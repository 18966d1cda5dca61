//! What is remembered on disk: one small file a key, and the proof in it that it is whole.

use std::path::{Path, PathBuf};

/// The form of an entry; another form is computed anew.
const HEAD: &[u8; 8] = b"mixdown\x01";
const SEAL: usize = 32;
/// No entry is longer: what is, somebody else put there.
pub(super) const MOST: u64 = 1 << 20;

/// Where entries lie below the cache folder.
pub(super) const ENTRIES: &str = "surveys";

/// The file of a key: `surveys/ab/ab…` below the cache folder.
pub(super) fn place(folder: &Path, key: &[u8; 32]) -> PathBuf {
    let name = blake3::Hash::from_bytes(*key).to_hex();
    folder.join(ENTRIES).join(&name[..2]).join(name.as_str())
}

/// An entry as it is written: head, BLAKE3 of key and bytes, bytes.
pub(super) fn seal(key: &[u8; 32], bytes: &[u8]) -> Vec<u8> {
    [HEAD.as_slice(), of(key, bytes).as_bytes(), bytes].concat()
}

/// What was sealed; `None` for an entry that is damaged, of another form or of another key.
pub(super) fn unseal(key: &[u8; 32], entry: &[u8]) -> Option<Vec<u8>> {
    let (seal, bytes) = entry.strip_prefix(HEAD.as_slice())?.split_at_checked(SEAL)?;
    (seal == of(key, bytes).as_bytes()).then(|| bytes.to_vec())
}

fn of(key: &[u8; 32], bytes: &[u8]) -> blake3::Hash {
    blake3::Hasher::new_keyed(key).update(bytes).finalize()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::world::{Disk, World};

    #[test]
    fn any_damage_is_seen() {
        let entry = seal(&[7; 32], b"sound");
        assert_eq!(unseal(&[7; 32], &entry).as_deref(), Some(b"sound".as_slice()));
        assert_eq!(unseal(&[8; 32], &entry), None, "of another key");
        for at in 0..entry.len() {
            let mut damaged = entry.clone();
            damaged[at] ^= 1;
            assert_eq!(unseal(&[7; 32], &damaged), None, "byte {at}");
            assert_eq!(unseal(&[7; 32], &entry[..at]), None, "cut at {at}");
        }
        assert_eq!(unseal(&[7; 32], &[entry, vec![0]].concat()), None, "longer");
    }

    #[test]
    fn what_is_remembered_is_recalled_by_another_run() {
        let base = tempfile::tempdir().unwrap();
        let disk = Disk::new(base.path()).remembering("cache");
        assert_eq!(disk.recall(&[1; 32]), None);
        disk.remember(&[1; 32], b"one");
        disk.remember(&[1; 32], b"won");
        let again = Disk::new(base.path()).remembering("cache");
        assert_eq!(again.recall(&[1; 32]).as_deref(), Some(b"won".as_slice()));
        assert_eq!(again.recall(&[2; 32]), None);
        assert_eq!(Disk::new(base.path()).recall(&[1; 32]), None, "without a cache");
        Disk::new(base.path()).remember(&[3; 32], b"nowhere");
        let file = place(&base.path().join("cache"), &[1; 32]);
        assert_eq!(fs::read_dir(file.parent().unwrap()).unwrap().count(), 1, "nothing temporary is left");

        fs::write(&file, b"foreign").unwrap();
        assert_eq!(again.recall(&[1; 32]), None);
        again.remember(&[1; 32], b"one");
        assert_eq!(again.recall(&[1; 32]).as_deref(), Some(b"one".as_slice()));
        fs::write(&file, vec![0; MOST as usize + 1]).unwrap();
        assert_eq!(again.recall(&[1; 32]), None);
    }

    #[test]
    fn a_cache_that_cannot_be_is_none() {
        let base = tempfile::tempdir().unwrap();
        fs::write(base.path().join("file"), "in the way").unwrap();
        let disk = Disk::new(base.path()).remembering("file");
        disk.remember(&[1; 32], b"one");
        assert_eq!(disk.recall(&[1; 32]), None);
    }

    #[test]
    fn many_at_once_are_no_danger() {
        let base = tempfile::tempdir().unwrap();
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    let disk = Disk::new(base.path()).remembering("cache");
                    for _ in 0..50 {
                        disk.remember(&[1; 32], b"the same");
                        assert_eq!(disk.recall(&[1; 32]).as_deref(), Some(b"the same".as_slice()));
                    }
                });
            }
        });
        let folder = place(&base.path().join("cache"), &[1; 32]);
        assert_eq!(fs::read_dir(folder.parent().unwrap()).unwrap().count(), 1);
    }
}
