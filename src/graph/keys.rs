//! Content keys: two segments with one key have the same bytes. A key covers the engine's version, the effects' versions and arguments, the pieces
//! of the curves that touch the segment, the files of the clips in it, the keys of what is heard there, and the key of the segment before.

use serde::Serialize;

use super::plan::{Clip, Edge, Material, Node, Output, Pan, Plan};
use crate::dsp::GRID;
use crate::dsp::curve::Driver;
use crate::units::Rate;

/// Raised whenever strips, pan, sums, curves, resampling or decoding sound different.
const ENGINE_VERSION: u32 = 3;

/// 32 bytes of blake3.
pub type Key = [u8; 32];

/// The keys of every node at every segment of `segment` frames.
pub fn keys(plan: &Plan, materials: &[Material], segment: i64, segments: usize) -> Vec<Vec<Key>> {
    let mut all: Vec<Vec<Key>> = Vec::with_capacity(plan.nodes.len());
    let mut text = Text::default();
    for node in &plan.nodes {
        let mut previous = head(node, plan.rate);
        let mut keys = Vec::with_capacity(segments);
        for s in 0..segments {
            text.begin();
            text.raw(&previous);
            // curves and clips are read where they act: at song time, from the input's to the output's latency
            let from = s as i64 * segment - node.latency.pre;
            let to = (s as i64 + 1) * segment - node.latency.input;
            for driver in drivers(node) {
                touching(driver, from, to, &mut text);
            }
            for clip in node.clips.iter().filter(|c| c.at < to && c.end() > from) {
                // which of the session's files it is does not matter, what is in it does
                text.put(&Clip { material: 0, ..clip.clone() });
                text.raw(&materials[clip.material].seal.to_le_bytes());
                text.put(&materials[clip.material].only);
            }
            for edge in node.inputs.iter().chain(&node.keys) {
                text.raw(&all[edge.from][s]);
            }
            previous = text.key();
            keys.push(previous);
        }
        all.push(keys);
    }
    all
}

/// One key for the whole of every output: equal keys, equal sound.
pub fn output_keys(plan: &Plan, materials: &[Material]) -> Vec<Key> {
    /// Longer than any song.
    const WHOLE: i64 = 1 << 40;
    let nodes = keys(plan, materials, WHOLE, 1);
    let key = |output: &Output| {
        let mut text = Text::default();
        text.put(&(ENGINE_VERSION, plan.rate, output.layout, output.latency, output.from, output.to));
        text.put(&(output.begin, output.end));
        text.put(&(output.fade_in, output.fade_out));
        ways(&mut text, &output.inputs);
        ways(&mut text, &output.keys);
        for edge in output.inputs.iter().chain(&output.keys) {
            touching(&edge.gain, -WHOLE, WHOLE, &mut text);
            text.raw(&nodes[edge.from][0]);
        }
        text.key()
    };
    plan.outputs.iter().map(key).collect()
}

/// What comes into a sum by one way, at each segment of `segment` frames, the first of which begins at song frame `from`: `heard` are the keys of the
/// tap's node.
pub(super) fn comes(edge: &Edge, heard: &[Key], from: i64, segment: i64) -> Vec<Key> {
    let mut text = Text::default();
    text.put(&(ENGINE_VERSION, edge.point, edge.spread, edge.layout, edge.delay, still(&edge.gain)));
    let way = text.key();
    if !matches!(edge.gain, Driver::Pieces(_) | Driver::Sampled(_) | Driver::Lfo(_)) {
        // no two ways and two sounds are alike in this but by a chance of 2^-256, and there is nothing to be hashed at each segment
        return heard.iter().map(|heard| std::array::from_fn(|i| heard[i] ^ way[i])).collect();
    }
    let moving = |(s, heard): (usize, &Key)| {
        let from = from + s as i64 * segment;
        text.begin();
        text.raw(heard);
        text.raw(&way);
        touching(&edge.gain, from, from + segment, &mut text);
        text.put(&from);
        text.key()
    };
    heard.iter().enumerate().map(moving).collect()
}

/// The keys of the sums of all `ways` at so many segments, in no order of theirs.
pub(super) fn sums(ways: &[Vec<Key>], segments: usize) -> Vec<Key> {
    let mut text = Text::default();
    let sum = |s: usize| {
        let mut all: Vec<&Key> = ways.iter().map(|way| &way[s]).collect();
        all.sort_unstable();
        text.begin();
        text.put("a sum");
        all.into_iter().for_each(|way| text.raw(way));
        text.key()
    };
    (0..segments).map(sum).collect()
}

/// What a key is made of, written down first: one hash of many bytes is quicker than many of few.
#[derive(Default)]
struct Text(Vec<u8>);

impl Text {
    fn begin(&mut self) {
        self.0.clear();
    }

    fn raw(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn put(&mut self, value: &(impl Serialize + ?Sized)) {
        // plain data always serialises; a writer that cannot fail cannot make it
        let _ = postcard::to_io(value, &mut self.0);
    }

    fn key(&self) -> Key {
        *blake3::hash(&self.0).as_bytes()
    }
}

fn ways(text: &mut Text, edges: &[Edge]) {
    for e in edges {
        text.put(&(e.point, e.follow, e.spread, e.layout, e.delay, still(&e.gain)));
    }
}

/// What holds for a node all along.
fn head(node: &Node, rate: Rate) -> Key {
    let mut text = Text::default();
    // where curves and clips act is a matter of rate and latency
    text.put(&(ENGINE_VERSION, rate, node.latency, node.layout, node.trim, node.invert, node.delay));
    ways(&mut text, &node.inputs);
    ways(&mut text, &node.keys);
    for insert in &node.inserts {
        text.put(&(&insert.args, insert.seed.bits(0), insert.layout, insert.keys, insert.latency));
        for m in &insert.moves {
            text.put(&(m.slot, m.follow, m.late, still(&m.driver)));
        }
    }
    let fader = &node.fader;
    text.put(&(fader.muted, still(&fader.gate), still(&fader.width.0), fader.width.1));
    for (driver, follow) in &fader.gain {
        text.put(&(still(driver), follow));
    }
    match &fader.pan {
        Pan::None => text.put(&0u8),
        Pan::Law(law, driver, follow) => text.put(&(1u8, law, still(driver), follow)),
        Pan::Balance(driver, follow) => text.put(&(2u8, still(driver), follow)),
        Pan::Place(law, [left, right], follows) => text.put(&(3u8, law, still(left), still(right), follows)),
    }
    text.key()
}

/// A driver as far as it holds all along: of a curve only that it is one.
fn still(driver: &Driver) -> Option<&Driver> {
    match driver {
        Driver::Pieces(_) | Driver::Sampled(_) => None,
        driver => Some(driver),
    }
}

fn drivers(node: &Node) -> impl Iterator<Item = &Driver> {
    let fader = &node.fader;
    let edges = node.inputs.iter().map(|e| &e.gain);
    let inserts = node.inserts.iter().flat_map(|i| &i.moves).map(|m| &m.driver);
    edges
        .chain(inserts)
        .chain(fader.gain.iter().map(|g| &g.0))
        .chain([&fader.width.0, &fader.gate])
        .chain(fader.pan.drivers().map(|d| d.0))
}

/// Frames of a node's streams where one of its curves turns: what is changed in a session changes from there on.
pub fn breaks(node: &Node) -> impl Iterator<Item = i64> {
    let pieces = drivers(node).filter_map(|driver| match driver {
        Driver::Pieces(curve) => Some(&curve.pieces),
        _ => None,
    });
    // where the sound is late, it is so by the latency of its way: the earliest place counts
    pieces.flatten().map(|piece| piece.from + node.latency.input)
}

/// The part of a curve that acts in a segment: its pieces, or the few values of a sampled one.
fn touching(driver: &Driver, from: i64, to: i64, text: &mut Text) {
    match driver {
        Driver::Pieces(curve) => {
            text.put(&curve.scale);
            // whole cells of the song's grid: how a level moves in one depends on whether all of it lies between two points
            let cell = |frame: i64| frame.div_euclid(GRID) * GRID;
            text.put(curve.touching(cell(from), cell(to + GRID - 1)));
        }
        Driver::Sampled(sampled) => {
            let index = |frame: i64| ((frame.max(0) as f64 / sampled.step) as usize).min(sampled.values.len());
            text.put(&(sampled.step, sampled.scale));
            text.put(&sampled.values[index(from)..(index(to) + 2).min(sampled.values.len())]);
        }
        Driver::Constant(_) | Driver::Lfo(_) | Driver::Follow(_) => {}
    }
}
