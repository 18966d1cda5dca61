use std::sync::atomic::{AtomicBool, Ordering};

use super::End;
use super::terminal::complain;

static ASKED: AtomicBool = AtomicBool::new(false);

/// From here on Ctrl-C (and SIGTERM) asks the build to stop; a second one ends at once.
pub(super) fn listen() {
    let heard = ctrlc::set_handler(|| {
        if ASKED.swap(true, Ordering::SeqCst) {
            std::process::exit(i32::from(End::Stopped.code()));
        }
    });
    if let Err(error) = heard {
        // without a handler the system's own way holds: the process ends and the next run sweeps
        complain(&format!("warning: Ctrl-C cannot be caught: {error}"));
    }
}

/// A file that grows beyond a limit (`ulimit -f`) is an error of a write from here on, with a message, instead of the process's death by SIGXFSZ.
#[cfg(unix)]
pub(super) fn outlive_limits() {
    let heard = std::sync::Arc::new(AtomicBool::new(false));
    // where no handler can be had the system's own way holds
    let _ = signal_hook::flag::register(signal_hook::consts::SIGXFSZ, heard);
}

#[cfg(not(unix))]
pub(super) fn outlive_limits() {}

pub(super) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
