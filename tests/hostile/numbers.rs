//! Numbers that are none, endless ones, and times and songs beyond all measure.

use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    let wild = ["0.0/0.0", "1.0/0.0", "-1.0/0.0", "1e308", "-1e308", "5e-324", "9223372036854775807", "-0.0"];
    let units = ["", "dB", "s", "ms", "Hz", "kHz", "%", "bars", "beats", "samples", "LUFS", "dBTP", "st", "deg"];
    let mut all = Vec::new();
    for number in wild {
        let literal = if number.contains('/') { "1" } else { number };
        let mut text = format!("let x = {number};\n");
        for unit in units {
            let value = if unit.is_empty() { "x".to_string() } else { format!("(x * 1{unit})") };
            text += &format!(
                "track(\"a{unit}\").gain({value}).pan({value}).width({value}).delay({value}).trim({value});\n\
                 mix.insert(bell({value}, {value}, q: {value})).send(master, {value});\n\
                 mix.gain([{value}: {value}, 1s: {value}]).fade_in({value});\n\
                 mix.gain(lfo(rate: {value}, from: {value}, to: {value}));\n\
                 note({value}); bar({value}, {value}); bars({value}); beats({value}); at({value}); start(mix, {value});\n\
                 song(\"x\", length: {value}, tail: {value}, tempo: {value}, rate: {value});\n\
                 tempo({value}); meter({value}); sections([{value}: \"a\", bar({value}): \"b\"]);\n\
                 track(\"c{unit}\").clip(\"a.wav\", at: {value}, from: {value}, to: {value}, fade_in: {value}, gain: {value}, repeat: {value});\n\
                 deliver(mix, \"x{}.wav\", rate: {value}, bits: {value}, loudness: {value}, peak: {value}, from: {value}, to: {value});\n\
                 target(\"t{unit}\", loudness: {value}); expect(mix.peak({value}..{value}), below: {value}, by: {value});\n\
                 reverb(decay: {value}); delay({value}); limiter({value}); compressor(ratio: {value});\n",
                unit.replace('%', "p"),
            );
        }
        text += &format!("bar(1) + {literal}bars; mix.mute_in(bar({literal})..bar(2));\n");
        all.push(case(number, text));
    }
    let short = [
        "9223372036854775807 + 1; -9223372036854775807 - 2; 9223372036854775807 * 2",
        "let x = -9223372036854775807 - 1; x / -1; x % -1; -x; x.abs(); x ** 2; x << 1; x >> 64",
        "1 % 0; 1 / 0; 1.0 % 0.0; 0 ** -1; 2 ** 10000; (-1) ** 0.5; 1 << 1000; 1 >> -1",
        "let x = 1e400; let y = 1e400s; track(\"a\").delay(y); mix.gain(x)",
        "let x = 99999999999999999999; let y = 99999999999999999999dB;",
        "let a = [1]; a[9223372036854775807]; a[-9223372036854775807]",
        "\"äöü\".sub_string(1, -5); \"äöü\".sub_string(-9223372036854775807, 9223372036854775807); \"äöü\"[5]",
        "let s = \"äöü\"; s.crop(1, 9223372036854775807); s.truncate(-1); s[0] = 'x'; s.remove(\"ö\"); s.set(9, 'x')",
        "[1, 2, 3].extract(-9223372036854775807, 9223372036854775807); [1].splice(9, 9, [1]); [1].chop(-5); [1].truncate(-5)",
        "let b = blob(8, 255); b.parse_le_int(3, 9); b.write_be(0, 99, 5); b.as_string(); b[0] = 300; b.parse_le_float(1, 8)",
        "(5).to_hex(); 5.bits(0..64); 5.get_bits(60, 9); 5.set_bit(64, true); for b in 5.bits(-9, 99) {}",
        "parse_int(\"zz\", 99); parse_int(\"9\", 1); parse_float(\"1e999\"); \"x\".to_int(); 1e300.to_int(); (0.0/0.0).to_int()",
        "(1e300).round(); (0.5).floor(); sqrt(-1.0); ln(-1.0); log(0.0, 0.0); exp(1e9); sin(1e308); tan(1.0/0.0)",
        "range(1, 10, -1); range(0, 10, 0); for i in range(10, 0, -0.0) {} for i in range(0, 9223372036854775807, 4611686018427387904) {}",
        "let t = 1bars; loop { t += note(1/7); t += note(1/11); t -= note(1/13); }",
        "let t = 1bars; loop { t = t * 1e300; t = t / 1e300; }",
        "let t = start(\"x\"); loop { t += t; }",
        "let t = bar(1); for i in 0..1000 { t += bar(i); t -= end(mix); }",
        "note(1e-300); note(1e300); bar(1e18); bar(-1e18); bars(1e-18); note(0.333333333333)",
        "song(\"x\", length: 1000000000000s); mix.gain(|t| -t)",
        "song(\"x\", length: 1e300s, tail: 1e300s, tempo: 1e300, rate: 1e300)",
        "song(\"x\", length: 1000000bars, tempo: 1e-300)",
        "song(\"x\", tempo: 0.0000001); sections([bar(1000000): \"a\", bar(1): \"b\"]); track(\"a\").delay(1000000bars)",
        "tempo([bar(1): 120, bar(2): 1e9, bar(3): -5, bar(4): 0]); tempo(lfo(rate: 1Hz, from: 1, to: 2)); tempo(|t| t)",
        "let c = []; for i in 0..9999 { c.push([bar(i): 20 + i % 300]); } tempo(c); for i in 0..9999 { bar(i); }",
        "let c = []; for i in 0..9999 { c.push([bar(i): `${i % 30 + 1}/4`]); } meter(c);",
        "meter(\"0/0\"); meter(\"1/0\"); meter(\"999999999999/4\"); meter(\"4/3\"); meter(\"a/b\"); meter(\"-4/4\"); meter(\"/\")",
        "at(\"99999999999999999999:99:99.9\"); at(\"-1:-1\"); at(\"1e5\"); at(\":::\"); at(\"1:2:3:4:5\")",
        "track(\"a\", \"a.wav\").clip(\"a.wav\", repeat: 100000, at: 1000000000000s)",
        "mix.gain(|t| 0.0/0.0); master.gain(|t| 1.0/0.0); bus(\"a\").gain(|t| \"x\"); bus(\"b\").gain(|t| mix); bus(\"c\").gain(|t, u| 1)",
        "mix.gain(|t| { let s = \"\"; s.pad(60000, 'x'); throw s })",
        "let c = []; for i in 0..9000 { c.push([1s * (i / 1e300): -1dB]); } mix.gain(c)",
        "let c = []; for i in 0..9000 { c.push([1e12s * i: -1dB]); } mix.gain(c)",
        "let c = []; for i in 0..9000 { c.push([1s * i..1s * (i + 9000): -1dB]); } mix.gain(c)",
        "follow(mix, from: 1, to: 2, low: 1e300, high: -1e300); mix.gain(follow(mix, from: 0.0/0.0, to: 1.0/0.0))",
        "lfo(rate: 1e-300bars, from: 1, to: 2); lfo(rate: 0s, from: 1, to: 2); mix.gain(lfo(rate: -1bars, from: -1, to: -2))",
    ];
    all.extend(short.into_iter().map(|text| case(text, text)));
    all
}
