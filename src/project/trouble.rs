//! What is wrong with a source, in words: each kind of trouble by itself, where the script names the file, with the way out.

use std::io::ErrorKind;
use std::path::Path;

use crate::audio::Layout;
use crate::diag::{Code, Diagnostic, Span, suggest};
use crate::media::{Info, ReadError, label};
use crate::world::World;

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
        ReadError::TooManyChannels(_) | ReadError::NoChannel { .. } => Code::FILE_LAYOUT,
        ReadError::Rate(_) => Code::FILE_RATE,
        ReadError::Changed => Code::FILE_CHANGED,
        _ => Code::FILE_UNREADABLE,
    }
}

/// The way out; `written` is how the file was named.
pub(super) fn help(error: &ReadError, written: &str) -> Option<String> {
    let help = match error {
        ReadError::Io(e) => match e.kind() {
            ErrorKind::IsADirectory => {
                return Some(format!("name a file in it: \"{}/….wav\"", written.trim_end_matches('/')));
            }
            ErrorKind::PermissionDenied => "give yourself the right to read it, and to enter its folder",
            ErrorKind::InvalidInput => "record what comes out of it into a file, and name that",
            _ => return None,
        },
        ReadError::Truncated { .. } => "copy the file again, or take what is there: `allow_truncated: true`",
        ReadError::TooManyChannels(channels) if *channels > Layout::MOST as u32 => {
            "split the channels into files of their own"
        }
        ReadError::TooManyChannels(_) => "say which, one or two: `channels: [1, 2]`",
        ReadError::NoChannel { channels: 1, .. } => "leave `channels` out",
        ReadError::NoChannel { channels, .. } => return Some(format!("its channels are 1 to {channels}")),
        ReadError::Rate(_) => "export it again at 44.1 or 48 kHz",
        ReadError::Empty => "copy or export it again",
        ReadError::Changed => "render again when nothing writes to it any more",
        ReadError::LfsPointer => "fetch the audio: `git lfs pull`",
        ReadError::AnnexPointer => return Some(format!("fetch the audio: `git annex get \"{written}\"`")),
        ReadError::Stranger(stranger) => stranger.way_out(),
        ReadError::NotAudio | ReadError::Unsupported(_) | ReadError::Damaged { .. } => {
            "export it again as WAV or FLAC, and name that file"
        }
    };
    Some(help.into())
}

/// What is wrong with a file, in words, where it was named.
/// `near`: with the name that may have been meant.
pub(super) fn explain(
    world: &dyn World,
    path: &Path,
    written: &str,
    span: Span,
    error: &ReadError,
    near: bool,
) -> Diagnostic {
    let code = code(error);
    if code == Code::FILE_MISSING
        && let Some(to) = world.link(path)
    {
        let text = format!("`{written}` is a link to `{}`, which is not there", to.display());
        let diagnostic = Diagnostic::error(code, text).label(span, "named here");
        return match to.components().any(|part| part.as_os_str() == "annex") {
            true => diagnostic.help(format!("fetch the audio: `git annex get \"{written}\"`")),
            false => diagnostic.help("bring back what it leads to (is its disk there?), or put the file itself here"),
        };
    }
    if code == Code::FILE_MISSING && near {
        return missing(world, path, written, span);
    }
    let why = match error {
        ReadError::TooManyChannels(channels) if *channels <= Layout::MOST as u32 => {
            format!("it has {channels} channels; a track has one or two")
        }
        error => error.to_string(),
    };
    let diagnostic = Diagnostic::error(code, format!("`{written}`: {why}")).label(span, "named here");
    match help(error, written) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

/// A file whose name says another format than its bytes: it is read, and told.
pub(super) fn mislabelled(written: &str, span: Span, info: &Info) -> Option<Diagnostic> {
    let (says, is) = label::mistaken(Path::new(written), info)?;
    let message = format!("`{written}` is {} inside, not {} as its name says", is.called, says.called);
    let right = Path::new(written).with_extension(is.extensions[0]);
    let help = match !info.lossless && says.lossless {
        true => format!(
            "ask for the original: what a lossy format left out does not come back; or name it \"{}\"",
            right.display()
        ),
        false => format!("other programs go by the name: call it \"{}\"", right.display()),
    };
    Some(Diagnostic::warning(Code::FILE_LABEL, message).label(span, "named here").help(help))
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
    if names.contains(&format!(".{name}.icloud")) {
        return diagnostic.help("it is in iCloud only: download it in the Finder first");
    }
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
