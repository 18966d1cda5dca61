//! Where a run's time goes, for whoever asks; without a timer nothing is measured. The clock is the caller's, and no sound depends on it.

/// Hears what every piece of work took.
pub trait Timer: Sync {
    /// Nanoseconds since a moment of its own.
    fn now(&self) -> u64;

    /// A piece of work is done, on the thread that did it.
    fn unit(&self, unit: &Unit<'_>);
}

/// A piece of work: a strip, or a file, over a segment.
#[derive(Clone, Copy, Debug)]
pub struct Unit<'a> {
    pub kind: Work,
    /// The strip's name; a file's path.
    pub name: &'a str,
    pub segment: usize,
    /// Which of the run's threads did it.
    pub thread: usize,
    /// Nanoseconds of the timer.
    pub begin: u64,
    pub end: u64,
    /// What it consisted of, in the order of the sound, in nanoseconds. What is left is the engine's own.
    pub parts: &'a [(&'a str, u64)],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Work {
    /// A strip that was rendered.
    Strip,
    /// A strip that was read from the store.
    Read,
    /// What leaves the graph: summed, converted, limited, quantised, measured, encoded.
    File,
    /// Whether the stems sum to the mix.
    Proof,
}

/// The parts of a strip beside its effects: what comes before them, and after.
pub(super) const INPUT: &str = "input";
pub(super) const OUTPUT: &str = "fader";
pub(super) const STORE: &str = "store";

/// A stopwatch for the parts of one piece of work.
pub(super) struct Laps<'a> {
    timer: &'a dyn Timer,
    last: u64,
    /// By part.
    pub(super) spent: Vec<u64>,
}

impl<'a> Laps<'a> {
    pub(super) fn new(timer: &'a dyn Timer, parts: usize) -> Laps<'a> {
        Laps { timer, last: timer.now(), spent: vec![0; parts] }
    }

    /// What has passed since the last lap was part `part`.
    pub(super) fn lap(&mut self, part: usize) {
        let now = self.timer.now();
        self.spent[part] += now.saturating_sub(self.last);
        self.last = now;
    }
}
