use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use super::{Input, Output, Stamp, World, join};

/// A world in memory, for tests: files are byte strings, writes appear when committed.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: Arc<Mutex<BTreeMap<PathBuf, Arc<[u8]>>>>,
}

impl Memory {
    pub fn new() -> Memory {
        Memory::default()
    }

    pub fn put(&self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) {
        self.lock().insert(plain(path.as_ref()), bytes.into().into());
    }

    pub fn get(&self, path: impl AsRef<Path>) -> Option<Arc<[u8]>> {
        self.lock().get(&plain(path.as_ref())).cloned()
    }

    pub fn remove(&self, path: impl AsRef<Path>) {
        self.lock().remove(&plain(path.as_ref()));
    }

    /// All paths, sorted.
    pub fn paths(&self) -> Vec<PathBuf> {
        self.lock().keys().cloned().collect()
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, BTreeMap<PathBuf, Arc<[u8]>>> {
        self.files.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }

    fn find(&self, path: &Path) -> io::Result<Arc<[u8]>> {
        let path = plain(path);
        let files = self.lock();
        if let Some(bytes) = files.get(&path) {
            return Ok(bytes.clone());
        }
        let folder = files.keys().any(|k| k.starts_with(&path));
        Err(if folder { io::ErrorKind::IsADirectory } else { io::ErrorKind::NotFound }.into())
    }
}

fn plain(path: &Path) -> PathBuf {
    join(Path::new(""), path)
}

impl World for Memory {
    fn read_text(&self, path: &Path) -> io::Result<String> {
        String::from_utf8(self.find(path)?.to_vec()).map_err(|_| io::ErrorKind::InvalidData.into())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        Ok(Box::new(MemoryInput(Cursor::new(self.find(path)?))))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let folder = plain(folder);
        let mut names: Vec<String> = self
            .lock()
            .keys()
            .filter_map(|k| k.strip_prefix(&folder).ok()?.components().next())
            .map(|c| c.as_os_str().to_string_lossy().into_owned())
            .collect();
        names.dedup();
        if names.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(names) }
    }

    fn exists(&self, path: &Path) -> bool {
        let path = plain(path);
        self.lock().keys().any(|k| k.starts_with(&path))
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        Ok(Box::new(MemoryOutput { world: self.clone(), path: plain(path), bytes: Cursor::new(Vec::new()) }))
    }

    fn canonical(&self, path: &Path) -> PathBuf {
        plain(path)
    }

    fn sweep(&self, _: &Path) -> io::Result<()> {
        Ok(())
    }
}

struct MemoryInput(Cursor<Arc<[u8]>>);

impl Read for MemoryInput {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Seek for MemoryInput {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl Input for MemoryInput {
    fn length(&self) -> io::Result<u64> {
        Ok(self.0.get_ref().len() as u64)
    }

    fn stamp(&self) -> io::Result<Stamp> {
        Ok(Stamp { length: self.length()?, modified: 0, changed: 0, inode: 0 })
    }
}

struct MemoryOutput {
    world: Memory,
    path: PathBuf,
    bytes: Cursor<Vec<u8>>,
}

impl Read for MemoryOutput {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(into)
    }
}

impl Write for MemoryOutput {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.bytes.write(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for MemoryOutput {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

impl Output for MemoryOutput {
    fn commit(self: Box<Self>) -> io::Result<()> {
        self.world.put(&self.path, self.bytes.into_inner());
        Ok(())
    }
}
