//! A file that may not be read.

use std::io;
use std::path::{Path, PathBuf};

use mixdown::diag::Code;
use mixdown::project::{Request, check};
use mixdown::world::{Input, Memory, Output, World};

use super::bytes_of;

/// A world that keeps what is called private to itself.
struct Private(Memory);

impl World for Private {
    fn read_text(&self, path: &Path) -> io::Result<String> {
        self.0.read_text(path)
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn Input>> {
        match path.starts_with("private") {
            true => Err(io::ErrorKind::PermissionDenied.into()),
            false => self.0.open(path),
        }
    }
    fn list(&self, folder: &Path) -> io::Result<Vec<String>> {
        self.0.list(folder)
    }
    fn exists(&self, path: &Path) -> bool {
        self.0.exists(path)
    }
    fn create(&self, path: &Path) -> io::Result<Box<dyn Output>> {
        self.0.create(path)
    }
    fn canonical(&self, path: &Path) -> PathBuf {
        self.0.canonical(path)
    }
    fn sweep(&self, folder: &Path) -> io::Result<()> {
        self.0.sweep(folder)
    }
}

#[test]
fn a_file_that_may_not_be_read_is_told_where_it_is_named() {
    let world = Memory::default();
    world.put("private/vox.wav", bytes_of("vox.wav", "").unwrap());
    world.put("song.mix", b"track(\"vox\", \"private/vox.wav\");\n".to_vec());
    let checked = check(&Private(world), Path::new("song.mix"), &Request::default());
    let told: Vec<_> = checked.diagnostics.iter().collect();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(
        (told[0].code, told[0].help.as_deref()),
        (Code::FILE_DENIED, Some("give yourself the right to read it, and to enter its folder"))
    );
    assert_eq!(checked.sources.place(told[0].labels[0].span).unwrap().column, 14);
    assert!(checked.outside);
}
