//! A unit of work: a strip, two that go abreast, a file, a proof or an encoder, over one segment.

use super::keeper::{Keeper, Lost};
use super::needs::{Sum, Work};
use super::strip::{Scene, Strip, abreast};
use super::timing::{self, Laps, Unit, Work as TimedWork};
use super::{Failure, Run, Watcher, lock};

impl Run<'_> {
    /// One segment of one strip, file or proof, and what it took.
    pub(super) fn timed(&self, task: usize, segment: usize, watcher: &dyn Watcher) -> Result<(), Failure> {
        let (strips, hand) = (self.strips.len(), self.hand(task, segment));
        let rests = match self.needs.work.get(task) {
            Some(work) => matches!(work[segment], Work::Rest),
            None => task >= self.first_hand() && hand.is_none(),
        };
        let Some(timer) = watcher.timer().filter(|_| !rests) else { return self.unit(task, segment, &mut None) };
        let node = self.plan.nodes.get(task);
        let mut names: Vec<&str> = Vec::new();
        if let Some(node) = node {
            let effects = node.inserts.iter().map(|insert| insert.args.of.name);
            names = [timing::INPUT].into_iter().chain(effects).chain([timing::OUTPUT, timing::STORE]).collect();
        }
        let begin = timer.now();
        let mut laps = Some(Laps::new(timer, names.len()));
        self.unit(task, segment, &mut laps)?;
        let parts: Vec<(&str, u64)> =
            laps.into_iter().flat_map(|laps| laps.spent).zip(names).map(|(spent, name)| (name, spent)).collect();
        let file = hand.or(task.checked_sub(strips)).and_then(|output| self.paths.get(output));
        let (kind, name) = match (node, file) {
            (Some(node), _) if matches!(self.needs.work[task][segment], Work::Read) => {
                (TimedWork::Read, node.name.as_str())
            }
            (Some(node), _) => (TimedWork::Strip, node.name.as_str()),
            (None, Some(path)) => (TimedWork::File, path.as_str()),
            (None, None) => (TimedWork::Proof, "proof"),
        };
        let thread = rayon::current_thread_index().unwrap_or(0);
        timer.unit(&Unit { kind, name, segment, thread, begin, end: timer.now(), parts: &parts });
        Ok(())
    }

    fn unit(&self, task: usize, segment: usize, laps: &mut Option<Laps<'_>>) -> Result<(), Failure> {
        let (strips, outputs) = (self.strips.len(), self.outputs.len());
        if task < strips {
            self.strip(task, segment, laps)
        } else if task < strips + outputs {
            self.output(task - strips, segment)
        } else {
            match (&self.proof, self.hand(task, segment).and_then(|output| self.shelves.of(output))) {
                (_, Some(shelf)) => shelf.encode(segment),
                (Some(proof), None) if task < self.first_hand() => lock(proof).segment(segment, &self.slots),
                _ => {}
            }
            Ok(())
        }
    }

    /// The first task that encodes.
    fn first_hand(&self) -> usize {
        self.strips.len() + self.outputs.len() + usize::from(self.proof.is_some())
    }

    /// The output for which a task has to encode at a segment.
    fn hand(&self, task: usize, segment: usize) -> Option<usize> {
        self.shelves.output(task.checked_sub(self.first_hand())?, segment)
    }

    /// A segment of an output.
    fn output(&self, index: usize, segment: usize) -> Result<(), Failure> {
        let (mut output, shelf) = (lock(&self.outputs[index]), self.shelves.of(index));
        output.put(shelf.map_or(Vec::new(), |shelf| shelf.take(segment)))?;
        output.segment(segment, &self.slots)?;
        shelf.into_iter().for_each(|shelf| shelf.lay(segment, output.pieces()));
        Ok(())
    }

    /// What a strip does at a segment.
    fn strip(&self, node: usize, segment: usize, laps: &mut Option<Laps<'_>>) -> Result<(), Failure> {
        let lost = |_: Lost| Failure::Lost;
        let store = self.plan.nodes[node].inserts.len() + 2;
        let kept = |laps: &mut Option<Laps<'_>>| laps.iter_mut().for_each(|laps| laps.lap(store));
        match (self.needs.work[node][segment], &self.keeper) {
            (Work::Rest, _) | (Work::Read, None) => Ok(()),
            (Work::Read, Some(keeper)) => keeper.read(node, segment, &self.needs, &self.slots).map_err(lost),
            (Work::Run { .. }, None) => {
                let mut strip = lock(&self.strips[node]);
                strip.segment(Sum::Whole, &self.scene(segment), laps)
            }
            (Work::Run { sum, resume }, Some(keeper)) => {
                let mut strip = lock(&self.strips[node]);
                keeper.prepare(node, segment, sum, resume, &mut strip).map_err(lost)?;
                kept(laps);
                strip.segment(sum, &self.scene(segment), laps)?;
                self.keep(keeper, node, segment, sum, &mut strip);
                kept(laps);
                Ok(())
            }
        }
    }

    /// What a strip has made of a segment goes into the store.
    fn keep(&self, keeper: &Keeper<'_>, node: usize, segment: usize, sum: Sum, strip: &mut Strip) {
        if !self.preview {
            let spares = sum == Sum::Undone && !self.spared.is_empty();
            keeper.keep(node, segment, sum != Sum::Stored && !spares, &self.needs, strip, &self.slots);
        }
    }

    fn scene(&self, segment: usize) -> Scene<'_> {
        Scene { segment, slots: &self.slots, materials: &self.materials, spools: self.spools }
    }

    /// What two strips that go well together do at a segment.
    pub(super) fn abreast(
        &self,
        [a, b]: [usize; 2],
        segment: usize,
        watcher: &dyn Watcher,
    ) -> [Result<(), Failure>; 2] {
        let work = [a, b].map(|node| self.needs.work[node][segment]);
        // a stopwatch tells strips apart
        let ([Work::Run { sum: p, resume: q }, Work::Run { sum: r, resume: s }], None) = (work, watcher.timer()) else {
            return [a, b].map(|node| self.timed(node, segment, watcher));
        };
        let mut strips = (lock(&self.strips[a]), lock(&self.strips[b]));
        if let Some(keeper) = &self.keeper {
            let ready = [
                keeper.prepare(a, segment, p, q, &mut strips.0).map_err(|_: Lost| Failure::Lost),
                keeper.prepare(b, segment, r, s, &mut strips.1).map_err(|_: Lost| Failure::Lost),
            ];
            if ready.iter().any(Result::is_err) {
                return ready;
            }
        }
        let from = if self.keeper.is_some() { [p, r] } else { [Sum::Whole; 2] };
        let results = abreast([&mut strips.0, &mut strips.1], from, &self.scene(segment));
        if let (Some(keeper), true) = (&self.keeper, results.iter().all(Result::is_ok)) {
            self.keep(keeper, a, segment, p, &mut strips.0);
            self.keep(keeper, b, segment, r, &mut strips.1);
        }
        results
    }
}
