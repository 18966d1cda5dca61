//! Arguments to parameters: by position, by name, or from one `#{}` map.

use rhai::Dynamic;

use super::engine::signatures;
use super::state::{Out, State};
use super::values::{self, Given};
use crate::diag::{Code, Diagnostic, Span, suggest};

/// The name of a parameter, and in a few words what it is.
pub(super) type Parameter = (&'static str, &'static str);

/// What a function of the language is for, and what it takes.
pub(super) struct Signature {
    pub(super) name: &'static str,
    /// One sentence, in audio words.
    pub(super) help: &'static str,
    pub(super) params: &'static [Parameter],
    /// How many of them may be given by position.
    pub(super) positional: usize,
    /// What comes after those by position, as much of it as there is.
    pub(super) rest: Option<Parameter>,
    /// Whether it is called on a strip.
    pub(super) method: bool,
    pub(super) run: fn(&mut Cx<'_>, Bound) -> Out,
}

/// A call that is being made.
pub(super) struct Cx<'a> {
    pub(super) state: &'a mut State,
    pub(super) of: &'static str,
    pub(super) at: Span,
    /// What a method is called on.
    pub(super) this: Dynamic,
}

impl Signature {
    /// A function that is called by itself, with these by position and none after them.
    pub(super) const fn function(
        name: &'static str,
        help: &'static str,
        params: &'static [Parameter],
        positional: usize,
        run: fn(&mut Cx<'_>, Bound) -> Out,
    ) -> Signature {
        Signature { name, help, params, positional, rest: None, method: false, run }
    }

    /// The same, called on a strip.
    pub(super) const fn method(
        name: &'static str,
        help: &'static str,
        params: &'static [Parameter],
        positional: usize,
        run: fn(&mut Cx<'_>, Bound) -> Out,
    ) -> Signature {
        Signature { method: true, ..Signature::function(name, help, params, positional, run) }
    }

    pub(super) const fn and_more(self, name: &'static str, help: &'static str) -> Signature {
        Signature { rest: Some((name, help)), ..self }
    }
}

impl Cx<'_> {
    /// What is said of a parameter of the word that is called.
    pub(super) fn about(&self, param: &str) -> String {
        let of = signatures().find(|s| s.name == self.of);
        let said = of.and_then(|s| s.params.iter().find(|p| p.0 == param)).map_or("", |p| p.1);
        format!("{param}: {said}")
    }
}

#[derive(Debug, Default)]
pub(super) struct Bound {
    pub(super) by_param: Vec<Option<Given>>,
    pub(super) rest: Vec<Given>,
}

impl Bound {
    pub(super) fn take(&mut self, index: usize) -> Option<Given> {
        self.by_param.get_mut(index)?.take()
    }
}

/// Sorts what was given to the parameters `names`; mistakes are recorded and left out.
pub(super) fn bind(
    state: &mut State,
    of: &str,
    names: &[&'static str],
    positional: usize,
    variadic: bool,
    given: Vec<Given>,
) -> Bound {
    let mut bound = Bound { by_param: (0..names.len()).map(|_| None).collect(), rest: Vec::new() };
    let mut next = 0;
    for argument in given {
        if argument.name.is_none() && argument.value.is_map() && !names.is_empty() {
            let map = values::get::<rhai::Map>(&argument.value).unwrap_or_default();
            for (key, value) in map {
                let at = state.key_in(argument.span, &key).unwrap_or(argument.span);
                let one = Given { name: Some(key.to_string()), name_span: at, value: value.flatten(), span: at };
                put(state, of, names, &mut bound, one);
            }
        } else if argument.name.is_some() {
            put(state, of, names, &mut bound, argument);
        } else if next < positional {
            let one = Given { name: Some(names[next].to_string()), ..argument };
            next += 1;
            put(state, of, names, &mut bound, one);
        } else if variadic {
            bound.rest.push(argument);
        } else {
            let message = match positional {
                0 => format!("`{of}` takes no values by position"),
                1 => format!("`{of}` takes one value by position"),
                n => format!("`{of}` takes {n} values by position"),
            };
            let help = if names.is_empty() {
                "it takes nothing at all".to_string()
            } else {
                format!("it takes {}", list(names.iter().copied()))
            };
            state.push(Diagnostic::error(Code::ARGUMENTS, message).label(argument.span, "one too many").help(help));
        }
    }
    bound
}

fn put(state: &mut State, of: &str, names: &[&'static str], bound: &mut Bound, given: Given) {
    let name = given.name.clone().unwrap_or_default();
    let Some(index) = names.iter().position(|n| *n == name) else {
        let free = names.iter().zip(&bound.by_param).filter(|(_, given)| given.is_none()).map(|(name, _)| *name);
        let near = suggest(&name, free);
        let mut diagnostic = Diagnostic::error(Code::UNKNOWN_PARAMETER, format!("`{of}` has no parameter `{name}`"))
            .label(given.name_span, "not a parameter")
            .did_you_mean(near);
        if near.is_none() {
            diagnostic = diagnostic.help(if names.is_empty() {
                format!("`{of}` takes no named arguments")
            } else {
                format!("it takes {}", list(names.iter().copied()))
            });
        }
        state.push(diagnostic);
        return;
    };
    if let Some(first) = &bound.by_param[index] {
        state.push(
            Diagnostic::error(Code::ARGUMENTS, format!("`{name}` of `{of}` is given twice"))
                .label(given.name_span, "again here")
                .label(first.span, "first here"),
        );
        return;
    }
    bound.by_param[index] = Some(given);
}

/// `` `a`, `b` and `c` ``.
pub(super) fn list<'a>(names: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<String> = names.map(|n| format!("`{n}`")).collect();
    match all.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => "nothing".into(),
    }
}
