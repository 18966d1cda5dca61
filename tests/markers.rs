//! Markers and chapters: where they are in the files.

mod sessions;

use std::path::Path;

use mixdown::project::{Request, build};
use mixdown::world::Memory;
use sessions::{Session, noise};

const SONG: &str = r#"
song("Song", rate: 48kHz, tempo: 120);
sections([bar(1): "a", bar(2): "b", bar(3): ""]);
track("t", "t.wav");
marker("bright here?", bar(2));
chapter("Salz & Süd", 0s);
marker("late", end("b") - 1beats);
deliver(mix, "plain.wav");
deliver(mix, "cd.wav", rate: 44.1kHz, bits: 16);
deliver(mix, "part.wav", from: 1s, to: 3s);
deliver(mix, "song.flac");
deliver(mix, "song.aiff", rate: 44.1kHz);
"#;

fn rendered(script: &str, request: &Request) -> Memory {
    let world = Session::new().wav("t.wav", 48_000, 24, &noise(1, 2, 48_000 * 4, 0.2)).world(script);
    let built = build(&world, Path::new("song.mix"), request, &());
    assert!(built.ok, "{:?}", built.diagnostics);
    world
}

/// Frame and label of every cue point; the chunks must fill the file.
fn marks(world: &Memory, name: &str) -> Vec<(u32, String)> {
    let bytes = world.get(Path::new("out").join(name)).unwrap().to_vec();
    let word = |at: usize| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap());
    assert_eq!(word(4) as usize, bytes.len() - 8, "{name}: the size of all");
    let (mut at, mut points, mut labels) = (12, Vec::new(), Vec::new());
    while at < bytes.len() {
        let (kind, size) = (&bytes[at..at + 4], word(at + 4) as usize);
        let body = at + 8;
        if kind == b"cue " {
            points = (0..word(body) as usize).map(|i| (word(body + 4 + 24 * i), word(body + 24 + 24 * i))).collect();
        } else if kind == b"LIST" && &bytes[body..body + 4] == b"adtl" {
            let mut inner = body + 4;
            while inner < body + size {
                let length = word(inner + 4) as usize;
                let text = &bytes[inner + 12..inner + 8 + length - 1];
                labels.push((word(inner + 8), String::from_utf8(text.to_vec()).unwrap()));
                inner += 8 + length + length % 2;
            }
        }
        at = body + size + size % 2;
    }
    assert_eq!(at, bytes.len(), "{name}: chunks up to its end");
    points
        .into_iter()
        .map(|(id, frame)| (frame, labels.iter().find(|l| l.0 == id).map(|l| l.1.clone()).unwrap_or_default()))
        .collect()
}

#[test]
fn markers_and_chapters_lie_where_they_are_said_in_every_wav() {
    let world = rendered(SONG, &Request::default());
    let all = |at: [u32; 3]| {
        let texts = ["Salz & Süd", "bright here?", "late"];
        at.into_iter().zip(texts).map(|(frame, text)| (frame, text.to_string())).collect::<Vec<_>>()
    };
    assert_eq!(marks(&world, "plain.wav"), all([0, 96_000, 168_000]));
    assert_eq!(marks(&world, "cd.wav"), all([0, 88_200, 154_350]));
    assert_eq!(marks(&world, "part.wav"), [(48_000, "bright here?".to_string())]);
    let world = rendered(
        SONG,
        &Request { from: Some("bar:2".into()), targets: vec!["plain.wav".into()], ..Request::default() },
    );
    assert_eq!(marks(&world, "plain.wav"), [(0, "bright here?".to_string()), (72_000, "late".to_string())]);
}

/// Frame and name of every marker of an AIFF.
fn aiff_marks(world: &Memory, name: &str) -> Vec<(u32, String)> {
    let bytes = world.get(Path::new("out").join(name)).unwrap().to_vec();
    let mut at = bytes.windows(4).position(|w| w == b"MARK").unwrap() + 10;
    let count = u16::from_be_bytes([bytes[at - 2], bytes[at - 1]]);
    let one = |_| {
        let frame = u32::from_be_bytes(bytes[at + 2..at + 6].try_into().unwrap());
        let length = usize::from(bytes[at + 6]);
        let text = String::from_utf8(bytes[at + 7..at + 7 + length].to_vec()).unwrap();
        at += 7 + length + (length + 1) % 2;
        (frame, text)
    };
    (0..count).map(one).collect()
}

#[test]
fn an_aiff_has_them_too() {
    let world = rendered(SONG, &Request::default());
    assert_eq!(aiff_marks(&world, "song.aiff"), marks(&world, "cd.wav"));
}

#[test]
fn sound_is_the_same_with_markers_and_without() {
    let with = rendered(SONG, &Request::default());
    let bare: String = SONG.lines().filter(|l| !l.starts_with("marker") && !l.starts_with("chapter")).collect();
    let without = rendered(&bare, &Request::default());
    for name in ["plain.wav", "cd.wav"] {
        let path = Path::new("out").join(name);
        assert!(sessions::read(&with, &path) == sessions::read(&without, &path), "{name}");
    }
}

#[test]
fn a_marker_outside_of_the_song_is_told() {
    let script = format!("{SONG}\nmarker(\"far\", 99s);");
    let world = Session::new().wav("t.wav", 48_000, 24, &noise(1, 2, 48_000 * 4, 0.2)).world(&script);
    let built = build(&world, Path::new("song.mix"), &Request::default(), &());
    let told: Vec<String> = built.diagnostics.iter().map(|d| format!("{} {}", d.code, d.message)).collect();
    assert_eq!(told, ["MX0608 \"far\" lies outside of the song"]);
    assert!(built.ok);
}
