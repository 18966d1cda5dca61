//! Takes down where the time of a render goes: the only clock that an engine ever sees.

use std::collections::HashMap;
use std::sync::Mutex;
use std::time::Instant;

use crate::project::{SEGMENT, TimedWork, Timer, Unit};
use crate::report::timings::{Event, Phase, Row, Slice, Timings};

/// Pieces of work that a trace takes: more than any song needs that a viewer can still open.
const MOST: usize = 400_000;

pub(super) struct Stopwatch {
    begun: Instant,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    phases: Vec<(&'static str, u64)>,
    rows: Vec<Row>,
    /// Where a row is, by kind, strip and part.
    places: HashMap<(&'static str, String, String), usize>,
    events: Vec<Event>,
}

impl Stopwatch {
    pub(super) fn start() -> Stopwatch {
        Stopwatch { begun: Instant::now(), taken: Mutex::default() }
    }

    pub(super) fn phase(&self, name: &'static str) {
        let now = self.now();
        self.lock().phases.push((name, now));
    }

    /// Everything, when the work is done.
    pub(super) fn stop(self) -> Timings {
        let end = self.now();
        let taken = self.taken.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner());
        let ends = taken.phases.iter().skip(1).map(|(_, begin)| *begin).chain([end]);
        let phases = taken.phases.iter().zip(ends).map(|((name, begin), end)| Phase { name, begin: *begin, end });
        Timings { phases: phases.collect(), rows: taken.rows, events: taken.events, segment: SEGMENT }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Taken> {
        self.taken.lock().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

impl Timer for Stopwatch {
    fn now(&self) -> u64 {
        u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn unit(&self, unit: &Unit<'_>) {
        let mut taken = self.lock();
        let whole = unit.end.saturating_sub(unit.begin);
        let known: u64 = unit.parts.iter().map(|(_, spent)| spent).sum();
        // two effects of one name are two rows
        let mut count: HashMap<&str, usize> = HashMap::new();
        let mut slices = Vec::new();
        for (name, spent) in unit.parts {
            let nth = count.entry(name).and_modify(|n| *n += 1).or_insert(1);
            let name = if *nth > 1 { format!("{name} {nth}") } else { (*name).to_string() };
            taken.spend(unit, &name, *spent);
            slices.push(Slice { name, spent: *spent });
        }
        taken.spend(unit, "", whole.saturating_sub(known));
        if taken.events.len() < MOST {
            taken.events.push(Event {
                name: unit.name.to_string(),
                kind: word(unit.kind),
                segment: unit.segment,
                thread: unit.thread,
                begin: unit.begin,
                end: unit.end,
                slices,
            });
        }
    }
}

fn word(kind: TimedWork) -> &'static str {
    match kind {
        TimedWork::Strip => "strip",
        TimedWork::Read => "read",
        TimedWork::File => "file",
        TimedWork::Proof => "proof",
    }
}

impl Taken {
    fn spend(&mut self, unit: &Unit<'_>, part: &str, spent: u64) {
        let key = (word(unit.kind), unit.name.to_string(), part.to_string());
        let place = *self.places.entry(key).or_insert_with(|| {
            self.rows.push(Row {
                kind: word(unit.kind),
                strip: unit.name.to_string(),
                part: part.to_string(),
                spent: 0,
                segments: 0,
            });
            self.rows.len() - 1
        });
        self.rows[place].spent += spent;
        self.rows[place].segments += 1;
    }
}
