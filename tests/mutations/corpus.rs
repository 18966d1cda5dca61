//! The scripts that come with the source.

use std::fs;
use std::path::Path;

pub(crate) fn texts() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut paths = vec![root.join("tests/suite/night_drive.mix")];
    let entries =
        |folder: &str| fs::read_dir(root.join(folder)).unwrap().map(|e| e.unwrap().path()).collect::<Vec<_>>();
    paths.extend(entries("examples").into_iter().map(|p| p.join("song.mix")).filter(|p| p.exists()));
    paths.extend(entries("stdlib").into_iter().filter(|p| p.extension().is_some_and(|e| e == "mix")));
    paths.sort();
    let mut all: Vec<String> = paths.iter().map(|p| fs::read_to_string(p).unwrap()).collect();
    let mut suites = entries("tests/suite");
    suites.retain(|p| p.extension().is_some_and(|e| e == "md"));
    suites.sort();
    for suite in suites {
        let text = fs::read_to_string(suite).unwrap();
        let blocks = text.split("```mix").skip(1).filter_map(|rest| rest.split_once('\n')?.1.split_once("\n```"));
        all.extend(blocks.map(|(block, _)| block.to_string()));
    }
    assert!(all.len() > 20, "the corpus is not found");
    all
}
