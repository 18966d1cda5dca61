//! Words that stand for nothing: what was likely meant by each.

use std::collections::BTreeSet;

use rhai::Position;

use super::engine::{NAMES, signatures};
use super::lex::Lexed;
use super::modules::Text;
use super::named::Functions;
use super::static_check::Checker;
use crate::diag::{Code, Diagnostic, Span};

/// Words of other languages for what has another name here, or none.
const OTHERS: &[(&str, &str)] =
    &[("True", "true"), ("TRUE", "true"), ("yes", "true"), ("on", "true"), ("False", "false")];
const OTHERS_OFF: &[(&str, &str)] = &[("FALSE", "false"), ("no", "false"), ("Off", "off"), ("OFF", "off")];
const NOTHING: &[&str] = &["None", "none", "null", "nil", "undefined", "NULL"];

impl Checker<'_> {
    pub(super) fn variable(
        &mut self,
        text: &Text,
        lexed: &Lexed,
        own: &Functions,
        declared: &mut BTreeSet<String>,
        name: &str,
        at: Position,
    ) {
        if NAMES.iter().any(|n| n.0 == name) || matches!(name, "PI" | "E") || own.contains_key(name) {
            return;
        }
        let span = Checker::span(lexed, at);
        self.missing.variables.insert(name.to_string());
        if self.shared.lock().covered(span) {
            return;
        }
        if text.unquoted.contains(&span) {
            self.missing.modules.insert(name.to_string());
            return;
        }
        let message = format!("nothing is called `{name}` here");
        let diagnostic = Diagnostic::error(Code::UNKNOWN_VARIABLE, message).label(span, "not declared");
        let rest = lexed.text[span.end as usize..].trim_start();
        let dotted = rest.starts_with('.') && !rest.starts_with("..");
        let sets = rest.starts_with('=') && !rest.starts_with("==") && !rest.starts_with("=>");
        let diagnostic = if text.aliases.contains_key(name) && dotted {
            let dot = lexed.text[span.end as usize..].find('.').map_or(span.end as usize, |i| span.end as usize + i);
            let call: String = rest[1..].chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            Diagnostic::error(Code::UNKNOWN_VARIABLE, format!("`{name}` is a module: its functions come after `::`"))
                .label(span, "a module, not a strip")
                .help(format!("write `{name}::{call}(…)`"))
                .fix(Span::new(span.source, dot, dot + 1), "::")
        } else if sets && !declared.contains(name) {
            // told once: from here on it is taken as declared
            declared.insert(name.to_string());
            self.missing.set.insert(name.to_string());
            Diagnostic::error(Code::UNKNOWN_VARIABLE, format!("`{name}` is set before it is declared"))
                .label(span, "not declared")
                .help(format!("write `let {name} = …`"))
                .fix(Span::new(span.source, span.start as usize, span.start as usize), "let ")
        } else if self.missing.set.contains(name) {
            return;
        } else if self.shared.lock().diagnostics.full() {
            diagnostic
        } else if let Some(end) = path_end(lexed, span) {
            let whole = Span::new(span.source, span.start as usize, end);
            let path = lexed.slice(whole).to_string();
            Diagnostic::error(Code::UNKNOWN_VARIABLE, "a path stands in quotes")
                .label(whole, "without quotes")
                .help(format!("write \"{path}\""))
                .fix(whole, format!("\"{path}\""))
        } else if let Some(of) = self.names_a_parameter(lexed, span, name) {
            let end = span.end as usize;
            Diagnostic::error(Code::SYNTAX, format!("a `:` is missing between `{name}` and its value"))
                .label(span, format!("a parameter of `{of}`"))
                .help(format!("write `{name}: `, then the value"))
                .fix(Span::new(span.source, end, end), ":")
        } else if let Some((_, here)) = OTHERS.iter().chain(OTHERS_OFF).find(|o| o.0 == name) {
            diagnostic.did_you_mean(Some(here))
        } else if NOTHING.contains(&name) {
            diagnostic.help("leave the value out: then the default holds")
        } else if declared.contains(name) {
            match declared_later(lexed, span, name) {
                Some(place) => diagnostic
                    .label(place, "declared here, further down")
                    .help(format!("move the `let` above the first use of `{name}`")),
                None => diagnostic.help(format!(
                    "a function sees only its own variables, `mix` and `master`: give it a parameter, and pass `{name}` to it"
                )),
            }
        } else if self.catalogue.iter().any(|d| d.name == name) {
            let end = span.end as usize;
            Diagnostic::error(Code::UNKNOWN_VARIABLE, format!("`{name}` is an effect: it is called"))
                .label(span, "without parentheses")
                .help(format!("write `{name}()`, with what it should do in between"))
                .fix(Span::new(span.source, end, end), "()")
        } else if let Some(signature) = signatures().find(|s| s.name == name) {
            let first: Vec<String> =
                signature.params.iter().take(signature.positional).map(|p| format!("{}…", p.0)).collect();
            let diagnostic = Diagnostic::error(Code::UNKNOWN_VARIABLE, format!("`{name}` is a function, not a strip"))
                .label(span, "a function without its call");
            match name {
                "track" | "bus" => diagnostic.help(format!(
                    "name the strip that is meant: `let vox = {name}(…); vox.gain(-3dB);`, or `mix` and `master`"
                )),
                _ => diagnostic.help(format!("call it: `{name}({})`", first.join(", "))),
            }
        } else {
            let near = self.near(
                name,
                declared.iter().map(String::as_str).chain(NAMES.map(|n| n.0).into_iter().chain(["true", "false"])),
            );
            match near {
                Some(_) => diagnostic.did_you_mean(near),
                None => diagnostic.help(format!("declare it: `let {name} = …;`; a text stands in quotes: \"{name}\"")),
            }
        };
        self.push(diagnostic);
    }

    /// A word that begins an argument and is the name of a parameter of what is called.
    fn names_a_parameter(&self, lexed: &Lexed, span: Span, name: &str) -> Option<String> {
        let begins =
            |s: &&super::lex::Site| s.arguments.iter().any(|a| a.name.is_none() && a.value.start == span.start);
        let site = lexed.sites.iter().find(begins)?;
        let minus = lexed.text[span.end as usize..].trim_start().starts_with('-');
        let called = lexed.slice(site.name);
        let effect = self.catalogue.iter().find(|d| d.name == called);
        let effect = effect.is_some_and(|d| d.all_params().any(|p| p.name == name));
        let signature = signatures().any(|s| s.name == called && s.params.iter().any(|p| p.0 == name));
        (minus && (effect || signature)).then(|| called.to_string())
    }
}

/// The `let` of a variable behind its use.
fn declared_later(lexed: &Lexed, span: Span, name: &str) -> Option<Span> {
    let is_name = |at: usize| {
        let behind = lexed.text[at + name.len()..].chars().next();
        !behind.is_some_and(|c| c.is_alphanumeric() || c == '_')
    };
    let mut found = ["let ", "const "].into_iter().flat_map(|word| {
        lexed.text.match_indices(&format!("{word}{name}")).map(|(i, _)| i + word.len()).collect::<Vec<_>>()
    });
    let all: Vec<usize> = found.by_ref().filter(|at| is_name(*at)).collect();
    let first = *all.iter().min()?;
    (first > span.start as usize).then(|| Span::new(span.source, first, first + name.len()))
}

/// Where a path of an audio file ends that begins with a word.
fn path_end(lexed: &Lexed, span: Span) -> Option<usize> {
    let rest = &lexed.text[span.start as usize..];
    let path = &rest[..rest.find(|c: char| !(c.is_alphanumeric() || "_-./".contains(c))).unwrap_or(rest.len())];
    let audio = [".wav", ".flac", ".mp3", ".m4a", ".ogg", ".opus"].iter().any(|e| path.ends_with(e));
    audio.then_some(span.start as usize + path.len())
}
