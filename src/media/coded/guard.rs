//! A decoder may panic on a broken file: that file is named then, and nothing else comes of it.

use std::cell::Cell;
use std::io::ErrorKind;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

use symphonia::core::errors::{Error, Result as Decoded};

use crate::media::ReadError;

thread_local! {
    /// Whether this thread runs a decoder, whose panics are answers.
    static GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// What `work` gives, its panic as [`ReadError::Damaged`]. A panic in it prints nothing.
pub(super) fn guarded<T>(work: impl FnOnce() -> Decoded<T>) -> Result<T, ReadError> {
    static ONCE: Once = Once::new();
    ONCE.call_once(hush);
    let outer = GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    GUARDED.set(outer);
    match result {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(e)) => Err(match e {
            // a decoder that runs out of bytes means the file, not the disk
            Error::IoError(e) if e.kind() == ErrorKind::UnexpectedEof => damaged(None, "a packet is cut off"),
            Error::IoError(e) if e.kind() == ErrorKind::Other => damaged(None, &e.to_string()),
            Error::IoError(e) => ReadError::Io(e),
            Error::Unsupported(what) => ReadError::Unsupported(what.into()),
            Error::ResetRequired => ReadError::Unsupported("a chain of several streams".into()),
            Error::DecodeError(why) | Error::LimitError(why) => damaged(None, why),
            other => damaged(None, &other.to_string()),
        }),
        Err(_) => Err(damaged(None, "the decoder gave up on it")),
    }
}

/// Keeps the panics of decoders from the terminal; those of all others go where they went.
fn hush() {
    let before = take_hook();
    set_hook(Box::new(move |panic| {
        if !GUARDED.try_with(Cell::get).unwrap_or(false) {
            before(panic);
        }
    }));
}

pub(super) fn damaged(frame: Option<u64>, why: &str) -> ReadError {
    ReadError::Damaged { frame, why: why.into() }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::thread;

    use super::*;

    #[test]
    fn only_the_panics_of_decoders_are_silent() {
        static TOLD: AtomicU32 = AtomicU32::new(0);
        // whoever was first: the hook of this test lies below, the hush above
        let _ = guarded(|| Ok(()));
        let here = thread::current().id();
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            if thread::current().id() == here {
                TOLD.fetch_add(1, Ordering::Relaxed);
            } else {
                before(panic);
            }
        }));
        hush();
        let result = guarded::<()>(|| panic!("a decoder"));
        assert!(matches!(result, Err(ReadError::Damaged { .. })));
        assert_eq!(TOLD.load(Ordering::Relaxed), 0);
        assert!(catch_unwind(|| panic!("anybody else")).is_err());
        assert_eq!(TOLD.load(Ordering::Relaxed), 1);
    }
}
