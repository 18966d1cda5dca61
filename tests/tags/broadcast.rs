//! The chunk for broadcasters: EBU Tech 3285 v2, field by field.

use mixdown::project::Request;

use super::{Made, build_in, bytes, chunk, chunks, rendered, world};

const SONG: &str = r#"
song("Salt", date: "2026-05-12", rate: 48kHz);
track("t", "t.wav");
deliver(mix, "a.wav", bext: true);
deliver(mix, "part.wav", bext: true, from: 500ms, rate: 44.1kHz, bits: 16, date: "2026");
deliver(mix, "float.wav", bext: true, bits: 32, date: off);
deliver(mix, "plain.wav", bext: false);
stems(bext: true);
"#;

fn text(body: &[u8], at: usize, room: usize) -> String {
    let field = &body[at..at + room];
    let end = field.iter().position(|b| *b == 0).unwrap_or(room);
    assert!(field[end..].iter().all(|b| *b == 0));
    String::from_utf8(field[..end].to_vec()).unwrap()
}

#[test]
fn every_field_is_what_the_session_says_and_what_was_measured() {
    let world = world(SONG);
    let built = build_in(&world, &Request::default());
    for name in ["a.wav", "stems/t.wav"] {
        let file = bytes(&world, name);
        assert_eq!(chunks(&file)[0].0, "bext", "{name}: before all others");
        let body = chunk(&file, "bext").unwrap();
        assert_eq!(text(&body, 0, 256), "Salt");
        assert_eq!(text(&body, 256, 32), "mixdown");
        assert_eq!((text(&body, 320, 10), text(&body, 330, 8)), ("2026-05-12".into(), "00:00:00".into()));
        assert_eq!(body[338..346], [0; 8]);
        assert_eq!(body[346..348], [2, 0]);
        assert_eq!(&body[602..], b"A=PCM,F=48000,W=24,M=stereo,T=mixdown\r\n");
        let artifact = built.artifacts.iter().find(|a| a.target == name).unwrap();
        let m = &artifact.measurement;
        let measured =
            [m.integrated_lufs, m.loudness_range_lu, m.true_peak_dbtp, m.momentary_max_lufs, m.short_term_max_lufs];
        for (i, value) in measured.into_iter().enumerate() {
            let at = 412 + 2 * i;
            let written = i16::from_le_bytes(body[at..at + 2].try_into().unwrap());
            match value {
                Some(value) => assert!(
                    (f64::from(written) / 100.0 - value).abs() <= 0.005 + 1e-9,
                    "{name}: {i}: {written} {value}"
                ),
                None => assert_eq!(written, 0x7FFF, "{name}: {i}"),
            }
        }
        assert!(m.integrated_lufs.is_some() && m.true_peak_dbtp.is_some());
        assert!(m.loudness_range_lu.is_none(), "a second and a half has none");
        assert_eq!(m.blake3, blake3::hash(&file).to_string(), "{name}: what is told is what lies there");
    }
    assert!(chunk(&bytes(&world, "plain.wav"), "bext").is_none());
}

#[test]
fn a_part_says_where_in_the_song_it_lies() {
    let world = rendered(SONG);
    let body = chunk(&bytes(&world, "part.wav"), "bext").unwrap();
    assert_eq!(u64::from_le_bytes(body[338..346].try_into().unwrap()), 22_050);
    assert_eq!(&body[602..], b"A=PCM,F=44100,W=16,M=stereo,T=mixdown\r\n");
    // a range of it begins later still
    let world = super::world(SONG);
    build_in(&world, &Request { from: Some("0:01".into()), targets: vec!["part.wav".into()], ..Request::default() });
    let body = chunk(&bytes(&world, "part.wav"), "bext").unwrap();
    assert_eq!(u64::from_le_bytes(body[338..346].try_into().unwrap()), 44_100);
}

/// No clock: a whole date of the session, else what the environment says, else none.
#[test]
fn dates_are_said_never_read_off_a_clock() {
    let made = Made { date: "2020-01-02".into(), time: "03:04:05".into() };
    let world = world(SONG);
    build_in(&world, &Request { made: Some(made), ..Request::default() });
    let date = |world, name| {
        let body = chunk(&bytes(world, name), "bext").unwrap();
        (text(&body, 320, 10), text(&body, 330, 8))
    };
    assert_eq!(date(&world, "a.wav"), ("2026-05-12".into(), "00:00:00".into()));
    for name in ["part.wav", "float.wav"] {
        assert_eq!(date(&world, name), ("2020-01-02".into(), "03:04:05".into()));
    }
    let silent = rendered(SONG);
    for name in ["part.wav", "float.wav"] {
        assert_eq!(date(&silent, name), (String::new(), String::new()));
    }
    // who does not ask for the chunk has nothing of it
    assert_eq!(bytes(&world, "plain.wav"), bytes(&silent, "plain.wav"));
}
