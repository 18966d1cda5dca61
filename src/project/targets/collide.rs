//! Files that would get in one another's way, or in that of what is read.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

use super::{Asking, Target};
use crate::diag::{Code, Diagnostic, Diagnostics};

/// The same for paths that some file systems take for one: APFS and NTFS fold case, APFS and HFS+ the ways to compose a letter.
pub(super) fn folded(path: &Path) -> String {
    path.to_string_lossy().nfd().collect::<String>().to_lowercase().nfc().collect()
}

/// A file of `by_path` that would lie in the file `key`, or have it in itself.
pub(super) fn inside(by_path: &BTreeMap<String, Vec<usize>>, key: &str) -> Option<usize> {
    let above = key.match_indices('/').filter_map(|(end, _)| by_path.get(&key[..end])).next();
    let folder = format!("{key}/");
    let below = || by_path.range(folder.clone()..).next().filter(|(path, _)| path.starts_with(&folder));
    above.or_else(|| below().map(|(_, all)| all)).and_then(|all| all.first()).copied()
}

fn both(text: String, target: &Target, other: &Target) -> Diagnostic {
    let mut diagnostic = Diagnostic::error(Code::SAME_PATH, text);
    for (span, text) in [(target.span, "this one"), (other.span, "and this one")] {
        diagnostic = match span {
            Some(span) => diagnostic.label(span, text),
            None => diagnostic,
        };
    }
    diagnostic
}

impl Asking<'_> {
    /// One file's path is another's folder.
    pub(super) fn file_and_folder(&self, target: &Target, other: &Target, found: &mut Diagnostics) {
        let (file, folder) = if target.name.len() < other.name.len() { (target, other) } else { (other, target) };
        let text = format!("`{}` would be a file, and for `{}` a folder", file.name, folder.name);
        found.push(both(text, target, other).help("give the folder another name"));
    }

    /// Two deliveries into one file, or a delivery over a source.
    pub(super) fn collide(
        &self,
        target: &Target,
        same: Option<&Target>,
        read: &BTreeSet<PathBuf>,
        found: &mut Diagnostics,
    ) {
        if let Some(other) = same {
            let text = match target.name == other.name {
                true => format!("two files would be called `{}`", target.name),
                false => format!("`{}` and `{}` are one file on many disks", other.name, target.name),
            };
            found.push(both(text, target, other).help("give each a path of its own, with words like `{strip}` in it"));
        }
        let here = |diagnostic: Diagnostic| match target.span.or(self
            .session
            .strips
            .iter()
            .flat_map(|s| &s.clips)
            .map(|c| c.loc.0)
            .next())
        {
            Some(span) => diagnostic.label(span, "here"),
            None => diagnostic,
        };
        let path = self.world.canonical(&target.path);
        if self.world.exists(&target.path) && read.contains(&path) {
            let text = format!("`{}` is read by this session: it would be written over", target.name);
            let diagnostic = here(Diagnostic::error(Code::SAME_PATH, text));
            found.push(diagnostic.help("give it another path, or write elsewhere: `-o DIR`"));
        }
        // a link in the output folder could lead anywhere
        let folder = target.path.parent().unwrap_or(Path::new(""));
        if !self.world.canonical(folder).starts_with(self.world.canonical(self.out)) {
            let text = format!("`{}` leads out of the output folder, by a link", target.name);
            found.push(here(Diagnostic::error(Code::PATH, text)).help("a script writes only below the output folder"));
        }
    }

    /// Everything that the session is made from.
    pub(super) fn read(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(|f| f.path.as_path()).chain(self.scripts.iter().map(PathBuf::as_path))
    }
}
