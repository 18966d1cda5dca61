//! Saves, as they happen: the folders of what a build has read are watched, and what was read is compared with what is there when things have gone
//! quiet. So no kind of save is missed and none of our own files is taken for one; where no events come, a look every now and then does.

mod quiet;
mod seen;

pub use seen::Seen;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use notify::event::{AccessKind, AccessMode};
use notify::{ErrorKind, EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};

use quiet::Quiet;

/// Without an event everything is looked at so often: network folders tell nothing.
const LOOK: Duration = Duration::from_secs(2);
/// And so often where events can't be had at all.
const POLL: Duration = Duration::from_millis(300);

/// The folders that are watched.
pub struct Folders {
    /// `None`: events can't be had.
    watcher: Option<RecommendedWatcher>,
    events: Receiver<()>,
    watched: BTreeSet<PathBuf>,
    quiet: Quiet,
    began: Instant,
    looked: Instant,
    trouble: Option<String>,
}

impl Default for Folders {
    fn default() -> Folders {
        Folders::new()
    }
}

impl Folders {
    pub fn new() -> Folders {
        let (sender, events) = channel();
        let (watcher, trouble) = match watcher(sender) {
            Ok(watcher) => (Some(watcher), None),
            Err(error) => (None, Some(told(&error))),
        };
        let now = Instant::now();
        Folders { watcher, events, watched: BTreeSet::new(), quiet: Quiet::default(), began: now, looked: now, trouble }
    }

    /// Why events can't be had, once.
    pub fn trouble(&mut self) -> Option<String> {
        self.trouble.take()
    }

    /// Watches the folders of these files and no others; where one is not there yet, the nearest above it that is.
    pub fn follow<'p>(&mut self, base: &Path, files: impl Iterator<Item = &'p PathBuf>) {
        let Some(watcher) = &mut self.watcher else { return };
        let wanted: BTreeSet<PathBuf> = files.filter_map(|file| folder(&base.join(file))).collect();
        for gone in self.watched.difference(&wanted) {
            // a folder that was deleted is not watched any more anyhow
            let _ = watcher.unwatch(gone);
        }
        let mut failed = None;
        for new in wanted.difference(&self.watched) {
            if let Err(error) = watcher.watch(new, RecursiveMode::NonRecursive) {
                failed = Some(told(&error));
            }
        }
        self.watched = wanted;
        if failed.is_some() {
            self.trouble = failed;
            self.watcher = None;
        }
    }

    /// Waits for at most `time`. True when it is time to look whether anything has changed.
    pub fn wait(&mut self, time: Duration) -> bool {
        match self.events.recv_timeout(time) {
            Ok(()) => {
                let now = self.now();
                self.quiet.event(now);
                while self.events.try_recv().is_ok() {}
            }
            Err(RecvTimeoutError::Timeout) => {}
            // nobody sends any more: events can't be had
            Err(RecvTimeoutError::Disconnected) => std::thread::sleep(time),
        }
        let now = self.now();
        let look = if self.watcher.is_some() { LOOK } else { POLL };
        if self.quiet.due(now) || self.looked.elapsed() >= look {
            self.looked = Instant::now();
            return true;
        }
        false
    }

    fn now(&self) -> u64 {
        self.began.elapsed().as_millis() as u64
    }
}

fn watcher(events: Sender<()>) -> notify::Result<RecommendedWatcher> {
    notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
        // reading is no change; anything else may be one, an error and a rescan too
        let read = event.is_ok_and(|event| match event.kind {
            EventKind::Access(AccessKind::Close(AccessMode::Write)) => false,
            EventKind::Access(_) => true,
            _ => false,
        });
        if !read {
            // nobody listens any more at the end
            let _ = events.send(());
        }
    })
}

/// The folder of a file, or the nearest above it that is there.
fn folder(file: &Path) -> Option<PathBuf> {
    let here = |folder: &&Path| folder.as_os_str().is_empty() || folder.is_dir();
    let folder = file.ancestors().skip(1).find(here)?;
    Some(if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder.to_path_buf() })
}

fn told(error: &notify::Error) -> String {
    match &error.kind {
        ErrorKind::MaxFilesWatch => "the system watches as many folders as it may; raise the limit with \
             `sysctl fs.inotify.max_user_watches=524288`. Until then files are looked at three times a second"
            .to_string(),
        ErrorKind::Io(io) if io.raw_os_error() == Some(24) => {
            "the system has as many watchers as it may; raise the limit \
             with `sysctl fs.inotify.max_user_instances=512`. Until then files are looked at three times a second"
                .to_string()
        }
        _ => format!("folders cannot be watched ({error}): files are looked at three times a second"),
    }
}
