//! How long a session of five hundred lines takes to read: `cargo bench --bench script`.

use std::path::Path;

use mixdown::script;
use mixdown::world::Memory;

fn main() {
    divan::main();
}

/// Sixty tracks, eight lines each.
fn session() -> String {
    let mut text = String::from(
        "song(\"Big\", tempo: 120);\nlet plate = bus(\"plate\").insert(reverb(kind: \"plate\", decay: 1.8s));\n",
    );
    for i in 0..60 {
        text += &format!(
            "let t{i} = track(\"track {i}\", \"audio/{i}.wav\")\n    .trim(-2dB)\n\
             .insert(eq(low_cut(28Hz), bell(60Hz, 3dB, q: 1.2)))\n    .insert(compressor(threshold: -24dB, ratio: 4,\n\
             attack: 10ms, release: \"auto\"))\n    .gain([bar(1): -12dB, bar(9): smooth(-3dB), bar(17)..bar(18): off])\n\
             .pan({}%)\n    .send(plate, -12dB);\n",
            i - 30
        );
    }
    text
}

#[divan::bench]
fn five_hundred_lines(bencher: divan::Bencher<'_, '_>) {
    let world = Memory::new();
    world.put("song.mix", session());
    let mistakes = script::read(&world, Path::new("song.mix")).diagnostics;
    assert!(mistakes.is_empty(), "{mistakes:?}");
    bencher.bench(|| script::read(&world, Path::new("song.mix")));
}
