//! What is said of sessions that are no mistake and rarely meant: that it is said at its place, and that what can be meant is left alone.

mod effects;
mod files;
mod levels;
mod manners;
mod routes;
#[path = "../sessions/mod.rs"]
mod sessions;
mod space;
mod versions;

use std::path::Path;

use mixdown::diag::{Diagnostics, Severity, Sources};
use mixdown::project::check;
use mixdown::world::Memory;
use sessions::{Session, noise};

const SONG: &str = "song.mix";

/// Stereo: kick, snare, vox, pad. Mono: bass, hat. A tenth of a second each, one second of `long`.
fn sounds() -> Session {
    let sound = |seed, channels| noise(seed, channels, 4_800, 0.3);
    Session::new()
        .wav("kick.wav", 48_000, 16, &sound(1, 2))
        .wav("snare.wav", 48_000, 16, &sound(2, 2))
        .wav("vox.wav", 48_000, 16, &sound(3, 2))
        .wav("pad.wav", 48_000, 16, &sound(4, 2))
        .wav("bass.wav", 48_000, 16, &sound(5, 1))
        .wav("hat.wav", 48_000, 16, &sound(6, 1))
        .wav("long.wav", 48_000, 16, &noise(7, 2, 48_000, 0.3))
}

/// Every diagnostic on a line: code, `line:column "words"` of each label with what is said there, message, help.
fn lines(diagnostics: &Diagnostics, sources: &Sources) -> Vec<String> {
    let label = |l: &mixdown::diag::Label| {
        let place = sources.place(l.span).unwrap();
        let source = sources.get(l.span.source).unwrap();
        let words = &source.text[l.span.start as usize..l.span.end as usize];
        let name = if source.name == SONG { String::new() } else { format!("{}:", source.name) };
        format!("[{name}{} {words}: {}]", place.line, l.text)
    };
    diagnostics
        .iter()
        .map(|d| {
            assert_eq!(d.severity, Severity::Warning, "{}", d.message);
            let labels: Vec<String> = d.labels.iter().map(label).collect();
            format!("{} {} {} / {}", d.code, labels.join(" "), d.message, d.help.as_deref().unwrap_or(""))
        })
        .collect()
}

fn told_in(world: &Memory) -> Vec<String> {
    let checked = check(world, Path::new(SONG), &Default::default());
    lines(&checked.diagnostics, &checked.sources)
}

fn told(script: &str) -> Vec<String> {
    told_in(&sounds().world(script))
}

#[track_caller]
fn quiet(script: &str) {
    assert_eq!(told(script), Vec::<String>::new(), "{script}");
}
