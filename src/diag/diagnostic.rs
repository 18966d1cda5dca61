use std::io::ErrorKind;

use super::{Code, Fix, Span, suggest};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    Warning,
    Error,
}

/// A place in a source and what is said there. The primary label is the mistake itself; the others explain it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    pub span: Span,
    pub text: String,
    pub primary: bool,
}

/// One mistake (or one piece of advice): a code, a sentence in audio words, places, and the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    pub code: Code,
    pub message: String,
    pub labels: Vec<Label>,
    /// What to do, with text to paste where there is one.
    pub help: Option<String>,
    /// The near name, alone.
    pub suggestion: Option<String>,
    /// The change of the text that takes the mistake away, where one is certain: see [`Diagnostic::edit`].
    pub fix: Option<Box<Fix>>,
}

impl Diagnostic {
    pub fn error(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic {
            severity: Severity::Error,
            code,
            message: message.into(),
            labels: Vec::new(),
            help: None,
            suggestion: None,
            fix: None,
        }
    }

    /// An error about `what` that could not be read as text.
    pub fn unreadable(what: &str, kind: ErrorKind) -> Diagnostic {
        match kind {
            ErrorKind::NotFound => Diagnostic::error(Code::FILE_MISSING, format!("{what} is not there")),
            ErrorKind::PermissionDenied => Diagnostic::error(Code::FILE_DENIED, format!("{what} may not be read")),
            // of a script: a mebibyte
            ErrorKind::FileTooLarge => {
                Diagnostic::error(Code::LIMIT, format!("{what} has more than {} bytes", 1 << 20))
            }
            ErrorKind::InvalidInput => Diagnostic::error(Code::FILE_UNREADABLE, format!("{what} is no regular file")),
            ErrorKind::InvalidData => Diagnostic::error(Code::SYNTAX, format!("{what} is not text in UTF-8")),
            ErrorKind::IsADirectory => Diagnostic::error(Code::FILE_UNREADABLE, format!("{what} is a folder")),
            kind => Diagnostic::error(Code::FILE_UNREADABLE, format!("{what} cannot be read: {kind}")),
        }
    }

    pub fn warning(code: Code, message: impl Into<String>) -> Diagnostic {
        Diagnostic { severity: Severity::Warning, ..Diagnostic::error(code, message) }
    }

    /// The first label is the primary one.
    pub fn label(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        let primary = self.labels.is_empty();
        self.labels.push(Label { span, text: text.into(), primary });
        self
    }

    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// A help for when nothing better was found.
    pub fn help_if_none(mut self, help: impl Into<String>) -> Diagnostic {
        self.help.get_or_insert_with(|| help.into());
        self
    }

    /// "did you mean …?" when there is a near name; leaves an existing help alone.
    pub fn did_you_mean(mut self, near: Option<&str>) -> Diagnostic {
        if let Some(near) = near {
            self.help.get_or_insert_with(|| format!("did you mean `{near}`?"));
        }
        self.near(near)
    }

    /// The name that was meant, where it is told in another way. It belongs where the first label stands.
    pub fn near(mut self, near: Option<&str>) -> Diagnostic {
        if let Some(near) = near {
            self.suggestion = Some(near.to_string());
            self.fix = self.labels.first().map(|l| Box::new(Fix::Name(l.span, near.to_string())));
        }
        self
    }

    /// What stands at `span` is to be `text`.
    pub fn fix(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.fix = Some(Box::new(Fix::Text(span, text.into())));
        self
    }
}

/// All that was found, in the order found. At most [`Diagnostics::MOST`] are kept: a loop that errs must not fill the memory.
#[derive(Clone, Debug, Default)]
pub struct Diagnostics {
    all: Vec<Diagnostic>,
    dropped: usize,
}

impl Diagnostics {
    pub const MOST: usize = 200;
    /// Letters of one sentence: names and texts of a script may stand in it.
    const LETTERS: usize = 1000;
    const LABELS: usize = 20;

    /// Adds one. A mistake is told once: one of the same code at the same place is already there, whoever found it.
    pub fn push(&mut self, mut diagnostic: Diagnostic) {
        // found inside of a module, it stands at its call, and in the module
        let place = |d: &Diagnostic| {
            let first = d.labels.first().map(|label| label.span)?;
            Some((first, d.labels.iter().map(|label| label.span).find(|span| span.source != first.source)))
        };
        let told = |d: &Diagnostic| match place(d) {
            Some(place_of_it) => d.code == diagnostic.code && place(&diagnostic) == Some(place_of_it),
            None => *d == diagnostic,
        };
        if self.all.iter().any(told) {
            return;
        }
        if !self.full() {
            diagnostic.labels.truncate(Diagnostics::LABELS);
            let texts = diagnostic.labels.iter_mut().map(|l| &mut l.text).chain(&mut diagnostic.help);
            texts.chain([&mut diagnostic.message]).for_each(|text| shorten(text, Diagnostics::LETTERS));
            diagnostic.suggestion.take_if(|name| name.len() > Diagnostics::LETTERS);
            self.all.push(diagnostic);
        } else {
            self.dropped += 1;
        }
    }

    /// Whether more are only counted: then no trouble need be taken over what to suggest.
    pub fn full(&self) -> bool {
        self.all.len() >= Diagnostics::MOST
    }

    /// Whether one of this code at this place would be kept; where there are too many it is counted. Asked before it is written, where a
    /// loop could make a hundred thousand of them.
    pub fn wants(&mut self, code: Code, at: Span) -> bool {
        let told = self.all.iter().any(|d| d.code == code && d.labels.first().is_some_and(|label| label.span == at));
        self.dropped += usize::from(!told && self.full());
        !told && !self.full()
    }

    /// The candidate most like `name`; none when nobody will see it.
    pub fn near<'a>(&self, name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        if self.full() { None } else { suggest(name, candidates) }
    }

    pub fn extend(&mut self, more: Diagnostics) {
        self.dropped += more.dropped;
        more.all.into_iter().for_each(|d| self.push(d));
    }

    pub fn retain(&mut self, keep: impl FnMut(&Diagnostic) -> bool) {
        self.all.retain(keep);
    }

    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.all.iter()
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    pub fn len(&self) -> usize {
        self.all.len()
    }

    /// How many were left out because there were too many.
    pub fn dropped(&self) -> usize {
        self.dropped
    }

    pub fn has_errors(&self) -> bool {
        self.all.iter().any(|d| d.severity == Severity::Error)
    }

    /// In reading order: by source and place of the primary label, those without a place last.
    pub fn sort(&mut self) {
        self.all.sort_by_key(|d| d.labels.first().map_or((u32::MAX, 0), |l| (l.span.source.0, l.span.start)));
    }
}

/// Leaves the middle out of what is too long to be read.
fn shorten(text: &mut String, most: usize) {
    if text.len() > most {
        let (head, tail) = (text.floor_char_boundary(most * 3 / 4), text.ceil_char_boundary(text.len() - most / 4));
        text.replace_range(head..tail, " … ");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::SourceId;

    #[test]
    fn what_is_too_long_loses_its_middle() {
        let span = Span::new(SourceId(0), 0, 0);
        let long = format!("a{}z", "ä".repeat(50_000));
        let mut diagnostic = Diagnostic::error(Code::SCRIPT, &*long).help(&*long).did_you_mean(Some(&long));
        for _ in 0..9000 {
            diagnostic = diagnostic.label(span, &*long);
        }
        let mut all = Diagnostics::default();
        all.push(diagnostic);
        let kept = all.iter().next().unwrap();
        assert_eq!((kept.labels.len(), kept.suggestion.as_ref()), (20, None));
        for text in [&kept.message, kept.help.as_ref().unwrap(), &kept.labels[19].text] {
            assert!(text.len() < 1010 && text.starts_with("aä") && text.ends_with("äz"), "{text}");
        }
    }
}
