//! Rhai's own errors in the words of this language.

use rhai::{EvalAltResult, LexError, ParseError, ParseErrorType, Position};

use super::calls::through;
use super::lex::Lexed;
use super::sandbox;
use super::state::State;
use crate::diag::{Code, Diagnostic, SourceId, Span};
use crate::units::Unit;

/// A text that does not parse.
pub(super) fn parsing(error: &ParseError, lexed: &Lexed) -> Diagnostic {
    let end = lexed.text.trim_end().len();
    let mut span = match lexed.offset(error.1) {
        Some(offset) => lexed.token(offset),
        None => Span::new(lexed.source, end, end),
    };
    if span.is_empty() {
        span = Span::new(lexed.source, end.saturating_sub(1).min(span.start as usize), span.end as usize);
        if lexed.text.get(span.start as usize..span.end as usize).is_none() {
            span = Span::new(lexed.source, end, end);
        }
    }
    kind(&error.0, span)
}

fn kind(error: &ParseErrorType, span: Span) -> Diagnostic {
    let syntax = |message: &str, label: &str| Diagnostic::error(Code::SYNTAX, message).label(span, label);
    let limit = |message: String, label: &str| Diagnostic::error(Code::LIMIT, message).label(span, label);
    match error {
        ParseErrorType::UnexpectedEOF => syntax("the script ends too early", "something is still open here")
            .help("a `)`, `]`, `}` or quote is missing"),
        ParseErrorType::BadInput(error) => lexical(error, span),
        ParseErrorType::MissingToken(token, _) => {
            let diagnostic = syntax(&format!("`{token}` is missing"), &format!("expected `{token}` before this"));
            match token.as_str() {
                "{" => diagnostic.help("what belongs to it stands in braces: `if x { … }`, `for i in 0..4 { … }`"),
                "in" => diagnostic.help("write `for i in 0..4 { … }`"),
                _ => diagnostic,
            }
        }
        ParseErrorType::Reserved(word) if word.chars().all(char::is_alphabetic) => reserved(word, span),
        ParseErrorType::ExprTooDeep => {
            limit(format!("this is nested too deeply: at most {} deep", sandbox::DEPTH), "from here on")
        }
        ParseErrorType::TooManyFunctions => {
            limit(format!("a script has at most {} functions", sandbox::FUNCTIONS), "one too many")
        }
        ParseErrorType::LiteralTooLarge(what, most) => limit(format!("{what} is too large: at most {most}"), "here"),
        ParseErrorType::VariableExpected | ParseErrorType::PropertyExpected | ParseErrorType::FnMissingName => {
            syntax("a name is missing", "this is no name")
        }
        ParseErrorType::AssignmentToConstant(name) if name.is_empty() => {
            syntax("only a variable can be set", "not a variable").help("`==` compares, `let x = …` declares")
        }
        ParseErrorType::AssignmentToConstant(name) => {
            syntax(&format!("`{name}` is a constant: it keeps its value"), "set again here")
                .help(format!("declare it as a variable: `let {name} = …`"))
        }
        ParseErrorType::AssignmentToInvalidLHS(_) => {
            syntax("only a variable can be set", "not a variable").help("`==` compares, `let x = …` declares")
        }
        ParseErrorType::MismatchedType(wanted, _) if wanted.contains("iterable") => {
            syntax("a `for` goes through a list or a range", "neither of them")
                .help("write `for i in 0..4 { … }` or `for t in [vox, kick] { … }`")
        }
        ParseErrorType::MismatchedType(..) => {
            syntax("a condition is true or false", "neither of them").help("write `if x == 4 { … }`")
        }
        ParseErrorType::WrongFnDefinition => {
            syntax("a function is declared inside of another, or of a block", "declared in here")
                .help("move it out: functions stand by themselves, one beside the other")
        }
        ParseErrorType::FnDuplicatedDefinition(name, _) => {
            syntax(&format!("the function `{name}` is declared twice"), "again here").help("call one of them otherwise")
        }
        ParseErrorType::FnDuplicatedParam(_, name) => {
            syntax(&format!("two parameters are called `{name}`"), "in this function")
                .help("call one of them otherwise")
        }
        ParseErrorType::DuplicatedProperty(name) => {
            syntax(&format!("the key `{name}` is there twice"), "again here").help("take one of them out")
        }
        ParseErrorType::WrongDocComment => syntax("a `///` belongs above a function", "not here").help("write `//`"),
        other => {
            let mut text = other.to_string();
            if let Some(first) = text.get(..1).map(str::to_lowercase) {
                text.replace_range(..1, &first);
            }
            syntax(&text, "here")
        }
    }
}

fn reserved(word: &str, span: Span) -> Diagnostic {
    let other = super::words::instead(word);
    Diagnostic::error(Code::RESERVED, format!("`{word}` is a word that the language keeps for itself"))
        .label(span, "cannot be used here")
        .help(format!("call it `{other}`"))
        .did_you_mean(Some(&other))
}

/// Signs that are no part of the language, and what says the same.
const SIGNS: &[(&str, &str)] = &[
    ("->", "a route is a call: `vox.to(drums)`"),
    ("<-", "a route is a call: `vox.to(drums)`"),
    ("=>", "write `if … { … } else { … }`"),
    ("?", "write `if a { b } else { c }`"),
    ("~", "`!` says not"),
    ("@", "a place in the song is said with `at:`"),
    ("&", "`&&` says and"),
    ("===", "`==` compares"),
    ("!==", "`!=` compares"),
    ("<>", "`!=` says unlike"),
    ("::<", "a module's function is called with `::`: `v::air_chain(vox)`"),
];

fn lexical(error: &LexError, span: Span) -> Diagnostic {
    let syntax = |message: String, label: &str| Diagnostic::error(Code::SYNTAX, message).label(span, label);
    match error {
        LexError::UnterminatedString => {
            syntax("a text is not closed".into(), "begins here").help("end it with a quote on the same line")
        }
        LexError::ImproperSymbol(word, _) if word.chars().all(char::is_alphabetic) => reserved(word, span),
        LexError::ImproperSymbol(sign, _) if sign == "=" => {
            syntax("`=` sets a variable; `==` compares".into(), "sets").help("write `==`").fix(span, "==")
        }
        LexError::ImproperSymbol(sign, why) if sign.is_empty() && why.contains("'=='") => {
            syntax("`=` sets a variable; `==` compares".into(), "sets").help("write `==`").fix(span, "==")
        }
        LexError::ImproperSymbol(sign, _) | LexError::UnexpectedInput(sign) => {
            let diagnostic = syntax(format!("`{sign}` cannot stand here"), "not expected");
            match SIGNS.iter().find(|s| s.0 == sign) {
                Some((_, help)) => diagnostic.help(*help),
                None if sign == "," => diagnostic.help("take it out, or write the value that is missing before it"),
                None => diagnostic,
            }
        }
        LexError::MalformedEscapeSequence(written) => {
            syntax(format!("`{written}` is no sign of a text"), "in this text")
                .help("paths are written with `/`; a `\\` is written `\\\\`")
        }
        LexError::MalformedNumber(number) => syntax(format!("`{number}` is not a number"), "not a number")
            .help("numbers are written `12`, `0.5`, `-3dB`"),
        LexError::MalformedChar(_) => {
            syntax("a text stands in straight double quotes".into(), "in other quotes").help("write \"…\"")
        }
        other => {
            let mut text = other.to_string();
            if let Some(first) = text.get(..1).map(str::to_lowercase) {
                text.replace_range(..1, &first);
            }
            syntax(text, "here")
        }
    }
}

/// What Rhai calls a kind of value, in words.
fn plain(kind: &str) -> String {
    match kind.trim() {
        "i64" | "f64" | "INT" | "FLOAT" | "integer" | "float" => "a plain number",
        "bool" => "true or false",
        "string" | "&str" | "ImmutableString" | "char" => "a text",
        "array" | "Array" => "a list",
        "map" | "Map" => "a map",
        "()" => "nothing",
        "Fn" | "FnPtr" => "a function",
        "range" => "a range",
        kind if kind.starts_with("range") || kind.contains("Range") => "a range",
        kind => return kind.to_string(),
    }
    .into()
}

/// A property that is not there: Rhai says which, and of what, in quotes.
fn property(text: &str, here: Span) -> Diagnostic {
    let mut quoted = text.split('\'').skip(1).step_by(2);
    let (name, of) = (quoted.next().unwrap_or(""), quoted.next().map(plain));
    let of = of.unwrap_or_else(|| "this".into());
    let diagnostic = Diagnostic::error(Code::SCRIPT, format!("{of} has no `{name}`")).label(here, "here");
    match Unit::WRITTEN.iter().map(|u| u.0).find(|unit| unit.eq_ignore_ascii_case(name)) {
        Some(unit) => diagnostic.help(format!("the unit is written `{unit}`: `x.{unit}`")),
        None if of == "a plain number" => diagnostic.help("a number takes units: `x.dB`, `x.ms`, `x.percent`"),
        None => diagnostic,
    }
}

fn source(name: &str, otherwise: SourceId) -> SourceId {
    name.parse().map_or(otherwise, SourceId)
}

fn span(state: &State, source: SourceId, position: Position) -> Span {
    if position.is_none() { Span::new(source, 0, 0) } else { state.token(source, position) }
}

/// Which limit ended an evaluation, in words.
pub(super) fn ended(by: sandbox::End) -> String {
    match by {
        sandbox::End::Operations => format!("the script takes more than {} steps", sandbox::OPERATIONS),
        sandbox::End::Memory => format!("the script takes more than {} MiB of memory", sandbox::MEMORY >> 20),
        sandbox::End::Time => format!("the script takes longer than {:?}", sandbox::DEADLINE),
    }
}

/// An evaluation that ended early. `None` when its reason has been told.
pub(super) fn evaluation(error: &EvalAltResult, state: &State) -> Option<Diagnostic> {
    let mut trail = Vec::new();
    let mut at = SourceId(0);
    let mut error = error;
    loop {
        match error {
            EvalAltResult::ErrorInFunctionCall(name, inside, inner, position) => {
                let name = if name.starts_with("anon$") { "this function" } else { name.as_str() };
                trail.push((span(state, at, *position), format!("in this call of `{name}`")));
                at = source(inside, at);
                error = inner;
            }
            EvalAltResult::ErrorInModule(module, inner, position) => {
                trail.push((span(state, at, *position), "imported here".to_string()));
                at = source(module, at);
                error = inner;
            }
            _ => break,
        }
    }
    let here = span(state, at, error.position());
    let limit = |what: &str| {
        Diagnostic::error(Code::LIMIT, what.to_string()).label(here, "here").help("is this a loop that does not end?")
    };
    let script = |message: String| Diagnostic::error(Code::SCRIPT, message).label(here, "here");
    let diagnostic = match error {
        // without a reason it has been told
        EvalAltResult::ErrorTerminated(token, _) => limit(&ended(*token.read_lock::<sandbox::End>()?)),
        EvalAltResult::ErrorTooManyOperations(_) => limit("the script takes too many steps"),
        EvalAltResult::ErrorStackOverflow(_) => {
            limit(&format!("functions call one another more than {} deep", sandbox::CALLS))
                .help("a function that calls itself must end somewhere")
        }
        EvalAltResult::ErrorTooManyVariables(_) => {
            limit(&format!("a script has at most {} variables", sandbox::VARIABLES))
        }
        EvalAltResult::ErrorTooManyModules(_) => limit(&format!(
            "a script imports at most {} times, {} with what modules import",
            sandbox::MODULES,
            sandbox::WAYS
        )),
        EvalAltResult::ErrorDataTooLarge(what, _) => {
            let (what, most) = match what.as_str() {
                "Length of string" => ("a text", format!("{} bytes", sandbox::STRING)),
                "Size of object map" => ("a map", format!("{} values", sandbox::MAP)),
                _ => ("a list", format!("{} values", sandbox::ARRAY)),
            };
            limit(&format!("{what} grew too large: at most {most}, with all that is in it"))
        }
        EvalAltResult::ErrorRuntime(value, _) => {
            let text = match () {
                () if value.is_unit() => "the script stopped itself".to_string(),
                // a function without a name has one that means nothing
                () if value.is_fnptr() => "the script stopped itself with a function".to_string(),
                () => value.to_string(),
            };
            script(text).help("thrown by the script")
        }
        EvalAltResult::ErrorFunctionNotFound(signature, _) => {
            let name = signature.split('(').next().unwrap_or("").trim();
            let with = signature.split_once('(').map_or("", |s| s.1.trim_end_matches(')')).trim();
            if with.split(", ").any(|w| w == "nothing" || w.ends_with("Poison")) {
                return None;
            }
            if name.starts_with("anon$") {
                let given = with.split(", ").filter(|w| !w.is_empty()).count();
                let (given, values) = (given.to_string(), if given == 1 { "value" } else { "values" });
                return Some(through(
                    script(format!("this function is given {given} {values}, and takes another number of them"))
                        .help("a function of time takes one, the seconds: `|t| -6 + t`"),
                    trail,
                    false,
                ));
            }
            let kinds: Vec<String> = with.split(", ").filter(|w| !w.is_empty()).map(plain).collect();
            if name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                let with = if kinds.is_empty() { "nothing".to_string() } else { kinds.join(" and ") };
                script(format!("`{name}` cannot be called with {with}"))
            } else if kinds.len() < 2 {
                script(format!("`{name}` does not work with {}", kinds.concat()))
            } else {
                let diagnostic = script(format!("`{name}` does not work between {}", kinds.join(" and ")));
                let route = matches!(name, "|" | ">>" | "<<" | ">" | "+") && kinds.iter().all(|k| k == "a strip");
                if route { diagnostic.help("a route is a call: `vox.to(drums)`") } else { diagnostic }
            }
        }
        EvalAltResult::ErrorDataRace(..) => script("a function uses the value that it is called on".into()),
        // the static pass tells of all modules that are not there
        EvalAltResult::ErrorModuleNotFound(..) => return None,
        EvalAltResult::ErrorAssignmentToConstant(name, _) => {
            // a variable that was never declared has been told of
            if state.told(Code::UNKNOWN_VARIABLE, here) {
                return None;
            }
            script(format!("`{name}` cannot be set")).help(match name.as_str() {
                "mix" | "master" => format!("`{name}` is there from the start: send to it with `.to({name})`"),
                name => format!("it keeps its value; declare another: `let {name}_2 = …`"),
            })
        }
        EvalAltResult::ErrorArrayBounds(length, index, _) => {
            let message = match length {
                0 => format!("the list is empty: there is no entry {index}"),
                1 => format!("the list has one entry: there is no entry {index}"),
                n => format!("the list has {n} entries: there is no entry {index}"),
            };
            script(message).help("entries are counted from 0; `-1` is the last")
        }
        EvalAltResult::ErrorFor(_) => script("this cannot be gone through one by one".into())
            .help("write a list or a range: `for t in [vox, kick] { … }`, `for i in 0..4 { … }`"),
        // what came of a mistake that was told
        EvalAltResult::ErrorMismatchDataType(_, actual, _) if actual.ends_with("Poison") || actual == "nothing" => {
            return None;
        }
        EvalAltResult::ErrorMismatchDataType(wanted, actual, _) => {
            script(format!("{} is needed here, and this is {}", plain(wanted), plain(actual)))
        }
        EvalAltResult::ErrorVariableNotFound(name, _) => {
            let diagnostic = Diagnostic::error(Code::UNKNOWN_VARIABLE, format!("nothing is called `{name}` here"))
                .label(here, "not declared");
            if name.contains("::") {
                diagnostic.help(
                    "a module gives its functions, and the constants that it exports: `export const LEVEL = -3dB;`",
                )
            } else {
                diagnostic
            }
        }
        EvalAltResult::ErrorDotExpr(text, _) | EvalAltResult::ErrorPropertyNotFound(text, _) => property(text, here),
        EvalAltResult::ErrorIndexingType(text, _) => {
            let what = text.split(" [").next().map(plain).unwrap_or_default();
            script(format!("{what} has no entries"))
                .help("`[…]` takes one out of a list or a map: `list[0]`, `map[\"vox\"]`")
        }
        other => {
            let mut text = other.to_string();
            if let Some(cut) = text.rfind(" (line ") {
                text.truncate(cut);
            }
            script(text)
        }
    };
    // a script that stops itself (`throw`) speaks to its caller
    let thrown = matches!(error, EvalAltResult::ErrorRuntime(..));
    Some(through(diagnostic, trail, thrown))
}
