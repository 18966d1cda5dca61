//! Pictures for covers, as far as a file that carries one must know them: JPEG (ITU-T T.81, annex B) and PNG (W3C, "Portable Network Graphics, Third
//! Edition", section 11.2). They are carried as they are; only their heads are read.

use std::fmt;
use std::io::Read;
use std::path::Path;

use super::hex;
use crate::world::World;

/// Bytes of the largest: what a FLAC's block of 24 bits holds beside its own words.
pub const MOST_PICTURE: u64 = 16_000_000;

/// A picture, whole.
#[derive(Clone, PartialEq, Eq)]
pub struct Picture {
    /// `image/jpeg` or `image/png`.
    pub mime: &'static str,
    /// In pixels.
    pub width: u32,
    pub height: u32,
    /// Bits of a pixel.
    pub depth: u32,
    /// Entries of its palette; 0 without one.
    pub colours: u32,
    pub bytes: Vec<u8>,
    /// BLAKE3 of its bytes.
    hash: [u8; 32],
}

/// Why a file can't be a cover.
#[derive(Debug)]
pub enum PictureError {
    Io(std::io::Error),
    /// More than [`MOST_PICTURE`] bytes.
    TooLarge(u64),
    /// Another kind of picture, named here.
    Other(&'static str),
    /// Nothing in it looks like a picture.
    NotPicture,
    /// It begins as one and does not say how large it is.
    Damaged(&'static str),
}

/// Reads a JPEG or a PNG; the bytes tell which, not the name.
///
/// # Errors
/// As [`PictureError`] says.
pub fn picture(world: &dyn World, path: &Path) -> Result<Picture, PictureError> {
    let input = world.open(path).map_err(PictureError::Io)?;
    let length = input.length().map_err(PictureError::Io)?;
    if length > MOST_PICTURE {
        return Err(PictureError::TooLarge(length));
    }
    let mut bytes = Vec::new();
    // it may grow while it is read
    input.take(MOST_PICTURE + 1).read_to_end(&mut bytes).map_err(PictureError::Io)?;
    if bytes.len() as u64 > MOST_PICTURE {
        return Err(PictureError::TooLarge(bytes.len() as u64));
    }
    read(bytes)
}

fn read(bytes: Vec<u8>) -> Result<Picture, PictureError> {
    let (mime, head) = match &bytes[..] {
        [0xFF, 0xD8, 0xFF, ..] => ("image/jpeg", jpeg(&bytes).ok_or(PictureError::Damaged("JPEG"))?),
        [0x89, b'P', b'N', b'G', 0x0D, 0x0A, 0x1A, 0x0A, ..] => {
            ("image/png", png(&bytes).ok_or(PictureError::Damaged("PNG"))?)
        }
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => return Err(PictureError::Other("a WebP")),
        [b'G', b'I', b'F', b'8', ..] => return Err(PictureError::Other("a GIF")),
        [b'I', b'I', 0x2A, 0, ..] | [b'M', b'M', 0, 0x2A, ..] => return Err(PictureError::Other("a TIFF")),
        [_, _, _, _, b'f', b't', b'y', b'p', b'h', b'e', ..] => return Err(PictureError::Other("a HEIF")),
        [_, _, _, _, b'f', b't', b'y', b'p', b'a', b'v', ..] => return Err(PictureError::Other("an AVIF")),
        [b'8', b'B', b'P', b'S', ..] => return Err(PictureError::Other("a Photoshop file")),
        [b'B', b'M', ..] => return Err(PictureError::Other("a BMP")),
        _ => return Err(PictureError::NotPicture),
    };
    let [width, height, depth, colours] = head;
    let hash = *blake3::hash(&bytes).as_bytes();
    Ok(Picture { mime, width, height, depth, colours, bytes, hash })
}

fn big(bytes: &[u8], at: usize, count: usize) -> Option<u32> {
    Some(bytes.get(at..at + count)?.iter().fold(0, |all, byte| all << 8 | u32::from(*byte)))
}

/// From the frame's header: width, height, depth; no palette.
fn jpeg(bytes: &[u8]) -> Option<[u32; 4]> {
    let mut at = 2;
    loop {
        if *bytes.get(at)? != 0xFF {
            return None;
        }
        let marker = *bytes.get(at + 1)?;
        match marker {
            // one that fills
            0xFF => at += 1,
            // those without a body
            0x01 | 0xD0..=0xD7 => at += 2,
            // the picture itself, or its end, before a frame's header
            0x00 | 0xD8..=0xDA => return None,
            // frames of every process, but no tables of Huffman or arithmetic codes
            0xC0..=0xCF if !matches!(marker, 0xC4 | 0xC8 | 0xCC) => {
                let (height, width) = (big(bytes, at + 5, 2)?, big(bytes, at + 7, 2)?);
                let depth = big(bytes, at + 4, 1)? * big(bytes, at + 9, 1)?;
                return (width > 0 && height > 0).then_some([width, height, depth, 0]);
            }
            _ => at += 2 + big(bytes, at + 2, 2).filter(|length| *length >= 2)? as usize,
        }
    }
}

/// From IHDR, and PLTE where there is a palette: width, height, depth, colours.
fn png(bytes: &[u8]) -> Option<[u32; 4]> {
    if bytes.get(12..16)? != b"IHDR" {
        return None;
    }
    let (width, height, bits) = (big(bytes, 16, 4)?, big(bytes, 20, 4)?, big(bytes, 24, 1)?);
    let (depth, colours) = match bytes.get(25)? {
        0 => (bits, 0),
        2 => (3 * bits, 0),
        // whatever the bits of its indices, a colour of a palette has 24
        3 => (24, palette(bytes)?),
        4 => (2 * bits, 0),
        6 => (4 * bits, 0),
        _ => return None,
    };
    (width > 0 && height > 0).then_some([width, height, depth, colours])
}

fn palette(bytes: &[u8]) -> Option<u32> {
    let mut at = 8;
    loop {
        let length = big(bytes, at, 4)?;
        if bytes.get(at + 4..at + 8)? == b"PLTE" {
            return Some(length / 3);
        }
        at = at.checked_add(12)?.checked_add(length as usize)?;
    }
}

/// By what it is, not by all of its bytes.
impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Picture({} {})", self.mime, hex(&self.hash))
    }
}

impl fmt::Display for PictureError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PictureError::Io(e) if e.kind() == std::io::ErrorKind::IsADirectory => f.write_str("it is a folder"),
            PictureError::Io(e) if e.kind() == std::io::ErrorKind::PermissionDenied => {
                f.write_str("it may not be read")
            }
            PictureError::Io(e) => write!(f, "it can't be read: {e}"),
            PictureError::TooLarge(bytes) => {
                // what is just over the limit is not shown as the limit
                let tenths = bytes.div_ceil(100_000);
                write!(f, "it has {}.{} MB; a cover has {} at most", tenths / 10, tenths % 10, MOST_PICTURE / 1_000_000)
            }
            PictureError::Other(what) => write!(f, "it is {what}; a cover is a JPEG or a PNG"),
            PictureError::NotPicture => f.write_str("it is no picture; a cover is a JPEG or a PNG"),
            PictureError::Damaged(what) => write!(f, "it begins as a {what} and does not say how large it is"),
        }
    }
}

impl std::error::Error for PictureError {}

#[cfg(test)]
mod tests {
    use super::*;

    const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\x0DIHDR\0\0\x02\x80\0\0\x01\xE0\x08";

    #[test]
    fn heads_say_how_large_a_picture_is() {
        let png = |rest: &[u8]| read([PNG, rest].concat()).map(|p| [p.width, p.height, p.depth, p.colours]);
        assert_eq!(png(&[2, 0, 0, 0, 1, 2, 3, 4]).unwrap(), [640, 480, 24, 0]);
        assert_eq!(png(&[6, 0, 0, 0]).unwrap(), [640, 480, 32, 0]);
        assert_eq!(png(b"\x03\0\0\0crc!\0\0\0\x06PLTE").unwrap(), [640, 480, 24, 2]);
        assert!(matches!(png(&[3]), Err(PictureError::Damaged("PNG"))), "a palette that is not there");
        // a comment, filling, tables, then the frame
        let jpeg = b"\xFF\xD8\xFF\xFE\0\x04hi\xFF\xFF\xC4\0\x02\xFF\xC2\0\x11\x08\x01\xE0\x02\x80\x03rest".to_vec();
        let found = read(jpeg.clone()).unwrap();
        assert_eq!(
            ([found.width, found.height, found.depth, found.colours], found.mime),
            ([640, 480, 24, 0], "image/jpeg")
        );
        assert_eq!(found.bytes, jpeg);
        for end in 3..jpeg.len() - 5 {
            assert!(matches!(read(jpeg[..end].to_vec()), Err(PictureError::Damaged("JPEG"))), "{end}");
        }
    }

    #[test]
    fn what_is_no_cover_says_what_it_is() {
        let told = |bytes: &[u8]| read(bytes.to_vec()).unwrap_err().to_string();
        assert!(told(b"RIFF\0\0\0\0WEBPVP8 ").contains("a WebP"));
        assert!(told(b"GIF89a").contains("a GIF"));
        assert!(told(b"").contains("no picture") && told(b"some text").contains("no picture"));
        // a length of less than itself would go round for ever
        assert!(told(b"\xFF\xD8\xFF\xE0\0\0\xFF\xE0\0\0").contains("JPEG"));
        assert_eq!(PictureError::TooLarge(MOST_PICTURE + 1).to_string(), "it has 16.1 MB; a cover has 16 at most");
    }
}
