//! `mixdown explain`: the wrong example causes its code, and the right one causes nothing.

use std::path::Path;

use mixdown::diag::{CODES, Explanation};
use mixdown::project::{Request, check};
use mixdown::world::Memory;

use super::bytes_of;

/// What only other verbs, a render or a machine can cause: their examples are of lines that are typed, or of sound.
const NOT_BY_A_CHECK: &[u16] = &[204, 208, 305, 405, 505, 506, 508, 603, 606, 608, 610, 611, 612, 613, 614];

/// Names that the examples use without declaring them.
const STRIPS: &[&str] = &["vox", "music", "kick", "a", "b", "echo", "bass"];

/// A fragment as a script of its own: what it uses is declared, and every strip is fed.
fn script(example: &str) -> String {
    if example.contains("\"Silence\"") {
        return example.to_string();
    }
    let mut text = String::new();
    let uses = |name: &str| {
        example.match_indices(name).any(|(i, _)| {
            let before = example[..i].chars().next_back().unwrap_or(' ');
            let after = example[i + name.len()..].chars().next().unwrap_or(' ');
            !(before.is_alphanumeric() || "_\"/.".contains(before)) && matches!(after, '.' | ')' | ']' | ',')
        })
    };
    for name in STRIPS.iter().filter(|n| uses(n) && !example.contains(&format!("let {n} "))) {
        let bus = matches!(*name, "a" | "b" | "echo");
        let file = format!("track(\"{name} in\", \"sound {name}.wav\")");
        text += &match bus {
            true => format!("let {name} = bus(\"the {name}\"); {file}.to({name});\n"),
            false => format!("let {name} = {file};\n"),
        };
    }
    if example.contains("\"intro\"") || example.contains("intor") {
        text += "sections([bar(1): \"intro\", bar(9): \"\"]);\n";
    }
    for bus in ["echo", "plate"] {
        if (example.contains(&format!("\"{bus}\"")) || uses(bus))
            && !text.contains(bus)
            && !example.contains(&format!("bus(\"{bus}\")"))
        {
            text += &format!("let {bus} = bus(\"{bus}\").insert(delay(time: 300ms));\n");
        }
    }
    if !example.contains("song(") {
        text += "song(\"Night Bus\");\n";
    }
    text + "track(\"sound\", \"a sound.wav\").send(bus(\"sounds\").insert(reverb()), -12dB);\n" + example
}

/// The codes that are told, in order.
fn told(e: &Explanation, example: &str) -> Vec<String> {
    let world = Memory::default();
    // `// a.mix` heads a file of an example of several
    let files: Vec<&str> = example.split("// ").filter(|f| f.contains(".mix\n")).collect();
    if e.code.0 == 109 && files.len() == 2 {
        for file in &files {
            let (name, text) = file.split_once('\n').unwrap();
            world.put(Path::new("lib").join(name), text.as_bytes().to_vec());
        }
        world.put(Path::new("song.mix"), script("import \"a\" as first;").into_bytes());
    } else {
        let text = script(example);
        world.put(Path::new("song.mix"), text.clone().into_bytes());
        for name in
            text.split('"').filter(|t| t.ends_with(".wav") || t.ends_with("wav.flac")).filter(|t| !t.starts_with('/'))
        {
            let words = match name {
                "vocals.wav" if e.code.0 == 501 => continue,
                "short.wav" => "truncated",
                "64-channels.wav" => "48000 64",
                "1MHz.wav" => "1000000 2",
                "mono.wav" => "48000 1",
                "copy of take 1.wav" => "a copy of take 1.wav",
                _ => "",
            };
            world.put(Path::new(name), bytes_of(name, words).unwrap());
        }
        world.put(Path::new("cover.webp"), bytes_of("cover.webp", "webp").unwrap());
        world.put(Path::new("cover.jpg"), bytes_of("cover.jpg", "picture").unwrap());
        world.put(Path::new("notes.txt"), bytes_of("notes.txt", "text").unwrap());
        world.put(Path::new("lib/shared.mix"), b"fn nothing() {}".to_vec());
    }
    let checked = check(&world, Path::new("song.mix"), &Request::default());
    checked.diagnostics.iter().map(|d| format!("{}: {}", d.code, d.message)).collect()
}

#[test]
fn wrong_examples_cause_their_code_and_right_ones_do_not() {
    let mut wrong = String::new();
    for e in CODES.iter().filter(|e| !NOT_BY_A_CHECK.contains(&e.code.0)) {
        let (bad, good) = (told(e, e.bad), told(e, e.good));
        let code = e.code.to_string();
        if !bad.iter().any(|t| t.starts_with(&code)) {
            wrong += &format!("{code}: the wrong example gives {bad:?}\n{}\n", script(e.bad));
        }
        let trouble = |t: &&String| {
            t.starts_with(&code) || t.starts_with("MX01") || t.starts_with("MX02") || t.starts_with("MX03")
        };
        if let Some(told) = good.iter().find(trouble) {
            wrong += &format!("{code}: the right example gives {told}\n{}\n", script(e.good));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}
