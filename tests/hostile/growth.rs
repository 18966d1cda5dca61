//! Values that grow: one by another, in variables, in closures, in what a session keeps.

use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    let fill = "let big = []; big.pad(9000, 0); let text = \"\"; text.pad(60000, 'x');";
    let limits = [
        ("doubling texts", "let s = \"xxxxxxxx\"; loop { s += s; }"),
        ("doubling lists", "let a = [1]; loop { a += a; }"),
        ("lists in lists", "let a = []; loop { a = [a, a]; }"),
        ("a list in itself", "let a = []; loop { a = [a]; }"),
        ("a growing map", "let m = #{}; let i = 0; loop { m[`k${i}`] = i; i += 1; }"),
        ("maps in maps", "let m = #{}; loop { m = #{a: m, b: m}; }"),
        ("a growing blob", "let b = blob(8); loop { b += b; }"),
        ("one huge blob", "let b = blob(1000000000000, 1)"),
        ("padding a list", "let a = []; a.pad(1000000000, 0)"),
        ("padding a text", "let a = \"\"; a.pad(1000000000, 'x')"),
        ("a text of numbers", "let s = \"\"; loop { s += 1.7976931348623157e308; }"),
        ("interpolated texts", "let s = \"x\"; loop { s = `${s}${s}`; }"),
        ("replaced letters", "let s = \"xxxxxxxxxx\"; loop { s.replace(\"x\", \"xxxxxxxxxx\"); }"),
        ("parts of a text", "let s = \"\"; s.pad(60000, ','); let all = []; loop { all += s.split(\",\"); }"),
        ("nested closures", "let f = |x| x; loop { let g = f; f = || g; }"),
        ("nested pairs", "let p = 1; loop { p = [1s: p]; }"),
        ("nested effects", "let e = bell(1kHz); loop { e = chain(e); }"),
        (
            "effects by sixteens",
            "let e = bell(1kHz); loop { e = chain(e, e, e, e, e, e, e, e, e, e, e, e, e, e, e, e); }",
        ),
    ];
    let mut all: Vec<Case> = limits.into_iter().map(|(name, text)| case(name, text).says("MX0107")).collect();
    let held = [
        ("texts in a list", "let all = []; for i in 0..10000 { all.push(text + i); }"),
        ("lists in a list", "let all = []; for i in 0..10000 { all.push(big + [i]); }"),
        ("lists in pairs", "let all = []; for i in 0..10000 { all.push([1s: big + [i]]); }"),
        ("texts in pairs", "let all = []; for i in 0..10000 { all.push([1s: text + i]); }"),
        ("lists in closures", "let all = []; for i in 0..9000 { let b = big + [i]; all.push(|| b); }"),
        ("texts in closures", "let all = []; for i in 0..9000 { let b = text + i; all.push(|| b); }"),
        (
            "lists in curried functions",
            "fn f(a) {} let all = []; for i in 0..9000 { all.push(Fn(\"f\").curry(big + [i])); }",
        ),
        ("a function curried for ever", "let f = Fn(\"g\"); loop { f = f.curry(text); }"),
        ("a curried function in itself", "let f = Fn(\"g\"); loop { f = f.curry(f); }"),
        ("lists in a map", "let all = #{}; for i in 0..4000 { all[`${i}`] = [1s: big + [i]]; }"),
        (
            "lists on the way down",
            "fn f(n, a) { let b = a + [n]; b.pop(); let c = b; let d = c; let e = d; c.push(1); d.push(2); c.pop(); d.pop(); f(n + 1, b) } f(0, big)",
        ),
        ("movements", "let all = []; for i in 0..9000 { all.push(lfo(rate: 1Hz, from: big + [i], to: big + [i])); }"),
        ("texts of errors", "for i in 0..100000 { try { throw text + i } catch (e) { } }"),
        (
            "shared lists",
            "let all = []; let n = 0; loop { let b = big + [n]; let f = || { b }; all.push(f); n += 1; if n % 9000 == 0 { let more = all; all = [[1s: more]]; } }",
        ),
        ("sections' names", "for i in 0..100000 { start(text + i); }"),
        ("strips' names to be", "for i in 0..100000 { mix.send(text + i); }"),
        ("paths of clips", "let t = track(\"t\"); for i in 0..50000 { t.clip(text + i); }"),
        ("paths of deliveries", "for i in 0..50000 { deliver(mix, text + i); }"),
        ("the song's texts", "for i in 0..50000 { song(text + i, artist: text + i); }"),
        ("names of targets", "for i in 0..1000 { target(text + i); }"),
        (
            "curves by the thousand",
            "let c = []; for i in 0..9000 { c.push([1s * i: -1dB]); } for i in 0..5000 { track(`t${i}`).gain(c); }",
        ),
        (
            "sums of times",
            "let c = []; for i in 0..9000 { c.push([start(`s${i}`) + bar(1) + end(`s${i}`) : -1dB]); } for i in 0..5000 { track(`t${i}`).gain(c); }",
        ),
        (
            "muted ranges",
            "let c = []; for i in 0..900 { c.push(bar(i)..bar(i + 1)); } for i in 0..9000 { track(`t${i}`).mute_in(c); }",
        ),
        (
            "effects by the thousand",
            "let e = []; for i in 0..1000 { e.push(bell(1kHz)); } for i in 0..9000 { track(`t${i}`).insert(e); }",
        ),
        ("functions of time that hold lists", "for i in 0..9000 { let b = big + [i]; mix.gain(|t| { b.len(); -1 }); }"),
        (
            "functions of time with curried texts",
            "fn f(a, t) { -1 } for i in 0..9000 { mix.gain(Fn(\"f\").curry(text + i)); }",
        ),
        ("expectations of names", "for i in 0..10000 { expect(mix.peak(text + i), below: 0); }"),
        (
            "vcas of everything",
            "let s = []; for i in 0..5000 { s.push(bus(`b${i}`)); } for i in 0..5000 { vca(`v${i}`, s); }",
        ),
        (
            "stems of everything",
            "let s = []; for i in 0..5000 { s.push(bus(`b${i}`)); } for i in 0..5000 { stems(s); }",
        ),
    ];
    all.extend(held.into_iter().map(|(name, text)| case(name, format!("{fill} {text}"))));
    let variables: String = (0..1500).map(|i| format!("let v{i} = big; v{i}.push({i}); ")).collect();
    all.push(case("lists in variables", format!("{fill} {variables}")));
    let down: String = (0..150).map(|i| format!("let v{i} = big; v{i}[0] = {i}; ")).collect();
    all.push(case(
        "lists in variables of sixty calls",
        format!("fn f(n, big) {{ {down} if n < 60 {{ f(n + 1, big) }} }} {fill} f(0, big);"),
    ));
    all
}
