use std::io::ErrorKind;
use std::path::Path;

use super::load::{Loaded, load};
use super::request::{Artifact, Built, Kind, Observer, Request};
use super::survey::{self, Surveyed};
use super::targets::Target;
use crate::diag::{Code, Diagnostic};
use crate::dsp::parts::dither::Noise;
use crate::engine::{self, Delivery, Failure, Finished, Options, Sink, Watcher};
use crate::graph::plan::{Output, Plan};
use crate::media::{ReadError, WriteError};
use crate::script::Reading;
use crate::session::Dither;
use crate::units::{Db, Frames};
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
    let wants: Vec<_> = targets.iter().map(|t| t.want.clone()).chain(expected.wants()).collect();
    match survey::trims(world, loaded, &wants, request, observer) {
        Surveyed::Done => {}
        Surveyed::Cancelled => return built.cancelled = true,
        Surveyed::Failed { outside } => return built.outside |= outside,
    }
    let Some(compiled) = &loaded.compiled else { return };
    let plan = compiled.plan(&loaded.session, &wants);
    let files = targets.iter().zip(&plan.outputs).map(|(t, output)| Sink::File(delivery(t, output, request)));
    let sinks: Vec<Sink> = files.chain(expected.sinks()).collect();
    for folder in targets.iter().filter_map(|t| t.path.parent()) {
        // what a killed run left behind; a folder that does not exist yet has nothing to sweep
        let _ = world.sweep(folder);
    }
    let options = Options::new(request.threads, request.block);
    match engine::run(&plan, &loaded.files, &sinks, world, &options, &Watch(observer)) {
        Ok(mut finished) => {
            let readings = finished.written.split_off(targets.len());
            built.judged = expected.judge(&loaded.session, plan.rate, &readings, &mut loaded.diagnostics);
            finish(finished, &plan, targets, loaded, observer, built);
        }
        Err(Failure::Cancelled) => built.cancelled = true,
        Err(failure) => {
            built.outside |= outside(&failure);
            loaded.diagnostics.push(explain(&failure, &plan, targets, loaded));
        }
    }
}

fn delivery(target: &Target, output: &Output, request: &Request) -> Delivery {
    // without dither only where every sample is proven to lie on the file's grid already
    let exact = output.depth.is_some_and(|depth| depth <= target.bits) && output.fade_in == 0 && output.fade_out == 0;
    Delivery {
        path: target.path.clone(),
        format: target.format,
        bits: target.bits,
        rate: target.rate,
        last: None,
        noise: match target.dither {
            Dither::None => Noise::None,
            Dither::Auto if exact => Noise::None,
            Dither::Auto | Dither::Tpdf => Noise::Tpdf,
            Dither::Shaped => Noise::Shaped,
        },
        seed: target.seed,
        full: request.measure_all || target.kind != Kind::Stem,
    }
}

fn finish(
    finished: Finished,
    plan: &Plan,
    targets: &[Target],
    loaded: &mut Loaded,
    observer: &dyn Observer,
    built: &mut Built,
) {
    if let Some(worst) = finished.proof.filter(|worst| *worst > STEMS_DIFFER) {
        loaded.diagnostics.push(Diagnostic::error(
            Code::STEMS,
            format!("the stems do not sum to what the mix hears: they differ by {:.1} dBFS", Db::of(worst).value()),
        ));
    }
    for (target, written) in targets.iter().zip(finished.written) {
        if written.clipped > 0 && target.bits < 32 {
            loaded.diagnostics.push(
                Diagnostic::warning(
                    Code::CLIPPED,
                    format!("`{}`: {} samples over full scale were held there", target.name, written.clipped),
                )
                .help("turn it down, put a `limiter()` last, or deliver `bits: 32`, which has no ceiling"),
            );
        }
        let m = &written.measurement;
        let service = target.target.as_ref().and_then(|name| {
            let service = loaded.session.target(name)?;
            Some((service.title().to_string(), service.plays(m.integrated_lufs?, m.true_peak_dbtp?)?))
        });
        let artifact = Artifact {
            target: target.name.clone(),
            kind: target.kind,
            path: target.path.clone(),
            measurement: written.measurement,
            clipped: written.clipped,
            asked: Some(target.asked).filter(|a| a.needs_solving()),
            solved: None,
            service,
        };
        observer.artifact(&artifact);
        built.artifacts.push(artifact);
    }
    let longest = plan.outputs.iter().take(targets.len()).map(|o| o.to - o.from).max().unwrap_or(0);
    built.audio_seconds = Frames::new(longest).seconds(plan.rate).value();
    built.nodes_rendered = plan.nodes.len();
    built.ok = !loaded.diagnostics.has_errors();
}

/// The machine ended it, not the script or the sound.
pub(super) fn outside(failure: &Failure) -> bool {
    matches!(failure, Failure::Write { .. } | Failure::Threads(_))
        || matches!(failure, Failure::Read { error, .. } if super::files::outside(error))
}

/// What ended a render, in words.
pub(super) fn explain(failure: &Failure, plan: &Plan, targets: &[Target], loaded: &Loaded) -> Diagnostic {
    match failure {
        Failure::Cancelled => Diagnostic::error(Code::WRITE, "the render was stopped"),
        Failure::Read { material, error } => {
            let path = loaded.files[*material].path.display();
            let code = match **error {
                ReadError::Changed => Code::FILE_CHANGED,
                ReadError::Truncated { .. } => Code::FILE_TRUNCATED,
                _ => Code::FILE_UNREADABLE,
            };
            Diagnostic::error(code, format!("`{path}`: {error}"))
                .help("nothing was written; render again when the file is whole")
        }
        Failure::Write { output, error } => {
            // only files are written
            let path = targets.get(*output).map_or(Path::new(""), |t| &t.path).display();
            let kind = match error {
                WriteError::Io(error) => Some(error.kind()),
                _ => None,
            };
            let help = match kind {
                Some(ErrorKind::StorageFull) => "make room on the disk; what was there before is untouched",
                Some(ErrorKind::PermissionDenied | ErrorKind::ReadOnlyFilesystem) => {
                    "render into another folder: `-o DIR`; what was there before is untouched"
                }
                Some(ErrorKind::IsADirectory) => "a folder has this name: give the delivery another",
                _ => "what was there before is untouched",
            };
            Diagnostic::error(Code::WRITE, format!("`{path}` could not be written: {error}")).help(help)
        }
        Failure::NotFinite { node, song } => {
            let node = &plan.nodes[*node];
            let at = Frames::new(*song).seconds(plan.rate);
            Diagnostic::error(
                Code::NOT_FINITE,
                format!("`{}` is no sound any more at {at}: a sample is no number, or over +60 dBFS", node.name),
            )
            .label(loaded.session.strip(node.strip).loc.0, "this strip")
            .help("look for a runaway gain, or for a source that is broken there")
        }
        Failure::Refused { node, message } => {
            Diagnostic::error(Code::REFUSED, format!("an effect on `{node}` cannot be built: {message}"))
        }
        Failure::Threads(text) => Diagnostic::error(Code::WRITE, format!("no threads could be started: {text}")),
    }
}

struct Watch<'a>(&'a dyn Observer);

impl Watcher for Watch<'_> {
    fn progress(&self, done: u64, total: u64) {
        self.0.progress(done, total);
    }

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}
