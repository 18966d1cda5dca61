//! What a build would do: its nodes, which of them are there, and why the others are rendered.

use std::path::Path;

use super::before::{self, Before, Which};
use super::load::{For, Loaded, load};
use super::request::{NodeRow, Planned, Request};
use super::standing::Standing;
use super::survey::{self, Surveyed};
use super::why::Compare;
use crate::engine::{self, Past};
use crate::graph::Compiled;
use crate::graph::plan::Node;
use crate::media;
use crate::script::{self, Reading};
use crate::session::StripKind;
use crate::world::World;

/// What a build would render: nodes in order, with their content keys. Trims to a measure are surveyed for them.
pub fn plan(world: &dyn World, script: &Path, request: &Request) -> Planned {
    plan_read(world, script, script::read_set(world, script, &request.set), request)
}

/// The same with a script that was read before.
pub fn plan_read(world: &dyn World, script: &Path, reading: Reading, request: &Request) -> Planned {
    let mut loaded = load(world, script, reading, For::Planning);
    let wanted = super::targets(world, script, &mut loaded, request);
    super::advice::advise(world, &mut loaded);
    let wanted = wanted.filter(|targets| {
        let wants: Vec<_> = targets.iter().map(|t| t.want.clone()).collect();
        let surveyed = survey::trims(world, &mut loaded, &wants, request, &());
        loaded.outside |= surveyed == Surveyed::Failed { outside: true };
        surveyed == Surveyed::Done
    });
    let expected = std::mem::take(&mut loaded.expected).on(request);
    let mut planned = Planned {
        sources: Default::default(),
        diagnostics: Default::default(),
        outside: loaded.outside,
        nodes: Vec::new(),
        audio_seconds: 0.0,
    };
    if let (Some(compiled), Some(targets)) = (&loaded.compiled, &wanted) {
        let standing = Standing::new(world, &loaded, compiled, targets, &expected, request, &|| false);
        planned.audio_seconds = compiled.length as f64 / compiled.rate().hz();
        planned.nodes = rows(world, script, &loaded, compiled, &standing, request);
    }
    planned.sources = loaded.sources;
    planned.diagnostics = loaded.diagnostics;
    planned
}

fn rows(
    world: &dyn World,
    script: &Path,
    loaded: &Loaded,
    compiled: &Compiled,
    standing: &Standing,
    request: &Request,
) -> Vec<NodeRow> {
    let whole = standing.plan();
    let keys = before::trail(whole, loaded).nodes;
    let earlier = |which| if world.stores() { before::recall(world, script, which, request) } else { None };
    let states = states(world, loaded, standing, earlier(Which::Last).as_ref(), earlier(Which::Summed).as_ref());
    let length = compiled.length as f64;
    let row = |(node, keys): (&Node, &Vec<[u8; 32]>)| {
        let why = states.iter().find(|(name, _)| *name == node.name).and_then(|(_, why)| why.clone());
        let there = match standing.wanted.plan.nodes.iter().any(|other| other.name == node.name) {
            true => "nothing of it has changed",
            false => "the files that are made of it are there",
        };
        NodeRow {
            name: node.name.clone(),
            kind: match node.kind {
                StripKind::Track => "track",
                StripKind::Bus => "bus",
                StripKind::Mix => "mix",
                StripKind::Master => "master",
            },
            key: keys.last().map(media::hex).unwrap_or_default(),
            segments: keys.clone(),
            inputs: node.inputs.iter().map(|e| whole.nodes[e.from].name.clone()).collect(),
            hit: why.is_none(),
            why: why.unwrap_or_else(|| there.to_string()),
            seconds_estimated: length * cost(node) * 1e-9,
        }
    };
    whole.nodes.iter().zip(&keys).map(row).collect()
}

/// Of every node that is left to a build: why it would run; `None` for what is there.
fn states(
    world: &dyn World,
    loaded: &Loaded,
    standing: &Standing,
    before: Option<&Before>,
    summed: Option<&Before>,
) -> Vec<(String, Option<String>)> {
    let mut plan = standing.wanted.plan.clone();
    let mut trail = before::trail(&plan, loaded);
    let store = if world.stores() { world.store() } else { None };
    if let Some(summed) = summed {
        trail.follow(&mut plan, &summed.plan, &summed.trail, &summed.gone, loaded.files.len());
    }
    let past = store.as_ref().map(|store| Past { store: &**store, trail: &trail, spared: &[] });
    let ran = engine::foresee(&plan, past);
    let compare = Compare { loaded, plan: &plan, trail: &trail, before };
    let why = |(index, ran): (usize, &usize)| {
        let why = (*ran > 0).then(|| match &store {
            Some(_) => compare.why(index),
            None => "there is no cache".to_string(),
        });
        (plan.nodes[index].name.clone(), why)
    };
    ran[..trail.own].iter().enumerate().map(why).collect()
}

/// A guess at the nanoseconds that a frame of a strip takes: reading or summing, then a little for every parameter of its effects.
fn cost(node: &Node) -> f64 {
    let slots: usize = node.inserts.iter().map(|i| i.args.slots()).sum();
    8.0 + 2.0 * node.inputs.len() as f64 + 1.5 * slots as f64
}
