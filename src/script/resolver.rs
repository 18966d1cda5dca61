//! Modules while a script runs: what the loader found, evaluated once each.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use rhai::{AST, Engine, EvalAltResult, Module, ModuleResolver, Position, Scope};

use super::modules::Text;
use super::state::Shared;
use crate::diag::SourceId;

type SharedModule = Arc<Module>;

/// Evaluates what the loader found, once each.
#[derive(Clone)]
pub(super) struct Resolver {
    table: Arc<Mutex<Table>>,
    shared: Shared,
}

#[derive(Default)]
struct Table {
    asts: Vec<Option<AST>>,
    /// By source and literal path.
    imports: BTreeMap<(String, String), Option<usize>>,
    done: BTreeMap<usize, SharedModule>,
    /// What stands in for modules that were not found, by literal path.
    stubs: BTreeMap<(String, String), AST>,
}

impl Resolver {
    pub(super) fn new(shared: &Shared) -> Resolver {
        Resolver { table: Arc::default(), shared: shared.clone() }
    }

    fn lock(&self) -> MutexGuard<'_, Table> {
        self.table.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Evaluates a module's own statements.
    fn evaluate(&self, engine: &Engine, ast: &AST, source: Option<SourceId>) -> Result<Module, Box<EvalAltResult>> {
        let top = std::mem::replace(&mut self.shared.lock().top, source.unwrap_or(SourceId(0)));
        let module = Module::eval_ast_as_new(Scope::new(), ast, engine);
        self.shared.lock().top = top;
        module
    }

    pub(super) fn fill(&self, texts: &[Text], stubs: BTreeMap<(String, String), AST>) {
        let mut table = self.lock();
        table.asts = texts.iter().map(|t| t.ast.clone()).collect();
        table.stubs = stubs;
        for text in texts {
            for (literal, target) in &text.imports {
                table.imports.insert((text.source.0.to_string(), literal.clone()), *target);
            }
        }
    }
}

impl ModuleResolver for Resolver {
    fn resolve(
        &self,
        engine: &Engine,
        source: Option<&str>,
        path: &str,
        position: Position,
    ) -> Result<SharedModule, Box<EvalAltResult>> {
        let key = (source.unwrap_or("0").to_string(), path.to_string());
        let (target, ast, stubs) = {
            let table = self.lock();
            let target = table.imports.get(&key).copied().flatten();
            let stubs = table.stubs.get(&key).cloned();
            if let Some(done) = target.filter(|_| stubs.is_none()).and_then(|t| table.done.get(&t)) {
                return Ok(done.clone());
            }
            (target, target.and_then(|t| table.asts.get(t).cloned().flatten()), stubs)
        };
        let mut ast = ast.unwrap_or_else(AST::empty);
        let has_stubs = stubs.is_some();
        if let Some(stubs) = stubs {
            let source = ast.source().map(str::to_string);
            ast.combine(stubs);
            if let Some(source) = source {
                ast.set_source(source);
            }
        }
        let module: SharedModule = self
            .evaluate(engine, &ast, target.map(|t| SourceId(t as u32)))
            .map_err(|e| Box::new(EvalAltResult::ErrorInModule(ast.source().unwrap_or("").to_string(), e, position)))?
            .into();
        if let (Some(target), false) = (target, has_stubs) {
            self.lock().done.insert(target, module.clone());
        }
        Ok(module)
    }
}
