//! The songs that come with the source have no mistakes, wherever they are rendered from.

use std::path::Path;

use mixdown::project::{Request, check, plan};
use mixdown::world::Disk;

#[test]
fn the_examples_have_no_mistakes_and_no_advice() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut songs = 0;
    for entry in std::fs::read_dir(root.join("examples")).unwrap() {
        let name = entry.unwrap().file_name();
        // from the repository, and from the song's own folder: a library module is found from both
        for (base, script) in [
            (root.to_path_buf(), Path::new("examples").join(&name).join("song.mix")),
            (root.join("examples").join(&name), "song.mix".into()),
        ] {
            let checked = check(&Disk::new(base), &script, &Default::default());
            let told: Vec<&String> = checked.diagnostics.iter().map(|d| &d.message).collect();
            assert!(told.is_empty(), "{}: {told:?}", script.display());
        }
        let planned = plan(&Disk::new(root), &Path::new("examples").join(&name).join("song.mix"), &Request::default());
        assert!(planned.nodes.len() > 8 && planned.audio_seconds > 45.0, "{name:?}");
        songs += 1;
    }
    assert!(songs >= 2);
}
