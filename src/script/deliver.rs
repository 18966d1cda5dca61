//! What is to be written: stems and deliveries.

use rhai::Dynamic;

use super::bind::{Bound, Cx, Parameter, Signature};
use super::numbers::number;
use super::sandbox;
use super::state::Out;
use super::tags::{ALBUM, ARTIST, COMMENT, COVER, DATE, GENRE, ISRC, TITLE, TRACK, UPC};
use super::values::{self, Given};
use super::versions;
use crate::diag::{Code, Diagnostic, Span};
use crate::dsp::Number;
use crate::session::{Delivery, Dither, Format, Loc, Loudness, Stems, TapPoint, Time};
use crate::units::{Rate, Unit};

pub(super) const SIGNATURES: &[Signature] = &[
    Signature::function(
        "stems",
        "Writes one file per strip that feeds the mix, as it arrives there: together they are the mix bus's input.",
        &[
            ("strips", "these alone; what they do not carry becomes the stem `rest`"),
            ("path", "with `{strip}` in it; \"stems/{strip}.wav\" unless said"),
            BITS,
            RATE,
            FORMAT,
            DITHER,
            TITLE,
            ARTIST,
            ALBUM,
            TRACK,
            ISRC,
            UPC,
            DATE,
            GENRE,
            COVER,
            COMMENT,
            BEXT,
            COMPRESSION,
        ],
        1,
        stems,
    ),
    Signature::function(
        "deliver",
        "Writes a file of what a strip sounds like.",
        &[
            ("tap", "the strip, or one of its taps"),
            ("path", "of the file, below the output folder, with path words if need be: \"mix/{song}.wav\""),
            BITS,
            RATE,
            FORMAT,
            DITHER,
            (
                "target",
                "where it goes, a name that `mixdown targets` lists or a `target` of the script: it says what is not said here",
            ),
            ("loudness", "what it must come to, -60LUFS to 0LUFS, or \"as is\""),
            ("peak", "the highest true peak, -60dBTP to 0dBTP"),
            ("max_reduction", "how deep the limiter may be driven for the loudness, 0dB to 36dB; 6dB unless said"),
            ("from", "the time at which the file begins"),
            ("to", "the time at which it ends"),
            ("fade_in", "a length"),
            ("fade_out", "a length"),
            ("versions", "\"all\", a version or its name, or a list of them; the session as it stands unless said"),
            ("solve", "\"main\": all versions are driven as the session as it stands is; \"each\": each by itself"),
            TITLE,
            ARTIST,
            ALBUM,
            TRACK,
            ISRC,
            UPC,
            DATE,
            GENRE,
            COVER,
            COMMENT,
            BEXT,
            COMPRESSION,
        ],
        2,
        deliver,
    ),
];

pub(super) const BITS: Parameter = ("bits", "16, 24 or 32 (floating point, not in FLAC); 24 unless said");
pub(super) const RATE: Parameter = ("rate", "8kHz to 384kHz; the session's unless said");
pub(super) const FORMAT: Parameter = ("format", "\"wav\", \"flac\" or \"aiff\"; by the path's ending unless said");
const COMPRESSION: Parameter =
    ("compression", "0 to 8, of a FLAC: the higher, the smaller and the slower, with the same sound; 5 unless said");
const DITHER: Parameter =
    ("dither", "\"auto\" (unless said: where bits are dropped), \"tpdf\", \"shaped\" (44.1kHz and 48kHz) or \"none\"");
const BEXT: Parameter =
    ("bext", "`true` puts a broadcaster's chunk into a WAV: title, date, place in the song, loudness");
const DITHERS: [(&str, Dither); 4] =
    [("auto", Dither::Auto), ("tpdf", Dither::Tpdf), ("shaped", Dither::Shaped), ("none", Dither::None)];

pub(super) const MOST: usize = 10_000;

/// A path below the output folder.
fn path(cx: &mut Cx<'_>, given: &Given) -> Option<String> {
    let path = cx.state.text(cx.what("path"), given)?;
    let drive = path.as_bytes().get(1) == Some(&b':');
    let problem = if path.trim().is_empty() || path.ends_with('/') {
        "names no file"
    } else if path.starts_with('/') || drive {
        "absolute: a script writes only below the output folder"
    } else if path.contains('\\') {
        "holds a `\\`: paths are written with `/`"
    } else if path.split('/').any(|part| part == "..") {
        "leads out of the output folder"
    } else if path.split('/').count() > sandbox::FOLDERS {
        "goes through too many folders"
    } else if path.contains('\0') {
        "holds a zero byte"
    } else {
        return Some(path);
    };
    let diagnostic = Diagnostic::error(Code::PATH, "this cannot be the path of an output")
        .label(given.span, problem)
        .help("write it from the output folder on: \"mix/{song}.wav\"");
    cx.state.push(diagnostic);
    None
}

/// What a file is like.
struct Form {
    bits: Option<u32>,
    rate: Option<Rate>,
    format: Option<Format>,
    dither: Dither,
    dither_at: Option<Span>,
}

/// Bits, rate, format and dither, at four parameters in a row: the third of `stems` and of `deliver`.
fn form(cx: &mut Cx<'_>, bound: &mut Bound) -> Form {
    let bits = bound.take(2).and_then(|g| cx.bits(&g));
    let rate = bound.take(3).and_then(|g| cx.state.rate(cx.what("rate"), &g));
    let format = bound.take(4).and_then(|g| cx.format(&g));
    let dither = bound.take(5);
    let dither_at = dither.as_ref().map(|g| g.span);
    let dither = dither.and_then(|g| cx.state.choice(cx.what("dither"), &DITHERS.map(|d| d.0), &g));
    Form { bits, rate, format, dither: dither.map_or(Dither::Auto, |d| DITHERS[d].1), dither_at }
}

impl Cx<'_> {
    pub(super) fn bits(&mut self, given: &Given) -> Option<u32> {
        const BITS: Number = Number { steps: &[16.0, 24.0, 32.0], ..number(Unit::None, 16.0, 32.0, false) };
        self.state.plain(self.what("bits"), &BITS, given).map(|b| b as u32)
    }

    fn compression(&mut self, given: Option<Given>) -> Option<(u8, Loc)> {
        const LEVELS: Number =
            Number { steps: &[0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0], ..number(Unit::None, 0.0, 8.0, false) };
        let given = given?;
        let level = self.state.plain(self.what("compression"), &LEVELS, &given)?;
        Some((level as u8, Loc(given.span)))
    }

    pub(super) fn format(&mut self, given: &Given) -> Option<Format> {
        self.state.choice(self.what("format"), &Format::ALL.map(Format::name), given).map(|i| Format::ALL[i])
    }
}

/// `-14LUFS` or `"as is"`.
fn loudness(cx: &mut Cx<'_>, given: &Given) -> Option<Loudness> {
    if values::text(&given.value).is_some() {
        return cx.state.choice(cx.what("loudness"), &["as is"], given).map(|_| Loudness::AsIs);
    }
    cx.state.level(cx.what("loudness"), Unit::Lufs, -60.0, 0.0, given).map(Loudness::To)
}

/// Where it was asked for.
fn bext(cx: &mut Cx<'_>, given: Option<Given>) -> Option<Loc> {
    let given = given?;
    let asked = cx.state.boolean(cx.what("bext"), &given)?;
    asked.then_some(Loc(given.span))
}

fn stems(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let strips = bound.take(0).map(|g| cx.state.strips_from(cx.what("strips"), &g));
    let (path, at) = match bound.take(1) {
        Some(given) => (path(cx, &given).unwrap_or_else(|| Stems::PATH.into()), given.span),
        None => (Stems::PATH.to_string(), cx.at),
    };
    if !path.contains("{strip}") {
        let diagnostic = Diagnostic::error(Code::SAME_PATH, "all stems would go into one file")
            .label(at, "without `{strip}`")
            .help("write \"stems/{strip}.wav\"");
        cx.state.push(diagnostic);
    }
    let Form { bits, rate, format, dither, dither_at } = form(cx, &mut bound);
    let (tags, bext) = (cx.tags(&mut bound, 6), bext(cx, bound.take(16)));
    let compression = cx.compression(bound.take(17));
    cx.state.count("deliveries", cx.state.session.stems.len(), MOST, cx.at)?;
    cx.state.listed(strips.as_ref().map_or(0, Vec::len), cx.at)?;
    let (loc, dither_loc) = (Loc(cx.at), Loc(dither_at.unwrap_or(cx.at)));
    let stems = Stems { strips, path, format, bits, rate, dither, dither_loc, tags, bext, loc, compression };
    cx.state.session.stems.push(stems);
    Ok(Dynamic::UNIT)
}

fn deliver(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let (tap, file) = (bound.take(0), bound.take(1));
    let swapped = tap.as_ref().is_some_and(|g| values::text(&g.value).is_some_and(|t| t.contains('.')))
        && file.as_ref().is_some_and(|g| values::get::<values::StripValue>(&g.value).is_some());
    if let (Some(path), Some(tap), true) = (&tap, &file, swapped) {
        let diagnostic = Diagnostic::error(Code::WRONG_TYPE, "what is delivered comes before the path of its file")
            .label(path.span, "the path")
            .label(tap.span, "what is delivered")
            .help("write `deliver(master, \"{song}.wav\")`");
        cx.state.push(diagnostic);
        return Ok(Dynamic::UNIT);
    }
    let (tap, file) = (cx.needs(tap, "tap"), cx.needs(file, "path"));
    let tap = tap.and_then(|g| cx.state.tap(cx.what("tap"), &g, TapPoint::Post));
    let loc = file.as_ref().map_or(cx.at, |g| g.span);
    let path = file.and_then(|g| path(cx, &g));
    let Form { bits, rate, format, dither, dither_at } = form(cx, &mut bound);
    let target = bound.take(6).and_then(|g| Some((cx.state.text(cx.what("target"), &g)?, Loc(g.span))));
    let loudness = bound.take(7).and_then(|g| loudness(cx, &g));
    let peak = bound.take(8).and_then(|g| cx.state.level(cx.what("peak"), Unit::Dbtp, -60.0, 0.0, &g));
    let max_reduction = bound.take(9).and_then(|g| cx.state.level(cx.what("max_reduction"), Unit::Db, 0.0, 36.0, &g));
    let mut time = |index: usize| -> Option<Time> {
        let given = bound.take(index)?;
        cx.state.time_of(&given.value, given.span)
    };
    let (from, to, fade_in, fade_out) = (time(10), time(11), time(12), time(13));
    let versions = bound.take(14).map(|g| versions::versions(cx, &g)).unwrap_or_default();
    let solve = bound.take(15).and_then(|g| cx.state.choice(cx.what("solve"), &["main", "each"], &g));
    let (tags, bext) = (cx.tags(&mut bound, 16), bext(cx, bound.take(26)));
    let compression = cx.compression(bound.take(27));
    let (Some(tap), Some(path)) = (tap, path) else { return Ok(Dynamic::UNIT) };
    cx.state.count("deliveries", cx.state.session.deliveries.len(), MOST, cx.at)?;
    cx.state.session.deliveries.push(Delivery {
        tap,
        path,
        format,
        bits,
        rate,
        dither,
        dither_loc: Loc(dither_at.unwrap_or(loc)),
        target,
        loudness,
        peak,
        max_reduction,
        from,
        to,
        fade_in,
        fade_out,
        versions,
        solve_each: solve == Some(1),
        tags,
        bext,
        loc: Loc(loc),
        compression,
    });
    Ok(Dynamic::UNIT)
}
