//! mixdown is a compiler for sound.

#[doc(hidden)]
pub mod audio;
#[doc(hidden)]
pub mod units;
