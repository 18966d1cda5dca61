//! Hostile scripts: each gives a diagnostic or a session, soon, and never a panic, an abort or a file.

#[path = "fakes/mod.rs"]
mod fakes;

use fakes::{read_text, told};

fn cases() -> Vec<(&'static str, String)> {
    let n = |text: &str, count: usize| text.repeat(count);
    let mut all: Vec<(&'static str, String)> = vec![
        ("deep parens", format!("let x = {}1{};", n("(", 50_000), n(")", 50_000))),
        ("deep lists", format!("let x = {}{};", n("[", 50_000), n("]", 50_000))),
        ("deep maps", format!("let x = {}1{};", n("#{a:", 50_000), n("}", 50_000))),
        ("deep blocks", format!("{}{}", n("{", 50_000), n("}", 50_000))),
        ("deep if", format!("{} 1 {}", n("if true { ", 20_000), n(" }", 20_000))),
        ("long sum", format!("let x = 1{};", n(" + 1", 20_000))),
        ("long chain", format!("let t = track(\"a\"); t{};", n(".gain(1)", 8_000))),
        ("deep minus", format!("let x = {}1;", n("- ", 50_000))),
        ("deep not", format!("let x = {}true;", n("!", 50_000))),
        ("deep interpolation", format!("{}1{}", n("`${", 5_000), n("}`", 5_000))),
        ("deep closures", format!("let f = {}1;", n("|x| ", 20_000))),
        ("deep calls", format!("{}1{}", n("chain(", 5_000), n(")", 5_000))),
        ("else if", format!("if false {{}} {}", n("else if false {} ", 20_000))),
        ("long line", format!("let s = \"{}\"; undefined_thing", n("x", 70_000))),
        ("many lines", format!("{}undefined_thing", n("\n", 70_000))),
        ("nested comment", format!("{} {}", n("/*", 100_000), n("*/", 100_000))),
        ("many functions", (0..5000).map(|i| format!("fn f{i}() {{}}\n")).collect()),
        ("many variables", (0..5000).map(|i| format!("let v{i} = 1;\n")).collect()),
        ("huge text", n("// x\n", 300_000)),
        ("many mistakes", (0..3000).map(|i| format!("bad{i}();\n")).collect()),
        ("many literals", format!("let a = [{}];", n("1dB,", 9_000))),
        ("many arguments", format!("chain({});", n("1,", 300))),
    ];
    let short = [
        "loop {}",
        "while true { track(\"a\"); }",
        "fn f(x) { f(x + 1) } f(0)",
        "fn a(x) { b(x) } fn b(x) { a(x) } a(1)",
        "let a = [1]; loop { a += a; }",
        "let s = \"xxxxxxxx\"; loop { s += s; }",
        "let m = #{}; let i = 0; loop { m[`k${i}`] = i; i += 1; }",
        "let a = []; loop { a = [a, a]; }",
        "let a = []; loop { a = [a]; }",
        "let a = []; a.push(a); a.push(a); a.len",
        "let a = []; a.pad(1000000000, 0)",
        "let a = \"\"; a.pad(1000000000, 'x')",
        "let a = range(0, 10000000000).collect()",
        "let b = blob(10000000000, 1)",
        "let x = 9223372036854775807; x + 1",
        "let x = -9223372036854775807 - 1; x / -1",
        "let x = -9223372036854775807 - 1; x % -1",
        "1 % 0",
        "1 / 0",
        "1 << 1000",
        "(-9223372036854775807 - 1).abs()",
        "2 ** 10000",
        "let a=[1]; a[100]",
        "let a=[1]; a[-5]",
        "\"äöü\".sub_string(1, -5)",
        "let a = []; for i in 0..500 { a.push(i); } a.sort(|x, y| if (x * 7919 + y * 104729) % 3 == 0 { 1 } else { -1 }); a.len",
        "[1, \"a\", #{}].sort()",
        "for i in range(0, 10, 0) { }",
        "for i in range(0.0, 1.0, 0.0/0.0) { }",
        "timestamp()",
        "sleep(5)",
        "rand()",
        "eval(\"1\")",
        "import \"/etc/passwd\" as x;",
        "import \"../../../../etc/passwd\" as x;",
        "import \"./song\" as x;",
        "open_file(\"x\")",
        "let m = #{z: 1, a: 2, q: 3}; m.keys()",
        "let a = #{}; let f = || a; a.f = f; a.g = a; 1",
        "throw #{code: 3}",
        "exit(3)",
        "loop { try { loop {} } catch { } }",
        "track(\"a\").gain(0.0/0.0)",
        "track(\"a\").gain(1.0/0.0)",
        "let q = \"abc",
        "bus(\"x\").delay(0bars)",
        "let a\0 = 1",
        "\u{feff}let a = 1;",
        "let a = 1;\r\nlet b = ;\r\n",
        "let a = \"😀é\"; boo(1)",
        "\tboo(1)",
        "fn f(x) { if x == 0 { 0 } else { 1 + f(x - 1) } } f(60)",
        "type_of(track(\"a\"))",
        "debug(track(\"a\"))",
        "print(track(\"a\"))",
        "fn track(a) { 3 } track(1)",
        "for i in 0..3 { import \"vocals\" as v; }",
        "let e = bell(1kHz); loop { e = chain(e); }",
        "let e = bell(1kHz); loop { e = chain(e, e, e, e, e, e, e, e); }",
        "let p = 1; loop { p = [1s: p]; }",
        "let p = 1; loop { p = hold(p); }",
        "let t = 1bars; loop { t += note(1/7); }",
        "let t = start(\"x\"); loop { t += t; }",
        "let t = 1bars; loop { t = t * 1e300; }",
        "let f = |x| x; loop { let g = f; f = || g; }",
        "let a = []; for i in 0..9000 { a.push(i); } loop { let b = a; b.push(1); }",
        "track(\"a\").gain(|t| { loop {} })",
        "fn f(t) { f(t) } track(\"a\").gain(|t| f(t))",
        "let x = 1e400s; track(\"a\").delay(x)",
        "track(\"a\").delay(99999999999999999999999bars)",
        "note(1e-300); note(1e300); bar(1e18)",
        "let x = 0; x.y.z = 3;",
        "mix = 3;",
        "mix.foo = 3;",
        "let mix = 3; mix.gain(1)",
        "this",
        "fn f() { this } f()",
        "Fn(\"track\").call(\"x\")",
        "Fn(\"gain\").call(mix, 3)",
        "call_fn(\"x\")",
        "[1s: 2dB: 3dB]",
        "f(a: b: 3)",
        "a(b:)",
        "track(name:)",
        "[:]",
        "[1:]",
        "#{a: 1, a: 2}",
        "`${",
        "`${`",
        "${",
        "1dB2dB",
        "1.dB",
        "1..dB",
        "--3dB",
        "3dB dB",
        "0x",
        "0b2",
        "1e",
        "%",
        "20%%",
        ")]}",
        "({[",
        "'",
        "'a",
        "\\",
        "\"\\",
        "#",
        "#\"",
        "##\"a\"#",
        "fn",
        "fn f",
        "fn f(",
        "|",
        "||",
        "|x",
        "import",
        "import \"\" as x;",
        "import \"vocals\";",
        "export x;",
        "private fn f() {} f()",
        "switch 1 { 1 => 2, _ => 3 }",
        "for (a, b) in [1] {}",
        "do {} while false",
        "let a = if true { 1dB } else { 2dB };",
        "return 3dB;",
        "break",
        "\u{202e}let a = 1;",
        "let x = 99999999999999999999;",
        "let x = 99999999999999999999dB;",
        "sections([bar(1): 3]); sections(3); section(); song(3)",
        "stems(3); deliver(); vca(); tempo(); meter(3); track(); bus(3)",
        "lfo(); follow(); smooth(); hold([1]); start(); end(3); at()",
    ];
    all.extend(short.map(|s| (s, s.to_string())));
    all
}

#[test]
fn hostile_scripts_end_and_are_told() {
    for (name, text) in cases() {
        let lines = told(&read_text(&text));
        assert!(!lines.iter().any(|l| l.contains("could not be read")), "{name}: {lines:?}");
    }
}

#[test]
fn limits_say_which() {
    for (text, part) in [
        ("loop {}", "steps"),
        ("fn f(x) { f(x) } f(1)", "deep"),
        ("let s = \"xxxxxxxx\"; loop { s += s; }", "length of string grew too large"),
        ("let e = bell(1kHz); loop { e = chain(e); }", "effects nest"),
        ("let p = 1; loop { p = [1s: p]; }", "pairs nest"),
        ("for i in 0..11000 { bus(`b${i}`); }", "10240 strips"),
    ] {
        let lines = told(&read_text(text));
        assert!(lines.iter().any(|l| l.starts_with("MX0107") && l.contains(part)), "{text}: {lines:?}");
    }
}

#[test]
fn the_same_text_reads_the_same() {
    let text = "let m = #{z: -1dB, a: -2dB, k: -3dB}; for n in m.keys() { track(n).gain(m[n]); }";
    let (a, b) = (read_text(text), read_text(text));
    assert_eq!(a.session, b.session);
    let names: Vec<&str> = a.session.strips.iter().map(|s| s.name.as_str()).collect();
    assert_eq!(names, ["mix", "master", "a", "k", "z"]);
}
