//! Documents as text: what fits on a line stays on it.

use super::doc::{Doc, Dot, Hug, flat, row};
use super::leaves::Leaf;
use super::texts;
use super::tokens::{Token, stick};

/// Characters on a line.
const WIDTH: usize = 100;
const INDENT: usize = 4;

#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Flat,
    Broken,
}

/// A document to come: how far it is indented, and whether its lines break.
type Command<'t> = (usize, Mode, Doc<'t>);

pub(super) fn print(doc: Doc<'_>) -> String {
    let mut printer = Printer::default();
    printer.run(doc);
    printer.finish()
}

#[derive(Default)]
struct Printer<'t> {
    out: String,
    /// Characters on the line so far.
    column: usize,
    /// What comes before the next word: line breaks and the indentation after them, or blanks.
    breaks: usize,
    indent: usize,
    gap: usize,
    /// The word that was just written.
    last: Option<Token<'t>>,
}

impl<'t> Printer<'t> {
    fn run(&mut self, doc: Doc<'t>) {
        let mut rest: Vec<Command<'t>> = vec![(0, Mode::Broken, doc)];
        while let Some((depth, mode, doc)) = rest.pop() {
            match doc {
                Doc::Empty => {}
                Doc::Word(leaf) => self.word(leaf),
                Doc::Note(text) => self.write(text),
                Doc::Remark(blanks, text) => {
                    self.gap = self.gap.max(blanks);
                    self.write(text);
                }
                Doc::Gap(blanks) => self.gap = self.gap.max(blanks),
                Doc::Line if mode == Mode::Flat => self.gap = self.gap.max(1),
                Doc::Soft if mode == Mode::Flat => {}
                Doc::Line | Doc::Soft | Doc::Break => self.line(1, depth),
                Doc::Blank => self.line(2, depth),
                Doc::Comma if mode == Mode::Flat => {}
                Doc::Comma => self.write(","),
                Doc::Row(docs, _) => rest.extend(docs.iter().rev().map(|d| (depth, mode, d.clone()))),
                Doc::Indent(doc) => rest.push((depth + INDENT, mode, (*doc).clone())),
                Doc::Flat(doc) => rest.push((depth, Mode::Flat, (*doc).clone())),
                Doc::Group(doc) => {
                    let mode =
                        if mode == Mode::Flat || self.fits_flat(&doc, &rest) { Mode::Flat } else { Mode::Broken };
                    rest.push((depth, mode, (*doc).clone()));
                }
                Doc::Hug(hug) => {
                    let (mode, doc) = self.hug(mode, &hug, depth, &rest);
                    rest.push((depth, mode, doc));
                }
                Doc::Dot(dot) => {
                    let (mode, doc) = self.dot(mode, &dot, depth, &rest);
                    rest.push((depth, mode, doc));
                }
            }
        }
    }

    fn hug(&self, mode: Mode, hug: &Hug<'t>, depth: usize, rest: &[Command<'t>]) -> (Mode, Doc<'t>) {
        if mode == Mode::Flat || self.fits_flat(&hug.broken, rest) {
            return (Mode::Flat, hug.broken.clone());
        }
        let hugged = row([flat(hug.head.clone()), hug.last.clone()]);
        if !hug.head.is_forced() && self.fits(self.here(), vec![(depth, Mode::Broken, hugged.clone())], rest) {
            return (Mode::Broken, row([hugged, hug.close.clone()]));
        }
        (Mode::Broken, hug.broken.clone())
    }

    fn dot(&self, mode: Mode, dot: &Dot<'t>, depth: usize, rest: &[Command<'t>]) -> (Mode, Doc<'t>) {
        let beside = row([dot.head.clone(), dot.link.clone()]);
        if mode == Mode::Flat || self.fits_flat(&beside, rest) {
            return (Mode::Flat, beside);
        }
        let below = depth + INDENT;
        let fits = || self.fits(below, vec![(below, Mode::Flat, dot.link.clone())], rest);
        if !dot.link.is_forced() && fits() {
            let link = super::doc::indent(row([Doc::Soft, flat(dot.link.clone())]));
            return (Mode::Broken, row([dot.head.clone(), link]));
        }
        (Mode::Broken, beside)
    }

    /// The column in which the next word would begin.
    fn here(&self) -> usize {
        if self.breaks > 0 { self.indent } else { self.column + self.gap }
    }

    fn fits_flat(&self, doc: &Doc<'t>, rest: &[Command<'t>]) -> bool {
        !doc.is_forced() && self.fits(self.here(), vec![(0, Mode::Flat, doc.clone())], rest)
    }

    /// Whether what comes up to the next line break ends within the width.
    fn fits(&self, from: usize, mut next: Vec<Command<'t>>, rest: &[Command<'t>]) -> bool {
        let (mut column, mut gap) = (from, 0);
        let mut rest = rest.iter().rev();
        loop {
            let (depth, mode, doc) = match next.pop() {
                Some(command) => command,
                None => match rest.next() {
                    Some(command) => command.clone(),
                    None => return true,
                },
            };
            let text = match doc {
                Doc::Word(leaf) => leaf.token.text,
                Doc::Note(text) => text,
                Doc::Comma if mode == Mode::Broken => ",",
                Doc::Gap(blanks) => {
                    gap = gap.max(blanks);
                    continue;
                }
                Doc::Line if mode == Mode::Flat => {
                    gap = gap.max(1);
                    continue;
                }
                Doc::Line | Doc::Soft if mode == Mode::Broken => return true,
                Doc::Break | Doc::Blank => return true,
                Doc::Remark(..) if mode == Mode::Broken => return true,
                Doc::Remark(blanks, text) => {
                    gap = gap.max(blanks);
                    text
                }
                Doc::Row(docs, _) => {
                    next.extend(docs.iter().rev().map(|d| (depth, mode, d.clone())));
                    continue;
                }
                Doc::Indent(doc) | Doc::Group(doc) => {
                    next.push((depth, mode, (*doc).clone()));
                    continue;
                }
                Doc::Flat(doc) => {
                    next.push((depth, Mode::Flat, (*doc).clone()));
                    continue;
                }
                Doc::Hug(hug) => {
                    next.push((depth, mode, hug.broken.clone()));
                    continue;
                }
                Doc::Dot(dot) => {
                    next.push((depth, mode, dot.link.clone()));
                    next.push((depth, mode, dot.head.clone()));
                    continue;
                }
                _ => continue,
            };
            let first = text.split('\n').next().unwrap_or("");
            column += std::mem::take(&mut gap) + first.chars().count();
            if column > WIDTH {
                return false;
            }
            if first.len() < text.len() {
                return true;
            }
        }
    }

    fn line(&mut self, breaks: usize, depth: usize) {
        self.breaks = self.breaks.max(breaks);
        self.indent = depth;
        self.gap = 0;
    }

    fn word(&mut self, leaf: &Leaf<'t>) {
        let token = leaf.token;
        if self.breaks == 0 && self.gap == 0 && self.last.is_some_and(|last| stick(last, token)) {
            self.gap = 1;
        }
        if texts::is_continued(token.text) {
            self.write("");
            let moved = texts::moved(token.text, leaf.column, self.column);
            self.write(&moved);
        } else if token.text.starts_with('`') && !token.text.contains('#') && token.text.contains('\r') {
            // Rhai drops these `\r` itself, but not those of a raw string in an interpolation
            self.write(&token.text.replace("\r\n", "\n"));
        } else {
            self.write(token.text);
        }
        self.last = Some(token);
    }

    /// Writes what came before, then `text`.
    fn write(&mut self, text: &str) {
        if self.breaks > 0 {
            if !self.out.is_empty() {
                self.out.extend(std::iter::repeat_n('\n', self.breaks));
            }
            self.out.extend(std::iter::repeat_n(' ', self.indent));
            self.column = self.indent;
        } else if !self.out.is_empty() {
            self.out.extend(std::iter::repeat_n(' ', self.gap));
            self.column += self.gap;
        }
        (self.breaks, self.gap, self.last) = (0, 0, None);
        self.out.push_str(text);
        match text.rfind('\n') {
            Some(i) => self.column = text[i + 1..].chars().count(),
            None => self.column += text.chars().count(),
        }
    }

    fn finish(mut self) -> String {
        if !self.out.is_empty() {
            self.out.push('\n');
        }
        self.out
    }
}
