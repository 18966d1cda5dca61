//! Comments and texts: what stands in them is not looked at.

use super::reader::{Frame, Reader};
use crate::diag::{Code, Diagnostic, Span};

/// Whether a place stands on one of the lines whose quotes do not match, which are in the order of the text.
pub(super) fn on_torn(torn: &[Span], at: u32) -> bool {
    torn.get(torn.partition_point(|line| line.end < at)).is_some_and(|line| line.start <= at)
}

impl Reader<'_> {
    /// A comment for people, wherever it stands: Rhai allows `///` and `/**` above functions only.
    pub(super) fn comment(&mut self) {
        let start = self.at;
        if self.peek(2) == b'/' {
            self.replace(start + 2, start + 3, " ");
        }
        self.at = self.line_end(start);
    }

    pub(super) fn line_end(&self, from: usize) -> usize {
        self.text[from..].find('\n').map_or(self.bytes.len(), |i| from + i)
    }

    pub(super) fn block_comment(&mut self) {
        let start = self.at;
        if self.peek(2) == b'*' && self.peek(3) != b'/' {
            self.replace(start + 2, start + 3, " ");
        }
        let mut depth = 0usize;
        while self.at < self.bytes.len() {
            match (self.bytes[self.at], self.peek(1)) {
                (b'/', b'*') => {
                    depth += 1;
                    self.at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    self.at += 2;
                    if depth == 0 {
                        return;
                    }
                }
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
        self.problems.push(
            Diagnostic::error(Code::SYNTAX, "this comment does not end: the rest of the script is in it")
                .label(self.span(start, start + 2), "begins here")
                .help("end it with `*/`, or begin a comment of one line with `//`"),
        );
    }

    pub(super) fn string(&mut self) {
        let start = self.at;
        self.joined(start, false);
        self.at += 1;
        while self.at < self.bytes.len() && self.bytes[self.at] != b'"' {
            match self.bytes[self.at] {
                b'\\' => self.escape(start),
                b'\n' => break,
                _ => self.at += 1,
            }
        }
        let closed = self.bytes.get(self.at) == Some(&b'"');
        let end = (self.at + usize::from(closed)).min(self.bytes.len());
        // a letter behind the quote: it began a text, and this one has no end
        let glued = closed && self.text[end..].starts_with(char::is_alphanumeric);
        if self.mend && (!closed || glued) && self.copied <= start {
            return self.open_text(start, if glued { end - 1 } else { end });
        }
        self.at = (self.at + 1).min(self.bytes.len());
        self.token(start, self.at);
    }

    /// A `\` in a text: a sign of its own when a letter follows that makes none, as in a path of Windows.
    fn escape(&mut self, start: usize) {
        let at = self.at;
        let next = self.text[at + 1..].chars().next().unwrap_or('\n');
        self.at += 1 + next.len_utf8();
        if !self.mend || "\\\"'`tnrbxuU\n\r0".contains(next) && next != 'b' {
            return;
        }
        let end = self.text[at..self.line_end(at)].find('"').map_or(at + 1, |i| at + i + 1);
        let whole = &self.text[start..end];
        if self.copied <= at {
            self.replace(at, at + 1, "/");
        }
        let span = self.span(start, end);
        let written = whole.replace("\\\\", "/").replace('\\', "/");
        self.slip(
            Diagnostic::error(Code::PATH, "paths are written with `/` on every system")
                .label(span, "holds a `\\`")
                .help(format!("write {written}"))
                .fix(span, written),
        );
    }

    /// A text without an end, up to where another begins or its line ends: it ends before what closes the call, the list or the statement.
    fn open_text(&mut self, start: usize, until: usize) {
        let line = &self.text[start + 1..until];
        let line = line.find(" //").map_or(line, |i| &line[..i]).trim_end();
        let other = self.bytes.get(until) == Some(&b'"');
        let inside = if other {
            line.split(',').next().unwrap_or(line).trim_end()
        } else {
            line.trim_end_matches([')', ']', '}', ';', ',', ' '])
        };
        let end = start + 1 + inside.len();
        self.replace(end, end, "\"");
        self.at = end;
        self.token(start, end);
        let line = self.text[..start].rfind('\n').map_or(0, |i| i + 1);
        let here = self.span(line, self.line_end(start));
        // what stands before belongs to the lines before: not looked at for every line again
        let recent = self.problems.split_off(self.told);
        let of_line = |p: &Diagnostic| {
            p.code == Code::SYNTAX && p.labels.iter().any(|l| (here.start..=here.end).contains(&l.span.start))
        };
        if self.torn.last() == Some(&here) {
            // more than one: nobody knows which of them is wrong
            (self.broken, self.slips) = (true, self.slips + 1);
            self.problems.extend(recent.into_iter().map(|mut problem| {
                if of_line(&problem) {
                    problem.fix = None;
                    problem.help =
                        Some("a text stands between two `\"` on one line; a quote within it is written `\\\"`".into());
                }
                problem
            }));
            return;
        }
        self.torn.push(here);
        self.problems.extend(recent.into_iter().filter(|p| !of_line(p)));
        self.told = self.problems.len();
        if inside.is_empty() {
            self.broken = true;
            let diagnostic = Diagnostic::error(Code::SYNTAX, "a text is not closed, or not opened")
                .label(self.span(start, start + 1), "one quote without the other");
            return self.slip(diagnostic.help("a text stands between two `\"` on one line"));
        }
        self.slip(
            Diagnostic::error(Code::SYNTAX, "a text is not closed")
                .label(self.span(start, end), "a quote is missing at its end")
                .help(format!("write \"{inside}\""))
                .fix(self.span(end, end), "\""),
        );
    }

    /// `'x'`; a longer one is a text of another language. A lone quote is left to Rhai.
    pub(super) fn character(&mut self) {
        let start = self.at;
        self.joined(start, false);
        if self.mend && self.other_quotes(start, '\'') {
            return;
        }
        let mut rest = self.text[start + 1..].char_indices().take(12);
        let escaped = self.peek(1) == b'\\';
        let end = rest.by_ref().skip(if escaped { 2 } else { 1 }).find(|c| c.1 == '\'').map(|c| start + 2 + c.0);
        self.at = end.unwrap_or(start + 1);
        self.token(start, self.at);
    }

    /// A text in other quotes than this language's. Whether it was one.
    pub(super) fn other_quotes(&mut self, start: usize, close: char) -> bool {
        let open = self.text[start..].chars().next().map_or(1, char::len_utf8);
        let line = &self.text[start + open..self.line_end(start)];
        let ends = |c: char| c == close || close != '\'' && matches!(c, '“' | '”' | '"' | '„');
        let Some(length) = line.find(ends) else { return false };
        let inside = &line[..length];
        if close == '\'' && (inside.chars().count() < 2 || inside.contains('"')) {
            return false;
        }
        let closing = line[length..].chars().next().map_or(1, char::len_utf8);
        let end = start + open + length + closing;
        let text = format!("\"{}\"", inside.replace('\\', "\\\\"));
        let span = self.span(start, end);
        self.replace(start, end, &text);
        self.at = end;
        self.token(start, end);
        self.slip(
            Diagnostic::error(Code::SYNTAX, "a text stands in straight double quotes")
                .label(span, "in other quotes")
                .help(format!("write {text}"))
                .fix(span, text),
        );
        true
    }

    fn hashes(&self) -> usize {
        self.bytes[self.at..].iter().take_while(|b| **b == b'#').count()
    }

    pub(super) fn starts_raw_string(&self) -> bool {
        self.bytes.get(self.at + self.hashes()) == Some(&b'"')
    }

    /// `#"…"#`.
    pub(super) fn raw_string(&mut self) {
        let (start, hashes) = (self.at, self.hashes());
        let close = format!("\"{}", "#".repeat(hashes));
        let from = start + hashes + 1;
        self.at = self.text[from..].find(&close).map_or(self.bytes.len(), |i| from + i + close.len());
        self.token(start, self.at);
    }

    /// From inside of a back-quoted string to its end or to the `${` of an interpolation.
    pub(super) fn back_quoted(&mut self) {
        while self.at < self.bytes.len() {
            match (self.bytes[self.at], self.peek(1)) {
                (b'`', b'`') => self.at += 2,
                (b'`', _) => {
                    self.at += 1;
                    self.last = (self.last.0, self.at, false);
                    return;
                }
                (b'$', b'{') => {
                    self.stack.push(Frame::new(super::reader::Kind::Interpolation, self.at));
                    self.at += 2;
                    return;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
    }
}
