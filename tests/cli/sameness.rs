//! The same bytes whatever the machine can do, on however many threads, with whatever is in the cache.

use std::fs;
use std::path::Path;

use super::{beats, files, finish, folder, mixdown};

/// Everything that has loops of its own for a vector level.
const SONG: &str = r#"song("x", rate: 48kHz);
let hall = bus("hall").insert(reverb(kind: "hall", decay: 0.8s));
let echo = bus("echo").insert(delay(time: 90ms, feedback: 30%));
let drums = bus("drums").insert(eq(low_shelf(100Hz, 1.5dB), bell(3kHz, -1dB)), compressor(threshold: -24dB, ratio: 2));
track("a", "a.wav").insert(eq(low_cut(40Hz), bell(150Hz, -2dB), bell(1kHz, 1dB), bell(5kHz, 2dB)), compressor(threshold: -28dB))
    .gain([0s: -3dB, 1s: -6dB, 2.5s: -1dB]).pan(-20%).send(hall, -12dB).send(echo, -15dB).to(drums);
track("b", "b.wav").insert(saturate(kind: "tape", drive: 6dB)).pan(30%).send(hall, -15dB).to(drums);
track("c", "a.wav").insert(eq(bell([0s: 300Hz, 2s: 3kHz], 4dB)), reverb(kind: "plate", decay: 0.5s, mix: 30%), width(80%)).gain(-9dB).send(echo, -9dB);
mix.insert(eq(low_cut(25Hz), low_shelf(80Hz, 1dB), bell(400Hz, -1.5dB), high_shelf(10kHz, 1.5dB)), compressor(threshold: -20dB));
master.insert(multiband(split: [120Hz, 3kHz]), saturate(kind: "soft", drive: 2dB), limiter(ceiling: -1dBTP));
stems([drums]);
deliver(mix, "mix.wav", bits: 24);
deliver(mix, "mix-44.flac", rate: 44.1kHz, bits: 16);
deliver(master, "master.wav", bits: 16, loudness: -14LUFS, peak: -1dBTP, max_reduction: 12dB);
"#;

fn session(folder: &Path) {
    beats(&folder.join("a.wav"), 48_000, 2, 3.0);
    beats(&folder.join("b.wav"), 44_100, 1, 2.5);
    fs::write(folder.join("song.mix"), SONG).unwrap();
}

/// Of all files in a folder, in order.
fn hash(out: &Path) -> blake3::Hash {
    let mut hash = blake3::Hasher::new();
    let all = files(out);
    assert_eq!(all.len(), 5, "{all:?}");
    for name in all {
        hash.update(name.as_bytes()).update(&fs::read(out.join(name)).unwrap());
    }
    hash.finalize()
}

#[test]
fn every_level_thread_count_and_state_of_the_cache_gives_one_hash() {
    let folder = folder();
    let at = folder.path();
    session(at);
    let edited = SONG.replace("bell(1kHz, 1dB)", "bell(1kHz, 3dB)").replace("2.5s: -1dB", "2.5s: -2dB");
    let render = |isa: &str, threads: &str, cache: &[&str], text: &str| {
        fs::write(at.join("song.mix"), text).unwrap();
        let _ = fs::remove_dir_all(at.join("out"));
        let ran = finish(
            mixdown(at).env("MIXDOWN_ISA", isa).args(["render", "song.mix", "-o", "out", "-j", threads]).args(cache),
        );
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        hash(&at.join("out"))
    };
    let [first, other] = [SONG, &edited].map(|text| render("baseline", "1", &["--no-cache"], text));
    assert_ne!(first, other);
    for (isa, threads) in [("avx2-halves", "1"), ("avx2", "2"), ("avx512", "1"), ("avx512", "3"), ("baseline", "64")] {
        let cache = format!("cache-{isa}-{threads}");
        let cache = ["--cache-dir", cache.as_str()];
        assert_eq!(render(isa, threads, &["--no-cache"], SONG), first, "{isa} -j {threads}");
        assert_eq!(render(isa, threads, &cache, SONG), first, "{isa} -j {threads}, into an empty cache");
        assert_eq!(render(isa, threads, &cache, &edited), other, "{isa} -j {threads}, after an edit");
        assert_eq!(render(isa, threads, &cache, SONG), first, "{isa} -j {threads}, and back");
        // what one level has kept serves another
        assert_eq!(render("baseline", "2", &cache, &edited), other, "kept by {isa}");
    }
}
