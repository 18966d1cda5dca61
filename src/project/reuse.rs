//! Files that are there already: made of the same sound in the same form, and not changed since by anybody.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::request::Solved;
use super::targets::Target;
use crate::analysis::{METER_VERSION, Measurement};
use crate::engine::{self, Delivery, Sink, Written};
use crate::graph::{Key, Want};
use crate::media::{self, Stopped};
use crate::world::World;

/// Raised whenever a file of the same sound has other bytes, or an entry says something else.
const VERSION: u32 = 4;

/// What is remembered of a file.
#[derive(Serialize, Deserialize)]
struct Entry {
    /// What it was made of, and how.
    key: Key,
    /// Of its bytes.
    seal: u128,
    measurement: Measurement,
    clipped: u64,
    reduction: f64,
    solved: Option<Solved>,
}

/// A file that is there, and how it came to what was asked of it.
pub(super) type Known = (Written, Option<Solved>);

/// Under what a file of `target` is known, made of a sound with this key as `sink` says.
pub(super) fn key(target: &Target, sound: &Key, sink: &Sink) -> Key {
    let mut key = blake3::Hasher::new_derive_key("mixdown: a file and what it is made of");
    key.update(&VERSION.to_le_bytes()).update(&METER_VERSION.to_le_bytes()).update(sound);
    key.update(env!("CARGO_PKG_VERSION").as_bytes());
    // numbers are printed so that they read back exactly
    let Want { what: _, from, to, part, fade_in, fade_out } = &target.want;
    key.update(format!("{:?}", (&target.asked, from, to, part, fade_in, fade_out)).as_bytes());
    if let Sink::File(Delivery { path: _, format, bits, rate, last, noise, seed, full, about, compression, told: _ }) =
        sink
    {
        key.update(format!("{:?}", (format, bits, rate, last, noise, seed, full, about, compression)).as_bytes());
    }
    *key.finalize().as_bytes()
}

/// Under what a file is known that is driven as the one with the key `leader` is.
pub(super) fn following(own: &Key, leader: &Key) -> Key {
    let mut key = blake3::Hasher::new_keyed(own);
    key.update(leader);
    *key.finalize().as_bytes()
}

fn place(world: &dyn World, path: &Path) -> Key {
    let mut key = blake3::Hasher::new_derive_key("mixdown: a file that was written, 1");
    key.update(world.canonical(path).as_os_str().as_encoded_bytes());
    *key.finalize().as_bytes()
}

/// Notes a file that was just written.
pub(super) fn remember(world: &dyn World, path: &Path, key: Key, written: &Written, solved: Option<Solved>) {
    let Some(seal) = written.seal else { return };
    let entry = Entry {
        key,
        seal,
        measurement: written.measurement.clone(),
        clipped: written.clipped,
        reduction: written.reduction,
        solved,
    };
    note(world, path, &entry);
}

fn note(world: &dyn World, path: &Path, entry: &Entry) {
    if let Ok(bytes) = postcard::to_stdvec(entry) {
        world.remember(&place(world, path), &bytes);
    }
}

/// What was written under each path if it is just what `key` says and untouched since: all bytes of it are looked at, unless it is stopped. With
/// `told` there is a BLAKE3 of each.
pub(super) fn recall(
    world: &dyn World,
    files: &[(&Path, Key)],
    threads: Option<usize>,
    told: bool,
    stopped: Stopped<'_>,
) -> Vec<Option<Known>> {
    engine::each(threads, files, |(path, key)| one(world, path, key, told, stopped))
}

fn one(world: &dyn World, path: &Path, key: &Key, told: bool, stopped: Stopped<'_>) -> Option<Known> {
    let mut entry: Entry = postcard::from_bytes(&world.recall(&place(world, path))?).ok()?;
    if entry.key != *key {
        return None;
    }
    if told && entry.measurement.blake3.is_empty() {
        let (_, hash) = media::digests(world, path, stopped).filter(|(seal, _)| *seal == entry.seal)?;
        entry.measurement.blake3 = hash;
        note(world, path, &entry);
    } else if media::seal(world, path, stopped)? != entry.seal {
        return None;
    }
    let Entry { measurement, clipped, reduction, solved, .. } = entry;
    Some((Written { measurement, clipped, reduction, kept: None, seal: None }, solved))
}

/// Under what a reading is remembered: of a sound with this key, over these parts of the song.
fn reading(sound: &Key, sink: &Sink) -> Option<Key> {
    let Sink::Meter { ranges, what } = sink else { return None };
    let mut key = blake3::Hasher::new_derive_key("mixdown: a reading of a sound, 1");
    key.update(&METER_VERSION.to_le_bytes()).update(sound).update(format!("{ranges:?}{what:?}").as_bytes());
    Some(*key.finalize().as_bytes())
}

pub(super) fn remember_reading(world: &dyn World, sound: &Key, sink: &Sink, measured: &Measurement) {
    if let (Some(key), Ok(bytes)) = (reading(sound, sink), postcard::to_stdvec(measured)) {
        world.remember(&key, &bytes);
    }
}

pub(super) fn recall_reading(world: &dyn World, sound: &Key, sink: &Sink) -> Option<Written> {
    let measurement = postcard::from_bytes(&world.recall(&reading(sound, sink)?)?).ok()?;
    Some(Written { measurement, clipped: 0, reduction: 0.0, kept: None, seal: None })
}
