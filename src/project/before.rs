//! The session as it was when it was built before: its texts are remembered, so that it can be read and planned once more. What has changed is known by
//! comparing the two, and what was in a sum can be taken out of it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::load::{For, Loaded, load};
use super::request::Request;
use super::solved::Taps;
use super::survey::{self, Surveyed};
use crate::engine::SEGMENT;
use crate::graph::plan::Plan;
use crate::graph::{Key, Trail, Want};
use crate::script;
use crate::world::{Overlay, World};

/// The texts that a build was made from, and what it played.
#[derive(Serialize, Deserialize)]
struct Texts {
    read: Vec<(PathBuf, String)>,
    /// Looked for, and not there.
    missing: Vec<PathBuf>,
    /// What was set from outside.
    set: Vec<(String, String)>,
    /// What its sounds were.
    sounds: Vec<(PathBuf, u128)>,
}

/// An earlier session, planned for what is wanted now.
pub(super) struct Before {
    pub(super) loaded: Loaded,
    pub(super) plan: Plan,
    pub(super) trail: Trail,
    /// By material: its file has become another, and cannot be played as it was.
    pub(super) gone: Vec<bool>,
}

/// Which earlier session.
#[derive(Clone, Copy, Debug)]
pub(super) enum Which {
    /// That of the last build that ended well: what has changed since is told.
    Last,
    /// That of the last build which left all its sums in the store: what has changed since is taken out of them.
    Summed,
}

fn key(world: &dyn World, script: &Path, what: &str) -> [u8; 32] {
    let mut key = blake3::Hasher::new_derive_key("mixdown: what is left of an earlier build, 5");
    key.update(what.as_bytes()).update(world.canonical(script).as_os_str().as_encoded_bytes());
    *key.finalize().as_bytes()
}

fn place(world: &dyn World, script: &Path, which: Which) -> [u8; 32] {
    match which {
        Which::Last => key(world, script, "last"),
        Which::Summed => key(world, script, "summed"),
    }
}

/// The sums that the last run did not keep.
pub(super) fn spared(world: &dyn World, script: &Path) -> Vec<Key> {
    let bytes = world.recall(&key(world, script, "spared"));
    bytes.and_then(|bytes| postcard::from_bytes(&bytes).ok()).unwrap_or_default()
}

pub(super) fn spare(world: &dyn World, script: &Path, spared: &[Key]) {
    if let Ok(bytes) = postcard::to_stdvec(spared) {
        world.remember(&key(world, script, "spared"), &bytes);
    }
}

/// Keeps the texts of a build.
pub(super) fn remember(world: &dyn World, script: &Path, which: Which, loaded: &Loaded, set: &[(String, String)]) {
    let Loaded { read, missing, sources, files, materials, .. } = loaded;
    let text = |path: &PathBuf| {
        let name = path.display().to_string();
        let source = sources.iter().map(|(_, source)| source).find(|source| source.name == name)?;
        Some((path.clone(), source.text.to_string()))
    };
    let Some(read) = read.iter().map(text).collect() else { return };
    let sounds = files.iter().zip(materials).map(|(file, material)| (file.path.clone(), material.seal)).collect();
    let texts = Texts { read, missing: missing.clone(), set: set.to_vec(), sounds };
    if let Ok(bytes) = postcard::to_stdvec(&texts) {
        world.remember(&place(world, script, which), &bytes);
    }
}

/// An earlier session. `None` where there was none, or where it cannot be planned any more (its files are gone, it asked for other things).
pub(super) fn recall(world: &dyn World, script: &Path, which: Which, request: &Request) -> Option<Before> {
    let texts: Texts = postcard::from_bytes(&world.recall(&place(world, script, which))?).ok()?;
    let read = texts.read.into_iter().map(|(path, text)| (path, Some(text)));
    let overlay = Overlay::of(world, read.chain(texts.missing.into_iter().map(|path| (path, None))));
    let mut loaded = load(&overlay, script, script::read_set(&overlay, script, &texts.set), For::Planning);
    let then = |path: &Path| texts.sounds.iter().find(|(other, _)| other == path).map(|(_, seal)| *seal);
    let mut gone = Vec::new();
    for (file, material) in loaded.files.iter().zip(&mut loaded.materials) {
        let seal = then(&file.path).unwrap_or(material.seal);
        gone.push(seal != material.seal);
        material.seal = seal;
    }
    let targets = super::targets(&overlay, script, &mut loaded, request)?;
    let taps = Taps::of(loaded.compiled.as_ref()?, targets.iter());
    let wants: Vec<Want> = targets.iter().map(|t| t.want.clone()).chain(taps.wants()).collect();
    if survey::trims(&overlay, &mut loaded, &wants, request, &()) != Surveyed::Done {
        return None;
    }
    let plan = loaded.compiled.as_ref()?.plan(&loaded.session, &wants);
    let trail = trail(&plan, &loaded);
    Some(Before { loaded, plan, trail, gone })
}

/// The keys of a plan, for as many segments as its outputs can ask for.
pub(super) fn trail(plan: &Plan, loaded: &Loaded) -> Trail {
    /// What limiters and converters at a file's end look ahead to, and more.
    const AHEAD: i64 = 4 * SEGMENT as i64;
    let latest = plan.nodes.iter().map(|node| node.latency.pre).max().unwrap_or(0);
    let segments = (plan.length + latest + AHEAD) / SEGMENT as i64;
    Trail::new(plan, &loaded.materials, SEGMENT as i64, segments as usize)
}
