//! Modules that lead in circles, too many of them, and paths to what is no text of the project.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::case::{Case, case};

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

fn sparse(path: &Path) {
    fs::File::create(path).unwrap().set_len(3 << 30).unwrap();
}

fn lib(folder: &Path) -> std::path::PathBuf {
    fs::create_dir_all(folder.join("lib")).unwrap();
    folder.join("lib/m.mix")
}

pub(crate) fn cases() -> Vec<Case> {
    const M: &str = "import \"m\" as m; m::f(1)";
    let circle = |name: &str| case(name, "import \"a\" as a;").says("MX0109");
    let mut all = vec![
        case("the script itself", "import \"./song\" as x;"),
        circle("a module itself").file("lib/a.mix", "import \"a\" as a;"),
        circle("three modules")
            .file("lib/a.mix", "import \"b\" as b;")
            .file("lib/b.mix", "import \"c\" as c;")
            .file("lib/c.mix", "import \"a\" as a;"),
        circle("a circle inside of functions")
            .file("lib/a.mix", "fn f() { import \"b\" as b; b::f() }")
            .file("lib/b.mix", "fn f() { import \"a\" as a; a::f() }"),
        case("a circle by other names", "import \"./lib/../lib/./a\" as a;")
            .file("lib/a.mix", "import \"./../lib/a\" as b;"),
        case("a circle through a link", "import \"a\" as a;")
            .file("lib/a.mix", "import \"b\" as b;")
            .before(|f| symlink("a.mix", f.join("lib/b.mix")).unwrap()),
        case("a circle through a linked folder", "import \"a\" as a;")
            .file("lib/a.mix", "import \"again/a\" as b;")
            .before(|f| symlink(".", f.join("lib/again")).unwrap()),
        case("a link to itself", M).before(|f| symlink("m.mix", lib(f)).unwrap()),
        case("a link that leads nowhere", M).before(|f| symlink("nothing", lib(f)).unwrap()),
        case("a link out of the project", M).before(|f| symlink("/etc/hostname", lib(f)).unwrap()).says("MX"),
        case("a link to a device", M).before(|f| symlink("/dev/zero", lib(f)).unwrap()),
        case("a link to the process's memory", M).before(|f| symlink("/proc/self/mem", lib(f)).unwrap()),
        case("a pipe", M).before(|f| fifo(&lib(f))),
        case("a folder", M).before(|f| fs::create_dir_all(f.join("lib/m.mix")).unwrap()),
        case("three gigabytes", M).before(|f| sparse(&lib(f))),
        case("a device by name", "import \"/dev/zero\" as x;"),
        case("a device by a way up", "import \"../../../../../../../../dev/zero\" as x;"),
        case("memory by name", "import \"/proc/self/mem\" as x;"),
        case("a name with a NUL", "import \"a\\0b\" as x;"),
        case("a name that is too long", format!("import \"{}\" as x;", "a".repeat(5000))),
        case("a way that is too long", format!("import \"{}a\" as x;", "./a/".repeat(9000))),
        case("an import in a loop", "loop { import \"m\" as m; }").file("lib/m.mix", "fn f() {}").says("MX0107"),
        case("an import in a function in a loop", "fn f() { import \"m\" as m; m::f() } loop { f(); }")
            .file("lib/m.mix", "fn f() {}")
            .says("MX0107"),
        case("a module that takes long, in a loop", "for i in 0..1000 { import \"m\" as m; }")
            .file("lib/m.mix", "let x = 0; for i in 0..10000 { x += i; }"),
        case("an import by a variable", "let n = \"vocals\"; import n as v;"),
        case("an import by a sum", "import \"voc\" + \"als\" as v;"),
        case("a script that throws", "import \"m\" as m;").file("lib/m.mix", "throw \"x\""),
        case("a script of another kind", "import \"m\" as m; m::f()").file("lib/m.mix", [0xff, 0xfe, b'a', 0]),
        case("exports of everything", "import \"m\" as m;")
            .file("lib/m.mix", (0..20_000).map(|i| format!("export const C{i} = {i};\n")).collect::<String>()),
        case("no script", "").args(&["check", "nothing.mix"]).ends_with(&[1, 2]),
        case("/dev/zero", "").args(&["check", "/dev/zero"]).ends_with(&[1, 2]),
        case("/dev/null", "").args(&["check", "/dev/null"]).ends_with(&[1, 2]),
        case("/dev/stdin", "").args(&["check", "/dev/stdin"]).ends_with(&[1, 2]),
        case("/proc/self/mem", "").args(&["check", "/proc/self/mem"]).ends_with(&[1, 2]),
        case("/proc/self/environ", "").args(&["check", "/proc/self/environ"]).ends_with(&[1, 2]),
        case("a folder as a script", "").args(&["check", "."]).ends_with(&[1, 2]),
        case("a pipe as a script", "").args(&["check", "p.mix"]).before(|f| fifo(&f.join("p.mix"))).ends_with(&[1, 2]),
        case("a link to a pipe as a script", "")
            .args(&["check", "l.mix"])
            .before(|f| {
                fifo(&f.join("p.mix"));
                symlink("p.mix", f.join("l.mix")).unwrap();
            })
            .ends_with(&[1, 2]),
        case("a sparse script", "").args(&["check", "s.mix"]).before(|f| sparse(&f.join("s.mix"))).ends_with(&[1, 2]),
        case("a pipe of audio", "track(\"a\", \"a.wav\")").before(|f| fifo(&f.join("a.wav"))).ends_with(&[1, 2]),
        case("a device of audio", "track(\"a\", \"/dev/zero\")").ends_with(&[1, 2]),
        case("a sparse file of audio", "track(\"a\", \"a.wav\")")
            .before(|f| sparse(&f.join("a.wav")))
            .ends_with(&[1, 2]),
        case("the script as audio", "track(\"a\", \"song.mix\")").ends_with(&[1, 2]),
        case("a folder of many scripts", "import \"nothing\" as n;").before(|f| {
            lib(f);
            (0..5000).for_each(|i| fs::write(f.join(format!("lib/nothing_{i}.mix")), "").unwrap());
        }),
    ];
    // a chain of modules, a fan of modules, and a text that imports more than there can be
    let mut chain = case("a chain of modules", "import \"m0\" as m;").says("MX0107");
    let mut fan =
        case("a fan of modules", (0..1000).map(|i| format!("import \"m{i}\" as m{i};\n")).collect::<String>())
            .says("MX0107");
    for i in 0..1000 {
        chain = chain.file(format!("lib/m{i}.mix"), format!("import \"m{}\" as m;", i + 1));
        fan = fan.file(format!("lib/m{i}.mix"), "fn f() {}");
    }
    let large = case("large modules", (0..190).map(|i| format!("import \"m{i}\" as m{i};\n")).collect::<String>());
    let large = large.says("MX0107").before(|f| {
        lib(f);
        let text = format!("// {}\n", "x".repeat(50_000)).repeat(20);
        (0..190).for_each(|i| fs::write(f.join(format!("lib/m{i}.mix")), &text).unwrap());
    });
    let again = case("one large module again and again", "import \"m\" as m;\n".repeat(1_900)).before(|f| {
        fs::write(lib(f), format!("// {}\n", "x".repeat(50_000)).repeat(20)).unwrap();
    });
    let nowhere = (0..50_000).map(|i| format!("import \"nothing/{i}\" as m;\n")).collect::<String>();
    let nowhere = case("imports of nothing", nowhere).says("MX0107");
    let nowhere_near = (0..1_900).map(|i| format!("import \"nothin_{i}\" as m;\n")).collect::<String>();
    let nowhere_near = case("imports of nothing in a folder of many scripts", nowhere_near).before(|f| {
        lib(f);
        (0..5000).for_each(|i| fs::write(f.join(format!("lib/nothing_{i}.mix")), "").unwrap());
    });
    let long_ways = case("ways that are too long", format!("import \"{}a\" as x;\n", "./a/".repeat(5000)).repeat(50));
    let blocks = case("modules of many blocks", "import \"m\" as m; import \"n\" as n;")
        .file("lib/m.mix", "{{}}{{}}{{}}{{}}{{}}\n".repeat(49_000))
        .file("lib/n.mix", "{{}}{{}}{{}}{{}}{{}}\n".repeat(49_000));
    all.extend([again, nowhere, nowhere_near, long_ways, blocks]);
    let mut diamond = case("modules that share modules", "import \"m0\" as m;");
    for i in 0..100 {
        let imports: String = (i + 1..100).map(|j| format!("import \"m{j}\" as m{j};\n")).collect();
        diamond = diamond.file(format!("lib/m{i}.mix"), imports);
    }
    all.extend([chain, fan, large, diamond]);
    all
}
