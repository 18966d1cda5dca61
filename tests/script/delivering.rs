//! What is asked of deliveries, and the table of targets.

use super::*;
use mixdown::script;
use mixdown::units::Rate;

fn asked(text: &str) -> Asked {
    let s = session(text);
    s.asked(&s.deliveries[0])
}

#[test]
fn a_delivery_says_what_its_file_is_like_and_what_it_must_come_to() {
    let s = session(
        "deliver(master, \"a\", bits: 16, rate: 44.1kHz, format: \"flac\", dither: \"shaped\", target: \"cd\", loudness: -9LUFS,
            peak: -0.5dBTP, max_reduction: 3dB, from: bar(1), fade_out: 1s);
         deliver(mix, \"b.wav\", loudness: \"as is\");
         deliver(mix, \"c.wav\", rate: 96000, loudness: -18, peak: -1dB, max_reduction: 4LU, dither: \"none\");
         stems(rate: 48kHz, dither: \"tpdf\");",
    );
    let [a, b, c] = &s.deliveries[..] else { panic!("three") };
    assert_eq!((a.bits, a.rate, a.format, a.dither), (Some(16), Some(Rate::CD), Some(Format::Flac), Dither::Shaped));
    assert_eq!(a.target.as_ref().map(|t| t.0.as_str()), Some("cd"));
    assert_eq!((a.loudness, a.peak, a.max_reduction), (Some(Loudness::To(-9.0)), Some(-0.5), Some(3.0)));
    assert!(a.from.is_some() && a.to.is_none() && a.fade_in.is_none() && a.fade_out.is_some());
    assert_eq!((b.loudness, b.peak, b.rate), (Some(Loudness::AsIs), None, None));
    assert_eq!((c.loudness, c.peak, c.max_reduction), (Some(Loudness::To(-18.0)), Some(-1.0), Some(4.0)));
    assert_eq!((c.rate, c.dither), (Rate::new(96_000), Dither::None));
    assert_eq!((s.stems[0].rate, s.stems[0].dither), (Some(Rate::STUDIO), Dither::Tpdf));
}

#[test]
fn a_flac_is_compressed_as_the_script_says() {
    let s = session(
        "deliver(mix, \"a.flac\", compression: 8); deliver(mix, \"b.flac\"); deliver(mix, \"c.aiff\", format: \"aiff\");
         stems(path: \"{strip}.flac\", compression: 0);",
    );
    let levels: Vec<Option<u8>> = s.deliveries.iter().map(|d| d.compression.map(|c| c.0)).collect();
    assert_eq!(levels, [Some(8), None, None]);
    assert_eq!(s.stems[0].compression.map(|c| c.0), Some(0));
    assert_eq!(s.deliveries[2].format, Some(Format::Aiff));
}

#[test]
fn a_target_asks_unless_the_delivery_does() {
    let spotify = asked("deliver(master, \"a.flac\", target: \"spotify\");");
    let whole = Asked {
        loudness: Some(Goal::AtLeast(-14.0)),
        peak: Some(-1.0),
        peak_when_louder: Some(-2.0),
        max_reduction: 6.0,
    };
    assert_eq!(spotify, whole);
    let own = asked("deliver(master, \"a.flac\", target: \"spotify\", loudness: -10LUFS, max_reduction: 2dB);");
    let exactly = Asked { loudness: Some(Goal::Exactly(-10.0)), peak: Some(-2.0), peak_when_louder: None, ..whole };
    assert_eq!(own, Asked { max_reduction: 2.0, ..exactly });
    assert_eq!(asked("deliver(master, \"a.wav\", target: \"spotify\", loudness: \"as is\");"), Asked::NOTHING);
    assert_eq!(asked("deliver(master, \"a.wav\");"), Asked::NOTHING);
    let podcast = asked("deliver(master, \"a.wav\", target: \"podcast\");");
    assert_eq!((podcast.loudness, podcast.peak), (Some(Goal::Exactly(-16.0)), Some(-1.0)));
    let cd = asked("deliver(master, \"a.wav\", target: \"cd\");");
    assert_eq!((cd.loudness, cd.peak, cd.needs_solving()), (None, Some(-0.3), true));
    assert!(!asked("deliver(mix, \"a.wav\", target: \"premaster\");").needs_solving());
}

#[test]
fn a_script_speaks_over_the_table() {
    let reading = read_files(&[
        (
            "song.mix",
            "import \"house\" as h;
             deliver(master, \"a.flac\", target: \"spotify\"); deliver(master, \"b.wav\", target: \"club\");
             deliver(master, \"c.wav\", target: \"web\"); deliver(mix, \"d.wav\", target: \"loft\");
             deliver(master, \"e.flac\", target: \"spotify\"); deliver(mix, \"f.wav\", target: \"tidal\");
             target(\"spotify\", loudness: -12LUFS); target(\"spotify\", bits: 16);
             target(\"web\", kind: \"floor\", loudness: -18LUFS, lifts: -2dBTP);
             target(\"loft\", peak: -1dBTP, rate: 96kHz, format: \"wav\", note: \"for the loft\");
             target(\"unused\", loudness: -3LUFS); target(\"tv\", peak: -3dBTP); target(\"tv\", loudness: -23LUFS);
             target(\"vinyl\", kind: \"exact\", loudness: -18LUFS);
             deliver(master, \"g.wav\", target: \"tv\"); deliver(master, \"h.wav\", target: \"vinyl\");",
        ),
        (
            "lib/house.mix",
            "target(\"club\", loudness: -8LUFS, peak: -0.5dBTP, source: \"the club\", date: \"2026-01\");",
        ),
    ]);
    assert_eq!(told(&reading), Vec::<String>::new());
    let s = &reading.session;
    let names: Vec<&str> = s.targets.iter().map(|t| t.name.as_str()).collect();
    assert_eq!(
        names,
        ["spotify", "club", "web", "loft", "tidal", "tv", "vinyl"],
        "those that deliveries name, once each"
    );

    let table = |name: &str| script::targets().iter().find(|t| t.name == name).unwrap().clone();
    let spotify = Target { loudness: Some(-12.0), bits: Some(16), ..table("spotify") };
    assert_eq!(s.target("spotify"), Some(&spotify), "what is not said stays");
    assert_eq!(s.target("tidal"), Some(&table("tidal")));
    let club = s.target("club").unwrap();
    assert_eq!((club.kind, club.loudness, club.peak, club.playback), (TargetKind::Exact, Some(-8.0), Some(-0.5), None));
    assert_eq!((club.source.as_str(), club.date.as_str(), club.title()), ("the club", "2026-01", "club"));
    let web = s.target("web").unwrap();
    assert_eq!((web.kind, web.plays(-24.0, -6.0), web.plays(-10.0, 0.0)), (TargetKind::Floor, Some(4.0), Some(-8.0)));
    let tv = s.target("tv").unwrap();
    assert_eq!((tv.kind, tv.loudness, tv.peak), (TargetKind::Exact, Some(-23.0), Some(-3.0)), "said in two goes");
    let vinyl = Target { kind: TargetKind::Exact, loudness: Some(-18.0), ..table("vinyl") };
    assert_eq!(s.target("vinyl"), Some(&vinyl));
    let loft = s.target("loft").unwrap();
    assert_eq!((loft.kind, loft.rate, loft.format), (TargetKind::None, Rate::new(96_000), Some(Format::Wav)));

    let at = |loc: Loc| {
        let source = reading.sources.get(loc.0.source).unwrap();
        (source.name.as_str(), &source.text[loc.0.start as usize..loc.0.end as usize])
    };
    assert_eq!(at(s.target("spotify").unwrap().loc), ("song.mix", "\"spotify\""));
    assert_eq!(at(club.loc), ("lib/house.mix", "\"club\""));
    assert_eq!(at(s.target("tidal").unwrap().loc), ("<stdlib>/targets.mix", "\"tidal\""));
}

#[test]
fn the_table_is_read_only_where_it_is_needed() {
    let names = |text: &str| read_text(text).sources.iter().map(|s| s.1.name.clone()).collect::<Vec<_>>();
    assert_eq!(names("deliver(master, \"a.wav\", loudness: -14LUFS);"), ["song.mix"]);
    assert_eq!(names("deliver(master, \"a.wav\", target: \"cd\");"), ["song.mix", "<stdlib>/targets.mix"]);
}

#[test]
fn the_table_of_targets_is_whole() {
    let reading = read_text(script::stdlib::TARGETS);
    assert_eq!(told(&reading), Vec::<String>::new());
    let all = script::targets();
    use TargetKind::{Exact, Floor, None as No};
    let numbers = [
        ("spotify", Floor, Some(-14.0), Some(-1.0)),
        ("apple-music", Floor, Some(-16.0), Some(-1.0)),
        ("youtube", Floor, Some(-14.0), Some(-1.0)),
        ("tidal", Floor, Some(-14.0), Some(-1.0)),
        ("amazon-music", Floor, Some(-14.0), Some(-2.0)),
        ("deezer", Floor, Some(-15.0), Some(-1.0)),
        ("soundcloud", Floor, Some(-14.0), Some(-1.0)),
        ("podcast", Exact, Some(-16.0), Some(-1.0)),
        ("radio", No, None, Some(-1.0)),
        ("cd", No, None, Some(-0.3)),
        ("vinyl", No, None, Some(-1.0)),
        ("premaster", No, None, None),
        ("broadcast-eu", Exact, Some(-23.0), Some(-1.0)),
        ("broadcast-us", Exact, Some(-24.0), Some(-2.0)),
        ("netflix", Exact, Some(-27.0), Some(-2.0)),
    ];
    let found: Vec<_> = all.iter().map(|t| (t.name.as_str(), t.kind, t.loudness, t.peak)).collect();
    assert_eq!(found, numbers);
    for t in all {
        assert!(t.source.len() > 5 && t.title.is_some() && t.bits.is_some() && t.format.is_some(), "{}", t.name);
        assert!(is_date(&t.date), "{}: {}", t.name, t.date);
        assert_eq!(t.playback.is_some(), t.kind == Floor, "{}: who normalises plays at a level", t.name);
        assert!(t.bits != Some(32) || t.format == Some(Format::Wav), "{}", t.name);
        let s = session(&format!("deliver(master, \"x\", target: \"{}\");", t.name));
        assert_eq!(s.targets, std::slice::from_ref(t));
    }
    let get = |name: &str| all.iter().find(|t| t.name == name).unwrap();
    assert_eq!(get("spotify").peak_when_louder, Some(-2.0));
    assert_eq!(get("spotify").plays(-20.0, -5.0), Some(4.0), "Spotify's own example");
    assert_eq!(get("youtube").plays(-20.0, -12.0), Some(0.0), "YouTube turns down only");
    assert_eq!(get("apple-music").plays(-20.0, -12.0), Some(4.0), "Sound Check does both");
    assert_eq!((get("cd").rate, get("cd").bits), (Some(Rate::CD), Some(16)));
    assert!(["broadcast-eu", "broadcast-us", "netflix"].iter().all(|n| get(n).rate == Some(Rate::STUDIO)));
    let note = get("netflix").note.as_deref().unwrap();
    assert!(note.contains("dialogue") && note.contains("approximation"), "{note}");
    assert!(!is_date("2026-13-01") && !is_date("2026") && !is_date("20-11-2026") && !is_date("2026-02-30"));
}

/// `2026-11-20`, or `2020-08` for an edition of a month.
fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let digits = parts.iter().all(|p| p.bytes().all(|b| b.is_ascii_digit()));
    let number = |i: usize| parts.get(i).and_then(|p| p.parse::<u32>().ok()).unwrap_or(0);
    let days = match number(1) {
        2 => 29,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    let lengths: Vec<usize> = parts.iter().map(|p| p.len()).collect();
    digits
        && (lengths == [4, 2] || lengths == [4, 2, 2] && (1..=days).contains(&number(2)))
        && (1980..2100).contains(&number(0))
        && (1..=12).contains(&number(1))
}

#[test]
fn a_trim_goes_by_an_amount_or_to_a_measure() {
    let text =
        "track(\"a\").trim(-18LUFS); track(\"b\").trim(-6dBFS); track(\"c\").trim(-1dBTP); bus(\"d\").trim(-24LUFS);
        track(\"e\").trim(-3dB); track(\"f\").trim(-18LUFS).trim(2); track(\"g\").trim(-20LUFS + 2LU);";
    let reading = read_text(text);
    assert_eq!(told(&reading), Vec::<String>::new());
    let trim = |name| strip(&reading.session, name).trim;
    let to = |name| match trim(name) {
        Trim::To { level, value, loc } => (level, value, &text[loc.0.start as usize..loc.0.end as usize]),
        Trim::By(by) => panic!("{name}: by {by}"),
    };
    assert_eq!(to("a"), (Level::Lufs, -18.0, "-18LUFS"));
    assert_eq!(to("b"), (Level::Dbfs, -6.0, "-6dBFS"));
    assert_eq!(to("c"), (Level::Dbtp, -1.0, "-1dBTP"));
    assert_eq!(to("d"), (Level::Lufs, -24.0, "-24LUFS"));
    assert_eq!((trim("e"), trim("f")), (Trim::By(-3.0), Trim::By(2.0)));
    assert_eq!(to("g"), (Level::Lufs, -18.0, "-20LUFS + 2LU"));
}
