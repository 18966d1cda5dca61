//! Words in braces in the paths of deliveries.

use std::sync::Arc;

use crate::diag::{Code, Diagnostic, Fix, Span, suggest};
use crate::session::{Tag, Tags};
use crate::units::Rate;

const WORDS: [&str; 10] = ["song", "artist", "album", "strip", "version", "target", "rate", "bits", "track", "title"];

/// Bytes of a part of a path: the most of ext4, APFS and NTFS.
const LONGEST: usize = 255;

/// What the words of a path stand for.
pub(super) struct Words<'a> {
    /// The song's own title.
    pub(super) song: Option<&'a str>,
    /// The file's.
    pub(super) tags: &'a Tags,
    pub(super) strip: &'a str,
    pub(super) version: &'a str,
    pub(super) target: Option<&'a str>,
    /// Of the file.
    pub(super) rate: Rate,
    pub(super) bits: u32,
}

/// Fills the words of a path: `{song}`, `{strip}`, `{target}`, `{rate}` (48000), `{bits}`, `{track}` (3), `{track:02}` (03) …
pub(super) fn fill(path: &str, words: &Words<'_>, span: Option<Span>) -> Result<String, Diagnostic> {
    let Words { song, tags, strip, version, target, rate, bits } = *words;
    let mistake = |text: String, near: Option<&str>, help: &str| {
        let mut diagnostic = Diagnostic::error(Code::PATH_WORD, text).did_you_mean(near).help_if_none(help);
        if let Some(span) = span {
            diagnostic = diagnostic.label(span, "in this path");
        }
        diagnostic
    };
    let text = |tag: &Tag<Arc<str>>| tag.get().map(|text| text.to_string());
    let mut filled = String::with_capacity(path.len());
    let mut rest = path;
    while let Some(open) = rest.find('{') {
        filled.push_str(&rest[..open]);
        let after = &rest[open + 1..];
        let Some(close) = after.find('}') else {
            return Err(mistake(format!("`{path}` has a brace that is never closed"), None, "close it: `{song}`"));
        };
        let word = &after[..close];
        let said = |value: Option<String>, call: &str| {
            value.ok_or_else(|| {
                mistake(
                    format!("`{{{word}}}` is not known: the script does not say it"),
                    None,
                    &format!("say it: `{call}`"),
                )
            })
        };
        let value = match word {
            "song" => said(song.map(str::to_string), "song(\"Night Drive\")")?,
            "title" => said(text(&tags.title), "song(\"Night Drive\")")?,
            "artist" => said(text(&tags.artist), "song(…, artist: \"…\")")?,
            "album" => said(text(&tags.album), "song(…, album: \"…\")")?,
            word if digits(word).is_some() => {
                let width = digits(word).unwrap_or_default();
                let number = tags.track.get().map(|track| format!("{:0width$}", track.number));
                said(number, "deliver(…, track: 3)")?
            }
            "strip" => strip.to_string(),
            "version" => version.to_string(),
            "target" => target.map(str::to_string).ok_or_else(|| {
                let help = "name one, `target: \"spotify\"`, or leave the word out";
                mistake("`{target}` is not known: nothing is asked of this file by a target".into(), None, help)
            })?,
            "rate" => rate.get().to_string(),
            "bits" => bits.to_string(),
            word => {
                let help = format!("the words are {}", WORDS.map(|w| format!("`{{{w}}}`")).join(" "));
                let near = suggest(word, WORDS);
                let mut diagnostic = mistake(format!("a path knows no word `{{{word}}}`"), near, &help);
                if let (Some(near), Some(span)) = (near, span) {
                    let path = path.replace(&format!("{{{word}}}"), &format!("{{{near}}}"));
                    diagnostic.help = Some(format!("did you mean `{{{near}}}`?"));
                    diagnostic.fix = Some(Box::new(Fix::Name(span, path)));
                }
                return Err(diagnostic);
            }
        };
        if value.len() > LONGEST {
            let text = format!("`{{{word}}}` is too long for a path: it has {} bytes", value.len());
            return Err(mistake(text, None, &format!("leave it out; a part of a path has {LONGEST} bytes at most")));
        }
        // what a name brings must not become folders
        filled.push_str(&value.replace(['/', '\\'], "-"));
        rest = &after[close + 1..];
    }
    filled.push_str(rest);
    Ok(filled)
}

/// How many digits a track's number has at least: 1 for `track`, 2 for `track:02`, up to 9; `None` of other words.
fn digits(word: &str) -> Option<usize> {
    match word.strip_prefix("track")?.as_bytes() {
        [] => Some(1),
        [b':', b'0', digits @ b'1'..=b'9'] => Some(usize::from(digits - b'0')),
        _ => None,
    }
}

/// Why a path cannot be written below the output folder, if so.
pub(super) fn trouble(path: &str) -> Option<&'static str> {
    let parts: Vec<&str> = path.split('/').collect();
    match () {
        () if path.is_empty() || path.ends_with('/') => Some("it names no file"),
        () if path.starts_with('/') => Some("it is absolute; files go below the output folder"),
        () if parts.contains(&"..") => Some("it leads out of the output folder"),
        () if parts.iter().any(|p| p.is_empty() || *p == ".") => Some("it has an empty part"),
        () if path.chars().any(|c| c.is_control() || "\\:*?\"<>|".contains(c)) => {
            Some("it has a character that not every file system takes")
        }
        () if parts.iter().any(|p| p.ends_with(['.', ' ']) || p.starts_with(' ')) => {
            Some("a part of it ends with a dot or a space, which not every file system takes")
        }
        () if parts.iter().any(|p| p.len() > LONGEST) => {
            Some("a part of it has more than 255 bytes, which no file system takes")
        }
        () => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_filled_and_unknown_ones_named() {
        let track = crate::session::Track { number: 3, of: Some(12) };
        let tags = Tags { title: Tag::Said("Night/Drive (live)".into()), track: Tag::Said(track), ..Tags::default() };
        let (song, strip, version) = (Some("Night/Drive"), "lead vox", "tv");
        let words = |target| Words { song, tags: &tags, strip, version, target, rate: Rate::STUDIO, bits: 24 };
        let to_spotify = fill("{song}-{target}.flac", &words(Some("spotify")), None);
        assert_eq!(to_spotify.unwrap(), "Night-Drive-spotify.flac");
        let fill = |path: &str| fill(path, &words(None), None);
        let nowhere = fill("{song}-{target}.flac").unwrap_err();
        assert!(nowhere.code == Code::PATH_WORD && nowhere.help.is_some_and(|h| h.contains("spotify")));
        assert_eq!(fill("a/{song}-{strip}-{rate}-{bits}.wav").unwrap(), "a/Night-Drive-lead vox-48000-24.wav");
        assert_eq!(fill("{song} {version}.wav").unwrap(), "Night-Drive tv.wav");
        assert_eq!(fill("{track} {title}.wav").unwrap(), "3 Night-Drive (live).wav");
        assert_eq!(fill("{track:02}-{track:03}.wav").unwrap(), "03-003.wav");
        assert!(
            ["{track:2}.wav", "{track:00}.wav", "{track:0}.wav", "{track:012}.wav"].iter().all(|p| fill(p).is_err())
        );
        let long = Tags { title: Tag::Said("é".repeat(128).into()), ..Tags::default() };
        let words = Words { tags: &long, ..words(None) };
        assert!(super::fill("{title}.wav", &words, None).unwrap_err().message.contains("too long"));
        assert_eq!(fill("{sogn}.wav").unwrap_err().suggestion.as_deref(), Some("song"));
        assert!(fill("{artist}.wav").is_err());
        assert!(fill("{song.wav").is_err());
    }

    #[test]
    fn paths_stay_below_the_output_folder() {
        for bad in ["/etc/x.wav", "../x.wav", "a/../../x.wav", "", "a/", "a//b.wav", "a\0.wav", "con?.wav", "x ."] {
            assert!(trouble(bad).is_some(), "{bad:?}");
        }
        assert_eq!(trouble("masters/night drive.flac"), None);
        assert_eq!([251, 252].map(|n| trouble(&format!("a/{}.wav", "x".repeat(n))).is_some()), [false, true]);
    }
}
