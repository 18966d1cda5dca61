//! Items in their brackets: statements in blocks, arms in switches, elements in lists; and where their comments stand.

use super::doc::{Doc, Hug, group, indent, row};
use super::expressions::{Laid, Parser, Shape};
use super::leaves::{Comment, Leaf};
use super::tree::{File, Group, Item, Node};
use std::rc::Rc;

pub(super) fn file<'t>(file: &'t File<'t>) -> Doc<'t> {
    row([lines(&file.items, &file.tail, 0), foot(&file.foot, true)])
}

/// What a list is, which decides what may be written in it.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum List {
    /// May end in a comma, and may give way to its last element.
    Call,
    /// May end in a comma.
    Array,
    Map,
    /// Parameters, an index, or brackets for the order of operations.
    Bare,
}

/// A token where it was not expected to have comments: those before it are indented.
pub(super) fn leaf<'t>(leaf: &'t Leaf<'t>) -> Doc<'t> {
    if leaf.lead.is_empty() && leaf.trail.is_empty() {
        return Doc::Word(leaf);
    }
    let before = lead(&leaf.lead, false);
    let before = if before.is_empty() { before } else { indent(before) };
    row([before, Doc::Word(leaf), trail(&leaf.trail)])
}

/// A token at the beginning of a line.
pub(super) fn plain<'t>(leaf: &'t Leaf<'t>) -> Doc<'t> {
    row([lead(&leaf.lead, false), Doc::Word(leaf), trail(&leaf.trail)])
}

/// A token right after another.
pub(super) fn tight<'t>(leaf: &'t Leaf<'t>) -> Doc<'t> {
    if leaf.lead.is_empty() || leaf.lead.iter().any(|c| c.alone) {
        return self::leaf(leaf);
    }
    let before = row(leaf.lead.iter().flat_map(|c| [Doc::Gap(1), Doc::Note(&c.text)]));
    row([before, Doc::Word(leaf), trail(&leaf.trail)])
}

fn lead<'t>(comments: &'t [Comment<'t>], blanks: bool) -> Doc<'t> {
    row(comments.iter().enumerate().flat_map(|(i, comment)| {
        let before = match comment.alone {
            true if blanks && i > 0 && comment.blank => Doc::Blank,
            true => Doc::Break,
            false => Doc::Empty,
        };
        [before, Doc::Note(&comment.text), if comment.alone { Doc::Break } else { Doc::Gap(1) }]
    }))
}

/// After the last element: a comma where it stands on its own line. The comments before one that was written stay.
fn comma<'t>(item: &'t Item<'t>) -> Doc<'t> {
    row([before_end(item), Doc::Comma])
}

fn before_end<'t>(item: &'t Item<'t>) -> Doc<'t> {
    row(item.end.iter().flat_map(|end| &end.lead).flat_map(|c| [Doc::Gap(1), Doc::Note(&c.text)]))
}

fn trail<'t>(comments: &'t [Comment<'t>]) -> Doc<'t> {
    if comments.is_empty() {
        return Doc::Empty;
    }
    let notes = comments.iter().map(|c| Doc::Remark(if c.line { 2 } else { 1 }, &c.text));
    row(notes.chain([indent(Doc::Break)]))
}

fn foot<'t>(comments: &'t [Comment<'t>], blanks: bool) -> Doc<'t> {
    row(comments.iter().flat_map(|comment| match comment.alone {
        true if blanks && comment.blank => [Doc::Blank, Doc::Note(&comment.text), Doc::Break],
        true => [Doc::Break, Doc::Note(&comment.text), Doc::Break],
        false => [Doc::Remark(1, &comment.text), Doc::Empty, Doc::Empty],
    }))
}

/// Comments where there is nothing else.
fn own_lines<'t>(comments: &'t [Comment<'t>]) -> Doc<'t> {
    let line =
        |(i, c): (usize, &'t Comment<'t>)| [if i > 0 && c.blank { Doc::Blank } else { Doc::Break }, Doc::Note(&c.text)];
    row(comments.iter().enumerate().flat_map(line))
}

/// Statements, one on a line, with the empty lines that were between them.
fn lines<'t>(items: &'t [Item<'t>], tail: &'t [Comment<'t>], depth: usize) -> Doc<'t> {
    let mut docs = Vec::with_capacity(items.len() * 2);
    for (i, item) in items.iter().enumerate() {
        if i > 0 {
            let blank = item.lead.first().map_or(item.blank, |c| c.blank);
            docs.push(if blank { Doc::Blank } else { Doc::Break });
        }
        docs.push(lead(&item.lead, true));
        if item.blank && item.lead.last().is_some_and(|c| c.alone) {
            docs.push(Doc::Blank);
        }
        docs.push(Parser::new(&item.nodes, depth).statement());
        docs.extend(item.end.iter().map(tight));
    }
    docs.push(trail(tail));
    row(docs)
}

/// A block, not grouped: always broken, or flat where it is one expression and its group is.
pub(super) fn block<'t>(of: &'t Group<'t>, always: bool, depth: usize) -> Doc<'t> {
    let (open, close) = (leaf(&of.open), leaf(&of.close));
    if of.items.is_empty() && of.foot.is_empty() && of.open.trail.is_empty() {
        return row([open, close]);
    }
    if of.items.iter().any(|item| item.nodes.iter().any(|n| n.is("=>"))) {
        return arms(of, always, depth);
    }
    let one = of.items.len() == 1 && of.items.iter().all(|item| item.end.is_none());
    let edge = if one && !always { Doc::Line } else { Doc::Break };
    let notes = if of.items.is_empty() { own_lines(&of.foot) } else { foot(&of.foot, true) };
    let inside = row([edge.clone(), lines(&of.items, &of.tail, depth), notes]);
    row([open, indent(inside), edge, close])
}

/// The arms of a `switch`. One that ends in a block needs no comma.
fn arms<'t>(of: &'t Group<'t>, always: bool, depth: usize) -> Doc<'t> {
    let edge = if always { Doc::Break } else { Doc::Line };
    let mut docs = Vec::new();
    for (i, item) in of.items.iter().enumerate() {
        docs.push(edge.clone());
        docs.push(lead(&item.lead, false));
        docs.push(Parser::new(&item.nodes, depth).sequence(false).doc);
        if i + 1 < of.items.len() {
            docs.extend(item.end.iter().map(tight));
        } else if !item.nodes.last().is_some_and(|n| n.is("{")) {
            docs.push(comma(item));
        } else {
            docs.push(before_end(item));
        }
    }
    docs.push(trail(&of.tail));
    docs.push(foot(&of.foot, false));
    row([leaf(&of.open), indent(row(docs)), edge, leaf(&of.close)])
}

/// A list, flat or an element per line.
pub(super) fn list<'t>(of: &'t Group<'t>, kind: List, depth: usize) -> Laid<'t> {
    let laid = elements(of, kind, depth);
    if of.close.trail.is_empty() {
        return laid;
    }
    // the comment after its bracket breaks what is around it, not the list
    Laid::new(row([laid.doc, trail(&of.close.trail)]), Shape::Plain)
}

fn elements<'t>(of: &'t Group<'t>, kind: List, depth: usize) -> Laid<'t> {
    let (open, close) = (tight(&of.open), Doc::Word(&of.close));
    if of.items.is_empty() && !of.foot.iter().any(|c| c.alone) && of.open.trail.is_empty() {
        let notes = of.foot.iter().enumerate().flat_map(|(i, c)| [Doc::Gap(i.min(1)), Doc::Note(&c.text)]);
        return Laid::new(row([open].into_iter().chain(notes).chain([close])), Shape::List);
    }
    let mut laid: Vec<Laid<'t>> = of.items.iter().map(|item| element(item, depth)).collect();
    let last = laid.len().saturating_sub(1);
    let edge = if kind == List::Map { Doc::Line } else { Doc::Soft };
    let fills = kind == List::Array && of.items.iter().all(is_short);
    let (mut inside, mut head) = (vec![edge.clone()], vec![open.clone()]);
    for (i, (item, laid)) in of.items.iter().zip(&laid).enumerate() {
        let comma = if i < last { row(item.end.iter().map(tight)) } else { Doc::Empty };
        if i < last {
            head.extend([laid.doc.clone(), comma.clone(), Doc::Line]);
        }
        match i {
            0 => inside.extend([laid.doc.clone(), comma]),
            _ if fills => inside.push(group(row([Doc::Line, laid.doc.clone(), comma]))),
            _ => inside.extend([Doc::Line, laid.doc.clone(), comma]),
        }
    }
    inside.push(match of.items.last() {
        Some(item) if kind == List::Bare || item.nodes.is_empty() => row(item.end.iter().map(tight)),
        Some(item) => comma(item),
        None => Doc::Empty,
    });
    inside.extend([trail(&of.tail), foot(&of.foot, false)]);
    let broken = row([open.clone(), indent(row(inside)), edge, close.clone()]);

    let notes = [&of.tail, &of.foot, &of.open.trail].into_iter().chain(of.items.iter().map(|item| &item.lead));
    let hugs = kind == List::Call && notes.into_iter().all(Vec::is_empty);
    match hugs.then(|| laid.pop()).flatten() {
        Some(one) if last == 0 && !matches!(one.shape, Shape::Plain | Shape::Infix) => {
            Laid::new(row([open, one.doc, close]), Shape::List)
        }
        Some(Laid { shape: Shape::List | Shape::Block, broken: last, .. }) => {
            let hug = Hug { head: row(head), last, close, broken };
            Laid::new(Doc::Hug(Rc::new(hug)), Shape::List)
        }
        _ => Laid { doc: group(broken.clone()), shape: Shape::List, broken },
    }
}

/// A number or a short word: several of them go on a line.
fn is_short(item: &Item<'_>) -> bool {
    let [Node::Leaf(of)] = &item.nodes[..] else { return false };
    let noted = !item.lead.is_empty() || item.end.as_ref().is_some_and(|end| !end.trail.is_empty());
    !noted && of.trail.is_empty() && of.token.text.chars().count() <= SHORT
}

const SHORT: usize = 12;

fn element<'t>(item: &'t Item<'t>, depth: usize) -> Laid<'t> {
    let laid = Parser::new(&item.nodes, depth).sequence(false);
    if item.lead.is_empty() {
        return laid;
    }
    Laid::new(row([lead(&item.lead, false), laid.doc]), Shape::Plain)
}
