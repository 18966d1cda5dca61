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

pub(super) fn asked() -> bool {
    ASKED.load(Ordering::SeqCst)
}
