//! The song as a whole: its name, its time, its sections.

use rhai::{Array, Dynamic};

use super::bind::{Bound, Cx, Signature};
use super::numbers::number;
use super::state::Out;
use super::tags::{COMMENT, COVER, DATE, GENRE, ISRC, TRACK, UPC};
use super::values::{self, Given, Pair, Shaped};
use crate::diag::{Code, Diagnostic, Span};
use crate::session::{At, Loc, Marker, MarkerKind, Section, Step, Time, Way};
use crate::units::Unit;

pub(super) const SIGNATURES: &[Signature] = &[
    Signature::function(
        "song",
        "Says what the song is called, how it counts, and what holds for all of it.",
        &[
            (
                "title",
                "what it is called: a tag of every file unless its delivery says another, as all tags are; `{song}` in paths",
            ),
            ("artist", "a tag: who made it; `{artist}` in paths"),
            ("album", "a tag: what it is part of; `{album}` in paths"),
            ("tempo", "as the word `tempo` takes it"),
            ("meter", "as the word `meter` takes it"),
            ("rate", "the sample rate of the session, 8kHz to 384kHz; that of the first file unless said"),
            ("pan_law", "how loud a mono sound is in the centre: -3dB (unless said), -4.5dB, -6dB or 0dB"),
            ("first_bar", "where in the files bar 1 begins, in seconds or samples; at 0s unless said"),
            ("length", "where the song ends, whatever sounds there; else it ends with its last clip and the tails"),
            ("tail", "how long reverbs and echoes may sound after the last clip; at most 10s unless said"),
            ("seed", "a whole number: another one makes other chance, where an effect has any"),
            ("edition", "the edition of the language that the script is written in: 1, so far the only one"),
            TRACK,
            ISRC,
            UPC,
            DATE,
            GENRE,
            COVER,
            COMMENT,
        ],
        1,
        song,
    ),
    Signature::function(
        "tempo",
        "Sets the tempo, or a map of it.",
        &[("tempo", "quarter notes a minute, 10 to 1000, or `[bar(1): 122, bar(33): 126]`; 120 unless said")],
        1,
        |cx, mut bound| {
            let given = bound.take(0);
            if let Some(given) = cx.needs(given, "tempo") {
                tempo(cx, &given);
            }
            Ok(Dynamic::UNIT)
        },
    ),
    Signature::function(
        "meter",
        "Sets the meter, or a map of it.",
        &[("meter", "beats / note value, \"7/8\", or `[bar(1): \"4/4\", bar(17): \"7/8\"]`; \"4/4\" unless said")],
        1,
        |cx, mut bound| {
            let given = bound.take(0);
            if let Some(given) = cx.needs(given, "meter") {
                meter(cx, &given);
            }
            Ok(Dynamic::UNIT)
        },
    ),
    Signature::function(
        "sections",
        "Names the parts of the song, one after the other.",
        &[("sections", "`[bar(1): \"intro\", bar(9): \"verse\", bar(25): \"\"]`: an empty name is a gap, or the end")],
        1,
        sections,
    ),
    Signature::function(
        "section",
        "Names one part of the song, over others if need be.",
        &[
            ("name", "a text; a name that comes again is another section of that name"),
            ("from", "the time at which it begins"),
            ("to", "the time at which it ends"),
        ],
        3,
        section,
    ),
    Signature::function(
        "marker",
        "Marks a place for those who work on the song; it is a cue point of every WAV and a chapter of every FLAC.",
        &[("text", "what is written there"), ("at", "where: a time")],
        2,
        |c, b| marker(c, b, MarkerKind::Marker),
    ),
    Signature::function(
        "chapter",
        "Marks a place for those who listen; it is a cue point of every WAV, and a chapter of every file.",
        &[("text", "what it is called"), ("at", "where: a time")],
        2,
        |c, b| marker(c, b, MarkerKind::Chapter),
    ),
];

fn song(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let mut tags = std::mem::take(&mut cx.state.session.info.tags);
    let behind = [TRACK, ISRC, UPC, DATE, GENRE, COVER, COMMENT].map(|parameter| parameter.0);
    for (index, word) in (0..).zip(["title", "artist", "album"]).chain((12..).zip(behind)) {
        if let Some(given) = bound.take(index) {
            cx.tag(&mut tags, word, &given);
        }
    }
    cx.state.session.info.tags = tags;
    if let Some(given) = bound.take(3) {
        tempo(cx, &given);
    }
    if let Some(given) = bound.take(4) {
        meter(cx, &given);
    }
    if let Some(given) = bound.take(5)
        && let Some(rate) = cx.state.rate(cx.what("rate"), &given)
    {
        cx.state.session.info.rate = Some(rate);
    }
    if let Some(given) = bound.take(6)
        && let Some(law) = super::strips::law(cx, &given, "pan_law")
    {
        cx.state.session.info.pan_law = law;
    }
    for index in 7..10 {
        let Some(given) = bound.take(index) else { continue };
        let time = cx.state.time_of(&given.value, given.span);
        let info = &mut cx.state.session.info;
        match index {
            7 => info.first_bar = time,
            8 => info.length = time,
            _ => info.tail = time,
        }
    }
    if let Some(given) = bound.take(10)
        && let Some(seed) = cx.state.whole(cx.what("seed"), 0.0, 9e15, &given)
    {
        cx.state.session.info.seed = seed;
    }
    if let Some(given) = bound.take(11) {
        cx.state.whole(cx.what("edition"), 1.0, 1.0, &given);
    }
    Ok(Dynamic::UNIT)
}

/// `value`, or `[time: value, …]`, where `smooth(value)` ramps: (time, value, smooth, where).
fn steps(cx: &mut Cx<'_>, given: &Given) -> Vec<(Time, Dynamic, bool, Span)> {
    let Some(list) = values::get::<Array>(&given.value) else {
        return vec![(Time::default(), given.value.clone(), false, given.span)];
    };
    let mut all = Vec::new();
    for item in list {
        let Some(pair) = values::get::<Pair>(&item) else {
            let message = format!("`{}` changes at times: `[bar(1): …, bar(9): …]`", cx.of);
            cx.state.error(Code::CURVE, message, given.span, format!("holds {}", values::words(&item)));
            continue;
        };
        let (value, smooth) = match values::get::<Shaped>(&pair.value) {
            Some(Shaped(way, value)) => (value, way == Way::Smooth),
            None => (pair.value.clone(), false),
        };
        match super::curves::when(cx.state, &pair) {
            Some(At::Point(time)) => all.push((time, value, smooth, pair.value_span)),
            Some(_) => {
                let message = format!("`{}` changes at a point in time", cx.of);
                cx.state.error(Code::CURVE, message, pair.key_span, "not a point in time");
            }
            None => {}
        }
    }
    all
}

fn tempo(cx: &mut Cx<'_>, given: &Given) {
    let mut all = Vec::new();
    for (at, value, smooth, span) in steps(cx, given) {
        let given = Given { name: None, name_span: span, value, span };
        if let Some(value) = cx.state.plain(cx.what("tempo"), &number(Unit::None, 10.0, 1000.0, false), &given) {
            all.push(Step { at, value, smooth });
        }
    }
    cx.state.session.info.tempo = all;
}

fn meter(cx: &mut Cx<'_>, given: &Given) {
    let mut all = Vec::new();
    for (at, value, _, span) in steps(cx, given) {
        let given = Given { name: None, name_span: span, value, span };
        let Some(text) = cx.state.text(cx.what("meter"), &given) else { continue };
        let parsed = text.split_once('/').and_then(|(a, b)| Some((a.trim().parse().ok()?, b.trim().parse().ok()?)));
        match parsed.filter(|(a, b): &(u32, u32)| (1..=64).contains(a) && b.is_power_of_two() && *b <= 64) {
            Some(value) => all.push(Step { at, value, smooth: false }),
            None => {
                let diagnostic = Diagnostic::error(Code::UNKNOWN_CHOICE, format!("\"{text}\" is not a meter"))
                    .label(span, "beats / note value")
                    .help("write \"4/4\", \"7/8\", \"12/8\"");
                cx.state.push(diagnostic);
            }
        }
    }
    cx.state.session.info.meter = all;
}

pub(super) const MOST_SECTIONS: usize = 10_000;

fn sections(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let given = bound.take(0);
    let Some(given) = cx.needs(given, "sections") else { return Ok(Dynamic::UNIT) };
    let mut open: Option<(Time, String, Span)> = None;
    for (at, value, _, span) in steps(cx, &given) {
        let one = Given { name: None, name_span: span, value, span };
        let Some(name) = cx.state.text(cx.what("sections"), &one) else { continue };
        if let Some((from, name, span)) = open.take().filter(|o| !o.1.is_empty()) {
            let now = cx.state.session.sections.len();
            cx.state.count("sections", now, MOST_SECTIONS, cx.at)?;
            cx.state.session.sections.push(Section { name, from, to: at.clone(), loc: Loc(span) });
        }
        open = Some((at, name, span));
    }
    if let Some((_, name, span)) = open.filter(|o| !o.1.is_empty()) {
        let diagnostic = Diagnostic::error(Code::TIME, format!("the last section, \"{name}\", has no end"))
            .label(span, "ends where?")
            .help("end the list with an empty name: `bar(73): \"\"`");
        cx.state.push(diagnostic);
    }
    Ok(Dynamic::UNIT)
}

fn section(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let (name, from, to) = (bound.take(0), bound.take(1), bound.take(2));
    let (name, from, to) = (cx.needs(name, "name"), cx.needs(from, "from"), cx.needs(to, "to"));
    let (Some(name), Some(from), Some(to)) = (name, from, to) else { return Ok(Dynamic::UNIT) };
    let text = cx.state.text(cx.what("name"), &name);
    let from = cx.state.time_of(&from.value, from.span);
    let to = cx.state.time_of(&to.value, to.span);
    if text.as_deref() == Some("") {
        cx.state.error(Code::UNUSABLE_NAME, "a section needs a name", name.span, "empty");
    } else if let (Some(text), Some(from), Some(to)) = (text, from, to) {
        let now = cx.state.session.sections.len();
        cx.state.count("sections", now, MOST_SECTIONS, cx.at)?;
        cx.state.session.sections.push(Section { name: text, from, to, loc: Loc(name.span) });
    }
    Ok(Dynamic::UNIT)
}

const MOST_MARKERS: usize = 10_000;

fn marker(cx: &mut Cx<'_>, mut bound: Bound, kind: MarkerKind) -> Out {
    let (text, at) = (bound.take(0), bound.take(1));
    let (text, at) = (cx.needs(text, "text"), cx.needs(at, "at"));
    let (Some(text), Some(at)) = (text, at) else { return Ok(Dynamic::UNIT) };
    let loc = Loc(text.span);
    let text = cx.state.text(cx.what("text"), &text);
    let at = cx.state.time_of(&at.value, at.span);
    if let (Some(text), Some(at)) = (text, at) {
        let now = cx.state.session.markers.len();
        cx.state.count("markers", now, MOST_MARKERS, cx.at)?;
        cx.state.session.markers.push(Marker { kind, text, at, loc });
    }
    Ok(Dynamic::UNIT)
}
