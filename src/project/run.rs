//! Runs a plan on what earlier runs have left in the store, and leaves there what later ones can use.

use std::path::Path;

use super::before::{self, Which};
use super::load::Loaded;
use super::request::Request;
use super::survey;
use super::wanted::Wanted;
use super::watch::Watch;
use crate::engine::{self, Failure, File, Job, Options, Past, Rendered, SEGMENT};
use crate::graph::plan::Plan;
use crate::world::{Store, World};

/// What a run needs.
struct Running<'a> {
    world: &'a dyn World,
    loaded: &'a Loaded,
    wanted: &'a Wanted,
    options: Options,
    watch: &'a Watch<'a>,
}

/// Runs what is wanted.
pub(super) fn run(
    world: &dyn World,
    script: &Path,
    loaded: &Loaded,
    wanted: &Wanted,
    request: &Request,
    watch: &Watch<'_>,
) -> Result<Rendered, Failure> {
    let options = Options::new(request.threads, request.block);
    let running = Running { world, loaded, wanted, options, watch };
    let store = if world.stores() { world.store() } else { None };
    let Some(store) = store else { return running.go(&wanted.plan, &loaded.files, None, None) };
    let start = request.preroll.map(|seconds| start(wanted, seconds));
    let result = running.past(script, &*store, request, start);
    // what an earlier session needs can be gone since it was built: then everything is made of what is there
    let result = match result {
        Err(Failure::Read { .. } | Failure::NotFinite { .. } | Failure::Refused { .. }) => {
            let trail = before::trail(&wanted.plan, loaded);
            let past = Past { store: &*store, trail: &trail, spared: &[] };
            running.go(&wanted.plan, &loaded.files, Some(past), start)
        }
        result => result,
    };
    if !matches!(result, Ok(_) | Err(Failure::Cancelled)) || request.preroll.is_some() {
        return result;
    }
    // nothing may be kept of a file that became another meanwhile
    survey::same(world, loaded, &wanted.plan)?;
    store.keep();
    if let Ok(rendered) = &result {
        if rendered.summed {
            before::remember(world, script, Which::Summed, loaded, &request.set);
        }
        before::spare(world, script, &rendered.spared);
    }
    result
}

impl Running<'_> {
    /// With what the last build has left.
    fn past(
        &self,
        script: &Path,
        store: &dyn Store,
        request: &Request,
        start: Option<usize>,
    ) -> Result<Rendered, Failure> {
        let (mut trail, before) = engine::both(
            request.threads,
            || before::trail(&self.wanted.plan, self.loaded),
            || before::recall(self.world, script, Which::Summed, request),
        );
        let Some(before) = before else {
            let past = Past { store, trail: &trail, spared: &[] };
            return self.go(&self.wanted.plan, &self.loaded.files, Some(past), start);
        };
        let spared = before::spared(self.world, script);
        let mut plan = self.wanted.plan.clone();
        trail.follow(&mut plan, &before.plan, &before.trail, &before.gone, self.loaded.files.len());
        let files: Vec<File> = self.loaded.files.iter().chain(&before.loaded.files).cloned().collect();
        let mut rendered = self.go(&plan, &files, Some(Past { store, trail: &trail, spared: &spared }), start)?;
        rendered.ran.truncate(trail.own);
        Ok(rendered)
    }

    fn go(
        &self,
        plan: &Plan,
        files: &[File],
        past: Option<Past<'_>>,
        start: Option<usize>,
    ) -> Result<Rendered, Failure> {
        let Running { world, wanted, options, .. } = *self;
        engine::run(&Job { plan, files, spools: &[], sinks: &wanted.sinks, world, options, past, start }, self.watch)
    }
}

/// The segment before which a preview runs nothing: so many seconds before the first frame that anybody wants.
fn start(wanted: &Wanted, seconds: f64) -> usize {
    let first = wanted.plan.outputs.iter().map(|output| output.from).min().unwrap_or(0);
    let frames = (seconds * wanted.plan.rate.hz()) as i64;
    // nobody wants more of what is in a fader's or a limiter's way
    (first - frames).max(0) as usize / SEGMENT
}
