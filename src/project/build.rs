use std::path::Path;

use super::failure::{explain, outside};
use super::load::{Loaded, load};
use super::request::{Artifact, Built, Kind, Observer, Request, Solved};
use super::solved::{self, Solving, Taps};
use super::survey::{self, Surveyed};
use super::targets::Target;
use super::watch::Watch;
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::dsp::parts::dither::Noise;
use crate::engine::{self, Delivery, Failure, Job, Last, Options, Sink, Written};
use crate::graph::plan::Output;
use crate::graph::{self, Chain, Want};
use crate::script::Reading;
use crate::session::{Dither, Session, Tap};
use crate::units::{Db, Frames, Rate};
use crate::world::World;

/// Stems whose sum is further from the mix's input than this have lost or doubled something: what rounding leaves is below -140 dBFS.
const STEMS_DIFFER: f64 = 1e-6;

/// Renders what is asked for. Every mistake is among the diagnostics; what was written is among the artifacts.
pub fn build(world: &dyn World, script: &Path, request: &Request, observer: &dyn Observer) -> Built {
    build_read(world, script, crate::script::read(world, script), request, observer)
}

/// The same with a script that was read before.
pub fn build_read(
    world: &dyn World,
    script: &Path,
    reading: Reading,
    request: &Request,
    observer: &dyn Observer,
) -> Built {
    let mut loaded = load(world, script, reading, false);
    let wanted = super::targets(world, script, &mut loaded, request);
    let mut built = Built {
        nodes_total: loaded.session.strips.len(),
        ok: false,
        cancelled: false,
        outside: loaded.outside,
        audio_seconds: 0.0,
        nodes_rendered: 0,
        nodes_reused: 0,
        judged: Vec::new(),
        artifacts: Vec::new(),
        sources: Default::default(),
        diagnostics: Default::default(),
    };
    if let Some(targets) = wanted {
        render(world, &mut loaded, &targets, request, observer, &mut built);
    }
    built.sources = loaded.sources;
    built.diagnostics = loaded.diagnostics;
    built
}

fn render(
    world: &dyn World,
    loaded: &mut Loaded,
    targets: &[Target],
    request: &Request,
    observer: &dyn Observer,
    built: &mut Built,
) {
    let expected = std::mem::take(&mut loaded.expected).on(request);
    let needed: Vec<Want> = targets.iter().map(|t| t.want.clone()).chain(expected.wants()).collect();
    match survey::trims(world, loaded, &needed, request, observer) {
        Surveyed::Done => {}
        Surveyed::Cancelled => return built.cancelled = true,
        Surveyed::Failed { outside } => return built.outside |= outside,
    }
    let Some(compiled) = &loaded.compiled else { return };
    let taps = Taps::of(compiled, targets);
    let plain: Vec<usize> = (0..targets.len()).filter(|i| targets[*i].solves().is_none()).collect();
    let files = plain.iter().map(|i| targets[*i].want.clone());
    let wants: Vec<Want> = files.chain(taps.wants()).chain(expected.wants()).collect();
    let plan = compiled.plan(&loaded.session, &wants);
    // what is kept lies beside the first file that is made of it
    let first = |(tap, _): &(Tap, Chain)| targets.iter().find(|t| t.solves() == Some(*tap));
    let sinks: Vec<Sink> = plain
        .iter()
        .zip(&plan.outputs)
        .map(|(i, output)| sink(&targets[*i], output, plan.rate, None, request))
        .chain(taps.chains.iter().filter_map(first).map(|t| Sink::Spool(t.path.clone())))
        .chain(expected.sinks())
        .collect();
    for folder in targets.iter().filter_map(|t| t.path.parent()) {
        // what a killed run left behind; a folder that does not exist yet has nothing to sweep
        let _ = world.sweep(folder);
    }
    let longest =
        targets.iter().map(|t| graph::range(&t.want, compiled.length)).map(|(_, _, from, to)| to - from).max();
    built.audio_seconds = Frames::new(longest.unwrap_or(0)).seconds(plan.rate).value();
    built.nodes_rendered = plan.nodes.len();
    let options = Options::new(request.threads, request.block);
    let job = Job { plan: &plan, files: &loaded.files, spools: &[], sinks: &sinks, world, options };
    let solving = Solving { world, targets, taps: &taps, request, observer };
    let session = &loaded.session;
    let mut artifacts: Vec<(usize, Artifact)> = Vec::new();
    let mut found = Diagnostics::default();
    let mut clipped = Vec::new();
    let mut judged = Vec::new();
    let mut add = |index: usize, written: Written, solved: Option<Solved>| {
        let target = &targets[index];
        clipped.extend(over(target, &written));
        let artifact = artifact(target, written, solved, session);
        observer.artifact(&artifact);
        artifacts.push((index, artifact));
    };
    // driving what was kept is the last part of the work
    let watch =
        if taps.chains.is_empty() { Watch::whole(observer) } else { Watch::part(observer, 0.0, solved::BEGINS) };
    let mut go = || -> Result<(), (Failure, Vec<String>)> {
        let paths = || names(plain.iter().map(|i| &targets[*i]).chain(taps.chains.iter().filter_map(first)));
        let rendered = engine::run(&job, &watch).map_err(|failure| (failure, paths()))?;
        proven(rendered.proof).into_iter().for_each(|d| found.push(d));
        let mut written = rendered.keep(|_| true).map_err(|failure| (failure, paths()))?.into_iter().flatten();
        for index in &plain {
            if let Some(written) = written.next() {
                add(*index, written, None);
            }
        }
        let kept = written.by_ref().take(taps.chains.len()).filter_map(|written| written.kept).collect();
        let readings: Vec<Written> = written.collect();
        judged = expected.judge(session, plan.rate, &readings, &mut found);
        solving.run(compiled, kept, &mut found, &mut |(index, written, solved)| add(index, written, Some(solved)))
    };
    let result = go();
    built.judged = judged;
    clipped.into_iter().for_each(|d| found.push(d));
    let failed = match &result {
        Err((failure, paths)) => {
            built.cancelled = matches!(failure, Failure::Cancelled);
            built.outside |= outside(failure);
            (!built.cancelled).then(|| explain(failure, &plan, paths, loaded))
        }
        Ok(()) => None,
    };
    failed.into_iter().for_each(|d| found.push(d));
    loaded.diagnostics.extend(found);
    built.ok = result.is_ok() && !loaded.diagnostics.has_errors();
    artifacts.sort_by_key(|(index, _)| *index);
    built.artifacts = artifacts.into_iter().map(|(_, artifact)| artifact).collect();
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
        full: request.measure_all || target.kind != Kind::Stem,
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
    Artifact {
        target: target.name.clone(),
        kind: target.kind,
        path: target.path.clone(),
        measurement: written.measurement,
        clipped: written.clipped,
        asked: target.asked.needs_solving().then_some(target.asked),
        solved,
        service,
    }
}
