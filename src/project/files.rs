//! The audio files that a script names: found, probed once each, and their trouble told where they are named.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use crate::diag::{Code, Diagnostic, Diagnostics, Span, suggest};
use crate::engine::File;
use crate::graph::plan::Material;
use crate::media::{self, Content, Info, ReadError, Reader};
use crate::script::Reading;
use crate::session::StripId;
use crate::units::Rate;
use crate::world::{World, join};

/// What was found.
#[derive(Default)]
pub(super) struct Found {
    all: Vec<Probed>,
    /// The material of each clip whose file is good.
    pub(super) clips: BTreeMap<(StripId, usize), usize>,
    /// Of the first file.
    pub(super) rate: Option<Rate>,
    pub(super) paths: Vec<PathBuf>,
    pub(super) outside: bool,
}

struct Probed {
    path: PathBuf,
    allow_truncated: bool,
    info: Info,
    content: Option<Content>,
}

pub(super) fn find(world: &dyn World, reading: &Reading, hash: bool, found: &mut Diagnostics) -> Found {
    let mut all = Found::default();
    let mut known: BTreeMap<(PathBuf, bool), Option<usize>> = BTreeMap::new();
    for id in reading.session.ids() {
        for (index, clip) in reading.session.strip(id).clips.iter().enumerate() {
            let span = clip.loc.0;
            let path = join(&reading.folder_of(span.source), Path::new(&clip.path));
            let key = (path.clone(), clip.allow_truncated);
            let material = match known.get(&key) {
                Some(material) => *material,
                None => {
                    all.paths.push(path.clone());
                    let material = probe(world, &path, clip.allow_truncated, hash).map(|probed| {
                        all.rate = all.rate.or(Some(probed.info.rate));
                        all.all.push(probed);
                        all.all.len() - 1
                    });
                    let material = material.map_err(|error| {
                        all.outside |= outside(&error);
                        let told = !found.full();
                        found.push(explain(world, &path, &clip.path, span, &error, told));
                    });
                    known.insert(key, material.ok());
                    material.ok()
                }
            };
            if let Some(material) = material {
                all.clips.insert((id, index), material);
            }
        }
    }
    all
}

fn probe(world: &dyn World, path: &Path, allow_truncated: bool, hash: bool) -> Result<Probed, ReadError> {
    let info = Reader::open(world, path, allow_truncated)?.info().clone();
    if info.channels > 2 {
        return Err(ReadError::TooManyChannels(info.channels as u32));
    }
    let content = hash.then(|| media::content(world, path)).transpose()?;
    Ok(Probed { path: path.to_path_buf(), allow_truncated, info, content })
}

impl Found {
    /// What is known of the files' contents, as [`Found::at`] lists them.
    pub(super) fn contents(&self) -> Vec<Option<Content>> {
        self.all.iter().map(|p| p.content).collect()
    }

    /// Files and materials at the session's rate.
    pub(super) fn at(&self, rate: Rate) -> (Vec<File>, Vec<Material>) {
        self.all
            .iter()
            .map(|p| {
                let converted = p.info.rate != rate;
                let frames = media::frames_at(&p.info, rate) as i64;
                let file = File {
                    path: p.path.clone(),
                    channels: p.info.channels,
                    frames,
                    allow_truncated: p.allow_truncated,
                };
                let depth = p.info.bits.filter(|_| !converted);
                (
                    file,
                    Material { channels: p.info.channels, frames, depth, hash: p.content.map_or([0; 32], |c| c.hash) },
                )
            })
            .unzip()
    }
}

/// The machine refuses, where other trouble is the script's (a wrong name) or the sound's.
pub(super) fn outside(error: &ReadError) -> bool {
    matches!(error, ReadError::Io(e) if !matches!(e.kind(), ErrorKind::NotFound | ErrorKind::IsADirectory))
}

/// Under which code a file's trouble is told.
pub(super) fn code(error: &ReadError) -> Code {
    match error {
        ReadError::Io(e) => match e.kind() {
            ErrorKind::NotFound => Code::FILE_MISSING,
            ErrorKind::PermissionDenied => Code::FILE_DENIED,
            _ => Code::FILE_UNREADABLE,
        },
        ReadError::Truncated { .. } => Code::FILE_TRUNCATED,
        ReadError::TooManyChannels(_) => Code::FILE_LAYOUT,
        ReadError::Rate(_) => Code::FILE_RATE,
        ReadError::Changed => Code::FILE_CHANGED,
        _ => Code::FILE_UNREADABLE,
    }
}

/// What is wrong with a file, in words, where it was named.
/// `near`: with the name that may have been meant.
fn explain(world: &dyn World, path: &Path, written: &str, span: Span, error: &ReadError, near: bool) -> Diagnostic {
    let code = code(error);
    if code == Code::FILE_MISSING && near {
        return missing(world, path, written, span);
    }
    let why = match error {
        ReadError::TooManyChannels(channels) => format!("it has {channels} channels; a track has one or two"),
        error => error.to_string(),
    };
    let diagnostic = Diagnostic::error(code, format!("`{written}`: {why}")).label(span, "named here");
    match code {
        Code::FILE_TRUNCATED => diagnostic.help("copy the file again, or take what is there: `allow_truncated: true`"),
        Code::FILE_LAYOUT => diagnostic.help("split the channels into files of their own"),
        Code::FILE_RATE => diagnostic.help("export it again at 44.1 or 48 kHz"),
        Code::FILE_UNREADABLE if matches!(error, ReadError::Io(e) if e.kind() != ErrorKind::IsADirectory) => diagnostic,
        Code::FILE_UNREADABLE if !matches!(error, ReadError::Io(_)) => {
            diagnostic.help("export it again as WAV or FLAC, and name that file")
        }
        Code::FILE_UNREADABLE if matches!(error, ReadError::Io(e) if e.kind() == ErrorKind::IsADirectory) => {
            diagnostic.help(format!("name a file in it: \"{}/….wav\"", written.trim_end_matches('/')))
        }
        Code::FILE_DENIED => diagnostic.help("give yourself the right to read it"),
        _ => diagnostic,
    }
}

/// A file that is not there, with the one that may have been meant.
pub(super) fn missing(world: &dyn World, path: &Path, written: &str, span: Span) -> Diagnostic {
    let folder = path.parent().unwrap_or(Path::new(""));
    let diagnostic =
        Diagnostic::error(Code::FILE_MISSING, format!("there is no file `{written}`")).label(span, "not found");
    if written.starts_with('~') {
        return diagnostic.help("`~` is no folder here: put the file below the project and name it from the script");
    }
    let Ok(names) = world.list(folder) else {
        return diagnostic.help(format!("there is no folder `{}` either", folder.display()));
    };
    let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
    match suggest(&name, names.iter().map(String::as_str)) {
        Some(near) => {
            let near = match Path::new(written).parent().filter(|p| !p.as_os_str().is_empty()) {
                Some(parent) => format!("{}/{near}", parent.display()),
                None => near.to_string(),
            };
            diagnostic.did_you_mean(Some(&near))
        }
        None => match below(world, folder, &names, &name) {
            Some(near) => diagnostic.did_you_mean(Some(&near)),
            None => diagnostic.help("paths start from the folder of the script that names them"),
        },
    }
}

/// So many names of a folder are looked into.
const LOOKED: usize = 50;

/// A file of this name in a folder beside it.
fn below(world: &dyn World, folder: &Path, names: &[String], name: &str) -> Option<String> {
    let folders = names.iter().filter(|n| !n.contains('.') || n.contains(' ')).take(LOOKED);
    folders
        .filter(|inner| world.list(&folder.join(inner)).is_ok_and(|all| all.iter().any(|n| n == name)))
        .map(|inner| format!("{inner}/{name}"))
        .next()
}
