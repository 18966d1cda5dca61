//! Blocks of a file that are encoded beside everything else. The file's own unit lays them down, tasks of their own encode them, side by side, and the
//! file's unit that comes a window later writes them: what must be done in order is only what must be.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::output::Output;
use super::schedule::Task;
use super::slots::WINDOW;
use crate::media::writer::{Coded, Piece};

/// What a file has laid down: a window of segments.
#[derive(Default)]
pub(super) struct Shelf {
    places: [Mutex<Place>; WINDOW],
}

#[derive(Default)]
struct Place {
    pieces: Vec<Piece>,
    coded: Vec<Coded>,
}

impl Shelf {
    fn place(&self, segment: usize) -> MutexGuard<'_, Place> {
        self.places[segment % WINDOW].lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What was laid down a window before this segment, encoded.
    pub(super) fn take(&self, segment: usize) -> Vec<Coded> {
        std::mem::take(&mut self.place(segment).coded)
    }

    pub(super) fn lay(&self, segment: usize, pieces: Vec<Piece>) {
        self.place(segment).pieces = pieces;
    }

    /// Encodes what was laid down at this segment.
    pub(super) fn encode(&self, segment: usize) {
        let pieces = std::mem::take(&mut self.place(segment).pieces);
        let coded = pieces.iter().map(Piece::encode).collect();
        self.place(segment).coded = coded;
    }
}

/// The shelves of a run, and the tasks that work at them.
pub(super) struct Shelves {
    /// Tasks for each.
    hands: usize,
    /// With the outputs that lay something down.
    all: Vec<(usize, Shelf)>,
}

impl Shelves {
    /// With one thread there is nobody to encode beside: then files do it themselves.
    pub(super) fn new(outputs: &mut [Output], threads: usize) -> Shelves {
        let shared = outputs.iter_mut().enumerate().filter(|_| threads > 1);
        let all = shared.filter_map(|(index, output)| output.share().then(|| (index, Shelf::default()))).collect();
        Shelves { hands: threads.min(WINDOW), all }
    }

    /// Each reads every so many segments of its output, of which the first is task `outputs`.
    pub(super) fn tasks(&self, outputs: usize, segments: usize) -> impl Iterator<Item = Task> {
        let task = move |output: usize, hand: usize| Task {
            hears: vec![outputs + output],
            reads: (0..segments).map(|segment| segment % self.hands == hand).collect(),
            busy: true,
            window: 1,
            beside: None,
        };
        self.all.iter().flat_map(move |(output, _)| (0..self.hands).map(move |hand| task(*output, hand)))
    }

    /// The output for which the `nth` of [`Shelves::tasks`] has to encode at this segment.
    pub(super) fn output(&self, nth: usize, segment: usize) -> Option<usize> {
        let own = segment % self.hands == nth % self.hands;
        self.all.get(nth / self.hands).filter(|_| own).map(|(output, _)| *output)
    }

    pub(super) fn of(&self, output: usize) -> Option<&Shelf> {
        self.all.iter().find(|(of, _)| *of == output).map(|(_, shelf)| shelf)
    }

    /// What lies there at the end, in order, each with its output.
    pub(super) fn left(&self, segments: usize) -> impl Iterator<Item = (usize, Vec<Coded>)> {
        let last = segments.saturating_sub(WINDOW)..segments;
        self.all.iter().flat_map(move |(output, shelf)| last.clone().map(|segment| (*output, shelf.take(segment))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_segment_of_a_file_is_encoded_by_one_hand() {
        let shelves = Shelves { hands: 3, all: vec![(1, Shelf::default()), (4, Shelf::default())] };
        let tasks: Vec<Task> = shelves.tasks(10, 8).collect();
        assert_eq!(tasks.iter().map(|task| &task.hears[..]).collect::<Vec<_>>(), [[11], [11], [11], [14], [14], [14]]);
        for segment in 0..8 {
            for (output, tasks) in [(1, 0..3), (4, 3..6)] {
                let own: Vec<usize> = tasks.filter(|nth| shelves.output(*nth, segment) == Some(output)).collect();
                assert_eq!(own.len(), 1, "{output} at {segment}");
            }
            let reads = |nth: usize| shelves.output(nth, segment).is_some();
            assert!(tasks.iter().enumerate().all(|(nth, task)| task.reads[segment] == reads(nth)));
        }
        assert_eq!(shelves.output(6, 0), None);
        assert_eq!(shelves.left(2).map(|(output, _)| output).collect::<Vec<_>>(), [1, 1, 4, 4]);
    }
}
