//! What a script leaves to whoever renders it: `param("vocal", 0dB)` and `--set vocal=1.5dB`.

use rhai::Dynamic;

use super::bind::{Bound, Cx, Signature};
use super::state::{Out, State};
use super::values::{self, Quantity, written};
use crate::diag::{Code, Diagnostic, Span, suggest};
use crate::units::Unit;

pub(super) const MOST: usize = 1000;

pub(super) const SIGNATURES: &[Signature] = &[Signature::function(
    "param",
    "A value that can be set from outside: `--set vocal=1dB`.",
    &[
        ("name", "what it is set by"),
        ("default", "what it is unless set: a number with or without a unit, a text, or true or false"),
        ("help", "what `mixdown check` tells of it"),
    ],
    2,
    param,
)];

/// A value that can be set from outside.
#[derive(Clone, Debug, PartialEq)]
pub struct Param {
    pub name: String,
    /// What it takes, in words: "a level in dB", "a text".
    pub takes: &'static str,
    /// As written in a script.
    pub default: String,
    /// What it is this time.
    pub value: String,
    pub help: String,
    pub span: Span,
}

/// What `--set` says: name and value, as typed.
pub type Settings = [(String, String)];

fn param(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let (name, default) = (bound.take(0), bound.take(1));
    let (name, default) = (cx.needs(name, "name"), cx.needs(default, "default"));
    let (Some(name), Some(default)) = (name, default) else { return cx.state.poison() };
    let help = bound.take(2).and_then(|g| cx.state.text(cx.what("help"), &g)).unwrap_or_default();
    let span = name.span;
    let Some(name) = cx.state.text(cx.what("name"), &name) else { return Ok(default.value) };
    if name.is_empty() || name.contains('=') || name.trim() != name {
        let diagnostic = Diagnostic::error(Code::UNUSABLE_NAME, "a parameter needs a name that can be typed")
            .label(span, "not like this")
            .help("write `param(\"vocal\", 0dB)`: it is set by `--set vocal=1dB`");
        cx.state.push(diagnostic);
        return Ok(default.value);
    }
    let Some((takes, shown)) = kind(&default.value) else {
        if !values::is_poison(&default.value) {
            let label = format!("this is {}", values::words(&default.value));
            cx.state.error(
                Code::WRONG_TYPE,
                "`default` of `param` is a number, a text, or true or false",
                default.span,
                label,
            );
        }
        return Ok(default.value);
    };
    if let Some(first) = cx.state.params.iter().find(|p| p.name == name) {
        let (other, first) = (first.default != shown, first.span);
        if other {
            let message = format!("two parameters are called \"{name}\", and differ in what they are unless set");
            let diagnostic =
                Diagnostic::error(Code::DUPLICATE_NAME, message).label(span, "again here").label(first, "first here");
            cx.state.push(diagnostic);
        }
    }
    let set = cx.state.settings.iter().rev().find(|(n, _)| *n == name).map(|(_, value)| value.clone());
    let value = match set {
        None => default.value.clone(),
        Some(text) => match typed(&text, &default.value) {
            Ok(value) => value,
            Err(why) => {
                let diagnostic = Diagnostic::error(Code::WRONG_UNIT, format!("`--set {name}={text}`: {why}"))
                    .label(span, format!("takes {takes}"))
                    .help(format!("for example `--set {name}={shown}`"));
                cx.state.push(diagnostic);
                default.value.clone()
            }
        },
    };
    cx.state.count("parameters", cx.state.params.len(), MOST, span)?;
    if cx.state.params.iter().all(|p| p.name != name) {
        let value = kind(&value).map_or(String::new(), |k| k.1);
        cx.state.params.push(Param { name, takes, default: shown, value, help, span });
    }
    Ok(value)
}

/// What a default is, in words, and as it is written.
fn kind(value: &Dynamic) -> Option<(&'static str, String)> {
    if let Some(q) = values::quantity(value) {
        return Some((q.unit.words(), written(q.value, q.unit)));
    }
    if let Ok(on) = value.as_bool() {
        return Some(("true or false", on.to_string()));
    }
    values::text(value).map(|text| ("a text", text))
}

/// What was typed, as a value like the default.
fn typed(text: &str, default: &Dynamic) -> Result<Dynamic, String> {
    if default.is_string() {
        return Ok(text.to_string().into());
    }
    let text = text.trim();
    if default.is_bool() {
        return text.parse::<bool>().map(Dynamic::from).map_err(|_| "it is `true` or `false`".into());
    }
    let Some(own) = values::quantity(default) else { return Err("it cannot be set".into()) };
    let level = own.unit.dimension() == Unit::Db.dimension();
    if text == "off" && level {
        return Ok(Dynamic::from(Quantity { value: f64::NEG_INFINITY, unit: Unit::Db, span: None }));
    }
    let digits = text.trim_end_matches(|c: char| c.is_alphabetic() || c == '%');
    let (number, symbol) = (digits.trim(), &text[digits.len()..]);
    let value: f64 = number.parse().map_err(|_| format!("`{text}` is no number"))?;
    if !value.is_finite() {
        return Err(format!("`{text}` is no number"));
    }
    if own.unit == Unit::None {
        if !symbol.is_empty() {
            return Err(format!("it is {}, without a unit", own.unit.words()));
        }
        let whole = default.is_int() && value.fract() == 0.0 && value.abs() < 9e15;
        return Ok(if whole { Dynamic::from(value as i64) } else { Dynamic::from(value) });
    }
    let unit = match symbol {
        "" => own.unit,
        symbol => Unit::parse(symbol).ok_or_else(|| match suggest(symbol, Unit::WRITTEN.iter().map(|u| u.0)) {
            Some(near) => format!("there is no unit `{symbol}`; did you mean `{near}`?"),
            None => format!("there is no unit `{symbol}`"),
        })?,
    };
    // times go by the clock or by the music
    if unit.convert(value, own.unit).is_none() && !(is_time(unit) && is_time(own.unit)) {
        return Err(format!("it is {}, not {}", own.unit.words(), unit.words()));
    }
    Ok(Dynamic::from(Quantity { value, unit, span: None }))
}

fn is_time(unit: Unit) -> bool {
    use crate::units::Dimension::{Musical, Samples, Time};
    matches!(unit.dimension(), Time | Musical | Samples)
}

impl State {
    /// What was set, and is no parameter of the script.
    pub(super) fn check_settings(&mut self) {
        for (name, value) in self.settings.clone() {
            if self.params.iter().any(|p| p.name == name) {
                continue;
            }
            let near = suggest(&name, self.params.iter().map(|p| p.name.as_str())).map(str::to_string);
            let mut diagnostic = Diagnostic::error(
                Code::UNKNOWN_SETTING,
                format!("`--set {name}={value}`: the script has no parameter \"{name}\""),
            )
            .did_you_mean(near.as_deref());
            if near.is_none() {
                diagnostic = diagnostic.help(if self.params.is_empty() {
                    format!("it has none; write one into it: `param(\"{name}\", {value})`")
                } else {
                    format!("it has {}", super::bind::list(self.params.iter().map(|p| p.name.as_str())))
                });
            }
            self.diagnostics.push(diagnostic);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quantity(value: f64, unit: Unit) -> Dynamic {
        Dynamic::from(Quantity { value, unit, span: None })
    }

    #[test]
    fn what_is_typed_becomes_what_the_default_is() {
        let level = quantity(0.0, Unit::Db);
        let got = |text: &str, default: &Dynamic| typed(text, default).map(|v| values::quantity(&v).unwrap());
        for (text, value, unit) in [("-3dB", -3.0, Unit::Db), ("1.5", 1.5, Unit::Db), ("+2 dB", 2.0, Unit::Db)] {
            let q = got(text, &level).unwrap();
            assert_eq!((q.value, q.unit), (value, unit), "{text}");
        }
        assert_eq!(got("off", &level).unwrap().value, f64::NEG_INFINITY);
        assert_eq!(got("4bars", &quantity(2.0, Unit::S)).unwrap().unit, Unit::Bars);
        assert_eq!(typed("7", &Dynamic::from(3_i64)).unwrap().as_int(), Ok(7));
        assert_eq!(typed("7.5", &Dynamic::from(3_i64)).unwrap().as_float(), Ok(7.5));
        assert_eq!(typed("a, b", &"x".into()).unwrap().into_string().unwrap(), "a, b");
        assert_eq!(typed("true", &false.into()).unwrap().as_bool(), Ok(true));
        for (text, default) in [("80Hz", &level), ("x", &level), ("3db", &level), ("", &level), ("yes", &true.into())] {
            assert!(typed(text, default).is_err(), "{text}");
        }
        assert!(typed("3dB", &Dynamic::from(3_i64)).is_err());
        assert!(typed("inf", &level).is_err());
    }
}
