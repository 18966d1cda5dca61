//! What ended a render, in words.

use std::io::ErrorKind;

use super::load::Loaded;
use crate::diag::{Code, Diagnostic};
use crate::engine::Failure;
use crate::graph::plan::Plan;
use crate::media::WriteError;
use crate::units::Frames;

/// The machine ended it, not the script or the sound.
pub(super) fn outside(failure: &Failure) -> bool {
    matches!(failure, Failure::Write { .. } | Failure::Spool(_) | Failure::Threads(_))
        || matches!(failure, Failure::Read { error, .. } if super::trouble::outside(error))
}

/// A file that could not be written, and the way out.
pub(super) fn unwritten(path: &str, error: &WriteError) -> Diagnostic {
    let kind = match error {
        WriteError::Io(error) => Some(error.kind()),
        _ => None,
    };
    let help = match kind {
        Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded) => {
            "make room on the disk; what was there before is untouched"
        }
        Some(ErrorKind::FileTooLarge) => {
            "the disk, or a limit set for programs (`ulimit -f`), takes no file so large; what was there before is untouched"
        }
        Some(ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
            "give yourself the right to write there, or render into another folder: `-o DIR`; what was there before is \
             untouched"
        }
        Some(ErrorKind::InvalidFilename) => "the disk takes no name or path so long: give the delivery a shorter one",
        Some(ErrorKind::IsADirectory) => "a folder has this name: give the delivery another",
        _ => "what was there before is untouched",
    };
    Diagnostic::error(Code::WRITE, format!("`{path}` could not be written: {error}")).help(help)
}

/// What ended a render, in words.
pub(super) fn explain(failure: &Failure, plan: &Plan, paths: &[String], loaded: &Loaded) -> Diagnostic {
    match failure {
        Failure::Cancelled => Diagnostic::error(Code::WRITE, "the render was stopped"),
        Failure::Read { material, error } => {
            let path = loaded.files[*material].path.display().to_string();
            let clip = loaded.clips.iter().find(|(_, of)| *of == material);
            let clip = clip.map(|((strip, index), _)| &loaded.session.strip(*strip).clips[*index]);
            let written = clip.map_or(&path, |clip| &clip.path);
            let diagnostic = Diagnostic::error(super::trouble::code(error), format!("`{written}`: {error}"));
            let diagnostic = match clip {
                Some(clip) => diagnostic.label(clip.loc.0, "read for this"),
                None => diagnostic,
            };
            let way_out = super::trouble::help(error, written).unwrap_or("render again when the file is whole".into());
            diagnostic.help(format!("{way_out}; nothing was written"))
        }
        Failure::Write { output, error } => unwritten(paths.get(*output).map_or("a file", String::as_str), error),
        Failure::Spool(error) => {
            Diagnostic::error(Code::WRITE, format!("what was kept for the loudness could not be read again: {error}"))
                .help("look whether the output folder's disk is in order, or render into another: `-o DIR`")
        }
        Failure::NotFinite { node, song } => {
            let node = &plan.nodes[*node];
            let at = Frames::new(*song).seconds(plan.rate);
            Diagnostic::error(
                Code::NOT_FINITE,
                format!("`{}` is no sound any more at {at}: a sample is no number, or over +60 dBFS", node.name),
            )
            .label(loaded.session.strip(node.strip).loc.0, "this strip")
            .help("look for a runaway gain, or for a source that is broken there")
        }
        Failure::Refused { node, message } => {
            Diagnostic::error(Code::REFUSED, format!("an effect on `{node}` cannot be built: {message}"))
        }
        // a run begins anew without what was lost
        Failure::Lost => Diagnostic::error(Code::WRITE, "the cache was changed while it was read")
            .help("render again, or without it: `--no-cache`"),
        Failure::Threads(text) => Diagnostic::error(Code::WRITE, format!("no threads could be started: {text}")),
    }
}
