//! Trims to a measure: what comes into a strip is measured before anything is rendered, and what was measured is remembered by its content.

use std::collections::BTreeSet;

use super::failure::{explain, outside};
use super::gather::gather;
use super::load::Loaded;
use super::request::{Observer, Request};
use crate::analysis::{METER_VERSION, Measurement, What};
use crate::diag::{Code, Diagnostic};
use crate::engine::{self, Failure, Job, Options, Sink, Watcher};
use crate::graph::plan::Plan;
use crate::graph::{self, Want};
use crate::media::{self, ReadError};
use crate::session::{Level, StripId, Trim};
use crate::world::World;

/// Raised whenever an entry of the cache would say something else.
const VERSION: u32 = 1;

/// No trim to a measure moves a source by more, in dB.
const MOST: f64 = 60.0;

/// How it went; what is wrong is among the diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Surveyed {
    Done,
    Cancelled,
    /// `outside`: by the machine, not by the script or the sound.
    Failed {
        outside: bool,
    },
}

/// Gives every strip that `wants` need the trim in dB that brings what comes into it to the level asked for. Strips that feed one another are
/// surveyed after one another: what comes into a bus is known when its tracks are trimmed.
pub(super) fn trims(
    world: &dyn World,
    loaded: &mut Loaded,
    wants: &[Want],
    request: &Request,
    observer: &dyn Observer,
) -> Surveyed {
    while let Some(compiled) = &loaded.compiled {
        let wave = wave(&compiled.plan(&loaded.session, wants), loaded);
        if wave.is_empty() {
            return Surveyed::Done;
        }
        let levels = match levels(world, loaded, &wave, request, observer) {
            Ok(levels) => levels,
            Err(Failure::Cancelled) => return Surveyed::Cancelled,
            Err(failure) => return Surveyed::Failed { outside: outside(&failure) },
        };
        let mut told = Vec::new();
        for (asked, levels) in wave.iter().zip(levels) {
            let strip = &mut loaded.session.strips[asked.strip.0];
            strip.trim = asked.trim(levels, &strip.name, &mut told).map_or(strip.trim, Trim::By);
        }
        gather(told, &mut loaded.diagnostics);
        if loaded.diagnostics.has_errors() {
            loaded.diagnostics.sort();
            return Surveyed::Failed { outside: false };
        }
        loaded.compile();
    }
    Surveyed::Failed { outside: false }
}

/// A strip whose input is to be measured.
struct Asked {
    strip: StripId,
    level: Level,
    value: f64,
    loc: crate::session::Loc,
}

/// The strips of a plan whose trim is open while nothing that comes into them depends on another that is.
fn wave(plan: &Plan, loaded: &Loaded) -> Vec<Asked> {
    let mut wave = Vec::new();
    let mut waits = vec![false; plan.nodes.len()];
    for (index, node) in plan.nodes.iter().enumerate() {
        let into = node
            .inputs
            .iter()
            .any(|edge| waits[edge.from] || edge.follow.is_some_and(|key| waits[node.keys[key].from]));
        let trim = loaded.session.strip(node.strip).trim;
        // a strip may be there in several versions: it is measured as the session stands
        let known = wave.iter().any(|asked: &Asked| asked.strip == node.strip);
        if let (Trim::To { level, value, loc }, false) = (trim, into || known) {
            wave.push(Asked { strip: node.strip, level, value, loc });
        }
        waits[index] = into || matches!(trim, Trim::To { .. }) || node.keys.iter().any(|key| waits[key.from]);
    }
    wave
}

/// What was measured of an input; `None`: there is no such level.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Levels {
    /// LUFS.
    loudness: Option<f64>,
    /// dBFS.
    sample_peak: Option<f64>,
    /// dBTP.
    true_peak: Option<f64>,
}

/// The levels of what comes into each strip: recalled, or measured in one run. A failure has been told, unless it is a wish to stop.
fn levels(
    world: &dyn World,
    loaded: &mut Loaded,
    wave: &[Asked],
    request: &Request,
    observer: &dyn Observer,
) -> Result<Vec<Levels>, Failure> {
    let Some(compiled) = &loaded.compiled else { return Ok(Vec::new()) };
    let all: Vec<StripId> = wave.iter().map(|asked| asked.strip).collect();
    let plan = compiled.inputs(&loaded.session, &all);
    if let Err(failure) = know(world, loaded, &plan, request, observer) {
        tell(&failure, &plan, loaded);
        return Err(failure);
    }
    let inputs = graph::output_keys(&plan, &loaded.materials);
    let keys: Vec<[u8; 32]> = wave.iter().zip(&inputs).map(|(asked, input)| key(input, asked.level)).collect();
    let mut known: Vec<Option<Levels>> = keys.iter().map(|key| Levels::recall(world, key)).collect();
    // the same sound on several strips is measured once
    let missing: Vec<usize> =
        (0..wave.len()).filter(|i| known[*i].is_none() && !keys[..*i].contains(&keys[*i])).collect();
    if !missing.is_empty() {
        let Some(compiled) = &loaded.compiled else { return Ok(Vec::new()) };
        let strips: Vec<StripId> = missing.iter().map(|i| all[*i]).collect();
        let plan = compiled.inputs(&loaded.session, &strips);
        let sinks: Vec<Sink> = missing
            .iter()
            .zip(&plan.outputs)
            .map(|(i, output)| Sink::Meter { ranges: vec![(output.from, output.to)], what: what(wave[*i].level) })
            .collect();
        let options = Options::new(request.threads, request.block);
        let job = Job {
            plan: &plan,
            files: &loaded.files,
            spools: &[],
            sinks: &sinks,
            world,
            options,
            past: None,
            start: None,
        };
        let rendered =
            engine::run(&job, &Watch(observer)).and_then(|rendered| same(world, loaded, &plan).map(|()| rendered));
        let rendered = rendered.inspect_err(|failure| tell(failure, &plan, loaded))?;
        for (i, measured) in missing.iter().zip(&rendered.measured) {
            let levels = Levels::of(measured);
            world.remember(&keys[*i], &levels.bytes());
            known[*i] = Some(levels);
        }
    }
    let alike = |i: usize| keys.iter().position(|key| *key == keys[i]).and_then(|first| known[first]);
    Ok((0..wave.len()).map(|i| known[i].or_else(|| alike(i)).unwrap_or(Levels::NONE)).collect())
}

/// What the files of a plan hold, as far as it is not known yet.
pub(super) fn know(
    world: &dyn World,
    loaded: &mut Loaded,
    plan: &Plan,
    request: &Request,
    observer: &dyn Observer,
) -> Result<(), Failure> {
    let open: Vec<usize> = materials(plan).into_iter().filter(|m| loaded.contents[*m].is_none()).collect();
    let contents = engine::each(request.threads, &open, |material| {
        if observer.cancelled() {
            return Err(Failure::Cancelled);
        }
        let content = media::content_unless(world, &loaded.files[*material].path, &|| observer.cancelled());
        content.map_err(|error| match observer.cancelled() {
            true => Failure::Cancelled,
            false => Failure::Read { material: *material, error: error.into() },
        })
    });
    for (material, content) in open.into_iter().zip(contents) {
        let content = content?;
        loaded.materials[material].seal = content.seal;
        loaded.contents[material] = Some(content);
    }
    Ok(())
}

/// That what was measured is what was hashed: nothing may be remembered of a file that became another in between.
pub(super) fn same(world: &dyn World, loaded: &Loaded, plan: &Plan) -> Result<(), Failure> {
    let other = |material: &usize| {
        let path = &loaded.files[*material].path;
        loaded.contents[*material].is_none_or(|content| !content.holds(world, path))
    };
    match materials(plan).into_iter().find(other) {
        Some(material) => Err(Failure::Read { material, error: ReadError::Changed.into() }),
        None => Ok(()),
    }
}

fn materials(plan: &Plan) -> BTreeSet<usize> {
    plan.nodes.iter().flat_map(|node| &node.clips).map(|clip| clip.material).collect()
}

/// A failure as it is told of a render: nothing was written here either.
pub(super) fn tell(failure: &Failure, plan: &Plan, loaded: &mut Loaded) {
    if !matches!(failure, Failure::Cancelled) {
        let told = explain(failure, plan, &[], loaded);
        loaded.diagnostics.push(told);
    }
}

/// Under what the levels of an input are remembered.
fn key(input: &graph::Key, level: Level) -> [u8; 32] {
    let mut key = blake3::Hasher::new_derive_key("mixdown: levels of what comes into a strip");
    key.update(&VERSION.to_le_bytes()).update(&METER_VERSION.to_le_bytes());
    key.update(&[u8::from(what(level) == What::Full)]).update(input);
    *key.finalize().as_bytes()
}

const fn what(level: Level) -> What {
    match level {
        Level::Dbfs => What::Peaks,
        Level::Lufs | Level::Dbtp => What::Full,
    }
}

impl Asked {
    /// dB; when there is none, the reason is told.
    fn trim(&self, levels: Levels, name: &str, told: &mut Vec<Diagnostic>) -> Option<f64> {
        let (level, unit) = match self.level {
            Level::Lufs => (levels.loudness, "LUFS"),
            Level::Dbfs => (levels.sample_peak, "dBFS"),
            Level::Dbtp => (levels.true_peak, "dBTP"),
        };
        let goal = format!("{} {unit}", self.value);
        let Some(level) = level else {
            let diagnostic = if levels.sample_peak.is_none() {
                Diagnostic::error(Code::NO_LEVEL, format!("`{name}` is silent: there is nothing to bring to {goal}"))
                    .help("look into its files, or give the difference in dB: `trim(-3dB)`")
            } else {
                let text = format!("`{name}` has no loudness: it is too short or too quiet to be brought to {goal}");
                Diagnostic::error(Code::NO_LEVEL, text).help("bring its peak to a level: `trim(-6dBFS)`")
            };
            told.push(diagnostic.label(self.loc.0, "to this level"));
            return None;
        };
        let trim = self.value - level;
        if trim.abs() > MOST {
            let text =
                format!("`{name}` is at {level:.1} {unit}: on the way to {goal} it is moved by {MOST} dB, no further");
            told.push(
                Diagnostic::warning(Code::FAR_TRIM, text)
                    .label(self.loc.0, format!("{:.1} dB away", trim.abs()))
                    .help("is it the right file? If it is, move it by a difference as well: `.trim(60dB).gain(24dB)`"),
            );
        }
        Some(trim.clamp(-MOST, MOST))
    }
}

impl Levels {
    const NONE: Levels = Levels { loudness: None, sample_peak: None, true_peak: None };

    fn of(measured: &Measurement) -> Levels {
        Levels {
            loudness: measured.integrated_lufs,
            sample_peak: measured.sample_peak_dbfs,
            true_peak: measured.true_peak_dbtp,
        }
    }

    /// Each as f64, NaN for none.
    fn bytes(self) -> Vec<u8> {
        let all = [self.loudness, self.sample_peak, self.true_peak];
        all.iter().flat_map(|level| level.unwrap_or(f64::NAN).to_le_bytes()).collect()
    }

    fn recall(world: &dyn World, key: &[u8; 32]) -> Option<Levels> {
        let bytes: [u8; 24] = world.recall(key)?.try_into().ok()?;
        let (levels, _) = bytes.as_chunks::<8>();
        let level = |i: usize| Some(f64::from_le_bytes(levels[i])).filter(|x| x.is_finite());
        Some(Levels { loudness: level(0), sample_peak: level(1), true_peak: level(2) })
    }
}

struct Watch<'a>(&'a dyn Observer);

impl Watcher for Watch<'_> {
    fn progress(&self, done: u64, total: u64) {
        self.0.survey(done, total);
    }

    fn cancelled(&self) -> bool {
        self.0.cancelled()
    }
}
