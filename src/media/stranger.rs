//! What lands where audio should be, by its first bytes.

use std::io;

use super::input::Shared;

/// Something that is no audio.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stranger {
    WebPage,
    Archive,
    Picture,
    Pdf,
    Midi,
    Xml,
}

impl Stranger {
    pub(super) fn called(self) -> &'static str {
        match self {
            Stranger::WebPage => "a web page",
            Stranger::Archive => "a packed archive",
            Stranger::Picture => "a picture",
            Stranger::Pdf => "a PDF",
            Stranger::Midi => "a MIDI file, notes without sound",
            Stranger::Xml => "a text in XML",
        }
    }

    /// What to do about it.
    pub fn way_out(self) -> &'static str {
        match self {
            Stranger::WebPage => {
                "download the file itself: what was saved is the page that offers it, or asks who you are"
            }
            Stranger::Archive => "unpack it, and name the file that was in it",
            Stranger::Midi => "render it with its instruments, and name that file",
            Stranger::Picture | Stranger::Pdf | Stranger::Xml => "name the audio file that was meant",
        }
    }
}

/// First bytes, as PRONOM (The National Archives) lists them.
const SIGNS: &[(&[u8], Stranger)] = &[
    (b"PK\x03\x04", Stranger::Archive),
    (b"Rar!\x1A\x07", Stranger::Archive),
    (b"7z\xBC\xAF\x27\x1C", Stranger::Archive),
    (b"\x1F\x8B\x08", Stranger::Archive),
    (b"BZh", Stranger::Archive),
    (b"\xFD7zXZ\0", Stranger::Archive),
    (b"\x28\xB5\x2F\xFD", Stranger::Archive),
    (b"\x89PNG\r\n\x1A\n", Stranger::Picture),
    (b"\xFF\xD8\xFF", Stranger::Picture),
    (b"GIF8", Stranger::Picture),
    (b"%PDF-", Stranger::Pdf),
    (b"MThd", Stranger::Midi),
];

/// What a file is that nobody can decode.
pub(super) fn find(file: &Shared) -> io::Result<Option<Stranger>> {
    let mut head = [0; 256];
    let length = file.read_at(0, &mut head)?;
    let head = &head[..length];
    if let Some((_, stranger)) = SIGNS.iter().find(|(sign, _)| head.starts_with(sign)) {
        return Ok(Some(*stranger));
    }
    let text = String::from_utf8_lossy(head).trim_start_matches('\u{feff}').trim_start().to_lowercase();
    Ok(match () {
        () if text.starts_with("<!doctype html") || text.starts_with("<html") => Some(Stranger::WebPage),
        () if text.starts_with("<?xml") && text.contains("<html") => Some(Stranger::WebPage),
        () if text.starts_with("<?xml") => Some(Stranger::Xml),
        () => None,
    })
}
