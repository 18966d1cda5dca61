//! What a strip can do.

mod words;

use rhai::{Array, Dynamic};

use super::bind::{Bound, Cx};
use super::curves::section;
use super::numbers::number;
use super::state::Out;
use super::values::{self, Given, SpanValue, StripValue, TapValue, VcaValue, VersionValue};
use super::versions::{self, Change};
use crate::audio::PanLaw;
use crate::diag::{Code, Diagnostic, Span};
use crate::dsp::Number;
use crate::session::{Level, Loc, Polarity, Range, Route, RouteTo, Send, StripId, TapPoint, Trim};
use crate::units::Unit;

pub(super) const LEVEL: Number = number(Unit::Db, f64::NEG_INFINITY, 24.0, true);
const TRIM: Number = number(Unit::Db, f64::NEG_INFINITY, 60.0, false);
const RIDE: Number = number(Unit::Db, f64::NEG_INFINITY, 24.0, true);
const PAN: Number = number(Unit::Percent, -100.0, 100.0, true);
const WIDTH: Number = number(Unit::Percent, 0.0, 200.0, true);

pub(super) use words::SIGNATURES;

impl Cx<'_> {
    /// The strip that a method is called on; says so when it is none.
    pub(super) fn strip(&mut self) -> Option<StripId> {
        if let Some(StripValue(id)) = values::get::<StripValue>(&self.this) {
            return Some(id);
        }
        if !values::is_poison(&self.this) {
            let message = if self.this.is::<TapValue>() {
                format!("a tap can only `send` and be measured; `{}` is for the strip itself", self.of)
            } else {
                format!("`{}` is something that a strip does; this is {}", self.of, values::words(&self.this))
            };
            self.state.push(
                Diagnostic::error(Code::WRONG_TYPE, message)
                    .label(self.at, "not on a strip")
                    .help(format!("call it on one: `track(\"vox\", \"vox.wav\").{}(…)`", self.of)),
            );
        }
        None
    }

    /// The argument, or a word about it missing.
    pub(super) fn needs(&mut self, given: Option<Given>, param: &str) -> Option<Given> {
        if given.is_none() && !self.state.misnamed(self.at) {
            let message = format!("`{}` needs `{param}`", self.of);
            let diagnostic = Diagnostic::error(Code::ARGUMENTS, message).label(self.at, format!("without `{param}`"));
            self.state.push(diagnostic.help(self.about(param)));
        }
        given
    }

    /// A section by its name, or a span.
    pub(super) fn range(&mut self, value: &Dynamic, span: Span) -> Option<Range> {
        if let Some(SpanValue(from, to)) = values::get::<SpanValue>(value) {
            return Some(Range::Times(from, to));
        }
        if let Some(name) = values::text(value) {
            return Some(Range::Section(section(self.state, name, span)));
        }
        if !values::is_poison(value) {
            let diagnostic = Diagnostic::error(Code::WRONG_TYPE, format!("`{}` takes sections and spans", self.of))
                .label(span, format!("this is {}", values::words(value)))
                .help("write `\"chorus\"` or `bar(9)..bar(17)`");
            self.state.push(diagnostic);
        }
        None
    }

    /// The argument; a word about it missing where nothing is given at all.
    fn asked(&mut self, given: Option<Given>, param: &str) -> Option<Given> {
        let nothing = given.is_none() && self.state.empty_call(self.at);
        if nothing { self.needs(given, param) } else { given }
    }

    pub(super) fn again(&self) -> Out {
        Ok(self.this.clone())
    }
}

fn trim(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let Some(id) = cx.strip() else { return cx.again() };
    let given = bound.take(0);
    let Some(given) = cx.asked(given, "level") else { return cx.again() };
    let measure = values::quantity(&given.value).and_then(|q| {
        let level = match q.unit {
            Unit::Lufs => Level::Lufs,
            Unit::Dbfs => Level::Dbfs,
            Unit::Dbtp => Level::Dbtp,
            _ => return None,
        };
        Some((level, q.unit))
    });
    if let Some((level, unit)) = measure {
        if let Some(value) = cx.state.level(cx.what("level"), unit, -60.0, 0.0, &given) {
            cx.state.session.strips[id.0].trim = Trim::To { level, value, loc: Loc(given.span) };
        }
        return cx.again();
    }
    if let Some(level) = cx.state.plain(cx.what("level"), &TRIM, &given) {
        cx.state.session.strips[id.0].trim = Trim::By(level);
    }
    cx.again()
}

fn gain(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    if let Some(VcaValue(index)) = values::get::<VcaValue>(&cx.this) {
        let given = bound.take(0);
        let Some(given) = cx.asked(given, "level") else { return cx.again() };
        if let Some(level) = cx.state.signal(cx.what("level"), &LEVEL, 0.0, &given) {
            cx.state.session.vcas[index].gain = level;
        }
        return cx.again();
    }
    let Some(id) = cx.strip() else { return cx.again() };
    let given = bound.take(0);
    let Some(given) = cx.asked(given, "level") else { return cx.again() };
    if let Some(level) = cx.state.signal(cx.what("level"), &LEVEL, 0.0, &given) {
        let strip = &mut cx.state.session.strips[id.0];
        (strip.gain, strip.said.gain) = (level, Loc(given.span));
    }
    cx.again()
}

fn ride(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let Some(id) = cx.strip() else { return cx.again() };
    let given = bound.take(0);
    let Some(given) = cx.needs(given, "level") else { return cx.again() };
    if let Some(level) = cx.state.signal(cx.what("level"), &RIDE, 0.0, &given) {
        let at = cx.at;
        let rides = cx.state.session.strips[id.0].rides.len();
        cx.state.count("rides on one strip", rides, 1000, at)?;
        cx.state.session.strips[id.0].rides.push(level);
    }
    cx.again()
}

/// `-3dB` or `"-3dB"`.
pub(super) fn law(cx: &mut Cx<'_>, given: &Given, param: &'static str) -> Option<PanLaw> {
    if values::is_poison(&given.value) {
        return None;
    }
    let level = match values::text(&given.value) {
        Some(text) => text.trim().trim_end_matches("dB").trim().parse::<f64>().ok(),
        None => values::quantity(&given.value).filter(|q| matches!(q.unit, Unit::Db | Unit::None)).map(|q| q.value),
    };
    let found = level.and_then(|l| PanLaw::WRITTEN.iter().find(|w| w.0 == l)).map(|w| w.1);
    if found.is_none() {
        let message = format!("{} is -3dB, -4.5dB, -6dB or 0dB", cx.what(param));
        cx.state.error(Code::UNKNOWN_CHOICE, message, given.span, "no law of this name");
    }
    found
}

fn pan(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let Some(id) = cx.strip() else { return cx.again() };
    if let Some(given) = bound.take(1)
        && let Some(law) = law(cx, &given, "law")
    {
        cx.state.session.strips[id.0].law = Some(law);
    }
    let given = bound.take(0);
    let Some(given) = cx.asked(given, "position") else { return cx.again() };
    if let Some(position) = cx.state.signal(cx.what("position"), &PAN, 0.0, &given) {
        let strip = &mut cx.state.session.strips[id.0];
        strip.pan = Some(position);
        strip.place = None;
    }
    cx.again()
}

fn place(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let Some(id) = cx.strip() else { return cx.again() };
    let mut side = |index, param, default| {
        let given = bound.take(index);
        match given {
            Some(given) => cx.state.signal(cx.what(param), &PAN, default, &given),
            None => Some(crate::session::Signal::Constant(default)),
        }
    };
    let (left, right) = (side(0, "left", -100.0), side(1, "right", 100.0));
    if let (Some(left), Some(right)) = (left, right) {
        let strip = &mut cx.state.session.strips[id.0];
        strip.place = Some((left, right));
        strip.pan = None;
    }
    cx.again()
}

fn width(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let Some(id) = cx.strip() else { return cx.again() };
    let given = bound.take(0);
    let Some(given) = cx.asked(given, "amount") else { return cx.again() };
    if let Some(amount) = cx.state.signal(cx.what("amount"), &WIDTH, 100.0, &given) {
        let strip = &mut cx.state.session.strips[id.0];
        (strip.width, strip.said.width) = (amount, Loc(given.span));
    }
    cx.again()
}

fn polarity(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let Some(id) = cx.strip() else { return cx.again() };
    let side = match bound.take(0) {
        Some(given) => cx.state.choice(cx.what("side"), &["both", "left", "right"], &given),
        None => Some(0),
    };
    let strip = &mut cx.state.session.strips[id.0];
    match side {
        Some(0) => strip.polarity = Some(Polarity::Both),
        Some(1) => strip.polarity = Some(Polarity::Left),
        Some(_) => strip.polarity = Some(Polarity::Right),
        None => {}
    }
    cx.again()
}

fn delay(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    // the effect `delay` is called on nothing: `engine` tells the two apart
    let Some(id) = cx.strip() else { return cx.again() };
    let given = bound.take(0);
    let Some(given) = cx.needs(given, "time") else { return cx.again() };
    if let Some(time) = cx.state.time_of(&given.value, given.span) {
        if time.anchors.is_empty() {
            cx.state.session.strips[id.0].delay = Some(time);
        } else {
            let message = "`time` of `delay` is a length, not a place in the song";
            cx.state.error(Code::TIME, message, given.span, "a place");
        }
    }
    cx.again()
}

fn switch(cx: &mut Cx<'_>, mut bound: Bound, mute: bool) -> Out {
    if let Some(VersionValue(index)) = values::get::<VersionValue>(&cx.this) {
        let given = bound.take(0).into_iter().chain(bound.rest).collect();
        return versions::change(cx, index, if mute { Change::Mute } else { Change::Solo }, given);
    }
    for more in bound.rest.drain(..) {
        let message = format!("`{}` takes one value by position", cx.of);
        cx.state.error(Code::ARGUMENTS, message, more.span, "one too many");
    }
    let on = match bound.take(0) {
        Some(given) => cx.state.boolean(cx.what("on"), &given),
        None => Some(true),
    };
    if let Some(VcaValue(index)) = values::get::<VcaValue>(&cx.this)
        && mute
    {
        cx.state.session.vcas[index].mute = on.unwrap_or(false);
        return cx.again();
    }
    let Some(id) = cx.strip() else { return cx.again() };
    let strip = &mut cx.state.session.strips[id.0];
    if let Some(on) = on {
        match mute {
            true => strip.mute = on,
            false => (strip.solo, strip.said.solo) = (on, Loc(cx.at)),
        }
    }
    cx.again()
}

fn ranges(cx: &mut Cx<'_>, bound: Bound, mute: bool) -> Out {
    let Some(id) = cx.strip() else { return cx.again() };
    let mut all = Vec::new();
    for given in bound.rest {
        let items = values::get::<Array>(&given.value).unwrap_or_else(|| vec![given.value.clone()]);
        for item in items {
            let span = values::text(&item).map_or(given.span, |name| cx.state.entry(given.span, &name));
            all.extend(cx.range(&item, span));
        }
    }
    let strip = &mut cx.state.session.strips[id.0];
    let list = if mute { &mut strip.mute_in } else { &mut strip.only_in };
    let (now, more) = (list.len(), all.len());
    list.extend(all);
    cx.state.count("muted ranges on one strip", now + more, 10_000, cx.at)?;
    cx.again()
}

fn insert(cx: &mut Cx<'_>, bound: Bound) -> Out {
    let Some(id) = cx.strip() else { return cx.again() };
    let mut effects = Vec::new();
    for given in &bound.rest {
        let what = super::numbers::What { param: "effect", of: "insert", help: "" };
        cx.state.effects_from(what, given, &mut effects);
    }
    let now = cx.state.session.strips[id.0].inserts.len();
    cx.state.count("inserts on one strip", now + effects.len(), 1000, cx.at)?;
    cx.state.placed(&effects, cx.at)?;
    cx.state.session.strips[id.0].inserts.extend(effects);
    cx.again()
}

fn send(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let tap = values::get::<TapValue>(&cx.this).map(|t| t.0);
    let id = match tap {
        Some(tap) => tap.strip,
        None => match cx.strip() {
            Some(id) => id,
            None => return cx.again(),
        },
    };
    let bus = bound.take(0);
    let Some(bus) = cx.needs(bus, "bus") else { return cx.again() };
    let to = cx.state.strip_from(cx.what("bus"), &bus);
    let level = match bound.take(1) {
        Some(given) => cx.state.signal(cx.what("level"), &LEVEL, f64::NEG_INFINITY, &given),
        None => None,
    };
    let pre = match bound.take(2) {
        Some(given) => cx.state.boolean(cx.what("pre"), &given).unwrap_or(false),
        None => false,
    };
    let Some(to) = to else { return cx.again() };
    let from = tap.map_or(if pre { TapPoint::Pre } else { TapPoint::Post }, |t| t.point);
    let level = level.unwrap_or(crate::session::Signal::Constant(0.0));
    let now = cx.state.session.strips[id.0].sends.len();
    cx.state.count("sends on one strip", now, 1000, cx.at)?;
    cx.state.count("sends", cx.state.sends, 100_000, cx.at)?;
    cx.state.sends += 1;
    let send = Send { from, to: RouteTo::Strip(to), level, loc: Loc(bus.span) };
    cx.state.session.strips[id.0].sends.push(send);
    cx.again()
}

fn to(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let Some(id) = cx.strip() else { return cx.again() };
    let bus = bound.take(0);
    let Some(bus) = cx.needs(bus, "bus") else { return cx.again() };
    let off = values::quantity(&bus.value).is_some_and(|q| q.value == f64::NEG_INFINITY);
    let to = if off { Some(RouteTo::Off) } else { cx.state.strip_from(cx.what("bus"), &bus).map(RouteTo::Strip) };
    if let Some(to) = to {
        cx.state.session.strips[id.0].to = Some(Route { to, loc: Loc(bus.span) });
    }
    cx.again()
}

/// Taps of a strip, as properties.
pub(super) fn tap(strip: StripValue, point: TapPoint) -> Dynamic {
    Dynamic::from(strip.tap(point))
}
