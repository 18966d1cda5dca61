//! Parameters that move: their curves evaluated block by block at song time, and the sounds that some of them follow.

use super::slots::Slots;
use super::sum::Input;
use crate::audio::isa::Level;
use crate::audio::{Block, PlanesRef, StateError, StateReader, StateWriter, samples};
use crate::dsp::curve::Driver;
use crate::dsp::follower::Follower;
use crate::dsp::{GRID, Value};
use crate::graph::plan::{Edge, Move, Node};

/// What steers a strip: its keys, block by block, and the followers that listen to some of them.
pub(super) struct Followers {
    keys: Vec<Key>,
}

struct Key {
    input: Input,
    block: Block,
    channels: usize,
    silent: bool,
    follower: Option<Follower>,
}

impl Followers {
    /// What steers a sum into a file: the levels of its inputs.
    pub(super) fn of_sum(keys: &[Edge], inputs: &[Edge], block: usize) -> Followers {
        Followers::of(keys, inputs.iter().map(|e| (&e.gain, e.follow)), block)
    }

    fn of<'a>(keys: &[Edge], drivers: impl Iterator<Item = (&'a Driver, Option<usize>)>, block: usize) -> Followers {
        let mut keys: Vec<Key> = keys
            .iter()
            .map(|edge| {
                let channels = edge.layout.channels();
                let input = Input::new(edge, block);
                Key { input, block: Block::new(channels, block), channels, silent: true, follower: None }
            })
            .collect();
        for (driver, follow) in drivers {
            if let (Driver::Follow(settings), Some(key)) = (driver, follow) {
                keys[key].follower = Some(Follower::new(settings));
            }
        }
        Followers { keys }
    }

    pub(super) fn new(node: &Node, block: usize) -> Followers {
        let fader = &node.fader;
        let inserts = node.inserts.iter().flat_map(|i| &i.moves).map(|m| (&m.driver, m.follow));
        let edges = node.inputs.iter().map(|e| (&e.gain, e.follow));
        let levels = fader.gain.iter().chain([&fader.width]).map(|(driver, follow)| (driver, *follow));
        Followers::of(&node.keys, inserts.chain(edges).chain(levels).chain(fader.pan.drivers()), block)
    }

    /// For a sum whose levels follow nothing.
    pub(super) fn none() -> Followers {
        Followers { keys: Vec::new() }
    }

    /// Takes this block of every key.
    pub(super) fn take(&mut self, slots: &Slots, segment: usize, at: usize, n: usize) {
        for key in &mut self.keys {
            let block = &mut key.block;
            let sounds = key.input.take(slots, segment, at, n, |channel, from| {
                samples::widen(Level::find(), from, &mut block.channel_mut(channel)[..n]);
            });
            if !sounds && !key.silent {
                block.clear();
            }
            key.silent = !sounds;
        }
    }

    /// `count` keys from `first` on, as an effect sees them.
    pub(super) fn refs(&self, (first, count): (usize, usize), n: usize) -> Vec<PlanesRef<'_>> {
        self.keys[first..first + count].iter().map(|k| k.block.planes_ref(k.channels, n)).collect()
    }

    /// Whether anything follows a sound.
    pub(super) fn follow(&self) -> bool {
        self.keys.iter().any(|key| key.follower.is_some())
    }

    /// What follows a sound remembers it; the rest is read anew.
    pub(super) fn save(&self, into: &mut StateWriter) {
        self.keys.iter().filter_map(|key| key.follower.as_ref()).for_each(|follower| follower.save(into));
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.keys.iter_mut().filter_map(|key| key.follower.as_mut()).try_for_each(|follower| follower.load(from))
    }

    pub(super) fn are_silent(&self, (first, count): (usize, usize)) -> bool {
        self.keys[first..first + count].iter().all(|k| k.silent)
    }
}

/// The values of `driver` from song time `song` on.
pub(super) fn fill(driver: &Driver, follow: Option<usize>, song: i64, followers: &mut Followers, out: &mut [f64]) {
    match (driver, follow.and_then(|key| followers.keys.get_mut(key))) {
        (Driver::Follow(_), Some(key)) => {
            let sound = key.block.planes_ref(key.channels, out.len());
            match &mut key.follower {
                Some(follower) => follower.process(&sound, out),
                None => out.fill(0.0),
            }
        }
        (driver, _) => driver.fill(song, out),
    }
}

/// The amplitudes of a level in dB, likewise.
pub(super) fn amplitudes(
    driver: &Driver,
    follow: Option<usize>,
    song: i64,
    followers: &mut Followers,
    out: &mut [f64],
) {
    if let Driver::Follow(_) = driver {
        fill(driver, follow, song, followers, out);
        samples::amplitudes(Level::find(), out);
    } else {
        driver.amplitudes(song, out);
    }
}

/// The slots of one insert.
pub(super) struct Slotted {
    still: Vec<Value<'static>>,
    moves: Vec<Moving>,
}

struct Moving {
    what: Move,
    frames: Vec<f64>,
    /// The value where the current grid cell began.
    cell: f64,
    started: bool,
}

impl Slotted {
    pub(super) fn new(constants: &[f64], moves: &[Move], block: usize) -> Slotted {
        let still = constants.iter().map(|x| Value::Constant(*x)).collect();
        let moves = moves
            .iter()
            .map(|m| Moving { what: m.clone(), frames: vec![0.0; block], cell: 0.0, started: false })
            .collect();
        Slotted { still, moves }
    }

    /// Evaluates what moves over `n` frames from song time `song` on.
    pub(super) fn evaluate(&mut self, song: i64, n: usize, followers: &mut Followers) {
        for m in &mut self.moves {
            let frames = &mut m.frames[..n];
            let song = song - m.what.late;
            fill(&m.what.driver, m.what.follow, song, followers, frames);
            let into = song.rem_euclid(GRID);
            m.cell = match &m.what.driver {
                _ if into == 0 => frames[0],
                // known from what was played, not from a formula: kept since the cell began
                Driver::Follow(_) => {
                    if m.started {
                        m.cell
                    } else {
                        frames[0]
                    }
                }
                driver => driver.at(song - into),
            };
            m.started = true;
        }
    }

    /// Calls `with` with all slots of this block.
    pub(super) fn with<T>(&self, n: usize, with: impl FnOnce(&[Value<'_>]) -> T) -> T {
        if self.moves.is_empty() {
            return with(&self.still);
        }
        let mut slots: Vec<Value<'_>> = self.still.clone();
        for m in &self.moves {
            slots[m.what.slot] = Value::PerFrame { frames: &m.frames[..n], cell: m.cell };
        }
        with(&slots)
    }

    /// After the block: where the grid cell that is still open began.
    pub(super) fn advance(&mut self, song: i64, n: usize) {
        for m in &mut self.moves {
            let song = song - m.what.late;
            let last = (song + n as i64 - 1).div_euclid(GRID) * GRID;
            if last >= song {
                m.cell = m.frames[(last - song) as usize];
            }
        }
    }

    pub(super) fn save(&self, into: &mut StateWriter) {
        for m in &self.moves {
            into.f64(m.cell);
            into.u64(m.started.into());
        }
    }

    pub(super) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.moves.iter_mut().try_for_each(|m| {
            m.cell = from.f64()?;
            m.started = from.u64()? != 0;
            Ok(())
        })
    }
}
