//! Numbers in a text, and the units written after them.

use super::lex::{Literal, Mark};
use super::reader::Reader;
use crate::diag::{Code, Diagnostic, suggest};
use crate::units::{Unit, literal};

/// How others write the units of this language; nothing where it has none.
const OTHERS: &[(&str, &str)] = &[
    ("sec", "s"),
    ("secs", "s"),
    ("second", "s"),
    ("seconds", "s"),
    ("msec", "ms"),
    ("millis", "ms"),
    ("milliseconds", "ms"),
    ("minute", "min"),
    ("minutes", "min"),
    ("hertz", "Hz"),
    ("kilohertz", "kHz"),
    ("k", "kHz"),
    ("decibel", "dB"),
    ("decibels", "dB"),
    ("percent", "%"),
    ("pct", "%"),
    ("semitone", "st"),
    ("semitones", "st"),
    ("cent", "cents"),
    ("degrees", "deg"),
    ("x", ""),
    ("bpm", ""),
];

impl Reader<'_> {
    /// A number, with its unit if one follows.
    pub(super) fn number(&mut self) {
        let start = self.at;
        if self.mend && self.bar_without_parentheses(start) {
            return;
        }
        self.joined(start, false);
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
        if let (true, Some((finish, unit))) = (written.is_empty(), self.unit_behind_a_blank(end)) {
            return self.parted(start, end, finish, unit);
        }
        if written.is_empty() || (unit.is_none() && radix) {
            self.at = end + written.len();
            self.token(start, self.at);
            return;
        }
        let finish = end + written.len();
        if unit.is_none() {
            let names = Unit::WRITTEN.iter().map(|u| u.0).filter(|u| *u != "%");
            let said = OTHERS.iter().find(|o| o.0.eq_ignore_ascii_case(written)).map(|o| o.1);
            if said == Some("") {
                self.problems.push(
                    Diagnostic::error(Code::UNKNOWN_UNIT, format!("there is no unit `{written}`"))
                        .label(self.span(end, finish), "not a unit")
                        .help(format!("leave it out: `{}`", &self.text[start..end]))
                        .fix(self.span(end, finish), ""),
                );
                return self.literal(start, end, finish, unit);
            }
            let one = written.chars().count() == 1;
            let near = said
                .or_else(|| names.clone().find(|u| u.eq_ignore_ascii_case(written)))
                .or_else(|| suggest(written, names).filter(|_| !one));
            self.problems.push(
                Diagnostic::error(Code::UNKNOWN_UNIT, format!("there is no unit `{written}`"))
                    .label(self.span(end, finish), "not a unit")
                    .did_you_mean(near),
            );
        }
        self.literal(start, end, finish, unit);
    }

    /// `-3 dB`: a number, a blank and its unit.
    fn parted(&mut self, start: usize, end: usize, finish: usize, unit: &str) {
        let minus = if self.text[..start].ends_with('-') { "-" } else { "" };
        let number = format!("{minus}{}", &self.text[start..end]);
        let diagnostic = Diagnostic::error(Code::SYNTAX, "a unit stands right after its number")
            .label(self.span(end, finish), "a blank in between")
            .help(format!("write `{number}{unit}`"))
            .fix(self.span(end, finish), unit);
        self.slip(diagnostic);
        self.literal(start, end, finish, Unit::parse(unit));
    }

    /// A number that is followed by its unit, up to `finish`.
    pub(super) fn literal(&mut self, start: usize, end: usize, finish: usize, unit: Option<Unit>) {
        let span = self.span(start, finish);
        let value = self.text[start..end].replace('_', "").parse().unwrap_or(0.0);
        let index = self.literals.len() as u32;
        let sign = self.text[..start].chars().next_back().map_or(1, char::len_utf8) as u32;
        self.literals.push(Literal { value, unit, span, sign });
        self.marks.push((start as u32, Mark::Literal(index)));
        self.marks.push((start as u32 + 1, Mark::Tail));
        let blank = " ".repeat(self.text[start..finish].chars().count().saturating_sub(2));
        self.replace(start, finish, &format!("0a{blank}"));
        self.at = finish;
        self.token(start, finish);
    }
}
