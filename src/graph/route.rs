//! Who feeds whom: routes, sends, solo and mute become edges.

use super::curves::{self, Target};
use super::draft::{Draft, DraftEdge, DraftKey, KeyPlace};
use super::effects::followed;
use super::plan::Point;
use super::{Ground, point_of};
use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::dsp::curve::Driver;
use crate::session::{RouteTo, Session, StripId, StripKind, Tap, Version};

/// Connects the session's strips: `stands` says which draft stands for a strip, `into` which of them are listened for.
pub(super) fn route(
    session: &Session,
    ground: &Ground<'_>,
    drafts: &mut [Draft],
    stands: &dyn Fn(StripId) -> StripId,
    into: &dyn Fn(StripId) -> bool,
    found: &mut Diagnostics,
) {
    for id in session.ids() {
        let strip = session.strip(id);
        if let Some((to, span)) = destination(session, id).filter(|(to, _)| into(*to)) {
            connect(drafts, stands(id), stands(to), Point::Post, (Driver::Constant(0.0), None), span);
        }
        for send in &strip.sends {
            let RouteTo::Strip(to) = send.to else { continue };
            if to == id {
                found.push(
                    Diagnostic::error(Code::SELF_SEND, format!("`{}` sends to itself", strip.name))
                        .label(send.loc.0, "this send comes back to where it starts")
                        .help("send to another bus: `bus(\"echo\")`"),
                );
                continue;
            }
            match curves::lower(&send.level, &Target::LEVEL, ground.timeline) {
                Ok(Driver::Constant(f64::NEG_INFINITY)) => {}
                Ok(driver) if into(to) => {
                    let follow = followed(&send.level).map(|tap| Tap { strip: stands(tap.strip), ..tap });
                    connect(drafts, stands(id), stands(to), point_of(send.from), (driver, follow), send.loc.0);
                }
                Ok(_) => {}
                Err(all) => all.into_iter().for_each(|d| found.push(d)),
            }
        }
    }
}

/// Where a strip's sound goes, and the tap that each way's level follows.
pub(super) fn ways(session: &Session, id: StripId) -> impl Iterator<Item = (StripId, Option<Tap>)> {
    let sends = session.strip(id).sends.iter().filter_map(|send| match send.to {
        RouteTo::Strip(to) => Some((to, followed(&send.level))),
        RouteTo::Off => None,
    });
    destination(session, id).map(|(to, _)| (to, None)).into_iter().chain(sends)
}

/// Where a strip's fader leads, and the place that says so.
pub fn destination(session: &Session, id: StripId) -> Option<(StripId, Span)> {
    let strip = session.strip(id);
    match &strip.to {
        Some(route) => match route.to {
            RouteTo::Strip(to) => Some((to, route.loc.0)),
            RouteTo::Off => None,
        },
        None => match strip.kind {
            StripKind::Track | StripKind::Bus => Some((session.mix(), strip.loc.0)),
            StripKind::Mix => Some((session.master(), strip.loc.0)),
            StripKind::Master => None,
        },
    }
}

fn connect(drafts: &mut [Draft], from: StripId, to: StripId, point: Point, gain: (Driver, Option<Tap>), span: Span) {
    // a strip muted for good sends nothing, except from its source
    if drafts[from.0].fader.muted && point != Point::Source {
        return;
    }
    let listener = &mut drafts[to.0];
    let follow = gain.1.map(|tap| {
        let point = point_of(tap.point);
        listener.keys.push(DraftKey { from: tap.strip, point, place: KeyPlace::Input, span });
        listener.keys.len() - 1
    });
    listener.inputs.push(DraftEdge { from, point, gain: gain.0, follow, span });
}

/// The strips that are silent from beginning to end, as the session stands or in a version of it. Solo mutes the tracks that neither are soloed nor feed
/// a soloed strip; buses and returns stay. Silence wins over an unmute.
pub(super) fn muted(session: &Session, version: Option<&Version>) -> Vec<bool> {
    let named = |list: fn(&Version) -> &Vec<StripId>, id: StripId| version.is_some_and(|v| list(v).contains(&id));
    let solo: Vec<bool> = session.ids().map(|id| session.strip(id).solo || named(|v| &v.solo, id)).collect();
    let any = solo.contains(&true);
    let muted = |id: StripId| {
        let strip = session.strip(id);
        let own = (strip.mute && !named(|v| &v.unmute, id)) || named(|v| &v.mute, id);
        let by_vca = session.vcas.iter().any(|vca| vca.mute && vca.strips.contains(&id));
        let by_solo =
            any && strip.kind == StripKind::Track && !reaches(session, id, &solo, &mut vec![false; solo.len()]);
        own || by_vca || by_solo
    };
    session.ids().map(muted).collect()
}

fn reaches(session: &Session, id: StripId, solo: &[bool], seen: &mut [bool]) -> bool {
    if std::mem::replace(&mut seen[id.0], true) {
        return false;
    }
    solo[id.0] || ways(session, id).any(|(to, _)| reaches(session, to, solo, seen))
}
