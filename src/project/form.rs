//! What a file is like: format, bits, rate and dither, from what its delivery says, then its target, then the session.

use crate::diag::{Code, Diagnostic, Span};
use crate::media::writer::{Format, Spec};
use crate::session::{self, Dither, Loc, Target};
use crate::units::Rate;

const DEFAULT_BITS: u32 = 24;
/// Where shaped noise has a filter made for the ear.
const SHAPED: [Rate; 2] = [Rate::CD, Rate::STUDIO];

/// Each with whether the delivery said it itself.
#[derive(Clone, Copy)]
pub(super) struct Form<'a> {
    pub(super) rate: (Rate, bool),
    pub(super) bits: (u32, bool),
    format: Option<session::Format>,
    /// And where it was written.
    pub(super) dither: (Dither, Option<Span>),
    pub(super) target: Option<&'a Target>,
    /// And where it was written.
    pub(super) compression: (u8, Option<Span>),
}

impl<'a> Form<'a> {
    /// `session`: its rate.
    pub(super) fn new(
        session: Rate,
        bits: Option<u32>,
        rate: Option<Rate>,
        format: Option<session::Format>,
    ) -> Form<'a> {
        Form {
            rate: (rate.unwrap_or(session), rate.is_some()),
            bits: (bits.unwrap_or(DEFAULT_BITS), bits.is_some()),
            format,
            dither: (Dither::Auto, None),
            target: None,
            compression: (Spec::COMPRESSION, None),
        }
    }

    /// What was not said is the target's.
    pub(super) fn for_target(mut self, target: Option<&'a Target>) -> Form<'a> {
        self.target = target;
        if let Some(rate) = target.and_then(|t| t.rate).filter(|_| !self.rate.1) {
            self.rate.0 = rate;
        }
        if let Some(bits) = target.and_then(|t| t.bits).filter(|_| !self.bits.1) {
            self.bits.0 = bits;
        }
        self
    }

    pub(super) fn dithered(self, dither: Dither, at: Span) -> Form<'a> {
        Form { dither: (dither, Some(at)), ..self }
    }

    pub(super) fn compressed(self, said: Option<(u8, Loc)>) -> Form<'a> {
        let compression = said.map_or((Spec::COMPRESSION, None), |(level, at)| (level, Some(at.0)));
        Form { compression, ..self }
    }

    /// The format of the file of this name, if it can be written like this.
    ///
    /// # Errors
    /// What cannot go together, in words; `span` is where the file was asked for.
    pub(super) fn check(&self, name: &str, span: Option<Span>) -> Result<Format, Diagnostic> {
        let place = |diagnostic: Diagnostic, span: Option<Span>| match span {
            Some(span) => diagnostic.label(span, "asked for here"),
            None => diagnostic,
        };
        let by_target = |diagnostic: Diagnostic, own: bool, what: String| match self.target.filter(|_| !own) {
            Some(target) => diagnostic.label(target.loc.0, format!("this target has {what}")),
            None => diagnostic,
        };
        let format = format(name, self.format, self.target.and_then(|t| t.format)).map_err(|text| {
            place(Diagnostic::error(Code::FORMAT, text), span).help("end the path with `.wav`, `.flac` or `.aiff`")
        })?;
        let bits = self.bits.0;
        if let (Some(at), true) = (self.compression.1, format != Format::Flac) {
            let text = format!("only a FLAC is compressed, and this file is a {}", format.name());
            let diagnostic = place(Diagnostic::error(Code::FORMAT, text), Some(at));
            return Err(diagnostic.help("leave `compression` out, or end the path with `.flac`"));
        }
        let (allowed, told): (&[u32], _) =
            if format == Format::Flac { (&[16, 24], "16 or 24") } else { (&[16, 24, 32], "16, 24 or 32") };
        if !allowed.contains(&bits) {
            let text = format!("a {} file cannot have {bits} bits", format.name());
            let diagnostic = place(Diagnostic::error(Code::FORMAT, text), span).help(format!("it can have {told}"));
            return Err(by_target(diagnostic, self.bits.1, format!("{bits} bits")));
        }
        if self.dither.0 == Dither::Shaped && bits == 32 {
            let text = "noise cannot be shaped in a file of 32 bits: floating point drops none";
            let diagnostic = place(Diagnostic::error(Code::FORMAT, text), self.dither.1);
            let diagnostic = diagnostic.help("leave `dither` out, or deliver `bits: 24`");
            return Err(by_target(diagnostic, self.bits.1, "32 bits".into()));
        }
        if self.dither.0 == Dither::Shaped && !SHAPED.contains(&self.rate.0) {
            let text = format!("noise is shaped at 44.1kHz and 48kHz, and this file has {}", self.rate.0);
            let diagnostic = place(Diagnostic::error(Code::FORMAT, text), self.dither.1);
            let diagnostic = diagnostic.help("write `dither: \"tpdf\"`, or deliver `rate: 48kHz`");
            return Err(by_target(diagnostic, self.rate.1, self.rate.0.to_string()));
        }
        Ok(format)
    }
}

/// As the delivery says; by the extension unless it does; then as the target says, of a path without one.
fn format(path: &str, said: Option<session::Format>, target: Option<session::Format>) -> Result<Format, String> {
    let written = |format| match format {
        session::Format::Wav => Format::Wav,
        session::Format::Flac => Format::Flac,
        session::Format::Aiff => Format::Aiff,
    };
    if let Some(said) = said {
        return Ok(written(said));
    }
    let file = path.rsplit('/').next().unwrap_or(path);
    match file.rsplit_once('.').map(|(_, e)| e.to_lowercase()) {
        Some(e) if e == "wav" || e == "wave" => Ok(Format::Wav),
        Some(e) if e == "flac" => Ok(Format::Flac),
        Some(e) if e == "aif" || e == "aiff" => Ok(Format::Aiff),
        Some(e) if target.is_none() || means_a_format(&e) => Err(format!("`.{e}` is no format that can be written")),
        _ => target.map(written).ok_or_else(|| format!("`{path}` does not say which format it is")),
    }
}

/// `mp3` does; what follows the dot of `Night Drive v1.2` or `feat. Someone` does not.
fn means_a_format(extension: &str) -> bool {
    extension.len() <= 4
        && extension.starts_with(|c: char| c.is_ascii_alphabetic())
        && extension.chars().all(|c| c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diag::SourceId;
    use crate::script;

    fn target(name: &str) -> Option<&'static Target> {
        script::targets().iter().find(|t| t.name == name)
    }

    fn bare() -> Form<'static> {
        Form::new(Rate::STUDIO, None, None, None)
    }

    fn at() -> Span {
        Span::new(SourceId(0), 3, 9)
    }

    #[test]
    fn what_is_not_said_is_the_target_s_then_the_session_s() {
        let like = |form: Form<'_>, name| (form.check(name, None).unwrap(), form.bits.0, form.rate.0.get());
        assert_eq!(like(bare(), "a.wav"), (Format::Wav, 24, 48_000));
        assert_eq!(like(bare().for_target(target("cd")), "a"), (Format::Wav, 16, 44_100));
        assert_eq!(like(bare().for_target(target("spotify")), "a"), (Format::Flac, 24, 48_000));
        let own = Form::new(Rate::STUDIO, Some(24), Rate::new(96_000), None).for_target(target("cd"));
        assert_eq!(like(own, "a"), (Format::Wav, 24, 96_000));
        assert_eq!(like(bare().for_target(target("spotify")), "a.wav").0, Format::Wav, "an extension beats a target");
        let flac = Form::new(Rate::STUDIO, None, None, Some(session::Format::Flac)).for_target(target("cd"));
        assert_eq!(like(flac, "a").0, Format::Flac);
        assert_eq!(like(flac, "a.wav").0, Format::Flac, "what is said beats an extension");
        let spotify = bare().for_target(target("spotify"));
        assert_eq!(like(spotify, "Night Drive v1.2").0, Format::Flac);
        assert_eq!(["a.aif", "b/a.AIFF"].map(|name| like(spotify, name).0), [Format::Aiff; 2]);
        assert!(["a.mp3", "a.ogg", "b/a.m4a"].iter().all(|name| spotify.check(name, None).is_err()));
        assert!(bare().check("a", Some(at())).is_err() && bare().check("a.mp3", None).is_err());
    }

    #[test]
    fn a_flac_alone_is_compressed() {
        let said = |name| bare().compressed(Some((8, Loc(at())))).check(name, None);
        assert_eq!(said("a.flac").unwrap(), Format::Flac);
        for name in ["a.wav", "a.aiff"] {
            let diagnostic = said(name).unwrap_err();
            assert_eq!(diagnostic.labels.iter().map(|l| l.span).collect::<Vec<_>>(), [at()], "where it stands");
            assert!(diagnostic.help.as_ref().is_some_and(|h| h.contains("leave `compression` out")), "{diagnostic:?}");
        }
        assert!(bare().compressed(None).check("a.wav", None).is_ok());
    }

    #[test]
    fn noise_is_shaped_where_there_is_a_filter_for_it() {
        let shaped = |form: Form<'static>, name| form.dithered(Dither::Shaped, at()).check(name, None);
        assert!(shaped(bare(), "a.wav").is_ok());
        assert!(shaped(bare().for_target(target("cd")), "a.wav").is_ok());
        let high = Form::new(Rate::STUDIO, None, Rate::new(96_000), None);
        let float = Form::new(Rate::STUDIO, Some(32), None, None);
        for (form, says, way_out) in [(high, "has 96kHz", "rate: 48kHz"), (float, "32 bits", "bits: 24")] {
            let diagnostic = shaped(form, "a.wav").unwrap_err();
            assert!(diagnostic.message.contains(says), "{}", diagnostic.message);
            assert!(diagnostic.help.as_ref().is_some_and(|h| h.contains(way_out)), "{diagnostic:?}");
            assert_eq!(diagnostic.labels.iter().map(|l| l.span).collect::<Vec<_>>(), [at()], "where `dither:` stands");
        }
        let by_target = shaped(bare().for_target(target("premaster")), "a.wav").unwrap_err();
        assert_eq!(by_target.labels.len(), 2, "and the target that wants it so");
    }
}
