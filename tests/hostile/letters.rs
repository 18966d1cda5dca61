//! Letters that are no letters, texts that are no texts.

use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    let n = |text: &str, count: usize| text.repeat(count);
    let utf16: Vec<u8> = "track(\"a\")".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let binary: Vec<u8> = (0..200_000u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    let bytes: Vec<(&str, Vec<u8>)> = vec![
        ("nothing", Vec::new()),
        ("UTF-16 with its mark", [vec![0xff, 0xfe], utf16.clone()].concat()),
        ("UTF-16 without", utf16),
        ("binary", binary),
        ("Latin-1", b"track(\"B\xe4sse\")".to_vec()),
        ("half a letter", b"track(\"a\xc3".to_vec()),
        ("a surrogate", b"track(\"\xed\xa0\x80\")".to_vec()),
        ("a whole audio file", [b"RIFF\xff\xff\xff\xffWAVEfmt ".to_vec(), vec![0; 4000]].concat()),
        ("NULs", vec![0; 100_000]),
        ("a program", b"\x7fELF\x02\x01\x01\0".to_vec()),
    ];
    let texts: Vec<(&str, String)> = vec![
        ("a NUL in a name", "let a\0 = 1".into()),
        ("a NUL in a text", "track(\"a\0b\"); deliver(mix, \"a\0.wav\"); track(\"b\", \"a\0.wav\")".into()),
        ("NULs by escape", "track(\"\\0\"); deliver(mix, \"\\0.wav\"); start(\"\\0\"); reverb(kind: \"\\0\\x1b[2J\")".into()),
        ("escapes of a terminal", "track(\"\x1b[31mred\x1b[0m\"); \x1b[2J; x\x07()".into()),
        ("escapes of a terminal in messages", "let e = \"\\x1b]0;owned\\x07\"; reverb(kind: e); start(e); mix.send(e); track(\"a\", e + \".wav\"); throw e".into()),
        ("a name that turns around", "track(\"\u{202e}abc\u{2066}\"); \u{202e}let a = 1;".into()),
        ("turns by escape", "reverb(kind: \"\\u202e\\u2066abc\"); start(\"\\u202e\"); throw \"\\u202e\"".into()),
        ("a flood of turns", format!("track(\"{}\"); {}", n("\u{202e}\u{2066}", 5_000), n("\u{202e}", 5_000))),
        ("a name without width", "let a\u{200b}b = 1; \u{200b}; track(\"\u{200b}\"); track(\"\u{feff}\")".into()),
        ("a flood without width", format!("reverb(kind: \"{}\"); {}(1)", n("\u{200b}\u{200d}", 9_000), n("\u{200d}", 9_000))),
        ("a flood of accents", format!("reverb(kind: \"a{}\"); a{}(1)", n("\u{301}", 20_000), n("\u{301}", 20_000))),
        ("a letter with many accents as a name", format!("let a{} = 1;", n("\u{301}", 1_000))),
        ("wide letters", format!("reverb(kind: \"{}\"); {}(1)", n("漢", 9_000), n("漢", 9_000))),
        ("faces", format!("reverb(kind: \"{}\"); {}", n("👩‍👩‍👧‍👦", 1_500), n("👩‍👩‍👧‍👦", 500))),
        ("letters that grow in lower case", format!("bus(\"{}\"); mix.send(\"{}\")", n("İ", 50), n("İ", 9_000))),
        ("tabs", format!("{}undefined_thing", n("\t", 50_000))),
        ("tabs in a mistake", format!("mix.gain({}1s)", n("\t", 50_000))),
        ("a mark in the middle", "let a = 1;\u{feff} let b = undefined_thing;".into()),
        ("marks", n("\u{feff}", 1_000)),
        ("lone carriage returns", "let a = 1;\rlet b = undefined_thing;\r".into()),
        ("only carriage returns", n("\r", 100_000)),
        ("line feeds of another kind", "let a = 1;\u{2028}undefined_thing;\u{2029}\u{85}x;\u{b}y;\u{c}z".into()),
        ("a comment that ends with a carriage return", "// a\rundefined_thing\r// b\r\nundefined_other".into()),
        ("carriage returns in a text", "track(\"a\rb\"); track(`a\r\nb`); throw \"a\r\nb\"".into()),
        ("letters beyond", format!("track(\"{}\")", n("\u{10ffff}", 100))),
        ("letters that look alike", "tr\u{430}ck(\"a\"); m\u{456}x.gain(1)".into()),
        ("numbers of another script", "mix.gain(١dB); mix.gain(１dB); 1\u{2028}dB".into()),
        ("a degree and a micro", "1°; 1µs; 1Ω; 1㏈; 20％".into()),
        ("units next to letters", "1dBä; 1sß; 1_000__dB; 1_dB; 1e5é; 1.5.5dB".into()),
        ("quotes of another kind", "track(“a”); track(«a»); track(‘a’)".into()),
        ("unknown escapes", "\"\\q\"; \"\\u{110000}\"; \"\\uD800\"; \"\\x\"; \"\\U00110000\"; '\\'; ''; 'ab'".into()),
        ("private letters", format!("{}(1)", n("\u{e000}\u{f8ff}", 100))),
    ];
    let mut all: Vec<Case> = bytes.into_iter().map(|(name, bytes)| case(name, bytes).ends_with(&[1, 2])).collect();
    all.extend(texts.into_iter().map(|(name, text)| case(name, text)));
    all
}
