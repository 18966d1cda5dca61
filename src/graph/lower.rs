//! Strips become drafts: curves become drivers, effects become arguments, clips get their frames.

use super::curves::{self, Target};
use super::draft::{Draft, DraftKey, KeyPlace};
use super::effects::{self, followed};
use super::plan::{Clip, Fader, Insert, Material, Move, Pan};
use super::{Ground, point_of};
use crate::audio::{Layout, rng::Seed};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::dsp::curve::Driver;
use crate::dsp::{Setup, Tail, catalogue};
use crate::session::{Effect, Loc, Polarity, Session, Signal, Strip, StripId, StripKind, Tap, Trim, Value};
use crate::units::{Db, Frames, Seconds, Unit};

/// No block inside the engine is longer.
pub const LONGEST_BLOCK: usize = 4096;

const PERCENT: Target = Target::number(Unit::Percent);

pub(super) fn lower(session: &Session, id: StripId, ground: &Ground<'_>, found: &mut Diagnostics) -> Draft {
    let strip = session.strip(id);
    let mut keys = Vec::new();
    let (delay, advance, shift) = delay(strip, ground, found);
    let clips = clips(strip, id, shift, ground, found);
    let layout = layout(strip, &clips, ground);
    let mut draft = Draft {
        name: strip.name.clone(),
        kind: strip.kind,
        layout,
        clips,
        // a measure that has not been taken yet moves nothing
        trim: match strip.trim {
            Trim::By(level) => Db::new(level).amplitude(),
            Trim::To { .. } => 1.0,
        },
        invert: match strip.polarity {
            None => [false, false],
            Some(Polarity::Left) => [true, false],
            Some(Polarity::Right) => [false, true],
            Some(Polarity::Both) => [true, true],
        },
        delay,
        advance,
        inserts: Vec::new(),
        insert_latency: Vec::new(),
        tail: Tail::None,
        pre: layout,
        fader: Fader {
            gain: Vec::new(),
            pan: Pan::None,
            width: (Driver::Constant(100.0), None),
            gate: Driver::Constant(1.0),
            muted: false,
        },
        inputs: Vec::new(),
        keys: Vec::new(),
    };
    inserts(strip, session, ground, &mut draft, &mut keys, found);
    fader(strip, session, id, ground, &mut draft, &mut keys, found);
    draft.keys = keys;
    draft
}

/// Frames later and frames earlier of a sum, and frames by which clips move. A track's delay moves its clips: it costs nothing.
fn delay(strip: &Strip, ground: &Ground<'_>, found: &mut Diagnostics) -> (i64, i64, i64) {
    let Some(time) = &strip.delay else { return (0, 0, 0) };
    let frames = match ground.timeline.duration(time) {
        Ok(seconds) => seconds.frames(ground.rate).get(),
        Err(diagnostic) => {
            found.push(diagnostic);
            0
        }
    };
    match strip.kind {
        StripKind::Track => (0, 0, frames),
        _ if frames >= 0 => (frames, 0, 0),
        _ => (0, -frames, 0),
    }
}

fn layout(strip: &Strip, clips: &[Clip], ground: &Ground<'_>) -> Layout {
    if strip.kind != StripKind::Track {
        return Layout::STEREO;
    }
    let channels = clips.iter().map(|c| ground.materials[c.material].channels).max().unwrap_or(2);
    Layout::new(channels).unwrap_or(Layout::STEREO)
}

/// Clips on the time line: one without a place follows the one before.
fn clips(strip: &Strip, id: StripId, shift: i64, ground: &Ground<'_>, found: &mut Diagnostics) -> Vec<Clip> {
    // with what was said of their fades
    let mut clips: Vec<(Clip, [bool; 2])> = Vec::new();
    let mut next = 0;
    for (index, clip) in strip.clips.iter().enumerate() {
        let Some(material) = ground.clips.get(&(id, index)).copied() else { continue };
        match place(clip, material, &ground.materials[material], next, ground) {
            Ok(mut placed) => {
                next = placed.end();
                placed.at += shift;
                clips.push((placed, [clip.fade_in.is_some(), clip.fade_out.is_some()]));
            }
            Err(diagnostic) => found.push(*diagnostic),
        }
    }
    cross_fade(&mut clips);
    clips.into_iter().map(|(clip, _)| clip).collect()
}

/// One clip's frames.
pub(super) fn place(
    clip: &crate::session::Clip,
    material: usize,
    found: &Material,
    next: i64,
    ground: &Ground<'_>,
) -> Result<Clip, Box<Diagnostic>> {
    let at = match &clip.at {
        Some(time) => ground.timeline.position(time).map_err(Box::new)?.get(),
        None => next,
    };
    // two beats are as long as they are where the clip lies
    let frames = |length: Result<Seconds, Diagnostic>| length.map(|s| s.frames(ground.rate).get()).map_err(Box::new);
    let length = |time: &Option<crate::session::Time>, otherwise: i64| match time {
        Some(time) => frames(ground.timeline.duration_at(time, Some(Frames::new(at)))),
        None => Ok(otherwise),
    };
    let from = length(&clip.from, 0)?.max(0);
    let to = length(&clip.to, found.frames)?.min(found.frames);
    if to <= from {
        let seconds = found.frames as f64 / ground.rate.hz();
        return Err(Box::new(
            Diagnostic::error(Code::TIME, "this clip holds nothing: it ends where it begins, or before")
                .label(clip.loc.0, format!("the file is {seconds:.3} s long"))
                .help("give a `to:` later than `from:`, both within the file"),
        ));
    }
    let repeat = i64::from(clip.repeat.max(1));
    let whole = (to - from) * repeat;
    Ok(Clip {
        material,
        at,
        from,
        frames: to - from,
        repeat,
        gain: Db::new(clip.gain).amplitude(),
        fade_in: length(&clip.fade_in, 0)?.clamp(0, whole),
        fade_out: match &clip.fade_out {
            Some(time) => frames(ground.timeline.duration_before(time, Frames::new(at + whole)))?.clamp(0, whole),
            None => 0,
        },
    })
}

/// Clips that overlap cross-fade over the overlap, where nothing was said of their fades: `fade_in: 0ms` keeps a hit's attack.
fn cross_fade(clips: &mut [(Clip, [bool; 2])]) {
    let mut order: Vec<usize> = (0..clips.len()).collect();
    order.sort_by_key(|i| (clips[*i].0.at, *i));
    for pair in order.windows(2) {
        let ([a, b], [end, start]) = ([pair[0], pair[1]], [clips[pair[0]].0.end(), clips[pair[1]].0.at]);
        let overlap = (end - start).min(clips[b].0.end() - start);
        if overlap > 0 {
            let (before, [_, fade_out_said]) = &mut clips[a];
            if !*fade_out_said && end <= start + overlap {
                before.fade_out = overlap;
            }
            let (after, [fade_in_said, _]) = &mut clips[b];
            if !*fade_in_said {
                after.fade_in = overlap;
            }
        }
    }
}

fn inserts(
    strip: &Strip,
    session: &Session,
    ground: &Ground<'_>,
    draft: &mut Draft,
    keys: &mut Vec<DraftKey>,
    found: &mut Diagnostics,
) {
    // chains apart, so that the last limiter can be found
    let base = Seed::of(&strip.name).with(session.info.seed);
    for effect in strip.inserts.iter().flat_map(Effect::in_series) {
        let Some(lowered) = effects::lower(effect, ground.rate, ground.timeline, found) else { continue };
        let ordinal = draft.inserts.len();
        let seed = base.with(ordinal as u64);
        let setup = Setup { rate: ground.rate, layout: draft.pre, block: LONGEST_BLOCK, seed };
        let shape = match catalogue::shape(&lowered.args, &setup) {
            Ok(shape) => shape,
            Err(refused) => {
                let name = refused.param.and_then(|p| lowered.args.of.all_params().nth(p)).map(|p| p.name);
                let at = effect.values.iter().find(|(n, _, _)| Some(n.as_str()) == name).map_or(effect.loc, |v| v.2);
                let mut diagnostic = Diagnostic::error(
                    Code::REFUSED,
                    format!("`{}` on `{}`: {}", effect.name, strip.name, refused.message),
                )
                .label(at.0, "here");
                diagnostic.help = refused.help;
                found.push(diagnostic);
                continue;
            }
        };
        let late = catalogue::delays(&lowered.args, &setup).unwrap_or_default();
        let late = |slot: usize| late.get(slot).map_or(0, |frames| frames.get());
        let first = keys.len();
        let listen = |tap: Tap, place| DraftKey {
            from: tap.strip,
            point: point_of(tap.point),
            place,
            span: said(effect, tap).0,
        };
        let count = lowered.keys.len();
        keys.extend(lowered.keys.iter().map(|tap| listen(*tap, KeyPlace::Insert(ordinal, 0))));
        let moves = lowered
            .moves
            .into_iter()
            .map(|(slot, driver, tap)| {
                let follow = tap.map(|tap| {
                    keys.push(listen(tap, KeyPlace::Insert(ordinal, late(slot))));
                    keys.len() - 1
                });
                Move { slot, driver, follow, late: late(slot) }
            })
            .collect();
        draft.inserts.push(Insert {
            args: lowered.args,
            seed,
            layout: draft.pre,
            out: shape.out,
            moves,
            keys: (first, count),
            latency: 0,
        });
        draft.insert_latency.push(shape.latency.get());
        draft.tail = draft.tail.then(shape.tail);
        draft.pre = shape.out;
    }
}

/// Where an effect says that it listens to a tap.
fn said(effect: &Effect, tap: Tap) -> Loc {
    let within = |value: &Value, loc: Loc| match value {
        Value::Key(key) if *key == tap => Some(loc),
        Value::Number(signal) if followed(signal) == Some(tap) => Some(loc),
        Value::Effect(child) => Some(said(child, tap)).filter(|at| *at != child.loc),
        Value::Effects(all) => all.iter().find_map(|child| Some(said(child, tap)).filter(|at| *at != child.loc)),
        _ => None,
    };
    effect.values.iter().find_map(|(_, value, loc)| within(value, *loc)).unwrap_or(effect.loc)
}

fn fader(
    strip: &Strip,
    session: &Session,
    id: StripId,
    ground: &Ground<'_>,
    draft: &mut Draft,
    keys: &mut Vec<DraftKey>,
    found: &mut Diagnostics,
) {
    let mut drive = |signal: &Signal, target: &Target, found: &mut Diagnostics| {
        let driver = curves::lower(signal, target, ground.timeline).unwrap_or_else(|all| {
            all.into_iter().for_each(|d| found.push(d));
            Driver::Constant(0.0)
        });
        let follow = followed(signal).map(|tap| {
            keys.push(DraftKey {
                from: tap.strip,
                point: point_of(tap.point),
                place: KeyPlace::Fader,
                span: match signal {
                    signal if std::ptr::eq(signal, &strip.gain) => strip.said.gain.0,
                    signal if std::ptr::eq(signal, &strip.width) => strip.said.width.0,
                    _ => strip.loc.0,
                },
            });
            keys.len() - 1
        });
        (driver, follow)
    };
    let vcas = session.vcas.iter().filter(|v| v.strips.contains(&id));
    let levels = std::iter::once(&strip.gain).chain(&strip.rides).chain(vcas.clone().map(|v| &v.gain));
    draft.fader.gain = levels
        .map(|s| drive(s, &Target::LEVEL, found))
        .filter(|(driver, _)| *driver != Driver::Constant(0.0))
        .collect();
    draft.fader.width = drive(&strip.width, &PERCENT, found);
    let law = strip.law.unwrap_or(session.info.pan_law);
    let mono = draft.pre == Layout::MONO;
    draft.fader.pan = match (&strip.place, &strip.pan) {
        (Some((left, right)), _) if !mono => {
            let (left, right) = (drive(left, &PERCENT, found), drive(right, &PERCENT, found));
            Pan::Place(law, [left.0, right.0], [left.1, right.1])
        }
        (_, pan) if mono => {
            let (driver, follow) =
                pan.as_ref().map_or((Driver::Constant(0.0), None), |signal| drive(signal, &PERCENT, found));
            Pan::Law(law, driver, follow)
        }
        (_, Some(signal)) => {
            let (driver, follow) = drive(signal, &PERCENT, found);
            if driver == Driver::Constant(0.0) { Pan::None } else { Pan::Balance(driver, follow) }
        }
        _ => Pan::None,
    };
}
