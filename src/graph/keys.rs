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
    for node in &plan.nodes {
        let mut previous = head(node, plan.rate);
        let mut keys = Vec::with_capacity(segments);
        for s in 0..segments {
            let mut hash = blake3::Hasher::new();
            hash.update(&previous);
            // curves and clips are read where they act: at song time, from the input's to the output's latency
            let from = s as i64 * segment - node.latency.pre;
            let to = (s as i64 + 1) * segment - node.latency.input;
            for driver in drivers(node) {
                touching(driver, from, to, &mut hash);
            }
            for clip in node.clips.iter().filter(|c| c.at < to && c.end() > from) {
                // which of the session's files it is does not matter, what is in it does
                put(&mut hash, &Clip { material: 0, ..clip.clone() });
                hash.update(&materials[clip.material].seal.to_le_bytes());
                put(&mut hash, &materials[clip.material].only);
            }
            for edge in node.inputs.iter().chain(&node.keys) {
                hash.update(&all[edge.from][s]);
            }
            previous = *hash.finalize().as_bytes();
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
        let mut hash = blake3::Hasher::new();
        put(&mut hash, &(ENGINE_VERSION, plan.rate, output.layout, output.latency, output.from, output.to));
        put(&mut hash, &(output.begin, output.end));
        put(&mut hash, &(output.fade_in, output.fade_out));
        ways(&mut hash, &output.inputs);
        ways(&mut hash, &output.keys);
        for edge in output.inputs.iter().chain(&output.keys) {
            touching(&edge.gain, -WHOLE, WHOLE, &mut hash);
            hash.update(&nodes[edge.from][0]);
        }
        *hash.finalize().as_bytes()
    };
    plan.outputs.iter().map(key).collect()
}

/// What comes into a sum by one way, over song frames `from`..`to`: `heard` is the key of the tap's node there.
pub(super) fn way(edge: &Edge, heard: &Key, from: i64, to: i64) -> Key {
    let mut hash = blake3::Hasher::new_keyed(heard);
    put(&mut hash, &(ENGINE_VERSION, edge.point, edge.spread, edge.layout, edge.delay, still(&edge.gain)));
    touching(&edge.gain, from, to, &mut hash);
    if matches!(edge.gain, Driver::Pieces(_) | Driver::Sampled(_) | Driver::Lfo(_)) {
        put(&mut hash, &from);
    }
    *hash.finalize().as_bytes()
}

/// A sum of all `ways`, in ascending order.
pub(super) fn sum(ways: &[&Key]) -> Key {
    let mut hash = blake3::Hasher::new_derive_key("mixdown: an exact sum, 1");
    for way in ways {
        hash.update(*way);
    }
    *hash.finalize().as_bytes()
}

fn ways(hash: &mut blake3::Hasher, edges: &[Edge]) {
    for e in edges {
        put(hash, &(e.point, e.follow, e.spread, e.layout, e.delay, still(&e.gain)));
    }
}

/// What holds for a node all along.
fn head(node: &Node, rate: Rate) -> Key {
    let mut hash = blake3::Hasher::new();
    // where curves and clips act is a matter of rate and latency
    put(&mut hash, &(ENGINE_VERSION, rate, node.latency, node.layout, node.trim, node.invert, node.delay));
    ways(&mut hash, &node.inputs);
    ways(&mut hash, &node.keys);
    for insert in &node.inserts {
        put(&mut hash, &(&insert.args, insert.seed.bits(0), insert.layout, insert.keys, insert.latency));
        for m in &insert.moves {
            put(&mut hash, &(m.slot, m.follow, m.late, still(&m.driver)));
        }
    }
    let fader = &node.fader;
    put(&mut hash, &(fader.muted, still(&fader.gate), still(&fader.width.0), fader.width.1));
    for (driver, follow) in &fader.gain {
        put(&mut hash, &(still(driver), follow));
    }
    match &fader.pan {
        Pan::None => put(&mut hash, &0u8),
        Pan::Law(law, driver, follow) => put(&mut hash, &(1u8, law, still(driver), follow)),
        Pan::Balance(driver, follow) => put(&mut hash, &(2u8, still(driver), follow)),
        Pan::Place(law, [left, right], follows) => put(&mut hash, &(3u8, law, still(left), still(right), follows)),
    }
    *hash.finalize().as_bytes()
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
fn touching(driver: &Driver, from: i64, to: i64, hash: &mut blake3::Hasher) {
    match driver {
        Driver::Pieces(curve) => {
            put(hash, &curve.scale);
            // whole cells of the song's grid: how a level moves in one depends on whether all of it lies between two points
            let cell = |frame: i64| frame.div_euclid(GRID) * GRID;
            put(hash, curve.touching(cell(from), cell(to + GRID - 1)));
        }
        Driver::Sampled(sampled) => {
            let index = |frame: i64| ((frame.max(0) as f64 / sampled.step) as usize).min(sampled.values.len());
            put(hash, &(sampled.step, sampled.scale));
            put(hash, &sampled.values[index(from)..(index(to) + 2).min(sampled.values.len())]);
        }
        Driver::Constant(_) | Driver::Lfo(_) | Driver::Follow(_) => {}
    }
}

fn put(hash: &mut blake3::Hasher, value: &(impl Serialize + ?Sized)) {
    // plain data always serialises; a writer that cannot fail cannot make it
    let _ = postcard::to_io(value, hash);
}
