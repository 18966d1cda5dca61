//! What is no tag is told, and nothing is written. What is told of it is shown in `docs/mistakes`.

use std::path::Path;

use mixdown::project::{Request, build, check};

use super::{bytes, rendered, world};

fn told(song: &str) -> Vec<String> {
    let world = world(&format!("song({song}); track(\"t\", \"t.wav\"); deliver(mix, \"a.wav\");"));
    let built = build(&world, Path::new("song.mix"), &Request::default(), &());
    let written = world.paths().iter().any(|path| path.starts_with("out"));
    assert_eq!(built.ok, written, "{song}");
    built.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect()
}

#[test]
fn forms_are_held() {
    let refused = [
        "isrc: \"GBXXX260001\"",
        "isrc: \"1BXXX2600001\"",
        "isrc: \"GBXXX26O0001\"",
        "isrc: \"GBXX_2600001\"",
        "upc: \"5012345678901\"",
        "upc: \"036000291453\"",
        "upc: \"03600029145\"",
        "upc: \"50123456789001\"",
        "upc: \"50123456789OO\"",
        "date: \"2026-13\"",
        "date: \"2026-00\"",
        "date: \"2026-02-29\"",
        "date: \"2026-04-31\"",
        "date: \"2026-4-3\"",
        "date: \"26\"",
        "date: \"2026-\"",
        "date: \"2026-05-12-01\"",
        "date: \"12.05.2026\"",
        "track: 0",
        "track: -1",
        "track: 3/12",
        "track: 1.5",
        "track: \"13/12\"",
        "track: \"3/\"",
        "track: \"three\"",
        "track: 10000",
        "title: \"a\\nb\"",
        "comment: \"a\\tb\"",
        "artist: \"a\\x07b\"",
    ];
    for song in refused {
        let told = told(song);
        assert!(told.len() == 1 && told[0].starts_with("MX0310 "), "{song}: {told:?}");
    }
    for song in
        ["date: 2026", "date: 2026-05-12", "track: []", "title: 3", "upc: 5012345678900", "cover: 3", "isrc: true"]
    {
        let told = told(song);
        assert!(told.len() == 1 && told[0].starts_with("MX0302 "), "{song}: {told:?}");
    }
    let taken = [
        "isrc: \"gb xxx 26 00001\"",
        "upc: \"0 36000 29145 2\"",
        "date: \"2024-02-29\"",
        "date: \"0001\"",
        "track: \"9999/9999\"",
        "title: off",
        "comment: \"\"",
    ];
    for song in taken {
        assert_eq!(told(song), Vec::<String>::new(), "{song}");
    }
}

#[test]
fn long_texts_are_taken_up_to_64_kb() {
    let script = "let c = \"ü\"; for i in 0..15 { c += c; } song(\"x\", comment: c); track(\"t\", \"t.wav\"); deliver(mix, \"a.flac\");";
    let world = rendered(script);
    let carried = bytes(&world, "a.flac").windows(65_536).any(|text| text == "ü".repeat(32_768).as_bytes());
    assert!(carried);
    let world = super::world(&script.replace("0..15", "0..16"));
    let told = check(&world, Path::new("song.mix"), &Request::default()).diagnostics;
    assert!(told.has_errors(), "{told:?}");
}

#[test]
fn covers_are_pictures() {
    assert_eq!(told("cover: \"art/cover.jpg\""), Vec::<String>::new());
    for (cover, code) in [("art/cover.jpeg", "MX0501"), ("t.wav", "MX0511"), ("art", "MX0511"), ("song.mix", "MX0511")]
    {
        let told = told(&format!("cover: \"{cover}\""));
        assert!(told.len() == 1 && told[0].starts_with(code), "{cover}: {told:?}");
    }
    let script = "song(\"x\", cover: \"big.jpg\"); track(\"t\", \"t.wav\");";
    let world = world(script);
    let mut big = super::jpeg();
    big.resize(16_000_000, 0);
    world.put("big.jpg", big.clone());
    let count = || check(&world, Path::new("song.mix"), &Request::default()).diagnostics.iter().count();
    assert_eq!(count(), 0);
    big.push(0);
    world.put("big.jpg", big);
    assert_eq!(count(), 1);
}

/// Each by itself is small enough.
#[test]
fn covers_are_not_too_many() {
    let deliveries: String = (0..5).map(|n| format!("deliver(mix, \"{n}.wav\", cover: \"{n}.jpg\");")).collect();
    let world = world(&format!("track(\"t\", \"t.wav\"); {deliveries}"));
    let mut big = super::jpeg();
    big.resize(15_000_000, 0);
    (0..5).for_each(|n| world.put(format!("{n}.jpg"), big.clone()));
    let checked = check(&world, Path::new("song.mix"), &Request::default());
    let told: Vec<String> = checked.diagnostics.iter().map(|d| d.code.to_string()).collect();
    assert_eq!(told, ["MX0107"]);
    assert!(checked.deps.contains(&"0.jpg".into()) && checked.covers.len() == 5);
}

#[test]
fn a_flac_has_no_chunk_for_broadcasters() {
    let world =
        world("track(\"t\", \"t.wav\"); deliver(mix, \"a.flac\", bext: true); deliver(mix, \"b.flac\", bext: false);");
    let built = build(&world, Path::new("song.mix"), &Request::default(), &());
    let told: Vec<String> = built.diagnostics.iter().map(|d| d.code.to_string()).collect();
    assert_eq!(told, ["MX0602"]);
}
