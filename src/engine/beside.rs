//! Which strips go well together: two that do alike, whose filters run side by side, or two that hear the same, so that it is fetched once.

use std::collections::{BTreeMap, BTreeSet};

use crate::graph::plan::{Node, Plan};

/// By node its partner, if it has one.
pub(super) fn partners(plan: &Plan) -> Vec<Option<usize>> {
    let mut partners = vec![None; plan.nodes.len()];
    let mut pair = |a: usize, b: usize| (partners[a], partners[b]) = (Some(b), Some(a));
    // those that are still alone, by what they do
    let mut alone = BTreeMap::new();
    for (i, node) in plan.nodes.iter().enumerate().filter(|(_, node)| node.drive.is_none() && !node.inserts.is_empty())
    {
        match alone.remove(&likeness(node)) {
            Some(other) => pair(other, i),
            None => drop(alone.insert(likeness(node), i)),
        }
    }
    let sums = plan.nodes.iter().enumerate().filter(|(_, node)| node.drive.is_none() && node.inputs.len() > 1);
    let mut sums: Vec<(usize, BTreeSet<usize>)> =
        sums.map(|(i, node)| (i, node.inputs.iter().map(|edge| edge.from).collect())).collect();
    sums.retain(|(i, _)| partners[*i].is_none());
    while let Some((i, heard)) = sums.pop() {
        if let Some(other) = sums.iter().rposition(|(_, others)| mostly_the_same(&heard, others)) {
            let (other, _) = sums.remove(other);
            (partners[i], partners[other]) = (Some(other), Some(i));
        }
    }
    partners
}

/// Alike for strips with the same effects in the same layout.
fn likeness(node: &Node) -> Vec<(&'static str, usize, usize)> {
    let inserts = node.inserts.iter();
    inserts.map(|insert| (insert.args.of.name, insert.args.children().count(), insert.layout.channels())).collect()
}

/// Of several, the greater part.
fn mostly_the_same(a: &BTreeSet<usize>, b: &BTreeSet<usize>) -> bool {
    let both = a.intersection(b).count();
    both > 1 && 2 * both > a.len().max(b.len())
}
