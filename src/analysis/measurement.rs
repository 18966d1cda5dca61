use serde::{Deserialize, Serialize};

use super::TruePeak;

/// What was measured of a file. A value that does not exist (the loudness of silence, the correlation of a mono file) is `None`,
/// `null` in JSON. The field names are the JSON's.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measurement {
    pub format: String,
    pub codec: String,
    pub sample_rate: u32,
    pub channels: usize,
    pub frames: u64,
    pub seconds: f64,
    /// BS.1770-5 integrated loudness, gated. `None` below -70 LUFS and for less than 400 ms.
    pub integrated_lufs: Option<f64>,
    /// The largest loudness of any 400 ms, ungated, read every 10 ms (EBU Tech 3341). What is shorter stands in silence.
    pub momentary_max_lufs: Option<f64>,
    /// The same of any 3 s.
    pub short_term_max_lufs: Option<f64>,
    /// EBU Tech 3342, from ten readings a second. `None` for less than 3 s.
    pub loudness_range_lu: Option<f64>,
    /// How the true peak was read.
    #[serde(skip)]
    pub true_peak: TruePeak,
    /// The highest of all channels.
    pub true_peak_dbtp: Option<f64>,
    /// The highest of all channels.
    pub sample_peak_dbfs: Option<f64>,
    /// True peak minus integrated loudness.
    pub plr_lu: Option<f64>,
    /// Of left and right over the whole file, -1 to 1.
    pub correlation: Option<f64>,
    /// Integrated loudness minus that of (L+R)/2 on both channels, a fold below the gate counting as -70 LUFS.
    pub mono_loss_lu: Option<f64>,
    /// Mean per channel, full scale = 1.
    pub dc_offset: Vec<f64>,
    /// Of the file's bytes, hexadecimal; empty where nobody asked for it.
    pub blake3: String,
}
