//! What was there before: the keys of a plan's sounds and sums by segment, and how its sums are made of an earlier plan's. Sums are exact, so what went
//! into one can be taken out again: a bus whose one track has changed needs that track as it was, that track as it is, and nothing of the others.

use std::collections::BTreeSet;

use super::keys::{self, Key, comes, keys};
use super::plan::{Edge, Material, Node, Plan};
use crate::dsp::curve::Driver;
use crate::session::StripKind;

/// Keys of everything in a plan that can be kept, per segment.
#[derive(Debug, Default)]
pub struct Trail {
    /// Of each node.
    pub nodes: Vec<Vec<Key>>,
    /// Of what each node sums; `None` where that is not a sum that can be kept.
    pub sums: Vec<Option<Vec<Key>>>,
    /// How each node's sum is made of an earlier one.
    pub undo: Vec<Option<Undo>>,
    /// Frames of a segment.
    segment: i64,
    /// The nodes from here on belong to the earlier plan: they are run only to be taken out of sums.
    pub own: usize,
}

/// An earlier sum, and what must be taken out of it and put in.
#[derive(Debug)]
pub struct Undo {
    pub sums: Vec<Key>,
    /// As they went in.
    pub minus: Vec<Edge>,
    /// Places among the node's inputs.
    pub plus: Vec<usize>,
}

impl Trail {
    pub fn new(plan: &Plan, materials: &[Material], segment: i64, segments: usize) -> Trail {
        let nodes = keys(plan, materials, segment, segments);
        let sums = plan.nodes.iter().map(|node| sums(node, &nodes, segment, segments)).collect();
        Trail { sums, undo: plan.nodes.iter().map(|_| None).collect(), segment, own: nodes.len(), nodes }
    }

    /// Whether one track alone is another than in the earlier sums: as it was and as it is.
    pub fn one_is_new(&self, plan: &Plan) -> bool {
        let all = || self.undo.iter().enumerate().filter_map(|(node, undo)| Some((node, undo.as_ref()?)));
        let old: BTreeSet<usize> = all().flat_map(|(_, undo)| undo.minus.iter().map(|edge| edge.from)).collect();
        let new =
            all().flat_map(|(node, undo)| undo.plus.iter().map(move |input| plan.nodes[node].inputs[*input].from));
        old.len() <= 1 && new.collect::<BTreeSet<usize>>().len() <= 1
    }

    /// What stands for a node's sum from beginning to end.
    pub fn seal(&self, node: usize) -> Option<Key> {
        let sums = self.sums[node].as_ref()?;
        let mut hash = blake3::Hasher::new_derive_key("mixdown: the whole of a sum, 1");
        sums.iter().for_each(|key| {
            hash.update(key);
        });
        Some(*hash.finalize().as_bytes())
    }

    /// Adds to `plan` those tracks of an `old` one that went into its sums and are different now. Their clips count `shift` materials further.
    /// `gone`: by material of the old plan, whether it cannot be played any more.
    pub fn follow(&mut self, plan: &mut Plan, old: &Plan, before: &Trail, gone: &[bool], shift: usize) {
        let segment = self.segment;
        let mut number: Vec<Option<usize>> = (0..old.nodes.len()).map(|i| self.same(plan, old, before, i)).collect();
        for index in 0..self.own {
            let node = &plan.nodes[index];
            let Some(was) = old.nodes.iter().position(|n| n.name == node.name && n.kind == node.kind) else { continue };
            let (Some(new), Some(sums)) = (&self.sums[index], &before.sums[was]) else { continue };
            // as long as both are: what lasts longer has nothing to be compared with there
            let segments = new.len().min(sums.len());
            if new[..segments] == sums[..segments] {
                continue;
            }
            let all = |node: &Node, nodes: &[Vec<Key>]| -> Vec<Vec<Key>> {
                node.inputs.iter().map(|edge| ways(node, edge, &nodes[edge.from], segment, segments)).collect()
            };
            let (here, there) = (all(node, &self.nodes), all(&old.nodes[was], &before.nodes));
            let plus: Vec<usize> = (0..here.len()).filter(|i| !there.contains(&here[*i])).collect();
            let minus: Vec<&Edge> =
                old.nodes[was].inputs.iter().zip(&there).filter(|(_, k)| !here.contains(k)).map(|x| x.0).collect();
            // more to undo than to do
            if plus.len() + minus.len() > here.len() {
                continue;
            }
            let minus: Option<Vec<Edge>> = minus
                .into_iter()
                .map(|edge| {
                    let from = self.past(plan, old, before, edge.from, (gone, shift), &mut number)?;
                    plan.nodes[from].taps.add(edge.point);
                    Some(Edge { from, ..edge.clone() })
                })
                .collect();
            self.undo[index] = minus.map(|minus| Undo { sums: sums.clone(), minus, plus });
        }
    }

    /// The node that sounds as node `was` of an old plan, from beginning to end.
    fn same(&self, plan: &Plan, old: &Plan, before: &Trail, was: usize) -> Option<usize> {
        let name = &old.nodes[was].name;
        let index = plan.nodes[..self.own].iter().position(|node| node.name == *name)?;
        self.nodes[index].iter().zip(&before.nodes[was]).all(|(new, old)| new == old).then_some(index)
    }

    /// The place of a node of an old plan: that of its equal, or a new one for a track, and for the tracks that it is steered by.
    fn past(
        &mut self,
        plan: &mut Plan,
        old: &Plan,
        before: &Trail,
        was: usize,
        (gone, shift): (&[bool], usize),
        number: &mut [Option<usize>],
    ) -> Option<usize> {
        if number[was].is_some() {
            return number[was];
        }
        let node = &old.nodes[was];
        let lost = node.clips.iter().any(|clip| gone[clip.material]);
        if node.kind != StripKind::Track || !node.inputs.is_empty() || lost {
            return None;
        }
        let mut keys = Vec::new();
        for key in &node.keys {
            let from = self.past(plan, old, before, key.from, (gone, shift), number)?;
            plan.nodes[from].taps.add(key.point);
            keys.push(Edge { from, ..key.clone() });
        }
        let mut node = Node { keys, ..node.clone() };
        node.clips.iter_mut().for_each(|clip| clip.material += shift);
        plan.nodes.push(node);
        self.nodes.push(before.nodes[was].clone());
        self.sums.push(None);
        self.undo.push(None);
        number[was] = Some(plan.nodes.len() - 1);
        number[was]
    }
}

/// The keys of a node's sum, in no order of its inputs. A sum of one is a copy and none that follows a sound can be begun anywhere: neither is kept.
fn sums(node: &Node, nodes: &[Vec<Key>], segment: i64, segments: usize) -> Option<Vec<Key>> {
    if node.inputs.len() < 2
        || node.inputs.iter().any(|edge| edge.follow.is_some() || matches!(edge.gain, Driver::Follow(_)))
    {
        return None;
    }
    let ways: Vec<Vec<Key>> =
        node.inputs.iter().map(|edge| ways(node, edge, &nodes[edge.from], segment, segments)).collect();
    Some(keys::sums(&ways, segments))
}

/// The keys of what comes into a node's sum by one way.
fn ways(node: &Node, edge: &Edge, from: &[Key], segment: i64, segments: usize) -> Vec<Key> {
    comes(edge, &from[..segments], -node.latency.input, segment)
}
