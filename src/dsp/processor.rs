use super::parts::cascade::{self, Standing};
use crate::audio::isa::Level;
use crate::audio::{Planes, PlanesRef, StateError, StateReader, StateWriter};

/// The song's own grid, in frames: filter coefficients are renewed and states flushed where song time is a multiple of it,
/// never where a block happens to begin.
pub const GRID: i64 = 32;

/// What runs: built from an effect's arguments, it changes sound in place and allocates nothing.
pub trait Processor: Send {
    /// Processes `io.audio` in place: any number of frames from 1 to the `block` it was built for.
    /// The output is `latency` frames late against the input.
    fn process(&mut self, io: &mut Io<'_>) -> Flow;

    /// The sections that it is in this block, where it is nothing else: [`process_both`] runs them beside another's.
    fn standing(&mut self, params: &Values<'_>) -> Option<Standing> {
        let _ = params;
        None
    }

    /// What `standing` lent was run, up to where a cell of the grid ends.
    fn stood(&mut self, standing: &Standing) {
        let _ = standing;
    }

    /// The least gain that it has applied since it was built or reset, as a factor of amplitude (0 to 1): what a limiter or compressor took away
    /// at most. Part of the state that is saved. 1 for what turns nothing down.
    fn reduction(&self) -> f64 {
        1.0
    }

    /// As it was when built.
    fn reset(&mut self);

    /// Its exact state: after `load` of it, the sound goes on bit for bit. Rings are written in their logical order (oldest first), so that
    /// equal sound has equal state whatever the blocks were.
    fn save(&self, into: &mut StateWriter);

    /// A state of a processor built alike. After an error the processor is to be reset.
    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError>;
}

/// Each over its own block, as [`Processor::process`] has it and with the same bits. Filters that stand still run side by side.
pub fn process_both([p, q]: [&mut dyn Processor; 2], [x, y]: [&mut Io<'_>; 2]) -> [Flow; 2] {
    let place = x.at.rem_euclid(GRID);
    let whole = place == y.at.rem_euclid(GRID) && (place + x.frames() as i64) % GRID == 0;
    if whole
        && !x.audio.is_silent()
        && !y.audio.is_silent()
        && let (Some(mut a), Some(mut b)) = (p.standing(&x.params), q.standing(&y.params))
        && cascade::run_both(Level::find(), [&mut a, &mut b], place as usize, [&mut x.audio, &mut y.audio])
    {
        p.stood(&a);
        q.stood(&b);
        return [Flow::Written; 2];
    }
    [p.process(x), q.process(y)]
}

/// What a processor says of the block it returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Flow {
    /// Exactly zero, and all state is at rest: fed more silence it would give more silence and change nothing.
    /// The engine then lets it rest until sound arrives.
    Silent,
    /// The input, unchanged (and not all zero, or not at rest). Never from an effect with latency or with another layout at its output.
    Through,
    Written,
}

/// One block.
pub struct Io<'a> {
    /// Song time of the input's frame 0, in frames: latency accumulated before here is subtracted. Curves, grids and oscillators are read at it.
    pub at: i64,
    /// In and out: channels × frames, f64. When the effect's output is wider than its input, the input is the first planes
    /// and the rest is undefined before.
    pub audio: Planes<'a>,
    /// One per connected key parameter (own first, then the children's, depth first), aligned in time with `audio`, frames alike; each in its
    /// strip's own layout.
    pub keys: &'a [PlanesRef<'a>],
    /// What the parameters are, frame by frame: slot `s` at song time `at` less its [`delays`](super::catalogue::delays).
    pub params: Values<'a>,
}

impl<'a> Io<'a> {
    pub fn frames(&self) -> usize {
        self.audio.frames()
    }

    /// The block cut where song time is a multiple of [`GRID`]: ranges of frames. Only the first may begin inside a cell.
    pub fn grid(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        cells(self.at, self.frames())
    }
}

/// `frames` frames from song time `at` on, cut on the grid.
pub fn cells(at: i64, frames: usize) -> impl Iterator<Item = (usize, usize)> {
    cells_of(GRID, at, frames)
}

/// The same on a grid of `size` frames.
pub fn cells_of(size: i64, at: i64, frames: usize) -> impl Iterator<Item = (usize, usize)> {
    let first = (size - at.rem_euclid(size)) as usize;
    let mut from = 0;
    std::iter::from_fn(move || {
        if from >= frames {
            return None;
        }
        let to = if from == 0 { first.min(frames) } else { (from + size as usize).min(frames) };
        let cell = (from, to);
        from = to;
        Some(cell)
    })
}

/// The value of one parameter over a block, in the parameter's own unit (dB, Hz, ms, %; a switch is 0 or 1).
#[derive(Clone, Copy, Debug)]
pub enum Value<'a> {
    /// It stands still, for the whole song.
    Constant(f64),
    /// It moves: one value per frame, and the value at the start of the grid cell in which the block begins, so that a cell's value is the same
    /// however blocks cut it.
    PerFrame { frames: &'a [f64], cell: f64 },
}

impl Value<'_> {
    /// At frame `i` of the block.
    #[inline]
    pub fn at(&self, i: usize) -> f64 {
        match self {
            Value::Constant(x) => *x,
            Value::PerFrame { frames, .. } => frames[i],
        }
    }

    /// For the grid cell that contains frame `from` of the block, where `from` is the start of one of [`Io::grid`]'s ranges:
    /// the value where the cell begins in the song.
    #[inline]
    pub fn cell(&self, from: usize) -> f64 {
        match self {
            Value::Constant(x) => *x,
            Value::PerFrame { cell, .. } if from == 0 => *cell,
            Value::PerFrame { frames, .. } => frames[from],
        }
    }

    pub fn moves(&self) -> bool {
        matches!(self, Value::PerFrame { .. })
    }
}

/// The slots of an effect: its own parameters in declared order, the common ones, then its children's, depth first (see `Args::slots`).
#[derive(Clone, Copy, Debug)]
pub struct Values<'a> {
    slots: &'a [Value<'a>],
}

impl<'a> Values<'a> {
    pub fn new(slots: &'a [Value<'a>]) -> Values<'a> {
        Values { slots }
    }

    /// The slots from `offset` on: a child's.
    pub fn child(&self, offset: usize) -> Values<'a> {
        Values { slots: &self.slots[offset..] }
    }

    /// The parameter `index`.
    #[inline]
    pub fn get(&self, index: usize) -> Value<'a> {
        self.slots[index]
    }
}
