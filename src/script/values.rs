//! What a script's variables can hold besides Rhai's own values.

use rhai::{Dynamic, FnPtr};

use crate::diag::Span;
use crate::session::{Effect, Reading, StripId, Tap, TapPoint, Time, Way};
use crate::units::Unit;

/// A number with a unit, and where it was written.
#[derive(Clone, Copy, Debug)]
pub(super) struct Quantity {
    pub(super) value: f64,
    pub(super) unit: Unit,
    pub(super) span: Option<Span>,
}

/// `name: value` in a call, `time: value` in a list.
#[derive(Clone, Debug)]
pub(super) struct Pair {
    pub(super) key: Dynamic,
    pub(super) value: Dynamic,
    pub(super) key_span: Span,
    pub(super) value_span: Span,
    /// How deep pairs are nested in pairs.
    pub(super) depth: usize,
}

#[derive(Clone, Copy, Debug)]
pub(super) struct StripValue(pub(super) StripId);

#[derive(Clone, Copy, Debug)]
pub(super) struct TapValue(pub(super) Tap);

#[derive(Clone, Copy, Debug)]
pub(super) struct VcaValue(pub(super) usize);

#[derive(Clone, Copy, Debug)]
pub(super) struct VersionValue(pub(super) usize);

#[derive(Clone, Debug)]
pub(super) struct TimeValue(pub(super) Time);

/// `bar(9)..bar(10)`.
#[derive(Clone, Debug)]
pub(super) struct SpanValue(pub(super) Time, pub(super) Time);

#[derive(Clone, Debug)]
pub(super) struct EffectValue {
    pub(super) effect: Effect,
    pub(super) depth: usize,
}

/// `vox.loudness("chorus")`.
#[derive(Clone, Debug)]
pub(super) struct ReadingValue(pub(super) Reading);

/// `smooth(v)`, `hold(v)` …
#[derive(Clone, Debug)]
pub(super) struct Shaped(pub(super) Way, pub(super) Dynamic);

/// `lfo(…)` and `follow(…)`, whose ends get their unit from where they are used.
#[derive(Clone, Debug)]
pub(super) enum Movement {
    Lfo { rate: crate::session::LfoRate, from: Given, to: Given, shape: crate::dsp::curve::Wave },
    Follow { tap: Tap, from: Given, to: Given, low: f64, high: f64, attack: f64, release: f64 },
}

/// What stands for the result of a call that was a mistake: takes everything, says nothing.
#[derive(Clone, Copy, Debug)]
pub(super) struct Poison;

/// An argument: its value, its name if it has one, and where both stand.
#[derive(Clone, Debug)]
pub(super) struct Given {
    pub(super) name: Option<String>,
    pub(super) name_span: Span,
    pub(super) value: Dynamic,
    pub(super) span: Span,
}

impl StripValue {
    pub(super) fn tap(self, point: TapPoint) -> TapValue {
        TapValue(Tap { strip: self.0, point })
    }
}

pub(super) fn get<T: Clone + Send + Sync + 'static>(value: &Dynamic) -> Option<T> {
    value.read_lock::<T>().map(|v| v.clone())
}

pub(super) fn text(value: &Dynamic) -> Option<String> {
    value.read_lock::<rhai::ImmutableString>().map(|s| s.to_string()).or_else(|| value.as_char().ok().map(String::from))
}

pub(super) fn is_poison(value: &Dynamic) -> bool {
    value.is::<Poison>()
}

/// A number, bare or with a unit.
pub(super) fn quantity(value: &Dynamic) -> Option<Quantity> {
    if let Some(q) = get::<Quantity>(value) {
        return Some(q);
    }
    let bare = value.as_int().map(|i| i as f64).or_else(|_| value.as_float()).ok()?;
    Some(Quantity { value: bare, unit: Unit::None, span: None })
}

/// What a value is, in words.
pub(super) fn words(value: &Dynamic) -> String {
    if let Some(q) = quantity(value) {
        return if q.value == f64::NEG_INFINITY { "`off`".into() } else { q.unit.words().into() };
    }
    let word = if value.is_string() || value.is_char() {
        "a text"
    } else if value.is_bool() {
        "true or false"
    } else if value.is_array() {
        "a list"
    } else if value.is_map() {
        "a map"
    } else if value.is_unit() {
        "nothing"
    } else if value.is::<StripValue>() {
        "a strip"
    } else if value.is::<TapValue>() {
        "a tap"
    } else if value.is::<EffectValue>() {
        "an effect"
    } else if value.is::<TimeValue>() {
        "a time"
    } else if value.is::<SpanValue>() {
        "a span of time"
    } else if value.is::<Movement>() || value.is::<Shaped>() {
        "a movement"
    } else if value.is::<ReadingValue>() {
        "a reading"
    } else if value.is::<VersionValue>() {
        "a version"
    } else if value.is::<VcaValue>() {
        "a vca"
    } else if value.is::<FnPtr>() {
        "a function"
    } else if value.is::<Pair>() {
        "a pair"
    } else {
        "something else"
    };
    word.into()
}

/// A number as it is written: `-3dB`, `off`, `1.5kHz`.
pub(super) fn written(value: f64, unit: Unit) -> String {
    if value == f64::NEG_INFINITY {
        return "off".into();
    }
    if unit == Unit::Hz && value.abs() >= 1000.0 {
        return format!("{}kHz", value / 1000.0);
    }
    format!("{value}{}", unit.symbol())
}

/// A number that stands in quotes, as it is written without them: `-3dB` for "-3 db".
pub(super) fn quoted(text: &str) -> Option<String> {
    let text = text.trim();
    let end = text.char_indices().find(|(i, c)| !(c.is_ascii_digit() || *c == '.' || *i == 0 && *c == '-'));
    let (number, unit) = text.split_at(end.map_or(text.len(), |e| e.0));
    let unit = unit.trim();
    number.parse::<f64>().ok()?;
    let known = Unit::WRITTEN.iter().map(|u| u.0).find(|u| u.eq_ignore_ascii_case(unit));
    (unit.is_empty() || known.is_some()).then(|| format!("{number}{}", known.unwrap_or("")))
}

/// How a number of a unit is written, for a help.
pub(super) fn example(unit: Unit) -> &'static str {
    match unit {
        Unit::None => "2",
        Unit::Db => "-6dB",
        Unit::Lu => "1LU",
        Unit::Dbfs => "-6dBFS",
        Unit::Dbtp => "-1dBTP",
        Unit::Lufs => "-14LUFS",
        Unit::Hz | Unit::Khz => "200Hz",
        Unit::Ms => "20ms",
        Unit::S | Unit::Min => "1.5s",
        Unit::Samples => "64samples",
        Unit::Percent => "50%",
        Unit::Semitones => "2st",
        Unit::Cents => "10cents",
        Unit::Degrees => "90deg",
        Unit::Kbps => "320kbps",
        Unit::Bars => "4bars",
        Unit::Beats => "2beats",
    }
}
