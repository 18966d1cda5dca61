//! ITU-R G.711: logarithmic samples of eight bits, as telephones and old recorders make them, to 16-bit integers.

/// Every A-law code: 13 bits, at the top of 16 (table 1 of the recommendation).
pub(super) const A_LAW: [i16; 256] = table(true);
/// Every mu-law code: 14 bits, at the top of 16 (table 2 of the recommendation).
pub(super) const MU_LAW: [i16; 256] = table(false);

const fn table(a_law: bool) -> [i16; 256] {
    let mut table = [0; 256];
    let mut code = 0;
    while code < 256 {
        table[code] = if a_law { of_a_law(code as u8) } else { of_mu_law(code as u8) };
        code += 1;
    }
    table
}

/// A sign, a segment of three bits, a step of four; every second bit is turned over on the line.
const fn of_a_law(code: u8) -> i16 {
    let code = code ^ 0x55;
    let (segment, step) = (code >> 4 & 7, (code & 0xF) as i16);
    // the middle of the step
    let size = match segment {
        0 => (step << 4) + 8,
        _ => ((step << 4) + 0x108) << (segment - 1),
    };
    if code & 0x80 != 0 { size } else { -size }
}

/// As above; all bits are turned over on the line, and every segment is twice as wide as the one below.
const fn of_mu_law(code: u8) -> i16 {
    const BIAS: i16 = 0x84;
    let code = !code;
    let step = (code & 0xF) as i16;
    let size = (((step << 3) + BIAS) << (code >> 4 & 7)) - BIAS;
    if code & 0x80 != 0 { -size } else { size }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values that the recommendation's tables give: the largest, the smallest, and the ends of segments.
    #[test]
    fn codes_are_those_of_the_recommendation() {
        // A-law, in steps of 1/2048 halved: 4032 of 4096 is the largest, 1 the smallest
        assert_eq!([0xAA, 0x2A, 0xD5, 0x55].map(|code: usize| A_LAW[code]), [32_256, -32_256, 8, -8]);
        assert_eq!([0x80 ^ 0x55, 0x9F ^ 0x55, 0xA0 ^ 0x55].map(|code: usize| A_LAW[code]), [8, 504, 528]);
        // mu-law: 8031 of 8192 is the largest, and there are two zeros
        assert_eq!([0x80, 0x00, 0xFF, 0x7F].map(|code: usize| MU_LAW[code]), [32_124, -32_124, 0, 0]);
        assert_eq!([0xF0, 0xEF, 0xE0].map(|code: usize| MU_LAW[code]), [120, 132, 372]);
    }
}
