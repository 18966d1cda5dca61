//! What is to be written: stems and deliveries.

use rhai::Dynamic;

use super::bind::{Bound, Cx, Signature};
use super::numbers::number;
use super::state::Out;
use super::values::Given;
use crate::diag::{Code, Diagnostic};
use crate::dsp::Number;
use crate::session::{Delivery, Dither, Format, Loc, Stems, TapPoint, Time};
use crate::units::Unit;

pub(super) const SIGNATURES: &[Signature] = &[
    Signature {
        name: "stems",
        params: &["strips", "path", "bits", "format", "dither"],
        positional: 1,
        variadic: false,
        method: false,
        run: stems,
    },
    Signature {
        name: "deliver",
        params: &["tap", "path", "bits", "format", "dither", "from", "to", "fade_in", "fade_out"],
        positional: 2,
        variadic: false,
        method: false,
        run: deliver,
    },
];

const MOST: usize = 10_000;

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
    } else if path.contains('\0') {
        "holds a zero byte"
    } else {
        return Some(path);
    };
    let diagnostic = Diagnostic::error(Code::PATH, "this cannot be the path of an output")
        .label(given.span, problem)
        .help("write it from the output folder on: \"mix/{song}.wav\"");
    cx.state.diagnostics.push(diagnostic);
    None
}

/// Bits, format and dither, at three parameters in a row.
fn shape(cx: &mut Cx<'_>, bound: &mut Bound, first: usize) -> (Option<u32>, Option<Format>, Dither) {
    const BITS: Number = Number { steps: &[16.0, 24.0, 32.0], ..number(Unit::None, 16.0, 32.0, false) };
    let bits = bound.take(first).and_then(|g| cx.state.plain(cx.what("bits"), &BITS, &g));
    let format = bound.take(first + 1).and_then(|g| cx.state.choice(cx.what("format"), &["wav", "flac"], &g));
    let dither = bound.take(first + 2).and_then(|g| cx.state.choice(cx.what("dither"), &["auto", "tpdf", "none"], &g));
    (
        bits.map(|b| b as u32),
        format.map(|f| [Format::Wav, Format::Flac][f]),
        [Dither::Auto, Dither::Tpdf, Dither::None][dither.unwrap_or(0)],
    )
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
        cx.state.diagnostics.push(diagnostic);
    }
    let (bits, format, dither) = shape(cx, &mut bound, 2);
    cx.state.count("deliveries", cx.state.session.stems.len(), MOST, cx.at)?;
    cx.state.session.stems.push(Stems { strips, path, format, bits, dither, loc: Loc(cx.at) });
    Ok(Dynamic::UNIT)
}

fn deliver(cx: &mut Cx<'_>, mut bound: Bound) -> Out {
    let (tap, file) = (bound.take(0), bound.take(1));
    let (tap, file) = (cx.needs(tap, "tap"), cx.needs(file, "path"));
    let tap = tap.and_then(|g| cx.state.tap(cx.what("tap"), &g, TapPoint::Post));
    let loc = file.as_ref().map_or(cx.at, |g| g.span);
    let path = file.and_then(|g| path(cx, &g));
    let (bits, format, dither) = shape(cx, &mut bound, 2);
    let mut time = |index: usize| -> Option<Time> {
        let given = bound.take(index)?;
        cx.state.time_of(&given.value, given.span)
    };
    let (from, to, fade_in, fade_out) = (time(5), time(6), time(7), time(8));
    let (Some(tap), Some(path)) = (tap, path) else { return Ok(Dynamic::UNIT) };
    cx.state.count("deliveries", cx.state.session.deliveries.len(), MOST, cx.at)?;
    cx.state.session.deliveries.push(Delivery {
        tap,
        path,
        format,
        bits,
        dither,
        from,
        to,
        fade_in,
        fade_out,
        loc: Loc(loc),
    });
    Ok(Dynamic::UNIT)
}
