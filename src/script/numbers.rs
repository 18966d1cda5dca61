//! Values to numbers: units, ranges, steps and words, against the declaration of a parameter.

use rhai::{Dynamic, FnPtr};

use super::curves;
use super::sandbox;
use super::state::{Closure, State};
use super::time;
use super::values::{self, Given, Movement, Quantity, SpanValue, TimeValue, written};
use crate::diag::{Code, Diagnostic, Span, suggest};
use crate::dsp::Number;
use crate::session::{Signal, Time};
use crate::units::{Dimension, Unit};

/// A parameter, in messages.
#[derive(Clone, Copy)]
pub(super) struct What<'a> {
    pub(super) param: &'a str,
    pub(super) of: &'a str,
    pub(super) help: &'a str,
}

impl std::fmt::Display for What<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}` of `{}`", self.param, self.of)
    }
}

/// What may stand where a number is expected.
pub(super) enum Scalar {
    Number(f64),
    Duration(Time),
}

/// A number of the language itself, not of an effect.
pub(super) const fn number(unit: Unit, min: f64, max: f64, curve: bool) -> Number {
    Number { unit, min, max, default: None, words: &[], steps: &[], curve, nyquist: false }
}

/// The highest frequency at any rate; the plan brings it down to that of the session.
const TOP: f64 = 0.49 * 384_000.0;

impl State {
    /// The exact place of a mistake: the literal itself when it stands in the argument, else the argument, and where the value comes from.
    pub(super) fn point(&mut self, diagnostic: Diagnostic, span: Span, literal: Option<Span>, label: String) {
        let inside = |l: Span| l.source == span.source && l.start >= span.start && l.end <= span.end;
        let diagnostic = match literal {
            Some(l) if inside(l) || span.is_empty() => diagnostic.label(l, label),
            Some(l) => diagnostic.label(span, label).label(l, "the value was written here"),
            None => diagnostic.label(span, label),
        };
        self.push(diagnostic);
    }

    fn wrong_unit(&mut self, what: What<'_>, unit: Unit, value: &Dynamic, span: Span, literal: Option<Span>) {
        let is = values::words(value);
        let takes = match unit {
            Unit::Percent => "a percentage (%)".to_string(),
            unit => unit.words().to_string(),
        };
        let help = format!("write a number such as `{}`{}", values::example(unit), colon(what.help));
        let diagnostic = Diagnostic::error(Code::WRONG_UNIT, format!("{what} takes {takes}")).help(help);
        self.point(diagnostic, span, literal, format!("this is {is}"));
    }

    /// One number in the parameter's own unit, in range; a mistake is recorded and gives `None`.
    pub(super) fn scalar(&mut self, what: What<'_>, n: &Number, value: &Dynamic, span: Span) -> Option<Scalar> {
        if values::is_poison(value) {
            return None;
        }
        let time = n.unit.dimension() == Dimension::Time || n.unit.dimension() == Dimension::Frequency;
        if let Some(TimeValue(t)) = values::get::<TimeValue>(value) {
            if !time || (n.unit.dimension() == Dimension::Frequency && !t.is_musical()) {
                self.wrong_unit(what, n.unit, value, span, t.loc.map(|l| l.0));
                return None;
            }
            if n.unit.dimension() == Dimension::Time && t.is_absolute() && t.samples == 0.0 {
                let own = Unit::S.convert(t.seconds, n.unit).unwrap_or(0.0);
                return self.in_range(what, n, own, span, None).map(Scalar::Number);
            }
            return Some(Scalar::Duration(t));
        }
        let Some(q) = values::quantity(value) else {
            let diagnostic = Diagnostic::error(Code::WRONG_TYPE, format!("{what} takes {}", n.unit.words()));
            let diagnostic = match values::text(value).and_then(|t| values::quoted(&t)) {
                Some(number) => {
                    let stands = self.texts.get(span.source.0 as usize).is_some_and(|l| l.slice(span).starts_with('"'));
                    let told = diagnostic.help(format!("a number stands without quotes: `{number}`"));
                    if stands { told.fix(span, number) } else { told }
                }
                None => diagnostic.help(format!(
                    "write a number, such as `{}`{}",
                    values::example(n.unit),
                    colon(what.help)
                )),
            };
            self.point(diagnostic, span, None, format!("this is {}", values::words(value)));
            return None;
        };
        if time && matches!(q.unit.dimension(), Dimension::Musical | Dimension::Samples) {
            let hertz = n.unit.dimension() == Dimension::Frequency;
            if hertz && q.unit == Unit::Samples {
                self.wrong_unit(what, n.unit, value, span, q.span);
                return None;
            }
            return time::from_quantity(q).map(Scalar::Duration);
        }
        let own = match (q.unit, n.unit) {
            (Unit::None, _) => Some(q.value),
            (unit, to) => unit.convert(q.value, to),
        };
        let Some(own) = own else {
            self.wrong_unit(what, n.unit, value, span, q.span);
            return None;
        };
        self.in_range(what, n, own, span, q.span).map(Scalar::Number)
    }

    fn in_range(&mut self, what: What<'_>, n: &Number, own: f64, span: Span, literal: Option<Span>) -> Option<f64> {
        let max = if n.nyquist { TOP } else { n.max };
        let show = |v: f64| written(v, n.unit);
        if own.is_nan() || own < n.min || own > max {
            let message = match (n.min.is_finite() || n.min == f64::NEG_INFINITY && n.unit == Unit::Db, max.is_finite())
            {
                (true, true) => format!("{what} goes from {} to {}", show(n.min), show(max)),
                (true, false) => format!("{what} is at least {}", show(n.min)),
                (false, true) => format!("{what} is at most {}", show(max)),
                (false, false) => format!("{what} is a finite number"),
            };
            let label = if own.is_nan() { "not a number".to_string() } else { format!("{} is outside", show(own)) };
            let mut diagnostic = Diagnostic::error(Code::OUT_OF_RANGE, message);
            if !what.help.is_empty() {
                diagnostic = diagnostic.help(format!("{}: {}", what.param, what.help));
            }
            // `48` for 48 kHz, `1800` for 1.8 s
            let other = match n.unit {
                Unit::Hz => Some(Unit::Khz),
                Unit::S => Some(Unit::Ms),
                Unit::Ms => Some(Unit::S),
                _ => None,
            };
            let fits = |unit: &Unit| unit.convert(own, n.unit).is_some_and(|x| x >= n.min && x <= max);
            if let (Some(unit), None) = (other.filter(fits), literal) {
                let near = written(own, unit);
                let bare = self.texts.get(span.source.0 as usize).is_some_and(|l| l.slice(span) == own.to_string());
                diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
                diagnostic = if bare { diagnostic.fix(span, near) } else { diagnostic };
            }
            self.point(diagnostic, span, literal, label);
            return None;
        }
        if own.is_infinite() && !(own == n.min || own == max) {
            return None;
        }
        if !n.steps.is_empty() && !n.steps.contains(&own) {
            let all: Vec<String> = n.steps.iter().map(|s| s.to_string()).collect();
            let diagnostic = Diagnostic::error(Code::OUT_OF_RANGE, format!("{what} is one of {}", all.join(", ")));
            self.point(diagnostic, span, literal, format!("{} is none of them", show(own)));
            return None;
        }
        Some(own)
    }

    /// A plain number in the parameter's unit; durations and movements are refused.
    pub(super) fn plain(&mut self, what: What<'_>, n: &Number, given: &Given) -> Option<f64> {
        if moves(&given.value) {
            self.not_a_curve(what, given.span);
            return None;
        }
        match self.scalar(what, n, &given.value, given.span)? {
            Scalar::Number(x) => Some(x),
            Scalar::Duration(_) => {
                let message = format!("{what} takes {}, not a length of the music", n.unit.words());
                self.error(Code::WRONG_UNIT, message, given.span, "depends on the tempo");
                None
            }
        }
    }

    fn not_a_curve(&mut self, what: What<'_>, span: Span) {
        self.push(
            Diagnostic::error(Code::NOT_A_CURVE, format!("{what} stands still"))
                .label(span, "this moves")
                .help("give one value; `mixdown effects` shows which parameters take a curve"),
        );
    }

    /// A number, still or moving. `rest` is what it is outside of the spans of a curve.
    pub(super) fn signal(&mut self, what: What<'_>, n: &Number, rest: f64, given: &Given) -> Option<Signal> {
        let (value, span) = (&given.value, given.span);
        if moves(value) && !n.curve {
            self.not_a_curve(what, span);
            return None;
        }
        if let Some(list) = values::get::<rhai::Array>(value) {
            return curves::curve(self, what, n, rest, list, span).map(Signal::Curve);
        }
        if let Some(movement) = values::get::<Movement>(value) {
            return curves::movement(self, what, n, movement);
        }
        if let Some(mut function) = values::get::<FnPtr>(value) {
            // what it takes along stays what it is now
            let along: Vec<Dynamic> = function.iter_curry().map(|v| v.flatten_clone()).collect();
            function.set_curry(along);
            let id = crate::session::ClosureId(self.closures.len());
            if id.0 >= sandbox::CLOSURES {
                let message = format!("a script makes at most {} functions of time", sandbox::CLOSURES);
                self.error(Code::LIMIT, message, span, "one too many");
                return None;
            }
            self.closures.push(Closure { function, number: *n, what: what.to_string(), span });
            return Some(Signal::Closure(id));
        }
        if value.is::<SpanValue>() {
            self.error(Code::WRONG_TYPE, format!("{what} takes {}", n.unit.words()), span, "this is a span of time");
            return None;
        }
        Some(match self.scalar(what, n, value, span)? {
            Scalar::Number(x) => Signal::Constant(x),
            Scalar::Duration(t) => Signal::Duration(t),
        })
    }

    pub(super) fn boolean(&mut self, what: What<'_>, given: &Given) -> Option<bool> {
        if values::is_poison(&given.value) {
            return None;
        }
        let answer = given.value.as_bool().ok();
        if answer.is_none() {
            let label = format!("this is {}", values::words(&given.value));
            let diagnostic =
                Diagnostic::error(Code::WRONG_TYPE, format!("{what} is `true` or `false`")).label(given.span, label);
            let quoted = values::text(&given.value).filter(|t| matches!(t.as_str(), "true" | "false"));
            let stands =
                self.texts.get(given.span.source.0 as usize).is_some_and(|l| l.slice(given.span).starts_with('"'));
            self.push(match quoted {
                Some(word) if stands => diagnostic.help(format!("without quotes: `{word}`")).fix(given.span, word),
                _ => diagnostic,
            });
        }
        answer
    }

    pub(super) fn text(&mut self, what: What<'_>, given: &Given) -> Option<String> {
        self.text_up_to(what, given, sandbox::NAME)
    }

    /// `most`: bytes.
    pub(super) fn text_up_to(&mut self, what: What<'_>, given: &Given, most: usize) -> Option<String> {
        if values::is_poison(&given.value) {
            return None;
        }
        let answer = values::text(&given.value);
        if let Some(long) = answer.as_ref().filter(|text| text.len() > most) {
            let message = format!("{what} takes a text of at most {most} bytes");
            self.error(Code::LIMIT, message, given.span, format!("this one has {}", long.len()));
            return None;
        }
        if answer.is_none() {
            let label = format!("this is {}", values::words(&given.value));
            self.error(Code::WRONG_TYPE, format!("{what} takes a text"), given.span, label);
        }
        answer
    }

    /// One word of several: its place among them.
    pub(super) fn choice(&mut self, what: What<'_>, options: &[&str], given: &Given) -> Option<usize> {
        let word = self.text(What { ..what }, given)?;
        let found = options.iter().position(|o| *o == word);
        if found.is_none() {
            let all: Vec<String> = options.iter().map(|o| format!("\"{o}\"")).collect();
            let near = suggest(&word, options.iter().copied());
            let diagnostic = Diagnostic::error(Code::UNKNOWN_CHOICE, format!("{what} is never \"{word}\""))
                .label(given.span, "not one of its words")
                .near(near);
            let help = match near {
                Some(near) => format!("did you mean \"{near}\"? It knows {}", all.join(", ")),
                None => format!("it knows {}", all.join(", ")),
            };
            self.push(diagnostic.help(help));
        }
        found
    }

    /// A whole number from a range.
    pub(super) fn whole(&mut self, what: What<'_>, min: f64, max: f64, given: &Given) -> Option<u64> {
        let x = self.plain(what, &number(Unit::None, min, max, false), given)?;
        if x.fract() != 0.0 {
            self.error(Code::OUT_OF_RANGE, format!("{what} is a whole number"), given.span, format!("{x} is not"));
            return None;
        }
        Some(x as u64)
    }
}

/// What a parameter is for, behind a help.
fn colon(help: &str) -> String {
    if help.is_empty() { String::new() } else { format!(" ({})", lower(help)) }
}

fn lower(help: &str) -> String {
    let mut chars = help.chars();
    let Some(first) = chars.next() else { return String::new() };
    // `Q` and `RMS` stay as they are
    let word = chars.as_str().starts_with(|c: char| c.is_lowercase() || c == ' ');
    if word { first.to_lowercase().chain(chars).collect() } else { help.to_string() }
}

/// Whether it is a curve or another thing that changes with time.
pub(super) fn moves(value: &Dynamic) -> bool {
    value.is_array() || value.is::<Movement>() || value.is::<FnPtr>()
}

/// Bits of a level that the language adds: `off`.
pub(super) fn off() -> Dynamic {
    Dynamic::from(Quantity { value: f64::NEG_INFINITY, unit: Unit::Db, span: None })
}
