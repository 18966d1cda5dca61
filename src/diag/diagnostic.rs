use super::{Code, Fix, Span};

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

    /// Adds one. A mistake is told once: one of the same code at the same place is already there, whoever found it.
    pub fn push(&mut self, diagnostic: Diagnostic) {
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
        if self.all.len() < Diagnostics::MOST {
            self.all.push(diagnostic);
        } else {
            self.dropped += 1;
        }
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
