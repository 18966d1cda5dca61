use std::path::Path;

use super::asked::{Solved, asked};
use super::text::{Rows, clock, value};
use crate::analysis::Measurement;
use crate::session::Asked;

/// A file that a render wrote.
#[derive(Clone, Copy, Debug)]
pub struct Written<'a> {
    /// The delivery's path as asked for, below the output folder.
    pub target: &'a str,
    /// `stem`, `mix`, `master` or `tap`.
    pub kind: &'static str,
    pub path: &'a Path,
    pub measurement: &'a Measurement,
    /// Samples that went over full scale and were held there.
    pub clipped: u64,
    /// What it had to come to.
    pub asked: Option<Asked>,
    /// What brought it there.
    pub solved: Option<Solved>,
    /// Who will play it, and how much louder (dB) than it is.
    pub service: Option<(&'a str, f64)>,
    /// Only a part of it was written: its loudness is not what was asked of the whole, and nobody will play it.
    pub part: bool,
    /// It is a preview of a range, and whether it has the bytes of the whole.
    pub preview: Option<bool>,
}

impl<'a> Written<'a> {
    /// Who will play it, when it is whole.
    pub(super) fn plays(&self) -> Option<(&'a str, f64)> {
        self.service.filter(|_| !self.part)
    }
}

/// What a render was as a whole.
#[derive(Clone, Copy, Debug, Default)]
pub struct Summary {
    pub ok: bool,
    pub wall_seconds: f64,
    pub audio_seconds: f64,
    pub nodes_total: usize,
    pub nodes_rendered: usize,
    pub nodes_reused: usize,
}

/// The table of what was written: name, length, loudness, true peak and sample peak; a column of clipped samples only where there are some.
/// Below it what was asked of files, if anything was.
pub fn files(all: &[Written<'_>]) -> String {
    let clipped = all.iter().any(|f| f.clipped > 0);
    let mut head = vec!["file", "length", "LUFS", "dBTP", "dBFS"];
    head.extend(clipped.then_some("clipped"));
    let mut rows = Rows::new(if clipped { "<>>>>>" } else { "<>>>>" }, &head);
    for file in all {
        let m = file.measurement;
        let mut row = vec![
            file.path.display().to_string(),
            clock(m.seconds, true),
            value(m.integrated_lufs),
            value(m.true_peak_dbtp),
            value(m.sample_peak_dbfs),
        ];
        row.extend(clipped.then(|| if file.clipped > 0 { file.clipped.to_string() } else { String::new() }));
        rows.row(row);
    }
    let table = rows.text("");
    match asked(all) {
        more if more.is_empty() => table,
        more => format!("{table}\n{more}"),
    }
}

/// `5 files, 3:24 of sound in 4.1 s, 50x faster than listening`.
pub fn pace(files: usize, summary: &Summary) -> String {
    let (sound, wall) = (summary.audio_seconds, summary.wall_seconds);
    let took = match wall {
        w if w < 1.0 => format!("{w:.2} s"),
        w if w < 60.0 => format!("{w:.1} s"),
        w => clock(w, false),
    };
    let s = if files == 1 { "" } else { "s" };
    let ratio = if wall > 0.0 { sound / wall } else { 0.0 };
    let speed = match ratio {
        r if r >= 10.0 => format!(", {r:.0}x faster than listening"),
        r if r >= 1.1 => format!(", {r:.1}x faster than listening"),
        r if r > 0.0 && r < 0.9 => format!(", {:.1}x slower than listening", 1.0 / r),
        _ => String::new(),
    };
    format!("{files} file{s}, {} of sound in {took}{speed}", clock(sound, false))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_shows_what_is_known() {
        let master = Measurement {
            seconds: 204.4,
            integrated_lufs: Some(-14.016),
            true_peak_dbtp: Some(-1.0),
            sample_peak_dbfs: Some(-1.2),
            ..Measurement::default()
        };
        let stem = Measurement { seconds: 204.4, sample_peak_dbfs: Some(-6.02), ..Measurement::default() };
        let written = |kind, path, measurement, clipped| Written {
            target: "",
            kind,
            path: Path::new(path),
            measurement,
            clipped,
            asked: None,
            solved: None,
            service: None,
            part: false,
            preview: None,
        };
        let calm = [written("master", "out/song.flac", &master, 0), written("stem", "out/stems/kick.wav", &stem, 0)];
        assert_eq!(
            files(&calm),
            "file                  length    LUFS   dBTP   dBFS\n\
             out/song.flac       3:24.400  -14.02  -1.00  -1.20\n\
             out/stems/kick.wav  3:24.400       -      -  -6.02\n"
        );
        let hot = [calm[0], written("stem", "out/stems/kick.wav", &stem, 12)];
        let table = files(&hot);
        assert!(table.lines().next().is_some_and(|l| l.ends_with("clipped")), "{table}");
        assert!(table.ends_with("     12\n"), "{table}");
    }

    #[test]
    fn the_pace_is_told_plainly() {
        let summary = |wall_seconds, audio_seconds| Summary {
            ok: true,
            wall_seconds,
            audio_seconds,
            nodes_total: 1,
            nodes_rendered: 1,
            nodes_reused: 0,
        };
        assert_eq!(pace(5, &summary(4.1, 204.4)), "5 files, 3:24 of sound in 4.1 s, 50x faster than listening");
        assert_eq!(pace(1, &summary(0.5, 0.75)), "1 file, 0:01 of sound in 0.50 s, 1.5x faster than listening");
        assert_eq!(pace(1, &summary(120.0, 60.0)), "1 file, 1:00 of sound in 2:00, 2.0x slower than listening");
        assert_eq!(pace(1, &summary(0.0, 0.0)), "1 file, 0:00 of sound in 0.00 s");
    }
}
