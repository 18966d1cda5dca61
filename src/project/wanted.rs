//! What a build must run: the plan of the files that are not there yet and of what is to be read, and what becomes of each of its outputs.

use std::path::Path;

use super::build::sink;
use super::expect::Expected;
use super::request::Request;
use super::reuse;
use super::solved::Taps;
use super::targets::Target;
use crate::engine::{Sink, Written};
use crate::graph::plan::Plan;
use crate::graph::{Compiled, Key, Want};
use crate::session::Session;
use crate::world::World;

/// A plan's outputs are files, then what is kept for solves, then readings.
pub(super) struct Wanted {
    /// The targets that need no solve, in the order of the plan's first outputs.
    pub(super) plain: Vec<usize>,
    pub(super) taps: Taps,
    pub(super) plan: Plan,
    pub(super) sinks: Vec<Sink>,
}

impl Wanted {
    /// Everything but the targets that are `there`.
    pub(super) fn new(
        compiled: &Compiled,
        session: &Session,
        targets: &[Target],
        there: &[bool],
        expected: Option<&Expected>,
        request: &Request,
    ) -> Wanted {
        let missing = || targets.iter().enumerate().filter(|(index, _)| !there[*index]);
        let taps = Taps::of(compiled, missing().map(|(_, target)| target));
        let plain: Vec<usize> = missing().filter(|(_, t)| t.solves().is_none()).map(|(index, _)| index).collect();
        let files = plain.iter().map(|i| targets[*i].want.clone());
        let readings = expected.into_iter().flat_map(Expected::wants);
        let wants: Vec<Want> = files.chain(taps.wants()).chain(readings).collect();
        let plan = compiled.plan(session, &wants);
        // what is kept lies beside the first file that is made of it
        let beside = taps.chains.iter().filter_map(|(tap, _)| targets.iter().find(|t| t.solves() == Some(*tap)));
        let sinks = plain
            .iter()
            .zip(&plan.outputs)
            .map(|(i, output)| sink(&targets[*i], output, plan.rate, None, request))
            .chain(beside.map(|target| Sink::Spool(target.path.clone())))
            .chain(expected.into_iter().flat_map(Expected::sinks))
            .collect();
        Wanted { plain, taps, plan, sinks }
    }

    /// Where the files of its outputs go, as far as they have a name.
    pub(super) fn paths<'t>(&self, targets: &'t [Target]) -> impl Iterator<Item = &'t Target> {
        let beside = self.taps.chains.iter().filter_map(|(tap, _)| targets.iter().find(|t| t.solves() == Some(*tap)));
        let beside: Vec<&Target> = beside.collect();
        self.plain.iter().map(|i| &targets[*i]).chain(beside).collect::<Vec<_>>().into_iter()
    }

    /// Under what each target is known, where all of them are wanted: `sounds` are the keys of the plan's outputs.
    pub(super) fn keys(&self, targets: &[Target], sounds: &[Key], request: &Request) -> Vec<Key> {
        let key = |(index, target): (usize, &Target)| {
            let place = match target.solves().and_then(|tap| self.taps.place(tap)) {
                Some(tap) => self.plain.len() + tap,
                None => self.plain.iter().position(|i| *i == index)?,
            };
            let form = sink(target, self.plan.outputs.get(place)?, self.plan.rate, None, request);
            Some(reuse::key(target, sounds.get(place)?, &form))
        };
        let own: Vec<Key> = targets.iter().enumerate().filter_map(key).collect();
        // how a version is driven depends on the sound that it follows
        let whole = |(target, own_key): (&Target, &Key)| match target.leader.and_then(|leader| own.get(leader)) {
            Some(leader) => reuse::following(own_key, leader),
            None => *own_key,
        };
        targets.iter().zip(&own).map(whole).collect()
    }

    /// Those of `sounds`, the keys of the plan's outputs, that are only read.
    pub(super) fn heard(&self, sounds: &[Key]) -> Vec<Key> {
        sounds.iter().skip(self.plain.len() + self.taps.chains.len()).copied().collect()
    }

    /// What is read of the sounds `heard`.
    fn reads<'a>(&'a self, heard: &'a [Key]) -> impl Iterator<Item = (&'a Key, &'a Sink)> {
        heard.iter().zip(self.sinks.iter().skip(self.plain.len() + self.taps.chains.len()))
    }

    /// All readings of `heard`, if every one is remembered.
    pub(super) fn recall(&self, world: &dyn World, heard: &[Key]) -> Option<Vec<Written>> {
        self.reads(heard).map(|(sound, sink)| reuse::recall_reading(world, sound, sink)).collect()
    }

    pub(super) fn remember(&self, world: &dyn World, heard: &[Key], readings: &[Written]) {
        for ((sound, sink), written) in self.reads(heard).zip(readings) {
            reuse::remember_reading(world, sound, sink, &written.measurement);
        }
    }
}

/// The paths of files, for looking whether they are there.
pub(super) fn places<'a>(targets: &'a [Target], keys: &[Key]) -> Vec<(&'a Path, Key)> {
    targets.iter().zip(keys).map(|(target, key)| (target.path.as_path(), *key)).collect()
}
