//! Rhai's own errors in the words of this language.

use rhai::{EvalAltResult, LexError, ParseError, ParseErrorType, Position};

use super::calls::through;
use super::lex::Lexed;
use super::sandbox;
use super::state::State;
use crate::diag::{Code, Diagnostic, SourceId, Span};

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
    let syntax = |message: String| Diagnostic::error(Code::SYNTAX, message);
    match error {
        ParseErrorType::UnexpectedEOF => syntax("the script ends too early".into())
            .label(span, "something is still open here")
            .help("a `)`, `]`, `}` or quote is missing"),
        ParseErrorType::BadInput(LexError::UnterminatedString) => syntax("a text is not closed".into())
            .label(span, "begins here")
            .help("end it with a quote on the same line"),
        ParseErrorType::MissingToken(token, about) => {
            syntax(format!("`{token}` is missing {about}")).label(span, format!("expected `{token}` before this"))
        }
        ParseErrorType::Reserved(word) | ParseErrorType::BadInput(LexError::ImproperSymbol(word, _))
            if word.chars().all(char::is_alphabetic) =>
        {
            let other = super::words::instead(word);
            Diagnostic::error(Code::RESERVED, format!("`{word}` is a word that the language keeps for itself"))
                .label(span, "cannot be used here")
                .help(format!("call it `{other}`"))
                .did_you_mean(Some(&other))
        }
        ParseErrorType::ExprTooDeep => {
            let message = format!("this is nested too deeply: at most {} deep", sandbox::DEPTH);
            Diagnostic::error(Code::LIMIT, message).label(span, "from here on")
        }
        ParseErrorType::TooManyFunctions => {
            let message = format!("a script has at most {} functions", sandbox::FUNCTIONS);
            Diagnostic::error(Code::LIMIT, message).label(span, "one too many")
        }
        ParseErrorType::LiteralTooLarge(what, most) => {
            Diagnostic::error(Code::LIMIT, format!("{what} is too large: at most {most}")).label(span, "here")
        }
        ParseErrorType::VariableExpected => syntax("a name is missing".into()).label(span, "this is no name"),
        other => {
            let mut text = other.to_string();
            if let Some(first) = text.get(..1).map(str::to_lowercase) {
                text.replace_range(..1, &first);
            }
            syntax(text).label(span, "here")
        }
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
            let text = if value.is_unit() { "the script stopped itself".to_string() } else { value.to_string() };
            script(text).help("thrown by the script")
        }
        EvalAltResult::ErrorFunctionNotFound(signature, _) => {
            let name = signature.split('(').next().unwrap_or("").trim();
            let with = signature.split_once('(').map_or("", |s| s.1.trim_end_matches(')')).trim();
            script(if name.chars().all(|c| c.is_alphanumeric() || c == '_') {
                format!("`{name}` cannot be called with {}", if with.is_empty() { "nothing" } else { with })
            } else {
                format!("`{name}` does not work between {}", with.replace(", ", " and "))
            })
        }
        EvalAltResult::ErrorDataRace(..) => script("a function uses the value that it is called on".into()),
        // the static pass tells of all modules that are not there
        EvalAltResult::ErrorModuleNotFound(..) => return None,
        EvalAltResult::ErrorAssignmentToConstant(name, _) => script(format!("`{name}` cannot be set")),
        EvalAltResult::ErrorVariableNotFound(name, _) => {
            Diagnostic::error(Code::UNKNOWN_VARIABLE, format!("nothing is called `{name}` here"))
                .label(here, "not declared")
        }
        EvalAltResult::ErrorDotExpr(text, _) | EvalAltResult::ErrorPropertyNotFound(text, _) => {
            script(format!("there is no such property: {text}"))
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
