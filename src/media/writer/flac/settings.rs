//! What the levels 0 to 8 do: as with `flac`, the higher the smaller and the slower.

/// Frames of sound per frame of FLAC. Up to 48 kHz 4608 are the most that every decoder must take (RFC 9639, section 7).
pub(super) const BLOCK: usize = 4096;

/// How left and right are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pairs {
    /// As they are.
    Apart,
    /// As two of left, right, middle and side: those whose bits are estimated to be the fewest.
    Estimated,
    /// All four are coded, and those with the fewest bits written.
    Tried,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Settings {
    pub(super) pairs: Pairs,
    /// Of predictors made for the block; 0: fixed ones alone.
    pub(super) order: usize,
    /// See [`windows`](super::window::windows).
    pub(super) parts: usize,
    /// Residuals are cut in 2^this partitions at most.
    pub(super) partitions: u32,
}

impl Settings {
    /// `level`: 0 to 8; above is 8.
    pub(super) const fn of(level: u8) -> Settings {
        let (pairs, order, parts, partitions) = match level {
            0 => (Pairs::Apart, 0, 0, 5),
            1 => (Pairs::Estimated, 0, 0, 5),
            2 => (Pairs::Tried, 0, 0, 5),
            3 => (Pairs::Apart, 6, 1, 4),
            4 => (Pairs::Estimated, 8, 1, 4),
            5 => (Pairs::Tried, 8, 1, 5),
            6 => (Pairs::Tried, 8, 2, 6),
            7 => (Pairs::Tried, 12, 2, 6),
            _ => (Pairs::Tried, 12, 3, 6),
        };
        Settings { pairs, order, parts, partitions }
    }
}
