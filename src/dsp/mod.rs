//! Sound itself: effects, the parts they are made of, and the curves that move them. Allocates only while building; knows no file, no clock.

mod args;
pub mod catalogue;
mod common;
pub mod curve;
mod declaration;
mod effect;
mod effects;
pub mod follower;
pub mod parts;
mod processor;

pub use args::{Arg, Args};
pub use declaration::{COMMON, Category, Declaration, Kind, Number, Param};
pub use effect::{Effect, Place, Refused, Setup, Shape, Tail};
pub use effects::{ENVELOPE_CELL, LimiterSettings, PeakEnvelope, limiter_envelope};
pub use processor::{Flow, GRID, Io, Processor, Value, Values, cells, cells_of, process_both};
