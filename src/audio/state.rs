use std::fmt;

/// Takes down a processor's exact state, field by field, little-endian.
#[derive(Debug, Default)]
pub struct StateWriter {
    bytes: Vec<u8>,
}

impl StateWriter {
    pub fn new() -> StateWriter {
        StateWriter::default()
    }

    pub fn f64(&mut self, x: f64) {
        self.bytes.extend_from_slice(&x.to_le_bytes());
    }

    pub fn u64(&mut self, x: u64) {
        self.bytes.extend_from_slice(&x.to_le_bytes());
    }

    pub fn i64(&mut self, x: i64) {
        self.bytes.extend_from_slice(&x.to_le_bytes());
    }

    /// A slice whose length the reader knows.
    pub fn all<T: Saved>(&mut self, xs: &[T]) {
        xs.iter().for_each(|x| x.save(self));
    }

    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

/// A number that states are made of.
pub trait Saved: Copy {
    fn save(self, into: &mut StateWriter);
    fn load(from: &mut StateReader<'_>) -> Result<Self, StateError>;
}

impl Saved for f64 {
    fn save(self, into: &mut StateWriter) {
        into.f64(self);
    }

    fn load(from: &mut StateReader<'_>) -> Result<f64, StateError> {
        from.f64()
    }
}

impl Saved for f32 {
    fn save(self, into: &mut StateWriter) {
        into.bytes.extend_from_slice(&self.to_le_bytes());
    }

    fn load(from: &mut StateReader<'_>) -> Result<f32, StateError> {
        from.next().map(f32::from_le_bytes)
    }
}

/// Gives back what a [`StateWriter`] took down, in the same order.
#[derive(Debug)]
pub struct StateReader<'a> {
    bytes: &'a [u8],
}

/// A saved state that does not fit the processor it is given to.
#[derive(Debug, PartialEq, Eq)]
pub struct StateError;

impl fmt::Display for StateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a saved state does not fit its processor")
    }
}

impl std::error::Error for StateError {}

impl<'a> StateReader<'a> {
    pub fn new(bytes: &'a [u8]) -> StateReader<'a> {
        StateReader { bytes }
    }

    fn next<const N: usize>(&mut self) -> Result<[u8; N], StateError> {
        let (head, rest) = self.bytes.split_first_chunk().ok_or(StateError)?;
        self.bytes = rest;
        Ok(*head)
    }

    pub fn f64(&mut self) -> Result<f64, StateError> {
        self.next().map(f64::from_le_bytes)
    }

    pub fn u64(&mut self) -> Result<u64, StateError> {
        self.next().map(u64::from_le_bytes)
    }

    pub fn i64(&mut self) -> Result<i64, StateError> {
        self.next().map(i64::from_le_bytes)
    }

    pub fn all<T: Saved>(&mut self, into: &mut [T]) -> Result<(), StateError> {
        into.iter_mut().try_for_each(|x| T::load(self).map(|value| *x = value))
    }

    /// Everything was read: a longer state belongs to something else.
    pub fn end(&self) -> Result<(), StateError> {
        if self.bytes.is_empty() { Ok(()) } else { Err(StateError) }
    }
}
