#![doc = include_str!("README.md")]

#[doc(hidden)]
pub mod analysis;
#[doc(hidden)]
pub mod audio;
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod diag;
#[doc(hidden)]
pub mod dsp;
#[doc(hidden)]
pub mod engine;
#[doc(hidden)]
pub mod format;
#[doc(hidden)]
pub mod graph;
#[doc(hidden)]
pub mod media;
#[doc(hidden)]
pub mod memory;
#[doc(hidden)]
pub mod project;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod script;
#[doc(hidden)]
pub mod session;
#[doc(hidden)]
pub mod units;
#[doc(hidden)]
pub mod watch;
#[doc(hidden)]
pub mod world;

/// The program: `args` as the system gives them, the program's name first. The exit code is 0 when all is well, 1 when the script or the
/// audio has a problem, 2 when it could not run (usage, files, the machine), 130 when it was stopped.
pub fn run(args: impl IntoIterator<Item = std::ffi::OsString>) -> std::process::ExitCode {
    cli::run(args)
}
