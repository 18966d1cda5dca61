//! What a build has read, as it was: compared with what is there now, so that only what matters leads to another build, however it was saved.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::world::{Stamp, World};

/// Files up to this size are known by their bytes: to save one unchanged changes nothing.
const SMALL: u64 = 1 << 20;

#[derive(Debug, PartialEq)]
enum Mark {
    Missing,
    Bytes(Vec<u8>),
    Stamp(Stamp),
}

/// Files and folders as they were looked at.
#[derive(Debug, Default)]
pub struct Seen {
    marks: BTreeMap<PathBuf, Mark>,
}

impl Seen {
    pub fn of<'p>(world: &dyn World, paths: impl IntoIterator<Item = &'p PathBuf>) -> Seen {
        Seen { marks: paths.into_iter().map(|path| (path.clone(), mark(world, path))).collect() }
    }

    /// Whether anything is not as it was: changed, gone, or there at last.
    pub fn changed(&self, world: &dyn World) -> bool {
        self.marks.iter().any(|(path, was)| mark(world, path) != *was)
    }

    pub fn paths(&self) -> impl Iterator<Item = &PathBuf> {
        self.marks.keys()
    }
}

fn mark(world: &dyn World, path: &Path) -> Mark {
    let look = || -> std::io::Result<Mark> {
        let input = world.open(path)?;
        let stamp = input.stamp()?;
        if stamp.length > SMALL {
            return Ok(Mark::Stamp(stamp));
        }
        let mut bytes = Vec::new();
        input.take(SMALL).read_to_end(&mut bytes)?;
        Ok(Mark::Bytes(bytes))
    };
    look().unwrap_or(Mark::Missing)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::Memory;

    #[test]
    fn only_another_content_is_a_change() {
        let world = Memory::new();
        world.put("song.mix", "one");
        let paths = [PathBuf::from("song.mix"), PathBuf::from("lib/later.mix")];
        let seen = Seen::of(&world, &paths);
        world.put("song.mix", "one");
        world.put("out/mix.wav", "ours");
        assert!(!seen.changed(&world));
        world.put("song.mix", "two");
        assert!(seen.changed(&world));
        world.put("song.mix", "one");
        world.put("lib/later.mix", "was looked for");
        assert!(seen.changed(&world));
        world.remove("lib/later.mix");
        assert!(!seen.changed(&world));
        world.remove("song.mix");
        assert!(seen.changed(&world));
    }
}
