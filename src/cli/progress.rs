use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde::Serialize;

use super::terminal::Terminal;
use super::timings::Stopwatch;
use super::{Format, stop};
use crate::project::{Artifact, Observer, Timer};
use crate::report::timings::Timings;

/// How a build is watched: a bar on a terminal, a few lines elsewhere, objects for programs. It also carries the wish to stop.
pub(super) struct Progress<'a> {
    terminal: &'a Terminal,
    what: String,
    surveying: AtomicBool,
    way: Way,
    stopwatch: Option<Stopwatch>,
}

enum Way {
    Bar(ProgressBar),
    /// The next quarter to be told.
    Lines(Mutex<u64>),
    /// When the last object was written.
    Objects(Mutex<Option<Instant>>),
    Silent,
}

/// What is told while sources are measured.
const SURVEY: &str = "measuring sources";

#[derive(Serialize)]
struct Object {
    reason: &'static str,
    schema: u32,
    done: u64,
    total: u64,
}

const BETWEEN_OBJECTS: Duration = Duration::from_millis(100);

impl<'a> Progress<'a> {
    /// Begins to show: at once, so that nobody wonders.
    pub(super) fn start(terminal: &'a Terminal, what: &str) -> Progress<'a> {
        let way = match terminal.format {
            _ if terminal.quiet => Way::Silent,
            Format::Json => Way::Objects(Mutex::new(None)),
            _ if terminal.lively => Way::Bar(bar(what)),
            _ => {
                terminal.say(&format!("rendering {what}"));
                Way::Lines(Mutex::new(1))
            }
        };
        Progress { terminal, what: what.to_string(), surveying: AtomicBool::new(false), way, stopwatch: None }
    }

    /// Takes down where the time goes.
    pub(super) fn timed(self) -> Progress<'a> {
        Progress { stopwatch: Some(Stopwatch::start()), ..self }
    }

    /// Takes the bar away, so that results stand alone. What was taken down, if anything was.
    pub(super) fn finish(self) -> Option<Timings> {
        if let Way::Bar(bar) = &self.way {
            bar.finish_and_clear();
        }
        self.stopwatch.map(Stopwatch::stop)
    }
}

fn bar(what: &str) -> ProgressBar {
    let bar =
        ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(12)).with_message(what.to_string());
    if let Ok(style) = ProgressStyle::with_template("{msg}  {spinner}") {
        bar.set_style(style);
    }
    bar.enable_steady_tick(Duration::from_millis(80));
    bar.tick();
    bar
}

/// Once the amount of work is known.
fn measured_style() -> Option<ProgressStyle> {
    let style = ProgressStyle::with_template("{msg}  {wide_bar}  {percent:>3} %  {eta} left").ok()?;
    Some(style.progress_chars("━╸─"))
}

impl Observer for Progress<'_> {
    fn survey(&self, _: u64, _: u64) {
        if !self.surveying.swap(true, Ordering::Relaxed) {
            match &self.way {
                Way::Bar(bar) => bar.set_message(format!("{}  {SURVEY}", self.what)),
                Way::Lines(_) => self.terminal.say(SURVEY),
                Way::Objects(_) | Way::Silent => {}
            }
        }
    }

    fn progress(&self, done: u64, total: u64) {
        match &self.way {
            Way::Bar(bar) => {
                if self.surveying.swap(false, Ordering::Relaxed) {
                    bar.set_message(self.what.clone());
                }
                if bar.length() != Some(total) && total > 0 {
                    bar.set_length(total);
                    measured_style().into_iter().for_each(|style| bar.set_style(style));
                }
                // threads report out of order
                bar.set_position(done.max(bar.position()));
            }
            Way::Lines(next) => {
                let mut next = next.lock().unwrap_or_else(|e| e.into_inner());
                let quarter = (done * 4).checked_div(total).unwrap_or(0);
                if (*next..4).contains(&quarter) {
                    self.terminal.say(&format!("{} %", quarter * 25));
                    *next = quarter + 1;
                }
            }
            Way::Objects(last) => {
                let mut last = last.lock().unwrap_or_else(|e| e.into_inner());
                let now = Instant::now();
                if last.is_none_or(|then| now.duration_since(then) >= BETWEEN_OBJECTS) {
                    *last = Some(now);
                    self.terminal.object(&Object { reason: "progress", schema: 1, done, total });
                }
            }
            Way::Silent => {}
        }
    }

    fn artifact(&self, artifact: &Artifact) {
        if self.terminal.verbose {
            let line = format!("wrote {}", artifact.path.display());
            match &self.way {
                Way::Bar(bar) => bar.suspend(|| self.terminal.say(&line)),
                _ => self.terminal.say(&line),
            }
        }
    }

    fn phase(&self, name: &'static str) {
        if let Some(stopwatch) = &self.stopwatch {
            stopwatch.phase(name);
        }
    }

    fn timer(&self) -> Option<&dyn Timer> {
        self.stopwatch.as_ref().map(|stopwatch| stopwatch as &dyn Timer)
    }

    fn cancelled(&self) -> bool {
        stop::asked()
    }
}
