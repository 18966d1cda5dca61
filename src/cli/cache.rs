//! Where things are remembered from one run to the next.

use std::env;
use std::path::PathBuf;

use super::args::Global;

/// The folder that is asked for, or the user's own for caches; `None`: nothing is remembered.
pub(super) fn folder(global: &Global) -> Option<PathBuf> {
    if global.no_cache {
        return None;
    }
    global.cache_dir.clone().or_else(own)
}

/// By the system's custom: XDG Base Directory Specification 0.8, Apple's File System Programming Guide, Windows' known folders.
fn own() -> Option<PathBuf> {
    // a relative path there is no path (XDG, "Basics")
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(windows) {
        absolute("LOCALAPPDATA").map(|local| local.join("mixdown").join("cache"))
    } else if cfg!(target_os = "macos") {
        absolute("HOME").map(|home| home.join("Library/Caches/mixdown"))
    } else {
        absolute("XDG_CACHE_HOME")
            .or_else(|| absolute("HOME").map(|home| home.join(".cache")))
            .map(|caches| caches.join("mixdown"))
    }
}
