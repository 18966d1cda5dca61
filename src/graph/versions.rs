//! Versions of a song in one graph: what a version changes, and all that hears it, stands there once more; everything else is shared.

use super::draft::{Draft, DraftKey};
use super::{Ground, route};
use crate::diag::Diagnostics;
use crate::session::{Session, StripId, Version};

/// A version's own strips.
pub(super) struct Copies {
    pub(super) name: String,
    /// The session's strips and what stands for them, ascending.
    of: Vec<(StripId, StripId)>,
}

impl Copies {
    /// What stands for a strip in this version.
    pub(super) fn of(&self, id: StripId) -> StripId {
        self.of.binary_search_by_key(&id, |(from, _)| *from).map_or(id, |i| self.of[i].1)
    }

    /// The strips that are there once more: of the session, and as they are here.
    pub(super) fn iter(&self) -> impl Iterator<Item = (StripId, StripId)> {
        self.of.iter().copied()
    }
}

/// Routes the session as it stands, then adds to `drafts` what is different in each version that is delivered.
pub(super) fn build(
    session: &Session,
    ground: &Ground<'_>,
    drafts: &mut Vec<Draft>,
    found: &mut Diagnostics,
) -> Vec<Copies> {
    let wanted: Vec<&Version> = session.versions.iter().filter(|version| delivered(session, version)).collect();
    let bare: Vec<Draft> = if wanted.is_empty() { Vec::new() } else { drafts.clone() };
    let muted = route::muted(session, None);
    for (draft, muted) in drafts.iter_mut().zip(&muted) {
        draft.fader.muted = *muted;
    }
    route::route(session, ground, drafts, &|id| id, &|_| true, found);
    let mut all = Vec::new();
    for version in wanted {
        let other = route::muted(session, Some(version));
        let own = different(session, &bare, &muted, &other);
        let of = session.ids().filter(|id| own[id.0]).zip((drafts.len()..).map(StripId)).collect();
        let copies = Copies { name: version.name.clone(), of };
        for (id, _) in copies.iter() {
            let draft = &bare[id.0];
            let mut copy = Draft { name: name(&draft.name, &version.name), ..draft.clone() };
            copy.fader.muted = other[id.0];
            copy.keys = draft.keys.iter().map(|key| DraftKey { from: copies.of(key.from), ..*key }).collect();
            drafts.push(copy);
        }
        // what is wrong with a route has been told
        let found = &mut Diagnostics::default();
        route::route(session, ground, drafts, &|id| copies.of(id), &|to| own[to.0], found);
        all.push(copies);
    }
    all
}

/// No strip of a script can have a colon in its name.
fn name(strip: &str, version: &str) -> String {
    format!("{strip}: {version}")
}

fn delivered(session: &Session, version: &Version) -> bool {
    let names =
        |delivery: &crate::session::Delivery| delivery.versions.names(&session.versions).contains(&&*version.name);
    session.deliveries.iter().any(names)
}

/// The strips that sound otherwise: those muted in one and not in the other, and all that hear them.
fn different(session: &Session, bare: &[Draft], muted: &[bool], other: &[bool]) -> Vec<bool> {
    let mut own: Vec<bool> = muted.iter().zip(other).map(|(a, b)| a != b).collect();
    loop {
        let before = own.iter().filter(|own| **own).count();
        for id in session.ids() {
            if bare[id.0].keys.iter().any(|key| own[key.from.0]) {
                own[id.0] = true;
            }
            for (to, follow) in route::ways(session, id) {
                own[to.0] |= own[id.0] || follow.is_some_and(|tap| own[tap.strip.0]);
            }
        }
        if own.iter().filter(|own| **own).count() == before {
            return own;
        }
    }
}
