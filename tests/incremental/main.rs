//! What was rendered once is not rendered again, and what comes of that has the bytes of a cold build.

#[path = "../sessions/mod.rs"]
mod sessions;

mod damage;
mod edits;
mod hits;
mod inputs;
mod tags;
mod why;

use std::path::Path;

use mixdown::project::{Built, Request, build};
use mixdown::world::{Memory, World};

use sessions::{Session, noise};

/// Four tracks of 4 to 5 seconds: stereo, stereo, mono, stereo.
fn sounds() -> Session {
    Session::new()
        .wav("a.wav", 48_000, 24, &noise(21, 2, 220_000, 0.3))
        .wav("b.wav", 48_000, 24, &noise(22, 2, 200_000, 0.3))
        .wav("c.wav", 48_000, 16, &noise(23, 1, 210_000, 0.3))
        .wav("d.wav", 44_100, 24, &noise(24, 2, 190_000, 0.2))
}

/// Two groups, two returns, a key, and a curve whose last way begins at 3.5 s.
const SONG: &str = r#"song("x", rate: 48kHz);
let hall = bus("hall").insert(reverb(decay: 0.4s));
let echo = bus("echo").insert(delay(time: 90ms));
let drums = bus("drums").insert(eq(low_shelf(100Hz, 1dB)));
let music = bus("music").insert(compressor(threshold: -20dB));
let a = track("a", "a.wav").insert(eq(bell(1kHz, 3dB), low_cut(40Hz)), compressor(threshold: -24dB)).gain([0s: -3dB, 2s: -6dB, 3.5s: -4dB, 4.4s: -5dB]).send(hall, -12dB).to(drums);
track("b", "b.wav").insert(eq(bell(300Hz, -2dB))).pan(-30%).send(hall, -15dB).send(echo, -9dB).to(drums);
track("c", "c.wav").insert(compressor(threshold: -30dB, key: a)).pan(20%).send(hall, -10dB).to(music);
track("d", "d.wav").gain(-6dB).send(echo, [0s: -20dB, 3s: -6dB]).to(music);
mix.insert(eq(high_shelf(8kHz, 1dB)));
master.insert(saturate(drive: 2dB), limiter(ceiling: -1dBTP));
stems([drums, music]);
deliver(mix, "mix.wav");
deliver(master, "master.wav", bits: 16);
"#;

fn built(world: &dyn World, request: &Request) -> Built {
    let built = build(world, Path::new("song.mix"), request, &());
    let told: Vec<String> = built.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
    assert!(built.ok, "{told:#?}");
    built
}

fn render(world: &dyn World) -> Built {
    built(world, &Request::default())
}

/// All that lies in the output folder.
fn outputs(world: &Memory) -> Vec<(String, blake3::Hash)> {
    let out = world.paths().into_iter().filter(|path| path.starts_with("out"));
    out.map(|path| (path.display().to_string(), blake3::hash(&world.get(&path).unwrap()))).collect()
}

/// What a build of `text` without any past makes.
fn cold(session: &Session, text: &str) -> Vec<(String, blake3::Hash)> {
    let world = session.world(text);
    render(&world);
    outputs(&world)
}
