//! What strips leave for one another: the taps that are heard, a few segments of each.

use std::sync::{RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::needs::Work;
use crate::audio::Aligned;
use crate::graph::plan::{Edge, Plan, Point};

/// Frames of a segment: the unit of work is a strip and a segment.
pub const SEGMENT: usize = 16_384;

/// How many segments of a tap are kept: how far strips may run ahead of their listeners …
pub(super) const WINDOW: usize = 4;
/// … one alone where sessions are so large that more would take more samples than this: 512 MB.
const MOST: usize = 1 << 27;
/// A strip that runs at no more segments than this, somewhere in the song, need not wait for a listener who is at its beginning: all that it makes is
/// kept, as long as all such take no more samples than …
const FEW: usize = 96;
/// … this: 128 MB.
const AHEAD: usize = 1 << 25;

/// One segment of one tap.
#[derive(Debug, Default)]
pub(super) struct Slot {
    /// Channels × [`SEGMENT`] of f32.
    data: Aligned<f32>,
    pub(super) silent: bool,
}

impl Slot {
    pub(super) fn channels(&self) -> usize {
        self.data.len() / SEGMENT
    }

    /// All channels, one after another.
    pub(super) fn samples(&self) -> &[f32] {
        &self.data
    }

    pub(super) fn samples_mut(&mut self) -> &mut [f32] {
        &mut self.data
    }

    pub(super) fn channel(&self, channel: usize) -> &[f32] {
        &self.data[channel * SEGMENT..][..SEGMENT]
    }

    pub(super) fn channel_mut(&mut self, channel: usize) -> &mut [f32] {
        &mut self.data[channel * SEGMENT..][..SEGMENT]
    }
}

/// All taps that are heard.
pub(super) struct Slots {
    /// By node and point; a tap that nobody hears has none.
    taps: Vec<[Option<Vec<RwLock<Slot>>>; 5]>,
    /// By node: how many segments it may be ahead of its listeners. Those that hear it late find so many more of them kept.
    windows: Vec<usize>,
}

fn place(point: Point) -> usize {
    match point {
        Point::Input => 0,
        Point::Source => 1,
        Point::Drive => 2,
        Point::Pre => 3,
        Point::Post => 4,
    }
}

impl Slots {
    /// `more`: ways that are heard besides the plan's own. `work`: what each node does.
    pub(super) fn new<'e>(plan: &Plan, more: impl Iterator<Item = &'e Edge>, work: &[Vec<Work>]) -> Slots {
        let windows = windows(plan, work);
        let late = late(plan, more);
        let taps = plan
            .nodes
            .iter()
            .zip(late)
            .zip(&windows)
            .map(|((node, late), window)| {
                let mut taps = [const { None }; 5];
                for point in node.taps.each() {
                    let channels = match point {
                        Point::Input | Point::Source => node.layout.channels(),
                        Point::Drive => node.drive.map_or(node.pre, |i| node.inserts[i].layout).channels(),
                        Point::Pre => node.pre.channels(),
                        Point::Post => node.pre.channels().max(2),
                    };
                    let slot = || RwLock::new(Slot { data: Aligned::new(channels * SEGMENT), silent: true });
                    taps[place(point)] = Some((0..*window + late).map(|_| slot()).collect());
                }
                taps
            })
            .collect();
        Slots { taps, windows }
    }

    pub(super) fn window(&self, node: usize) -> usize {
        self.windows[node]
    }

    /// Empty when nobody hears the tap. The schedule sees to it that no one waits.
    pub(super) fn write(&self, node: usize, point: Point, segment: usize) -> Option<RwLockWriteGuard<'_, Slot>> {
        let slots = self.taps[node][place(point)].as_ref()?;
        Some(slots[segment % slots.len()].write().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }

    pub(super) fn read(&self, node: usize, point: Point, segment: usize) -> Option<RwLockReadGuard<'_, Slot>> {
        let slots = self.taps[node][place(point)].as_ref()?;
        Some(slots[segment % slots.len()].read().unwrap_or_else(|poisoned| poisoned.into_inner()))
    }
}

fn windows(plan: &Plan, work: &[Vec<Work>]) -> Vec<usize> {
    let taps = |node: usize| plan.nodes[node].taps.each().count();
    let all: usize = (0..plan.nodes.len()).map(taps).sum();
    let window = if all * 2 * SEGMENT * WINDOW > MOST { 1 } else { WINDOW };
    // what reads from the store is not slow enough to be kept ahead
    let runs = |work: &Vec<Work>| {
        let runs = work.iter().filter(|work| matches!(work, Work::Run { .. })).count();
        let part = !work.contains(&Work::Read) && runs <= FEW && runs < work.len();
        if part { runs.max(window) } else { window }
    };
    let far: Vec<usize> = work.iter().map(runs).collect();
    let ahead: usize = far.iter().enumerate().map(|(node, far)| (far - window) * taps(node) * 2 * SEGMENT).sum();
    if ahead > AHEAD { vec![window; far.len()] } else { far }
}

/// By how many segments the last listener of each node hears it late.
fn late<'e>(plan: &Plan, more: impl Iterator<Item = &'e Edge>) -> Vec<usize> {
    let mut late = vec![0; plan.nodes.len()];
    let mut hear = |edge: &Edge| {
        let segments = (edge.delay.max(0) as usize).div_ceil(SEGMENT);
        late[edge.from] = late[edge.from].max(segments);
    };
    plan.edges().for_each(&mut hear);
    more.for_each(&mut hear);
    late
}
