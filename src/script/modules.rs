//! Texts and the modules they import: all of them are found and compiled before anything is evaluated, so that mistakes in all of them are
//! told at once and a circle of imports is seen as one.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rhai::{AST, ASTNode, Engine, Expr, ParseError, Position, Stmt};

use super::lex::Lexed;
use super::state::Shared;
use super::stdlib;
use super::sugar::Sugar;
use super::{errors, sandbox};
use crate::diag::{Code, Diagnostic, SourceId, Sources, Span, suggest};
use crate::memory;
use crate::world::{World, join};

/// A text that was compiled.
pub(super) struct Text {
    pub(super) source: SourceId,
    /// What paths in it start from.
    pub(super) folder: PathBuf,
    pub(super) ast: Option<AST>,
    /// Literal paths of its imports and what they lead to.
    pub(super) imports: BTreeMap<String, Option<usize>>,
    /// Words that an import should have in quotes.
    pub(super) unquoted: Vec<Span>,
    /// Aliases and the literal paths behind them.
    pub(super) aliases: BTreeMap<String, String>,
}

pub(super) struct Loader<'a> {
    pub(super) world: &'a dyn World,
    pub(super) engine: &'a Engine,
    pub(super) sugar: &'a Sugar,
    pub(super) shared: &'a Shared,
    pub(super) sources: Sources,
    pub(super) texts: Vec<Text>,
    pub(super) read: Vec<PathBuf>,
    pub(super) missing: Vec<PathBuf>,
    root: PathBuf,
    /// Of all texts.
    bytes: usize,
    /// In all texts.
    imports: usize,
    /// Key of a text and its place in `texts`.
    known: BTreeMap<String, usize>,
    /// Texts whose imports are being followed, and the import that led to each.
    open: Vec<(usize, Option<Span>)>,
}

/// What an import leads to.
enum Found {
    Project { path: PathBuf, text: String },
    Stdlib { name: &'static str, text: &'static str },
}

impl<'a> Loader<'a> {
    pub(super) fn new(world: &'a dyn World, engine: &'a Engine, sugar: &'a Sugar, shared: &'a Shared) -> Loader<'a> {
        Loader {
            world,
            engine,
            sugar,
            shared,
            sources: Sources::default(),
            texts: Vec::new(),
            read: Vec::new(),
            missing: Vec::new(),
            root: PathBuf::new(),
            bytes: 0,
            imports: 0,
            known: BTreeMap::new(),
            open: Vec::new(),
        }
    }

    /// Reads the main script and all that it imports.
    pub(super) fn main(&mut self, file: &Path) {
        let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
        self.root = root(self.world, &folder);
        match self.world.read_text(file) {
            Ok(text) => {
                self.read.push(file.to_path_buf());
                self.known.insert(self.key(file), 0);
                self.text(file.to_string_lossy().into_owned(), folder, text, None);
            }
            Err(error) => {
                self.missing.push(file.to_path_buf());
                let name = file.to_string_lossy().into_owned();
                self.sources.add(name.clone(), "");
                let diagnostic = Diagnostic::unreadable(&format!("the script {name}"), error.kind());
                self.shared.lock().diagnostics.push(diagnostic);
            }
        }
    }

    fn key(&self, path: &Path) -> String {
        self.world.canonical(path).to_string_lossy().into_owned()
    }

    fn text(&mut self, name: String, folder: PathBuf, text: String, by: Option<Span>) -> usize {
        let index = self.texts.len();
        let source = self.sources.add(name, text);
        let text = self.sources.get(source).map(|s| s.text.clone()).unwrap_or_else(|| Arc::from(""));
        self.bytes += text.len();
        let large = if text.len() > sandbox::TEXT {
            Some(format!("a script has at most {} bytes", sandbox::TEXT))
        } else if self.bytes > sandbox::TEXTS {
            Some(format!("a script and its modules have at most {} bytes", sandbox::TEXTS))
        } else if memory::held() > sandbox::MEMORY {
            Some(format!("a script and its modules take at most {} MiB of memory", sandbox::MEMORY >> 20))
        } else {
            None
        };
        let text = if large.is_some() { Arc::from("") } else { text };
        let (lexed, ast) = self.compile(source, &text);
        let ast = ast.filter(|_| large.is_none());
        {
            let mut state = self.shared.lock();
            state.texts.push(lexed.clone());
            if let Some(message) = large {
                state.error(Code::LIMIT, message, Span::new(source, 0, 0), "with this one it is more");
            }
        }
        self.texts.push(Text {
            source,
            folder,
            ast,
            imports: BTreeMap::new(),
            unquoted: Vec::new(),
            aliases: BTreeMap::new(),
        });
        self.open.push((index, by));
        self.follow(index, &lexed);
        self.open.pop();
        index
    }

    /// The text as Rhai takes it; with its slips mended where Rhai does not. What is wrong with it is told.
    fn compile(&mut self, source: SourceId, text: &Arc<str>) -> (Arc<Lexed>, Option<AST>) {
        let (lexed, result) = self.attempt(source, text, false);
        let (lexed, result) = match result {
            Some(Err(error)) => match self.attempt(source, text, true) {
                (mended, result) if mended.slips > 0 => (mended, result),
                _ => (lexed, Some(Err(error))),
            },
            result => (lexed, result),
        };
        let ast = match result {
            Some(Ok(mut compiled)) => {
                compiled.set_source(source.0.to_string());
                Some(compiled)
            }
            Some(Err(error)) => {
                let diagnostic = errors::parsing(&error, &lexed);
                let mut state = self.shared.lock();
                // on the line of a slip that was mended by a guess, it is the same mistake
                let here = diagnostic.labels.first().map_or(0, |l| l.span.start as usize);
                let begins = text[..here].rfind('\n').map_or(0, |at| at + 1);
                let ends = text[here..].find('\n').map_or(text.len(), |at| here + at);
                let slips = lexed.problems.iter().filter(|p| p.code == Code::SYNTAX);
                if !slips.flat_map(|p| &p.labels).any(|l| (begins..=ends).contains(&(l.span.start as usize))) {
                    state.diagnostics.push(diagnostic);
                }
                None
            }
            None => None,
        };
        // only so many are kept: what keeps the text from being read goes first, what is doubtful takes no place from what is not
        let mut sure: Vec<&Diagnostic> = lexed.problems.iter().filter(|p| !lexed.doubtful(p)).collect();
        sure.sort_by_key(|p| p.code != Code::SYNTAX);
        sure.into_iter().for_each(|p| self.shared.lock().diagnostics.push(p.clone()));
        (lexed, ast)
    }

    fn attempt(&self, source: SourceId, text: &Arc<str>, mend: bool) -> (Arc<Lexed>, Option<Result<AST, ParseError>>) {
        let lexed = Arc::new(Lexed::new(source, text.clone(), mend));
        if lexed.problems.iter().any(|p| matches!(p.code, Code::LIMIT | Code::RESERVED)) {
            return (lexed, None);
        }
        self.sugar.begin(&lexed);
        let compiled = self.engine.compile(&lexed.clean);
        (lexed, Some(compiled))
    }

    fn follow(&mut self, index: usize, lexed: &Lexed) {
        let mut imports = Vec::new();
        let source = lexed.source;
        if let Some(ast) = &self.texts[index].ast {
            ast.walk(&mut |path| {
                if let Some(ASTNode::Stmt(Stmt::Import(import, position))) = path.last() {
                    let at = |p: Position| lexed.offset(p).map_or(Span::new(source, 0, 0), |o| lexed.token(o));
                    let (literal, span) = match &import.0 {
                        Expr::StringConstant(text, at_path) => (Some(text.to_string()), at(*at_path)),
                        Expr::Variable(_, _, at_name) => (None, at(*at_name)),
                        _ => (None, at(*position)),
                    };
                    imports.push((literal, import.1.name.to_string(), span));
                }
                true
            });
        }
        for (literal, alias, span) in imports {
            let literal = literal.unwrap_or_else(|| {
                let name = lexed.slice(span);
                let diagnostic = Diagnostic::error(Code::NO_MODULE, "an import names its module in quotes")
                    .label(span, "not a plain text")
                    .help(format!("write `import \"{name}\" as {alias};`"));
                // a variable that holds the name is another matter
                let diagnostic = match lexed.text.contains(&format!("let {name}")) {
                    true => diagnostic,
                    false => diagnostic.fix(span, format!("\"{name}\"")),
                };
                self.shared.lock().diagnostics.push(diagnostic);
                self.texts[index].unquoted.push(span);
                name.to_string()
            });
            let target = self.import(index, &literal, span);
            let text = &mut self.texts[index];
            text.aliases.insert(alias, literal.clone());
            text.imports.insert(literal, target);
        }
    }

    fn import(&mut self, from: usize, literal: &str, span: Span) -> Option<usize> {
        self.imports += 1;
        if self.imports > sandbox::IMPORTS {
            let message = format!("a script and its modules import at most {} times", sandbox::IMPORTS);
            self.shared.lock().error(Code::LIMIT, message, span, "one too many");
            return None;
        }
        let (key, found) = self.find(from, literal, span)?;
        if let Some(&index) = self.known.get(&key) {
            if let Some(first) = self.open.iter().position(|o| o.0 == index) {
                self.circle(first, span);
                return None;
            }
            return Some(index);
        }
        if self.texts.len() >= sandbox::MODULES {
            let message = format!("a session has at most {} modules", sandbox::MODULES);
            self.shared.lock().error(Code::LIMIT, message, span, "one too many");
            return None;
        }
        self.known.insert(key, self.texts.len());
        Some(match found {
            Found::Project { path, text } => {
                self.read.push(path.clone());
                let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
                self.text(path.to_string_lossy().into_owned(), folder, text, Some(span))
            }
            Found::Stdlib { name, text } => {
                self.text(format!("<stdlib>/{name}.mix"), PathBuf::from("<stdlib>"), text.to_string(), Some(span))
            }
        })
    }

    fn circle(&mut self, first: usize, last: Span) {
        let names: Vec<String> = self.open[first..]
            .iter()
            .filter_map(|(i, _)| self.sources.get(self.texts[*i].source).map(|s| s.name.clone()))
            .collect();
        let message = match names.as_slice() {
            [one] => format!("{one} imports itself"),
            all => format!("modules import one another: {} → {}", all.join(" → "), all[0]),
        };
        let mut diagnostic = Diagnostic::error(Code::IMPORT_CYCLE, message).label(last, "closes the circle");
        for (_, by) in &self.open[first + 1..] {
            if let Some(by) = by {
                diagnostic = diagnostic.label(*by, "by way of this import");
            }
        }
        let diagnostic = diagnostic.help("put what both need into a third module");
        self.shared.lock().diagnostics.push(diagnostic);
    }

    /// The text an import means, and a key that is the same for all ways to name it.
    fn find(&mut self, from: usize, literal: &str, span: Span) -> Option<(String, Found)> {
        let bare = literal.strip_suffix(".mix").unwrap_or(literal);
        let relative = bare.starts_with("./") || bare.starts_with("../");
        let in_stdlib = self.texts[from].folder == Path::new("<stdlib>");
        let refuse = |problem: &str, help: &str| {
            Diagnostic::error(Code::NO_MODULE, format!("no module can be called \"{literal}\""))
                .label(span, problem.to_string())
                .help(help.to_string())
        };
        if literal.len() > sandbox::MODULE {
            let message = format!("the name of a module has at most {} bytes", sandbox::MODULE);
            self.shared.lock().error(Code::LIMIT, message, span, format!("this one has {}", literal.len()));
            return None;
        }
        if bare.is_empty() || bare.starts_with('/') || bare.contains('\\') || bare.contains(':') || bare.contains('\0')
        {
            let diagnostic = refuse("not a module", "write \"vocals\", or \"./vocals\" for one beside this file");
            self.shared.lock().diagnostics.push(diagnostic);
            return None;
        }
        if !(relative && in_stdlib) {
            let base = if relative { self.texts[from].folder.clone() } else { self.root.join("lib") };
            let path = join(&base, Path::new(&format!("{bare}.mix")));
            let root = self.world.canonical(&self.root);
            let inside = self.world.canonical(&path).starts_with(&root)
                || (root.as_os_str().is_empty() && !path.starts_with(".."));
            if !inside {
                let diagnostic = refuse("leaves the project", "modules lie inside of the project's folder");
                self.shared.lock().diagnostics.push(diagnostic);
                return None;
            }
            let key = self.key(&path);
            if self.known.contains_key(&key) {
                // not read once more
                return Some((key, Found::Project { path, text: String::new() }));
            }
            match self.world.read_text(&path) {
                Ok(text) => return Some((key, Found::Project { path, text })),
                Err(error) if error.kind() == ErrorKind::NotFound => self.missing.push(path),
                Err(error) => {
                    let diagnostic = Diagnostic::unreadable(&format!("the module {}", path.display()), error.kind());
                    self.shared.lock().diagnostics.push(diagnostic.label(span, "imported here"));
                    return None;
                }
            }
        }
        let plain = bare.trim_start_matches("./");
        if (!relative || in_stdlib)
            && let Some((name, text)) = stdlib::MODULES.iter().find(|m| m.0 == plain)
        {
            return Some((format!("<stdlib>/{name}"), Found::Stdlib { name, text }));
        }
        if !self.shared.lock().diagnostics.wants(Code::NO_MODULE, span) {
            return None;
        }
        let folder = if relative { self.texts[from].folder.clone() } else { self.root.join("lib") };
        let listed = self.world.list(&folder).unwrap_or_default();
        let mut names: Vec<&str> = listed.iter().filter_map(|n| n.strip_suffix(".mix")).collect();
        if !relative {
            names.extend(stdlib::MODULES.iter().map(|m| m.0));
        }
        let near = suggest(plain, names).map(|n| if relative { format!("./{n}") } else { n.to_string() });
        let mut diagnostic = Diagnostic::error(Code::NO_MODULE, format!("there is no module \"{literal}\""))
            .label(span, "not found")
            .did_you_mean(near.as_deref());
        let beside = join(&self.texts[from].folder, Path::new(&format!("{bare}.mix")));
        if near.is_none() && !relative && self.world.exists(&beside) {
            let near = format!("./{bare}");
            diagnostic = diagnostic.help(format!("a module beside this file is written \"{near}\""));
            diagnostic.suggestion = Some(near);
        } else if near.is_none() {
            let looked = folder.join(format!("{plain}.mix")).to_string_lossy().into_owned();
            diagnostic = diagnostic.help(format!("looked for {looked} and in the standard library"));
        }
        self.shared.lock().diagnostics.push(diagnostic);
        None
    }
}

/// The nearest folder upwards with `lib/`, `mixdown.toml` or `.git`; else the script's own.
fn root(world: &dyn World, folder: &Path) -> PathBuf {
    let mut at = folder.to_path_buf();
    for _ in 0..64 {
        let up = join(&at, Path::new(".."));
        // the root of a file system is nobody's project, though it may have a `lib`
        if world.canonical(&up) == world.canonical(&at) {
            break;
        }
        if ["lib", "mixdown.toml", ".git"].iter().any(|mark| world.exists(&at.join(mark))) {
            return at;
        }
        at = up;
    }
    folder.to_path_buf()
}
