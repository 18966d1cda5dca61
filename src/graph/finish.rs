//! The last pass: only what is wanted, numbered in order, with every delay worked out.

use super::compile::Compiled;
use super::draft::{Draft, DraftEdge};
use super::order::reach;
use super::plan::{Edge, Insert, Latency, Node, Output, Plan, Point, Proof, Taps};
use super::{Want, What, drive, point_of};
use crate::audio::{Layout, PanLaw};
use crate::dsp::curve::Driver;
use crate::session::{Session, StripId};
use crate::units::Rate;

pub(super) fn finish(from: &Compiled, session: &Session, wants: &[Want], rate: Rate) -> Plan {
    let ways: Vec<Vec<Way<'_>>> = wants.iter().map(|want| ways(from, session, &want.what)).collect();
    let proof = proof(from, session, wants);
    let roots = ways.iter().flatten().chain(proof.iter().flat_map(|(s, whole)| s.iter().chain([whole])));
    let wanted = reach(&from.drafts, roots.flat_map(taps).map(|(strip, _)| strip));
    let mut number = vec![usize::MAX; from.drafts.len()];
    let mut nodes: Vec<Node> = Vec::new();
    for id in from.order.iter().filter(|id| wanted[id.0]) {
        number[id.0] = nodes.len();
        nodes.push(node(from, *id, &number));
    }
    let context = Context { from, number: &number, law: from.law };
    let outputs: Vec<Output> =
        wants.iter().zip(&ways).map(|(want, ways)| context.output(want, ways, from.length)).collect();
    let proof = proof.map(|(stems, whole)| {
        let latency = context.latest(stems.iter().chain([&whole]));
        let (stems, keys) = context.edges(&stems, latency, Layout::STEREO);
        Proof { stems, keys, whole: context.edge(&whole, latency, Layout::STEREO), latency }
    });
    let mut plan = Plan { rate, length: from.length, nodes, outputs, proof };
    let heard: Vec<(usize, Point)> = plan.edges().map(|edge| (edge.from, edge.point)).collect();
    heard.into_iter().for_each(|(from, point)| plan.nodes[from].taps.add(point));
    plan
}

/// Song frames of what is wanted: first and last of the whole file, and of the part of it.
pub fn range(want: &Want, length: i64) -> (i64, i64, i64, i64) {
    let begin = want.from.unwrap_or(0).clamp(0, length);
    let end = want.to.unwrap_or(length).clamp(begin, length);
    let from = want.part.0.unwrap_or(begin).clamp(begin, end);
    (begin, end, from, want.part.1.unwrap_or(end).clamp(from, end))
}

/// A tap and the gain with which it goes into a file.
struct Way<'a> {
    from: StripId,
    point: Point,
    gain: &'a Driver,
    /// The tap that the gain follows.
    follow: Option<(StripId, Point)>,
}

const UNITY: &Driver = &Driver::Constant(0.0);

/// What goes into a file.
fn ways<'a>(from: &'a Compiled, session: &Session, what: &What) -> Vec<Way<'a>> {
    let into_mix = |keep: &dyn Fn(StripId) -> bool| {
        let mix = &from.drafts[session.mix().0];
        mix.inputs.iter().filter(|e| keep(e.from)).map(|e| way(mix, e)).collect()
    };
    match what {
        What::Tap(tap) => vec![Way { from: tap.strip, point: point_of(tap.point), gain: UNITY, follow: None }],
        What::Drive(strip) => vec![Way { from: *strip, point: Point::Drive, gain: UNITY, follow: None }],
        What::Stem(strip) => into_mix(&|id| id == *strip),
        What::Rest(carried) => into_mix(&|id| !carried.contains(&id)),
        What::Into(strip) => {
            let strip = &from.drafts[strip.0];
            strip.inputs.iter().map(|e| way(strip, e)).collect()
        }
    }
}

fn way<'a>(sum: &Draft, edge: &'a DraftEdge) -> Way<'a> {
    let follow = edge.follow.map(|key| (sum.keys[key].from, sum.keys[key].point));
    Way { from: edge.from, point: edge.point, gain: &edge.gain, follow }
}

/// The taps that a way needs: its own and the one that its gain follows.
fn taps(way: &Way<'_>) -> impl Iterator<Item = (StripId, Point)> {
    [(way.from, way.point)].into_iter().chain(way.follow)
}

/// When stems are wanted, and they are all that the mix hears: they against its input.
fn proof<'a>(from: &'a Compiled, session: &Session, wants: &[Want]) -> Option<(Vec<Way<'a>>, Way<'a>)> {
    let stems: Vec<Way<'a>> = wants
        .iter()
        .filter(|w| matches!(w.what, What::Stem(_) | What::Rest(_)))
        .flat_map(|w| ways(from, session, &w.what))
        .collect();
    let mix = &from.drafts[session.mix().0];
    let whole = Way { from: session.mix(), point: Point::Input, gain: UNITY, follow: None };
    (!stems.is_empty() && stems.len() == mix.inputs.len()).then_some((stems, whole))
}

struct Context<'a> {
    from: &'a Compiled,
    number: &'a [usize],
    law: PanLaw,
}

impl Context<'_> {
    fn latest<'w>(&self, ways: impl Iterator<Item = &'w Way<'w>>) -> i64 {
        ways.flat_map(taps).map(|(strip, point)| self.from.latencies[strip.0].at(point)).max().unwrap_or(0)
    }

    /// Ways into one sum, and the keys that their gains follow.
    fn edges(&self, ways: &[Way<'_>], latency: i64, layout: Layout) -> (Vec<Edge>, Vec<Edge>) {
        let mut keys = Vec::new();
        let inputs = ways.iter().map(|way| {
            let follow = way.follow.map(|(from, point)| {
                let key = Way { from, point, gain: UNITY, follow: None };
                keys.push(self.edge(&key, latency, self.from.drafts[from.0].layout_at(point)));
                keys.len() - 1
            });
            Edge { follow, ..self.edge(way, latency, layout) }
        });
        (inputs.collect(), keys)
    }

    fn edge(&self, way: &Way<'_>, latency: i64, layout: Layout) -> Edge {
        let tap = self.from.drafts[way.from.0].layout_at(way.point);
        Edge {
            from: self.number[way.from.0],
            point: way.point,
            gain: way.gain.clone(),
            follow: None,
            spread: (tap == Layout::MONO && layout != tap).then(|| self.law.gains(0.0)),
            layout: tap,
            delay: latency - self.from.latencies[way.from.0].at(way.point),
        }
    }

    fn output(&self, want: &Want, ways: &[Way<'_>], length: i64) -> Output {
        let latency = self.latest(ways.iter());
        let layout = match ways {
            [only] => self.from.drafts[only.from.0].layout_at(only.point),
            _ => Layout::STEREO,
        };
        let layout = if matches!(want.what, What::Tap(_) | What::Drive(_)) { layout } else { Layout::STEREO };
        let (inputs, keys) = self.edges(ways, latency, layout);
        let (begin, end, from, to) = range(want, length);
        let depth = match (&want.what, ways) {
            (_, []) => Some(0),
            (_, ways) => ways
                .iter()
                .map(|w| {
                    let still = *w.gain == *UNITY && w.point == Point::Post;
                    self.from.depths[w.from.0].filter(|_| still)
                })
                .try_fold(0, |most, depth| depth.map(|d| most.max(d))),
        };
        Output {
            inputs,
            keys,
            layout,
            latency,
            begin,
            end,
            from,
            to,
            fade_in: want.fade_in,
            fade_out: want.fade_out,
            depth,
        }
    }
}

fn node(from: &Compiled, id: StripId, number: &[usize]) -> Node {
    let draft = &from.drafts[id.0];
    let latency = from.latencies[id.0];
    let edge = |source: StripId, point: Point, gain: &Driver, follow, at: i64, layout: Option<Layout>| {
        let tap = from.drafts[source.0].layout_at(point);
        Edge {
            from: number[source.0],
            point,
            gain: gain.clone(),
            follow,
            spread: (tap == Layout::MONO && layout.is_some_and(|l| l != tap)).then(|| from.law.gains(0.0)),
            layout: tap,
            delay: at - from.latencies[source.0].at(point),
        }
    };
    Node {
        strip: from.origin(id),
        name: draft.name.clone(),
        kind: draft.kind,
        layout: draft.layout,
        clips: draft.clips.clone(),
        spool: None,
        inputs: draft
            .inputs
            .iter()
            .map(|e| edge(e.from, e.point, &e.gain, e.follow, latency.input, Some(draft.layout)))
            .collect(),
        trim: draft.trim,
        invert: draft.invert,
        delay: draft.delay,
        inserts: inserts(draft, &latency),
        drive: drive::last_limiter(draft),
        pre: draft.pre,
        fader: draft.fader.clone(),
        keys: draft
            .keys
            .iter()
            .map(|k| edge(k.from, k.point, UNITY, None, latency.input + draft.offset(k.place), None))
            .collect(),
        latency,
        taps: Taps::default(),
        depth: from.depths[id.0],
        end: from.ends[id.0],
    }
}

pub(super) fn inserts(draft: &Draft, latency: &Latency) -> Vec<Insert> {
    let mut at = latency.source;
    let mut inserts = Vec::with_capacity(draft.inserts.len());
    for (insert, late) in draft.inserts.iter().zip(&draft.insert_latency) {
        inserts.push(Insert { latency: at, ..insert.clone() });
        at += late;
    }
    inserts
}
