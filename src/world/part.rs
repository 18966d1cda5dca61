//! A file that is being written: under a name of its own beside the one that it gets when it is whole.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::io::{self, IoSlice, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Output;

/// It is called `.NAME.<process>-<count>.mixdown-part`, is made where nothing of this name is, and its writer holds a lock on it that ends with its
/// process, however that ends: process numbers come again, and two machines or containers in one folder have the same ones.
const ENDING: &str = ".mixdown-part";

/// Bytes of NAME in it: a name may be as long as the file system lets it (255 bytes; 143 on eCryptfs), and the part's is longer.
const SHOWN: usize = 64;

/// The folders that this process has made and in which nothing has been finished: they go with their last part. Held while a part is made in one, so
/// that none goes then.
static MADE: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());

fn made() -> MutexGuard<'static, BTreeSet<PathBuf>> {
    MADE.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) struct Part {
    file: File,
    part: PathBuf,
    path: PathBuf,
    synced: bool,
    /// Of the file that it replaces.
    mode: Option<Permissions>,
    done: bool,
}

impl Part {
    /// A file that becomes `path`; `synced`: one that a loss of power does not take. Missing folders are made, and go again if no file is finished in
    /// them.
    ///
    /// It takes the place of what is there, with that file's mode; there is none: as the system makes new files. Of a link it takes the link's place and
    /// leaves what that points to, and a file with several names keeps the others: what is written through a name in the output folder must not
    /// change a file elsewhere. A folder, a device, a pipe or a file that is marked read-only is not replaced.
    pub(super) fn create(path: PathBuf, synced: bool) -> io::Result<Part> {
        let part = Part::begin(&path, synced, &mut made());
        if part.is_err() {
            unmake(&path);
        }
        part
    }

    fn begin(path: &Path, synced: bool, made: &mut BTreeSet<PathBuf>) -> io::Result<Part> {
        let mode = replaced(path)?;
        let folder = path.parent().unwrap_or(Path::new(""));
        let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
        make(folder, synced, made)?;
        loop {
            let part = folder.join(beside(name));
            match File::options().read(true).write(true).create_new(true).open(&part) {
                // swept by another process in the moment before the lock: once more
                Ok(file) if file.lock().is_ok() && !part.exists() => {}
                Ok(file) => return Ok(Part { file, part, path: path.to_path_buf(), synced, mode, done: false }),
                // a killed process of the same number left it
                Err(e) if e.kind() == io::ErrorKind::AlreadyExists && part.exists() => {}
                // another process took the folder away in the moment before: it had made it, and finished nothing in it
                Err(e) if e.kind() == io::ErrorKind::NotFound && !folder.exists() => make(folder, synced, made)?,
                Err(e) => return Err(e),
            }
        }
    }

    /// Under another name than was thought, in the same folder.
    pub(super) fn become_path(&mut self, path: PathBuf) {
        self.path = path;
    }
}

/// Removes what killed processes left in a folder. What cannot be taken away stays, and is no mistake.
pub(super) fn sweep(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)?.flatten() {
        if !ours(&entry.file_name().to_string_lossy()) || !entry.file_type().is_ok_and(|kind| kind.is_file()) {
            continue;
        }
        let Ok(file) = File::options().write(true).open(entry.path()) else { continue };
        // locked: somebody is writing it. Where locks can't be had: better an orphan than somebody's file
        if file.try_lock().is_ok() {
            let _ = fs::remove_file(entry.path());
        }
    }
    Ok(())
}

/// The next name of a part.
fn beside(name: &OsStr) -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let name = name.to_string_lossy();
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    format!(".{}.{}-{count}{ENDING}", &name[..name.floor_char_boundary(SHOWN)], std::process::id())
}

/// Whether a part is called so: nobody else's file is.
fn ours(name: &str) -> bool {
    let numbers = |text: &str| {
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        text.split_once('-').is_some_and(|(process, count)| digits(process) && digits(count))
    };
    let inner = name.strip_prefix('.').and_then(|rest| rest.strip_suffix(ENDING));
    inner.and_then(|inner| inner.rsplit_once('.')).is_some_and(|(name, last)| !name.is_empty() && numbers(last))
}

/// The mode of the file that would be replaced, if there is one.
fn replaced(path: &Path) -> io::Result<Option<Permissions>> {
    let Ok(meta) = fs::metadata(path) else { return Ok(None) };
    if meta.is_dir() {
        return Err(io::ErrorKind::IsADirectory.into());
    }
    if !meta.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "something that is no file is in the way"));
    }
    if fs::symlink_metadata(path)?.is_symlink() {
        return Ok(None);
    }
    // the system would let its folder's owner replace it; who marked it wants to keep it
    if meta.permissions().readonly() {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it is marked read-only"));
    }
    Ok(Some(meta.permissions()))
}

/// Makes a folder and those above it, which are noted; `synced`: so that a loss of power does not take them.
fn make(folder: &Path, synced: bool, made: &mut BTreeSet<PathBuf>) -> io::Result<()> {
    if folder.as_os_str().is_empty() {
        return Ok(());
    }
    let is_missing = |folder: &&Path| !folder.as_os_str().is_empty() && !folder.exists();
    let missing: Vec<&Path> = folder.ancestors().take_while(is_missing).collect();
    let result = fs::create_dir_all(folder);
    // some are there even if others can't be
    made.extend(missing.iter().filter(|folder| folder.exists()).map(|folder| folder.to_path_buf()));
    result?;
    if synced {
        missing.iter().filter_map(|made| made.parent()).for_each(sync);
    }
    Ok(())
}

/// Takes away the folders above a part that were made for nothing.
fn unmake(path: &Path) {
    let mut made = made();
    // one that could not be made is passed over
    for folder in path.ancestors().skip(1).skip_while(|folder| !folder.exists()) {
        // something else in it keeps it, and those above
        if !made.contains(folder) || fs::remove_dir(folder).is_err() {
            return;
        }
        made.remove(folder);
    }
}

/// Makes the names in a folder last. Where folders can't be synced they last as long as the system lets them.
fn sync(folder: &Path) {
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    if cfg!(unix) {
        let _ = File::open(folder).and_then(|folder| folder.sync_all());
    }
}

impl Read for Part {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.file.read(into)
    }
}

impl Write for Part {
    fn write(&mut self, from: &[u8]) -> io::Result<usize> {
        self.file.write(from)
    }

    fn write_vectored(&mut self, from: &[IoSlice<'_>]) -> io::Result<usize> {
        self.file.write_vectored(from)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Seek for Part {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Output for Part {
    fn commit(mut self: Box<Self>) -> io::Result<()> {
        self.file.flush()?;
        if let Some(mode) = self.mode.take() {
            // another owner's mode may be none that this user can give
            let _ = self.file.set_permissions(mode);
        }
        if self.synced {
            self.file.sync_all()?;
        }
        fs::rename(&self.part, &self.path)?;
        self.done = true;
        made().retain(|folder| !self.path.starts_with(folder));
        if self.synced {
            sync(self.path.parent().unwrap_or(Path::new("")));
        }
        Ok(())
    }
}

impl Drop for Part {
    fn drop(&mut self) {
        if !self.done {
            // nothing more can be done about a part that refuses to go; the next run sweeps it
            let _ = fs::remove_file(&self.part);
            unmake(&self.part);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_parts_are_called_like_parts() {
        for name in [".mix.wav.12-0.mixdown-part", ".a.b.c.1-22.mixdown-part", ". .1-1.mixdown-part"] {
            assert!(ours(name), "{name}");
        }
        for name in [
            "mix.wav.12-0.mixdown-part",
            ".x.mixdown-part",
            ".mixdown-part",
            ".12-0.mixdown-part",
            "..12-0.mixdown-part",
            ".mix.wav.12.mixdown-part",
            ".mix.wav.12-.mixdown-part",
            ".mix.wav.a-0.mixdown-part",
            ".mix.wav.12-0.mixdown-part~",
            ".mix.wav.12-0.part",
        ] {
            assert!(!ours(name), "{name}");
        }
    }

    #[test]
    fn folders_go_with_their_last_part_unless_something_is_in_them() {
        let dir = tempfile::tempdir().unwrap();
        let there = |name: &str| dir.path().join(name).exists();
        let part = |name: &str| Part::create(dir.path().join(name), false).unwrap();
        let (a, b) = (part("new/deep/a.wav"), part("new/b.wav"));
        drop(b);
        assert!(there("new/deep"));
        drop(a);
        assert!(!there("new") && dir.path().exists());
        fs::create_dir(dir.path().join("old")).unwrap();
        drop(part("old/a.wav"));
        assert!(there("old"), "somebody else made it");
        let (a, b) = (part("new/deep/a.wav"), part("new/b.wav"));
        Box::new(a).commit().unwrap();
        drop(b);
        assert!(there("new/deep/a.wav"));
        fs::remove_file(dir.path().join("new/deep/a.wav")).unwrap();
        drop(part("new/deep/c.wav"));
        assert!(there("new/deep"), "it held a file once");
        let a = part("noted/a.wav");
        fs::write(dir.path().join("noted/b.txt"), "").unwrap();
        drop(a);
        assert!(there("noted/b.txt"));
        let long = dir.path().join("new/er").join("x".repeat(300)).join("a.wav");
        assert!(Part::create(long, false).is_err() && !there("new/er") && there("new"));
    }

    #[test]
    fn a_parts_name_is_short_and_its_own() {
        for name in ["x".repeat(255), "ü".repeat(127), "\u{1f3b5}".repeat(60)] {
            let (one, other) = (beside(OsStr::new(&name)), beside(OsStr::new(&name)));
            assert!(one.len() <= 143 && one != other && ours(&one), "{one}");
        }
    }
}
