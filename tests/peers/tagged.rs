//! What files say of themselves, as ffprobe and metaflac read it; and that the sound is the same to everybody.

use std::fs;

use super::{Bench, apart, music};

/// A red pixel, whole.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\x03\x01\x01\0\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82";

const TAGS: &str = "title: \"Größe & Salz\", artist: \"Ķāda grupa\", album: \"Heimkehr\", track: \"3/12\", isrc: \"GB-XXX-26-00001\", \
     upc: \"5012345678900\", date: \"2026-05-12\", genre: \"Dream Pop\", comment: \"日本語\", cover: \"cover.png\"";

fn bench() -> Bench {
    let bench = Bench::new();
    bench.write("source.wav", 48_000, &music(48_000, 2, 2.0));
    fs::write(bench.at("cover.png"), PNG).unwrap();
    let deliver = |file: &str, more: &str| format!("deliver(mix, \"{file}\"{more});\n");
    let tagged = format!(", {TAGS}");
    bench.render(&format!(
        "track(\"a\", \"source.wav\"); chapter(\"Über\", 0s); chapter(\"End\", 1500ms);\n{}{}{}{}{}",
        deliver("tagged/a.wav", &tagged),
        deliver("tagged/a.flac", &tagged),
        deliver("bare/a.wav", ""),
        deliver("bare/a.flac", ""),
        deliver("tagged/bext.wav", &format!("{tagged}, bext: true, from: 500ms")),
    ));
    bench
}

/// Tags by their names in small letters, and chapters with their beginnings.
fn probed(bench: &Bench, file: &str) -> (serde_json::Value, Vec<(String, String)>) {
    let args = ["-v", "error", "-of", "json", "-show_format", "-show_chapters", file];
    let all: serde_json::Value = serde_json::from_str(&bench.says("ffprobe", &args)).unwrap();
    let tags = all["format"]["tags"].as_object().cloned().unwrap_or_default();
    let tags = tags.into_iter().map(|(name, text)| (name.to_lowercase(), text)).collect();
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_string();
    let chapters = all["chapters"].as_array().unwrap();
    let chapters = chapters.iter().map(|c| (text(&c["start_time"]), text(&c["tags"]["title"]))).collect();
    (serde_json::Value::Object(tags), chapters)
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn ffprobe_reads_every_word() {
    let bench = bench();
    for file in ["out/tagged/a.wav", "out/tagged/a.flac"] {
        let (tags, chapters) = probed(&bench, file);
        let track = if file.ends_with("wav") { "3/12" } else { "3" };
        for (name, text) in [
            ("title", "Größe & Salz"),
            ("artist", "Ķāda grupa"),
            ("album", "Heimkehr"),
            ("track", track),
            ("date", "2026-05-12"),
            ("genre", "Dream Pop"),
            ("comment", "日本語"),
        ] {
            assert_eq!(tags[name], text, "{file}: {name} of {tags}");
        }
        // of a WAV with an INFO list ffmpeg takes the ID3 tag's chapters and pictures, and not its words
        if file.ends_with("flac") {
            assert_eq!((&tags["isrc"], &tags["barcode"]), (&"GBXXX2600001".into(), &"5012345678900".into()), "{tags}");
        }
        let text = |a: &str, b: &str| (a.to_string(), b.to_string());
        assert_eq!(chapters, [text("0.000000", "Über"), text("1.500000", "End")], "{file}");
        let cover =
            bench.run("ffmpeg", &["-v", "error", "-i", file, "-map", "0:v", "-c", "copy", "-f", "image2pipe", "-"]);
        assert!(cover.stdout == PNG, "{file}: its cover");
    }
}

/// The tag alone, before a sound that says nothing itself.
#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn ffprobe_reads_the_id3_tag_of_a_wav() {
    let bench = bench();
    let wav = fs::read(bench.at("out/tagged/a.wav")).unwrap();
    let at = wav.windows(4).rposition(|id| id == b"id3 ").unwrap();
    bench.render("track(\"a\", \"source.wav\"); deliver(mix, \"plain.flac\");");
    let size = u32::from_le_bytes(wav[at + 4..at + 8].try_into().unwrap()) as usize;
    let tag = &wav[at + 8..at + 8 + size];
    fs::write(bench.at("id3.flac"), [tag, &fs::read(bench.at("out/plain.flac")).unwrap()].concat()).unwrap();
    let (tags, _) = probed(&bench, "id3.flac");
    for (name, text) in [
        ("title", "Größe & Salz"),
        ("artist", "Ķāda grupa"),
        ("album", "Heimkehr"),
        ("track", "3/12"),
        ("tsrc", "GBXXX2600001"),
        ("barcode", "5012345678900"),
        ("date", "2026-05-12"),
        ("genre", "Dream Pop"),
        ("comment", "日本語"),
    ] {
        assert_eq!(tags[name], text, "{name} of {tags}");
    }
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn the_sound_is_the_same_to_everybody() {
    let bench = bench();
    for end in ["wav", "flac"] {
        let (tagged, bare) = (format!("out/tagged/a.{end}"), format!("out/bare/a.{end}"));
        let sox = bench.sox(&bare);
        assert!(sox.iter().any(|x| x.abs() > 0.1));
        assert_eq!(apart(&bench.sox(&tagged), &sox), 0.0, "{end} in sox");
        assert_eq!(apart(&bench.ffmpeg(&tagged), &sox), 0.0, "{end} in ffmpeg");
        assert_eq!(apart(&bench.ours(&tagged), &sox), 0.0, "{end} here");
    }
    bench.run("flac", &["-t", "-s", "--warnings-as-errors", "out/tagged/a.flac"]);
    assert_eq!(apart(&bench.sox("out/tagged/bext.wav"), &bench.ffmpeg("out/tagged/bext.wav")), 0.0);
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn metaflac_lists_it() {
    let bench = bench();
    let listed = bench.says("metaflac", &["--list", "out/tagged/a.flac"]);
    for line in [
        "vendor string: mixdown",
        "TITLE=Größe & Salz",
        "TRACKNUMBER=3",
        "TRACKTOTAL=12",
        "ISRC=GBXXX2600001",
        "BARCODE=5012345678900",
        "CHAPTER002=00:00:01.500",
        "CHAPTER002NAME=End",
        "type: 3 (Cover (front))",
        "MIME type: image/png",
        "width: 1",
        "depth: 24",
    ] {
        assert!(listed.contains(line), "{line}:\n{listed}");
    }
}

#[test]
#[ignore = "needs ffmpeg, sox and flac"]
fn ffprobe_reads_the_broadcaster_s_chunk() {
    let bench = bench();
    let (tags, _) = probed(&bench, "out/tagged/bext.wav");
    let read =
        ["encoded_by", "time_reference", "coding_history"].map(|name| tags[name].as_str().unwrap_or_default().trim());
    assert_eq!(read, ["mixdown", "24000", "A=PCM,F=48000,W=24,M=stereo,T=mixdown"], "{tags}");
}
