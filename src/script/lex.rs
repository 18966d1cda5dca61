//! One look over a text before Rhai sees it: finds unit literals, named arguments and `time: value` pairs, and remembers where every call,
//! argument and pair stands, so that a mistake found while evaluating points at its exact token.
//!
//! Rhai gets a copy of the text in which unit literals are put so that its tokenizer always makes two tokens of them; the token mapper
//! ([`super::sugar`]) then looks up by place what they mean. Where the copy parts from the text is kept, so that every place of it is known.

use std::sync::Arc;

use super::reader::Reader;
use super::texts::on_torn;
use crate::diag::{Code, Diagnostic, SourceId, Span};
use crate::units::Unit;

/// What the token at a place stands for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Mark {
    /// The first of the two tokens of a unit literal: its place in [`Lexed::literals`].
    Literal(u32),
    /// The second one.
    Tail,
    /// The name of a named argument, this long.
    Name(u32),
    /// The colon of a pair.
    Colon,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Literal {
    pub(super) value: f64,
    /// None when it does not exist, which has been told.
    pub(super) unit: Option<Unit>,
    pub(super) span: Span,
    /// The bytes of the sign before it, which is a minus when the literal is negative.
    pub(super) sign: u32,
}

/// An argument as written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Argument {
    pub(super) name: Option<Span>,
    pub(super) value: Span,
}

/// A call as written, found by the place of its name.
#[derive(Clone, Debug)]
pub(super) struct Site {
    pub(super) name: Span,
    pub(super) arguments: Vec<Argument>,
}

/// A pair `key: value`, found by the place of its colon.
#[derive(Clone, Copy, Debug)]
pub(super) struct PairSite {
    pub(super) colon: u32,
    pub(super) key: Span,
    pub(super) value: Span,
}

pub(super) struct Lexed {
    pub(super) source: SourceId,
    pub(super) text: Arc<str>,
    /// What Rhai reads.
    pub(super) clean: String,
    pub(super) marks: Vec<(u32, Mark)>,
    pub(super) literals: Vec<Literal>,
    pub(super) sites: Vec<Site>,
    pub(super) pairs: Vec<PairSite>,
    /// Keys of `#{…}`.
    pub(super) keys: Vec<Span>,
    pub(super) problems: Vec<Diagnostic>,
    /// How many slips were mended, and whether one of them by a guess: what such a script does is not known.
    pub(super) slips: usize,
    pub(super) broken: bool,
    /// Where brackets were put by the likeliest guess.
    pub(super) guesses: Vec<Span>,
    /// Lines whose quotes do not match: nothing more is told of them.
    pub(super) torn: Vec<Span>,
    /// Where the lines of `clean` begin.
    lines: Vec<u32>,
    /// Places of `clean`, and of `text`, wherever the two part.
    steps: Vec<(u32, u32)>,
}

/// Rhai counts lines and columns in 16 bits.
const MOST: usize = 60_000;

impl Lexed {
    /// `mend`: slips of the pen are looked for, told and mended.
    pub(super) fn new(source: SourceId, text: Arc<str>, mend: bool) -> Lexed {
        let mut reader = Reader::new(source, &text, mend);
        reader.read();
        let Reader {
            clean,
            mut marks,
            literals,
            mut sites,
            mut pairs,
            keys,
            mut problems,
            steps,
            slips,
            broken,
            guesses,
            torn,
            ..
        } = reader;
        marks.sort_by_key(|m| m.0);
        sites.sort_by_key(|s| s.name.start);
        pairs.sort_by_key(|p| p.colon);
        let lines: Vec<u32> = std::iter::once(0)
            .chain(clean.bytes().enumerate().filter(|b| b.1 == b'\n').map(|b| b.0 as u32 + 1))
            .collect();
        let longest = text.split('\n').enumerate().max_by_key(|l| l.1.len());
        if lines.len() > MOST {
            let at: usize = text.split('\n').take(MOST).map(|l| l.len() + 1).sum();
            let span = Span::new(source, at.min(text.len()), at.min(text.len()));
            problems.push(
                Diagnostic::error(Code::LIMIT, format!("a script has at most {MOST} lines"))
                    .label(span, format!("line {}", MOST + 1)),
            );
        } else if let Some((i, line)) = longest
            && line.len() > MOST
        {
            let at: usize = text.split('\n').take(i).map(|l| l.len() + 1).sum();
            problems.push(
                Diagnostic::error(Code::LIMIT, format!("a line has at most {MOST} bytes"))
                    .label(Span::new(source, at, at), format!("this one has {}", line.len())),
            );
        }
        Lexed {
            source,
            text,
            clean,
            marks,
            literals,
            sites,
            pairs,
            keys,
            problems,
            slips,
            broken,
            guesses,
            torn,
            lines,
            steps,
        }
    }

    /// The byte offset of a place as Rhai counts it (both from 1, columns in characters).
    pub(super) fn offset(&self, position: rhai::Position) -> Option<usize> {
        let line = position.line()?;
        let start = *self.lines.get(line - 1)? as usize;
        let rest = &self.clean[start..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let column = position.position().unwrap_or(1).max(1) - 1;
        let at = if line.is_ascii() {
            start + column.min(line.len())
        } else {
            start + line.char_indices().nth(column).map_or(line.len(), |c| c.0)
        };
        let before = self.steps.partition_point(|step| step.0 as usize <= at);
        let (clean, text) = before.checked_sub(1).map_or((0, 0), |i| self.steps[i]);
        let at = (text as usize + at - clean as usize).min(self.text.len());
        Some((0..=at).rev().find(|i| self.text.is_char_boundary(*i)).unwrap_or(0))
    }

    /// Whether what a value is here rests on a guess: on the line where a bracket was put, it may belong elsewhere.
    pub(super) fn doubtful(&self, diagnostic: &Diagnostic) -> bool {
        let Some(at) = diagnostic.labels.first().map(|l| l.span).filter(|s| s.source == self.source) else {
            return false;
        };
        let line = |span: Span| self.text[..span.start as usize].bytes().filter(|b| *b == b'\n').count();
        if diagnostic.code != Code::SYNTAX && self.broken && on_torn(&self.torn, at.start) {
            return true;
        }
        let of_values = matches!(diagnostic.code.0, 103 | 106 | 302..=309);
        of_values && self.guesses.iter().any(|g| line(*g) == line(at))
    }

    pub(super) fn mark(&self, offset: usize) -> Option<Mark> {
        self.marks.binary_search_by_key(&(offset as u32), |m| m.0).ok().map(|i| self.marks[i].1)
    }

    pub(super) fn site(&self, offset: usize) -> Option<&Site> {
        self.sites.binary_search_by_key(&(offset as u32), |s| s.name.start).ok().map(|i| &self.sites[i])
    }

    pub(super) fn pair(&self, offset: usize) -> Option<&PairSite> {
        self.pairs.binary_search_by_key(&(offset as u32), |p| p.colon).ok().map(|i| &self.pairs[i])
    }

    pub(super) fn slice(&self, span: Span) -> &str {
        self.text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// The token at an offset: a word, a number, a string, or one character.
    pub(super) fn token(&self, offset: usize) -> Span {
        let rest = self.text.get(offset..).unwrap_or("");
        let first = rest.chars().next().unwrap_or(' ');
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let length = if first == '"' || first == '`' {
            rest[1..].find(first).map_or(1, |i| i + 2)
        } else if first.is_ascii_digit() {
            rest.find(|c: char| !(word(c) || c == '.' || c == '%')).unwrap_or(rest.len())
        } else if word(first) {
            rest.find(|c: char| !word(c)).unwrap_or(rest.len())
        } else {
            first.len_utf8().min(rest.len())
        };
        Span::new(self.source, offset, offset + length)
    }
}
