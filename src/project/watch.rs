use super::request::Observer;
use crate::engine::{Timer, Watcher};

/// Of so many thousandths the whole work is told, when it takes more than one run.
const PARTS: u64 = 1000;

/// An observer who hears of a run as a part of the whole work.
pub(super) struct Watch<'a> {
    observer: &'a dyn Observer,
    /// Of the whole, 0 to 1; `None`: the run is the whole.
    part: Option<(f64, f64)>,
}

impl<'a> Watch<'a> {
    pub(super) fn whole(observer: &'a dyn Observer) -> Watch<'a> {
        Watch { observer, part: None }
    }

    pub(super) fn part(observer: &'a dyn Observer, from: f64, to: f64) -> Watch<'a> {
        Watch { observer, part: Some((from, to)) }
    }
}

impl Watcher for Watch<'_> {
    fn progress(&self, done: u64, total: u64) {
        match self.part {
            Some((from, to)) => {
                let here = from + (to - from) * done as f64 / total.max(1) as f64;
                self.observer.progress((here * PARTS as f64) as u64, PARTS);
            }
            None => self.observer.progress(done, total),
        }
    }

    fn cancelled(&self) -> bool {
        self.observer.cancelled()
    }

    fn timer(&self) -> Option<&dyn Timer> {
        self.observer.timer()
    }
}
