//! Statements with blocks: `if`, loops, `switch`, `try` and functions.

use super::doc::{Doc, group, row};
use super::expressions::{Laid, Parser, Shape};
use super::layout::{List, block, leaf, list, plain, tight};
use super::leaves::Leaf;
use super::tree::{Group, body};

/// Words that have a block.
const BLOCKS: &[&str] = &["if", "switch", "while", "loop", "for", "do", "try", "fn", "private"];

impl<'t> Parser<'t> {
    pub(super) fn statement(&mut self) -> Doc<'t> {
        let first = match self.group("{") {
            Some(of) => Some(block(of, true, self.depth)),
            None => self.compound(true),
        };
        let rest = self.sequence(false).doc;
        match first {
            Some(first) if rest.is_empty() => first,
            Some(first) => row([first, Doc::Gap(1), rest]),
            None => rest,
        }
    }

    /// A construct with blocks, if its word comes next: as a statement its blocks are always broken, as a value where they don't fit.
    pub(super) fn compound(&mut self, always: bool) -> Option<Doc<'t>> {
        let word = self.peek()?.first();
        if self.is_deep() || !BLOCKS.contains(&word.token.text) || body(self.rest(), 1, 0).is_none() {
            return None;
        }
        self.depth += 1;
        let doc = match word.token.text {
            "if" => self.conditional(always),
            "switch" | "while" | "loop" => {
                let always = always || word.token.text != "switch";
                let word = self.keyword();
                let head = if self.is("{") { Doc::Gap(1) } else { row([Doc::Gap(1), self.head()]) };
                grouped(row([word, head, self.block(always)]), always)
            }
            "for" => self.for_loop(),
            "do" => {
                let docs = [self.keyword(), Doc::Gap(1), self.block(true), self.joint(), self.keyword(), Doc::Gap(1)];
                row([row(docs), self.sequence(false).doc])
            }
            "try" => self.try_catch(),
            _ => self.function(),
        };
        self.depth -= 1;
        Some(doc)
    }

    fn keyword(&mut self) -> Doc<'t> {
        self.leaf().map_or(Doc::Empty, leaf)
    }

    fn block(&mut self, always: bool) -> Doc<'t> {
        let depth = self.depth;
        self.group("{").map_or(Doc::Empty, |of| block(of, always, depth))
    }

    /// A condition or what is looped over, and the blank before its block. A condition that is broken has its block's brace on the next line.
    fn head(&mut self) -> Doc<'t> {
        match self.sequence(true) {
            Laid { shape: Shape::Infix, broken, .. } => group(row([broken, Doc::Line])),
            Laid { doc, .. } => row([doc, Doc::Gap(1)]),
        }
    }

    fn conditional(&mut self, always: bool) -> Doc<'t> {
        let mut docs = vec![self.keyword(), Doc::Gap(1), self.head(), self.block(always)];
        while self.is("else") {
            docs.push(self.joint());
            docs.push(self.leaf().map_or(Doc::Empty, plain));
            docs.push(Doc::Gap(1));
            if !self.is("if") {
                docs.push(self.block(always));
                break;
            }
            docs.extend([self.keyword(), Doc::Gap(1), self.head(), self.block(always)]);
        }
        grouped(row(docs), always)
    }

    /// Between a `}` and the word after it: a blank, or a new line where a comment is.
    fn joint(&self) -> Doc<'t> {
        let ended = self.at > 0 && !self.before().trail.is_empty();
        let commented = self.peek().is_some_and(|n| n.first().lead.iter().any(|c| c.alone));
        if ended || commented { Doc::Break } else { Doc::Gap(1) }
    }

    fn for_loop(&mut self) -> Doc<'t> {
        let mut docs = vec![self.keyword(), Doc::Gap(1)];
        while !self.is("in") && !self.is("{") && self.peek().is_some() {
            let depth = self.depth;
            match self.group("(") {
                Some(of) => docs.push(list(of, List::Bare, depth).doc),
                None => match self.leaf() {
                    Some(of) => docs.extend([tight(of), Doc::Gap(1)]),
                    None => break,
                },
            }
        }
        docs.extend([Doc::Gap(1), self.keyword(), Doc::Gap(1), self.head(), self.block(true)]);
        row(docs)
    }

    fn try_catch(&mut self) -> Doc<'t> {
        let mut docs = vec![self.keyword(), Doc::Gap(1), self.block(true)];
        if self.is("catch") {
            docs.extend([self.joint(), self.keyword(), Doc::Gap(1)]);
            let depth = self.depth;
            docs.extend(self.group("(").map(|of| row([list(of, List::Bare, depth).doc, Doc::Gap(1)])));
            docs.push(self.block(true));
        }
        row(docs)
    }

    fn function(&mut self) -> Doc<'t> {
        let mut docs = Vec::new();
        while self.is("private") || self.is("fn") {
            docs.extend([self.keyword(), Doc::Gap(1)]);
        }
        while let Some(of) = self.leaf() {
            docs.push(tight(of));
        }
        let depth = self.depth;
        docs.extend(self.group("(").map(|of: &'t Group<'t>| list(of, List::Bare, depth).doc));
        while let Some(of) = self.leaf() {
            docs.extend([Doc::Gap(1), leaf(of)]);
        }
        docs.extend([Doc::Gap(1), self.block(true)]);
        row(docs)
    }

    fn before(&self) -> &'t Leaf<'t> {
        self.nodes[self.at - 1].last()
    }
}

fn grouped(doc: Doc<'_>, always: bool) -> Doc<'_> {
    if always { doc } else { group(doc) }
}
