//! Reverbs, echoes and the dry sound beside them.

use std::collections::BTreeSet;

use super::signals::{Common, is_off};
use super::{Desk, category};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::dsp::Category;
use crate::project::load::Loaded;
use crate::session::{Effect, Loc, Send, Signal, StripId, StripKind, TapPoint, Value};

/// Seconds: later than that, a second sound is heard as an echo.
const ECHO: f64 = 0.05;
/// Seconds: the longest `time` of a delay.
const LONGEST: f64 = 10.0;

/// Tracks of which nothing is heard but the reverb or the echoes.
pub(super) fn only_wet(desk: &Desk<'_>, loaded: &Loaded, found: &mut Diagnostics) {
    let wet = |id: StripId| desk.inserts(id).find(|effect| is_space(effect) && swallows(effect));
    // the dry sound of a track may be another track
    let dry = played(loaded, |id| desk.sounds(id) && wet(id).is_none());
    for id in desk.session.ids().filter(|id| desk.session.strip(*id).kind == StripKind::Track) {
        let Some(effect) = wet(id).filter(|_| desk.sounds(id)) else { continue };
        if leaves_dry(desk, id) || plays(loaded, id, &dry) {
            continue;
        }
        let strip = desk.session.strip(id);
        let of = if effect.name == "reverb" { "reverb" } else { "echoes" };
        found.push(
            Diagnostic::warning(Code::ONLY_WET, format!("`{}` is only its own {of}: nothing of it is dry", strip.name))
                .label(effect.loc.0, "all of the sound goes in here: `mix` is 100%")
                .help(format!(
                    "write `mix: 20%` into it, or put it on a bus and send to that: `.send(\"{}\", -12dB)`; where it is \
                     meant, write `mix: 100%`",
                    effect.name
                )),
        );
    }
}

/// The files that such tracks play.
fn played(loaded: &Loaded, by: impl Fn(StripId) -> bool) -> BTreeSet<usize> {
    loaded.clips.iter().filter(|((id, _), _)| by(*id)).map(|(_, file)| *file).collect()
}

/// Whether a track plays one of these files.
fn plays(loaded: &Loaded, id: StripId, files: &BTreeSet<usize>) -> bool {
    loaded.clips.range((id, 0)..=(id, usize::MAX)).any(|(_, file)| files.contains(file))
}

fn is_space(effect: &Effect) -> bool {
    matches!(effect.name.as_str(), "reverb" | "delay")
}

/// Whether it leaves nothing dry though nobody said so. A delay without feedback moves a sound, and is none.
fn swallows(effect: &Effect) -> bool {
    let common = Common::of(effect);
    let said = common.mix.is_none_or(|(_, said)| said.is_some());
    let still =
        |(name, value, _): &(String, Value, _)| name == "feedback" && *value == Value::Number(Signal::Constant(0.0));
    common.is_all() && !said && !effect.values.iter().any(still)
}

/// Whether the sound before a strip's inserts is heard.
fn leaves_dry(desk: &Desk<'_>, id: StripId) -> bool {
    let sent = |send: &Send| send.from == TapPoint::Source && !is_off(&send.level);
    let delivered = desk.session.deliveries.iter().any(|d| d.tap.strip == id && d.tap.point == TapPoint::Source);
    delivered || desk.session.strip(id).sends.iter().any(sent)
}

/// Returns whose reverb or delay lets the dry sound through that is heard already.
pub(super) fn dry_returns(desk: &Desk<'_>, found: &mut Diagnostics) {
    let session = desk.session;
    for id in session.ids().filter(|id| session.strip(*id).kind == StripKind::Bus && desk.is_return(*id)) {
        let sent = &desk.sent[id.0];
        // who is heard through the return alone needs its dry sound
        let beside = desk.in_mix[id.0] && sent.iter().all(|(from, _)| desk.in_mix[from.0]);
        if !beside || !sent.iter().any(|(from, send)| is_dry(desk, *from, send)) {
            continue;
        }
        let Some((mix, loc)) = leaking(desk, id) else { continue };
        let text = format!("the return `{}` brings the dry sound a second time", desk.name(id));
        found.push(
            Diagnostic::warning(Code::DRY_RETURN, text)
                .label(loc.0, format!("the other {}% of it are dry", ((100.0 - mix) * 10.0).round() / 10.0))
                .help("write `mix: 100%`, or leave `mix` out: the sends say how much of it is heard"),
        );
    }
}

/// The `mix` of a return's reverb or delay through which the dry sound passes. There is none where the return makes another sound of what
/// comes (a parallel compressor with a bit of room), or where an effect lets nothing through.
fn leaking(desk: &Desk<'_>, id: StripId) -> Option<(f64, Loc)> {
    let all: Vec<&Effect> = desk.inserts(id).collect();
    let first = all.iter().position(|effect| is_space(effect))?;
    let filters = |effect: &&Effect| category(effect) == Some(Category::Equaliser);
    // what ducks under the voice is a return's own
    let ducks = |effect: &Effect| effect.values.iter().any(|(_, value, _)| matches!(value, Value::Key(_)));
    let bends = |effect: &&Effect| match category(effect) {
        Some(Category::Dynamics) => !ducks(effect),
        category => category == Some(Category::Colour),
    };
    let swallowed = all.iter().any(|effect| is_space(effect) && Common::of(effect).is_all());
    if swallowed || !all[..first].iter().all(filters) || all[first..].iter().any(bends) {
        return None;
    }
    let common = Common::of(all[first]);
    let (mix, loc) = common.mix.filter(|(mix, _)| *mix < 100.0 && common.on && common.whole)?;
    Some((mix, loc?))
}

/// Whether what is sent is what is heard of the strip itself, and not a reverb.
fn is_dry(desk: &Desk<'_>, from: StripId, send: &Send) -> bool {
    let wet = |effect: &Effect| is_space(effect) && Common::of(effect).is_all();
    send.from != TapPoint::Source && !is_off(&send.level) && !desk.inserts(from).any(wet)
}

/// Strips that are moved so far that an echo may have been meant.
pub(super) fn late_strips(desk: &Desk<'_>, loaded: &Loaded, found: &mut Diagnostics) {
    // a late copy beside what is heard is an echo already: a return, or another track of the same file
    let early = played(loaded, |id| desk.sounds(id) && desk.session.strip(id).delay.is_none());
    for id in desk.session.ids() {
        let strip = desk.session.strip(id);
        let Some(time) = &strip.delay else { continue };
        let (Ok(late), Some(loc)) = (desk.timeline.duration(time), time.loc) else { continue };
        if late.value() <= ECHO || !desk.sounds(id) || desk.is_return(id) || plays(loaded, id, &early) {
            continue;
        }
        let written = desk.sources.get(loc.0.source);
        let written = written.and_then(|s| s.text.get(loc.0.start as usize..loc.0.end as usize)).unwrap_or("120ms");
        let ms = (late.value() * 1000.0).round();
        let help = match late.value() <= LONGEST {
            true => format!("for an echo: `.insert(delay(time: {written}, mix: 25%))`"),
            false => "place its clips: `.clip(…, at: …)`".to_string(),
        };
        found.push(
            Diagnostic::warning(Code::LATE_STRIP, format!("`{}` comes {ms} ms late: its delay is no echo", strip.name))
                .label(loc.0, "this moves the whole strip")
                .help(help),
        );
    }
}
