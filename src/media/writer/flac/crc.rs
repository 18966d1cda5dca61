//! The two checksums of a frame (RFC 9639, sections 9.1.8 and 9.3): no reflection, nothing at the beginning, nothing at the end.

/// x^8 + x^2 + x + 1.
pub(super) fn crc_8(bytes: &[u8]) -> u8 {
    let step = |crc: u8, _| if crc & 0x80 == 0 { crc << 1 } else { crc << 1 ^ 0x07 };
    bytes.iter().fold(0, |crc, byte| (0..8).fold(crc ^ byte, step))
}

/// What a byte does to the checksum when so many bytes come after it: `AFTER[n][byte]`.
static AFTER: [[u16; 256]; 8] = after();

const fn after() -> [[u16; 256]; 8] {
    let mut table = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u16) << 8;
        let mut bit = 0;
        while bit < 8 {
            // x^16 + x^15 + x^2 + 1
            crc = if crc & 0x8000 == 0 { crc << 1 } else { crc << 1 ^ 0x8005 };
            bit += 1;
        }
        table[0][byte] = crc;
        byte += 1;
    }
    let mut more = 1;
    while more < 8 {
        let mut byte = 0;
        while byte < 256 {
            let crc = table[more - 1][byte];
            table[more][byte] = crc << 8 ^ table[0][(crc >> 8) as usize];
            byte += 1;
        }
        more += 1;
    }
    table
}

/// Eight bytes a step.
pub(super) fn crc_16(bytes: &[u8]) -> u16 {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let eight = |crc: u16, chunk: &[u8; 8]| {
        let [high, low] = crc.to_be_bytes();
        let [a, b, c, d, e, f, g, h] = *chunk;
        let of = |byte: u8, after: usize| AFTER[after][usize::from(byte)];
        of(a ^ high, 7) ^ of(b ^ low, 6) ^ of(c, 5) ^ of(d, 4) ^ of(e, 3) ^ of(f, 2) ^ of(g, 1) ^ of(h, 0)
    };
    let one = |crc: u16, byte: &u8| crc << 8 ^ AFTER[0][usize::from((crc >> 8) as u8 ^ byte)];
    rest.iter().fold(chunks.iter().fold(0, eight), one)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The catalogue's check values ("Catalogue of parametrised CRC algorithms": CRC-8/SMBUS and CRC-16/UMTS).
    #[test]
    fn they_are_those_of_the_catalogue() {
        assert_eq!(crc_8(b"123456789"), 0xF4);
        assert_eq!(crc_16(b"123456789"), 0xFEE8);
    }

    #[test]
    fn eight_bytes_a_step_are_eight_steps() {
        let bytes: Vec<u8> = (0..1000u32).map(|n| ((n * n * 7) >> 3) as u8).collect();
        for length in 0..100 {
            let slow = bytes[..length].iter().fold(0u16, |crc, byte| {
                (0..8).fold(crc ^ u16::from(*byte) << 8, |crc, _| crc << 1 ^ if crc & 0x8000 == 0 { 0 } else { 0x8005 })
            });
            assert_eq!(crc_16(&bytes[..length]), slow, "{length}");
        }
    }
}
