//! The covers that a script names: read once each, and their trouble told where they are named.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::trouble;
use crate::diag::{Code, Diagnostic, Diagnostics, SourceId};
use crate::media::{self, Picture, PictureError};
use crate::script::Reading;
use crate::session::{Cover, Tags};
use crate::world::{World, join};

/// Bytes of all covers of a session together: they are held while it is rendered.
const MOST: u64 = 64_000_000;

#[derive(Default)]
pub(super) struct Covers {
    /// By the text that names it, and how.
    all: BTreeMap<(SourceId, Arc<str>), Arc<Picture>>,
    pub(super) paths: Vec<PathBuf>,
    pub(super) outside: bool,
}

impl Covers {
    pub(super) fn get(&self, cover: &Cover) -> Option<&Arc<Picture>> {
        self.all.get(&(cover.loc.0.source, cover.path.clone()))
    }
}

pub(super) fn find(world: &dyn World, reading: &Reading, found: &mut Diagnostics) -> Covers {
    let mut all = Covers::default();
    let mut known: BTreeMap<PathBuf, Option<Arc<Picture>>> = BTreeMap::new();
    let session = &reading.session;
    let said = session.deliveries.iter().map(|d| &d.tags).chain(session.stems.iter().map(|s| &s.tags));
    let mut bytes = 0;
    for cover in [&session.info.tags].into_iter().chain(said).filter_map(|tags: &Tags| tags.cover.get()) {
        let source = cover.loc.0.source;
        let path = join(&reading.folder_of(source), Path::new(&*cover.path));
        let picture = match known.get(&path) {
            Some(picture) => picture.clone(),
            None => {
                all.paths.push(path.clone());
                let picture = media::picture(world, &path).map_err(|error| {
                    all.outside |= outside(&error);
                    let told = !found.full();
                    found.push(explain(world, &path, cover, &error, told));
                });
                let picture = picture.ok().map(Arc::new);
                bytes += picture.as_ref().map_or(0, |picture| picture.bytes.len() as u64);
                known.insert(path, picture.clone());
                picture
            }
        };
        if bytes > MOST {
            let message = format!("the covers of a session have {} MB at most, all together", MOST / 1_000_000);
            let diagnostic = Diagnostic::error(Code::LIMIT, message).label(cover.loc.0, "too much with this one");
            found.push(diagnostic.help("make them smaller: shops ask for 3000 x 3000 pixels, which is a JPEG of 3 MB"));
            break;
        }
        if let Some(picture) = picture {
            all.all.insert((source, cover.path.clone()), picture);
        }
    }
    all
}

/// The machine refuses, where other trouble is the script's.
fn outside(error: &PictureError) -> bool {
    matches!(error, PictureError::Io(e) if !matches!(e.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory))
}

/// `near`: with the name that may have been meant.
fn explain(world: &dyn World, path: &Path, cover: &Cover, error: &PictureError, near: bool) -> Diagnostic {
    let (span, written) = (cover.loc.0, &cover.path);
    let told = |code| Diagnostic::error(code, format!("`{written}`: {error}")).label(span, "named here");
    match error {
        PictureError::Io(e) => match e.kind() {
            ErrorKind::NotFound if near => trouble::missing(world, path, written, span),
            ErrorKind::NotFound => {
                Diagnostic::error(Code::FILE_MISSING, format!("there is no file `{written}`")).label(span, "not found")
            }
            ErrorKind::PermissionDenied => told(Code::FILE_DENIED).help("give yourself the right to read it"),
            ErrorKind::IsADirectory => told(Code::COVER).help("name a picture in it"),
            _ => told(Code::COVER),
        },
        PictureError::TooLarge(_) => told(Code::COVER).help("save it smaller, as a JPEG of 3000 x 3000 pixels or less"),
        PictureError::Other(_) | PictureError::Damaged(_) => told(Code::COVER).help("save it again as JPEG or PNG"),
        PictureError::NotPicture => told(Code::COVER).help("name a JPEG or PNG file"),
    }
}
