//! What a file's name says it is.

use std::path::Path;

use super::Info;

/// A format as people call it and name its files.
#[derive(Debug, PartialEq, Eq)]
pub struct Label {
    /// With its article.
    pub called: &'static str,
    /// In small letters, the usual one first.
    pub extensions: &'static [&'static str],
    /// Everything that goes by this name.
    pub lossless: bool,
    /// [`Info::format`] of what it may hold.
    formats: &'static [&'static str],
}

const LABELS: &[Label] = &[
    Label { called: "a WAV", extensions: &["wav", "wave", "bwf", "rf64"], lossless: true, formats: &["wav"] },
    Label { called: "a Wave64", extensions: &["w64"], lossless: true, formats: &["w64"] },
    Label { called: "an AIFF", extensions: &["aiff", "aif", "aifc"], lossless: true, formats: &["aiff"] },
    Label { called: "a CAF", extensions: &["caf"], lossless: false, formats: &["caf"] },
    Label { called: "an AU", extensions: &["au", "snd"], lossless: false, formats: &["au"] },
    Label { called: "a FLAC", extensions: &["flac"], lossless: true, formats: &["flac"] },
    Label { called: "an MP3", extensions: &["mp3"], lossless: false, formats: &["mp3"] },
    Label { called: "an Ogg", extensions: &["ogg", "oga", "opus"], lossless: false, formats: &["ogg"] },
    Label { called: "an MP4", extensions: &["m4a", "mp4", "mov", "m4b", "alac"], lossless: false, formats: &["mp4"] },
    Label { called: "a WavPack", extensions: &["wv"], lossless: true, formats: &[] },
    Label { called: "an AAC stream", extensions: &["aac", "adts"], lossless: false, formats: &["aac"] },
];

/// What the name says, by its ending.
pub fn of(path: &Path) -> Option<&'static Label> {
    let extension = path.extension()?.to_str()?.to_lowercase();
    LABELS.iter().find(|label| label.extensions.contains(&extension.as_str()))
}

/// What the name says and what the file is, where that is not the same. A name without a known ending says nothing.
pub fn mistaken(path: &Path, info: &Info) -> Option<(&'static Label, &'static Label)> {
    let says = of(path)?;
    let is = LABELS.iter().find(|label| label.formats.contains(&info.format))?;
    (says != is).then_some((says, is))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Rate;

    #[test]
    fn a_name_speaks_only_where_it_has_an_ending_that_is_known() {
        let info = |format| Info {
            format,
            codec: "",
            channels: 2,
            rate: Rate::CD,
            frames: 1,
            bits: None,
            lossless: format != "mp3",
            mask: None,
        };
        let told = |name, format| mistaken(Path::new(name), &info(format)).map(|(says, is)| (says.called, is.called));
        assert_eq!(told("a.wav", "mp3"), Some(("a WAV", "an MP3")));
        assert_eq!(told("A.WAV", "wav"), None);
        assert_eq!(told("a.aif", "flac"), Some(("an AIFF", "a FLAC")));
        assert_eq!(told("a", "flac"), None);
        assert_eq!(told("night v1.2", "flac"), None);
    }
}
