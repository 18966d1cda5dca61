//! Where strings, characters and block comments end: the only tokens with a structure of their own.

use super::Problem;

/// Interpolations in interpolations.
const DEEPEST: usize = 16;

pub(super) struct Texts<'a> {
    pub(super) text: &'a str,
}

impl Texts<'_> {
    fn peek(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or(0)
    }

    /// After the `*/` of the comment at `start`; comments nest.
    pub(super) fn comment(&self, start: usize) -> Result<usize, Problem> {
        let (mut at, mut depth) = (start, 0usize);
        while at < self.text.len() {
            match (self.peek(at), self.peek(at + 1)) {
                (b'/', b'*') => {
                    depth += 1;
                    at += 2;
                }
                (b'*', b'/') => {
                    depth -= 1;
                    at += 2;
                    if depth == 0 {
                        return Ok(at);
                    }
                }
                _ => at += 1,
            }
        }
        Err(Problem::new(start..start + 2, "this comment does not end"))
    }

    /// After the string `"…"` or the character at `start`. A doubled quote stands for itself, a line may end in `\`.
    pub(super) fn quoted(&self, start: usize) -> Result<usize, Problem> {
        let quote = self.peek(start);
        let mut at = start + 1;
        while at < self.text.len() {
            match self.peek(at) {
                b'\\' if self.peek(at + 1) == b'\r' => at += 3,
                b'\\' => at += 2,
                b'\n' => break,
                c if c == quote && self.peek(at + 1) == quote => at += 2,
                c if c == quote => return Ok(at + 1),
                _ => at += 1,
            }
        }
        let what = if quote == b'"' { "this string does not end on its line" } else { "this character does not end" };
        Err(Problem::new(start..start + 1, what))
    }

    pub(super) fn is_raw(&self, start: usize) -> bool {
        self.peek(start + self.hashes(start)) == b'"'
    }

    fn hashes(&self, start: usize) -> usize {
        self.text.as_bytes()[start..].iter().take_while(|b| **b == b'#').count()
    }

    /// After the string `#"…"#` at `start`.
    pub(super) fn raw(&self, start: usize) -> Result<usize, Problem> {
        let hashes = self.hashes(start);
        let from = start + hashes + 1;
        let close = format!("\"{}", "#".repeat(hashes));
        match self.text[from..].find(&close) {
            Some(i) => Ok(from + i + close.len()),
            None => Err(Problem::new(start..from, "this string does not end")),
        }
    }

    /// After the string `` `…` `` at `start`, interpolations and all.
    pub(super) fn back_quoted(&self, start: usize, depth: usize) -> Result<usize, Problem> {
        if depth > DEEPEST {
            return Err(Problem::new(start..start + 1, "interpolations lie too deep in one another"));
        }
        let mut at = start + 1;
        while at < self.text.len() {
            match (self.peek(at), self.peek(at + 1)) {
                (b'`', b'`') => at += 2,
                (b'`', _) => return Ok(at + 1),
                (b'\\', b'$') => at += 2,
                (b'$', b'{') => at = self.interpolation(at, depth)?,
                _ => at += 1,
            }
        }
        Err(Problem::new(start..start + 1, "this string does not end"))
    }

    /// After the `}` of the `${` at `start`.
    fn interpolation(&self, start: usize, depth: usize) -> Result<usize, Problem> {
        let (mut at, mut braces) = (start + 1, 0usize);
        while at < self.text.len() {
            match (self.peek(at), self.peek(at + 1)) {
                (b'"' | b'\'', _) => at = self.quoted(at)?,
                (b'`', _) => at = self.back_quoted(at, depth + 1)?,
                (b'#', _) if self.is_raw(at) => at = self.raw(at)?,
                (b'/', b'*') => at = self.comment(at)?,
                (b'/', b'/') => at = self.text[at..].find(['\r', '\n']).map_or(self.text.len(), |i| at + i),
                (b'{', _) => {
                    braces += 1;
                    at += 1;
                }
                (b'}', _) => {
                    braces -= 1;
                    at += 1;
                    if braces == 0 {
                        return Ok(at);
                    }
                }
                _ => at += 1,
            }
        }
        Err(Problem::new(start..start + 2, "this interpolation does not end"))
    }
}

/// Whether a string goes on after a `\` at the end of a line. Rhai then skips the next line's blanks up to the column where the string began.
pub(super) fn is_continued(text: &str) -> bool {
    text.starts_with('"') && text.contains('\n')
}

/// The column of a byte, from 0, in characters.
pub(super) fn column(text: &str, at: usize) -> usize {
    text[..at].rsplit('\n').next().map_or(0, |line| line.chars().count())
}

/// A string with continued lines that began at a column (from 0, in characters), as it is written at another to mean the same.
pub(super) fn moved(text: &str, from: usize, to: usize) -> String {
    let mut lines = text.split('\n').map(|line| line.strip_suffix('\r').unwrap_or(line));
    let mut moved = lines.next().unwrap_or("").to_string();
    for line in lines {
        let text = line.trim_start_matches([' ', '\t']);
        let kept = line.chars().count().saturating_sub(text.chars().count()).saturating_sub(from + 1);
        moved.push('\n');
        moved.push_str(&" ".repeat(to + 1));
        moved.extend(line.chars().skip(from + 1).take(kept));
        moved.push_str(text);
    }
    moved
}
