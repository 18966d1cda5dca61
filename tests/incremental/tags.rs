//! Tags that change: files are written anew, strips are not rendered for it.

use super::{SONG, cold, outputs, render, sounds};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x02\0\0\0\x02\x08\x02\0\0\0";

#[test]
fn another_tag_rewrites_its_files_and_renders_nothing() {
    let world = sounds().world(SONG).storing();
    render(&world);
    for (from, to, files) in [
        ("song(\"x\",", "song(\"y\",", 5),
        ("song(\"x\",", "song(\"x\", genre: \"Dub\",", 5),
        ("\"mix.wav\"", "\"mix.wav\", comment: \"for the label\"", 1),
        ("\"mix.wav\"", "\"mix.wav\", bext: true", 1),
        ("stems([drums, music])", "stems([drums, music], album: \"z\")", 3),
    ] {
        let text = SONG.replacen(from, to, 1);
        world.put("song.mix", text.clone());
        let built = render(&world);
        assert_eq!(built.nodes_rendered, 0, "{to}: {:?}", built.rendered);
        assert_eq!(built.artifacts.iter().filter(|artifact| !artifact.reused).count(), files, "{to}");
        assert_eq!(outputs(&world), cold(&sounds(), &text), "{to}");
        assert!(render(&world).artifacts.iter().all(|artifact| artifact.reused), "{to}: once");
        world.put("song.mix", SONG);
        render(&world);
    }
}

#[test]
fn another_picture_under_the_same_name_is_carried() {
    let text = SONG.replacen("\"mix.wav\"", "\"mix.wav\", cover: \"cover.png\"", 1);
    let world = sounds().world(&text).storing();
    world.put("cover.png", PNG);
    render(&world);
    assert!(render(&world).artifacts.iter().all(|artifact| artifact.reused));
    let before = world.get("out/mix.wav").unwrap();
    // as long as before
    let mut other = PNG.to_vec();
    other[19] = 3;
    world.put("cover.png", other.clone());
    let built = render(&world);
    let new: Vec<&str> = built.artifacts.iter().filter(|a| !a.reused).map(|a| a.target.as_str()).collect();
    assert_eq!((built.nodes_rendered, new), (0, vec!["mix.wav"]));
    let after = world.get("out/mix.wav").unwrap();
    let carries = |file: &[u8], picture: &[u8]| file.windows(picture.len()).any(|bytes| bytes == picture);
    assert!(carries(&before, PNG) && !carries(&before, &other) && carries(&after, &other) && !carries(&after, PNG));
}
