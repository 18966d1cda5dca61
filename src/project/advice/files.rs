//! Files of the same sound under two names.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read, Seek, SeekFrom};
use std::path::Path;

use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::media;
use crate::project::load::Loaded;
use crate::session::{Clip, StripId};
use crate::world::World;

/// What is looked at of a long file before all of it is read: so many pieces of so many bytes.
const PIECES: u64 = 16;
const PIECE: u64 = 1024;

/// Two paths of which every byte is equal. Files are read only as far as they may still be equal to another.
pub(super) fn same_sounds(world: &dyn World, loaded: &Loaded, found: &mut Diagnostics) {
    let first = first_clips(loaded);
    let shape = |file: usize| Some((loaded.files[file].channels, loaded.files[file].frames));
    let mut groups = split(vec![(0..loaded.files.len()).filter(|file| first.contains_key(file)).collect()], shape);
    groups = split(groups, |file| glimpse(world, &loaded.files[file].path));
    for group in &mut groups {
        let mut known = BTreeSet::new();
        // one file by two names is one file
        group.retain(|file| known.insert(world.canonical(&loaded.files[*file].path)));
    }
    let content = |file: usize| match loaded.contents[file] {
        Some(content) => Some(content.seal),
        None => media::content(world, &loaded.files[file].path).ok().map(|content| content.seal),
    };
    for mut group in split(groups, content) {
        group.sort_by_key(|file| first[file]);
        let (one, others) = (first[&group[0]], &group[1..]);
        others.iter().for_each(|other| found.push(same(loaded, one, first[other])));
    }
}

/// The strip's clip that plays each file first, in the order of the script.
fn first_clips(loaded: &Loaded) -> BTreeMap<usize, (StripId, usize)> {
    let mut first = BTreeMap::new();
    for (clip, file) in &loaded.clips {
        first.entry(*file).or_insert(*clip);
    }
    first
}

/// Groups of those for which `key` says the same; what is alone is left out.
fn split<K: Ord>(groups: Vec<Vec<usize>>, key: impl Fn(usize) -> Option<K>) -> Vec<Vec<usize>> {
    let several = |group: &Vec<usize>| group.len() > 1;
    let mut all = Vec::new();
    for group in groups.into_iter().filter(several) {
        let mut by: BTreeMap<K, Vec<usize>> = BTreeMap::new();
        group
            .into_iter()
            .filter_map(|file| Some((key(file)?, file)))
            .for_each(|(k, f)| by.entry(k).or_default().push(f));
        all.extend(by.into_values().filter(several));
    }
    all
}

/// The length of a file and what a few pieces of it are: stems of one session are of one length, and rarely equal at sixteen places.
fn glimpse(world: &dyn World, path: &Path) -> Option<(u64, [u8; 32])> {
    let mut input = world.open(path).ok()?;
    let length = input.length().ok()?;
    let mut hasher = blake3::Hasher::new();
    for n in 0..PIECES {
        let mut piece = Vec::with_capacity(PIECE as usize);
        input.seek(SeekFrom::Start(length / PIECES * n)).ok()?;
        (&mut input).take(PIECE).read_to_end(&mut piece).ok()?;
        hasher.update(&piece);
    }
    Some((length, *hasher.finalize().as_bytes()))
}

fn same(loaded: &Loaded, one: (StripId, usize), other: (StripId, usize)) -> Diagnostic {
    let clip = |(id, index): (StripId, usize)| -> &Clip { &loaded.session.strip(id).clips[index] };
    let name = |(id, _): (StripId, usize)| &loaded.session.strip(id).name;
    let (first, second) = (clip(one), clip(other));
    let message = match one.0 == other.0 {
        true => format!("`{}` plays one sound from two files", name(one)),
        false => format!("`{}` plays the same sound as `{}`, from another file", name(other), name(one)),
    };
    let diagnostic = Diagnostic::warning(Code::SAME_SOUND, message)
        .label(second.loc.0, format!("`{}` is equal byte for byte", second.path));
    let diagnostic = if first.loc.0 == second.loc.0 {
        diagnostic
    } else {
        diagnostic.label(first.loc.0, format!("to `{}`", first.path))
    };
    diagnostic.help(format!("name one file in both places, `\"{}\"`; or was another take meant?", first.path))
}
