use serde::{Deserialize, Serialize};

/// How many channels, in their usual order (stereo is left, right). Up to [`Layout::MOST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Layout(u8);

impl Layout {
    pub const MONO: Layout = Layout(1);
    pub const STEREO: Layout = Layout(2);
    pub const MOST: usize = 16;

    pub const fn new(channels: usize) -> Option<Layout> {
        if channels >= 1 && channels <= Layout::MOST { Some(Layout(channels as u8)) } else { None }
    }

    pub const fn channels(self) -> usize {
        self.0 as usize
    }
}
