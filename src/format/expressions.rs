//! Expressions: operators by their strength, calls and chains. What is not understood is written side by side.

use std::rc::Rc;

use super::doc::{Doc, Dot, group, indent, row};
use super::layout::{List, block, leaf, list, plain, tight};
use super::leaves::Leaf;
use super::tokens::Kind;
use super::tree::{Group, Node};
use super::words::{ASSIGNMENTS, RANGES, STATEMENTS, STRENGTHS};

/// What a list looks at before it gives way to its last element.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    Plain,
    /// Operands with operators between them.
    Infix,
    List,
    Call,
    /// A closure with a block.
    Block,
}

pub(super) struct Laid<'t> {
    pub(super) doc: Doc<'t>,
    pub(super) shape: Shape,
    /// The same without its group: its lines break as those around it.
    pub(super) broken: Doc<'t>,
}

impl<'t> Laid<'t> {
    pub(super) fn new(doc: Doc<'t>, shape: Shape) -> Laid<'t> {
        Laid { broken: doc.clone(), doc, shape }
    }
}

/// Brackets, closures and heads in one another; deeper ones are written side by side.
const DEEPEST: usize = 200;

pub(super) struct Parser<'t> {
    pub(super) nodes: &'t [Node<'t>],
    pub(super) at: usize,
    pub(super) depth: usize,
}

impl<'t> Parser<'t> {
    pub(super) fn new(nodes: &'t [Node<'t>], depth: usize) -> Parser<'t> {
        Parser { nodes, at: 0, depth: depth + 1 }
    }

    pub(super) fn is_deep(&self) -> bool {
        self.depth > DEEPEST
    }

    pub(super) fn rest(&self) -> &'t [Node<'t>] {
        &self.nodes[self.at..]
    }

    pub(super) fn peek(&self) -> Option<&'t Node<'t>> {
        self.nodes.get(self.at)
    }

    pub(super) fn is(&self, text: &str) -> bool {
        self.peek().is_some_and(|n| n.is(text))
    }

    fn peek_leaf(&self) -> Option<&'t Leaf<'t>> {
        match self.peek()? {
            Node::Leaf(leaf) => Some(leaf),
            Node::Group(_) => None,
        }
    }

    pub(super) fn leaf(&mut self) -> Option<&'t Leaf<'t>> {
        let leaf = self.peek_leaf()?;
        self.at += 1;
        Some(leaf)
    }

    /// The group with this opening bracket, if it comes next.
    pub(super) fn group(&mut self, open: &str) -> Option<&'t Group<'t>> {
        match self.peek()? {
            Node::Group(group) if group.open.is(open) => {
                self.at += 1;
                Some(group)
            }
            _ => None,
        }
    }

    /// All that is left, or in a head what is left before its block.
    pub(super) fn sequence(&mut self, head: bool) -> Laid<'t> {
        let (mut docs, mut only) = (Vec::new(), None);
        while let Some(node) = self.peek() {
            if head && node.is("{") && !docs.is_empty() {
                break;
            }
            let gap = if docs.is_empty() { Doc::Empty } else { Doc::Gap(1) };
            match self.peek_leaf() {
                Some(of) if [":", ",", ";"].iter().any(|t| of.is(t)) => {
                    docs.extend([tight(of), Doc::Gap(1)]);
                    self.at += 1;
                    continue;
                }
                Some(of) if of.token.kind == Kind::Symbol && ASSIGNMENTS.contains(&of.token.text) => {
                    docs.extend([gap, leaf(of), Doc::Gap(1)]);
                    self.at += 1;
                    continue;
                }
                _ => {}
            }
            let first = docs.is_empty();
            match self.infix(0) {
                Some(laid) => {
                    docs.extend([gap, laid.doc.clone()]);
                    only = first.then_some(laid);
                }
                None => {
                    docs.extend([gap, self.anything()]);
                }
            }
        }
        match only {
            Some(laid) if docs.len() == 2 => laid,
            _ => Laid::new(row(docs), Shape::Plain),
        }
    }

    /// The next node, whatever it is.
    fn anything(&mut self) -> Doc<'t> {
        let node = self.peek();
        self.at += 1;
        match node {
            Some(Node::Leaf(of)) => leaf(of),
            Some(Node::Group(of)) => list(of, List::Bare, self.depth).doc,
            None => Doc::Empty,
        }
    }

    /// Operands and the operators between them that are at least so strong.
    fn infix(&mut self, weakest: usize) -> Option<Laid<'t>> {
        let from = self.at;
        let open = self.peek_leaf().is_some_and(|l| RANGES.contains(&l.token.text));
        let mut left = if open { Laid::new(Doc::Empty, Shape::Plain) } else { self.unary()? };
        while let Some(strength) = self.strength().filter(|s| *s >= weakest) {
            let ranges = STRENGTHS[strength] == RANGES;
            let mut rights = Vec::new();
            while self.strength() == Some(strength)
                && let Some(operator) = self.leaf()
            {
                let right = self.infix(strength + 1).map_or(Doc::Empty, |laid| laid.doc);
                rights.push((operator, right));
            }
            left = if ranges || is_fraction(&self.nodes[from..self.at]) {
                let docs = rights.into_iter().flat_map(|(operator, right)| [tight(operator), right]);
                Laid::new(row([left.doc, row(docs)]), Shape::Plain)
            } else {
                let docs = rights.into_iter().flat_map(|(of, right)| [Doc::Line, plain(of), Doc::Gap(1), right]);
                let broken = row([left.doc, indent(row(docs))]);
                Laid { doc: group(broken.clone()), shape: Shape::Infix, broken }
            };
        }
        Some(left)
    }

    /// The strength of the binary operator that comes next.
    fn strength(&self) -> Option<usize> {
        let token = self.peek_leaf()?.token;
        let operator = matches!(token.kind, Kind::Symbol | Kind::Word);
        operator.then(|| STRENGTHS.iter().position(|row| row.contains(&token.text))).flatten()
    }

    fn unary(&mut self) -> Option<Laid<'t>> {
        let mut signs = Vec::new();
        while ["-", "+", "!"].iter().any(|sign| self.is(sign)) {
            signs.extend(self.leaf().map(leaf));
        }
        let operand = if self.is("|") || self.is("||") { self.closure() } else { self.postfix() };
        match operand {
            Some(laid) if signs.is_empty() => Some(laid),
            Some(laid) => Some(Laid::new(row(signs.into_iter().chain([laid.doc])), Shape::Plain)),
            None if signs.is_empty() => None,
            None => Some(Laid::new(row(signs), Shape::Plain)),
        }
    }

    /// `|a, b| …`
    fn closure(&mut self) -> Option<Laid<'t>> {
        let closed = self.is("||") || self.rest().iter().skip(1).any(|n| n.is("|"));
        if self.is_deep() || !closed {
            return None;
        }
        let open = self.leaf()?;
        let mut docs = vec![leaf(open)];
        while open.is("|")
            && let Some(of) = self.leaf()
        {
            docs.push(tight(of));
            match of.token.text {
                "|" => break,
                "," => docs.push(Doc::Gap(1)),
                _ => {}
            }
        }
        docs.push(Doc::Gap(1));
        if let Some(body) = self.group("{") {
            docs.push(block(body, false, self.depth));
            let broken = row(docs);
            return Some(Laid { doc: group(broken.clone()), shape: Shape::Block, broken });
        }
        self.depth += 1;
        docs.push(self.sequence(false).doc);
        self.depth -= 1;
        Some(Laid::new(row(docs), Shape::Plain))
    }

    /// A value with its calls, indices and methods.
    fn postfix(&mut self) -> Option<Laid<'t>> {
        let mut chain = Chain::new(self.atom()?);
        loop {
            match self.peek() {
                Some(Node::Group(of)) if of.open.is("(") => chain.called(list(of, List::Call, self.depth)),
                Some(Node::Group(of)) if of.open.is("[") || of.open.is("?[") => {
                    chain.push(list(of, List::Bare, self.depth).doc);
                }
                Some(Node::Leaf(of)) if of.is("!") && self.nodes.get(self.at + 1).is_some_and(|n| n.is("(")) => {
                    chain.push(tight(of));
                }
                Some(Node::Leaf(of)) if ["::", ".", "?."].iter().any(|t| of.is(t)) => {
                    let Some(Node::Leaf(name)) = self.nodes.get(self.at + 1) else { break };
                    if name.token.kind != Kind::Word {
                        break;
                    }
                    if of.is("::") {
                        chain.push(tight(of));
                    } else {
                        let ended = !self.nodes[self.at - 1].last().trail.is_empty();
                        chain.link(plain(of), ended || of.lead.iter().any(|c| c.alone));
                    }
                    chain.push(tight(name));
                    self.at += 1;
                }
                _ => break,
            }
            self.at += 1;
        }
        Some(chain.laid())
    }

    fn atom(&mut self) -> Option<Laid<'t>> {
        match self.peek()? {
            Node::Group(of) => {
                self.at += 1;
                Some(match of.open.token.text {
                    "{" => Laid::new(group(block(of, false, self.depth)), Shape::Plain),
                    "[" => list(of, List::Array, self.depth),
                    "#{" => list(of, List::Map, self.depth),
                    _ => Laid::new(list(of, List::Bare, self.depth).doc, Shape::Plain),
                })
            }
            Node::Leaf(of) => match of.token.kind {
                Kind::Word if STATEMENTS.contains(&of.token.text) => {
                    self.compound(false).map(|doc| Laid::new(doc, Shape::Plain))
                }
                Kind::Word | Kind::Number | Kind::Text => {
                    self.at += 1;
                    Some(Laid::new(leaf(of), Shape::Plain))
                }
                _ => None,
            },
        }
    }
}

/// Whether this is all of a fraction of two whole numbers, like the `3/16` of a note: it is read as one thing.
fn is_fraction(nodes: &[Node<'_>]) -> bool {
    let whole = |node: &Node<'_>| {
        let Node::Leaf(of) = node else { return false };
        of.token.text.bytes().all(|b| b.is_ascii_digit()) && of.lead.is_empty() && of.trail.is_empty()
    };
    matches!(nodes, [over, Node::Leaf(slash), under] if whole(over) && whole(under)
        && slash.is("/") && slash.lead.is_empty() && slash.trail.is_empty())
}

/// `head.link().link()`: a value and the methods called on it.
struct Chain<'t> {
    head: Vec<Doc<'t>>,
    /// Whether the value itself is a call.
    calls: bool,
    shape: Shape,
    broken: Doc<'t>,
    links: Vec<Link<'t>>,
    /// Whether a comment stands before a link.
    commented: bool,
}

struct Link<'t> {
    docs: Vec<Doc<'t>>,
    called: bool,
}

impl<'t> Chain<'t> {
    fn new(value: Laid<'t>) -> Chain<'t> {
        let Laid { doc, shape, broken } = value;
        Chain { head: vec![doc], calls: false, shape, broken, links: Vec::new(), commented: false }
    }

    fn push(&mut self, doc: Doc<'t>) {
        match self.links.last_mut() {
            Some(link) => link.docs.push(doc),
            None => self.head.push(doc),
        }
        self.shape = Shape::Plain;
    }

    fn called(&mut self, arguments: Laid<'t>) {
        self.push(arguments.doc);
        match self.links.last_mut() {
            Some(link) => link.called = true,
            None => self.calls = true,
        }
        self.shape = Shape::Call;
    }

    /// A `.` begins the next link, which a mere property joins.
    fn link(&mut self, dot: Doc<'t>, commented: bool) {
        self.commented |= commented;
        let next = match self.links.pop() {
            // properties of the value belong to it
            Some(link) if !link.called && !commented && self.links.is_empty() => {
                self.head.extend(link.docs);
                Link { docs: vec![dot], called: false }
            }
            Some(Link { mut docs, called: false }) if !commented => {
                docs.push(dot);
                Link { docs, called: false }
            }
            link => {
                self.links.extend(link);
                Link { docs: vec![dot], called: false }
            }
        };
        self.links.push(next);
        self.shape = Shape::Plain;
    }

    fn laid(mut self) -> Laid<'t> {
        let last_called = self.links.last().is_none_or(|link| link.called);
        if !last_called && !self.commented && self.links.len() > 1 {
            // properties at the end stay with the call before them
            let properties = self.links.pop().map(|link| link.docs).unwrap_or_default();
            if let Some(link) = self.links.last_mut() {
                link.docs.extend(properties);
            }
        }
        let one = self.head.len() == 1 && self.links.is_empty();
        let head = row(self.head);
        let mut links: Vec<Doc<'t>> = self.links.into_iter().map(|link| row(link.docs)).collect();
        match links.len() {
            0 if one => Laid { doc: head, shape: self.shape, broken: self.broken },
            0 => Laid::new(head, self.shape),
            1 if !self.commented => {
                let link = links.remove(0);
                if self.calls && self.shape == Shape::Call {
                    return Laid::new(Doc::Dot(Rc::new(Dot { head, link })), Shape::Plain);
                }
                Laid::new(row([head, link]), self.shape)
            }
            _ => {
                let below = links.into_iter().flat_map(|link| [Doc::Soft, link]);
                Laid::new(group(row([head, indent(row(below))])), Shape::Plain)
            }
        }
    }
}
