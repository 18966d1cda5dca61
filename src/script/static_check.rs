//! Before a script is evaluated: every name in it that leads nowhere, all at once. What is found gets a stand-in, so that the evaluation goes
//! on and finds the rest.

use std::collections::{BTreeMap, BTreeSet};

use rhai::{AST, ASTNode, Engine, Expr, FnAccess, FnCallExpr, Position, Stmt};

use super::engine::{MOST_ARGUMENTS, signatures};
use super::lex::Lexed;
use super::modules::Text;
use super::named::{self, Function, Functions};
use super::state::Shared;
use super::sugar::PAIR;
use crate::diag::{Code, Diagnostic, SourceId, Span};
use crate::dsp::Declaration;
use crate::units::Unit;

/// What must be stood in for.
#[derive(Default)]
pub(super) struct Missing {
    /// Name, number of arguments (with the receiver), and whether it is called as a method.
    pub(super) functions: BTreeSet<(String, usize, bool)>,
    pub(super) variables: BTreeSet<String>,
    /// Those of them that are set, as if they had been declared.
    pub(super) set: BTreeSet<String>,
    /// Variables that should be the names of modules.
    pub(super) modules: BTreeSet<String>,
    /// Functions of modules: (source, literal path) and name, number of arguments.
    pub(super) qualified: BTreeMap<(String, String), BTreeSet<(String, usize)>>,
}

pub(super) struct Checker<'a> {
    pub(super) engine: &'a Engine,
    pub(super) shared: &'a Shared,
    pub(super) catalogue: &'static [&'static Declaration],
    pub(super) texts: &'a [Text],
    /// Rhai's own functions, asked for when first needed: it takes a while.
    builtin: Option<BTreeSet<String>>,
    pub(super) missing: Missing,
}

/// A text, and the names of its functions.
struct Names<'t> {
    text: &'t Text,
    lexed: &'t Lexed,
    own: &'t Functions,
}

/// Words of Rhai that look like calls.
const ALWAYS: &[&str] =
    &["type_of", "Fn", "call", "curry", "is_shared", "is_def_fn", "is_def_var", "print", "debug", PAIR];

/// Of Rhai, and not of this language.
const GONE: &[&str] = &["sleep", "timestamp", "rand", "exit", "eval", "elapsed"];

/// The functions of a text by name; those of another text only as far as they are not private.
fn functions(source: SourceId, ast: &AST, public: bool) -> Functions {
    let mut all = Functions::new();
    for function in ast.iter_fn_def().filter(|f| !public || f.access == FnAccess::Public) {
        all.entry(function.name.to_string()).or_default().push(Function {
            source,
            begins: function.body.start_position(),
            params: function.params.iter().map(|p| p.to_string()).collect(),
        });
    }
    all
}

impl<'a> Checker<'a> {
    pub(super) fn new(
        engine: &'a Engine,
        shared: &'a Shared,
        catalogue: &'static [&'static Declaration],
        texts: &'a [Text],
    ) -> Checker<'a> {
        Checker { engine, shared, catalogue, texts, builtin: None, missing: Missing::default() }
    }

    pub(super) fn check(mut self) -> Missing {
        for text in self.texts {
            if let Some(ast) = &text.ast {
                self.text(text, ast);
            } else {
                let lexed = self.shared.lock().texts.get(text.source.0 as usize).cloned();
                lexed.iter().for_each(|lexed| self.unread(lexed));
            }
        }
        self.missing
    }

    fn text(&mut self, text: &Text, ast: &AST) {
        let Some(lexed) = self.shared.lock().texts.get(text.source.0 as usize).cloned() else { return };
        let own = functions(text.source, ast, false);
        let (mut declared, mut captured) = (BTreeSet::new(), BTreeSet::new());
        ast.walk(&mut |path| {
            match path.last() {
                Some(ASTNode::Stmt(Stmt::Var(var, ..))) => {
                    declared.insert(var.0.name.to_string());
                }
                // what a function of time takes along from around it: in its body these have no place yet
                Some(ASTNode::Expr(Expr::FnCall(call, _))) if call.name == "curry" => {
                    captured.extend(call.args.iter().filter_map(|argument| match argument {
                        Expr::Variable(v, short, _) if short.is_some() || v.0.is_some() => Some(v.1.to_string()),
                        _ => None,
                    }));
                }
                _ => {}
            }
            true
        });
        let names = Names { text, lexed: &lexed, own: &own };
        for statement in ast.statements() {
            statement
                .walk(&mut Vec::new(), &mut |path| self.node(&names, &mut declared, &BTreeSet::new(), path.last()));
        }
        ast.clone_functions_only().walk(&mut |path| self.node(&names, &mut declared, &captured, path.last()));
    }

    fn node(
        &mut self,
        names: &Names<'_>,
        declared: &mut BTreeSet<String>,
        captured: &BTreeSet<String>,
        node: Option<&ASTNode<'_>>,
    ) -> bool {
        let Names { text, lexed, own } = names;
        match node {
            Some(ASTNode::Expr(Expr::FnCall(call, at))) | Some(ASTNode::Stmt(Stmt::FnCall(call, at))) => {
                self.call(text, lexed, own, call, *at, false);
            }
            Some(ASTNode::Expr(Expr::MethodCall(call, at))) => self.call(text, lexed, own, call, *at, true),
            Some(ASTNode::Expr(Expr::Variable(variable, short, at))) => {
                let local = short.is_some() || variable.0.is_some() || !variable.2.is_empty();
                if !local && !captured.contains(variable.1.as_str()) {
                    self.variable(text, lexed, own, declared, &variable.1, *at);
                }
            }
            _ => {}
        }
        true
    }

    pub(super) fn span(lexed: &Lexed, at: Position) -> Span {
        lexed.offset(at).map_or(Span::new(lexed.source, 0, 0), |o| lexed.token(o))
    }

    pub(super) fn push(&self, diagnostic: Diagnostic) {
        let mut state = self.shared.lock();
        if state.texts.iter().any(|text| text.doubtful(&diagnostic)) {
            return;
        }
        state.diagnostics.push(diagnostic);
    }

    pub(super) fn near<'b>(&self, name: &str, candidates: impl IntoIterator<Item = &'b str>) -> Option<&'b str> {
        self.shared.lock().diagnostics.near(name, candidates)
    }

    pub(super) fn is_builtin(&mut self, name: &str) -> bool {
        let engine = self.engine;
        let builtin = self.builtin.get_or_insert_with(|| {
            engine.collect_fn_metadata(None, |i| Some(i.metadata.name.to_string()), true).into_iter().collect()
        });
        builtin.contains(name)
    }

    fn call(&mut self, text: &Text, lexed: &Lexed, own: &Functions, call: &FnCallExpr, at: Position, method: bool) {
        let name = call.name.as_str();
        if call.op_token.is_some() || ALWAYS.contains(&name) || name.starts_with("anon$") {
            return;
        }
        let span = Self::span(lexed, at);
        if method && text.aliases.contains_key(before_dot(lexed, span)) {
            // told of the module's name
            self.missing.functions.insert((name.to_string(), call.args.len() + 1, true));
            return;
        }
        if call.is_qualified() {
            self.qualified(text, lexed, call, at);
            return;
        }
        let arguments = call.args.len();
        if let Some(same) = own.get(name) {
            if !named::given(call, same, lexed, span, self.shared) && !method {
                self.missing.functions.insert((name.to_string(), arguments, false));
            }
            return;
        }
        let effect = self.catalogue.iter().any(|d| d.name == name);
        let signature = signatures().find(|s| s.name == name);
        if effect || signature.is_some() {
            if arguments + usize::from(method) > MOST_ARGUMENTS {
                let message = format!("a call takes at most {} arguments", MOST_ARGUMENTS - usize::from(method));
                self.push(
                    Diagnostic::error(Code::ARGUMENTS, message)
                        .label(span, format!("this one has {arguments}"))
                        .help("pass a list, or one `#{}` map"),
                );
                self.missing.functions.insert((name.to_string(), arguments + usize::from(method), method));
            } else if method && signature.is_none_or(|s| !s.method) && !self.is_builtin_beside(name) {
                let diagnostic = Diagnostic::error(Code::UNKNOWN_EFFECT, format!("a strip cannot `{name}`"));
                self.push(if effect {
                    diagnostic.label(span, "an effect").help(format!("insert it: `.insert({name}(…))`"))
                } else {
                    diagnostic.label(span, "not a method").help(format!("it stands by itself: `{name}(…)`"))
                });
            }
            return;
        }
        if !GONE.contains(&name) && self.is_builtin(name) {
            return;
        }
        self.unknown(name, span, method, own);
        self.missing.functions.insert((name.to_string(), arguments + usize::from(method), method));
    }

    /// Names that are Rhai's too: `split`, `bits`.
    fn is_builtin_beside(&mut self, name: &str) -> bool {
        matches!(name, "start" | "end")
    }

    fn unknown(&self, name: &str, span: Span, method: bool, own: &Functions) {
        if method {
            // what a version does is no way out for a strip
            let methods: Vec<&str> = signatures().filter(|s| s.method && s.name != "unmute").map(|s| s.name).collect();
            let near = self.near(name, methods.iter().copied());
            let mut diagnostic = Diagnostic::error(Code::UNKNOWN_EFFECT, format!("a strip cannot `{name}`"))
                .label(span, "not a method")
                .did_you_mean(near);
            if near.is_none() {
                diagnostic = diagnostic.help(format!("it can {}", super::bind::list(methods.into_iter())));
            }
            self.push(diagnostic);
            return;
        }
        if let Some((unit, _)) = Unit::WRITTEN.iter().find(|u| u.0 == name) {
            self.push(
                Diagnostic::error(Code::UNKNOWN_EFFECT, format!("`{name}` is a unit, not a function"))
                    .label(span, "not a function")
                    .help(format!("write it right after the number, `3{unit}`; after a variable, `x.{unit}`")),
            );
            return;
        }
        let effects = self.catalogue.iter().map(|d| d.name);
        let functions = signatures().filter(|s| !s.method).map(|s| s.name).chain(own.keys().map(String::as_str));
        let near_effect = self.near(name, effects);
        let near = self.near(name, near_effect.into_iter().chain(functions));
        let (kind, label) = match near {
            Some(near) if Some(near) != near_effect => ("function", "not a function"),
            _ => ("effect", "not an effect"),
        };
        let mut diagnostic = Diagnostic::error(Code::UNKNOWN_EFFECT, format!("no {kind} is called `{name}`"))
            .label(span, label)
            .did_you_mean(near);
        if near.is_none() {
            diagnostic = diagnostic.help("`mixdown effects` lists all effects");
        }
        self.push(diagnostic);
    }

    fn qualified(&mut self, text: &Text, lexed: &Lexed, call: &FnCallExpr, at: Position) {
        let alias = call.namespace.path.first().map(|i| (i.name.to_string(), i.pos));
        let Some((alias, alias_at)) = alias else { return };
        let name = call.name.as_str();
        // the position of a qualified call is that of its first word: the function's name comes after the last `::`
        let span = Self::span(lexed, at);
        let span = if lexed.slice(span) == name { span } else { after_colons(lexed, span, name) };
        let Some(literal) = text.aliases.get(&alias) else {
            if alias != "global" {
                let near = self.near(&alias, text.aliases.keys().map(String::as_str));
                self.push(
                    Diagnostic::error(Code::NO_MODULE, format!("no module is imported as `{alias}`"))
                        .label(Self::span(lexed, alias_at), "not imported")
                        .did_you_mean(near)
                        .help(format!("write `import \"{alias}\" as {alias};` at the top")),
                );
            }
            return;
        };
        let key = (text.source.0.to_string(), literal.clone());
        let target = text.imports.get(literal).copied().flatten().map(|i| &self.texts[i]);
        let arguments = call.args.len();
        let mut stand_in = true;
        if let Some(Some(ast)) = target.map(|t| t.ast.as_ref()) {
            let source = target.map_or(text.source, |t| t.source);
            let all = functions(source, ast, true);
            if let Some(same) = all.get(name) {
                stand_in = !named::given(call, same, lexed, span, self.shared);
            } else {
                let near = self.near(name, all.keys().map(String::as_str));
                let mut diagnostic =
                    Diagnostic::error(Code::UNKNOWN_EFFECT, format!("\"{literal}\" has no function `{name}`"))
                        .label(span, "not in this module")
                        .did_you_mean(near);
                if near.is_none() {
                    diagnostic =
                        diagnostic.help(format!("it has {}", super::bind::list(all.keys().map(String::as_str))));
                }
                self.push(diagnostic);
            }
        }
        if stand_in {
            self.missing.qualified.entry(key).or_default().insert((name.to_string(), arguments));
        }
    }
}

/// The word before the dot before a name.
fn before_dot(lexed: &Lexed, name: Span) -> &str {
    let before = lexed.text[..name.start as usize].trim_end();
    let Some(before) = before.strip_suffix('.').map(str::trim_end) else { return "" };
    let start = before
        .rfind(|c: char| !(c.is_alphanumeric() || c == '_'))
        .map_or(0, |i| i + before[i..].chars().next().map_or(1, char::len_utf8));
    &before[start..]
}

fn after_colons(lexed: &Lexed, span: Span, name: &str) -> Span {
    let start = span.start as usize;
    let rest = lexed.text.get(start..).unwrap_or("");
    let end = rest.find('(').unwrap_or(rest.len());
    match rest[..end].rfind(name) {
        Some(i) => Span::new(span.source, start + i, start + i + name.len()),
        None => span,
    }
}
