use super::Aligned;
use super::isa::Level;
use super::samples;

/// Owned planar samples: channels × frames of f64 in one allocation, made once and used again.
#[derive(Clone, Debug, Default)]
pub struct Block {
    data: Aligned<f64>,
    stride: usize,
    channels: usize,
}

impl Block {
    /// Zeros: `channels` × `frames`.
    pub fn new(channels: usize, frames: usize) -> Block {
        Block { data: Aligned::new(channels * frames), stride: frames, channels }
    }

    pub fn channels(&self) -> usize {
        self.channels
    }

    /// How many frames it can hold.
    pub fn capacity(&self) -> usize {
        self.stride
    }

    pub fn channel(&self, channel: usize) -> &[f64] {
        &self.data[channel * self.stride..][..self.stride]
    }

    pub fn channel_mut(&mut self, channel: usize) -> &mut [f64] {
        &mut self.data[channel * self.stride..][..self.stride]
    }

    /// Its first `channels` × `frames` to work on.
    pub fn planes(&mut self, channels: usize, frames: usize) -> Planes<'_> {
        assert!(channels <= self.channels && frames <= self.stride, "a block of {} holds no {frames}", self.stride);
        Planes { data: &mut self.data, stride: self.stride, channels, from: 0, frames }
    }

    pub fn planes_ref(&self, channels: usize, frames: usize) -> PlanesRef<'_> {
        assert!(channels <= self.channels && frames <= self.stride, "a block of {} holds no {frames}", self.stride);
        PlanesRef { data: &self.data, stride: self.stride, channels, from: 0, frames }
    }

    pub fn clear(&mut self) {
        self.data.fill(0.0);
    }
}

/// A window of planar samples to change in place: channels × frames of f64.
#[derive(Debug)]
pub struct Planes<'a> {
    data: &'a mut [f64],
    stride: usize,
    channels: usize,
    from: usize,
    frames: usize,
}

impl<'a> Planes<'a> {
    pub fn channels(&self) -> usize {
        self.channels
    }

    pub fn frames(&self) -> usize {
        self.frames
    }

    pub fn channel(&self, channel: usize) -> &[f64] {
        assert!(channel < self.channels);
        &self.data[channel * self.stride + self.from..][..self.frames]
    }

    pub fn channel_mut(&mut self, channel: usize) -> &mut [f64] {
        assert!(channel < self.channels);
        &mut self.data[channel * self.stride + self.from..][..self.frames]
    }

    /// Channels `a` and `b` at once; `a` must come before `b`.
    pub fn pair_mut(&mut self, a: usize, b: usize) -> (&mut [f64], &mut [f64]) {
        assert!(a < b && b < self.channels);
        let (low, high) = self.data.split_at_mut(b * self.stride);
        (&mut low[a * self.stride + self.from..][..self.frames], &mut high[self.from..][..self.frames])
    }

    pub fn each_mut(&mut self) -> impl Iterator<Item = &mut [f64]> {
        let (from, frames) = (self.from, self.frames);
        self.data.chunks_mut(self.stride.max(1)).take(self.channels).map(move |plane| &mut plane[from..from + frames])
    }

    /// The frames `from..to` of the same channels.
    pub fn slice(&mut self, from: usize, to: usize) -> Planes<'_> {
        assert!(from <= to && to <= self.frames);
        Planes {
            data: self.data,
            stride: self.stride,
            channels: self.channels,
            from: self.from + from,
            frames: to - from,
        }
    }

    /// The first `channels` channels only.
    pub fn first(&mut self, channels: usize) -> Planes<'_> {
        assert!(channels <= self.channels);
        Planes { data: self.data, stride: self.stride, channels, from: self.from, frames: self.frames }
    }

    pub fn reborrow(&mut self) -> Planes<'_> {
        self.slice(0, self.frames)
    }

    pub fn as_ref(&self) -> PlanesRef<'_> {
        PlanesRef {
            data: self.data,
            stride: self.stride,
            channels: self.channels,
            from: self.from,
            frames: self.frames,
        }
    }

    pub fn fill(&mut self, value: f64) {
        self.each_mut().for_each(|plane| plane.fill(value));
    }

    /// Copies another window of the same shape.
    pub fn copy_from(&mut self, other: &PlanesRef<'_>) {
        for (channel, plane) in self.each_mut().enumerate() {
            plane.copy_from_slice(other.channel(channel));
        }
    }

    /// Whether every sample is exactly zero (of either sign).
    pub fn is_silent(&self) -> bool {
        self.as_ref().is_silent()
    }
}

/// A window of planar samples to read.
#[derive(Clone, Copy, Debug)]
pub struct PlanesRef<'a> {
    data: &'a [f64],
    stride: usize,
    channels: usize,
    from: usize,
    frames: usize,
}

impl<'a> PlanesRef<'a> {
    pub fn channels(&self) -> usize {
        self.channels
    }

    pub fn frames(&self) -> usize {
        self.frames
    }

    pub fn channel(&self, channel: usize) -> &'a [f64] {
        assert!(channel < self.channels);
        &self.data[channel * self.stride + self.from..][..self.frames]
    }

    pub fn each(&self) -> impl Iterator<Item = &'a [f64]> + use<'a> {
        let this = *self;
        (0..this.channels).map(move |channel| this.channel(channel))
    }

    pub fn slice(&self, from: usize, to: usize) -> PlanesRef<'a> {
        assert!(from <= to && to <= self.frames);
        PlanesRef { from: self.from + from, frames: to - from, ..*self }
    }

    pub fn is_silent(&self) -> bool {
        self.each().all(|plane| samples::is_silent(Level::find(), plane))
    }
}
