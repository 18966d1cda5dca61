use super::delay_ring::DelayRing;
use crate::audio::{Block, Layout, Planes, PlanesRef, StateError, StateReader, StateWriter};
use crate::dsp::{Args, Flow, Io, Place, Processor, Refused, Setup, Shape, Values, catalogue};
use crate::units::Frames;

/// An effect inside another: built, with its place among its parent's slots and keys. Keys are delayed to where the sound is, when it reaches
/// the child late.
pub struct Child {
    processor: Box<dyn Processor>,
    pub shape: Shape,
    /// Channels × frames of its planes: the wider of what goes in and what comes out.
    pub channels: usize,
    /// How late the sound reaches it.
    late: usize,
    slot: usize,
    first_key: usize,
    keys: usize,
    delayed: Vec<Key>,
}

/// A key on its way to a child that the sound reaches late.
struct Key {
    ring: DelayRing,
    block: Block,
    /// Of the strip the key comes from: known with its first block.
    channels: usize,
}

/// A child may hear this many keys, itself and its own children counted.
const MOST_KEYS: usize = 16;

impl Child {
    /// Every child of an effect, in the order of its slots, each built for its place (see [`Effect::places`](crate::dsp::Effect::places)).
    pub fn all(args: &Args, setup: &Setup, places: &[Place]) -> Result<Vec<Child>, Refused> {
        let (mut slot, mut first_key) = (args.values.len(), args.own_keys());
        let mut children = Vec::new();
        for (index, (child, place)) in args.children().zip(places).enumerate() {
            children.push(Child::build(child, &place.setup(setup, index), place.late, slot, first_key)?);
            slot += child.slots();
            first_key += child.keys();
        }
        Ok(children)
    }

    fn build(args: &Args, setup: &Setup, late: Frames, slot: usize, first_key: usize) -> Result<Child, Refused> {
        let shape = catalogue::shape(args, setup)?;
        let (late, keys) = (late.get() as usize, args.keys());
        if keys > MOST_KEYS {
            return Err(Refused::new(format!("`{}` hears {keys} keys, more than {MOST_KEYS}", args.of.name)));
        }
        let delayed = if late == 0 { 0 } else { keys };
        let key = |_| Key {
            ring: DelayRing::new(Layout::MOST, late),
            block: Block::new(Layout::MOST, setup.block),
            channels: 0,
        };
        Ok(Child {
            processor: catalogue::build(args, setup)?,
            shape,
            channels: setup.layout.channels().max(shape.out.channels()),
            late,
            slot,
            first_key,
            keys,
            delayed: (0..delayed).map(key).collect(),
        })
    }

    pub fn latency(&self) -> usize {
        self.shape.latency.get() as usize
    }

    /// Runs it on `audio`, [`channels`](Child::channels) wide, in a block of its parent's. [`Flow::Silent`] only when its keys on the way are
    /// at rest too.
    pub fn process(&mut self, at: i64, audio: Planes<'_>, keys: &[PlanesRef<'_>], params: &Values<'_>) -> Flow {
        let at = at - self.late as i64;
        let params = params.child(self.slot);
        let keys = &keys[self.first_key..][..self.keys];
        if self.delayed.is_empty() {
            return self.processor.process(&mut Io { at, audio, keys, params });
        }
        let frames = audio.frames();
        let nothing = Block::default();
        let mut late = [nothing.planes_ref(0, 0); MOST_KEYS];
        for ((key, delayed), late) in keys.iter().zip(&mut self.delayed).zip(&mut late) {
            delayed.channels = key.channels();
            delayed.block.planes(key.channels(), frames).copy_from(key);
            delayed.ring.process(&mut delayed.block.planes(key.channels(), frames));
            *late = delayed.block.planes_ref(key.channels(), frames);
        }
        let flow = self.processor.process(&mut Io { at, audio, keys: &late[..self.keys], params });
        match flow {
            Flow::Silent if !self.delayed.iter().all(|key| key.ring.at_rest()) => Flow::Written,
            flow => flow,
        }
    }

    /// See [`Processor::reduction`].
    pub fn reduction(&self) -> f64 {
        self.processor.reduction()
    }

    pub fn reset(&mut self) {
        self.processor.reset();
        for key in &mut self.delayed {
            key.ring.reset();
            key.channels = 0;
        }
    }

    pub fn save(&self, into: &mut StateWriter) {
        self.processor.save(into);
        for key in &self.delayed {
            into.u64(key.channels as u64);
            key.ring.save_first(key.channels, into);
        }
    }

    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.processor.load(from)?;
        for key in &mut self.delayed {
            let channels = from.u64()?;
            if channels > Layout::MOST as u64 {
                return Err(StateError);
            }
            key.channels = channels as usize;
            key.ring.load_first(key.channels, from)?;
        }
        Ok(())
    }
}
