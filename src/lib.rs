//! mixdown is a compiler for sound.

#[doc(hidden)]
pub mod analysis;
#[doc(hidden)]
pub mod audio;
#[doc(hidden)]
pub mod diag;
#[doc(hidden)]
pub mod dsp;
#[doc(hidden)]
pub mod engine;
#[doc(hidden)]
pub mod graph;
#[doc(hidden)]
pub mod media;
#[doc(hidden)]
pub mod project;
#[doc(hidden)]
pub mod script;
#[doc(hidden)]
pub mod session;
#[doc(hidden)]
pub mod units;
#[doc(hidden)]
pub mod world;
