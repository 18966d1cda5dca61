//! A text as tokens and comments, nothing lost but blanks. Tokens end where Rhai and the language's own literals make them end.

use super::Problem;
use super::texts::Texts;
use crate::units::literal;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Word,
    /// With its unit, and with its sign where Rhai reads the two as one.
    Number,
    /// A string or a character, with its quotes and interpolations.
    Text,
    Symbol,
    Open,
    Close,
    /// `// …`
    Line,
    /// `/* … */`
    Block,
    /// What stands after the last token.
    End,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Token<'a> {
    pub(super) kind: Kind,
    pub(super) text: &'a str,
    /// Its first byte in the whole text.
    pub(super) start: usize,
    /// Line breaks between it and what was before.
    pub(super) breaks: usize,
    /// Whether a `-` here and a digit right after it are one number.
    pub(super) unary: bool,
}

/// Longest first.
const SYMBOLS: &[&str] = &[
    "...", "..=", "===", "!==", "::<", "<<=", ">>=", "**=", "..", "==", "!=", "<=", ">=", "&&", "||", "??", "?.", "::",
    ":=", ":;", "=>", "->", "<-", "<|", "|>", "<<", ">>", "**", "++", "--", "+=", "-=", "*=", "/=", "%=", "|=", "&=",
    "^=", "!.",
];

/// After these Rhai reads `-3` as a number (`Token::is_next_unary`).
const BEFORE_SIGNS: &[&str] = &[
    ";", ":", ",", "??", "..", "..=", "{", "(", "[", "?[", "+", "+=", "-", "-=", "*", "*=", "/", "/=", "%", "%=", "**",
    "**=", "<<", "<<=", ">>", ">>=", "=", "==", "!=", "<", ">", "!", "<=", ">=", "|", "&", "&&", "&=", "||", "|=", "^",
    "^=", "!in", "if", "while", "until", "in", "return", "throw",
];

/// Deeper than any script that Rhai takes.
const DEEPEST: usize = 128;

/// All tokens and comments, [`Kind::End`] last.
pub(super) fn tokens(text: &str) -> Result<Vec<Token<'_>>, Problem> {
    let mut lexer = Lexer { text, at: 0, sign: true };
    if text.starts_with('\u{feff}') {
        lexer.at = '\u{feff}'.len_utf8();
    }
    let mut tokens = Vec::new();
    let mut open: Vec<Token<'_>> = Vec::new();
    loop {
        let token = lexer.next()?;
        tokens.push(token);
        match token.kind {
            Kind::Open => open.push(token),
            Kind::Close => match open.pop() {
                None => return Err(Problem::new(span(token), format!("`{}` closes nothing", token.text))),
                Some(opened) if closer(opened.text) != token.text => {
                    let (wanted, found) = (closer(opened.text), token.text);
                    let message = format!("`{}` is closed by `{found}` instead of `{wanted}`", opened.text);
                    return Err(Problem::new(span(token), message).opened(span(opened)));
                }
                Some(_) => {}
            },
            Kind::End => break,
            _ => {}
        }
        if open.len() > DEEPEST {
            let message = format!("more than {DEEPEST} brackets lie in one another");
            return Err(Problem::new(span(token), message));
        }
    }
    match open.pop() {
        Some(opened) => Err(Problem::new(span(opened), format!("`{}` is never closed", opened.text))),
        None => Ok(tokens),
    }
}

pub(super) fn span(token: Token<'_>) -> std::ops::Range<usize> {
    token.start..token.start + token.text.len()
}

fn closer(open: &str) -> &'static str {
    match open {
        "(" => ")",
        "[" | "?[" => "]",
        _ => "}",
    }
}

/// Whether two tokens written side by side would be read as others.
pub(super) fn stick(left: Token<'_>, right: Token<'_>) -> bool {
    // what never sticks, without looking closer
    match (left.kind, right.kind) {
        (_, Kind::Close) | (Kind::Open | Kind::Close, _) => return false,
        (Kind::Word | Kind::Text, Kind::Symbol | Kind::Open) => return false,
        (Kind::Symbol, Kind::Word) if left.text != "!" => return false,
        _ => {}
    }
    let together = format!("{}{}", left.text, right.text);
    let mut lexer = Lexer { text: &together, at: 0, sign: left.unary };
    let first = lexer.next().is_ok_and(|t| t.text == left.text);
    !(first && lexer.next().is_ok_and(|t| t.text == right.text))
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
    /// Whether a `-` and a digit are one number here.
    sign: bool,
}

impl<'a> Lexer<'a> {
    fn next(&mut self) -> Result<Token<'a>, Problem> {
        let breaks = self.blanks();
        let (start, unary) = (self.at, self.sign);
        let rest = &self.text[start..];
        let (kind, end) = self.token(rest, start)?;
        self.at = end;
        let text = &self.text[start..end];
        match kind {
            Kind::Line | Kind::Block => {}
            Kind::Symbol | Kind::Open | Kind::Word => self.sign = BEFORE_SIGNS.contains(&text),
            _ => self.sign = false,
        }
        Ok(Token { kind, text, start, breaks, unary })
    }

    /// Passes blanks of any kind, as the reader does; gives the line breaks in them.
    fn blanks(&mut self) -> usize {
        let rest = &self.text[self.at..];
        let length = rest.find(|c: char| !c.is_whitespace()).unwrap_or(rest.len());
        self.at += length;
        rest[..length].bytes().filter(|b| *b == b'\n').count()
    }

    fn token(&self, rest: &str, start: usize) -> Result<(Kind, usize), Problem> {
        let bytes = rest.as_bytes();
        let after = bytes.get(1).copied().unwrap_or(0);
        let texts = Texts { text: self.text };
        let Some(&first) = bytes.first() else { return Ok((Kind::End, start)) };
        Ok(match first {
            b'/' if after == b'/' => (Kind::Line, start + rest.find(['\r', '\n']).unwrap_or(rest.len())),
            // no comment, and for Rhai no script either; but nothing is gained by tearing it apart
            b'#' if after == b'!' && start == 0 => (Kind::Line, start + rest.find(['\r', '\n']).unwrap_or(rest.len())),
            b'/' if after == b'*' => (Kind::Block, texts.comment(start)?),
            b'"' | b'\'' => (Kind::Text, texts.quoted(start)?),
            b'`' => (Kind::Text, texts.back_quoted(start, 0)?),
            b'#' if after == b'{' => (Kind::Open, start + 2),
            b'#' if texts.is_raw(start) => (Kind::Text, texts.raw(start)?),
            b'?' if after == b'[' => (Kind::Open, start + 2),
            b'(' | b'[' | b'{' => (Kind::Open, start + 1),
            b')' | b']' | b'}' => (Kind::Close, start + 1),
            b'0'..=b'9' => (Kind::Number, start + number(rest)),
            b'-' if self.sign && after.is_ascii_digit() => (Kind::Number, start + 1 + number(&rest[1..])),
            b'!' if not_in(rest) => (Kind::Symbol, start + 3),
            _ => {
                let word = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
                if word > 0 {
                    return Ok((Kind::Word, start + word));
                }
                let symbol = SYMBOLS.iter().find(|s| rest.starts_with(**s)).map(|s| s.len());
                let one = rest.chars().next().map_or(1, char::len_utf8);
                (Kind::Symbol, start + symbol.unwrap_or(one))
            }
        })
    }
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn not_in(rest: &str) -> bool {
    rest.strip_prefix("!in").is_some_and(|after| !after.starts_with(is_word))
}

/// The length of a number with its unit.
fn number(rest: &str) -> usize {
    let (number, unit) = literal(rest);
    let end = number + unit;
    let bytes = rest.as_bytes();
    if &rest[..number] == "0" && rest[number..end].starts_with(['x', 'X', 'o', 'O', 'b', 'B']) {
        // `0xff_ff`
        return rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
    }
    // Rhai takes `1.` for a number where no name and no range follows
    let float = unit == 0 && bytes.get(number) == Some(&b'.') && !rest[..number].contains(['.', 'e', 'E']);
    let next = rest[number..].chars().nth(1);
    if float && next.is_some_and(|c| !is_word(c) && c != '.') { number + 1 } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str) -> Vec<&str> {
        let mut all: Vec<&str> = tokens(text).unwrap().iter().map(|t| t.text).collect();
        all.pop();
        all
    }

    #[test]
    fn tokens_are_those_of_the_language() {
        assert_eq!(texts("a-1 -1"), ["a", "-", "1", "-", "1"]);
        assert_eq!(texts("a(-1, - 1)"), ["a", "(", "-1", ",", "-", "1", ")"]);
        assert_eq!(texts("1..2 1.dB 1. 2 1.5..x"), ["1", "..", "2", "1", ".", "dB", "1.", "2", "1.5", "..", "x"]);
        assert_eq!(texts("x=20%;y=20%3"), ["x", "=", "20%", ";", "y", "=", "20", "%", "3"]);
        assert_eq!(
            texts("a??b?.c?[0]!in d!init"),
            ["a", "??", "b", "?.", "c", "?[", "0", "]", "!in", "d", "!", "init"]
        );
        assert_eq!(
            texts("`a${ {\"}`\"} }`b \"x\\\"\"\"y\" '\\''"),
            ["`a${ {\"}`\"} }`", "b", "\"x\\\"\"\"y\"", "'\\''"]
        );
        assert_eq!(texts("#{a:#\"}\"#} /* /* */ */ // }"), ["#{", "a", ":", "#\"}\"#", "}", "/* /* */ */", "// }"]);
        assert_eq!(texts("`\\${` || |_|_ **= 0xf_f"), ["`\\${`", "||", "|", "_", "|", "_", "**=", "0xf_f"]);
    }

    #[test]
    fn what_does_not_end_is_a_problem() {
        for (text, place) in [
            ("a(\"b\n\")", 2..3),
            ("`${ a `", 6..7),
            ("#\"a\"", 0..2),
            ("x /* /* */", 2..4),
            ("f(a]", 3..4),
            ("}", 0..1),
            ("{ (", 2..3),
            ("'a", 0..1),
        ] {
            assert_eq!(tokens(text).unwrap_err().span, place, "{text}");
        }
    }

    #[test]
    fn sticking_is_seen() {
        let all = tokens("1 . .. - - -3 1. a ( b )").unwrap();
        let at = |text: &str| *all.iter().find(|t| t.text == text).unwrap();
        assert!(stick(at("1"), at("1.")) && stick(at("-"), at("-")) && stick(at("1."), at(".")));
        assert!(!stick(at("1"), at("..")) && !stick(at("a"), at("(")) && !stick(at("1"), at(".")));
    }
}
