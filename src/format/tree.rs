//! Brackets as a tree: each holds items, which are statements, arms of a `switch`, or elements between commas.

use super::leaves::{Comment, Leaf};
use super::tokens::Kind;

#[derive(Debug)]
pub(super) enum Node<'a> {
    Leaf(Leaf<'a>),
    Group(Group<'a>),
}

#[derive(Debug)]
pub(super) struct Group<'a> {
    pub(super) open: Leaf<'a>,
    pub(super) items: Vec<Item<'a>>,
    /// At the end of the last item's line.
    pub(super) tail: Vec<Comment<'a>>,
    /// On lines of their own after the last item.
    pub(super) foot: Vec<Comment<'a>>,
    pub(super) close: Leaf<'a>,
}

#[derive(Debug)]
pub(super) struct Item<'a> {
    pub(super) lead: Vec<Comment<'a>>,
    /// Whether an empty line stands before it, after its comments.
    pub(super) blank: bool,
    pub(super) nodes: Vec<Node<'a>>,
    /// Its `,` or `;`.
    pub(super) end: Option<Leaf<'a>>,
}

impl<'a> Node<'a> {
    pub(super) fn is(&self, text: &str) -> bool {
        match self {
            Node::Leaf(leaf) => leaf.is(text),
            Node::Group(group) => group.open.is(text),
        }
    }

    pub(super) fn first(&self) -> &Leaf<'a> {
        match self {
            Node::Leaf(leaf) | Node::Group(Group { open: leaf, .. }) => leaf,
        }
    }

    pub(super) fn last(&self) -> &Leaf<'a> {
        match self {
            Node::Leaf(leaf) | Node::Group(Group { close: leaf, .. }) => leaf,
        }
    }

    fn first_mut(&mut self) -> &mut Leaf<'a> {
        match self {
            Node::Leaf(leaf) | Node::Group(Group { open: leaf, .. }) => leaf,
        }
    }

    fn last_mut(&mut self) -> &mut Leaf<'a> {
        match self {
            Node::Leaf(leaf) | Node::Group(Group { close: leaf, .. }) => leaf,
        }
    }
}

/// What a whole text holds, as if in braces.
pub(super) struct File<'a> {
    pub(super) items: Vec<Item<'a>>,
    pub(super) tail: Vec<Comment<'a>>,
    pub(super) foot: Vec<Comment<'a>>,
}

/// The tree of leaves whose brackets are balanced.
pub(super) fn tree(leaves: Vec<Leaf<'_>>) -> File<'_> {
    let mut open: Vec<(Leaf<'_>, Vec<Node<'_>>)> = Vec::new();
    let mut nodes: Vec<Node<'_>> = Vec::new();
    let mut foot = Vec::new();
    for mut leaf in leaves {
        match leaf.token.kind {
            Kind::Open => open.push((leaf, std::mem::take(&mut nodes))),
            Kind::Close => {
                let Some((opened, outer)) = open.pop() else { continue };
                let inner = std::mem::replace(&mut nodes, outer);
                let by = match opened.token.text {
                    "{" if inner.iter().any(|n| n.is("=>")) => By::Arms,
                    "{" => By::Statements,
                    _ => By::Commas,
                };
                let (items, tail) = items(inner, by);
                let foot = std::mem::take(&mut leaf.lead);
                nodes.push(Node::Group(Group { open: opened, items, tail, foot, close: leaf }));
            }
            Kind::End => foot = leaf.lead,
            _ => nodes.push(Node::Leaf(leaf)),
        }
    }
    let (items, tail) = items(nodes, By::Statements);
    File { items, tail, foot }
}

#[derive(Clone, Copy, PartialEq)]
enum By {
    Commas,
    Statements,
    Arms,
}

fn items(nodes: Vec<Node<'_>>, by: By) -> (Vec<Item<'_>>, Vec<Comment<'_>>) {
    let mut lengths = Vec::new();
    let mut counted = 0;
    while counted < nodes.len() {
        lengths.push(length(&nodes[counted..], by));
        counted += lengths[lengths.len() - 1];
    }
    let mut items = Vec::with_capacity(lengths.len());
    let mut nodes = nodes.into_iter();
    for length in lengths {
        let mut item: Vec<Node<'_>> = nodes.by_ref().take(length).collect();
        let separator = if by == By::Statements { ";" } else { "," };
        let end = match item.pop() {
            Some(Node::Leaf(leaf)) if leaf.is(separator) => Some(leaf),
            Some(node) => {
                item.push(node);
                None
            }
            None => None,
        };
        let mut found = Item { lead: Vec::new(), blank: false, nodes: item, end };
        let first = found.nodes.first_mut().map(Node::first_mut);
        if let Some(first) = first.or(found.end.as_mut()) {
            found.lead = std::mem::take(&mut first.lead);
            found.blank = first.blank;
        }
        items.push(found);
    }
    let last = items.last_mut().and_then(|item: &mut Item<'_>| match &mut item.end {
        Some(end) => Some(end),
        None => item.nodes.last_mut().map(Node::last_mut),
    });
    let tail = last.map(|last| std::mem::take(&mut last.trail)).unwrap_or_default();
    (items, tail)
}

/// How many nodes the first item has, its separator counted.
fn length(nodes: &[Node<'_>], by: By) -> usize {
    let to = |from: usize, separator: &str| {
        nodes[from..].iter().position(|n| n.is(separator)).map_or(nodes.len(), |i| from + i + 1)
    };
    let (body, separator) = match by {
        By::Commas => return to(0, ","),
        By::Statements => (0, ";"),
        By::Arms => match nodes.iter().position(|n| n.is("=>") || n.is(",")) {
            Some(arrow) if nodes[arrow].is("=>") => (arrow + 1, ","),
            _ => return to(0, ","),
        },
    };
    match compound(&nodes[body..], 0) {
        Some(end) if nodes.get(body + end).is_some_and(|n| n.is(separator)) => body + end + 1,
        Some(end) => body + end,
        None => to(body, separator),
    }
}

/// Heads in heads: `if if …`.
const DEEPEST: usize = 32;

/// How many nodes a statement has that ends with a block and needs no `;`.
fn compound(nodes: &[Node<'_>], depth: usize) -> Option<usize> {
    if depth > DEEPEST {
        return None;
    }
    let body = |from: usize| body(nodes, from, depth);
    let is = |i: usize, text: &str| nodes.get(i).is_some_and(|n| n.is(text));
    let word = nodes.first()?.first().token.text;
    match word {
        "{" => Some(1),
        "if" => {
            let mut end = body(1)? + 1;
            while is(end, "else") {
                if is(end + 1, "if") {
                    end = body(end + 2)? + 1;
                } else if is(end + 1, "{") {
                    return Some(end + 2);
                } else {
                    break;
                }
            }
            Some(end)
        }
        "while" | "for" | "loop" | "fn" | "private" | "switch" => Some(body(1)? + 1),
        "try" => {
            let caught = body(1)? + 1;
            Some(if is(caught, "catch") { body(caught + 1)? + 1 } else { caught })
        }
        _ => None,
    }
}

/// The nodes of a head that are looked through for its block: more of them are none, and a text of such words alone is read in its own time.
const LONGEST: usize = 1000;

/// The block after a condition or another head, in which an `if` may have blocks of its own.
pub(super) fn body(nodes: &[Node<'_>], from: usize, depth: usize) -> Option<usize> {
    let mut at = from;
    while at < nodes.len().min(from + LONGEST) {
        match &nodes[at] {
            node if node.is("{") => return Some(at),
            node if node.is(";") || node.is("=>") => return None,
            node if node.is("if") || node.is("switch") => at += compound(&nodes[at..], depth + 1)?,
            _ => at += 1,
        }
    }
    None
}
