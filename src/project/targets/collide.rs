use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::{Asking, Target};
use crate::diag::{Code, Diagnostic, Diagnostics};

impl Asking<'_> {
    /// Two deliveries into one file, or a delivery over a source.
    pub(super) fn collide(
        &self,
        target: &Target,
        same: Option<&Target>,
        read: &BTreeSet<PathBuf>,
        found: &mut Diagnostics,
    ) {
        if let Some(other) = same {
            let mut diagnostic =
                Diagnostic::error(Code::SAME_PATH, format!("two files would be called `{}`", target.name));
            for (span, text) in [(target.span, "this one"), (other.span, "and this one")] {
                diagnostic = match span {
                    Some(span) => diagnostic.label(span, text),
                    None => diagnostic,
                };
            }
            found.push(diagnostic.help("give each a path of its own, with words like `{strip}` in it"));
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
