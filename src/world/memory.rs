use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use super::store::{MemoryStore, Shelf};
use super::{Input, Output, Stamp, Store, World, join};

/// A world in memory, for tests: files are byte strings, writes appear when committed.
#[derive(Clone, Debug, Default)]
pub struct Memory {
    files: Arc<Mutex<BTreeMap<PathBuf, File>>>,
    remembered: Arc<Mutex<BTreeMap<[u8; 32], Vec<u8>>>>,
    /// Of finished work, once it was asked to keep any.
    shelf: Option<Shelf>,
}

#[derive(Clone, Debug)]
struct File {
    bytes: Arc<[u8]>,
    /// How many files were put anywhere before this one: its time.
    time: u64,
}

impl Memory {
    pub fn new() -> Memory {
        Memory::default()
    }

    /// The same world with a store of finished work.
    pub fn storing(self) -> Memory {
        Memory { shelf: Some(Shelf::default()), ..self }
    }

    pub fn put(&self, path: impl AsRef<Path>, bytes: impl Into<Vec<u8>>) {
        static TIME: AtomicU64 = AtomicU64::new(1);
        let file = File { bytes: bytes.into().into(), time: TIME.fetch_add(1, Ordering::Relaxed) };
        lock(&self.files).insert(plain(path.as_ref()), file);
    }

    pub fn get(&self, path: impl AsRef<Path>) -> Option<Arc<[u8]>> {
        lock(&self.files).get(&plain(path.as_ref())).map(|file| file.bytes.clone())
    }

    pub fn remove(&self, path: impl AsRef<Path>) {
        lock(&self.files).remove(&plain(path.as_ref()));
    }

    /// All paths, sorted.
    pub fn paths(&self) -> Vec<PathBuf> {
        lock(&self.files).keys().cloned().collect()
    }

    fn find(&self, path: &Path) -> io::Result<File> {
        let path = plain(path);
        let files = lock(&self.files);
        if let Some(file) = files.get(&path) {
            return Ok(file.clone());
        }
        let folder = files.keys().any(|k| k.starts_with(&path));
        Err(if folder { io::ErrorKind::IsADirectory } else { io::ErrorKind::NotFound }.into())
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
}

fn plain(path: &Path) -> PathBuf {
    join(Path::new(""), path)
}

impl World for Memory {
    fn read_text(&self, path: &Path) -> io::Result<String> {
        String::from_utf8(self.find(path)?.bytes.to_vec()).map_err(|_| io::ErrorKind::InvalidData.into())
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        let File { bytes, time } = self.find(path)?;
        Ok(Box::new(MemoryInput { bytes: Cursor::new(bytes), time }))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let folder = plain(folder);
        let mut names: Vec<String> = lock(&self.files)
            .keys()
            .filter_map(|k| k.strip_prefix(&folder).ok()?.components().next())
            .map(|c| c.as_os_str().to_string_lossy().into_owned())
            .collect();
        names.dedup();
        if names.is_empty() { Err(io::ErrorKind::NotFound.into()) } else { Ok(names) }
    }

    fn exists(&self, path: &Path) -> bool {
        let path = plain(path);
        lock(&self.files).keys().any(|k| k.starts_with(&path))
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

    fn recall(&self, key: &[u8; 32]) -> Option<Vec<u8>> {
        lock(&self.remembered).get(key).cloned()
    }

    fn remember(&self, key: &[u8; 32], bytes: &[u8]) {
        lock(&self.remembered).insert(*key, bytes.to_vec());
    }

    fn stores(&self) -> bool {
        self.shelf.is_some()
    }

    fn store(&self) -> Option<Box<dyn Store>> {
        Some(Box::new(MemoryStore::open(self.shelf.as_ref()?)))
    }
}

struct MemoryInput {
    bytes: Cursor<Arc<[u8]>>,
    time: u64,
}

impl Read for MemoryInput {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.bytes.read(into)
    }
}

impl Seek for MemoryInput {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.bytes.seek(to)
    }
}

impl Input for MemoryInput {
    fn length(&self) -> io::Result<u64> {
        Ok(self.bytes.get_ref().len() as u64)
    }

    fn stamp(&self) -> io::Result<Stamp> {
        Ok(Stamp { length: self.length()?, modified: self.time.into(), changed: self.time.into(), inode: 0 })
    }

    fn settled(&self) -> bool {
        true
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
