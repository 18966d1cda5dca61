use super::Measurement;
use super::intake::Intake;
use super::loudness::Loudness;
use super::speakers;
use super::sums;
use super::true_peak::{Scan, TruePeak, sample_peak};
use crate::audio::isa::Level;
use crate::audio::{PlanesRef, StateError, StateReader, StateWriter, math};
use crate::units::Rate;

/// How much is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Everything that a [`Measurement`] holds.
    Full,
    /// True peak, sample peak and length.
    TruePeak,
    /// Sample peak and length: next to nothing.
    Peaks,
}

/// Measures sound as it goes by: the samples of a file, quantised as they are written, full scale 1.
///
/// One pass, and every figure has the same bits whatever the blocks. Before its first frame and after its last a programme is silence: windows
/// fill up from silence, and the interpolator rings against it, as a player's would. Where it is cut out of something longer, say so by
/// [`Meter::gap`]. Memory grows by 16 bytes (24 for stereo) per 100 ms: 864 kB an hour.
#[derive(Clone, Debug)]
pub struct Meter {
    rate: Rate,
    weights: Vec<f64>,
    /// Own frames; of programmes that joined, frames and seconds.
    frames: u64,
    joined: (u64, f64),
    /// For peaks alone.
    peak: f64,
    more: Option<Box<More>>,
}

#[derive(Clone, Debug)]
struct More {
    intake: Intake,
    scan: Scan,
    full: Option<Full>,
}

#[derive(Clone, Debug)]
struct Full {
    loudness: Loudness,
    /// Σ x of each channel; none once programmes of other layouts joined.
    sums: Vec<f64>,
    /// Σ L², Σ R², Σ L R, for stereo.
    products: Option<[f64; 3]>,
}

impl Meter {
    /// For 1 to 16 channels, on their usual loudspeakers.
    pub fn new(rate: Rate, channels: usize, what: What) -> Meter {
        Meter::of(rate, channels, what, None, false)
    }

    /// As [`Meter::new`], with a WAV's channel `mask`; `dual_mono` reads a mono file as it plays on two loudspeakers (+3.01 LU).
    pub fn of(rate: Rate, channels: usize, what: What, mask: Option<u32>, dual_mono: bool) -> Meter {
        let weights = speakers::weights(channels, mask, dual_mono);
        let full = (what == What::Full).then(|| Full {
            loudness: Loudness::new(rate, &weights),
            sums: vec![0.0; channels],
            products: (channels == 2).then_some([0.0; 3]),
        });
        let more = (what != What::Peaks)
            .then(|| Box::new(More { intake: Intake::new(rate, channels), scan: Scan::new(TruePeak::Exact), full }));
        Meter { rate, weights, frames: 0, joined: (0, 0.0), peak: 0.0, more }
    }

    /// Reads the true peak in another way; to be said before the first frame.
    pub fn reading(mut self, kind: TruePeak) -> Meter {
        if let Some(more) = &mut self.more {
            more.scan = Scan::new(kind);
        }
        self
    }

    /// Takes the next frames, any number of them, of the meter's channels.
    pub fn add(&mut self, planes: PlanesRef<'_>) {
        debug_assert_eq!(planes.channels(), self.weights.len());
        self.frames += planes.frames() as u64;
        match &mut self.more {
            None => planes.each().for_each(|plane| self.peak = self.peak.max(sample_peak(Level::find(), plane))),
            Some(more) => more.add(planes),
        }
    }

    /// What comes next doesn't follow what came: parts of a song measured together. Filters and windows begin anew, no block spans the gap, and
    /// blocks and maxima so far stay. Nothing is read between samples within 38 frames of the cut, where the interpolator would need what was cut
    /// away: a 0.99 sine cut at its crest would read +1.06 dBTP. A gap before the first frame or after the last says that those edges are cuts
    /// as well, not the programme's own.
    pub fn gap(&mut self) {
        if let Some(more) = &mut self.more {
            more.end();
            more.intake.clear();
            more.scan.gap();
            if let Some(full) = &mut more.full {
                full.loudness.gap();
            }
        }
    }

    /// Takes in another programme, whole: an album is measured by joining its songs. Loudness is then gated over all blocks together, not a mean
    /// of levels, and maxima are the largest. Rates may differ; where the channels do, the figures that belong to channels (DC offset,
    /// correlation, mono loss) no longer exist. Both must measure the same things, or it panics.
    pub fn join(&mut self, other: &Meter) {
        let mut other = other.clone();
        other.joined.0 += other.frames;
        other.joined.1 += other.frames as f64 / other.rate.hz();
        (self.joined.0, self.joined.1) = (self.joined.0 + other.joined.0, self.joined.1 + other.joined.1);
        self.peak = self.peak.max(other.peak);
        match (&mut self.more, &mut other.more) {
            (Some(ours), Some(theirs)) => ours.join(theirs.finish()),
            (None, None) => {}
            _ => panic!("meters of different things don't join"),
        }
    }

    /// Loudness of the last 400 ms in LUFS, as of the last whole step of 10 ms. None for silence.
    pub fn momentary(&self) -> Option<f64> {
        self.more.as_ref()?.full.as_ref()?.loudness.now().0
    }

    /// The same of the last 3 s.
    pub fn short_term(&self) -> Option<f64> {
        self.more.as_ref()?.full.as_ref()?.loudness.now().1
    }

    /// What was measured; the file's own fields (`format`, `codec`, `blake3`) are left to who knows them.
    pub fn finish(mut self) -> Measurement {
        let frames = self.frames + self.joined.0;
        let mut measurement = Measurement {
            sample_rate: self.rate.get(),
            channels: self.weights.len(),
            frames,
            seconds: self.frames as f64 / self.rate.hz() + self.joined.1,
            sample_peak_dbfs: decibels(self.peak),
            ..Measurement::default()
        };
        let Some(more) = &mut self.more else { return measurement };
        let more = more.finish();
        measurement.sample_peak_dbfs = decibels(more.scan.sample_peak());
        measurement.true_peak = more.scan.kind();
        measurement.true_peak_dbtp = decibels(more.scan.true_peak());
        if let Some(full) = &more.full {
            full.tell(frames, &mut measurement);
        }
        measurement
    }

    /// Takes down everything, the pending frames too: a meter of the same kind that loads it goes on bit for bit.
    pub fn save(&self, into: &mut StateWriter) {
        into.u64(u64::from(self.rate.get()));
        into.u64(self.kind());
        into.all(&self.weights);
        into.u64(self.frames);
        into.u64(self.joined.0);
        into.all(&[self.joined.1, self.peak]);
        if let Some(more) = &self.more {
            more.intake.save(into);
            more.scan.save(into);
            if let Some(full) = &more.full {
                full.save(into);
            }
        }
    }

    /// Of a meter made in the same way; anything else is an error, after which this one is good for nothing.
    pub fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        let same = from.u64()? == u64::from(self.rate.get()) && from.u64()? == self.kind();
        if !same {
            return Err(StateError);
        }
        for weight in &self.weights {
            if from.f64()? != *weight {
                return Err(StateError);
            }
        }
        self.frames = from.u64()?;
        self.joined = (from.u64()?, from.f64()?);
        self.peak = from.f64()?;
        if let Some(more) = &mut self.more {
            more.intake.load(from)?;
            more.scan.load(from)?;
            if let Some(full) = &mut more.full {
                full.load(from)?;
            }
        }
        Ok(())
    }

    /// What is measured and how, and of how many channels.
    fn kind(&self) -> u64 {
        let what = match &self.more {
            None => 0,
            Some(more) => 1 + u64::from(more.full.is_some()) + 2 * u64::from(more.scan.kind() == TruePeak::Itu),
        };
        what << 32 | self.weights.len() as u64
    }
}

impl More {
    fn add(&mut self, mut planes: PlanesRef<'_>) {
        while planes.frames() > 0 {
            let (taken, full) = self.intake.take(&planes);
            if full {
                self.step(true);
            }
            planes = planes.slice(taken, planes.frames());
        }
    }

    fn step(&mut self, whole: bool) {
        self.scan.read(self.intake.rows());
        if let Some(full) = &mut self.full {
            full.step(whole, &self.intake);
        }
        self.intake.turn();
    }

    /// A step that isn't full counts as well.
    fn end(&mut self) {
        if !self.intake.is_empty() {
            self.step(false);
        }
    }

    /// Hears the programme out.
    fn finish(&mut self) -> &More {
        self.end();
        self.scan.read(self.intake.silence());
        self
    }

    fn join(&mut self, other: &More) {
        self.scan.join(&other.scan);
        match (&mut self.full, &other.full) {
            (Some(ours), Some(theirs)) => ours.join(theirs),
            (None, None) => {}
            _ => panic!("meters of different things don't join"),
        }
    }
}

impl Full {
    fn step(&mut self, whole: bool, intake: &Intake) {
        self.loudness.step(whole, |channel| intake.step(channel));
        let level = Level::find();
        for (channel, total) in self.sums.iter_mut().enumerate() {
            *total += sums::sum(level, intake.step(channel));
        }
        if let Some(products) = &mut self.products {
            let (l, r) = (intake.step(0), intake.step(1));
            products.iter_mut().zip(sums::products(level, l, r)).for_each(|(total, part)| *total += part);
        }
    }

    fn join(&mut self, other: &Full) {
        self.loudness.join(&other.loudness);
        if self.sums.len() == other.sums.len() {
            self.sums.iter_mut().zip(&other.sums).for_each(|(ours, theirs)| *ours += theirs);
        } else {
            self.sums.clear();
        }
        match (&mut self.products, &other.products) {
            (Some(ours), Some(theirs)) => ours.iter_mut().zip(theirs).for_each(|(ours, theirs)| *ours += theirs),
            _ => self.products = None,
        }
    }

    fn tell(&self, frames: u64, into: &mut Measurement) {
        let loudness = &self.loudness;
        into.integrated_lufs = loudness.integrated();
        into.momentary_max_lufs = loudness.momentary();
        into.short_term_max_lufs = loudness.short_term();
        into.loudness_range_lu = loudness.range();
        into.plr_lu = into.true_peak_dbtp.zip(into.integrated_lufs).map(|(peak, loudness)| peak - loudness);
        into.correlation = self.products.and_then(|[ll, rr, lr]| {
            let correlation = (lr / (ll.sqrt() * rr.sqrt())).clamp(-1.0, 1.0);
            (ll > 0.0 && rr > 0.0 && correlation.is_finite()).then_some(correlation)
        });
        into.mono_loss_lu = loudness.mono_loss();
        into.dc_offset = self.sums.iter().map(|sum| if frames == 0 { 0.0 } else { sum / frames as f64 }).collect();
    }

    fn save(&self, into: &mut StateWriter) {
        self.loudness.save(into);
        into.u64(self.sums.len() as u64);
        into.all(&self.sums);
        into.u64(u64::from(self.products.is_some()));
        into.all(&self.products.unwrap_or_default());
    }

    fn load(&mut self, from: &mut StateReader<'_>) -> Result<(), StateError> {
        self.loudness.load(from)?;
        match from.u64()? {
            0 => self.sums.clear(),
            n if n != self.sums.len() as u64 => return Err(StateError),
            _ => from.all(&mut self.sums)?,
        }
        let some = from.u64()? == 1;
        let mut products = [0.0; 3];
        from.all(&mut products)?;
        self.products = some.then_some(products);
        Ok(())
    }
}

/// None for digital silence.
fn decibels(amplitude: f64) -> Option<f64> {
    (amplitude > 0.0 && amplitude.is_finite()).then(|| 20.0 * math::log10(amplitude))
}

#[cfg(test)]
mod tests;
