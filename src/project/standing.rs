//! How things stand before a build: which files are there already, what is known of the readings, and what is left to be run.

use super::expect::Expected;
use super::load::Loaded;
use super::request::Request;
use super::reuse::{self, Known};
use super::targets::Target;
use super::wanted::{Wanted, places};
use crate::engine::Written;
use crate::graph::plan::Plan;
use crate::graph::{self, Compiled, Key};
use crate::media::Stopped;
use crate::world::World;

pub(super) struct Standing {
    /// What is left.
    pub(super) wanted: Wanted,
    /// The plan of everything, where that is another.
    whole: Option<Plan>,
    /// The targets that are there.
    pub(super) there: Vec<Option<Known>>,
    /// Under what each target is known; empty where nothing is.
    pub(super) keys: Vec<Key>,
    /// The sounds that are read.
    pub(super) heard: Vec<Key>,
    /// All readings, where every one is remembered.
    pub(super) readings: Option<Vec<Written>>,
}

impl Standing {
    /// `loaded` must know its files' content where anything is to be found.
    pub(super) fn new(
        world: &dyn World,
        loaded: &Loaded,
        compiled: &Compiled,
        targets: &[Target],
        expected: &Expected,
        request: &Request,
        stopped: Stopped<'_>,
    ) -> Standing {
        let nothing = vec![false; targets.len()];
        let wanted = Wanted::new(compiled, &loaded.session, targets, &nothing, Some(expected), request);
        if !world.stores() || request.preroll.is_some() {
            let there = targets.iter().map(|_| None).collect();
            return Standing { wanted, whole: None, there, keys: Vec::new(), heard: Vec::new(), readings: None };
        }
        let sounds = graph::output_keys(&wanted.plan, &loaded.materials);
        let keys = wanted.keys(targets, &sounds, request);
        let there = reuse::recall(world, &places(targets, &keys), request.threads, !request.untold, stopped);
        let heard = wanted.heard(&sounds);
        let readings = wanted.recall(world, &heard);
        let mut standing = Standing { wanted, whole: None, there, keys, heard, readings };
        if standing.there.iter().any(Option::is_some) || standing.readings.is_some() {
            let open = standing.readings.is_none().then_some(expected);
            let left = Wanted::new(compiled, &loaded.session, targets, &standing.skips(targets), open, request);
            standing.whole = Some(std::mem::replace(&mut standing.wanted, left).plan);
        }
        standing
    }

    /// Which targets are there; one that is made for others alone is when they are.
    pub(super) fn skips(&self, targets: &[Target]) -> Vec<bool> {
        let there = |index: usize| self.there[index].is_some();
        let followed = |index: usize| {
            let mut followers = targets.iter().enumerate().filter(|(_, t)| t.leader == Some(index));
            followers.all(|(follower, _)| there(follower))
        };
        targets.iter().enumerate().map(|(i, t)| there(i) || (t.hidden && followed(i))).collect()
    }

    /// The plan of everything that was asked for.
    pub(super) fn plan(&self) -> &Plan {
        self.whole.as_ref().unwrap_or(&self.wanted.plan)
    }
}
