//! Calls of a script's own functions: how many values, and under which names.

use std::collections::BTreeMap;

use rhai::{Expr, FnCallExpr, Position};

use super::bind::list;
use super::lex::{Argument, Lexed};
use super::state::Shared;
use super::sugar::PAIR;
use crate::diag::{Code, Diagnostic, SourceId, Span, suggest};

/// A function of a script.
pub(super) struct Function {
    pub(super) source: SourceId,
    /// Of its body.
    pub(super) begins: Position,
    pub(super) params: Vec<String>,
}

/// By name; those of one name differ in how many parameters they have.
pub(super) type Functions = BTreeMap<String, Vec<Function>>;

/// Whether a call is one of the functions `same`; what is wrong with it is told. `at` is the name that is called.
pub(super) fn given(call: &FnCallExpr, same: &[Function], lexed: &Lexed, at: Span, shared: &Shared) -> bool {
    let name = call.name.as_str();
    let named: Vec<Option<String>> = call.args.iter().map(name_of).collect();
    let by_name = named.iter().any(Option::is_some);
    let function = same.iter().find(|f| f.params.len() == named.len());
    if let (Some(function), true) = (function, by_name) {
        let mut state = shared.lock();
        let wrong = names(name, function, &named, lexed, at);
        let stop = (function.source, function.begins);
        if !state.named.contains(&stop) {
            state.named.push(stop);
        }
        wrong.into_iter().for_each(|d| state.push(d));
        return true;
    }
    if function.is_some() {
        return true;
    }
    let wanted: Vec<String> = same.iter().map(|f| f.params.len().to_string()).collect();
    let values = if wanted == ["1"] { "value" } else { "values" };
    let message = format!("`{name}` takes {} {values}, not {}", wanted.join(" or "), named.len());
    let mut diagnostic = Diagnostic::error(Code::ARGUMENTS, message).label(at, "called here");
    if let [only] = same {
        let lost = named.iter().position(|n| n.as_ref().is_some_and(|n| !only.params.contains(n)));
        if let (Some(index), false) = (lost, only.params.len() == 1) {
            return tell(shared, unknown(name, only, named[index].as_deref().unwrap_or(""), place(lexed, at, index)));
        }
        diagnostic = match only.params.as_slice() {
            [] => diagnostic.help(format!("write `{name}()`")),
            [one] if by_name => diagnostic.help(format!(
                "its one parameter is `{one}`: if that is a map, write `{name}(#{{ … }})` around the names"
            )),
            all => {
                let by_place = named.iter().filter(|n| n.is_none()).count();
                let named = |p: &String| named.iter().flatten().any(|n| n == p);
                let missing: Vec<&str> = all.iter().skip(by_place).filter(|p| !named(p)).map(String::as_str).collect();
                match missing.as_slice() {
                    [] => diagnostic.help(format!("it takes {}", list(all.iter().map(String::as_str)))),
                    [one] => diagnostic.help(format!("`{one}` is missing")),
                    some => diagnostic.help(format!("{} are missing", list(some.iter().copied()))),
                }
            }
        };
    }
    tell(shared, diagnostic)
}

fn tell(shared: &Shared, diagnostic: Diagnostic) -> bool {
    shared.lock().push(diagnostic);
    false
}

/// What is wrong with the names of a call that has as many values as the function takes.
fn names(name: &str, function: &Function, named: &[Option<String>], lexed: &Lexed, at: Span) -> Vec<Diagnostic> {
    let mut wrong = Vec::new();
    let mut taken: Vec<Option<usize>> = vec![None; function.params.len()];
    for (index, given) in named.iter().enumerate() {
        let param = match given {
            None => Some(index),
            Some(given) => function.params.iter().position(|p| p == given),
        };
        let Some(param) = param else {
            wrong.push(unknown(name, function, given.as_deref().unwrap_or(""), place(lexed, at, index)));
            continue;
        };
        if let Some(first) = taken[param].replace(index) {
            let message = format!("`{}` of `{name}` is given twice", function.params[param]);
            wrong.push(
                Diagnostic::error(Code::ARGUMENTS, message)
                    .label(place(lexed, at, index), "again here")
                    .label(place(lexed, at, first), "first here"),
            );
        }
    }
    wrong
}

fn unknown(name: &str, function: &Function, given: &str, at: Span) -> Diagnostic {
    let params = || function.params.iter().map(String::as_str);
    let near = suggest(given, params());
    let diagnostic = Diagnostic::error(Code::UNKNOWN_PARAMETER, format!("`{name}` has no parameter `{given}`"))
        .label(at, "not a parameter")
        .did_you_mean(near);
    match near {
        None => diagnostic.help(format!("it takes {}", list(params()))),
        Some(_) => diagnostic,
    }
}

/// The name of an argument, if it has one.
fn name_of(argument: &Expr) -> Option<String> {
    let Expr::FnCall(call, _) = argument else { return None };
    if call.name != PAIR || call.is_qualified() {
        return None;
    }
    match call.args.first() {
        Some(Expr::StringConstant(name, _)) => Some(name.to_string()),
        _ => None,
    }
}

/// The place of an argument of the call whose name stands at `at`.
fn place(lexed: &Lexed, at: Span, index: usize) -> Span {
    let site = lexed.site(at.start as usize);
    site.and_then(|s| s.arguments.get(index)).map_or(at, |a: &Argument| a.name.unwrap_or(a.value))
}
