//! The graph compiler: a session becomes a plan, in one chain of passes: lower, route, order, latency, extent, finish.
//! It sees strips, curves and the facts about files; never a path, a script or a thread.

mod compile;
mod curves;
mod draft;
mod drive;
mod effects;
mod extent;
mod finish;
mod inputs;
mod keys;
mod latency;
mod lower;
mod mutes;
mod order;
pub mod plan;
mod ramps;
mod route;
mod trail;
mod versions;

pub use compile::{Compiled, compile};
pub use drive::{Chain, Drive};
pub use effects::constants;
pub use finish::range;
pub use keys::{Key, breaks, keys, output_keys};
pub use lower::LONGEST_BLOCK;
pub use route::destination;
pub use trail::{Trail, Undo};

use std::collections::BTreeMap;

use crate::session::{StripId, Tap, TapPoint, Timeline};
use crate::units::Rate;
use plan::{Material, Point};

/// What stands before a session is compiled: rate, time and files.
pub struct Ground<'a> {
    pub rate: Rate,
    pub timeline: &'a Timeline,
    pub materials: &'a [Material],
    /// The material of each strip's clip, by its place; a clip whose file was refused has none.
    pub clips: &'a BTreeMap<(StripId, usize), usize>,
}

/// A file that is wanted.
#[derive(Clone, Debug, PartialEq)]
pub struct Want {
    pub what: What,
    /// Song frames; `None` from the song's beginning or to its end.
    pub from: Option<i64>,
    pub to: Option<i64>,
    /// A part of that: song frames, `None` from its beginning or to its end. It is a slice of the whole.
    pub part: (Option<i64>, Option<i64>),
    pub fade_in: i64,
    pub fade_out: i64,
}

#[derive(Clone, Debug, PartialEq)]
pub enum What {
    Tap(Tap),
    /// What comes to a strip's last limiter.
    Drive(StripId),
    /// What a strip brings into the mix.
    Stem(StripId),
    /// What all strips but these bring into the mix.
    Rest(Vec<StripId>),
    /// What other strips bring into this one.
    Into(StripId),
}

fn point_of(point: TapPoint) -> Point {
    match point {
        TapPoint::Source => Point::Source,
        TapPoint::Pre => Point::Pre,
        TapPoint::Post => Point::Post,
    }
}

/// Song frames a clip covers on its track: for times like `start(vox)`, asked before anything is compiled.
pub fn clip_frames(
    clip: &crate::session::Clip,
    material: usize,
    next: i64,
    ground: &Ground<'_>,
) -> Result<plan::Clip, Box<crate::diag::Diagnostic>> {
    lower::place(clip, material, &ground.materials[material], next, ground)
}
