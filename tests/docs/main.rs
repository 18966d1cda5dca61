//! The manual and the READMEs: what they show runs, what they list is what the program says, and what they tell to type can be typed.

mod blocks;
mod facts;
mod library;
#[path = "../sessions/mod.rs"]
mod sessions;
mod tables;
mod typed;

use std::path::{Path, PathBuf};

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn text(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

/// Every page for people who use the program.
fn pages() -> Vec<PathBuf> {
    let within = |folder: &str| std::fs::read_dir(root().join(folder)).unwrap().map(|entry| entry.unwrap().path());
    let manuals = within("docs").filter(|path| path.extension().is_some_and(|e| e == "md"));
    let songs = within("examples").map(|song| song.join("README.md"));
    let mut all: Vec<PathBuf> = manuals.chain(songs).chain([root().join("README.md")]).collect();
    all.sort();
    assert!(all.len() >= 4, "{all:?}");
    all
}
