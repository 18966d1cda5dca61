//! Checksums made right again, so that what was changed is not refused at the door: of Ogg pages (RFC 3533, section 6) and of FLAC frames
//! (RFC 9639, section 9).

pub(crate) fn checksums(bytes: &mut [u8]) {
    if bytes.starts_with(b"fLaC") {
        frames(bytes);
    }
    pages(bytes);
}

/// Polynomial of `width` bits, from the top bit down, begun with 0.
fn crc(bytes: &[u8], polynomial: u32, width: u32) -> u32 {
    let top = 1 << (width - 1);
    let mask = top | (top - 1);
    bytes.iter().fold(0, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte) << (width - 8), |crc: u32, _| {
            (if crc & top != 0 { crc << 1 ^ polynomial } else { crc << 1 }) & mask
        })
    })
}

fn pages(bytes: &mut [u8]) {
    let mut at = 0;
    while let Some(found) = bytes[at..].windows(4).position(|w| w == b"OggS") {
        at += found;
        let Some(count) = bytes.get(at + 26).map(|n| usize::from(*n)) else { return };
        let Some(lacing) = bytes.get(at + 27..at + 27 + count) else { return };
        let end = at + 27 + count + lacing.iter().map(|n| usize::from(*n)).sum::<usize>();
        if let Some(page) = bytes.get_mut(at..end) {
            page[22..26].fill(0);
            let sum = crc(page, 0x04C1_1DB7, 32);
            page[22..26].copy_from_slice(&sum.to_le_bytes());
        }
        at += 4;
    }
}

/// Whether a FLAC has frames of one number twice, wherever they end: frames are found by it, and which of two is nobody's promise.
pub(crate) fn repeats(bytes: &[u8]) -> bool {
    let number = |at: usize| {
        bytes
            .get(at + 4)
            .map(|first| &bytes[at + 4..][..(first.leading_ones() as usize).clamp(1, bytes.len() - at - 4)])
    };
    let mut numbers: Vec<&[u8]> = starts(bytes).into_iter().filter_map(number).collect();
    let all = numbers.len();
    numbers.sort();
    numbers.dedup();
    bytes.windows(4).any(|w| w == b"fLaC") && numbers.len() < all
}

/// Where frames of a FLAC may begin.
fn starts(bytes: &[u8]) -> Vec<usize> {
    let begins =
        |w: &[u8]| w[0] == 0xFF && w[1] & 0xFE == 0xF8 && w[2] & 0xF0 != 0 && w[2] & 0xF != 0xF && w[3] & 1 == 0;
    bytes.windows(4).enumerate().filter(|(_, w)| begins(w)).map(|(at, _)| at).collect()
}

fn frames(bytes: &mut [u8]) {
    let starts = starts(bytes);
    for (i, start) in starts.iter().enumerate() {
        let end = starts.get(i + 1).copied().unwrap_or(bytes.len());
        let frame = &mut bytes[*start..end];
        // the number is coded as UTF-8 codes letters; the block's size and the rate may follow it
        let number = frame.get(4).map_or(0, |b| (b.leading_ones() as usize).clamp(1, 7));
        let size = [(6, 1), (7, 2)].into_iter().find(|(code, _)| frame[2] >> 4 == *code).map_or(0, |(_, n)| n);
        let rate =
            [(12, 1), (13, 2), (14, 2)].into_iter().find(|(code, _)| frame[2] & 0xF == *code).map_or(0, |(_, n)| n);
        let head = 4 + number + size + rate;
        if head + 3 <= frame.len() {
            frame[head] = crc(&frame[..head], 0x07, 8) as u8;
            let (sound, sum) = frame.split_at_mut(end - start - 2);
            sum.copy_from_slice(&(crc(sound, 0x8005, 16) as u16).to_be_bytes());
        }
    }
}

/// What is right stays as it is, what is wrong becomes right.
#[test]
fn right_checksums_are_these() {
    for (name, bytes) in super::corpus::files() {
        let mut wrong = bytes.clone();
        if name.ends_with(".ogg") {
            wrong[22] ^= 1;
        } else if name.ends_with(".flac") {
            *wrong.last_mut().unwrap() ^= 1;
        }
        checksums(&mut wrong);
        assert_eq!(wrong, bytes, "{name}");
    }
}
