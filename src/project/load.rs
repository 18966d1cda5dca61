//! A script with everything around it: its files found and probed, its times placed, its strips compiled.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::covers::{self, Covers};
use super::expect::Expected;
use super::files;
use crate::diag::{Code, Diagnostic, Diagnostics, Sources};
use crate::engine::File;
use crate::graph::plan::Material;
use crate::graph::{self, Compiled, Ground};
use crate::media::Content;
use crate::script::{Closures, Reading};
use crate::session::{Session, Signal, StripId, StripKind, Timeline};
use crate::units::{Frames, Rate};
use crate::world::World;

/// A session ready to be planned.
pub(super) struct Loaded {
    pub(super) session: Session,
    pub(super) sources: Sources,
    pub(super) diagnostics: Diagnostics,
    pub(super) rate: Rate,
    pub(super) timeline: Timeline,
    /// There even with mistakes, so that those of the deliveries are told too; missing when the strips go in circles.
    pub(super) compiled: Option<Compiled>,
    pub(super) files: Vec<File>,
    pub(super) materials: Vec<Material>,
    /// Of each file, as far as it was needed yet.
    pub(super) contents: Vec<Option<Content>>,
    pub(super) clips: BTreeMap<(StripId, usize), usize>,
    pub(super) covers: Covers,
    pub(super) expected: Expected,
    /// The trouble is outside of the script: a file that cannot be read.
    pub(super) outside: bool,
    /// Everything that was read or looked for.
    pub(super) deps: Vec<PathBuf>,
    /// The scripts among it: read, and not there.
    pub(super) read: Vec<PathBuf>,
    pub(super) missing: Vec<PathBuf>,
}

impl Loaded {
    /// Compiles once more, after a change that makes no mistakes.
    pub(super) fn compile(&mut self) {
        let ground = ground(self.rate, &self.timeline, &self.materials, &self.clips);
        self.compiled = graph::compile(&self.session, &ground, &mut Diagnostics::default());
    }
}

/// What a script is loaded for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum For {
    /// Its mistakes.
    Checking,
    Building,
    /// Its keys: the content of its files is read too.
    Planning,
}

/// Finds all that a script names.
pub(super) fn load(world: &dyn World, script: &Path, reading: Reading, what: For) -> Loaded {
    let mut found = reading.diagnostics.clone();
    let mut session = reading.session.clone();
    let sound = files::find(world, &reading, what == For::Planning, &mut found);
    let covers = covers::find(world, &reading, &mut found);
    let rate = session.info.rate.or(sound.rate).unwrap_or(Rate::STUDIO);
    let (files, materials) = sound.at(rate);
    // times may name strips (`end(vox)`) and strips stand at times: placed once without extents, then with them
    let (bare, _) = Timeline::new(&session.info, &session.sections, rate, &vec![None; session.strips.len()]);
    let extents = extents(&session, &ground(rate, &bare, &materials, &sound.clips));
    let (timeline, more) = Timeline::new(&session.info, &session.sections, rate, &extents);
    found.extend(more);
    let end = extents.iter().flatten().map(|(_, end)| end.get()).max().unwrap_or(0);
    // with mistakes there is no use in running functions over all of it, and for a check a second of it is enough
    let closures = if found.has_errors() { None } else { Some(&reading.closures) };
    let most = if what == For::Checking { 1.0 } else { f64::INFINITY };
    sample(&mut session, closures, rate, &timeline, end, most, &mut found);
    let clean = !found.has_errors();
    let mut here = Diagnostics::default();
    let compiled = graph::compile(&session, &ground(rate, &timeline, &materials, &sound.clips), &mut here);
    // a strip may be unheard only because of what is wrong
    let hush = !clean || here.has_errors();
    for diagnostic in here.iter().filter(|d| !hush || d.code != Code::UNHEARD) {
        found.push(diagnostic.clone());
    }
    if clean && session.strips.iter().all(|s| s.kind != StripKind::Track || s.clips.is_empty()) {
        found.push(
            Diagnostic::error(Code::EMPTY, "this session has no sound: there is no track with a file")
                .help("add one: `track(\"vox\", \"audio/vox.wav\");`"),
        );
    }
    let length = compiled.as_ref().filter(|_| clean && !found.has_errors()).map(|c| c.length);
    let expected = Expected::new(&session, &timeline, length, &mut found);
    found.sort();
    let mut deps = reading.read.clone();
    deps.extend(reading.missing.iter().cloned());
    deps.extend(sound.paths.iter().chain(&covers.paths).cloned());
    Loaded {
        compiled,
        session,
        sources: reading.sources,
        diagnostics: found,
        rate,
        timeline,
        files,
        materials,
        contents: sound.contents(),
        clips: sound.clips,
        // a script that is not there, a folder, without the right to read it
        outside: sound.outside || covers.outside || world.open(script).is_err(),
        covers,
        expected,
        deps,
        read: reading.read,
        missing: reading.missing,
    }
}

fn ground<'a>(
    rate: Rate,
    timeline: &'a Timeline,
    materials: &'a [Material],
    clips: &'a BTreeMap<(StripId, usize), usize>,
) -> Ground<'a> {
    Ground { rate, timeline, materials, clips }
}

/// First and last song frame of every strip's clips, where they can be told.
fn extents(session: &Session, ground: &Ground<'_>) -> Vec<Option<(Frames, Frames)>> {
    session
        .ids()
        .map(|id| {
            let mut next = 0;
            let mut extent: Option<(i64, i64)> = None;
            for (index, clip) in session.strip(id).clips.iter().enumerate() {
                let material = *ground.clips.get(&(id, index))?;
                let placed = graph::clip_frames(clip, material, next, ground).ok()?;
                next = placed.end();
                extent = Some(
                    extent.map_or((placed.at, placed.end()), |(from, to)| (from.min(placed.at), to.max(placed.end()))),
                );
            }
            extent.map(|(from, to)| (Frames::new(from), Frames::new(to)))
        })
        .collect()
}

/// Functions of time become values, as long as the song can be, or for so many seconds at most.
fn sample(
    session: &mut Session,
    closures: Option<&Closures>,
    rate: Rate,
    timeline: &Timeline,
    end: i64,
    most: f64,
    found: &mut Diagnostics,
) {
    let tail = session.info.tail.as_ref().and_then(|t| timeline.duration(t).ok()).map_or(10.0, |s| s.value());
    let fixed = session.info.length.as_ref().and_then(|t| timeline.position(t).ok()).map(|f| f.get());
    let seconds = (fixed.unwrap_or(end) as f64 / rate.hz() + tail.max(0.0)).min(most);
    session.each_signal(&mut |signal| {
        if let Signal::Closure(id) = signal {
            *signal = match closures.map(|all| all.sample(*id, seconds)) {
                Some(Ok(values)) => Signal::Sampled(values),
                Some(Err(diagnostic)) => {
                    found.push(diagnostic);
                    Signal::Constant(0.0)
                }
                None => Signal::Constant(0.0),
            };
        }
    });
}
