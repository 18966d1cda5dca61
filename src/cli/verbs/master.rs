use std::path::{Path, PathBuf};

use super::{measure, render};
use crate::cli::args::Master;
use crate::cli::terminal::Terminal;
use crate::cli::{End, messages};
use crate::diag::{Diagnostics, Sources, suggest};
use crate::project::{self, Mastering, Request};
use crate::world::{Disk, Overlay, World, join};

/// Masters one stereo file by a script that it writes itself, and keeps it if asked to.
pub(in crate::cli) fn master(terminal: &Terminal, world: &Disk, asked: Master, request: Request) -> End {
    let known = project::delivery_targets();
    let mut targets: Vec<(String, &'static str)> = Vec::new();
    for name in asked.targets.iter().map(|name| name.trim()) {
        let Some(target) = known.iter().find(|t| t.name == name) else {
            let help = match suggest(name, known.iter().map(|t| t.name.as_str())) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`mixdown targets` lists all of them".to_string(),
            };
            return terminal.fail(&format!("no target is called `{name}`"), Some(&help));
        };
        if targets.iter().all(|(other, _)| other != name) {
            targets.push((name.to_string(), project::extension(target)));
        }
    }
    let script = asked.save.clone().unwrap_or_else(|| PathBuf::from("master.mix"));
    if asked.save.is_some() && world.exists(&script) {
        let help = "nothing was touched: name another, or render it: `mixdown render`";
        return terminal.fail(&format!("`{}` is there already", script.display()), Some(help));
    }
    if let Err(error) = project::playable(world, &asked.file) {
        let end = End::of(true, error.outside);
        let mut diagnostics = Diagnostics::default();
        diagnostics.push(measure::diagnostic(error));
        messages::show(terminal, &Sources::default(), &mut diagnostics);
        return end;
    }
    let stem = asked.file.file_stem().map(|s| s.to_string_lossy().into_owned()).unwrap_or_default();
    let audio = seen_from(world, script.parent().unwrap_or(Path::new("")), &asked.file);
    let mastering = Mastering {
        audio: &audio,
        title: asked.title.as_deref().filter(|title| !title.trim().is_empty()).unwrap_or(&stem),
        chain: asked.chain.name(),
        targets: &targets,
    };
    let text = mastering.script();
    let request = Request { out: asked.out, ..request };
    if asked.save.is_none() {
        let end = render::go(terminal, &Overlay::new(world, &script, text), &asked.file, &script, &request, None);
        if end == End::Problem {
            terminal.say("`--save song.mix` writes the script, to be changed");
        }
        return end;
    }
    if let Err(error) = save(world, &script, &text) {
        return terminal.fail(&format!("`{}` could not be written: {error}", script.display()), None);
    }
    terminal.say(&format!("wrote {}", script.display()));
    render::go(terminal, world, &script, &script, &request, None)
}

fn save(world: &Disk, path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut output = world.create(path)?;
    output.write_all(text.as_bytes())?;
    output.commit()
}

/// How a script in `folder` names `file`: as a relative path, which travels.
fn seen_from(world: &Disk, folder: &Path, file: &Path) -> String {
    if folder.as_os_str().is_empty() && file.is_relative() {
        return slashed(&join(folder, file));
    }
    let (folder, file) = (world.canonical(folder), world.canonical(file));
    let shared = folder.components().zip(file.components()).take_while(|(a, b)| a == b).count();
    let up = folder.components().skip(shared).map(|_| PathBuf::from(".."));
    let down = file.components().skip(shared).map(|c| PathBuf::from(c.as_os_str()));
    slashed(&up.chain(down).collect::<PathBuf>())
}

fn slashed(path: &Path) -> String {
    path.components().map(|c| c.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
