//! Who feeds whom: routes, sends, solo and mute become edges.

use super::curves::{self, Target};
use super::draft::{Draft, DraftEdge, DraftKey, KeyPlace};
use super::effects::followed;
use super::plan::Point;
use super::{Ground, point_of};
use crate::diag::{Code, Diagnostic, Diagnostics, Span};
use crate::dsp::curve::Driver;
use crate::session::{RouteTo, Session, StripId, StripKind};

pub(super) fn route(session: &Session, ground: &Ground<'_>, drafts: &mut [Draft], found: &mut Diagnostics) {
    solo(session, drafts);
    for id in session.ids() {
        let strip = session.strip(id);
        if let Some((to, span)) = destination(session, id) {
            connect(drafts, id, to, Point::Post, (Driver::Constant(0.0), None), span);
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
                Ok(driver) => {
                    connect(drafts, id, to, point_of(send.from), (driver, followed(&send.level)), send.loc.0);
                }
                Err(all) => all.into_iter().for_each(|d| found.push(d)),
            }
        }
    }
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

fn connect(
    drafts: &mut [Draft],
    from: StripId,
    to: StripId,
    point: Point,
    gain: (Driver, Option<crate::session::Tap>),
    span: Span,
) {
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

/// Solo mutes the tracks that neither are soloed nor feed a soloed strip; buses and returns stay.
fn solo(session: &Session, drafts: &mut [Draft]) {
    if !session.strips.iter().any(|s| s.solo) {
        return;
    }
    for id in session.ids() {
        if session.strip(id).kind == StripKind::Track
            && !reaches_solo(session, id, &mut vec![false; session.strips.len()])
        {
            drafts[id.0].fader.muted = true;
        }
    }
}

fn reaches_solo(session: &Session, id: StripId, seen: &mut [bool]) -> bool {
    if std::mem::replace(&mut seen[id.0], true) {
        return false;
    }
    let strip = session.strip(id);
    strip.solo
        || destination(session, id).is_some_and(|(to, _)| reaches_solo(session, to, seen))
        || strip.sends.iter().any(|s| match s.to {
            RouteTo::Strip(to) => reaches_solo(session, to, seen),
            RouteTo::Off => false,
        })
}
