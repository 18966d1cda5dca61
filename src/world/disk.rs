use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::packs::{self, Packs};
use super::part::{self, Part};
use super::{Input, MOST_TEXT, Output, Stamp, Stock, Store, World, cache, join};

/// The real world: files below a folder (normally the current one).
#[derive(Clone, Debug)]
pub struct Disk {
    base: PathBuf,
    cache: Option<PathBuf>,
}

impl Disk {
    /// `base` is what relative paths start from; empty means the current folder.
    pub fn new(base: impl Into<PathBuf>) -> Disk {
        Disk { base: base.into(), cache: None }
    }

    /// The same world with a memory: small files below `folder`, which is made when there is something to remember.
    pub fn remembering(self, folder: impl Into<PathBuf>) -> Disk {
        Disk { cache: Some(folder.into()), ..self }
    }

    /// Bytes that the store of finished work may take: some twenty songs, or one with many edits.
    pub const STORE: u64 = 8 << 30;

    /// Where its memory is, if it has one.
    pub fn cache(&self) -> Option<PathBuf> {
        Some(self.at(self.cache.as_deref()?))
    }

    /// Takes all of it away: finished work, and what is known of files.
    pub fn forget(&self) {
        self.shrink(0);
        if let Some(folder) = self.cache() {
            // what cannot be taken away stays, and is no mistake
            let _ = fs::remove_dir_all(folder.join(cache::ENTRIES));
        }
    }

    /// What the store of finished work holds; `verify` reads all of it to find what is damaged.
    pub fn stock(&self, verify: bool) -> Stock {
        self.packs().map_or(Stock::default(), |folder| packs::stock(&folder, verify))
    }

    /// Takes finished work away, that which was not used for longest first, until at most so many bytes are left.
    pub fn shrink(&self, bytes: u64) {
        if let Some(folder) = self.packs() {
            packs::evict(&folder, bytes);
        }
    }

    /// Removes what killed runs left half written of what is remembered.
    pub(super) fn sweep_entries(&self) {
        let folders = self.cache().map(|folder| fs::read_dir(folder.join(cache::ENTRIES)));
        for folder in folders.into_iter().flatten().flatten().flatten() {
            let _ = part::sweep(&folder.path());
        }
    }

    fn packs(&self) -> Option<PathBuf> {
        Some(self.cache()?.join("packs"))
    }

    fn at(&self, path: &Path) -> PathBuf {
        let joined = join(&self.base, path);
        if joined.as_os_str().is_empty() { PathBuf::from(".") } else { joined }
    }

    /// A file that becomes `path`; `synced`: one that a loss of power does not take.
    pub(super) fn part(&self, path: &Path, synced: bool) -> io::Result<Part> {
        Part::create(self.at(path), synced)
    }
}

/// A file that can be read to its end.
fn regular(path: &Path) -> io::Result<File> {
    // opening a pipe would wait for its writer, for ever
    let kind = fs::metadata(path)?.file_type();
    if kind.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !kind.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    File::open(path)
}

impl World for Disk {
    fn read_text(&self, path: &Path) -> io::Result<String> {
        let mut text = String::new();
        // a device may go on for ever, and a file may be longer than it says
        regular(&self.at(path))?.take(MOST_TEXT + 1).read_to_string(&mut text)?;
        if text.len() as u64 > MOST_TEXT {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        Ok(text)
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        Ok(Box::new(DiskInput(regular(&self.at(path))?)))
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        let mut names: Vec<String> =
            fs::read_dir(self.at(folder))?.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        Ok(names)
    }

    fn exists(&self, path: &Path) -> bool {
        self.at(path).exists()
    }

    fn link(&self, path: &Path) -> Option<PathBuf> {
        fs::read_link(self.at(path)).ok()
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        Ok(Box::new(self.part(path, true)?))
    }

    fn canonical(&self, path: &Path) -> PathBuf {
        let path = self.at(path);
        // what is yet to be made: the real path of the nearest folder that is there, and the names below it
        for there in path.ancestors() {
            let folder = if there.as_os_str().is_empty() { Path::new(".") } else { there };
            if let (Ok(real), Ok(below)) = (fs::canonicalize(folder), path.strip_prefix(there)) {
                return if below.as_os_str().is_empty() { real } else { real.join(below) };
            }
        }
        path
    }

    fn sweep(&self, folder: &Path) -> io::Result<()> {
        part::sweep(&self.at(folder))
    }

    fn recall(&self, key: &[u8; 32]) -> Option<Vec<u8>> {
        let file = self.open(&cache::place(self.cache.as_deref()?, key)).ok()?;
        let mut entry = Vec::new();
        file.take(cache::MOST).read_to_end(&mut entry).ok()?;
        cache::unseal(key, &entry)
    }

    fn remember(&self, key: &[u8; 32], bytes: &[u8]) {
        let Some(cache) = &self.cache else { return };
        let place = cache::place(cache, key);
        // not synced: what a loss of power damages is seen by its seal and computed again
        let written = self.part(&place, false).and_then(|mut file| {
            file.write_all(&cache::seal(key, bytes))?;
            Box::new(file).commit()
        });
        // a cache that cannot be written to is no cache, and no mistake
        if written.is_ok()
            && let Some(folder) = place.parent()
        {
            let _ = self.sweep(folder);
        }
    }

    fn stores(&self) -> bool {
        self.cache.is_some()
    }

    fn store(&self) -> Option<Box<dyn Store>> {
        Some(Box::new(Packs::open(self, &self.packs()?, Disk::STORE)))
    }
}

/// File systems tell times in steps of up to two seconds (FAT); clocks over a network differ by a little.
const SETTLED: Duration = Duration::from_secs(5);

struct DiskInput(File);

impl Read for DiskInput {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Seek for DiskInput {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl Input for DiskInput {
    fn length(&self) -> io::Result<u64> {
        Ok(self.0.metadata()?.len())
    }

    fn stamp(&self) -> io::Result<Stamp> {
        let meta = self.0.metadata()?;
        let modified =
            meta.modified().ok().and_then(|t| t.duration_since(UNIX_EPOCH).ok()).map_or(0, |d| d.as_nanos() as i128);
        #[cfg(unix)]
        let (changed, inode) = {
            use std::os::unix::fs::MetadataExt;
            (i128::from(meta.ctime()) * 1_000_000_000 + i128::from(meta.ctime_nsec()), meta.ino())
        };
        #[cfg(not(unix))]
        let (changed, inode) = (modified, 0);
        Ok(Stamp { length: meta.len(), modified, changed, inode })
    }

    fn settled(&self) -> bool {
        let Ok(stamp) = self.stamp() else { return false };
        let now = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |now| now.as_nanos() as i128);
        stamp.modified.max(stamp.changed) + (SETTLED.as_nanos() as i128) < now
    }
}
