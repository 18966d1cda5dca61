use std::borrow::Cow;
use std::fmt;

use miette::{
    LabeledSpan, MietteError, MietteHandlerOpts, MietteSpanContents, ReportHandler, SourceCode, SourceSpan,
    SpanContents,
};

use super::word;
use crate::cli::terminal::{harmless, narrated, obeyed};
use crate::diag::{Diagnostic, Severity, Source, SourceId, Sources, Span};

/// The mistake drawn into the text: the primary label's file first, then the others. With `NO_GRAPHICS` it is told in words.
/// As wide as the terminal, 80 columns where there is none.
/// What stands in lines that nobody wrote by hand is told without them.
pub(super) fn text(sources: &Sources, diagnostic: &Diagnostic, colour: bool) -> String {
    let files = Files::of(sources, diagnostic);
    if diagnostic.labels.iter().any(|label| files.too_long(label.span)) {
        return super::line::short(sources, diagnostic);
    }
    let drawing = Drawing { diagnostic, files };
    let options = MietteHandlerOpts::new().color(colour).terminal_links(false).context_lines(1).tab_width(4);
    let options = if narrated() { options.force_narrated(true) } else { options.force_graphical(true) };
    let options = match std::env::var("COLUMNS").ok().and_then(|c| c.parse::<usize>().ok()) {
        Some(columns) => options.width(columns.clamp(40, 160)),
        None => options,
    };
    let shown = Shown { handler: Box::new(options.build()), drawing: &drawing };
    shown.to_string()
}

struct Shown<'a> {
    handler: Box<dyn ReportHandler>,
    drawing: &'a Drawing<'a>,
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.handler.debug(self.drawing, f)
    }
}

#[derive(Debug)]
struct Drawing<'a> {
    diagnostic: &'a Diagnostic,
    files: Files<'a>,
}

impl fmt::Display for Drawing<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&harmless(&self.diagnostic.message))
    }
}

impl std::error::Error for Drawing<'_> {}

impl miette::Diagnostic for Drawing<'_> {
    fn code(&self) -> Option<Box<dyn fmt::Display + '_>> {
        let code = self.diagnostic.code;
        // told in words, the severity has a line of its own
        Some(if narrated() { Box::new(code) } else { Box::new(format!("{} {code}", word(self.diagnostic.severity))) })
    }

    fn severity(&self) -> Option<miette::Severity> {
        Some(match self.diagnostic.severity {
            Severity::Error => miette::Severity::Error,
            Severity::Warning => miette::Severity::Warning,
        })
    }

    fn help(&self) -> Option<Box<dyn fmt::Display + '_>> {
        self.diagnostic.help.as_deref().map(|help| Box::new(harmless(help)) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.files.0.is_empty()).then_some(&self.files)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        if self.files.0.is_empty() {
            return None;
        }
        Some(Box::new(self.diagnostic.labels.iter().filter_map(|label| {
            let file = self.files.0.iter().find(|f| f.id == label.span.source)?;
            let (start, end) = file.visible(label.span);
            let text = (!label.text.is_empty()).then(|| harmless(&label.text).into_owned());
            let (at, length) = (file.base + start, end - start);
            Some(if label.primary {
                LabeledSpan::new_primary_with_span(text, (at, length))
            } else {
                LabeledSpan::new_with_span(text, (at, length))
            })
        })))
    }
}

/// The texts that one diagnostic concerns, laid end to end with a gap between them, in the order of its labels: what is drawn has one
/// source, and no snippet runs over the end of a file into the next.
#[derive(Debug)]
struct Files<'a>(Vec<FileAt<'a>>);

#[derive(Debug)]
struct FileAt<'a> {
    id: SourceId,
    source: &'a Source,
    /// What is drawn: the text, or an empty line where there is none, so that there is something to point at.
    text: Cow<'a, str>,
    base: usize,
}

impl FileAt<'_> {
    /// The bytes of a span that can be pointed at: after a final line break nothing is drawn, so what is there moves before it.
    fn visible(&self, span: Span) -> (usize, usize) {
        let drawn = self.text.trim_end_matches(['\n', '\r']).len();
        let last = if drawn < self.text.len() { drawn } else { self.text.len() };
        let start = (span.start as usize).min(last);
        // of what goes over many lines the first are shown
        let lines = self.text[start..].match_indices('\n').nth(LINES - 1).map_or(self.text.len(), |(i, _)| start + i);
        (start, (span.end as usize).clamp(start, self.text.len()).min(lines))
    }

    /// The part of the text that holds so many lines before `start` and after `end`.
    fn window(&self, (start, end): (usize, usize), before: usize, after: usize) -> (usize, usize) {
        let from = self.text[..start].rmatch_indices('\n').nth(before).map_or(0, |(i, _)| i + 1);
        let to = self.text[end..].match_indices('\n').nth(after + 1).map_or(self.text.len(), |(i, _)| end + i + 1);
        (from, to)
    }
}

impl<'a> Files<'a> {
    fn of(sources: &'a Sources, diagnostic: &Diagnostic) -> Files<'a> {
        let mut files: Vec<FileAt<'a>> = Vec::new();
        let mut base = 0;
        for id in diagnostic.labels.iter().map(|l| l.span.source) {
            if let Some(source) = sources.get(id).filter(|_| !files.iter().any(|f| f.id == id)) {
                let text = if source.text.is_empty() { Cow::Borrowed("\n") } else { tame(&source.text) };
                base += text.len() + 1;
                files.push(FileAt { id, source, base: base - text.len() - 1, text });
            }
        }
        Files(files)
    }

    /// Whether a place lies in a line that is too long to be drawn.
    fn too_long(&self, span: Span) -> bool {
        self.0.iter().filter(|f| f.id == span.source).any(|file| {
            let (from, to) = file.window(file.visible(span), 1, 1);
            file.text[from..to].split('\n').any(|line| line.len() > LONGEST)
        })
    }
}

/// Bytes of a line, and lines of a place, that are drawn at most.
const LONGEST: usize = 2_000;
const LINES: usize = 20;

/// The text with as many bytes and nothing that a terminal would obey.
fn tame(text: &str) -> Cow<'_, str> {
    let alone = |rest: &str| !rest.starts_with("\r\n");
    let wild = |(at, c): (usize, char)| obeyed(c) && alone(&text[at..]);
    if !text.char_indices().any(wild) {
        return Cow::Borrowed(text);
    }
    let shown = |(at, c): (usize, char)| if wild((at, c)) { "?".repeat(c.len_utf8()) } else { c.to_string() };
    Cow::Owned(text.char_indices().map(shown).collect())
}

impl SourceCode for Files<'_> {
    fn read_span<'b>(
        &'b self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'b> + 'b>, MietteError> {
        let file = self.0.iter().rev().find(|f| f.base <= span.offset()).ok_or(MietteError::OutOfBounds)?;
        let start = span.offset() - file.base;
        if start + span.len() > file.text.len() {
            return Err(MietteError::OutOfBounds);
        }
        // not the whole text: to count its lines for every place of every mistake takes seconds
        let (from, to) = file.window((start, start + span.len()), before, after);
        let local = SourceSpan::from((start - from, span.len()));
        let contents = file.text[from..to].read_span(&local, before, after)?;
        // without context it is asked for the place in the head line, which counts characters here as everywhere
        let column = match file.text.get(..start).filter(|_| before == 0) {
            Some(head) => head.chars().rev().take_while(|c| *c != '\n').count(),
            None => contents.column(),
        };
        let around = SourceSpan::from((contents.span().offset() + from + file.base, contents.span().len()));
        Ok(Box::new(MietteSpanContents::new_named(
            harmless(&file.source.name).into_owned(),
            contents.data(),
            around,
            file.source.line(from) + contents.line(),
            column,
            contents.line_count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::mistake;
    use super::*;
    use crate::diag::Code;

    #[test]
    fn snippets_of_two_files_stand_in_one_message_the_primary_first() {
        let (sources, diagnostic) = mistake();
        let text = text(&sources, &diagnostic, false);
        let song = text.find("song.mix:1:12").unwrap_or_else(|| panic!("no place of the mistake in\n{text}"));
        let module = text.find("lib/vocals.mix:2:1").unwrap_or_else(|| panic!("no second file in\n{text}"));
        assert!(song < module);
        assert!(!text.contains('\x1b'));
    }

    #[test]
    fn a_mistake_at_the_end_or_in_an_empty_text_is_drawn_too() {
        let mut sources = Sources::default();
        let empty = sources.add("empty.mix", "");
        let song = sources.add("song.mix", "let a = (1\n");
        for span in [Span::new(empty, 0, 0), Span::new(song, 11, 11), Span::new(song, 10, 11), Span::new(song, 5, 99)] {
            let diagnostic = Diagnostic::error(Code::SYNTAX, "it ends too early").label(span, "here");
            let text = text(&sources, &diagnostic, true);
            assert!(text.contains("here") && !text.contains("Failed to read"), "{span:?}\n{text}");
        }
    }

    #[test]
    fn what_a_terminal_would_obey_and_what_is_too_long_is_not_drawn() {
        let mut sources = Sources::default();
        let song = sources.add("so\x1bng.mix", "track(\"\u{202e}a\x1b[2J\r\")\nlet b = 1;\r\n");
        let diagnostic = Diagnostic::error(Code::SYNTAX, "\x07 is \u{2066}none").label(Span::new(song, 6, 9), "\0");
        let drawn = text(&sources, &diagnostic, false);
        assert!(!drawn.contains(obeyed), "{drawn:?}");
        for part in ["so\\u{1b}ng.mix", "\"???a?[2J?\"", "\\u{7} is \\u{2066}none", "\\u{0}"] {
            assert!(drawn.contains(part), "no {part:?} in\n{drawn}");
        }
        // fifty thousand tabs are wider than a drawing can be
        let long = sources.add("long.mix", "\t".repeat(50_000) + "x");
        let diagnostic = Diagnostic::error(Code::SYNTAX, "too long").label(Span::new(long, 50_000, 50_001), "here");
        assert!(text(&sources, &diagnostic, true).starts_with("long.mix:1:50001: error MX"));
    }

    /// What the README shows is what is drawn.
    #[test]
    fn the_readme_shows_a_true_message() {
        let text = "\n".repeat(10) + "track(\"bass\", \"audio/bass.wav\")\n    .insert(compresor(ratio: 4))\n";
        let mut sources = Sources::default();
        let song = sources.add("song.mix", &*text);
        let at = text.find("compresor").unwrap();
        let diagnostic = Diagnostic::error(Code::UNKNOWN_EFFECT, "no effect is called `compresor`")
            .label(Span::new(song, at, at + 9), "not an effect")
            .did_you_mean(Some("compressor"));
        let drawn = super::text(&sources, &diagnostic, false);
        let readme = include_str!("../../../README.md");
        assert!(readme.contains(drawn.trim_end()), "the README lacks\n{drawn}");
    }
}
