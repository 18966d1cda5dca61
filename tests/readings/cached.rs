//! What was measured once is known, as long as it is the same sound.

use std::path::Path;

use mixdown::media::content;
use mixdown::project::{Request, build_read};
use mixdown::session::Level;
use mixdown::world::{Disk, Memory, World};

use crate::sessions::noise;
use crate::{BUSES, Counting, SONG, Surveyor, TRIMS, sounds, told, trimmed};

/// Builds with the trims; how many units were surveyed.
fn surveyed(world: &dyn World, trims: &[(&str, Level, f64)]) -> u64 {
    let observer = Surveyor::default();
    let built = build_read(world, Path::new(SONG), trimmed(world, trims), &Request::default(), &observer);
    assert!(built.ok, "{:?}", told(&built));
    observer.seen.into_inner()
}

#[test]
fn a_source_is_surveyed_once() {
    let memory = sounds().world(BUSES);
    let world = Counting::new(memory.clone());
    assert!(surveyed(&world, &TRIMS) > 0);
    let (cold, first) = (world.bytes(), memory.get("out/mix.wav").unwrap());
    assert_eq!(surveyed(&world, &TRIMS), 0);
    let warm = world.bytes();
    assert_eq!(memory.get("out/mix.wav").unwrap(), first, "the same bytes, surveyed or recalled");
    let sources: u64 = ["stereo.wav", "mono.wav"].iter().map(|f| memory.get(f).unwrap().len() as u64).sum();
    // no more than the render itself: each source once, and headers
    assert!(warm < sources + 200_000 && cold > 3 * sources, "{cold} bytes, then {warm} of {sources}");

    // another goal needs no other survey of its own source, only of what hears it
    let other = [("a", Level::Dbtp, -7.0), TRIMS[1]];
    assert_eq!(surveyed(&world, &other), 0);
    assert!(surveyed(&world, &[other[0], other[1], TRIMS[2]]) > 0);
    // of an edit behind the input nothing is heard there
    memory.put(SONG, BUSES.replace("drive: 3dB", "drive: 9dB"));
    assert_eq!(surveyed(&world, &TRIMS), 0);
    // a clip moved in time is the same sound; cut otherwise it is another
    memory.put(SONG, BUSES.replace("track(\"b\", \"mono.wav\")", "track(\"b\").clip(\"mono.wav\", at: 0.2s)"));
    assert_eq!(surveyed(&world, &TRIMS[..2]), 0);
    memory.put(SONG, BUSES.replace("track(\"b\", \"mono.wav\")", "track(\"b\").clip(\"mono.wav\", from: 0.2s)"));
    assert!(surveyed(&world, &TRIMS[..2]) > 0);
}

#[test]
fn a_file_is_known_by_its_content() {
    let memory = sounds().world(BUSES);
    assert!(surveyed(&memory, &TRIMS[..2]) > 0);
    // put again as it was: its stamp is another, its content is not
    memory.put("mono.wav", memory.get("mono.wav").unwrap().to_vec());
    assert_eq!(surveyed(&memory, &TRIMS[..2]), 0);
    let changed = sounds().wav("mono.wav", 48_000, 16, &noise(9, 1, 96_000, 0.1)).world("").get("mono.wav").unwrap();
    assert_eq!(changed.len(), memory.get("mono.wav").unwrap().len());
    memory.put("mono.wav", changed.to_vec());
    assert!(surveyed(&memory, &TRIMS[..2]) > 0);
}

#[test]
fn the_same_sound_on_many_strips_is_surveyed_once() {
    let tracks = |n: usize| {
        let all: String = (0..n).map(|i| format!("track(\"t{i}\", \"mono.wav\").delay({i}ms);")).collect();
        let world = sounds().world(&format!("song(\"x\", rate: 48kHz);\n{all}\ndeliver(mix, \"mix.wav\");"));
        let names: Vec<String> = (0..n).map(|i| format!("t{i}")).collect();
        let trims: Vec<_> = names.iter().map(|name| (name.as_str(), Level::Lufs, -30.0)).collect();
        surveyed(&world, &trims)
    };
    assert_eq!(tracks(5), tracks(1));
}

/// On disk: recalled by another run, computed anew when the entries are damaged, and fine without a place to remember.
#[test]
fn a_damaged_cache_is_computed_anew() {
    let folder = tempfile::tempdir().unwrap();
    let memory = sounds().world(BUSES);
    for path in memory.paths() {
        std::fs::write(folder.path().join(&path), memory.get(&path).unwrap()).unwrap();
    }
    let disk = || Disk::new(folder.path()).remembering("cache");
    assert!(surveyed(&disk(), &TRIMS) > 0);
    let mix = || std::fs::read(folder.path().join("out/mix.wav")).unwrap();
    let first = mix();
    assert_eq!(surveyed(&disk(), &TRIMS), 0);
    let mut entries = Vec::new();
    for middle in std::fs::read_dir(folder.path().join("cache/surveys")).unwrap().flatten() {
        entries.extend(std::fs::read_dir(middle.path()).unwrap().flatten().map(|e| e.path()));
    }
    assert!(entries.len() >= 3, "{entries:?}");
    for damage in [&b""[..], b"short", &[0u8; 64], &[255u8; 5000]] {
        entries.iter().for_each(|entry| std::fs::write(entry, damage).unwrap());
        assert!(surveyed(&disk(), &TRIMS) > 0);
        assert_eq!(surveyed(&disk(), &TRIMS), 0);
        assert_eq!(mix(), first);
    }
    // `--no-cache`
    assert!(surveyed(&Disk::new(folder.path()), &TRIMS) > 0);
    // a file in the way of the cache's folder
    assert!(surveyed(&Disk::new(folder.path()).remembering("song.mix"), &TRIMS) > 0);
    assert_eq!(mix(), first);
}

/// Git's rule: a file written just now may be written again within the same tick of the clock, so its stamp is not trusted.
#[test]
fn a_file_that_was_changed_just_now_is_hashed_again() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.bin");
    std::fs::write(&path, b"one").unwrap();
    let world = Counting::new(Disk::new(folder.path()).remembering("cache"));
    for _ in 0..2 {
        content(&world, Path::new("a.bin")).unwrap();
        assert_eq!(world.bytes(), 3);
    }
    let memory = Counting::new(Memory::new());
    memory.world.put("a.bin", b"one".to_vec());
    let seal = || content(&memory, Path::new("a.bin")).unwrap().seal;
    let of = xxhash_rust::xxh3::xxh3_128;
    assert_eq!((seal(), memory.bytes()), (of(b"one"), 3));
    assert_eq!((seal(), memory.bytes()), (of(b"one"), 0));
    memory.world.put("a.bin", b"two".to_vec());
    assert_eq!(seal(), of(b"two"));
}
