//! Tracks, buses, clips and groups of faders.

use rhai::{Array, Dynamic};

use super::bind::{Bound, Cx, Parameter, Signature};
use super::numbers::number;
use super::sandbox;
use super::state::{Out, State};
use super::values::{self, Given, StripValue, VcaValue};
use crate::audio::Layout;
use crate::diag::{Code, Diagnostic, Span};
use crate::session::{Clip, Loc, Signal, Strip, StripId, StripKind, Time, Vca};
use crate::units::Unit;

pub(super) const MOST_STRIPS: usize = 10_240;
pub(super) const MOST_CLIPS: usize = 50_000;

const CHANNELS: Parameter =
    ("channels", "which of a file's channels, one or two of them: `3`, `[3, 4]`; all (at most two) unless said");

pub(super) const SIGNATURES: &[Signature] = &[
    Signature::function(
        "track",
        "Makes a strip that plays files.",
        &[
            ("name", "what it is called: its stem's name, and the text by which it can be routed to and keyed"),
            ("file", "a recording, from the start of the song on; without one the track is filled by `clip`"),
            ("allow_truncated", "`true` takes a file that ends before its header says"),
            CHANNELS,
        ],
        2,
        track,
    )
    .and_more("files", "more recordings, each after the one before"),
    Signature::function(
        "bus",
        "Makes a strip that sums what is routed and sent to it.",
        &[("name", "what it is called; a route may name it before it is made")],
        1,
        bus,
    ),
    Signature::function(
        "vca",
        "Moves the faders of several strips together; it takes `gain` and `mute`.",
        &[("name", "what it is called"), ("strips", "a list of strips, or of their names")],
        2,
        vca,
    ),
];

pub(super) const CLIP: Signature = Signature::method(
    "clip",
    "Puts a recording, or a piece of it, on a track's time line.",
    &[
        ("path", "the file"),
        ("at", "the time at which it begins; after the clip before it unless said"),
        ("from", "where in the file to begin, a length from its start"),
        ("to", "where in the file to end, a length from its start"),
        ("fade_in", "a length; clips that overlap cross-fade where nothing is said of their fades"),
        ("fade_out", "a length"),
        ("gain", "of this clip alone, dB up to 60dB"),
        ("repeat", "how often it is played in a row"),
        ("allow_truncated", "`true` takes a file that ends before its header says"),
        CHANNELS,
    ],
    1,
    clip,
);

/// A name that can become a file name everywhere.
fn check_name(state: &mut State, name: &str, span: Span) {
    const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
    let low = name.to_lowercase();
    let stem = low.split('.').next().unwrap_or("");
    let numbered =
        stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) && stem.as_bytes()[3].is_ascii_digit();
    let bad = name.chars().find(|c| "/\\:*?\"<>|{}".contains(*c) || c.is_control());
    let problem = if name.trim().is_empty() {
        Some("it is empty".to_string())
    } else if let Some(c) = bad {
        Some(format!("it holds `{}`", c.escape_debug()))
    } else if name.len() > 120 {
        Some(format!("it is {} bytes long, at most 120 are", name.len()))
    } else if name.ends_with(['.', ' ']) || name.starts_with([' ', '.']) {
        Some("it begins with a space or a dot, or ends with one".into())
    } else if DEVICES.contains(&stem) || numbered {
        Some("Windows keeps it for a device".into())
    } else {
        None
    };
    if let Some(problem) = problem {
        state.push(
            Diagnostic::error(Code::UNUSABLE_NAME, "a strip's name must do as the name of a file".to_string())
                .label(span, problem)
                .help(match name.contains("${") {
                    true => format!("a text with `${{…}}` in it stands in back quotes: `{name}`"),
                    false => "stems are written under the names of their strips".to_string(),
                }),
        );
        return;
    }
    let Some(first) = state.same_name(&low) else { return };
    let (first_name, first_span, main) =
        (first.name.clone(), first.loc.0, matches!(first.kind, StripKind::Mix | StripKind::Master));
    let (code, message) = if main {
        (Code::DUPLICATE_NAME, format!("`{first_name}` is there from the start"))
    } else if first_name == name {
        (Code::DUPLICATE_NAME, format!("two strips are called \"{name}\""))
    } else {
        (Code::UNUSABLE_NAME, format!("\"{first_name}\" and \"{name}\" are one file on some disks"))
    };
    let mut diagnostic = Diagnostic::error(code, message).label(span, "again here");
    if main {
        diagnostic = diagnostic.help(format!("use it as it is: `{first_name}.insert(…)`"));
    } else {
        diagnostic = diagnostic
            .label(first_span, "first here")
            .help("routes and files are found by name: call one of them otherwise");
    }
    state.push(diagnostic);
}

fn strip(cx: &mut Cx<'_>, bound: &mut Bound, kind: StripKind) -> Result<StripId, Box<rhai::EvalAltResult>> {
    let given = bound.take(0);
    let (name, span) = match cx.needs(given, "name") {
        Some(given) => (cx.state.text(cx.what("name"), &given), given.span),
        None => (None, cx.at),
    };
    if let Some(name) = &name {
        check_name(cx.state, name, span);
    }
    cx.state.count("strips", cx.state.session.strips.len(), MOST_STRIPS, cx.at)?;
    let id = StripId(cx.state.session.strips.len());
    cx.state.session.strips.push(Strip::new(name.unwrap_or_default(), kind, Loc(span)));
    Ok(id)
}

/// The path of a source, as written.
pub(super) fn path(cx: &mut Cx<'_>, given: &Given, param: &'static str) -> Option<String> {
    let path = cx.state.text(cx.what(param), given)?;
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    if path.trim().is_empty() {
        cx.state.error(Code::PATH, format!("{} is the path of a file", cx.what(param)), given.span, "no path");
        return None;
    }
    if path.contains(char::is_control) {
        let diagnostic = Diagnostic::error(Code::PATH, "paths are written with `/` on every system")
            .label(given.span, "a `\\` before a letter makes another sign of it")
            .help("write `/` for `\\`");
        cx.state.push(diagnostic);
        return None;
    }
    if path.contains('\\') {
        let diagnostic = Diagnostic::error(Code::PATH, "paths are written with `/` on every system")
            .label(given.span, "holds a `\\`")
            .help(format!("write \"{}\"", path.replace('\\', "/")));
        cx.state.push(diagnostic);
        return None;
    }
    if path.split('/').count() > sandbox::FOLDERS {
        let message = format!("a path goes through at most {} folders", sandbox::FOLDERS);
        cx.state.error(Code::LIMIT, message, given.span, "through more");
        return None;
    }
    if path.contains('\0') {
        cx.state.error(Code::PATH, "a path ends at a zero byte", given.span, "holds one");
        return None;
    }
    if path.starts_with('/') || drive {
        let diagnostic = Diagnostic::warning(Code::PATH_ABSOLUTE, "an absolute path will not travel")
            .label(given.span, "only on this machine")
            .help("put the file below the project and name it from the script");
        cx.state.push(diagnostic);
    }
    Some(path)
}

fn plain_clip(path: String, span: Span) -> Clip {
    Clip {
        path,
        loc: Loc(span),
        at: None,
        from: None,
        to: None,
        fade_in: None,
        fade_out: None,
        gain: 0.0,
        repeat: 1,
        allow_truncated: false,
        channels: Vec::new(),
    }
}

/// `3`, or `[3, 4]`: counted from 1 by people, from 0 here. The first one where that is no answer: that a file has too many is no second mistake.
fn channels(cx: &mut Cx<'_>, given: &Given) -> Vec<usize> {
    let items = values::get::<Array>(&given.value).unwrap_or_else(|| vec![given.value.clone()]);
    if !matches!(items.len(), 1 | 2) {
        let text = format!("a track has one channel or two, and {} are named", items.len());
        cx.state.error(Code::OUT_OF_RANGE, text, given.span, "write `channels: 3` or `channels: [3, 4]`");
        return vec![0];
    }
    let most = Layout::MOST as f64;
    let number = |value| cx.state.whole(cx.what("channels"), 1.0, most, &Given { value, ..given.clone() });
    let all: Option<Vec<u64>> = items.into_iter().map(number).collect();
    all.map_or(vec![0], |all| all.into_iter().map(|channel| channel as usize - 1).collect())
}

fn track(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let id = strip(cx, &mut bound, StripKind::Track)?;
    let truncated = match bound.take(2) {
        Some(given) => cx.state.boolean(cx.what("allow_truncated"), &given).unwrap_or(false),
        None => false,
    };
    let channels = bound.take(3).map(|given| channels(cx, &given)).unwrap_or_default();
    let files: Vec<Given> = bound.take(1).into_iter().chain(bound.rest).collect();
    for given in files {
        if let Some(path) = path(cx, &given, "file") {
            let clip = Clip { allow_truncated: truncated, channels: channels.clone(), ..plain_clip(path, given.span) };
            cx.state.session.strips[id.0].clips.push(clip);
        }
    }
    Ok(Dynamic::from(StripValue(id)))
}

fn bus(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let id = strip(cx, &mut bound, StripKind::Bus)?;
    Ok(Dynamic::from(StripValue(id)))
}

fn clip(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let Some(id) = cx.strip() else { return cx.again() };
    if cx.state.session.strips[id.0].kind != StripKind::Track {
        let name = cx.state.session.strips[id.0].name.clone();
        let message = format!("\"{name}\" plays no files: only tracks have clips");
        cx.state.error(Code::WRONG_TYPE, message, cx.at, "not on a track");
        return cx.again();
    }
    let given = bound.take(0);
    let Some(given) = cx.needs(given, "path") else { return cx.again() };
    let Some(path) = path(cx, &given, "path") else { return cx.again() };
    let mut time = |index: usize, length: bool| -> Option<Time> {
        let given = bound.take(index)?;
        let time = cx.state.time_of(&given.value, given.span)?;
        if length && !time.anchors.is_empty() {
            cx.state.error(Code::TIME, "a fade has a length, not a place in the song", given.span, "a place");
            return None;
        }
        Some(time)
    };
    let (at, from, to) = (time(1, false), time(2, false), time(3, false));
    let (fade_in, fade_out) = (time(4, true), time(5, true));
    let gain = bound
        .take(6)
        .and_then(|g| cx.state.plain(cx.what("gain"), &number(Unit::Db, f64::NEG_INFINITY, 60.0, false), &g));
    let repeat = bound.take(7).and_then(|g| cx.state.whole(cx.what("repeat"), 1.0, 100_000.0, &g));
    let truncated = bound.take(8).and_then(|g| cx.state.boolean(cx.what("allow_truncated"), &g));
    let channels = bound.take(9).map(|given| channels(cx, &given)).unwrap_or_default();
    let now = cx.state.session.strips[id.0].clips.len();
    cx.state.count("clips on one track", now, MOST_CLIPS, cx.at)?;
    cx.state.session.strips[id.0].clips.push(Clip {
        at,
        from,
        to,
        fade_in,
        fade_out,
        gain: gain.unwrap_or(0.0),
        repeat: repeat.unwrap_or(1) as u32,
        allow_truncated: truncated.unwrap_or(false),
        channels,
        ..plain_clip(path, given.span)
    });
    cx.again()
}

impl State {
    /// A list of strips, each by itself or by its name.
    pub(super) fn strips_from(&mut self, what: super::numbers::What<'_>, given: &Given) -> Vec<StripId> {
        let items = values::get::<Array>(&given.value).unwrap_or_else(|| vec![given.value.clone()]);
        items
            .into_iter()
            .filter_map(|value| {
                let value = value.flatten();
                let span = values::text(&value).map_or(given.span, |name| self.entry(given.span, &name));
                self.strip_from(what, &Given { name: None, name_span: given.name_span, value, span })
            })
            .collect()
    }
}

fn vca(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let name = bound.take(0);
    let name = cx.needs(name, "name").and_then(|g| cx.state.text(cx.what("name"), &g)).unwrap_or_default();
    let strips = bound.take(1);
    let strips = cx.needs(strips, "strips").map(|g| cx.state.strips_from(cx.what("strips"), &g)).unwrap_or_default();
    let now = cx.state.session.vcas.len();
    cx.state.count("vcas", now, MOST_STRIPS, cx.at)?;
    cx.state.listed(strips.len(), cx.at)?;
    cx.state.session.vcas.push(Vca { name, strips, gain: Signal::Constant(0.0), mute: false, loc: Loc(cx.at) });
    Ok(Dynamic::from(VcaValue(now)))
}
