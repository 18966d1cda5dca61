//! How a script is laid out: one style without options. It depends on the tokens, the comments and the empty lines between statements alone, so
//! what is formatted stays as it is.

mod doc;
mod expressions;
mod layout;
mod leaves;
mod print;
mod statements;
mod texts;
mod tokens;
mod tree;
mod words;

use std::borrow::Cow;
use std::ops::Range;

use tokens::{Kind, Token};

/// Why a text was left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// What is wrong, in a sentence.
    pub message: String,
    /// Where it is, in bytes of the text.
    pub span: Range<usize>,
    /// The bracket that was to be closed.
    pub opened: Option<Range<usize>>,
}

impl Problem {
    fn new(span: Range<usize>, message: impl Into<String>) -> Problem {
        Problem { message: message.into(), span, opened: None }
    }

    fn opened(self, span: Range<usize>) -> Problem {
        Problem { opened: Some(span), ..self }
    }
}

/// The script `text` as everybody writes it. What it means and its comments stay.
///
/// # Errors
/// A string, a comment or a bracket has no end, so that nobody knows what belongs to what.
pub fn format(text: &str) -> Result<String, Problem> {
    let tokens = tokens::tokens(text)?;
    let tree = tree::tree(leaves::leaves(text, &tokens));
    let formatted = print::print(layout::file(&tree));
    match difference(text, &tokens, &formatted) {
        None => Ok(formatted),
        Some(span) => Err(Problem::new(span, "this cannot be formatted without changing what it means")),
    }
}

/// Where the formatted text says something else.
fn difference(text: &str, tokens: &[Token<'_>], formatted: &str) -> Option<Range<usize>> {
    let end = text.len()..text.len();
    let Ok(written) = tokens::tokens(formatted) else { return Some(end) };
    let mut words = meanings(formatted, &written);
    let changed = meanings(text, tokens).find(|(_, meaning)| words.next().is_none_or(|(_, w)| w != *meaning));
    let mut notes = notes(&written);
    let lost = self::notes(tokens).find(|(_, note)| notes.next().is_none_or(|(_, n)| n != *note));
    let place = changed.map(|(token, _)| token).or(lost.map(|(token, _)| token));
    match place {
        Some(token) => Some(tokens::span(token)),
        None => (words.next().is_some() || notes.next().is_some()).then_some(end),
    }
}

/// Tokens and what they say, without commas before closing brackets.
fn meanings<'a>(text: &'a str, tokens: &'a [Token<'a>]) -> impl Iterator<Item = (Token<'a>, Cow<'a, str>)> {
    let mut words = tokens.iter().filter(|t| !matches!(t.kind, Kind::Line | Kind::Block | Kind::End)).peekable();
    std::iter::from_fn(move || {
        let mut token = *words.next()?;
        while token.text == ","
            && let Some(next) = words.next_if(|next| next.kind == Kind::Close)
        {
            token = *next;
        }
        let meaning: Cow<'a, str> = if texts::is_continued(token.text) {
            texts::moved(token.text, texts::column(text, token.start), 0).into()
        } else if token.text.starts_with('`') && !token.text.contains('#') {
            token.text.replace("\r\n", "\n").into()
        } else {
            token.text.into()
        };
        Some((token, meaning))
    })
}

fn notes<'a>(tokens: &'a [Token<'a>]) -> impl Iterator<Item = (Token<'a>, Cow<'a, str>)> {
    let comments = tokens.iter().filter(|t| matches!(t.kind, Kind::Line | Kind::Block));
    comments.map(|token| (*token, leaves::cleaned(*token)))
}
