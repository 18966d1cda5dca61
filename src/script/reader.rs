//! The walk through a text that finds its literals, calls, arguments and pairs: strings, comments and nesting as Rhai has them.

use std::collections::BTreeSet;

use super::lex::{Argument, Literal, Mark, PairSite, Site};
use super::{sandbox, words};
use crate::diag::{Code, Diagnostic, SourceId, Span};

enum Frame {
    /// Parentheses; of a call when it has a site.
    Paren {
        site: Option<Site>,
        start: Option<usize>,
        name: Option<Span>,
        colon: Option<(u32, Span)>,
    },
    Bracket {
        start: Option<usize>,
        colon: Option<(u32, Span)>,
    },
    Brace,
    Map,
    /// `${…}` inside of a back-quoted string.
    Interpolation,
}

pub(super) struct Reader<'a> {
    pub(super) source: SourceId,
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) clean: String,
    copied: usize,
    stack: Vec<Frame>,
    /// The token before: start, end, whether it is a word.
    last: (usize, usize, bool),
    /// The word before `last`, for `fn name(`.
    before: (usize, usize),
    pub(super) marks: Vec<(u32, Mark)>,
    pub(super) literals: Vec<Literal>,
    pub(super) sites: Vec<Site>,
    pub(super) pairs: Vec<PairSite>,
    pub(super) keys: Vec<Span>,
    pub(super) problems: Vec<Diagnostic>,
    /// Variables declared so far, in all blocks.
    declared: usize,
    names: BTreeSet<&'a str>,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: SourceId, text: &'a str) -> Reader<'a> {
        Reader {
            source,
            text,
            bytes: text.as_bytes(),
            at: 0,
            clean: String::with_capacity(text.len()),
            copied: 0,
            stack: Vec::new(),
            last: (0, 0, false),
            before: (0, 0),
            marks: Vec::new(),
            literals: Vec::new(),
            sites: Vec::new(),
            pairs: Vec::new(),
            keys: Vec::new(),
            problems: Vec::new(),
            declared: 0,
            names: BTreeSet::new(),
        }
    }

    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }

    /// Puts `new`, of as many characters, in the place of what stands between.
    pub(super) fn replace(&mut self, start: usize, end: usize, new: &str) {
        self.clean.push_str(&self.text[self.copied..start]);
        self.clean.push_str(new);
        self.copied = end;
    }

    pub(super) fn read(&mut self) {
        if self.text.starts_with('\u{feff}') {
            self.at = 3;
            self.replace(0, 3, " ");
        }
        while self.at < self.bytes.len() {
            self.step();
        }
        self.clean.push_str(&self.text[self.copied..]);
    }

    fn step(&mut self) {
        let start = self.at;
        match self.bytes[start] {
            b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
            b'/' if self.peek(1) == b'/' => {
                // a comment for people, wherever it stands: Rhai allows `///` above functions only
                if self.peek(2) == b'/' {
                    self.replace(start + 2, start + 3, " ");
                }
                self.at = self.text[start..].find('\n').map_or(self.bytes.len(), |i| start + i);
            }
            b'/' if self.peek(1) == b'*' => self.block_comment(),
            b'"' => self.string(),
            b'`' => {
                self.token(start, start);
                self.at += 1;
                self.back_quoted();
            }
            b'\'' => self.character(),
            b'#' if self.peek(1) == b'{' => {
                self.token(start, start + 2);
                self.stack.push(Frame::Map);
                self.at += 2;
            }
            b'#' if self.starts_raw_string() => self.raw_string(),
            b'0'..=b'9' => self.number(),
            b'(' | b'[' | b'{' => self.open(),
            b')' | b']' | b'}' => self.close(),
            b',' => {
                self.finish_element();
                self.at += 1;
                self.last = (start, start + 1, false);
            }
            b':' if self.peek(1) == b':' => {
                self.token(start, start + 2);
                self.at += 2;
            }
            b':' => self.colon(),
            _ => {
                let c = self.text[start..].chars().next().unwrap_or(' ');
                if c.is_alphabetic() || c == '_' {
                    self.word();
                } else {
                    self.token(start, start + c.len_utf8());
                    self.at += c.len_utf8();
                }
            }
        }
    }

    /// A token from here to there has been seen.
    pub(super) fn token(&mut self, start: usize, end: usize) {
        if let Some(Frame::Paren { start: first, .. } | Frame::Bracket { start: first, .. }) = self.stack.last_mut() {
            first.get_or_insert(start);
        }
        if self.last.2 {
            self.before = (self.last.0, self.last.1);
        } else {
            self.before = (0, 0);
        }
        self.last = (start, end, false);
    }

    fn block_comment(&mut self) {
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
    }

    fn string(&mut self) {
        let start = self.at;
        self.at += 1;
        while self.at < self.bytes.len() && self.bytes[self.at] != b'"' {
            match self.bytes[self.at] {
                b'\\' => self.at += 2,
                b'\n' => break,
                _ => self.at += 1,
            }
        }
        self.at = (self.at + 1).min(self.bytes.len());
        self.token(start, self.at);
    }

    /// `'x'`; a lone quote is left to Rhai.
    fn character(&mut self) {
        let start = self.at;
        let mut rest = self.text[start + 1..].char_indices().take(12);
        let escaped = self.peek(1) == b'\\';
        let end = rest.by_ref().skip(if escaped { 2 } else { 1 }).find(|c| c.1 == '\'').map(|c| start + 2 + c.0);
        self.at = end.unwrap_or(start + 1);
        self.token(start, self.at);
    }

    fn hashes(&self) -> usize {
        self.bytes[self.at..].iter().take_while(|b| **b == b'#').count()
    }

    fn starts_raw_string(&self) -> bool {
        self.bytes.get(self.at + self.hashes()) == Some(&b'"')
    }

    /// `#"…"#`.
    fn raw_string(&mut self) {
        let (start, hashes) = (self.at, self.hashes());
        let close = format!("\"{}", "#".repeat(hashes));
        let from = start + hashes + 1;
        self.at = self.text[from..].find(&close).map_or(self.bytes.len(), |i| from + i + close.len());
        self.token(start, self.at);
    }

    /// From inside of a back-quoted string to its end or to the `${` of an interpolation.
    fn back_quoted(&mut self) {
        while self.at < self.bytes.len() {
            match (self.bytes[self.at], self.peek(1)) {
                (b'`', b'`') => self.at += 2,
                (b'`', _) => {
                    self.at += 1;
                    self.last = (self.last.0, self.at, false);
                    return;
                }
                (b'$', b'{') => {
                    self.at += 2;
                    self.stack.push(Frame::Interpolation);
                    return;
                }
                _ => self.at += 1,
            }
        }
        self.at = self.bytes.len();
    }

    fn word(&mut self) {
        let start = self.at;
        let rest = &self.text[start..];
        let end = start + rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        self.at = end;
        let after_dot = self.last.1 > 0 && self.bytes.get(self.last.1 - 1) == Some(&b'.') && !self.last.2;
        let declared = self.last.2 && matches!(&self.text[self.last.0..self.last.1], "let" | "const");
        let name = &self.text[start..end];
        if matches!(name, "let" | "const" | "import" | "for") {
            self.declared += 1;
            // each is looked for among all before it, while a text is parsed
            if self.declared == sandbox::DECLARED + 1 {
                let message = format!("a script declares at most {} variables", sandbox::DECLARED);
                let span = Span::new(self.source, start, end);
                self.problems.push(Diagnostic::error(Code::LIMIT, message).label(span, "one too many"));
            }
        }
        if self.names.insert(name) && self.names.len() == sandbox::NAMES + 1 {
            let message = format!("a script uses at most {} different names", sandbox::NAMES);
            let span = Span::new(self.source, start, end);
            self.problems.push(Diagnostic::error(Code::LIMIT, message).label(span, "one too many"));
        }
        if declared && words::RESERVED.contains(&name) {
            let other = words::instead(name);
            let message = format!("`{name}` is a word that the language keeps for itself");
            self.problems.push(
                Diagnostic::error(Code::RESERVED, message)
                    .label(Span::new(self.source, start, end), "cannot be a variable")
                    .help(format!("call it `{other}`"))
                    .did_you_mean(Some(&other)),
            );
        }
        let before = self.last;
        self.token(start, end);
        self.last.2 = true;
        if before.2 {
            self.before = (before.0, before.1);
        }
        let next =
            self.bytes[end..].iter().position(|b| !b.is_ascii_whitespace()).map_or(self.bytes.len(), |i| end + i);
        let colon = self.bytes.get(next) == Some(&b':') && self.bytes.get(next + 1) != Some(&b':');
        if !colon || after_dot {
            return;
        }
        let span = Span::new(self.source, start, end);
        match self.stack.last_mut() {
            Some(Frame::Paren { site: Some(_), start: first, name, colon }) if *first == Some(start) => {
                self.marks.push((start as u32, Mark::Name((end - start) as u32)));
                self.marks.push((next as u32, Mark::Colon));
                *name = Some(span);
                *colon = Some((next as u32, span));
                *first = None;
                self.at = next + 1;
                self.last = (next, next + 1, false);
            }
            Some(Frame::Map) => self.keys.push(span),
            _ => {}
        }
    }

    fn colon(&mut self) {
        let start = self.at;
        self.at += 1;
        let end = self.last.1;
        let source = self.source;
        if let Some(Frame::Bracket { start: first, colon }) = self.stack.last_mut() {
            self.marks.push((start as u32, Mark::Colon));
            let key = Span::new(source, first.unwrap_or(start), end);
            *colon = Some((start as u32, key));
            *first = None;
        }
        self.last = (start, start + 1, false);
    }

    fn open(&mut self) {
        let start = self.at;
        let frame = match self.bytes[start] {
            b'(' => {
                let word = &self.text[self.last.0..self.last.1];
                let defines = &self.text[self.before.0..self.before.1] == "fn";
                let call = self.last.2 && !defines && !words::KEYWORDS.contains(&word);
                let name = self.span(self.last.0, self.last.1);
                let site = call.then(|| Site { name, arguments: Vec::new() });
                Frame::Paren { site, start: None, name: None, colon: None }
            }
            b'[' => Frame::Bracket { start: None, colon: None },
            _ => Frame::Brace,
        };
        self.token(start, start + 1);
        self.stack.push(frame);
        self.at += 1;
    }

    fn finish_element(&mut self) {
        let (source, end) = (self.source, self.last.1);
        match self.stack.last_mut() {
            Some(Frame::Paren { site, start, name, colon }) => {
                if let Some(start) = start.take() {
                    let value = Span::new(source, start, end);
                    if let Some(site) = site {
                        site.arguments.push(Argument { name: *name, value });
                    }
                    if let Some((colon, key)) = *colon {
                        self.pairs.push(PairSite { colon, key, value });
                    }
                }
                (*name, *colon) = (None, None);
            }
            Some(Frame::Bracket { start, colon }) => {
                if let (Some(start), Some((colon, key))) = (*start, *colon) {
                    self.pairs.push(PairSite { colon, key, value: Span::new(source, start, end) });
                }
                (*start, *colon) = (None, None);
            }
            _ => {}
        }
    }

    fn close(&mut self) {
        let at = self.at;
        self.finish_element();
        self.at += 1;
        match self.stack.pop() {
            Some(Frame::Paren { site: Some(site), .. }) => {
                if site.arguments.len() > sandbox::ARGUMENTS {
                    let message = format!("a call has at most {} arguments", sandbox::ARGUMENTS);
                    let label = format!("this one has {}", site.arguments.len());
                    self.problems.push(Diagnostic::error(Code::LIMIT, message).label(site.name, label));
                }
                self.sites.push(site);
            }
            Some(Frame::Interpolation) => {
                self.back_quoted();
                return;
            }
            _ => {}
        }
        self.last = (at, at + 1, false);
    }
}
