use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::render;
use crate::cli::args::Watch;
use crate::cli::keys::{Key, Keys};
use crate::cli::terminal::Terminal;
use crate::cli::{End, messages, stop};
use crate::diag::Diagnostics;
use crate::project::{self, Built, Kind, Observer, Request};
use crate::report::{self, Summary};
use crate::watch::{Folders, Seen};
use crate::world::{Disk, World};

/// How long it waits at once before it looks at keys and Ctrl-C.
const TICK: Duration = Duration::from_millis(15);

/// So long a script that is gone or empty is taken for one that is just being saved.
const PATIENCE: Duration = Duration::from_millis(400);

/// Seconds that strips run before a range that is only previewed.
const PREROLL: f64 = 2.0;

/// A script that is watched.
struct Script {
    path: PathBuf,
    seen: Seen,
    /// LUFS of its last build.
    loudness: Option<f64>,
    due: bool,
    /// Since when it is gone or empty.
    blank: Option<Instant>,
}

/// Everything a watch has to do with.
struct Watching<'a> {
    terminal: &'a Terminal,
    world: &'a Disk,
    base: PathBuf,
    /// What is rendered of every script.
    request: Request,
    range: Option<String>,
    folders: Folders,
    keys: Option<Keys>,
    scripts: Vec<Script>,
    quit: bool,
    /// A script is in the middle of a save: it is looked at again at once.
    doubt: bool,
}

/// Renders on every save, until it is told to stop.
pub(in crate::cli) fn watch(terminal: &Terminal, world: &Disk, base: &Path, asked: Watch, request: Request) -> End {
    let quietly = terminal.json() || terminal.quiet;
    let script = |path: PathBuf| Script { path, seen: Seen::default(), loudness: None, due: true, blank: None };
    let mut watching = Watching {
        terminal,
        world,
        base: base.to_path_buf(),
        request: Request { out: asked.out, set: asked.settings.set, ..request },
        range: asked.r#loop,
        folders: Folders::new(),
        keys: if quietly { None } else { Keys::listen() },
        scripts: asked.files.into_iter().map(script).collect(),
        quit: false,
        doubt: false,
    };
    if watching.keys.is_some() {
        terminal.say("watching; r renders, l sets a loop, q quits");
    }
    while !watching.quit && !stop::asked() {
        match watching.scripts.iter().position(|script| script.due) {
            Some(index) => watching.build(index),
            None => watching.rest(),
        }
    }
    if watching.quit { End::Fine } else { End::Stopped }
}

impl Watching<'_> {
    /// Waits a moment for saves and keys.
    fn rest(&mut self) {
        self.look();
        self.press();
    }

    /// Marks the scripts of which something was saved.
    fn look(&mut self) {
        if let Some(trouble) = self.folders.trouble() {
            self.terminal.say(&format!("warning: {trouble}"));
        }
        if !self.folders.wait(TICK) && !self.doubt {
            return;
        }
        self.doubt = false;
        for script in &mut self.scripts {
            if !script.seen.changed(self.world) {
                script.blank = None;
                continue;
            }
            let blank = self.world.read_text(&script.path).is_ok_and(|text| text.trim().is_empty())
                || !self.world.exists(&script.path);
            if blank && script.blank.get_or_insert_with(Instant::now).elapsed() < PATIENCE {
                self.doubt = true;
                continue;
            }
            script.blank = None;
            script.due = true;
        }
    }

    fn press(&mut self) {
        match self.keys.as_ref().and_then(Keys::pressed) {
            Some(Key::Quit) => self.quit = true,
            Some(Key::Render) => self.scripts.iter_mut().for_each(|script| script.due = true),
            Some(Key::Loop(range)) => {
                self.range = range;
                self.scripts.iter_mut().for_each(|script| script.due = true);
            }
            None => {}
        }
    }

    /// Checks a script, and builds it if nothing is wrong: the loop first.
    fn build(&mut self, index: usize) {
        let begun = Instant::now();
        let script = &mut self.scripts[index];
        script.due = false;
        let mut checked = project::check(self.world, &script.path, &self.request);
        // marked before the build reads: whatever is saved from here on is seen
        script.seen = Seen::of(self.world, checked.deps.iter().chain([&script.path]));
        let all: Vec<PathBuf> = self.scripts.iter().flat_map(|s| s.seen.paths().cloned()).collect();
        self.folders.follow(&self.base, all.iter());
        let told = checked.diagnostics.clone();
        let count = messages::show(self.terminal, &checked.sources, &mut checked.diagnostics);
        if checked.diagnostics.has_errors() {
            let counted = count.summary().unwrap_or_default();
            self.terminal.say(&format!("{}  {counted}; what was rendered last stays", now()));
            return self.refuse(begun);
        }
        if let Some(range) = self.range.clone()
            && !self.preview(index, &range)
        {
            return;
        }
        let request = self.request.clone();
        let Some(built) = self.run(index, &request) else { return };
        let mut new = Diagnostics::default();
        let known = |d: &crate::diag::Diagnostic| told.iter().any(|t| t.code == d.code && t.message == d.message);
        built.diagnostics.iter().filter(|d| !known(d)).for_each(|d| new.push(d.clone()));
        messages::show(self.terminal, &built.sources, &mut new);
        let ok = built.ok && !built.diagnostics.has_errors();
        if self.terminal.json() || self.terminal.verbose {
            render::results(self.terminal, &built, false, begun.elapsed().as_secs_f64());
        }
        self.status(index, ok, begun, &built);
    }

    /// The loop range alone, quickly, as a file of its own. False when something newer came.
    fn preview(&mut self, index: usize, range: &str) -> bool {
        let begun = Instant::now();
        let (from, to) = range.split_once("..").unwrap_or((range, range));
        let request = Request {
            from: Some(from.trim().to_string()),
            to: Some(to.trim().to_string()),
            preroll: Some(PREROLL),
            ..self.request.clone()
        };
        let Some(mut built) = self.run(index, &request) else { return false };
        if !built.ok {
            messages::show(self.terminal, &built.sources, &mut built.diagnostics);
            // a range that does not exist is no reason not to render
            return true;
        }
        let seconds = begun.elapsed().as_secs_f64();
        render::previews(self.terminal, &built, seconds);
        let how =
            if built.exact { "exact".to_string() } else { format!("after a pre-roll of {PREROLL} s, so not exact") };
        for artifact in &built.artifacts {
            let ms = seconds * 1000.0;
            self.terminal.say(&format!(
                "{}  {ms:.0} ms  preview of {range} in {}, {how}",
                now(),
                artifact.path.display()
            ));
        }
        true
    }

    /// Builds while it listens: a newer save of what the script is made of, a key or Ctrl-C ends it, and `None` comes of it. Other scripts wait their
    /// turn.
    fn run(&mut self, index: usize, request: &Request) -> Option<Built> {
        let path = self.scripts[index].path.clone();
        let ended = AtomicBool::new(false);
        let (world, observer) = (self.world, Until(&ended));
        let built = std::thread::scope(|scope| {
            let build = scope.spawn(|| project::build(world, &path, request, &observer));
            while !build.is_finished() {
                self.look();
                self.press();
                if self.scripts[index].due || self.quit || stop::asked() {
                    ended.store(true, Ordering::Relaxed);
                }
            }
            build.join()
        });
        match built {
            Ok(built) if built.cancelled => None,
            Ok(built) => Some(built),
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }

    /// For programs: a script with mistakes was not built.
    fn refuse(&self, begun: Instant) {
        if self.terminal.json() {
            let wall_seconds = begun.elapsed().as_secs_f64();
            self.terminal.object(&report::json::summary(&Summary { wall_seconds, ..Summary::default() }));
        }
    }

    /// `14:02:31  412 ms  3 of 41 nodes  -14.1 LUFS (+0.3)  -1.0 dBTP`
    fn status(&mut self, index: usize, ok: bool, begun: Instant, built: &Built) {
        let whole = |kind| built.artifacts.iter().find(|artifact| artifact.kind == kind);
        let heard = whole(Kind::Master).or_else(|| whole(Kind::Mix)).map(|artifact| &artifact.measurement);
        let loudness = heard.and_then(|m| m.integrated_lufs);
        let mut line = format!(
            "{}  {} ms  {} of {} nodes",
            now(),
            begun.elapsed().as_millis(),
            built.nodes_rendered,
            built.nodes_total
        );
        if let Some(lufs) = loudness {
            line += &format!("  {lufs:.1} LUFS");
            if let Some(before) = self.scripts[index].loudness {
                line += &format!(" ({:+.1})", lufs - before);
            }
        }
        if let Some(peak) = heard.and_then(|m| m.true_peak_dbtp) {
            line += &format!("  {peak:.1} dBTP");
        }
        if !ok {
            line += "  failed";
        }
        if self.scripts.len() > 1 {
            line += &format!("  {}", self.scripts[index].path.display());
        }
        self.scripts[index].loudness = loudness.or(self.scripts[index].loudness);
        self.terminal.say(&line);
    }
}

/// Ends a build from outside.
struct Until<'a>(&'a AtomicBool);

impl Observer for Until<'_> {
    fn cancelled(&self) -> bool {
        self.0.load(Ordering::Relaxed) || stop::asked()
    }
}

/// The time of day where the user is.
fn now() -> String {
    jiff::ZonedDateTime::now().strftime("%H:%M:%S").to_string()
}
