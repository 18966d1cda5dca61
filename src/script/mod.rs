//! A `.mix` script to a [`Session`]: text in, plain data and diagnostics out. It reads scripts through [`World`] and nothing else, and renders
//! nothing. Only this module knows Rhai.

mod bind;
mod brackets;
mod calls;
mod closures;
mod curves;
mod deliver;
mod effects;
mod engine;
mod errors;
mod finish;
mod levels;
mod lex;
mod listing;
mod literals;
mod modules;
mod named;
mod numbers;
mod ops;
mod params;
mod reader;
mod readings;
mod resolver;
mod sandbox;
mod slips;
mod song;
mod sources;
mod state;
mod static_check;
pub mod stdlib;
mod strips;
mod sugar;
mod tags;
mod targets;
mod texts;
mod time;
mod unread;
mod values;
mod variables;
mod versions;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub use closures::Closures;
pub use listing::{Cap, Form, Word, caps, words};
pub use params::{Param, Settings};
pub use targets::targets;

use crate::diag::{Code, Diagnostic, Diagnostics, SourceId, Sources, Span};
use crate::dsp::{Declaration, catalogue};
use crate::session::{Info, Loc, Session, Strip, StripKind};
use crate::world::World;

/// What was read.
#[derive(Debug)]
pub struct Reading {
    pub session: Session,
    /// Everything that is wrong, in reading order.
    pub diagnostics: Diagnostics,
    pub sources: Sources,
    /// The functions of time that drive parameters.
    pub closures: Closures,
    /// What can be set from outside, in the order of the script.
    pub params: Vec<Param>,
    /// Files that were read, the script first.
    pub read: Vec<PathBuf>,
    /// Files that were looked for: should one appear, the script reads otherwise.
    pub missing: Vec<PathBuf>,
    folders: Vec<PathBuf>,
}

impl Reading {
    /// The folder that paths in a source start from.
    pub fn folder_of(&self, source: SourceId) -> PathBuf {
        self.folders.get(source.0 as usize).cloned().unwrap_or_default()
    }
}

/// Reads a script and all that it imports. Never panics and never hangs: a mistake is a diagnostic, and what was meant stands at its default.
pub fn read(world: &dyn World, file: &Path) -> Reading {
    read_set(world, file, &[])
}

/// The same with values for its parameters.
pub fn read_set(world: &dyn World, file: &Path, settings: &Settings) -> Reading {
    static DECLARATIONS: std::sync::OnceLock<Vec<&'static Declaration>> = std::sync::OnceLock::new();
    let all = DECLARATIONS.get_or_init(|| catalogue::CATALOGUE.iter().map(|e| e.declaration()).collect());
    read_all(world, file, all, settings)
}

/// The same with another catalogue of effects.
pub fn read_with(world: &dyn World, file: &Path, catalogue: &'static [&'static Declaration]) -> Reading {
    read_all(world, file, catalogue, &[])
}

fn read_all(
    world: &dyn World,
    file: &Path,
    catalogue: &'static [&'static Declaration],
    settings: &Settings,
) -> Reading {
    let guard = sandbox::Guard::default();
    match sandbox::run(&guard, || inside(world, file, catalogue, &guard, settings, false)) {
        Some(reading) => reading,
        None => {
            let mut diagnostics = Diagnostics::default();
            diagnostics.push(
                Diagnostic::error(Code::SCRIPT, format!("{} could not be read", file.display()))
                    .help("the reader itself failed: please report the script"),
            );
            Reading {
                session: empty(),
                diagnostics,
                sources: Sources::default(),
                closures: Closures::default(),
                params: Vec::new(),
                read: vec![file.to_path_buf()],
                missing: Vec::new(),
                folders: Vec::new(),
            }
        }
    }
}

fn empty() -> Session {
    let nowhere = Loc(Span::new(SourceId(0), 0, 0));
    Session {
        info: Info::default(),
        strips: vec![Strip::new("mix", StripKind::Mix, nowhere), Strip::new("master", StripKind::Master, nowhere)],
        sections: Vec::new(),
        vcas: Vec::new(),
        markers: Vec::new(),
        versions: Vec::new(),
        stems: Vec::new(),
        deliveries: Vec::new(),
        targets: Vec::new(),
        expectations: Vec::new(),
    }
}

/// `library`: the file is the program's own table of targets.
fn inside(
    world: &dyn World,
    file: &Path,
    catalogue: &'static [&'static Declaration],
    guard: &sandbox::Guard,
    settings: &Settings,
    library: bool,
) -> Reading {
    let shared = state::Shared(Arc::new(Mutex::new(state::State {
        session: empty(),
        diagnostics: Diagnostics::default(),
        texts: Vec::new(),
        pending: Vec::new(),
        sections: Vec::new(),
        closures: Vec::new(),
        targets: Vec::new(),
        settings: settings.to_vec(),
        params: Vec::new(),
        named: Vec::new(),
        top: SourceId(0),
        calls: Vec::new(),
        effects: 0,
        points: 0,
        listed: 0,
        sends: 0,
        exact: Default::default(),
        names: Default::default(),
    })));
    let sugar = sugar::Sugar::default();
    let mut engine = engine::build(&shared, &sugar, guard, catalogue);
    let resolver = resolver::Resolver::new(&shared);
    engine.set_module_resolver(resolver.clone());

    let mut loader = modules::Loader::new(world, &engine, &sugar, &shared);
    loader.main(file);
    let modules::Loader { mut sources, texts, read, missing, .. } = loader;

    let lost = static_check::Checker::new(&engine, &shared, catalogue, &texts).check();
    for (name, arguments, method) in &lost.functions {
        engine::stand_in(&mut engine, name, *arguments, *method);
    }
    engine::stand_in(&mut engine, NOTHING, 0, false);
    engine::stand_in_variables(&mut engine, &lost.variables, &lost.modules);
    resolver.fill(&texts, stubs(&engine, &sugar, &lost.qualified));

    // what is mended by a guess is not run: nobody knows what it should do
    let known = !shared.lock().texts.iter().any(|t| t.broken);
    if let Some(ast) = texts.first().and_then(|t| t.ast.as_ref()).filter(|_| known) {
        guard.allow(sandbox::OPERATIONS);
        let mut scope = rhai::Scope::new();
        for name in &lost.set {
            scope.push(name.as_str(), values::Poison);
        }
        let result = engine.run_ast_with_scope(&mut scope, ast);
        let mut state = shared.lock();
        state.calls.clear();
        match (result, guard.ended()) {
            (Err(error), _) => {
                let told = errors::evaluation(&error, &state);
                told.into_iter().for_each(|d| state.push(d));
            }
            (Ok(()), Some(end)) => state.push(Diagnostic::error(Code::LIMIT, errors::ended(end))),
            (Ok(()), None) => {}
        }
        state.finish(library);
    }
    let folders = texts.iter().map(|t| t.folder.clone()).collect();
    let asts = texts.into_iter().map(|t| t.ast).collect();
    let all = std::mem::take(&mut shared.lock().closures);
    let closures = if all.is_empty() {
        Closures::default()
    } else {
        Closures::new(engine, guard.clone(), shared.clone(), asts, all)
    };
    let tried = closures.try_all();
    let mut state = shared.lock();
    let mut diagnostics = std::mem::take(&mut state.diagnostics);
    diagnostics.extend(tried);
    diagnostics.retain(|d| !state.texts.iter().any(|text| text.doubtful(d)));
    diagnostics.sort();
    let mut session = std::mem::replace(&mut state.session, empty());
    targets::place(&mut session.targets, &mut sources);
    let params = std::mem::take(&mut state.params);
    Reading { session, diagnostics, sources, closures, params, read, missing, folders }
}

/// What a stand-in of a module's function returns.
const NOTHING: &str = "nothing_at_all";

/// Functions that modules lack, so that the evaluation goes on past their calls.
fn stubs(
    engine: &rhai::Engine,
    sugar: &sugar::Sugar,
    lost: &BTreeMap<(String, String), std::collections::BTreeSet<(String, usize)>>,
) -> BTreeMap<(String, String), rhai::AST> {
    let mut all = BTreeMap::new();
    for (key, functions) in lost {
        let mut text = String::new();
        for (name, arguments) in functions {
            let params: Vec<String> = (0..*arguments).map(|i| format!("a{i}")).collect();
            text.push_str(&format!("fn {name}({}) {{ {NOTHING}() }}\n", params.join(", ")));
        }
        let lexed = Arc::new(lex::Lexed::new(SourceId(0), Arc::from(text.as_str()), false));
        sugar.begin(&lexed);
        if let Ok(ast) = engine.compile(&text) {
            all.insert(key.clone(), ast);
        }
    }
    all
}
