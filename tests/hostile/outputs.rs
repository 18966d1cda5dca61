//! Files that would be written elsewhere: every one is refused, and what may be written lies below the output folder.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::case::{Case, case};

const OUT: &[&str] = &["out/", "out "];

/// A tenth of a second of a mono square wave.
fn wav() -> Vec<u8> {
    let samples: Vec<u8> =
        (0..4800i16).flat_map(|i| (if i % 100 < 50 { 3000i16 } else { -3000 }).to_le_bytes()).collect();
    let mut bytes = b"RIFF".to_vec();
    bytes.extend((36 + samples.len() as u32).to_le_bytes());
    bytes.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\xbb\0\0\0\x77\x01\0\x02\0\x10\0data");
    bytes.extend((samples.len() as u32).to_le_bytes());
    bytes.extend(samples);
    bytes
}

fn render(name: &str, text: &str) -> Case {
    let text = format!("let t = track(\"a\", \"a.wav\");\n{text}");
    case(name, text).file("a.wav", wav()).args(&["render", "song.mix"]).may_write(OUT)
}

fn linked_out(folder: &Path) {
    fs::create_dir(folder.join("../elsewhere")).unwrap();
    symlink("../elsewhere", folder.join("out")).unwrap();
}

pub(crate) fn cases() -> Vec<Case> {
    let mut all = Vec::new();
    let paths = [
        "../x.wav",
        "/tmp/mixdown-hostile-x.wav",
        "a/../../x.wav",
        "a/../../../x.wav",
        "./../x.wav",
        "..",
        ".",
        "/",
        "",
        "a\\..\\..\\x.wav",
        "C:/x.wav",
        "~/x.wav/../../../x.wav",
        "a/./b/../../../x.wav",
        "out/../../x.wav",
        "song.mix",
        "../song.mix",
        "../a.wav",
        "x.wav/",
        "x",
        "-rf.wav/../..",
        "\\0.wav",
        "a/\\n../../x.wav",
        "con.wav",
        "aux.wav",
        "x.wav:stream.wav",
        "{strip}/../../../x.wav",
        "x.wav/../../y.wav",
        "//x.wav",
        "\\u202e.wav/..",
    ];
    for path in paths {
        all.push(render(&format!("deliver {path:?}"), &format!("deliver(mix, \"{path}\");")).ends_with(&[0, 1, 2]));
        all.push(case(
            &format!("check {path:?}"),
            format!("deliver(mix, \"{path}\"); stems(path: \"{path}\"); mix.gain(1s)"),
        ));
    }
    for name in ["../x", "..", "/x", "a/../../x", "{strip}", ".", "", "nul", "\\0"] {
        let text = format!("track(\"{name}\", \"a.wav\"); stems(); deliver(\"{name}\", \"y.wav\");");
        all.push(render(&format!("a stem of {name:?}"), &text).ends_with(&[0, 1, 2]));
    }
    all.push(render("a long path", &format!("deliver(mix, \"{}.wav\");", "a/".repeat(3000))).ends_with(&[1, 2]));
    all.push(render("a long name", &format!("deliver(mix, \"{}.wav\");", "a".repeat(300))).ends_with(&[1, 2]));
    all.push(
        render("a file that is a folder too", "deliver(mix, \"x.wav\"); deliver(mix, \"x.wav/y.wav\");")
            .ends_with(&[1, 2]),
    );
    // whose output folder is a link wants the files there, and nowhere else
    all.push(
        render("a linked output folder", "deliver(mix, \"x.wav\"); deliver(mix, \"../x.wav\");").before(linked_out),
    );
    all.push(render("a linked folder in the output folder", "deliver(mix, \"sub/x.wav\");").ends_with(&[1, 2]).before(
        |f| {
            fs::create_dir(f.join("out")).unwrap();
            fs::create_dir(f.join("../elsewhere")).unwrap();
            symlink("../../elsewhere", f.join("out/sub")).unwrap();
        },
    ));
    all.push(render("a linked file in the output folder", "deliver(mix, \"x.wav\");").ends_with(&[0, 1, 2]).before(
        |f| {
            fs::create_dir(f.join("out")).unwrap();
            fs::write(f.join("../precious.wav"), "precious").unwrap();
            symlink("../../precious.wav", f.join("out/x.wav")).unwrap();
        },
    ));
    all.push(render("a source as an output", "deliver(mix, \"../a.wav\"); deliver(mix, \"../song.mix\");"));
    all.push(
        render("a song of a hundred years", "song(\"x\", length: 3153600000s); deliver(mix, \"x.wav\");")
            .ends_with(&[1, 2]),
    );
    all.push(
        render("a clip after a hundred years", "t.clip(\"a.wav\", at: 3153600000s); deliver(mix, \"x.wav\");")
            .ends_with(&[1, 2]),
    );
    all.push(render(
        "a clip a hundred thousand times",
        "t.clip(\"a.wav\", repeat: 100000); t.clip(\"a.wav\", repeat: 100000); throw 1",
    ));
    all.push(render("a loop before a delivery", "loop {} deliver(mix, \"x.wav\");"));
    all.push(render("a throw after a delivery", "deliver(mix, \"x.wav\"); throw \"no\";"));
    all
}
