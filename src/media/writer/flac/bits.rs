//! Bits, most significant first, as bytes.

#[derive(Debug, Default)]
pub(super) struct Bits {
    pub(super) bytes: Vec<u8>,
    /// What is no whole word of 32 bits yet, in its lowest bits; what stands above them was written.
    held: u64,
    /// Of those, how many: below 32.
    count: u32,
}

impl Bits {
    /// `value` as an unsigned number of so many bits, at most 32.
    #[inline(always)]
    pub(super) fn put(&mut self, value: u32, bits: u32) {
        self.held = self.held << bits | u64::from(value);
        self.count += bits;
        if self.count >= 32 {
            self.count -= 32;
            self.bytes.extend_from_slice(&((self.held >> self.count) as u32).to_be_bytes());
        }
    }

    /// `value` in two's complement, of so many bits, at most 64.
    pub(super) fn signed(&mut self, value: i64, bits: u32) {
        let low = bits.min(32);
        let cut = |value: i64, bits: u32| (value as u64 & ((1 << bits) - 1)) as u32;
        if bits > low {
            self.put(cut(value >> 32, bits - low), bits - low);
        }
        self.put(cut(value, low), low);
    }

    /// `zeros` bits of 0, and a 1.
    pub(super) fn unary(&mut self, mut zeros: u32) {
        while zeros > 31 {
            self.put(0, 32);
            zeros -= 32;
        }
        self.put(1, zeros + 1);
    }

    /// A Rice code of each (RFC 9639, section 9.2.7): what is above the lowest `low` bits (at most 30) in unary, then these.
    pub(super) fn rice(&mut self, folded: &[u32], low: u32) {
        let (stop, mask) = (1u32 << low, (1u32 << low) - 1);
        for folded in folded {
            let high = folded >> low;
            // a stop bit and the low ones in one word, with all zeros before them where they have room
            let word = stop | folded & mask;
            if high + low < 32 {
                self.put(word, high + 1 + low);
            } else {
                self.unary(high);
                self.put(folded & mask, low);
            }
        }
    }

    /// Zeros up to a whole byte; everything is in `bytes` then.
    pub(super) fn align(&mut self) {
        self.put(0, self.count.wrapping_neg() % 8);
        let left = ((self.held << (32 - self.count)) as u32).to_be_bytes();
        self.bytes.extend_from_slice(&left[..self.count as usize / 8]);
        (self.held, self.count) = (0, 0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As a text of 0 and 1.
    fn told(write: impl Fn(&mut Bits)) -> String {
        let mut bits = Bits::default();
        write(&mut bits);
        bits.align();
        bits.bytes.iter().map(|byte| format!("{byte:08b}")).collect()
    }

    #[test]
    fn the_first_bit_is_the_highest() {
        assert_eq!(told(|bits| bits.put(0b101, 3)), "10100000");
        assert_eq!(told(|_| {}), "");
        assert_eq!(told(|bits| bits.signed(-2, 5)), "11110000");
        assert_eq!(told(|bits| bits.signed(-1, 33)), format!("{}0000000", "1".repeat(33)));
        assert_eq!(told(|bits| bits.signed(1 << 31, 33)), format!("01{}0000000", "0".repeat(31)));
        assert_eq!(told(|bits| bits.put(u32::MAX, 32)), "1".repeat(32));
        assert_eq!(told(|bits| bits.unary(40)), format!("{}1{}", "0".repeat(40), "0".repeat(7)));
        for before in 0..32 {
            let text = told(|bits| {
                bits.put(0, before);
                bits.put(0xABCD_EF12, 32);
            });
            let all = format!("{}{:032b}", "0".repeat(before as usize), 0xABCD_EF12u32);
            assert!(text.starts_with(&all) && text.len() == all.len().next_multiple_of(8), "{before}");
        }
    }

    #[test]
    fn rice_codes_are_unary_above_and_plain_below() {
        assert_eq!(told(|bits| bits.rice(&[0, 5], 2)), "10001010");
        assert_eq!(told(|bits| bits.rice(&[3], 0)), "00010000");
        // longer than a word
        assert_eq!(told(|bits| bits.rice(&[37], 0)), format!("{}100", "0".repeat(37)));
        assert_eq!(told(|bits| bits.rice(&[u32::MAX], 30)), format!("0001{}{}", "1".repeat(30), "0".repeat(6)));
        for (folded, low) in [(29u32 << 2 | 1, 2), (28 << 2 | 1, 2), (30 << 2 | 2, 2), (31, 0), (30, 0), (1 << 30, 30)]
        {
            let high = folded >> low;
            let plain =
                if low > 0 { format!("{:0w$b}", folded & ((1 << low) - 1), w = low as usize) } else { "".into() };
            let text = told(|bits| bits.rice(&[folded], low));
            assert!(text.starts_with(&format!("{}1{plain}", "0".repeat(high as usize))), "{folded} {low}");
        }
    }
}
