//! Every word, in every format.

use std::io::Cursor;
use std::path::Path;

use id3::TagLike;
use lofty::config::ParseOptions;
use lofty::file::AudioFile;
use lofty::flac::FlacFile;
use lofty::iff::wav::WavFile;
use lofty::ogg::OggPictureStorage;
use lofty::picture::{MimeType, PictureType};
use mixdown::project::Request;

use super::{PNG, build_in, bytes, chunk, chunks, id3, jpeg, rendered, world};
use crate::sessions;

const SONG: &str = r#"
song("Größe & Salz", artist: "Ķāda grupa", album: "Lange Heimkehr", track: "3/12", isrc: "gb-xxx-26-00001", upc: "501234-5678900",
     date: "2026-05-12", genre: "Dream Pop", cover: "art/cover.jpg", comment: "日本語で書いた", rate: 48kHz);
track("t", "t.wav");
deliver(mix, "a.wav");
deliver(mix, "a.flac");
deliver(mix, "b.wav", title: "Live", artist: "Others", album: "B", track: 7, isrc: "USRC17607839", upc: "036000291452", date: "1999-02",
        genre: "Noise", cover: "art/cover.png", comment: "b");
deliver(mix, "b.flac", title: "Live", artist: "Others", album: "B", track: 7, isrc: "USRC17607839", upc: "036000291452", date: "1999-02",
        genre: "Noise", cover: "art/cover.png", comment: "b");
deliver(mix, "a.aiff");
deliver(mix, "none.aiff", title: off, artist: "", album: off, track: off, isrc: off, upc: off, date: off, genre: off, cover: off, comment: "");
deliver(mix, "none.wav", title: off, artist: "", album: off, track: off, isrc: off, upc: off, date: off, genre: off, cover: off, comment: "");
deliver(mix, "none.flac", title: off, artist: "", album: off, track: off, isrc: off, upc: off, date: off, genre: off, cover: off, comment: "");
stems(path: "stems/{strip}.flac", title: "A stem", cover: off, isrc: off);
"#;

/// Title, artist, album, track, of how many, ISRC, bar code, date, genre, comment.
type Words = [Option<&'static str>; 10];

const A: Words = [
    Some("Größe & Salz"),
    Some("Ķāda grupa"),
    Some("Lange Heimkehr"),
    Some("3"),
    Some("12"),
    Some("GBXXX2600001"),
    Some("5012345678900"),
    Some("2026-05-12"),
    Some("Dream Pop"),
    Some("日本語で書いた"),
];
const B: Words = [
    Some("Live"),
    Some("Others"),
    Some("B"),
    Some("7"),
    None,
    Some("USRC17607839"),
    Some("036000291452"),
    Some("1999-02"),
    Some("Noise"),
    Some("b"),
];

fn flac(bytes: &[u8]) -> FlacFile {
    FlacFile::read_from(&mut Cursor::new(bytes), ParseOptions::new()).unwrap()
}

fn info(bytes: &[u8]) -> lofty::iff::wav::RiffInfoList {
    let file = WavFile::read_from(&mut Cursor::new(bytes), ParseOptions::new()).unwrap();
    file.riff_info().unwrap().clone()
}

#[test]
fn a_flac_says_every_word() {
    let world = rendered(SONG);
    let names =
        ["TITLE", "ARTIST", "ALBUM", "TRACKNUMBER", "TRACKTOTAL", "ISRC", "BARCODE", "DATE", "GENRE", "COMMENT"];
    for (name, words) in [("a.flac", A), ("b.flac", B)] {
        let file = flac(&bytes(&world, name));
        let comments = file.vorbis_comments().unwrap();
        assert_eq!(names.map(|name| comments.get(name)), words, "{name}");
        assert_eq!(comments.items().count(), words.iter().flatten().count(), "{name}: and nothing else");
        assert_eq!(comments.vendor(), "mixdown");
    }
    let stem = flac(&bytes(&world, "stems/t.flac"));
    let comments = stem.vorbis_comments().unwrap();
    assert_eq!((comments.get("TITLE"), comments.get("ALBUM")), (Some("A stem"), A[2]));
    assert_eq!((comments.get("ISRC"), stem.pictures().len()), (None, 0));
    // STREAMINFO is the last block
    assert_eq!(bytes(&world, "none.flac")[4], 0x80);
}

#[test]
fn a_flac_carries_the_cover_as_it_is() {
    let world = rendered(SONG);
    let cover = |name: &str, bytes: &[u8], mime: MimeType, head: [u32; 4]| {
        let file = flac(&super::bytes(&world, name));
        let [(picture, about)] = file.pictures() else { panic!("{name}: one picture") };
        assert!(picture.data() == bytes, "{name}");
        assert_eq!((picture.mime_type(), picture.pic_type()), (Some(&mime), PictureType::CoverFront));
        assert_eq!([about.width, about.height, about.color_depth, about.num_colors], head);
    };
    cover("a.flac", &jpeg(), MimeType::Jpeg, [3000, 2000, 24, 0]);
    cover("b.flac", PNG, MimeType::Png, [1, 1, 24, 0]);
}

#[test]
fn a_wav_says_every_word_in_its_info() {
    let world = rendered(SONG);
    let names = ["INAM", "IART", "IPRD", "ITRK", "IPRT", "ICRD", "IGNR", "ICMT", "ISRC"];
    let info = |name: &str| {
        let list = info(&bytes(&world, name));
        names.map(|name| list.get(name).map(str::to_string))
    };
    let text = |words: [Option<&str>; 9]| words.map(|word| word.map(str::to_string));
    // in a list of INFO, ISRC would be the source
    assert_eq!(info("a.wav"), text([A[0], A[1], A[2], Some("3/12"), Some("3/12"), A[7], A[8], A[9], None]));
    assert_eq!(info("b.wav"), text([B[0], B[1], B[2], Some("7"), Some("7"), B[7], B[8], B[9], None]));
    let names = |name| chunks(&bytes(&world, name)).into_iter().map(|c| c.0).collect::<Vec<_>>();
    assert_eq!(names("none.wav"), ["fmt ", "data"]);
    assert_eq!(names("none.aiff"), ["COMM", "SSND"]);
}

#[test]
fn a_wav_and_an_aiff_say_every_word_in_an_id3_tag() {
    let world = rendered(SONG);
    let cover = jpeg();
    for (name, words, picture, mime) in [
        ("a.wav", A, &cover[..], "image/jpeg"),
        ("a.aiff", A, &cover[..], "image/jpeg"),
        ("b.wav", B, PNG, "image/png"),
    ] {
        let tag = id3(bytes(&world, name));
        assert_eq!(tag.version(), id3::Version::Id3v24);
        let (track, of) = (tag.track().map(|n| n.to_string()), tag.total_tracks().map(|n| n.to_string()));
        let text = |id| tag.get(id).and_then(|frame| frame.content().text());
        let barcode = tag.extended_texts().find(|t| t.description == "BARCODE").map(|t| t.value.as_str());
        let comment = tag.comments().next().filter(|c| c.description.is_empty()).map(|c| c.text.as_str());
        let read = [tag.title(), tag.artist(), tag.album(), track.as_deref(), of.as_deref()];
        let more = [text("TSRC"), barcode, text("TDRC"), tag.genre(), comment];
        assert_eq!([read, more].concat(), words, "{name}");
        let pictures: Vec<_> = tag.pictures().collect();
        assert_eq!(pictures.len(), 1);
        assert!(pictures[0].data == picture, "{name}");
        assert_eq!(
            (pictures[0].mime_type.as_str(), pictures[0].picture_type),
            (mime, id3::frame::PictureType::CoverFront)
        );
        // the size in its head is that of the chunk
        let id = if name.ends_with("wav") { "id3 " } else { "ID3 " };
        let chunk = chunk(&bytes(&world, name), id).unwrap();
        let size = chunk[6..10].iter().fold(0, |size, b| size << 7 | usize::from(*b));
        assert_eq!(size + 10, chunk.len());
    }
}

/// Tags are around the sound, never in it.
#[test]
fn sound_is_the_same_with_tags_and_without() {
    let world = rendered(SONG);
    for end in ["wav", "flac"] {
        let read = |name: &str| sessions::read(&world, &Path::new("out").join(format!("{name}.{end}")));
        assert!(read("a").iter().flatten().any(|x| x.abs() > 0.1));
        // its noise is seeded by the file's name, which is not the tags' doing
        assert_eq!(read("a")[0].len(), read("none")[0].len());
    }
    let bare = rendered(
        "track(\"t\", \"t.wav\"); deliver(mix, \"a.wav\"); deliver(mix, \"a.flac\"); deliver(mix, \"a.aiff\");",
    );
    for name in ["a.wav", "a.flac", "a.aiff"] {
        let path = Path::new("out").join(name);
        assert!(sessions::read(&world, &path) == sessions::read(&bare, &path), "{name}");
    }
    let data = |world, name| chunk(&bytes(world, name), "data").unwrap();
    assert!(data(&world, "a.wav") == data(&bare, "a.wav"));
    // and the frames of a FLAC are the end of its file
    let (tagged, bare) = (bytes(&world, "a.flac"), bytes(&bare, "a.flac"));
    assert!(tagged.ends_with(&bare[42..]));
}

#[test]
fn the_same_session_makes_the_same_bytes() {
    let all = |threads| {
        let world = world(SONG);
        build_in(&world, &Request { threads: Some(threads), ..Request::default() });
        ["a.wav", "a.flac", "b.wav", "b.flac"].map(|name| blake3::hash(&bytes(&world, name)))
    };
    assert_eq!(all(1), all(2));
}

#[test]
fn the_song_s_words_are_in_files_that_nobody_asked_for() {
    let world = rendered("song(\"Salt\", artist: \"X\"); track(\"t\", \"t.wav\");");
    let list = info(&bytes(&world, "mix.wav"));
    assert_eq!((list.get("INAM"), list.get("IART"), list.get("ICRD")), (Some("Salt"), Some("X"), None));
}

#[test]
fn a_path_has_the_file_s_own_words() {
    let world = rendered(
        r#"song("Salt", artist: "X", album: "Y", track: 3); track("t", "t.wav");
deliver(mix, "{track:02} {title}.wav");
deliver(mix, "{album}/{track} {song} {title} {artist}.wav", title: "Salt (live)", track: "12/20", artist: "Z");"#,
    );
    for name in ["03 Salt.wav", "Y/12 Salt Salt (live) Z.wav"] {
        bytes(&world, name);
    }
}

/// Chapters are for those who listen; what a FLAC has no other place for is among them.
#[test]
fn places_with_a_name_are_chapters() {
    let places = "marker(\"check the S\", 250ms); chapter(\"Über\", 500ms); chapter(\"End\", 1s);";
    let deliveries =
        "deliver(mix, \"c.wav\"); deliver(mix, \"c.flac\"); deliver(mix, \"part.wav\", from: 750ms, rate: 44.1kHz);";
    let world = rendered(&format!("track(\"t\", \"t.wav\"); {places} {deliveries}"));
    let file = flac(&bytes(&world, "c.flac"));
    let comments: Vec<(&str, &str)> = file.vorbis_comments().unwrap().items().collect();
    let expected = [
        ("CHAPTER001", "00:00:00.250"),
        ("CHAPTER001NAME", "check the S"),
        ("CHAPTER002", "00:00:00.500"),
        ("CHAPTER002NAME", "Über"),
        ("CHAPTER003", "00:00:01.000"),
        ("CHAPTER003NAME", "End"),
    ];
    assert_eq!(comments, expected);
    let chapters = |name: &str| {
        let tag = id3(bytes(&world, name));
        let contents: Vec<_> = tag.tables_of_contents().cloned().collect();
        let all: Vec<_> = tag
            .chapters()
            .map(|c| (c.start_time, c.end_time, c.start_offset, c.frames[0].content().text().unwrap().to_string()))
            .collect();
        assert_eq!(contents.len(), 1);
        assert!(contents[0].top_level && contents[0].ordered);
        assert_eq!(contents[0].elements, tag.chapters().map(|c| c.element_id.clone()).collect::<Vec<_>>());
        all
    };
    let text = str::to_string;
    assert_eq!(chapters("c.wav"), [(500, 1000, u32::MAX, text("Über")), (1000, 1500, u32::MAX, text("End"))]);
    assert_eq!(chapters("part.wav"), [(250, 750, u32::MAX, text("End"))]);
}

/// A table of contents counts in one byte.
#[test]
fn many_chapters_have_tables_of_tables() {
    let world =
        rendered("track(\"t\", \"t.wav\"); for i in 0..300 { chapter(`c${i}`, i.ms * 4); } deliver(mix, \"c.wav\");");
    let tag = id3(bytes(&world, "c.wav"));
    let tables: Vec<_> = tag.tables_of_contents().collect();
    assert_eq!(tag.chapters().count(), 300);
    assert_eq!(tables[0].elements, ["toc1", "toc2"]);
    assert_eq!(tables[1].elements.len() + tables[2].elements.len(), 300);
    assert!(tables[0].top_level && !tables[1].top_level && !tables[2].top_level);
}
