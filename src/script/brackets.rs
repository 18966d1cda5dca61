//! What is missing between two values, and brackets without their other half: told, and put there for Rhai (see [`super::slips`]).

use super::reader::{Frame, Kind, Reader};
use super::words;
use crate::diag::{Code, Diagnostic, Fix};

/// Words that go on from the value before them.
const GOES_ON: &[&str] = &["in", "as", "is", "else", "while", "until", "if", "and", "or", "catch"];

impl Reader<'_> {
    /// Whether a value ends with the token before.
    pub(super) fn value_ends(&self) -> bool {
        let last = &self.text[self.last.0..self.last.1];
        match last.chars().next() {
            Some(')' | ']' | '"' | '`' | '\'' | '“' | '”' | '„' | '«') => true,
            Some(c) => (c.is_alphanumeric() || c == '_') && !words::GOING_ON.contains(&last),
            None => false,
        }
    }

    /// Between two values without a sign: `;`, `,` or `:` is missing, or a bracket. `word`: the second begins with a letter.
    pub(super) fn joined(&mut self, start: usize, word: bool) {
        if !self.mend || !self.value_ends() {
            return;
        }
        let end = self.word_end(start);
        let name = &self.text[start..end];
        if word && GOES_ON.contains(&name) {
            return;
        }
        let behind = self.text[end..].trim_start();
        let named = word && behind.starts_with(':') && !behind.starts_with("::");
        let (_, after, last_is_word) = self.last;
        let new_line = self.text[after..start].contains('\n');
        let Some(frame) = self.stack.last() else { return self.statement(start, word && new_line) };
        match frame.kind {
            Kind::Brace | Kind::Interpolation => self.statement(start, word && new_line),
            Kind::Paren(_) | Kind::Bracket if new_line && word && !named && self.indent(start) <= self.outdent() => {
                self.close_all(start, after);
                // both are one mistake, and one change
                if let Some(told) = self.problems.last_mut()
                    && let Some(Fix::Text(span, signs)) = told.fix.as_deref_mut()
                    && span.start as usize == after
                {
                    signs.push(';');
                    told.message = format!("`{signs}` is missing");
                }
                self.silent = true;
                self.statement(start, true);
                self.silent = false;
            }
            Kind::Paren(Some(_)) if last_is_word && frame.start == Some(self.last.0) && !named && !word => {
                let (from, to) = (self.last.0, self.last.1);
                self.names_argument(from, to, to);
                self.insert(to, start, ":");
                let name = self.text[from..to].to_string();
                self.slip(
                    Diagnostic::error(Code::SYNTAX, format!("a `:` is missing between `{name}` and its value"))
                        .label(self.span(from, to), "the name")
                        .label(self.span(start, self.line_end(start).min(start + 1)), "the value")
                        .help(format!("write `{name}: `, then the value"))
                        .fix(self.span(to, to), ":"),
                );
                self.last = (to, to, false);
            }
            Kind::Paren(_) | Kind::Bracket | Kind::Map => {
                self.finish_element();
                self.insert(after, start, ",");
                self.slip(
                    Diagnostic::error(Code::SYNTAX, "a `,` is missing between two values")
                        .label(self.span(start, end.max(start + 1)), "expected `,` before this")
                        .fix(self.span(after, after), ","),
                );
                self.last = (after, after, false);
            }
        }
    }

    /// A statement begins where the one before has not ended.
    fn statement(&mut self, start: usize, certain: bool) {
        if !certain {
            return;
        }
        let after = self.last.1;
        self.insert(start, start, ";");
        let end = self.word_end(start);
        self.slip(
            Diagnostic::error(Code::SYNTAX, "a `;` is missing at the end of a statement")
                .label(self.span(self.last.0, after), "expected `;` after this")
                .label(self.span(start, end), "the next one begins here")
                .fix(self.span(after, after), ";"),
        );
        self.last = (after, after, false);
    }

    /// Puts a sign after the token before, or, when that has been copied, before the next one.
    pub(super) fn insert(&mut self, after: usize, start: usize, sign: &str) {
        let at = if self.copied <= after { after } else { start.max(self.copied) };
        self.replace(at, at, sign);
    }

    fn indent(&self, at: usize) -> usize {
        let line = self.text[..at].rfind('\n').map_or(0, |i| i + 1);
        self.text[line..].chars().take_while(|c| *c == ' ' || *c == '\t').count()
    }

    /// Of the line on which the outermost bracket that should be closed was opened.
    fn outdent(&self) -> usize {
        let frames = self.stack.iter().rev().take_while(|f| matches!(f.kind, Kind::Paren(_) | Kind::Bracket));
        frames.last().map_or(0, |f| self.indent(f.open))
    }

    /// Closes the parentheses and lists that are open, where `after` they should have been.
    fn close_all(&mut self, start: usize, after: usize) {
        if let Some(end) = self.text_with_a_method() {
            return self.closed_behind_a_text(end, start);
        }
        let mut signs = String::new();
        let mut opened = Vec::new();
        while let Some(Frame { kind: Kind::Paren(_) | Kind::Bracket, open, .. }) = self.stack.last() {
            opened.push(*open);
            signs.push(char::from(self.stack.last().map_or(b')', Frame::closer)));
            self.leave();
        }
        self.missing(&signs, &opened, start, after);
    }

    /// `track("vox".gain(…)`: a text has no methods, so that the bracket belongs behind it. Where the text ends.
    fn text_with_a_method(&self) -> Option<usize> {
        let frame = self.stack.last().filter(|f| matches!(f.kind, Kind::Paren(Some(_))))?;
        let from = frame.start?;
        let rest = self.text[from..].strip_prefix('"')?;
        let length = rest.find('"')? + 2;
        let method = self.text[from + length..].trim_start().strip_prefix('.')?;
        method.starts_with(char::is_alphabetic).then_some(from + length)
    }

    fn closed_behind_a_text(&mut self, end: usize, start: usize) {
        let open = self.stack.last().map_or(end, |f| f.open);
        self.leave();
        let after = self.last.1;
        let diagnostic = Diagnostic::error(Code::SYNTAX, "`)` is missing")
            .label(self.span(end - 1, end), "expected `)` after this")
            .label(self.span(open, open + 1), "opened here")
            .fix(self.span(end, end), ")");
        let here = self.span(end, end);
        self.guesses.push(here);
        self.insert(if self.copied <= end { end } else { after }, start, ")");
        self.slip(diagnostic);
        self.close_all(start, after);
    }

    fn missing(&mut self, signs: &str, opened: &[usize], start: usize, after: usize) {
        if signs.is_empty() {
            return;
        }
        self.insert(after, start, signs);
        let are = if signs.len() == 1 { "is" } else { "are" };
        let here = self.span(self.last.0.min(after), after);
        let mut diagnostic = Diagnostic::error(Code::SYNTAX, format!("`{signs}` {are} missing"))
            .label(here, format!("expected `{signs}` after this"));
        self.guesses.push(here);
        for open in opened {
            diagnostic = diagnostic.label(self.span(*open, open + 1), "opened here");
        }
        self.slip(diagnostic.fix(self.span(after, after), signs));
        self.last = (after, after, false);
    }

    pub(super) fn semicolon(&mut self) {
        let start = self.at;
        let list = matches!(self.stack.last(), Some(Frame { kind: Kind::Paren(_) | Kind::Bracket, .. }));
        if list {
            let rest = self.text[start + 1..self.line_end(start)].trim_start();
            let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
            let behind = rest[word..].trim_start();
            if word > 0 && behind.starts_with(':') && !behind.starts_with("::") {
                self.replace(start, start + 1, ",");
                let span = self.span(start, start + 1);
                self.slip(
                    Diagnostic::error(Code::SYNTAX, "values are separated by commas")
                        .label(span, "a `;` ends a statement")
                        .help("write `,`")
                        .fix(span, ","),
                );
                return self.comma();
            }
            self.close_all(start, self.last.1);
        }
        self.silent = false;
        self.token(start, start + 1);
        self.at += 1;
    }

    /// A closing bracket that fits nothing, or not the innermost: what is missing is put there. Whether the bracket itself is done with.
    pub(super) fn unmatched(&mut self) -> bool {
        let (at, sign) = (self.at, self.bytes[self.at]);
        let fits = |f: &Frame| f.closer() == sign;
        if self.stack.last().is_some_and(fits) {
            return false;
        }
        let soft = |f: &&Frame| matches!(f.kind, Kind::Paren(_) | Kind::Bracket);
        let open = self.stack.iter().rev().take_while(soft).count();
        let within = self.stack.iter().rev().take(if sign == b'}' { open + 1 } else { open });
        if let Some(depth) = within.clone().position(fits) {
            let (mut signs, mut opened) = (String::new(), Vec::new());
            let after = self.last.1;
            for _ in 0..depth {
                opened.push(self.stack.last().map_or(0, |f| f.open));
                signs.push(char::from(self.stack.last().map_or(b')', Frame::closer)));
                self.leave();
            }
            self.missing(&signs, &opened, at, after);
            return false;
        }
        let span = self.span(at, at + 1);
        let wrong = char::from(sign);
        self.at += 1;
        if let Some(frame) = self.stack.last().filter(soft) {
            // the wrong one of two
            let (right, open) = (char::from(frame.closer()), frame.open);
            self.leave();
            self.replace(at, at + 1, &right.to_string());
            self.slip(
                Diagnostic::error(Code::SYNTAX, format!("`{wrong}` stands where `{right}` belongs"))
                    .label(span, format!("expected `{right}`"))
                    .label(self.span(open, open + 1), "opened here")
                    .fix(span, right),
            );
            self.last = (at, at + 1, false);
            return true;
        }
        self.replace(at, at + 1, " ");
        self.slip(
            Diagnostic::error(Code::SYNTAX, format!("this `{wrong}` closes nothing"))
                .label(span, "one too many")
                .help("take it out")
                .fix(span, ""),
        );
        true
    }

    pub(super) fn open_at_the_end(&mut self) {
        if self.slips == 0 && self.stack.is_empty() {
            return;
        }
        while let Some(frame) = self.stack.last() {
            let end = self.text.len();
            let (open, after) = (frame.open, self.last.1);
            match frame.kind {
                Kind::Paren(_) | Kind::Bracket => self.close_all(end, after),
                Kind::Interpolation => return,
                Kind::Brace | Kind::Map => {
                    self.leave();
                    self.replace(end, end, "\n}");
                    self.slip(
                        Diagnostic::error(Code::SYNTAX, "`}` is missing")
                            .label(self.span(open, open + 1), "opened here, and never closed")
                            .help("close it with `}` where it should end"),
                    );
                    self.broken = true;
                }
            }
        }
    }
}
