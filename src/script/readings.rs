//! What must hold of the sound: readings of taps, and what is expected of them.

use rhai::{Dynamic, Engine, NativeCallContext};

use super::bind::{Bound, Cx, Signature};
use super::levels::words;
use super::numbers::number;
use super::state::{Out, Shared};
use super::values::{self, Given, Poison, ReadingValue, TapValue};
use crate::diag::{Code, Diagnostic, suggest};
use crate::session::{Expectation, Loc, Quantity, Reading, Relation, Tap, TapPoint, Than};
use crate::units::Unit;

pub(super) const MOST: usize = 10_000;

const fn reading(of: Quantity, help: &'static str, run: fn(&mut Cx<'_>, Bound) -> Out) -> Signature {
    let part = &[("part", "a section's name, or a span of time; the whole song unless said")];
    Signature::method(of.name(), help, part, 1, run)
}

pub(super) const SIGNATURES: &[Signature] = &[
    Signature::function(
        "expect",
        "Says what must hold of the sound: where it does not, the render is an error at this line.",
        &[
            ("reading", "of a strip: `vox.loudness(\"chorus\")`"),
            ("above", "a number in the reading's unit, or another reading"),
            ("below", "the same"),
            ("equals", "the same"),
            ("by", "how far above or below at least, LU or dB; less than nothing lets it lie on the other side"),
            ("within", "how far from equal is still equal; what meters differ by unless said"),
        ],
        1,
        expect,
    ),
    reading(Quantity::Loudness, "Integrated loudness, LUFS.", |c, b| read(c, b, Quantity::Loudness)),
    reading(Quantity::ShortTermMax, "The loudest three seconds, LUFS.", |c, b| read(c, b, Quantity::ShortTermMax)),
    reading(Quantity::Peak, "The highest true peak, dBTP.", |c, b| read(c, b, Quantity::Peak)),
    reading(Quantity::SamplePeak, "The highest sample, dBFS.", |c, b| read(c, b, Quantity::SamplePeak)),
    reading(Quantity::LoudnessRange, "How far loud and soft passages lie apart, LU.", |c, b| {
        read(c, b, Quantity::LoudnessRange)
    }),
    reading(Quantity::MonoLoss, "How much quieter it is in mono, LU.", |c, b| read(c, b, Quantity::MonoLoss)),
    reading(Quantity::Correlation, "How alike left and right are: 1 the same, 0 unrelated, -1 opposite.", |c, b| {
        read(c, b, Quantity::Correlation)
    }),
];

const RELATIONS: [(&str, Relation); 3] =
    [("above", Relation::Above), ("below", Relation::Below), ("equals", Relation::Equals)];

fn read(cx: &mut Cx<'_>, mut bound: Bound, of: Quantity) -> Out {
    let tap = match values::get::<TapValue>(&cx.this) {
        Some(tap) => tap.0,
        None => match cx.strip() {
            Some(strip) => Tap { strip, point: TapPoint::Post },
            None => return cx.state.poison(),
        },
    };
    let part = match bound.take(0) {
        Some(given) => match cx.range(&given.value, given.span) {
            Some(range) => Some(range),
            None => return cx.state.poison(),
        },
        None => None,
    };
    Ok(Dynamic::from(ReadingValue(Reading { tap, of, part, loc: Loc(cx.at) })))
}

fn expect(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let nothing = Ok(Dynamic::UNIT);
    let given = bound.take(0);
    // `vox.loudness() == …` has been told of
    let compared_within = given.as_ref().is_some_and(|g| g.value.is_bool() && cx.state.wrong_within(g.span));
    if compared_within {
        return nothing;
    }
    let given = cx.needs(given, "reading");
    let reading = given.and_then(|given| {
        let found = values::get::<ReadingValue>(&given.value);
        if found.is_none() && !values::is_poison(&given.value) {
            let diagnostic = Diagnostic::error(Code::WRONG_TYPE, format!("{} takes a reading", cx.what("reading")))
                .label(given.span, format!("this is {}", values::words(&given.value)))
                .help("read something of a strip: `master.loudness()`, `vox.peak(\"chorus\")`");
            cx.state.push(diagnostic);
        }
        found
    });
    let mut said = RELATIONS.iter().enumerate().filter_map(|(i, (word, relation))| {
        let given = bound.take(i + 1)?;
        Some((*word, *relation, given))
    });
    let first = said.next();
    let more: Vec<_> = said.collect();
    let Some((word, relation, than)) = first else {
        if cx.state.misnamed(cx.at) {
            return nothing;
        }
        let diagnostic = Diagnostic::error(Code::ARGUMENTS, "`expect` needs `above`, `below` or `equals`")
            .label(cx.at, "without any of them")
            .help("say what must hold: `expect(master.loudness(), above: -16LUFS)`");
        cx.state.push(diagnostic);
        return nothing;
    };
    for (other, _, given) in &more {
        let diagnostic = Diagnostic::error(Code::ARGUMENTS, "`expect` takes one of `above`, `below` and `equals`")
            .label(given.name_span, format!("`{other}` too"))
            .label(than.name_span, format!("`{word}` here"))
            .help("write an `expect` for each");
        cx.state.push(diagnostic);
    }
    let (by, within) = (bound.take(4), bound.take(5));
    let Some(ReadingValue(reading)) = reading else { return nothing };
    let than = compared(cx, word, &reading, &than);
    let margin = margin(cx, relation, reading.of, by, within);
    if let (Some(than), Some(margin), true) = (than, margin, more.is_empty()) {
        let now = cx.state.session.expectations.len();
        cx.state.count("expectations", now, MOST, cx.at)?;
        let loc = Loc(cx.at);
        cx.state.session.expectations.push(Expectation { reading, relation, than, margin, loc });
    }
    nothing
}

/// What a reading is held against: another, or a number in its own unit.
fn compared(cx: &mut Cx<'_>, word: &'static str, reading: &Reading, given: &Given) -> Option<Than> {
    if let Some(ReadingValue(other)) = values::get::<ReadingValue>(&given.value) {
        if reading.of.compares_with(other.of) {
            return Some(Than::Reading(other));
        }
        let message = format!("`{}` cannot be held against `{}`", reading.of.name(), other.of.name());
        let diagnostic = Diagnostic::error(Code::WRONG_UNIT, message)
            .label(other.loc.0, words_of(other.of))
            .label(reading.loc.0, words_of(reading.of))
            .help("compare loudnesses with loudnesses and peaks with peaks");
        cx.state.push(diagnostic);
        return None;
    }
    let (min, max) = match reading.of {
        Quantity::Correlation => (-1.0, 1.0),
        Quantity::LoudnessRange => (0.0, 100.0),
        _ => (-150.0, 100.0),
    };
    cx.state.level(cx.what(word), reading.of.unit(), min, max, given).map(Than::Number)
}

/// A reading, in words.
fn words_of(of: Quantity) -> String {
    match of {
        Quantity::Correlation => "a correlation from -1 to 1".into(),
        of => words(of.unit()).into(),
    }
}

/// `by:` of above and below, `within:` of equals.
fn margin(cx: &mut Cx<'_>, relation: Relation, of: Quantity, by: Option<Given>, within: Option<Given>) -> Option<f64> {
    let equals = relation == Relation::Equals;
    let (word, given, wrong, other) = if equals { ("within", within, "by", by) } else { ("by", by, "within", within) };
    if let Some(other) = other {
        let relation = if equals { "`equals`" } else { "`above` and `below`" };
        let diagnostic = Diagnostic::error(Code::ARGUMENTS, format!("`{wrong}` does not go with {relation}"))
            .label(other.name_span, "of another comparison")
            .did_you_mean(Some(word));
        cx.state.push(diagnostic);
        return None;
    }
    let Some(given) = given else { return Some(if equals { of.near() } else { 0.0 }) };
    // a reading may be allowed to lie on the other side: `above: x, by: -2LU`
    let min = if equals { 0.0 } else { -60.0 };
    match of {
        Quantity::Correlation => {
            let range = number(Unit::None, if equals { 0.0 } else { -2.0 }, 2.0, false);
            cx.state.plain(cx.what(word), &range, &given)
        }
        of => cx.state.level(cx.what(word), of.difference(), min, 60.0, &given),
    }
}

/// Whether a name that means nothing was likely to mean a reading.
pub(super) fn meant(name: &str) -> bool {
    suggest(name, Quantity::ALL.map(Quantity::name)).is_some()
}

/// A reading is no number while the script is read: what is done with it as if it were one is told.
pub(super) fn register(engine: &mut Engine, shared: &Shared) {
    engine.register_type_with_name::<ReadingValue>("a reading");
    macro_rules! refuse {
        ($gives:expr; $($op:literal),*) => {$({
            let s = shared.clone();
            engine.register_fn($op, move |cx: NativeCallContext<'_>, _: ReadingValue, _: Dynamic| refused(&s, &cx, $gives));
            let s = shared.clone();
            engine.register_fn($op, move |cx: NativeCallContext<'_>, _: Dynamic, _: ReadingValue| refused(&s, &cx, $gives));
            let s = shared.clone();
            let both = move |cx: NativeCallContext<'_>, _: ReadingValue, _: ReadingValue| refused(&s, &cx, $gives);
            engine.register_fn($op, both);
        })*};
    }
    refuse!(Dynamic::FALSE; "==", "!=", "<", "<=", ">", ">=");
    refuse!(Dynamic::from(Poison); "+", "-", "*", "/", "%");
    let s = shared.clone();
    engine.register_fn("-", move |cx: NativeCallContext<'_>, _: ReadingValue| refused(&s, &cx, Dynamic::from(Poison)));
}

fn refused(shared: &Shared, cx: &NativeCallContext<'_>, gives: Dynamic) -> Out {
    let mut state = shared.enter(cx);
    let here = state.here(cx);
    let diagnostic = Diagnostic::error(Code::WRONG_TYPE, "a reading is no number before the song is rendered")
        .label(here, "nothing can be counted with it here")
        .help("let the render compare it: `expect(vox.loudness(), above: music.loudness(), by: 1LU)`");
    state.push(diagnostic);
    Ok(gives)
}
