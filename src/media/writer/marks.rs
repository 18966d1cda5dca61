//! Places in a WAV with a name: a `cue ` chunk and its labels (Microsoft and IBM, "Multimedia Programming Interface and Data Specifications 1.0", 1991,
//! "Cue-Points Chunk" and "Associated Data Chunk"). Texts are UTF-8, as editors read them today.

use super::wav::chunk;

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Frames from the file's beginning.
    pub frame: u64,
    pub text: String,
    /// For those who listen, not only for those who work on the song.
    pub chapter: bool,
}

/// Both chunks; nothing for no marks. What lies beyond the 32 bits of a cue point has none.
pub(super) fn chunks(marks: &[Mark]) -> Vec<u8> {
    let marks: Vec<(u32, &Mark)> =
        marks.iter().filter_map(|mark| Some((u32::try_from(mark.frame).ok()?, mark))).collect();
    // chapters are counted first, from 0: ffmpeg counts those of an ID3 tag so too, and takes two of one number for one
    let chapters = marks.iter().filter(|(_, mark)| mark.chapter).count() as u32;
    let (mut chapter, mut marker) = (0..chapters, chapters..);
    let mut all = Vec::new();
    if marks.is_empty() {
        return all;
    }
    let mut points = (marks.len() as u32).to_le_bytes().to_vec();
    let mut labels = b"adtl".to_vec();
    for (frame, mark) in &marks {
        let id = if mark.chapter { chapter.next() } else { marker.next() }.unwrap_or_default();
        points.extend(id.to_le_bytes());
        points.extend(frame.to_le_bytes());
        points.extend(b"data");
        // of a playlist, and of compressed blocks: there is neither
        points.extend([0; 8]);
        points.extend(frame.to_le_bytes());
        let mut label = id.to_le_bytes().to_vec();
        label.extend(mark.text.bytes().filter(|byte| *byte != 0));
        label.push(0);
        chunk(&mut labels, b"labl", &label);
    }
    chunk(&mut all, b"cue ", &points);
    chunk(&mut all, b"LIST", &labels);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chunks_are_even_and_say_their_length() {
        let mark = |frame, text: &str| Mark { frame, text: text.into(), chapter: text == "Süd" };
        assert!(chunks(&[]).is_empty());
        let bytes = chunks(&[mark(48_000, "bright here?"), mark(96_000, "Süd")]);
        assert_eq!(bytes.len() % 2, 0);
        assert_eq!(&bytes[..8], b"cue \x34\0\0\0");
        assert_eq!(
            [12, 36].map(|at| u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())),
            [1, 0],
            "chapters first"
        );
        assert_eq!(u32::from_le_bytes(bytes[32..36].try_into().unwrap()), 48_000);
        let list = &bytes[8 + 0x34..];
        assert_eq!(&list[..4], b"LIST");
        assert_eq!(u32::from_le_bytes(list[4..8].try_into().unwrap()) as usize, list.len() - 8);
        assert!(list.windows(4).any(|w| w == "Süd".as_bytes()));
        assert_eq!(chunks(&[mark(1 << 40, "far")]), Vec::<u8>::new());
    }
}
