//! Numbers in a text, and the units written after them.

use super::lex::{Literal, Mark};
use super::reader::Reader;
use crate::diag::{Code, Diagnostic, suggest};
use crate::units::{Unit, literal};

impl Reader<'_> {
    /// A number, with its unit if one follows.
    pub(super) fn number(&mut self) {
        let start = self.at;
        let (number, after) = literal(&self.text[start..]);
        let end = start + number;
        let written = &self.text[end..end + after];
        let unit = Unit::parse(written);
        let radix = &self.text[start..end] == "0" && written.starts_with(['x', 'X', 'o', 'O', 'b', 'B']) && {
            let base = match written.as_bytes()[0] | 32 {
                b'x' => 16,
                b'o' => 8,
                _ => 2,
            };
            written.len() > 1 && written[1..].chars().all(|c| c.is_digit(base))
        };
        if written.is_empty() || (unit.is_none() && radix) {
            self.at = end + written.len();
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
