use serde::Serialize;

/// What was measured of a file. A value that does not exist (the loudness of silence, the correlation of a mono file) is `None`,
/// `null` in JSON. The field names are the JSON's.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Measurement {
    pub format: String,
    pub codec: String,
    pub sample_rate: u32,
    pub channels: usize,
    pub frames: u64,
    pub seconds: f64,
    /// BS.1770-5 integrated loudness.
    pub integrated_lufs: Option<f64>,
    pub momentary_max_lufs: Option<f64>,
    pub short_term_max_lufs: Option<f64>,
    /// EBU Tech 3342.
    pub loudness_range_lu: Option<f64>,
    pub true_peak_dbtp: Option<f64>,
    pub sample_peak_dbfs: Option<f64>,
    /// True peak minus integrated loudness.
    pub plr_lu: Option<f64>,
    /// Of left and right over the whole file, -1 to 1.
    pub correlation: Option<f64>,
    /// Integrated loudness minus that of (L+R)/2 on both channels, a fold below the gate counting as -70 LUFS.
    pub mono_loss_lu: Option<f64>,
    /// Mean per channel, full scale = 1.
    pub dc_offset: Vec<f64>,
    /// Of the file's bytes, hexadecimal.
    pub blake3: String,
}
