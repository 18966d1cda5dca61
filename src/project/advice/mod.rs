//! Advice: what is no mistake and is rarely meant. It is told of sessions without mistakes, as warnings, and holds nothing up; where a session
//! can be meant as it is, nothing is said.

mod effects;
mod files;
mod levels;
mod routes;
mod signals;
mod space;
mod versions;

use super::load::Loaded;
use crate::diag::{Diagnostics, Sources};
use crate::dsp::{Category, catalogue};
use crate::graph::{Compiled, destination};
use crate::session::{Effect, RouteTo, Send, Session, StripId, Timeline};
use crate::world::World;

/// Adds what is to be said of a session without mistakes.
pub(super) fn advise(world: &dyn World, loaded: &mut Loaded) {
    let Some(compiled) = loaded.compiled.as_ref().filter(|_| !loaded.diagnostics.has_errors()) else { return };
    let mut found = Diagnostics::default();
    let desk = Desk::new(loaded, compiled);
    routes::solo(&desk, &mut found);
    routes::empty_buses(&desk, &mut found);
    routes::off_sends(&desk, &mut found);
    levels::high_faders(&desk, &mut found);
    levels::mono_widths(&desk, &mut found);
    space::only_wet(&desk, loaded, &mut found);
    space::dry_returns(&desk, &mut found);
    space::late_strips(&desk, loaded, &mut found);
    effects::limited_mix(&desk, &mut found);
    versions::undelivered(&desk, &mut found);
    files::same_sounds(world, loaded, &mut found);
    loaded.diagnostics.extend(found);
    loaded.diagnostics.sort();
}

/// The session as one looks over it: who goes where.
struct Desk<'a> {
    session: &'a Session,
    compiled: &'a Compiled,
    timeline: &'a Timeline,
    sources: &'a Sources,
    /// What is routed into each strip.
    routed: Vec<Vec<StripId>>,
    /// What is sent into each strip, and by whom.
    sent: Vec<Vec<(StripId, &'a Send)>>,
    /// Whose own way leads to the mix, from fader to fader.
    in_mix: Vec<bool>,
}

impl<'a> Desk<'a> {
    fn new(loaded: &'a Loaded, compiled: &'a Compiled) -> Desk<'a> {
        let session = &loaded.session;
        let mut routed = vec![Vec::new(); session.strips.len()];
        let mut sent = vec![Vec::new(); session.strips.len()];
        for id in session.ids() {
            if let Some((to, _)) = destination(session, id) {
                routed[to.0].push(id);
            }
            for send in &session.strip(id).sends {
                if let RouteTo::Strip(to) = send.to {
                    sent[to.0].push((id, send));
                }
            }
        }
        let mut in_mix = vec![false; session.strips.len()];
        let mut next = vec![session.mix()];
        while let Some(id) = next.pop() {
            in_mix[id.0] = true;
            let open = |id: &&StripId| !compiled.is_muted(**id) && !signals::is_off(&session.strip(**id).gain);
            next.extend(routed[id.0].iter().filter(open));
        }
        Desk { session, compiled, timeline: &loaded.timeline, sources: &loaded.sources, routed, sent, in_mix }
    }

    fn name(&self, id: StripId) -> &'a str {
        &self.session.strip(id).name
    }

    fn inserts(&self, id: StripId) -> impl Iterator<Item = &'a Effect> + use<'a> {
        self.session.strip(id).inserts.iter().flat_map(Effect::in_series)
    }

    /// Whether its fader leads to somebody who is heard.
    fn sounds(&self, id: StripId) -> bool {
        let leads = destination(self.session, id).is_some_and(|(to, _)| self.compiled.is_heard(to));
        leads && !self.compiled.is_muted(id)
    }

    /// A bus that lives of sends alone.
    fn is_return(&self, id: StripId) -> bool {
        self.routed[id.0].is_empty() && !self.sent[id.0].is_empty()
    }
}

fn category(effect: &Effect) -> Option<Category> {
    catalogue::declaration(&effect.name).map(|d| d.category)
}
