//! Whether files can be written, found out before anything is rendered: each is begun, and taken away again.

use std::io::ErrorKind;
use std::path::Path;

use super::failure::unwritten;
use super::targets::Target;
use crate::diag::Diagnostic;
use crate::media::WriteError;
use crate::world::World;

/// What keeps files from being written. Trouble that a whole disk or folder has is told once.
pub(super) fn probe<'t>(world: &dyn World, targets: impl Iterator<Item = &'t Target>) -> Vec<Diagnostic> {
    let mut told: Vec<(ErrorKind, Option<&Path>)> = Vec::new();
    let mut found = Vec::new();
    for target in targets {
        let Err(error) = world.create(&target.path) else { continue };
        let kind = error.kind();
        let place = match kind {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::ReadOnlyFilesystem => None,
            // its own trouble, not that of its folder
            _ if world.exists(&target.path) => Some(target.path.as_path()),
            _ => target.path.parent(),
        };
        if !told.contains(&(kind, place)) {
            told.push((kind, place));
            found.push(unwritten(&target.path.display().to_string(), &WriteError::Io(error)));
        }
    }
    found
}
