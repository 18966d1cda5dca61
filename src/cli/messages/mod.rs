//! Diagnostics as people, editors and programs read them. Every form says the same.

mod human;
mod json;
mod line;

use crate::diag::{Diagnostic, Diagnostics, Severity, Sources};

use super::Format;
use super::terminal::{Terminal, complain};

/// How many were found, over all files of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Count {
    pub(super) errors: usize,
    pub(super) warnings: usize,
    pub(super) dropped: usize,
}

/// Shows all of them in reading order: those for people on stderr, those for programs on stdout.
pub(super) fn show(terminal: &Terminal, sources: &Sources, diagnostics: &mut Diagnostics) -> Count {
    diagnostics.sort();
    let mut count = Count { dropped: diagnostics.dropped(), ..Count::default() };
    for diagnostic in diagnostics.iter() {
        match diagnostic.severity {
            Severity::Error => count.errors += 1,
            Severity::Warning => count.warnings += 1,
        }
        if terminal.quiet && diagnostic.severity == Severity::Warning {
            continue;
        }
        one(terminal, sources, diagnostic);
    }
    count
}

fn one(terminal: &Terminal, sources: &Sources, diagnostic: &Diagnostic) {
    match terminal.format {
        Format::Human | Format::Dot => complain(&human::text(sources, diagnostic, terminal.colour)),
        Format::Short => complain(&line::short(sources, diagnostic)),
        Format::Json => terminal.object(&json::object(sources, diagnostic)),
        Format::Github => terminal.data(&line::github(sources, diagnostic)),
    }
}

const fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

impl Count {
    pub(super) fn add(&mut self, other: Count) {
        self.errors += other.errors;
        self.warnings += other.warnings;
        self.dropped += other.dropped;
    }

    /// `3 errors, 1 warning`; `None` when there is nothing to count.
    pub(super) fn summary(self) -> Option<String> {
        let some = |n: usize, what: &str| (n > 0).then(|| format!("{n} {what}{}", if n == 1 { "" } else { "s" }));
        let left_out = (self.dropped > 0).then(|| format!("{} more not shown", self.dropped));
        let parts: Vec<String> =
            [some(self.errors, "error"), some(self.warnings, "warning"), left_out].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::{Code, Span};

    /// A script and a module, and a mistake that concerns both.
    pub(super) fn mistake() -> (Sources, Diagnostic) {
        let mut sources = Sources::default();
        let module = sources.add("lib/vocals.mix", "// ä voice\nfn air(s) {\n    s.insert(x)\n}\n");
        let song = sources.add("song.mix", "let ö = 1; compresor(ratio: 2)\r\n");
        let diagnostic = Diagnostic::error(Code::UNKNOWN_EFFECT, "no effect is called `compresor`")
            .label(Span::new(song, 12, 21), "not an effect")
            .label(Span::new(module, 12, 18), "called from here, 100%")
            .did_you_mean(Some("compressor"));
        (sources, diagnostic)
    }

    #[test]
    fn the_summary_counts() {
        assert_eq!(Count::default().summary(), None);
        assert_eq!(Count { errors: 3, warnings: 1, dropped: 0 }.summary().unwrap(), "3 errors, 1 warning");
        assert_eq!(Count { errors: 1, warnings: 0, dropped: 2 }.summary().unwrap(), "1 error, 2 more not shown");
    }

    #[test]
    fn every_form_says_the_same() {
        let (sources, diagnostic) = mistake();
        let forms = [
            human::text(&sources, &diagnostic, false),
            line::short(&sources, &diagnostic),
            line::github(&sources, &diagnostic).replace("%25", "%"),
            serde_json::to_string(&json::object(&sources, &diagnostic)).unwrap(),
        ];
        for form in forms {
            for part in [
                "error",
                "MX0104",
                "no effect is called `compresor`",
                "not an effect",
                "called from here, 100%",
                "did you mean `compressor`?",
                "song.mix",
                "lib/vocals.mix",
            ] {
                assert!(form.contains(part), "{part} is missing from\n{form}");
            }
        }
    }
}
