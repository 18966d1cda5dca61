//! Tokens with their comments: each comment belongs to the token after it, or ends the line of the token before it.

use std::borrow::Cow;

use super::texts;
use super::tokens::{Kind, Token};

#[derive(Clone, Debug)]
pub(super) struct Comment<'a> {
    /// Without blanks at the ends of its lines.
    pub(super) text: Cow<'a, str>,
    pub(super) line: bool,
    /// Whether nothing else stands on its line.
    pub(super) alone: bool,
    /// Whether an empty line stands before it.
    pub(super) blank: bool,
}

#[derive(Debug)]
pub(super) struct Leaf<'a> {
    pub(super) token: Token<'a>,
    /// The column in which it began, from 0.
    pub(super) column: usize,
    pub(super) lead: Vec<Comment<'a>>,
    /// At the end of its line.
    pub(super) trail: Vec<Comment<'a>>,
    /// Whether an empty line stands right before it.
    pub(super) blank: bool,
}

impl Leaf<'_> {
    pub(super) fn is(&self, text: &str) -> bool {
        self.token.text == text && matches!(self.token.kind, Kind::Word | Kind::Symbol | Kind::Open | Kind::Close)
    }
}

pub(super) fn cleaned<'a>(token: Token<'a>) -> Cow<'a, str> {
    let blanks = [' ', '\t', '\r', '\x0c'];
    if token.kind == Kind::Line {
        return token.text.trim_end_matches(blanks).into();
    }
    let text = token.text;
    if text.split('\n').all(|line| line.trim_end_matches(blanks).len() == line.len()) {
        return text.into();
    }
    text.split('\n').map(|line| line.trim_end_matches(blanks)).collect::<Vec<_>>().join("\n").into()
}

/// The last leaf is the text's end.
pub(super) fn leaves<'a>(text: &'a str, tokens: &[Token<'a>]) -> Vec<Leaf<'a>> {
    let mut leaves: Vec<Leaf<'a>> = Vec::with_capacity(tokens.len());
    let mut rest = tokens;
    while let Some(count) = rest.iter().position(|t| !matches!(t.kind, Kind::Line | Kind::Block)) {
        let (comments, token) = (&rest[..count], rest[count]);
        rest = &rest[count + 1..];
        // the comments on the line of the token before end that line, unless this token stands there too
        let beside = comments.iter().take_while(|c| c.breaks == 0).count();
        let ended = comments.get(beside).is_some_and(|c| c.breaks > 0) || token.breaks > 0 || token.kind == Kind::End;
        let trailing = if ended && !leaves.is_empty() { beside } else { 0 };
        let alone = |i: usize| {
            let ended = (i + 1..comments.len()).any(|j| comments[j].breaks > 0);
            let begun = token.kind == Kind::Close && (0..=i).any(|j| comments[j].breaks > 0);
            ended || begun || token.breaks > 0 || token.kind == Kind::End
        };
        let comment = |i: usize| Comment {
            text: cleaned(comments[i]),
            line: comments[i].kind == Kind::Line,
            alone: i >= trailing && alone(i),
            blank: comments[i].breaks > 1,
        };
        if let Some(last) = leaves.last_mut() {
            last.trail = (0..trailing).map(comment).collect();
        }
        let lead = (trailing..count).map(comment).collect();
        let column = if texts::is_continued(token.text) { texts::column(text, token.start) } else { 0 };
        leaves.push(Leaf { token, column, lead, trail: Vec::new(), blank: token.breaks > 1 });
    }
    for i in 1..leaves.len() {
        after_separator(&mut leaves, i);
        before_operator(&mut leaves, i);
    }
    leaves
}

/// `a // why` and then `,` on the next line is `a, // why`.
fn after_separator(leaves: &mut [Leaf<'_>], i: usize) {
    let [before, separator, after, ..] = &mut leaves[i - 1..] else { return };
    let separates = separator.is(",") || separator.is(";");
    if !separates || before.token.kind == Kind::Open || before.is(",") || before.is(";") {
        return;
    }
    let moves = !before.trail.is_empty() || separator.lead.iter().any(|c| c.alone);
    if !moves {
        return;
    }
    let mut comments = std::mem::take(&mut before.trail);
    comments.append(&mut separator.lead);
    comments.append(&mut separator.trail);
    let mut ended = false;
    let kept = comments.iter().take_while(|c| !c.alone && !std::mem::replace(&mut ended, c.line)).count();
    let mut others = comments.split_off(kept);
    others.iter_mut().for_each(|c| c.alone = true);
    separator.trail = comments;
    others.append(&mut after.lead);
    if after.token.kind == Kind::Close {
        // its line begins with them now
        others.iter_mut().for_each(|c| c.alone = true);
    }
    after.lead = others;
}

/// Lines break before operators, so a comment at the end of a line that ended in one comes before it.
fn before_operator(leaves: &mut [Leaf<'_>], i: usize) {
    const OPERATORS: &[&str] = &[
        ".", "?.", "+", "-", "*", "/", "%", "**", "==", "!=", "<", "<=", ">", ">=", "&&", "||", "??", "<<", ">>", "&",
    ];
    let [before, operator, ..] = &mut leaves[i - 1..] else { return };
    let operand = matches!(before.token.kind, Kind::Number | Kind::Text | Kind::Close)
        || before.token.kind == Kind::Word && !super::words::STATEMENTS.contains(&before.token.text);
    let binary = operand && operator.token.kind == Kind::Symbol && OPERATORS.contains(&operator.token.text);
    if binary && before.trail.is_empty() && operator.lead.is_empty() {
        before.trail = std::mem::take(&mut operator.trail);
    }
}
