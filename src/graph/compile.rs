use super::draft::Draft;
use super::plan::Plan;
use super::versions::Copies;
use super::{Ground, Want, extent, finish, latency, lower, mutes, order, versions};
use crate::audio::Layout;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::session::{Session, StripId, StripKind, Tap};
use crate::units::Frames;

/// A session that has been compiled: ask it for plans.
pub struct Compiled {
    /// The session's strips, then those that are another in a version.
    pub(super) drafts: Vec<Draft>,
    versions: Vec<Copies>,
    pub(super) order: Vec<StripId>,
    pub(super) latencies: Vec<super::plan::Latency>,
    pub(super) ends: Vec<i64>,
    pub(super) depths: Vec<Option<u32>>,
    heard: Vec<bool>,
    /// Length of the song in frames: every file's, unless it is cut.
    pub length: i64,
    pub(super) rate: crate::units::Rate,
    pub(super) law: crate::audio::PanLaw,
}

/// Ten seconds: how long tails may sound after the last clip unless `song(tail:)` says otherwise.
const TAIL_SECONDS: f64 = 10.0;

/// Compiles a whole session. `None` when mistakes leave nothing to plan; they are in `found`.
pub fn compile(session: &Session, ground: &Ground<'_>, found: &mut Diagnostics) -> Option<Compiled> {
    let mut drafts: Vec<Draft> = session.ids().map(|id| lower::lower(session, id, ground, found)).collect();
    let versions = versions::build(session, ground, &mut drafts, found);
    let order = order::order(&drafts, found)?;
    let latencies = latency::latencies(&drafts, &order);
    let ends = extent::ends(&drafts, &order);
    let length = length(session, ground, &drafts, &ends, found);
    for id in session.ids() {
        let strip = session.strip(id);
        match mutes::mutes(&strip.mute_in, &strip.only_in, Some(Frames::new(length)), ground.timeline) {
            Ok(gate) => {
                for copy in versions.iter().map(|v| v.of(id)).filter(|copy| *copy != id) {
                    drafts[copy.0].fader.gate = gate.clone();
                }
                drafts[id.0].fader.gate = gate;
            }
            Err(all) => all.into_iter().for_each(|d| found.push(d)),
        }
    }
    let depths = extent::depths(&drafts, &order, ground.materials);
    let heard = heard(session, &drafts);
    unheard(session, &drafts, &heard, found);
    let (rate, law) = (ground.rate, session.info.pan_law);
    Some(Compiled { drafts, versions, order, latencies, ends, depths, heard, length, rate, law })
}

impl Compiled {
    /// The plan that renders what is wanted and nothing else.
    pub fn plan(&self, session: &Session, wants: &[Want]) -> Plan {
        finish::finish(self, session, wants, self.rate)
    }

    /// A tap as it is in a version; as the session stands where the version is of no other.
    pub fn tap(&self, tap: Tap, version: &str) -> Tap {
        let copies = self.versions.iter().find(|copies| copies.name == version);
        Tap { strip: copies.map_or(tap.strip, |copies| copies.of(tap.strip)), ..tap }
    }

    /// How many strips there are, those of versions counted in.
    pub fn strips(&self) -> usize {
        self.drafts.len()
    }

    /// The strip of the session that a strip is, or is another of.
    pub fn origin(&self, id: StripId) -> StripId {
        let mut copies = self.versions.iter().flat_map(Copies::iter);
        copies.find(|(_, copy)| *copy == id).map_or(id, |(origin, _)| origin)
    }

    pub fn rate(&self) -> crate::units::Rate {
        self.rate
    }

    /// The strips that feed the mix, in the order of the script.
    pub fn feeding_mix(&self, session: &Session) -> Vec<StripId> {
        let mix = &self.drafts[session.mix().0];
        session.ids().filter(|id| mix.inputs.iter().any(|e| e.from == *id)).collect()
    }

    /// Whether its sound reaches a file, a reading or somebody who is heard.
    pub fn is_heard(&self, id: StripId) -> bool {
        self.heard[id.0]
    }

    /// Whether it is silent for good: by itself, by a group of faders or by the solos of others.
    pub fn is_muted(&self, id: StripId) -> bool {
        self.drafts[id.0].fader.muted
    }

    /// The layout that comes to its fader.
    pub fn layout(&self, id: StripId) -> Layout {
        self.drafts[id.0].pre
    }

    /// Bits of the grid on which a strip's output is proven to lie.
    pub fn depth(&self, id: StripId) -> Option<u32> {
        self.depths[id.0]
    }
}

/// To the end of the last clip, plus the tails that sound, at most ten seconds of them unless the song says otherwise.
fn length(session: &Session, ground: &Ground<'_>, drafts: &[Draft], ends: &[i64], found: &mut Diagnostics) -> i64 {
    let mut frames = |time: &crate::session::Time, position: bool| {
        let frames = if position {
            ground.timeline.position(time).map(|f| f.get())
        } else {
            ground.timeline.duration(time).map(|s| s.frames(ground.rate).get())
        };
        frames.map_err(|d| found.push(d)).ok()
    };
    if let Some(length) = session.info.length.as_ref().and_then(|time| frames(time, true)) {
        return length.max(0);
    }
    let tail = session.info.tail.as_ref().and_then(|time| frames(time, false));
    let tail = tail.unwrap_or_else(|| (TAIL_SECONDS * ground.rate.hz()) as i64);
    let clips = drafts.iter().flat_map(|d| &d.clips).map(|c| c.end()).max().unwrap_or(0);
    let sound = ends.iter().copied().max().unwrap_or(0);
    sound.min(clips + tail).max(clips).max(0)
}

/// Which strips reach an output.
fn heard(session: &Session, drafts: &[Draft]) -> Vec<bool> {
    let delivered = session.deliveries.iter().map(|d| d.tap.strip);
    let stems = session.stems.iter().filter_map(|s| s.strips.clone()).flatten();
    let read = session.expectations.iter().flat_map(|e| e.readings()).map(|r| r.tap.strip);
    let roots = [session.mix(), session.master()].into_iter().chain(delivered).chain(stems).chain(read);
    order::reach(drafts, roots)
}

/// Strips that reach no output: their sound is computed for nobody.
fn unheard(session: &Session, drafts: &[Draft], heard: &[bool], found: &mut Diagnostics) {
    for id in session.ids() {
        let strip = session.strip(id);
        // a muted strip is silent on purpose
        if !heard[id.0] && !drafts[id.0].fader.muted && matches!(strip.kind, StripKind::Track | StripKind::Bus) {
            found.push(
                Diagnostic::warning(Code::UNHEARD, format!("nothing hears `{}`", strip.name))
                    .label(strip.loc.0, "it feeds no bus that is heard, no key and no file")
                    .help("route it with `.to(…)`, or take it out"),
            );
        }
    }
}
