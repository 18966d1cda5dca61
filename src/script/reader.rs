//! The walk through a text that finds its literals, calls, arguments and pairs: strings, comments and nesting as Rhai has them.

use std::collections::BTreeSet;

use super::lex::{Argument, Literal, Mark, PairSite, Site};
use super::{sandbox, words};
use crate::diag::{Code, Diagnostic, SourceId, Span};

/// What a bracket opens.
pub(super) enum Kind {
    /// Of a call when it has a site.
    Paren(Option<Site>),
    Bracket,
    Brace,
    Map,
    /// `${…}` inside of a back-quoted string.
    Interpolation,
}

pub(super) struct Frame {
    pub(super) kind: Kind,
    /// Where it was opened.
    pub(super) open: usize,
    /// The first token of the element that is being read, its name and its colon.
    pub(super) start: Option<usize>,
    pub(super) name: Option<Span>,
    pub(super) colon: Option<(u32, Span)>,
}

impl Frame {
    pub(super) fn new(kind: Kind, open: usize) -> Frame {
        Frame { kind, open, start: None, name: None, colon: None }
    }

    pub(super) fn closer(&self) -> u8 {
        match self.kind {
            Kind::Paren(_) => b')',
            Kind::Bracket => b']',
            _ => b'}',
        }
    }
}

pub(super) struct Reader<'a> {
    pub(super) source: SourceId,
    pub(super) text: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
    pub(super) clean: String,
    /// Where what Rhai reads stands in the text: a byte of the one, and of the other, wherever the two part.
    pub(super) steps: Vec<(u32, u32)>,
    pub(super) copied: usize,
    pub(super) stack: Vec<Frame>,
    /// The token before: start, end, whether it is a word.
    pub(super) last: (usize, usize, bool),
    /// The word before `last`, for `fn name(`.
    pub(super) before: (usize, usize),
    pub(super) marks: Vec<(u32, Mark)>,
    pub(super) literals: Vec<Literal>,
    pub(super) sites: Vec<Site>,
    pub(super) pairs: Vec<PairSite>,
    pub(super) keys: Vec<Span>,
    pub(super) problems: Vec<Diagnostic>,
    /// Variables declared so far, in all blocks.
    declared: usize,
    names: BTreeSet<&'a str>,
    /// Whether slips of the pen are told and mended (see `slips`), and how many were.
    pub(super) mend: bool,
    pub(super) slips: usize,
    /// Mended by a guess: what the script does is not known.
    pub(super) broken: bool,
    /// Where brackets were put by the likeliest guess.
    pub(super) guesses: Vec<Span>,
    /// Lines whose quotes do not match.
    pub(super) torn: Vec<Span>,
    /// How many of the problems were told before the last of these lines.
    pub(super) told: usize,
    /// What a slip that was told has brought is mended without a word.
    pub(super) silent: bool,
}

impl<'a> Reader<'a> {
    pub(super) fn new(source: SourceId, text: &'a str, mend: bool) -> Reader<'a> {
        Reader {
            source,
            text,
            bytes: text.as_bytes(),
            at: 0,
            clean: String::with_capacity(text.len()),
            steps: Vec::new(),
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
            mend,
            slips: 0,
            broken: false,
            guesses: Vec::new(),
            torn: Vec::new(),
            told: 0,
            silent: false,
        }
    }

    pub(super) fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.source, start, end)
    }

    /// Puts `new` in the place of what stands between; what has been given to Rhai stays.
    pub(super) fn replace(&mut self, start: usize, end: usize, new: &str) {
        if start < self.copied {
            return;
        }
        self.clean.push_str(&self.text[self.copied..start]);
        self.steps.push((self.clean.len() as u32, start as u32));
        self.clean.push_str(new);
        self.steps.push((self.clean.len() as u32, end as u32));
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
        if self.mend {
            self.open_at_the_end();
        }
        self.clean.push_str(&self.text[self.copied..]);
    }

    fn step(&mut self) {
        let start = self.at;
        match self.bytes[start] {
            b' ' | b'\t' | b'\r' | b'\n' => self.at += 1,
            b'/' if self.peek(1) == b'/' => self.comment(),
            b'/' if self.peek(1) == b'*' => self.block_comment(),
            b'"' => self.string(),
            b'`' => {
                self.joined(start, false);
                self.token(start, start + 1);
                self.at += 1;
                self.back_quoted();
            }
            b'\'' => self.character(),
            b'#' if self.peek(1) == b'{' => {
                self.token(start, start + 2);
                self.stack.push(Frame::new(Kind::Map, start));
                self.at += 2;
            }
            b'#' if self.starts_raw_string() => self.raw_string(),
            b'#' if self.mend => self.hash_comment(),
            b'0'..=b'9' => self.number(),
            b'(' | b'[' | b'{' => self.open(),
            b')' | b']' | b'}' => self.close(),
            b';' if self.mend => self.semicolon(),
            b',' => self.comma(),
            b':' if self.peek(1) == b':' => {
                self.token(start, start + 2);
                self.at += 2;
            }
            b':' => {
                if !self.mend || !self.slipped_colon() {
                    self.colon();
                }
            }
            _ => {
                if self.mend && self.slipped() {
                    return;
                }
                let c = self.text[start..].chars().next().unwrap_or(' ');
                if c.is_alphabetic() || c == '_' {
                    self.word();
                } else if c.is_whitespace() {
                    // of any kind: Rhai knows those of ASCII, and text from elsewhere has others
                    self.at += c.len_utf8();
                    if !c.is_ascii_whitespace() {
                        self.replace(start, self.at, " ");
                    }
                } else {
                    self.token(start, start + c.len_utf8());
                    self.at += c.len_utf8();
                }
            }
        }
    }

    /// A token from here to there has been seen.
    pub(super) fn token(&mut self, start: usize, end: usize) {
        if let Some(Frame { kind: Kind::Paren(_) | Kind::Bracket, start: first, .. }) = self.stack.last_mut() {
            first.get_or_insert(start);
        }
        if self.last.2 {
            self.before = (self.last.0, self.last.1);
        } else {
            self.before = (0, 0);
        }
        self.last = (start, end, false);
    }

    pub(super) fn word_end(&self, start: usize) -> usize {
        let rest = &self.text[start..];
        start + rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len())
    }

    fn word(&mut self) {
        let start = self.at;
        let end = self.word_end(start);
        if self.mend && self.foreign_word(start, end) {
            return;
        }
        self.joined(start, true);
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
        let colon = self.bytes.get(next) == Some(&b':') && !matches!(self.bytes.get(next + 1), Some(b':' | b'='));
        if !colon || after_dot {
            return;
        }
        let span = Span::new(self.source, start, end);
        match self.stack.last_mut() {
            Some(Frame { kind: Kind::Paren(Some(_)), start: Some(first), .. }) if *first == start => {
                self.names_argument(start, end, next);
                self.at = next + 1;
                self.last = (next, next + 1, false);
            }
            Some(Frame { kind: Kind::Map, .. }) => self.keys.push(span),
            _ => {}
        }
    }

    /// A word at the beginning of an argument is its name; the colon stands at `colon`.
    pub(super) fn names_argument(&mut self, start: usize, end: usize, colon: usize) {
        let span = self.span(start, end);
        self.marks.push((start as u32, Mark::Name((end - start) as u32)));
        self.marks.push((colon as u32, Mark::Colon));
        if let Some(frame) = self.stack.last_mut() {
            frame.name = Some(span);
            frame.colon = Some((colon as u32, span));
            frame.start = None;
        }
    }

    pub(super) fn colon(&mut self) {
        let start = self.at;
        self.at += 1;
        let end = self.last.1;
        let source = self.source;
        if let Some(Frame { kind: Kind::Bracket, start: first, colon, .. }) = self.stack.last_mut() {
            self.marks.push((start as u32, Mark::Colon));
            let key = Span::new(source, first.unwrap_or(start), end);
            *colon = Some((start as u32, key));
            *first = None;
        }
        self.last = (start, start + 1, false);
    }

    pub(super) fn comma(&mut self) {
        let start = self.at;
        if self.mend {
            self.second_comma();
        }
        self.finish_element();
        self.at += 1;
        self.last = (start, start + 1, false);
    }

    fn open(&mut self) {
        let start = self.at;
        let map = self.mend && self.bytes[start] == b'{' && self.map_without_a_hash(start);
        let kind = match self.bytes[start] {
            b'(' => {
                let word = &self.text[self.last.0..self.last.1];
                let defines = &self.text[self.before.0..self.before.1] == "fn";
                let call = self.last.2 && !defines && !words::KEYWORDS.contains(&word);
                let name = self.span(self.last.0, self.last.1);
                Kind::Paren(call.then(|| Site { name, arguments: Vec::new() }))
            }
            b'[' => Kind::Bracket,
            _ if map => Kind::Map,
            _ => Kind::Brace,
        };
        self.token(start, start + 1);
        self.stack.push(Frame::new(kind, start));
        self.at += 1;
    }

    pub(super) fn finish_element(&mut self) {
        let (source, end) = (self.source, self.last.1);
        let Some(frame) = self.stack.last_mut() else { return };
        let start = frame.start.take();
        let (name, colon) = (frame.name.take(), frame.colon.take());
        let Some(start) = start else { return };
        let value = Span::new(source, start, end);
        match &mut frame.kind {
            Kind::Paren(site) => {
                if let Some(site) = site {
                    site.arguments.push(Argument { name, value });
                }
            }
            Kind::Bracket => {}
            _ => return,
        }
        if let Some((colon, key)) = colon {
            self.pairs.push(PairSite { colon, key, value });
        }
    }

    fn close(&mut self) {
        if self.mend && self.unmatched() {
            return;
        }
        let at = self.at;
        self.at += 1;
        if self.leave() {
            return;
        }
        self.last = (at, at + 1, false);
    }

    /// Out of the innermost bracket. Whether a back-quoted text goes on behind it.
    pub(super) fn leave(&mut self) -> bool {
        self.finish_element();
        match self.stack.pop().map(|frame| frame.kind) {
            Some(Kind::Paren(Some(site))) => {
                if site.arguments.len() > sandbox::ARGUMENTS {
                    let message = format!("a call has at most {} arguments", sandbox::ARGUMENTS);
                    let label = format!("this one has {}", site.arguments.len());
                    self.problems.push(Diagnostic::error(Code::LIMIT, message).label(site.name, label));
                }
                self.sites.push(site);
            }
            Some(Kind::Interpolation) => {
                self.back_quoted();
                return true;
            }
            _ => {}
        }
        false
    }
}
