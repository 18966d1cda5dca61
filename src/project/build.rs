use std::path::Path;

use super::before::{self, Which};
use super::failure::{explain, outside};
use super::load::{For, Loaded, load};
use super::probe::probe;
use super::request::{Artifact, Built, Kind, Observer, Request, Solved};
use super::solved::{self, Solving};
use super::standing::Standing;
use super::survey::{self, Surveyed};
use super::targets::Target;
use super::watch::Watch;
use super::{reuse, run};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::dsp::parts::dither::Noise;
use crate::engine::{Delivery, Failure, Last, Sink, Written};
use crate::graph::plan::Output;
use crate::graph::{self, Compiled, Want};
use crate::script::Reading;
use crate::session::{Asked, Dither, Session};
use crate::units::{Db, Frames, Rate};
use crate::world::World;

/// Stems whose sum is further from the mix's input than this have lost or doubled something: what rounding leaves is below -140 dBFS.
const STEMS_DIFFER: f64 = 1e-6;

/// Renders what is asked for. Every mistake is among the diagnostics; what was written is among the artifacts.
pub fn build(world: &dyn World, script: &Path, request: &Request, observer: &dyn Observer) -> Built {
    observer.phase("reading the script");
    build_read(world, script, crate::script::read_set(world, script, &request.set), request, observer)
}

/// The same with a script that was read before.
pub fn build_read(
    world: &dyn World,
    script: &Path,
    reading: Reading,
    request: &Request,
    observer: &dyn Observer,
) -> Built {
    let mut loaded = load(world, script, reading, For::Building);
    let wanted = super::targets(world, script, &mut loaded, request);
    super::advice::advise(world, &mut loaded);
    let mut built = Built {
        nodes_total: loaded.compiled.as_ref().map_or(loaded.session.strips.len(), Compiled::strips),
        ok: false,
        cancelled: false,
        outside: loaded.outside,
        audio_seconds: 0.0,
        nodes_rendered: 0,
        nodes_reused: 0,
        rendered: Vec::new(),
        exact: true,
        judged: Vec::new(),
        artifacts: Vec::new(),
        sources: Default::default(),
        diagnostics: Default::default(),
    };
    if let Some(targets) = wanted {
        render(world, script, &mut loaded, &targets, request, observer, &mut built);
    }
    built.sources = loaded.sources;
    built.diagnostics = loaded.diagnostics;
    built
}

fn render(
    world: &dyn World,
    script: &Path,
    loaded: &mut Loaded,
    targets: &[Target],
    request: &Request,
    observer: &dyn Observer,
    built: &mut Built,
) {
    // what is there may turn out to need no writing, where anything is known of it
    let new = |target: &&Target| !world.stores() || !world.exists(&target.path);
    if !writable(world, targets.iter().filter(new), &mut loaded.diagnostics) {
        return built.outside = true;
    }
    let expected = std::mem::take(&mut loaded.expected).on(request);
    let needed: Vec<Want> = targets.iter().map(|t| t.want.clone()).chain(expected.wants()).collect();
    observer.phase("knowing the sources");
    match survey::trims(world, loaded, &needed, request, observer) {
        Surveyed::Done => {}
        Surveyed::Cancelled => return built.cancelled = true,
        Surveyed::Failed { outside } => return built.outside |= outside,
    }
    if world.stores()
        && let Some(plan) = loaded.compiled.as_ref().map(|compiled| compiled.plan(&loaded.session, &needed))
        && let Err(failure) = survey::know(world, loaded, &plan, request, observer)
    {
        built.cancelled = matches!(failure, Failure::Cancelled);
        built.outside |= outside(&failure);
        return survey::tell(&failure, &plan, loaded);
    }
    observer.phase("finding what is there");
    let Some(compiled) = &loaded.compiled else { return };
    let longest =
        targets.iter().map(|t| graph::range(&t.want, compiled.length)).map(|(_, _, from, to)| to - from).max();
    built.audio_seconds = Frames::new(longest.unwrap_or(0)).seconds(compiled.rate()).value();
    let session = &loaded.session;
    let mut standing = Standing::new(world, loaded, compiled, targets, &expected, request, &|| observer.cancelled());
    if observer.cancelled() {
        return built.cancelled = true;
    }
    let there = standing.skips(targets);
    let old = targets.iter().zip(&there).filter(|(target, there)| !**there && !new(target)).map(|(target, _)| target);
    if !writable(world, old, &mut loaded.diagnostics) {
        return built.outside = true;
    }
    let keys = std::mem::take(&mut standing.keys);
    let mut made = Made { session, targets, world, observer, keys, artifacts: Vec::new(), clipped: Vec::new() };
    let all = standing.plan().nodes.len();
    let known: Vec<Option<Solved>> = standing.there.iter().map(|known| known.as_ref()?.1).collect();
    for (index, (written, solved)) in standing.there.into_iter().enumerate().filter_map(|(i, known)| Some((i, known?)))
    {
        made.found(index, written, solved);
    }
    let (wanted, heard, mut readings) = (standing.wanted, standing.heard, standing.readings);
    for folder in targets.iter().filter_map(|target| target.path.parent()) {
        // what a killed run left behind; a folder that does not exist yet has nothing to sweep
        let _ = world.sweep(folder);
    }
    let solving = Solving { world, targets, there: &there, known: &known, taps: &wanted.taps, request, observer };
    // driving what was kept is the last part of the work
    let watch =
        if wanted.taps.chains.is_empty() { Watch::whole(observer) } else { Watch::part(observer, 0.0, solved::BEGINS) };
    let mut found = Diagnostics::default();
    let (mut judged, open) = (Vec::new(), readings.is_none());
    let mut go = || -> Result<(), (Failure, Vec<String>)> {
        let failed = |failure| (failure, names(wanted.paths(targets)));
        let mut kept = Vec::new();
        if !wanted.plan.outputs.is_empty() {
            observer.phase("rendering");
            let rendered = run::run(world, script, loaded, &wanted, request, &watch).map_err(failed)?;
            let ran = wanted.plan.nodes.iter().zip(&rendered.ran).filter(|(_, ran)| **ran > 0);
            built.rendered = ran.map(|(node, _)| node.name.clone()).collect();
            built.nodes_rendered = built.rendered.len();
            built.exact = rendered.exact;
            proven(rendered.proof).into_iter().for_each(|d| found.push(d));
            observer.phase("finishing files");
            let mut written = rendered.keep(|_| true).map_err(failed)?.into_iter().flatten();
            for (index, written) in wanted.plain.iter().zip(written.by_ref()) {
                made.add(*index, written, None);
            }
            kept = written.by_ref().take(wanted.taps.chains.len()).filter_map(|written| written.kept).collect();
            readings.get_or_insert_with(|| written.collect());
        }
        let readings = readings.take().unwrap_or_default();
        if open {
            wanted.remember(world, &heard, &readings);
        }
        judged = expected.judge(session, compiled.rate(), &readings, &mut found);
        observer.phase("bringing files to their loudness");
        solving.run(compiled, kept, &mut found, &mut |(index, written, solved)| {
            made.add(index, written, Some(solved));
        })
    };
    let result = go();
    observer.phase("remembering");
    built.nodes_reused = all.saturating_sub(built.nodes_rendered);
    built.judged = judged;
    let Made { mut artifacts, clipped, .. } = made;
    clipped.into_iter().for_each(|d| found.push(d));
    let failed = match &result {
        Err((failure, paths)) => {
            built.cancelled = matches!(failure, Failure::Cancelled);
            built.outside |= outside(failure);
            (!built.cancelled).then(|| explain(failure, &wanted.plan, paths, loaded))
        }
        Ok(()) => None,
    };
    failed.into_iter().for_each(|d| found.push(d));
    loaded.diagnostics.extend(found);
    built.ok = result.is_ok() && !loaded.diagnostics.has_errors();
    if built.ok && world.stores() && request.preroll.is_none() {
        before::remember(world, script, Which::Last, loaded, &request.set);
    }
    artifacts.sort_by_key(|(index, _)| *index);
    built.artifacts = artifacts.into_iter().map(|(_, artifact)| artifact).collect();
}

/// Whether these can be written; what cannot is told.
fn writable<'t>(world: &dyn World, targets: impl Iterator<Item = &'t Target>, told: &mut Diagnostics) -> bool {
    let troubles = probe(world, targets);
    let free = troubles.is_empty();
    troubles.into_iter().for_each(|trouble| told.push(trouble));
    free
}

/// The files of a build, one after another.
struct Made<'a> {
    session: &'a Session,
    targets: &'a [Target],
    world: &'a dyn World,
    observer: &'a dyn Observer,
    /// Under what they are remembered, where they are.
    keys: Vec<graph::Key>,
    artifacts: Vec<(usize, Artifact)>,
    clipped: Vec<Diagnostic>,
}

impl Made<'_> {
    /// One that was written, with what was solved of it.
    fn add(&mut self, index: usize, written: Written, solved: Option<Solved>) {
        if let Some(key) = self.keys.get(index) {
            reuse::remember(self.world, &self.targets[index].path, *key, &written, solved);
        }
        self.tell(index, written, solved);
    }

    fn tell(&mut self, index: usize, written: Written, solved: Option<Solved>) {
        let target = &self.targets[index];
        self.clipped.extend(over(target, &written));
        let artifact = artifact(target, written, solved, self.session);
        self.observer.artifact(&artifact);
        self.artifacts.push((index, artifact));
    }

    /// One that was there.
    fn found(&mut self, index: usize, written: Written, solved: Option<Solved>) {
        let target = &self.targets[index];
        self.clipped.extend(over(target, &written));
        let artifact = Artifact { reused: true, ..artifact(target, written, solved, self.session) };
        self.observer.artifact(&artifact);
        self.artifacts.push((index, artifact));
    }
}

/// How a target is written from an output at `rate`, with a limiter at its end or without.
pub(super) fn sink(target: &Target, output: &Output, rate: Rate, last: Option<Last>, request: &Request) -> Sink {
    // without dither only where every sample is proven to lie on the file's grid already
    let untouched = output.fade_in == 0 && output.fade_out == 0 && last.is_none() && target.rate == rate;
    let exact = untouched && output.depth.is_some_and(|depth| depth <= target.bits);
    Sink::File(Delivery {
        path: target.path.clone(),
        format: target.format,
        bits: target.bits,
        rate: target.rate,
        last,
        noise: match target.dither {
            Dither::None => Noise::None,
            Dither::Auto if exact => Noise::None,
            Dither::Auto | Dither::Tpdf => Noise::Tpdf,
            Dither::Shaped => Noise::Shaped,
        },
        seed: target.seed,
        // a chunk for broadcasters says all of it
        full: request.measure_all || target.kind != Kind::Stem || target.about.broadcast.is_some(),
        about: target.about.clone(),
        compression: target.compression,
        told: !request.untold,
    })
}

pub(super) fn names<'a>(targets: impl Iterator<Item = &'a Target>) -> Vec<String> {
    targets.map(|t| t.path.display().to_string()).collect()
}

fn proven(worst: Option<f64>) -> Option<Diagnostic> {
    let worst = worst.filter(|worst| *worst > STEMS_DIFFER)?;
    let text = format!("the stems do not sum to what the mix hears: they differ by {:.1} dBFS", Db::of(worst).value());
    Some(Diagnostic::error(Code::STEMS, text))
}

fn over(target: &Target, written: &Written) -> Option<Diagnostic> {
    (written.clipped > 0 && target.bits < 32).then(|| {
        let text = format!("`{}`: {} samples over full scale were held there", target.name, written.clipped);
        Diagnostic::warning(Code::CLIPPED, text)
            .help("turn it down, put a `limiter()` last, or deliver `bits: 32`, which has no ceiling")
    })
}

fn artifact(target: &Target, written: Written, solved: Option<Solved>, session: &Session) -> Artifact {
    let m = &written.measurement;
    let service = target.target.as_ref().and_then(|name| {
        let service = session.target(name)?;
        Some((service.title().to_string(), service.plays(m.integrated_lufs?, m.true_peak_dbtp?)?))
    });
    // a version that follows is as loud as it comes out
    let asked = match target.leader {
        Some(_) => Asked { loudness: None, ..target.asked },
        None => target.asked,
    };
    Artifact {
        target: target.name.clone(),
        kind: target.kind,
        path: target.path.clone(),
        measurement: written.measurement,
        clipped: written.clipped,
        asked: asked.needs_solving().then_some(asked),
        solved,
        service,
        reused: false,
    }
}
