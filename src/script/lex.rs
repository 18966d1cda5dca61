//! One look over a text before Rhai sees it: finds unit literals, named arguments and `time: value` pairs, and remembers where every call,
//! argument and pair stands, so that a mistake found while evaluating points at its exact token.
//!
//! Rhai gets a copy of the text of the same shape (every character at its line and column) in which unit literals are put so that its
//! tokenizer always makes two tokens of them; the token mapper ([`super::sugar`]) then looks up by place what they mean.

use std::sync::Arc;

use super::reader::Reader;
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
    pub(super) unit: Unit,
    pub(super) span: Span,
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
    lines: Vec<u32>,
}

/// Rhai counts lines and columns in 16 bits.
const MOST: usize = 60_000;

impl Lexed {
    pub(super) fn new(source: SourceId, text: Arc<str>) -> Lexed {
        let mut reader = Reader::new(source, &text);
        reader.read();
        let Reader { clean, marks, literals, mut sites, mut pairs, keys, mut problems, .. } = reader;
        sites.sort_by_key(|s| s.name.start);
        pairs.sort_by_key(|p| p.colon);
        let lines: Vec<u32> = std::iter::once(0)
            .chain(text.bytes().enumerate().filter(|b| b.1 == b'\n').map(|b| b.0 as u32 + 1))
            .collect();
        let longest = text.split('\n').enumerate().max_by_key(|l| l.1.len());
        if lines.len() > MOST {
            let span = Span::new(source, lines[MOST] as usize, lines[MOST] as usize);
            problems.push(
                Diagnostic::error(Code::LIMIT, format!("a script has at most {MOST} lines"))
                    .label(span, format!("line {}", MOST + 1)),
            );
        } else if let Some((i, line)) = longest
            && line.len() > MOST
        {
            let at = lines[i] as usize;
            problems.push(
                Diagnostic::error(Code::LIMIT, format!("a line has at most {MOST} bytes"))
                    .label(Span::new(source, at, at), format!("this one has {}", line.len())),
            );
        }
        Lexed { source, text, clean, marks, literals, sites, pairs, keys, problems, lines }
    }

    /// The byte offset of a place as Rhai counts it (both from 1, columns in characters).
    pub(super) fn offset(&self, position: rhai::Position) -> Option<usize> {
        let line = position.line()?;
        let start = *self.lines.get(line - 1)? as usize;
        let rest = &self.text[start..];
        let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let column = position.position().unwrap_or(1).max(1) - 1;
        if line.is_ascii() {
            return Some(start + column.min(line.len()));
        }
        Some(start + line.char_indices().nth(column).map_or(line.len(), |c| c.0))
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
