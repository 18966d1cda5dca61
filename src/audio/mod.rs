//! What sound is made of in memory: layouts, planes of samples, exact state, and the only maths and randomness allowed near it.

pub mod ahead;
mod aligned;
pub mod isa;
mod layout;
pub mod math;
mod pan;
mod planes;
pub mod rng;
pub mod samples;
mod state;

pub use aligned::{Aligned, OnLine};
pub use layout::Layout;
pub use pan::PanLaw;
pub use planes::{Block, Planes, PlanesRef};
pub use state::{Saved, StateError, StateReader, StateWriter};
