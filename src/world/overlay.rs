use std::collections::BTreeMap;
use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::{Input, Output, Stamp, Store, World};

/// A world in which some text files are others, or are not there: a script that was just made, or a session as it was.
pub struct Overlay<'a> {
    world: &'a dyn World,
    /// `None`: it is not there.
    texts: BTreeMap<PathBuf, Option<String>>,
}

impl<'a> Overlay<'a> {
    pub fn new(world: &'a dyn World, path: impl Into<PathBuf>, text: impl Into<String>) -> Overlay<'a> {
        Overlay::of(world, [(path.into(), Some(text.into()))])
    }

    pub fn of(world: &'a dyn World, texts: impl IntoIterator<Item = (PathBuf, Option<String>)>) -> Overlay<'a> {
        Overlay { world, texts: texts.into_iter().collect() }
    }

    fn text(&self, path: &Path) -> Option<io::Result<&str>> {
        let text = self.texts.get(path)?;
        Some(text.as_deref().ok_or_else(|| io::ErrorKind::NotFound.into()))
    }
}

impl World for Overlay<'_> {
    fn read_text(&self, path: &Path) -> io::Result<String> {
        self.text(path).map_or_else(|| self.world.read_text(path), |text| text.map(str::to_string))
    }

    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        match self.text(path) {
            Some(text) => Ok(Box::new(Text(Cursor::new(text?.to_string().into_bytes())))),
            None => self.world.open(path),
        }
    }

    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.world.list(folder)
    }

    fn exists(&self, path: &Path) -> bool {
        self.text(path).map_or_else(|| self.world.exists(path), |text| text.is_ok())
    }

    fn link(&self, path: &Path) -> Option<PathBuf> {
        self.world.link(path)
    }

    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        self.world.create(path)
    }

    fn canonical(&self, path: &Path) -> PathBuf {
        self.world.canonical(path)
    }

    fn sweep(&self, folder: &Path) -> io::Result<()> {
        self.world.sweep(folder)
    }

    fn recall(&self, key: &[u8; 32]) -> Option<Vec<u8>> {
        self.world.recall(key)
    }

    fn remember(&self, key: &[u8; 32], bytes: &[u8]) {
        self.world.remember(key, bytes);
    }

    fn stores(&self) -> bool {
        self.world.stores()
    }

    fn store(&self) -> Option<Box<dyn Store>> {
        self.world.store()
    }
}

struct Text(Cursor<Vec<u8>>);

impl Read for Text {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.0.read(into)
    }
}

impl Seek for Text {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl Input for Text {
    fn length(&self) -> io::Result<u64> {
        Ok(self.0.get_ref().len() as u64)
    }

    fn stamp(&self) -> io::Result<Stamp> {
        Ok(Stamp { length: self.length()?, modified: 0, changed: 0, inode: 0 })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Memory;

    #[test]
    fn it_has_one_file_more() {
        let under = Memory::new();
        under.put("a.mix", "under");
        let world = Overlay::new(&under, "b.mix", "over");
        assert_eq!(world.read_text(Path::new("a.mix")).unwrap(), "under");
        assert_eq!(world.read_text(Path::new("b.mix")).unwrap(), "over");
        assert_eq!(world.open(Path::new("b.mix")).unwrap().length().unwrap(), 4);
        assert!(world.exists(Path::new("b.mix")) && !under.exists(Path::new("b.mix")));
        assert!(world.read_text(Path::new("c.mix")).is_err());
    }
}
