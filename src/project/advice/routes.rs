use std::collections::BTreeSet;

use super::signals::is_off;
use super::{Desk, category};
use crate::diag::{Code, Diagnostic, Diagnostics, SourceId, Span};
use crate::dsp::Category;
use crate::session::{RouteTo, StripId, StripKind, TapPoint};

/// So many places are shown of one thing.
const MOST_PLACES: usize = 8;

/// A solo that silences something.
pub(super) fn solo(desk: &Desk<'_>, found: &mut Diagnostics) {
    let session = desk.session;
    let soloed: Vec<StripId> = session.ids().filter(|id| session.strip(*id).solo).collect();
    let Some(first) = soloed.first() else { return };
    let held: BTreeSet<StripId> =
        session.vcas.iter().filter(|vca| vca.mute).flat_map(|vca| vca.strips.clone()).collect();
    // those that are silent without it are none of its doing
    let silenced = |id: &StripId| {
        let strip = session.strip(*id);
        strip.kind == StripKind::Track && desk.compiled.is_muted(*id) && !strip.mute && !held.contains(id)
    };
    let silent = session.ids().filter(silenced).count();
    if silent == 0 {
        return;
    }
    let name = |id: StripId| format!("`{}`", desk.name(id));
    let who = match soloed.as_slice() {
        [one] => format!("{} is", name(*one)),
        [one, two] => format!("{} and {} are", name(*one), name(*two)),
        more => format!("{} and {} more are", name(*first), more.len() - 1),
    };
    let others = if silent == 1 { "1 other track is".to_string() } else { format!("{silent} other tracks are") };
    let message = format!("{who} soloed: {others} silent in all that is delivered");
    let mut places: Vec<Span> = soloed.iter().map(|id| session.strip(*id).said.solo.0).collect();
    places.dedup();
    let diagnostic = places
        .into_iter()
        .take(MOST_PLACES)
        .fold(Diagnostic::warning(Code::SOLO, message), |all, place| all.label(place, "left on"));
    found.push(diagnostic.help("take `.solo()` out, or write `.solo(false)`"));
}

/// Buses that lead to the mix and that nothing leads to.
pub(super) fn empty_buses(desk: &Desk<'_>, found: &mut Diagnostics) {
    let session = desk.session;
    for id in session.ids().filter(|id| session.strip(*id).kind == StripKind::Bus) {
        let strip = session.strip(id);
        // what a module makes is there for whoever needs it
        let own = strip.loc.0.source == SourceId(0);
        if !own || !desk.routed[id.0].is_empty() || !desk.sent[id.0].is_empty() || !desk.sounds(id) {
            continue;
        }
        let space = desk.inserts(id).any(|effect| category(effect) == Some(Category::Space));
        let example = example(desk);
        let help = if space {
            format!("send to it, `{example}.send(\"{}\", -12dB)`, or take it out", strip.name)
        } else {
            format!("route to it, `{example}.to(\"{}\")`, or take it out", strip.name)
        };
        found.push(
            Diagnostic::warning(Code::EMPTY_BUS, format!("nothing goes into the bus `{}`", strip.name))
                .label(strip.loc.0, "no strip is routed or sent here")
                .help(help),
        );
    }
}

/// A track as it may be written in the script: by its variable, where it is called like that.
fn example(desk: &Desk<'_>) -> String {
    let tracks = || desk.session.strips.iter().filter(|s| s.kind == StripKind::Track).map(|s| s.name.as_str());
    let text = desk.sources.get(SourceId(0)).map_or("", |source| &source.text);
    let variable = |name: &&str| text.contains(&format!("let {name} ="));
    match (tracks().find(variable), tracks().next()) {
        (Some(name), _) => name.to_string(),
        (None, name) => format!("track(\"{}\", …)", name.unwrap_or("vox")),
    }
}

/// Sends that are off throughout. One call of a loop or a function that is on for other strips is meant.
pub(super) fn off_sends(desk: &Desk<'_>, found: &mut Diagnostics) {
    let all = || desk.session.ids().flat_map(|id| desk.session.strip(id).sends.iter().map(move |send| (id, send)));
    let on: BTreeSet<Span> = all().filter(|(_, send)| !is_off(&send.level)).map(|(_, send)| send.loc.0).collect();
    for (id, send) in all().filter(|(_, send)| is_off(&send.level) && !on.contains(&send.loc.0)) {
        let RouteTo::Strip(to) = send.to else { continue };
        let (from, bus) = (desk.name(id), desk.name(to));
        let pre = if send.from == TapPoint::Pre { ", pre: true" } else { "" };
        found.push(
            Diagnostic::warning(Code::OFF_SEND, format!("`{from}` sends nothing to `{bus}`: the send is always off"))
                .label(send.loc.0, "off from beginning to end")
                .help(format!("give it a level, `.send(\"{bus}\", -12dB{pre})`, or take it out")),
        );
    }
}
