//! What is laid out: words with the places between them where lines may break, after Wadler, "A prettier printer" (1998).

use std::rc::Rc;

use super::leaves::Leaf;

#[derive(Clone, Debug)]
pub(super) enum Doc<'t> {
    Empty,
    Word(&'t Leaf<'t>),
    /// A comment.
    Note(&'t str),
    /// A comment at the end of a line, after so many blanks. It may be as long as it likes.
    Remark(usize, &'t str),
    /// So many blanks, none at the beginning of a line.
    Gap(usize),
    /// A blank, or a new line where its group is broken.
    Line,
    /// Nothing, or a new line where its group is broken.
    Soft,
    /// A new line.
    Break,
    /// An empty line.
    Blank,
    /// A comma that is there only where its group is broken.
    Comma,
    Row(Rc<[Doc<'t>]>, bool),
    Indent(Rc<Doc<'t>>),
    /// Broken unless all of it fits.
    Group(Rc<Doc<'t>>),
    /// Not broken, whatever is around it.
    Flat(Rc<Doc<'t>>),
    Hug(Rc<Hug<'t>>),
    Dot(Rc<Dot<'t>>),
}

/// A list whose last element may be broken instead of the list.
#[derive(Debug)]
pub(super) struct Hug<'t> {
    /// Up to the last element.
    pub(super) head: Doc<'t>,
    /// The last element, to be broken.
    pub(super) last: Doc<'t>,
    pub(super) close: Doc<'t>,
    /// The list with an element per line.
    pub(super) broken: Doc<'t>,
}

/// A call's value and the one method called on it: on a line of its own where it fits there, else with its arguments broken.
#[derive(Debug)]
pub(super) struct Dot<'t> {
    pub(super) head: Doc<'t>,
    pub(super) link: Doc<'t>,
}

impl Doc<'_> {
    /// Whether a line breaks in it in any case.
    pub(super) fn is_forced(&self) -> bool {
        match self {
            Doc::Break | Doc::Blank => true,
            Doc::Row(_, forced) => *forced,
            Doc::Indent(doc) | Doc::Group(doc) | Doc::Flat(doc) => doc.is_forced(),
            Doc::Hug(hug) => hug.broken.is_forced(),
            Doc::Dot(dot) => dot.head.is_forced() || dot.link.is_forced(),
            _ => false,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        matches!(self, Doc::Empty)
    }
}

pub(super) fn row<'t>(docs: impl IntoIterator<Item = Doc<'t>>) -> Doc<'t> {
    let mut docs: Vec<Doc<'t>> = docs.into_iter().filter(|d| !d.is_empty()).collect();
    match docs.len() {
        0 => Doc::Empty,
        1 => docs.remove(0),
        _ => {
            let forced = docs.iter().any(Doc::is_forced);
            Doc::Row(docs.into(), forced)
        }
    }
}

pub(super) fn indent(doc: Doc<'_>) -> Doc<'_> {
    Doc::Indent(Rc::new(doc))
}

pub(super) fn group(doc: Doc<'_>) -> Doc<'_> {
    if matches!(doc, Doc::Group(_) | Doc::Word(_) | Doc::Empty) { doc } else { Doc::Group(Rc::new(doc)) }
}

pub(super) fn flat(doc: Doc<'_>) -> Doc<'_> {
    Doc::Flat(Rc::new(doc))
}
