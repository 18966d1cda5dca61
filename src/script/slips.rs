//! Slips of the pen: what people write who know another language, or miss a key. Each is told with the text that belongs there, and mended in
//! what Rhai reads, so that the other mistakes of the script are found in the same run.
//!
//! Looked for in texts only that Rhai refuses: what it takes is no slip.

use super::reader::{Frame, Kind, Reader};
use super::texts::on_torn;
use crate::diag::{Code, Diagnostic};
use crate::units::Unit;

/// Words for `let` and for `fn`.
const LET: &[&str] = &["Let", "LET", "var", "val", "local", "auto", "set", "def", "const"];
const FN: &[&str] = &["def", "function", "func", "fun", "proc", "sub", "Fn"];

impl Reader<'_> {
    /// Tells a slip that was mended.
    pub(super) fn slip(&mut self, diagnostic: Diagnostic) {
        self.slips += 1;
        let at = diagnostic.labels.first().map_or(0, |l| l.span.start);
        let quote = diagnostic.message.starts_with("a text is not closed");
        let torn = !quote && on_torn(&self.torn, at);
        if !std::mem::take(&mut self.silent) && !torn {
            self.problems.push(diagnostic);
        }
    }

    /// `# …`, a comment in other languages.
    pub(super) fn hash_comment(&mut self) {
        let (start, end) = (self.at, self.line_end(self.at));
        let blank = " ".repeat(self.text[start..end].chars().count());
        self.replace(start, end, &blank);
        let span = self.span(start, start + 1);
        self.slip(
            Diagnostic::error(Code::SYNTAX, "a comment begins with `//`")
                .label(span, "not the sign of a comment here")
                .help("write `//` for `#`")
                .fix(span, "//"),
        );
        self.at = end;
    }

    /// `{threshold: -20dB}` as an argument.
    pub(super) fn map_without_a_hash(&mut self, start: usize) -> bool {
        let rest = self.text[start + 1..].trim_start();
        let word = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(rest.len());
        let behind = rest[word..].trim_start();
        let first = matches!(&self.text[self.last.0..self.last.1], "(" | "," | "=" | "[");
        if word == 0 || !behind.starts_with(':') || behind.starts_with("::") || !first {
            return false;
        }
        self.replace(start, start, "#");
        let span = self.span(start, start + 1);
        self.slip(
            Diagnostic::error(Code::SYNTAX, "a map begins with `#{`")
                .label(span, "begins a block")
                .help("write `#{`")
                .fix(span, "#{"),
        );
        true
    }

    /// Signs that mean something elsewhere. Whether there was one.
    pub(super) fn slipped(&mut self) -> bool {
        let start = self.at;
        let c = self.text[start..].chars().next().unwrap_or(' ');
        let next = self.text[start + c.len_utf8()..].chars().next().unwrap_or(' ');
        match c {
            '“' | '”' | '„' => self.other_quotes(start, '”'),
            '«' => self.other_quotes(start, '»'),
            '–' | '−' | '—' => {
                let end = start + c.len_utf8();
                let span = self.span(start, end);
                self.replace(start, end, "-");
                self.slip(
                    Diagnostic::error(Code::SYNTAX, "this is a dash, not a minus")
                        .label(span, "another sign")
                        .help("write `-`")
                        .fix(span, "-"),
                );
                self.token(start, end);
                self.at = end;
                true
            }
            '=' => self.equals(start, next),
            '+' | '-' if self.last.2 && self.text[start + 1..].starts_with(c) && self.counts(start + 2) => {
                let (from, to) = (self.last.0, self.last.1);
                let span = self.span(start, start + 2);
                self.replace(start, start + 2, &format!(" {c}= 1"));
                let name = self.text[from..to].to_string();
                self.slip(
                    Diagnostic::error(Code::SYNTAX, format!("`{c}{c}` does not count here"))
                        .label(span, "not a sign of this language")
                        .help(format!("write `{name} {c}= 1`"))
                        .fix(span, format!(" {c}= 1")),
                );
                self.token(start, start + 2);
                self.at = start + 2;
                true
            }
            '.' if next.is_ascii_digit() && !self.value_ends() && !self.text[..start].ends_with('.') => {
                let rest = &self.text[start + 1..];
                let end = start + 1 + rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
                let finish = if self.text[end..].starts_with('%') { end + 1 } else { self.word_end(end) };
                let unit = Unit::parse(&self.text[end..finish]).or((end == finish).then_some(Unit::None));
                self.slip(
                    Diagnostic::error(Code::SYNTAX, "a number begins with a digit")
                        .label(self.span(start, finish), "begins with a dot")
                        .help(format!("write `0{}`", &self.text[start..finish]))
                        .fix(self.span(start, start), "0"),
                );
                self.literal(start, end, finish, unit);
                true
            }
            _ => false,
        }
    }

    /// `:=`, or the `:1` of a ratio. Whether it was one.
    pub(super) fn slipped_colon(&mut self) -> bool {
        let start = self.at;
        let next = char::from(self.peek(1));
        if next == '=' {
            return self.equals(start, next);
        }
        let declares = matches!(&self.text[self.before.0..self.before.1], "let" | "const") && self.last.2;
        if declares && !self.text[start..self.line_end(start)].contains('=') {
            let span = self.span(start, start + 1);
            self.replace(start, start + 1, "=");
            self.slip(
                Diagnostic::error(Code::SYNTAX, "a variable is set with `=`")
                    .label(span, "gives an argument its name")
                    .help(format!("write `let {} = …`", &self.text[self.last.0..self.last.1]))
                    .fix(span, " ="),
            );
            self.token(start, start + 1);
            self.at = start + 1;
            return true;
        }
        let number = self.bytes.get(self.last.0).is_some_and(u8::is_ascii_digit);
        let within = matches!(self.stack.last(), Some(Frame { kind: Kind::Paren(Some(_)), .. }));
        if !number || !within || !next.is_ascii_digit() {
            return false;
        }
        let rest = &self.text[start + 1..];
        let end = start + 1 + rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        let (whole, kept) = (&self.text[self.last.0..end], &self.text[self.last.0..self.last.1]);
        let diagnostic = Diagnostic::error(Code::SYNTAX, "a ratio is written as one number")
            .label(self.span(self.last.0, end), "two numbers")
            .help(format!("write `{kept}` for `{whole}`"))
            .fix(self.span(start, end), "");
        self.replace(start, end, "");
        self.slip(diagnostic);
        self.at = end;
        true
    }

    /// `,,`.
    pub(super) fn second_comma(&mut self) {
        let start = self.at;
        let list = matches!(self.stack.last(), Some(Frame { kind: Kind::Paren(_) | Kind::Bracket, start: None, .. }));
        if list && self.copied <= start && &self.text[self.last.0..self.last.1] == "," {
            self.replace(start, start + 1, " ");
            let span = self.span(start, start + 1);
            self.slip(
                Diagnostic::error(Code::SYNTAX, "there is no value between these commas")
                    .label(span, "one too many")
                    .help("take it out, or write the value that is missing before it")
                    .fix(span, ""),
            );
        }
    }

    fn counts(&self, after: usize) -> bool {
        self.text[after..].trim_start().starts_with([';', ')', '}'])
    }

    /// `=` or `:=` where a name meets its value, and `=` where two values are compared.
    fn equals(&mut self, start: usize, next: char) -> bool {
        let walrus = self.bytes[start] == b':';
        let end = if walrus { start + 2 } else { start + 1 };
        let compound = self.text[..start].ends_with(['=', '<', '>', '!', '+', '-', '*', '/', '%', '|', '&', '^']);
        if walrus != (next == '=') || (!walrus && next == '>') || compound {
            return false;
        }
        let after = self.last.1;
        let (named, in_list) = match self.stack.last() {
            Some(Frame { kind: Kind::Paren(Some(_)), start: first, name: None, .. }) => {
                (self.last.2 && *first == Some(self.last.0), false)
            }
            Some(Frame { kind: Kind::Bracket, colon: None, .. }) => (false, true),
            _ => (false, false),
        };
        if !named && !in_list {
            return false;
        }
        let sign = &self.text[start..end];
        let span = self.span(start, end);
        let what = if named { "a name and its value" } else { "a time and its value" };
        let diagnostic = Diagnostic::error(Code::SYNTAX, format!("a `:` stands between {what}"))
            .label(span, format!("`{sign}` sets a variable"))
            .help(if named {
                format!("write `{}: `, then the value", &self.text[self.last.0..after])
            } else {
                "write `[bar(1): -6dB, bar(9): -3dB]`".to_string()
            })
            .fix(self.span(after, end), ":");
        self.replace(start, end, if walrus { ": " } else { ":" });
        self.slip(diagnostic);
        if named {
            self.names_argument(self.last.0, after, start);
            self.last = (start, end, false);
            self.at = end;
        } else {
            self.colon();
            self.at = end;
        }
        true
    }

    /// A word of another language. Whether it was one, and has been read.
    pub(super) fn foreign_word(&mut self, start: usize, end: usize) -> bool {
        let name = &self.text[start..end];
        let rest = self.text[end..].trim_start();
        let word_follows = rest.starts_with(|c: char| c.is_alphabetic() || c == '_');
        let next = rest.find(|c: char| !(c.is_alphanumeric() || c == '_')).map_or("", |i| rest[i..].trim_start());
        let sets = next.starts_with('=') && !next.starts_with("==");
        let behind_value = self.value_ends();
        let new = match name {
            "and" if behind_value => "&&",
            "or" if behind_value => "||",
            "not" if word_follows && !behind_value => "!",
            "elif" | "elsif" | "elseif" if self.text[..start].trim_end().ends_with('}') => "else if",
            "foreach" | "forEach" | "For" if word_follows && !behind_value => "for",
            "of" if &self.text[self.before.0..self.before.1] == "for" => "in",
            name if word_follows && FN.contains(&name) && next.starts_with('(') && !behind_value => "fn",
            name if word_follows && LET.contains(&name) && sets && !behind_value && name != "const" => "let",
            _ => return false,
        };
        let span = self.span(start, end);
        let gap = if new == "!" { end + (self.text.len() - end - rest.len()) } else { end };
        let diagnostic = Diagnostic::error(Code::SYNTAX, format!("`{name}` is no word of this language"))
            .label(span, format!("here it is `{new}`"))
            .help(format!("write `{new}`"))
            .fix(self.span(start, gap), new);
        self.replace(start, gap, new);
        self.slip(diagnostic);
        self.token(start, end);
        self.last.2 = !matches!(new, "&&" | "||" | "!");
        if !self.last.2 {
            // a sign, not a value
            self.last = (end, end, false);
        }
        self.at = gap;
        true
    }

    /// `bar 9`. Whether it was one, and has been read.
    pub(super) fn bar_without_parentheses(&mut self, start: usize) -> bool {
        let (from, to, word) = self.last;
        let name = &self.text[from..to];
        if !word || !matches!(name, "bar" | "bars" | "beats" | "note") || self.text[to..start].contains('\n') {
            return false;
        }
        let rest = &self.text[start..];
        let end = start + rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(rest.len());
        let written = format!("{name}({})", &self.text[start..end]);
        let span = self.span(from, end);
        self.slip(
            Diagnostic::error(Code::SYNTAX, format!("the number of `{name}` stands in parentheses"))
                .label(span, "without them")
                .help(format!("write `{written}`"))
                .fix(span, written),
        );
        self.insert(to, start, "(");
        self.insert(end, end, ")");
        self.at = end;
        // a call: a value that ends here
        self.last = (end - 1, end, false);
        true
    }

    /// The unit behind a blank after a number that ends at `end`: where it ends, and its name.
    pub(super) fn unit_behind_a_blank(&self, end: usize) -> Option<(usize, &'static str)> {
        let rest = &self.text[end..];
        let blank = rest.len() - rest.trim_start_matches([' ', '\t']).len();
        if !self.mend || blank == 0 {
            return None;
        }
        let from = end + blank;
        let behind = &self.text[from..];
        if let Some(after) = behind.strip_prefix('%') {
            let after = after.trim_start();
            return (after.is_empty() || after.starts_with([',', ')', ']', '}', ';'])).then_some((from + 1, "%"));
        }
        let to = self.word_end(from);
        let word = &self.text[from..to];
        let (unit, _) = Unit::WRITTEN.iter().find(|u| u.0.eq_ignore_ascii_case(word))?;
        (!self.text[to..].starts_with(['(', ':', '='])).then_some((to, unit))
    }
}
