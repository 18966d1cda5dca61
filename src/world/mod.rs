//! The one seam to the outside: scripts, audio, outputs and what is remembered. No clock. The whole pipeline runs on [`Memory`] in tests, on [`Disk`] for people.

mod cache;
mod disk;
mod memory;
mod overlay;
mod packs;
mod part;
mod store;

pub use disk::Disk;
pub use memory::Memory;
pub use overlay::Overlay;
pub use store::{Stock, Store};

use std::io::{self, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Bytes of a text file: what is longer is no script.
pub const MOST_TEXT: u64 = 1 << 20;

/// What can be read from and written to. Paths are relative to the world's own folder (the current one on disk) or absolute.
///
/// Errors are the operating system's kinds: `NotFound`, `PermissionDenied`, `IsADirectory`, `StorageFull` …, so that the floors above can say
/// what happened in audio words.
pub trait World: Sync {
    /// A whole text file. `InvalidData` when it is not UTF-8, `FileTooLarge` beyond [`MOST_TEXT`].
    fn read_text(&self, path: &Path) -> io::Result<String>;

    /// A file to read from anywhere in it.
    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>>;

    /// The names in a folder, sorted: for "did you mean".
    fn list(&self, folder: &Path) -> io::Result<Vec<String>>;

    fn exists(&self, path: &Path) -> bool;

    /// Where a link of this name leads, whether there is something or not; `None` for what is no link.
    fn link(&self, _path: &Path) -> Option<PathBuf> {
        None
    }

    /// A new file that appears under `path`, whole, when it is committed; until then what was there before stays. Makes missing folders.
    /// Dropped without a commit, it leaves nothing.
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>>;

    /// Two names of one file compare equal: the path with its links resolved where it exists, made plain where not.
    fn canonical(&self, path: &Path) -> PathBuf;

    /// Removes what killed runs left half written below `folder`.
    fn sweep(&self, folder: &Path) -> io::Result<()>;

    /// What was last remembered under `key`, whole; `None` when there is nothing, or no longer just that.
    fn recall(&self, _key: &[u8; 32]) -> Option<Vec<u8>> {
        None
    }

    /// Keeps something small for later runs, where this world keeps anything. It may get lost: `key` must say all that it is computed from, so
    /// that it can be computed again.
    fn remember(&self, _key: &[u8; 32], _bytes: &[u8]) {}

    /// Whether this world keeps finished work.
    fn stores(&self) -> bool {
        false
    }

    /// The store of finished work as it is now, where this world has one.
    fn store(&self) -> Option<Box<dyn Store>> {
        None
    }
}

/// A file that is being read.
pub trait Input: Read + Seek + Send + Sync {
    /// Its length in bytes now.
    fn length(&self) -> io::Result<u64>;

    /// What tells whether the file was changed since: equal stamps, same content.
    fn stamp(&self) -> io::Result<Stamp>;

    /// Whether the last change is so long ago that the next one must give another stamp: clocks of file systems tick in steps.
    fn settled(&self) -> bool {
        false
    }
}

/// A file that is being written.
pub trait Output: Read + Write + Seek + Send {
    /// Puts the finished file under its name: flushed, synced, renamed.
    fn commit(self: Box<Self>) -> io::Result<()>;
}

/// Length and times of a file, as opaque numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    pub length: u64,
    pub modified: i128,
    pub changed: i128,
    pub inode: u64,
}

/// `path` as seen from `folder`, without `.` and with `..` resolved by name: what a path in a script means.
pub fn join(folder: &Path, path: &Path) -> PathBuf {
    use std::path::Component;
    let mut joined = if path.is_absolute() { PathBuf::new() } else { folder.to_path_buf() };
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => match joined.components().next_back() {
                Some(Component::Normal(_)) => {
                    joined.pop();
                }
                Some(Component::RootDir) => {}
                _ => joined.push(".."),
            },
            part => joined.push(part.as_os_str()),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joining_resolves_dots() {
        let j = |a: &str, b: &str| join(Path::new(a), Path::new(b)).to_string_lossy().into_owned();
        assert_eq!(j("songs/a", "audio/x.wav"), "songs/a/audio/x.wav");
        assert_eq!(j("songs/a", "../b/./x.wav"), "songs/b/x.wav");
        assert_eq!(j("", "../x.wav"), "../x.wav");
        assert_eq!(j("..", "../x.wav"), "../../x.wav");
        assert_eq!(j("/a", "../../x"), "/x");
        assert_eq!(j("a", "/x"), "/x");
    }
}
