//! Loops and recursion, wherever a script can put them.

use crate::case::{Case, case};

pub(crate) fn cases() -> Vec<Case> {
    let limit = |name: &str, text: &str| case(name, text).says("MX0107");
    let mut all: Vec<Case> = [
        ("loop", "loop {}"),
        ("while", "while true { track(\"a\"); }"),
        ("do", "do { } while true;"),
        ("for over a huge range", "for i in 0..9223372036854775807 { }"),
        ("for over floats", "for i in range(0.0, 1e300, 1e-300) { }"),
        ("a step of nothing", "for i in range(0.0, 1.0, 1e-320) { } loop {}"),
        ("nested loops", "for a in 0..10000 { for b in 0..10000 { for c in 0..10000 { } } }"),
        ("self recursion", "fn f(x) { f(x + 1) } f(0)"),
        ("mutual recursion", "fn a(x) { b(x) } fn b(x) { c(x) } fn c(x) { a(x) } a(1)"),
        ("a tree of calls", "fn f(x) { if x > 0 { f(x - 1); f(x - 1); } } f(60)"),
        ("recursion by name", "fn f(x) { Fn(\"f\").call(x) } f(1)"),
        ("recursion by call", "fn f(x) { call(f, x) } f(1)"),
        ("a closure that calls itself", "let f = |g, x| g.call(g, x + 1); f.call(f, 0)"),
        ("closures that call one another", "let a = |x, y| y.call(y, x); let b = |y, x| x.call(x, y); a.call(a, b)"),
        ("curried recursion", "fn f(g, x) { let h = g.curry(g); h.call(x) } f(Fn(\"f\"), 1)"),
        ("recursion of a method", "fn f() { this.f() } let x = 1; x.f()"),
        ("recursion in an argument", "fn f(x) { f(f(x)) } f(1)"),
        ("recursion in an interpolation", "fn f(x) { `${f(x)}` } f(1)"),
        ("recursion in a default", "fn f(x) { if x == 0 { 0 } else { f(x) } } track(\"a\").gain(f(1))"),
        ("sort", "let a = []; for i in 0..100 { a.push(i); } a.sort(|x, y| { loop {} 0 })"),
        (
            "sort that never agrees",
            "let a = []; for i in 0..9000 { a.push(i % 7); } loop { a.sort(|x, y| 1); a.sort(|x, y| -1); }",
        ),
        ("filter", "[1, 2].filter(|x| { loop {} true })"),
        ("map", "[1, 2].map(|x| { loop {} })"),
        ("reduce", "[1, 2].reduce(|s, x| { loop {} })"),
        ("reduce_rev", "[1, 2].reduce_rev(|s, x| { loop {} }, 0)"),
        ("drain", "let a = [1, 2]; a.drain(|x| { loop {} true })"),
        ("retain", "let a = [1, 2]; a.retain(|x| { loop {} true })"),
        ("some", "[1, 2].some(|x| { loop {} true })"),
        ("all", "[1, 2].all(|x| { loop {} true })"),
        ("find", "[1, 2].find(|x| { loop {} true })"),
        ("for_each", "[1, 2].for_each(|x| { loop {} })"),
        ("dedup", "[1, 1].dedup(|a, b| { loop {} true })"),
        ("index_of", "[1, 2].index_of(|x| { loop {} true })"),
        ("remove of a map", "#{a: 1}.drain(|k, v| { loop {} true })"),
        ("filter of a map", "#{a: 1}.filter(|k, v| { loop {} true })"),
        ("a callback in a callback", "fn f(a) { let b = a + []; a.map(|x| f(b)) } f([1])"),
        ("a callback that grows another list", "let b = [1]; loop { [1].for_each(|| { b.push(1); }) }"),
        ("switch", "loop { switch 1 { 1 => { continue }, _ => { break } } }"),
        ("continue", "loop { continue; }"),
        ("a condition", "fn f() { loop {} true } if f() { 1 }"),
        ("an index", "let a = [1]; a[{ loop {} 0 }]"),
        ("a value of a map", "let m = #{a: { loop {} 1 }};"),
        ("an argument", "track({ loop {} \"a\" })"),
        ("a named argument", "mix.gain(value: { loop {} 1 })"),
        ("a pair", "mix.gain([1s: { loop {} 1 }])"),
        ("try", "loop { try { loop {} } catch { } }"),
        ("try around recursion", "fn f(x) { try { f(x + 1) } catch { f(x + 1) } } f(0)"),
        ("try around growth", "let a = []; loop { try { a += [a, a, 1, 2, 3]; } catch { a = []; } }"),
        ("try around a cap", "loop { try { track(\"a\"); } catch { } }"),
        ("catch forever", "loop { try { throw 1 } catch (e) { } }"),
        ("a function of time", "mix.gain(|t| { loop {} })"),
        ("recursion of a function of time", "fn f(t) { f(t) } mix.gain(|t| f(t))"),
        ("a function of time with try", "mix.gain(|t| { loop { try { loop {} } catch {} } })"),
        ("a comparison that recurses", "fn f(x) { if f(x) == f(x) { 1 } else { 2 } } f(1)"),
    ]
    .into_iter()
    .map(|(name, text)| limit(name, text))
    .collect();
    let slow: String = (0..200)
        .map(|i| format!("mix.insert(bell(1kHz, gain: |t| {{ let x = {i}; for i in 0..4500 {{ x += i; }} 0 }}));\n"))
        .collect();
    all.push(case("many slow functions of time", slow));
    let many: String = "for i in 0..9000 { let t = track(`t${i}`); t.gain(|t| -t); }".into();
    all.push(case("thousands of functions of time", many));
    all.push(limit("a module's own loop", "import \"m\" as m;").file("lib/m.mix", "loop {}"));
    all.push(limit("a module's recursion", "import \"m\" as m; m::f(1)").file("lib/m.mix", "fn f(x) { f(x) }"));
    all.push(
        case("recursion through modules", "import \"a\" as a; a::f(1)")
            .file("lib/a.mix", "import \"b\" as b; fn f(x) { import \"b\" as b; b::g(x) }")
            .file("lib/b.mix", "fn g(x) { import \"a\" as a; a::f(x) }"),
    );
    all.push(
        limit("recursion through a function that is given", "import \"m\" as m; fn f(g) { m::f(g) } m::f(Fn(\"f\"))")
            .file("lib/m.mix", "fn f(g) { g.call(g) }"),
    );
    all
}
