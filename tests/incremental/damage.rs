//! A cache that was damaged, shared or cut off in the middle costs time, never a wrong bit.

use std::fs;
use std::path::{Path, PathBuf};

use mixdown::audio::rng::Seed;
use mixdown::project::{Request, build};
use mixdown::world::{Disk, World};

use super::{SONG, sounds};

struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Place {
        let folder = tempfile::tempdir().unwrap();
        let world = sounds().world(SONG);
        for path in world.paths() {
            fs::write(folder.path().join(&path), world.get(&path).unwrap()).unwrap();
        }
        Place { folder }
    }

    fn world(&self) -> Disk {
        Disk::new(self.folder.path()).remembering("cache")
    }

    fn packs(&self) -> Vec<PathBuf> {
        let packs = fs::read_dir(self.folder.path().join("cache/packs")).into_iter().flatten().flatten();
        packs.map(|entry| entry.path()).filter(|path| path.extension().is_some_and(|e| e == "pack")).collect()
    }

    /// Builds into an empty folder; the master's bytes.
    fn master(&self) -> Vec<u8> {
        let _ = fs::remove_dir_all(self.folder.path().join("out"));
        let built = build(&self.world(), Path::new("song.mix"), &Request::default(), &());
        assert!(built.ok, "{:?}", built.diagnostics);
        fs::read(self.folder.path().join("out/master.wav")).unwrap()
    }
}

#[test]
fn ten_thousand_damaged_bytes_are_all_seen() {
    let folder = tempfile::tempdir().unwrap();
    let disk = || Disk::new(folder.path()).remembering("cache");
    let object = |i: u8| vec![i; 40 + usize::from(i) * 3];
    let store = disk().store().unwrap();
    (0..40).for_each(|i| store.put(&[i; 32], &object(i)));
    store.keep();
    let pack = fs::read_dir(folder.path().join("cache/packs")).unwrap().next().unwrap().unwrap().path();
    let whole = fs::read(&pack).unwrap();
    assert_eq!(disk().stock(true).damaged, 0);
    let seed = Seed::new(5);
    let mut bytes = Vec::new();
    for n in 0..10_000 {
        let mut damaged = whole.clone();
        let at = seed.bits(n * 2) as usize % damaged.len();
        damaged[at] ^= 1 << (seed.bits(n * 2 + 1) % 8);
        fs::write(&pack, &damaged).unwrap();
        assert!(disk().stock(true).damaged > 0, "byte {at} of {}", whole.len());
        let store = disk().store().unwrap();
        for i in 0..40u8 {
            assert!(!store.get(&[i; 32], &mut bytes) || bytes == object(i), "byte {at}: object {i} is another");
        }
    }
    for cut in (0..whole.len()).step_by(97) {
        fs::write(&pack, &whole[..cut]).unwrap();
        assert!(disk().stock(true).damaged > 0, "cut at {cut}");
        assert!(!disk().store().unwrap().has(&[0; 32]));
    }
}

#[test]
fn a_pack_of_another_version_is_not_read_and_not_damaged() {
    let folder = tempfile::tempdir().unwrap();
    let disk = || Disk::new(folder.path()).remembering("cache");
    let store = disk().store().unwrap();
    store.put(&[1; 32], b"an object");
    store.keep();
    let pack = fs::read_dir(folder.path().join("cache/packs")).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&pack).unwrap();
    let (head, form) = (bytes[..16].to_vec(), b"mixdown pack 0\r\n");
    let end = bytes.len() - 16;
    assert!(bytes[end..] == head && head != form);
    bytes[..16].copy_from_slice(form);
    bytes[end..].copy_from_slice(form);
    fs::write(&pack, &bytes).unwrap();
    let stock = disk().stock(true);
    assert_eq!((stock.packs, stock.objects, stock.damaged), (1, 0, 0));
    assert!(!disk().store().unwrap().has(&[1; 32]));
    // where they don't agree something is wrong
    bytes[end..].copy_from_slice(&head);
    fs::write(&pack, &bytes).unwrap();
    assert_eq!(disk().stock(true).damaged, 1);
}

#[test]
fn a_build_on_a_damaged_store_has_the_same_bytes() {
    let place = Place::new();
    let whole = place.master();
    let seed = Seed::new(8);
    for round in 0..6 {
        for pack in place.packs() {
            let mut bytes = fs::read(&pack).unwrap();
            for n in 0..200 {
                let at = seed.with(round).bits(n) as usize % bytes.len();
                bytes[at] ^= 0x55;
            }
            fs::write(&pack, bytes).unwrap();
        }
        assert!(place.master() == whole, "round {round}");
    }
    // zeros, cut short, gone
    for pack in place.packs() {
        let bytes = fs::read(&pack).unwrap();
        fs::write(&pack, vec![0; bytes.len()]).unwrap();
    }
    assert!(place.master() == whole);
    place.packs().into_iter().for_each(|pack| fs::write(pack, "").unwrap());
    assert!(place.master() == whole);
    fs::remove_dir_all(place.folder.path().join("cache")).unwrap();
    assert!(place.master() == whole);
}

#[test]
fn many_builds_in_one_cache_agree() {
    let place = Place::new();
    let whole = place.master();
    fs::remove_dir_all(place.folder.path().join("cache")).unwrap();
    std::thread::scope(|scope| {
        for n in 0..4 {
            let (world, whole, folder) = (place.world(), &whole, place.folder.path());
            scope.spawn(move || {
                for _ in 0..3 {
                    let out = PathBuf::from(format!("out-{n}"));
                    let _ = fs::remove_dir_all(folder.join(&out));
                    let request = Request { out: Some(out.clone()), ..Request::default() };
                    let built = build(&world, Path::new("song.mix"), &request, &());
                    assert!(built.ok, "{:?}", built.diagnostics);
                    assert!(fs::read(folder.join(out).join("master.wav")).unwrap() == *whole);
                }
            });
        }
    });
}

#[test]
fn the_least_recently_used_goes_first() {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::new(folder.path()).remembering("cache");
    for i in 0..3u8 {
        let store = disk.store().unwrap();
        store.put(&[i; 32], &vec![i; 10_000]);
        store.keep();
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
    // the first is used once more
    let store = disk.store().unwrap();
    assert!(store.get(&[0; 32], &mut Vec::new()));
    store.keep();
    disk.shrink(22_000);
    let left = disk.store().unwrap();
    assert_eq!([0, 1, 2].map(|i| left.has(&[i; 32])), [true, false, true]);
    disk.shrink(0);
    assert_eq!(disk.stock(false).packs, 0);
}
