use super::curves::DECLICK;
use super::ramps::EVER;
use crate::diag::Diagnostic;
use crate::dsp::curve::{Driver, Piece, Pieces, Scale, Shape};
use crate::session::{Range, Timeline};
use crate::units::Frames;

/// The amplitude (0 to 1) that `mute_in` and `only_in` leave a strip. Its fades of 5 ms lie inside the muted parts, so that what sounds is
/// untouched; a muted part that is shorter than two fades dips as far as it can. What is muted from song time 0 on is silent from its first
/// frame; what is muted up to `length`, the end of the song, stays silent.
///
/// # Errors
/// Every range that cannot be placed.
pub(super) fn mutes(
    mute_in: &[Range],
    only_in: &[Range],
    length: Option<Frames>,
    timeline: &Timeline,
) -> Result<Driver, Vec<Diagnostic>> {
    let mut wrong = Vec::new();
    let mut spans = |ranges: &[Range]| -> Vec<(i64, i64)> {
        let mut all = Vec::new();
        for range in ranges {
            match timeline.range(range) {
                Ok(spans) => all.extend(spans.iter().map(|(from, to)| (from.get(), to.get()))),
                Err(problem) => wrong.push(problem),
            }
        }
        all
    };
    let mut muted = spans(mute_in);
    let only = spans(only_in);
    if !wrong.is_empty() {
        return Err(wrong);
    }
    if !only_in.is_empty() {
        muted.extend(outside(union(only)));
    }
    let length = length.map_or(EVER, Frames::get);
    let muted: Vec<_> = union(muted)
        .into_iter()
        .map(|(from, to)| (if from <= 0 { -EVER } else { from }, if to >= length { EVER } else { to }))
        .collect();
    Ok(match muted.as_slice() {
        [] => Driver::Constant(1.0),
        [(from, to)] if *from <= -EVER && *to >= EVER => Driver::Constant(0.0),
        all => {
            Driver::Pieces(Pieces { scale: Scale::Linear, pieces: fades(all, DECLICK.frames(timeline.rate()).get()) })
        }
    })
}

/// Spans in order, those that touch or overlap joined.
fn union(mut spans: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    spans.sort_unstable();
    let mut all: Vec<(i64, i64)> = Vec::new();
    for (from, to) in spans {
        match all.last_mut() {
            Some(last) if from <= last.1 => last.1 = last.1.max(to),
            _ => all.push((from, to)),
        }
    }
    all
}

fn outside(spans: Vec<(i64, i64)>) -> Vec<(i64, i64)> {
    let starts = std::iter::once(-EVER).chain(spans.iter().map(|s| s.1));
    let ends = spans.iter().map(|s| s.0).chain([EVER]);
    starts.zip(ends).collect()
}

fn fades(muted: &[(i64, i64)], fade: i64) -> Vec<Piece> {
    let mut pieces: Vec<Piece> = Vec::new();
    let mut push = |from: i64, to: i64, start: f64, end: f64| {
        if from < to && from > -EVER / 2 && to < EVER / 2 {
            pieces.push(Piece { from, to, start, end, shape: Shape::Straight });
        }
    };
    let mut sounds_from = -EVER;
    for &(from, to) in muted {
        push(sounds_from, from, 1.0, 1.0);
        sounds_from = to;
        let length = to - from;
        if length >= 2 * fade {
            push(from, from + fade, 1.0, 0.0);
            push(from + fade, to - fade, 0.0, 0.0);
            push(to - fade, to, 0.0, 1.0);
        } else {
            let middle = from + length / 2;
            let bottom = 1.0 - (middle - from) as f64 / fade as f64;
            push(from, middle, 1.0, bottom);
            push(middle, to, bottom, 1.0);
        }
    }
    pieces
}
