//! Numbers in a text, and the units written after them.

use super::lex::{Literal, Mark};
use super::reader::Reader;
use crate::diag::{Code, Diagnostic, suggest};
use crate::units::Unit;

/// Whether what follows a `%` that touches its number is nothing that could be divided by: `20%)`, `20% + 5%`. In `20%-3` it is.
fn no_operand(after: &str) -> bool {
    let next = after.trim_start();
    let ends = next.is_empty() || next.starts_with([',', ')', ']', '}', ';', ':']) || next.starts_with("//");
    let operator = next.starts_with(['*', '<', '>', '=', '&', '|', '?'])
        || ["!=", ".."].iter().any(|op| next.starts_with(op))
        || next.starts_with('/') && !next.starts_with("/*");
    let apart =
        |c: char| after.starts_with(char::is_whitespace) && next[c.len_utf8()..].starts_with(char::is_whitespace);
    let sum = next.chars().next().is_some_and(|c| matches!(c, '+' | '-') && apart(c));
    ends || operator || sum
}

impl Reader<'_> {
    /// A number, with its unit if one follows.
    pub(super) fn number(&mut self) {
        let start = self.at;
        let digits = |mut i: usize| {
            while self.bytes.get(i).is_some_and(|b| b.is_ascii_digit() || *b == b'_') {
                i += 1;
            }
            i
        };
        let digit = |i: usize| self.bytes.get(i).is_some_and(u8::is_ascii_digit);
        let mut end = digits(start);
        if self.bytes.get(end) == Some(&b'.') && digit(end + 1) {
            end = digits(end + 1);
        }
        if matches!(self.bytes.get(end), Some(b'e' | b'E')) {
            let sign = usize::from(matches!(self.bytes.get(end + 1), Some(b'+' | b'-')));
            if digit(end + 1 + sign) {
                end = digits(end + 1 + sign);
            }
        }
        let rest = &self.text[end..];
        let run = &rest[..rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len())];
        let percent = run.is_empty() && rest.strip_prefix('%').is_some_and(no_operand);
        let written = if percent { "%" } else { run };
        let unit = Unit::parse(written);
        let radix = &self.text[start..end] == "0" && run.starts_with(['x', 'X', 'o', 'O', 'b', 'B']) && {
            let base = match run.as_bytes()[0] | 32 {
                b'x' => 16,
                b'o' => 8,
                _ => 2,
            };
            run.len() > 1 && run[1..].chars().all(|c| c.is_digit(base))
        };
        if written.is_empty() || (unit.is_none() && radix) {
            self.at = end + run.len();
            self.token(start, self.at);
            return;
        }
        let finish = end + written.len();
        let span = self.span(start, finish);
        if unit.is_none() {
            let names = Unit::WRITTEN.iter().map(|u| u.0).filter(|u| *u != "%");
            let near = names.clone().find(|u| u.eq_ignore_ascii_case(written)).or_else(|| suggest(written, names));
            self.problems.push(
                Diagnostic::error(Code::UNKNOWN_UNIT, format!("there is no unit `{written}`"))
                    .label(self.span(end, finish), "not a unit")
                    .did_you_mean(near),
            );
        }
        let value = self.text[start..end].replace('_', "").parse().unwrap_or(0.0);
        let index = self.literals.len() as u32;
        self.literals.push(Literal { value, unit: unit.unwrap_or(Unit::None), span });
        self.marks.push((start as u32, Mark::Literal(index)));
        self.marks.push((start as u32 + 1, Mark::Tail));
        let blank = " ".repeat(self.text[start..finish].chars().count().saturating_sub(2));
        self.replace(start, finish, &format!("0a{blank}"));
        self.at = finish;
        self.token(start, finish);
    }
}
