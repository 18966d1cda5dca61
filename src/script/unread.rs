//! A text that cannot be read as a whole: the names in it that are misspelt for certain, found by the way they are called. What has no near name
//! is left alone: the trouble may lie before it.

use std::collections::BTreeSet;

use super::engine::signatures;
use super::lex::{Lexed, Site};
use super::static_check::Checker;
use super::words;
use crate::diag::{Code, Diagnostic};

impl Checker<'_> {
    pub(super) fn unread(&mut self, lexed: &Lexed) {
        let declared: BTreeSet<&str> =
            lexed.text.split("fn ").skip(1).filter_map(|rest| rest.split('(').next()).map(str::trim).collect();
        for site in &lexed.sites {
            let name = lexed.slice(site.name);
            let before = lexed.text[..site.name.start as usize].trim_end();
            let own = declared.contains(name);
            let module = before.ends_with("::") || before.ends_with('>');
            if own || module || words::KEYWORDS.contains(&name) || before.ends_with("fn") {
                continue;
            }
            let method = before.ends_with('.') && !before.ends_with("..");
            let effect = self.catalogue.iter().find(|d| d.name == name).filter(|_| !method);
            let signature = signatures().find(|s| s.name == name && (effect.is_none() || s.method == method));
            if effect.is_some() || signature.is_some() {
                let params: Vec<&str> = match effect {
                    Some(d) => d.all_params().map(|p| p.name).collect(),
                    None => signature.iter().flat_map(|s| s.params.iter().map(|p| p.0)).collect(),
                };
                self.unread_names(lexed, site, name, &params);
            } else if !self.is_builtin(name) {
                let near = if method {
                    self.near(name, signatures().filter(|s| s.method).map(|s| s.name))
                } else {
                    let functions = signatures().filter(|s| !s.method).map(|s| s.name);
                    self.near(name, self.catalogue.iter().map(|d| d.name).chain(functions))
                };
                let Some(near) = near else { continue };
                let (message, label) = match method {
                    true => (format!("a strip cannot `{name}`"), "not a method"),
                    false if self.catalogue.iter().any(|d| d.name == near) => {
                        (format!("no effect is called `{name}`"), "not an effect")
                    }
                    false => (format!("no function is called `{name}`"), "not a function"),
                };
                let diagnostic = Diagnostic::error(Code::UNKNOWN_EFFECT, message).label(site.name, label);
                self.push(diagnostic.did_you_mean(Some(near)));
            }
        }
    }

    fn unread_names(&self, lexed: &Lexed, site: &Site, name: &str, params: &[&str]) {
        for at in site.arguments.iter().filter_map(|a| a.name) {
            let given = lexed.slice(at);
            if params.contains(&given) {
                continue;
            }
            if let Some(near) = self.near(given, params.iter().copied()) {
                let message = format!("`{name}` has no parameter `{given}`");
                let diagnostic = Diagnostic::error(Code::UNKNOWN_PARAMETER, message).label(at, "not a parameter");
                self.push(diagnostic.did_you_mean(Some(near)));
            }
        }
    }
}
