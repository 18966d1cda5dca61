//! A `.mix` script to a [`Session`]: text in, plain data and diagnostics out. It reads scripts through [`World`] and nothing else, and renders
//! nothing. Only this module knows Rhai.

mod bind;
mod closures;
mod curves;
mod deliver;
mod effects;
mod engine;
mod errors;
mod finish;
mod levels;
mod lex;
mod literals;
mod modules;
mod numbers;
mod ops;
mod reader;
mod readings;
mod resolver;
mod sandbox;
mod song;
mod sources;
mod state;
mod static_check;
pub mod stdlib;
mod strips;
mod sugar;
mod targets;
mod time;
mod values;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

pub use closures::Closures;
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
    static DECLARATIONS: std::sync::OnceLock<Vec<&'static Declaration>> = std::sync::OnceLock::new();
    let all = DECLARATIONS.get_or_init(|| catalogue::CATALOGUE.iter().map(|e| e.declaration()).collect());
    read_with(world, file, all)
}

/// The same with another catalogue of effects.
pub fn read_with(world: &dyn World, file: &Path, catalogue: &'static [&'static Declaration]) -> Reading {
    let guard = sandbox::Guard::default();
    match sandbox::run(&guard, || inside(world, file, catalogue, &guard, false)) {
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
        effects: 0,
        points: 0,
        listed: 0,
        sends: 0,
        exact: Default::default(),
        names: Default::default(),
    })));
    let sugar = sugar::Sugar::default();
    let mut engine = engine::build(&shared, &sugar, guard, catalogue);
    let resolver = resolver::Resolver::default();
    engine.set_module_resolver(resolver.clone());

    let mut loader = modules::Loader::new(world, &engine, &sugar, &shared);
    loader.main(file);
    let modules::Loader { mut sources, texts, read, missing, .. } = loader;

    let lost = static_check::Checker::new(&engine, &shared, catalogue, &texts).check();
    for (name, arguments, method) in &lost.functions {
        engine::stand_in(&mut engine, name, *arguments, *method);
    }
    engine::stand_in(&mut engine, NOTHING, 0, false);
    engine::stand_in_variables(&mut engine, lost.variables.iter().map(String::as_str));
    resolver.fill(&texts, stubs(&engine, &sugar, lost.qualified));

    if let Some(ast) = texts.first().and_then(|t| t.ast.as_ref()) {
        guard.allow(sandbox::OPERATIONS);
        let result = engine.run_ast(ast);
        let mut state = shared.lock();
        match (result, guard.ended()) {
            (Err(error), _) => {
                let told = errors::evaluation(&error, &state);
                told.into_iter().for_each(|d| state.diagnostics.push(d));
            }
            (Ok(()), Some(end)) => state.diagnostics.push(Diagnostic::error(Code::LIMIT, errors::ended(end))),
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
    diagnostics.sort();
    let mut session = std::mem::replace(&mut state.session, empty());
    targets::place(&mut session.targets, &mut sources);
    Reading { session, diagnostics, sources, closures, read, missing, folders }
}

/// What a stand-in of a module's function returns.
const NOTHING: &str = "nothing_at_all";

/// Functions that modules lack, so that the evaluation goes on past their calls.
fn stubs(
    engine: &rhai::Engine,
    sugar: &sugar::Sugar,
    lost: BTreeMap<(String, String), std::collections::BTreeSet<(String, usize)>>,
) -> BTreeMap<(String, String), rhai::AST> {
    let mut all = BTreeMap::new();
    for (key, functions) in lost {
        let mut text = String::new();
        for (name, arguments) in functions {
            let params: Vec<String> = (0..arguments).map(|i| format!("a{i}")).collect();
            text.push_str(&format!("fn {name}({}) {{ {NOTHING}() }}\n", params.join(", ")));
        }
        let lexed = Arc::new(lex::Lexed::new(SourceId(0), Arc::from(text.as_str())));
        sugar.begin(&lexed);
        if let Ok(ast) = engine.compile(&text) {
            all.insert(key, ast);
        }
    }
    all
}
