use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::analysis::Measurement;
use crate::diag::{Diagnostics, Sources, Span};
use crate::engine::Timer;
use crate::media::writer::Made;
use crate::script::Param;
use crate::session;

/// What to build and where.
#[derive(Clone, Debug, Default)]
pub struct Request {
    /// Names of deliveries, strips, `stems`, `mix`, `master`; empty means all deliveries.
    pub targets: Vec<String>,
    /// The output folder; `None`: `out/` beside the script.
    pub out: Option<PathBuf>,
    /// A part of the song: `1:02.5`, `bar:17`, a section's name.
    pub from: Option<String>,
    pub to: Option<String>,
    /// Threads; `None`: one per core.
    pub threads: Option<usize>,
    /// Frames per block inside the engine; `None`: its own choice. The sound does not depend on it.
    pub block: Option<usize>,
    /// Measure stems as fully as mixes and masters.
    pub measure_all: bool,
    /// Where a range is rendered: seconds that strips may have run before it instead of the whole song, which is quick and not exact. Only for previews;
    /// nothing of it is kept.
    pub preroll: Option<f64>,
    /// Values for the script's parameters: name and value, as typed.
    pub set: Vec<(String, String)>,
    /// When files were made, for headers that are asked to say it: nobody looks at a clock.
    pub made: Option<Made>,
    /// Nobody asks for the BLAKE3 of files: then it is computed of none, and empty in what was measured of those that were never told.
    pub untold: bool,
}

impl Request {
    /// All deliveries from beginning to end, as the script says them: what expectations are judged on.
    pub fn is_whole(&self) -> bool {
        self.targets.is_empty() && self.from.is_none() && self.to.is_none()
    }
}

/// Hears how a build goes on and can end it. Called from any thread.
pub trait Observer: Sync {
    /// So much of the whole work is done.
    fn progress(&self, _done: u64, _total: u64) {}

    /// So much of the sources is measured; the work itself begins after that.
    fn survey(&self, _done: u64, _total: u64) {}

    /// A file is under its final name.
    fn artifact(&self, _: &Artifact) {}

    /// Something else begins: a part of the work that has a name.
    fn phase(&self, _name: &'static str) {}

    /// Who wants to know where the time of a render goes.
    fn timer(&self) -> Option<&dyn Timer> {
        None
    }

    /// Asked often: true ends the build, which then leaves nothing half.
    fn cancelled(&self) -> bool {
        false
    }
}

/// Nobody listens.
impl Observer for () {}

/// What a build made and found.
#[derive(Debug)]
pub struct Built {
    pub sources: Sources,
    pub diagnostics: Diagnostics,
    pub artifacts: Vec<Artifact>,
    /// Everything asked for was written.
    pub ok: bool,
    pub cancelled: bool,
    /// The trouble is with files or the machine, not with the script: exit code 2.
    pub outside: bool,
    /// Length of what was rendered.
    pub audio_seconds: f64,
    pub nodes_total: usize,
    pub nodes_rendered: usize,
    pub nodes_reused: usize,
    /// The strips that were rendered, in the order of the plan.
    pub rendered: Vec<String>,
    /// False for a preview that began with a pre-roll.
    pub exact: bool,
    /// Empty unless all deliveries were rendered whole.
    pub judged: Vec<Judged>,
}

/// An expectation that was judged; readings are of the strips themselves, before any delivery is brought to a loudness.
#[derive(Clone, Debug)]
pub struct Judged {
    pub ok: bool,
    pub span: Span,
    /// What is and what should be.
    pub text: String,
    /// As scripts call it: `loudness`.
    pub reading: &'static str,
    pub strip: String,
    pub section: Option<String>,
    /// `above`, `below` or `equals`.
    pub relation: &'static str,
    /// The number that `got` must reach, its margin counted in; `None` when it is a reading that does not exist.
    pub asked: Option<f64>,
    /// How far from equal is still equal.
    pub within: Option<f64>,
    pub got: Option<f64>,
}

/// A file that was written.
#[derive(Clone, Debug)]
pub struct Artifact {
    /// The delivery's path as asked for, below the output folder.
    pub target: String,
    pub kind: Kind,
    /// As typed from the current folder.
    pub path: PathBuf,
    pub measurement: Measurement,
    /// How many samples went over full scale and were held there.
    pub clipped: u64,
    /// What it had to come to, where it had to.
    pub asked: Option<session::Asked>,
    /// What brought it there.
    pub solved: Option<Solved>,
    /// Who will play it, and how much louder (dB) than it is.
    pub service: Option<(String, f64)>,
    /// It was there, as it is now, and was not written anew.
    pub reused: bool,
}

/// How a limiter was driven, so that a file came to what was asked of it.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Solved {
    /// dB, before the limiter.
    pub gain: f64,
    /// dB: the deepest that it took away.
    pub reduction: f64,
    /// Whether the chain had none and one was put last.
    pub added: bool,
    /// dBTP, as the limiter was told.
    pub ceiling: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Stem,
    Mix,
    Master,
    /// Any other tap.
    Tap,
}

impl Kind {
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Stem => "stem",
            Kind::Mix => "mix",
            Kind::Master => "master",
            Kind::Tap => "tap",
        }
    }
}

/// What a check found.
#[derive(Debug)]
pub struct Checked {
    pub sources: Sources,
    pub diagnostics: Diagnostics,
    /// The trouble is with files or the machine, not with the script: exit code 2.
    pub outside: bool,
    /// Everything that was read or looked for.
    pub deps: Vec<PathBuf>,
    /// The covers among it.
    pub covers: Vec<PathBuf>,
    /// The scripts among it that are not there.
    pub missing: Vec<PathBuf>,
    /// The scripts among it that were read.
    pub read: Vec<PathBuf>,
    /// What can be set from outside.
    pub params: Vec<Param>,
}

/// What a build would do.
#[derive(Debug)]
pub struct Planned {
    pub sources: Sources,
    pub diagnostics: Diagnostics,
    pub outside: bool,
    /// In an order in which each comes after what it hears.
    pub nodes: Vec<NodeRow>,
    pub audio_seconds: f64,
}

/// One strip of a plan.
#[derive(Clone, Debug)]
pub struct NodeRow {
    pub name: String,
    /// `track`, `bus`, `mix` or `master`.
    pub kind: &'static str,
    /// Content key of its last segment, hexadecimal: the same key, the same bytes. It covers the segments before.
    pub key: String,
    /// Content keys of all its segments of [`SEGMENT`](crate::engine::SEGMENT) frames.
    pub segments: Vec<[u8; 32]>,
    pub inputs: Vec<String>,
    /// Whether a render would take it from what is there.
    pub hit: bool,
    /// The reason, in words, with the script's line.
    pub why: String,
    /// CPU seconds, a guess.
    pub seconds_estimated: f64,
}
