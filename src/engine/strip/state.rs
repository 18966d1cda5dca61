//! A strip's exact state between two segments: loaded into a strip built alike, the sound goes on bit for bit. What is read from files, slots and
//! spools has no state: it can be read from anywhere.

use super::Strip;
use crate::audio::{StateError, StateReader, StateWriter};

impl Strip {
    pub(in crate::engine) fn save(&self, into: &mut StateWriter) {
        self.followers.save(into);
        if let Some(ring) = &self.delay {
            ring.save(into);
        }
        for insert in &self.inserts {
            insert.save(into);
        }
    }

    /// After an error the strip is of no use any more.
    pub(in crate::engine) fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.followers.load(from)?;
        if let Some(ring) = &mut self.delay {
            ring.load(from)?;
        }
        for insert in &mut self.inserts {
            insert.load(from)?;
        }
        from.end()
    }
}
