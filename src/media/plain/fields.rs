/// Which end of a number comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Little,
    Big,
}

/// The numbers of a header, by their places in it. What lies behind its end is 0.
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    order: Order,
}

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8], order: Order) -> Fields<'a> {
        Fields { bytes, order }
    }

    fn field<const N: usize>(&self, at: usize) -> [u8; N] {
        let mut field = self.bytes.get(at..).and_then(|rest| rest.first_chunk()).copied().unwrap_or([0; N]);
        if self.order == Order::Big {
            field.reverse();
        }
        field
    }

    pub(super) fn u16(&self, at: usize) -> u16 {
        u16::from_le_bytes(self.field(at))
    }

    pub(super) fn u32(&self, at: usize) -> u32 {
        u32::from_le_bytes(self.field(at))
    }

    pub(super) fn u64(&self, at: usize) -> u64 {
        u64::from_le_bytes(self.field(at))
    }

    pub(super) fn f64(&self, at: usize) -> f64 {
        f64::from_le_bytes(self.field(at))
    }
}

/// A sample rate to the nearest hertz; what is no rate is outside all that can be read.
pub(super) fn nearest(hz: f64) -> u32 {
    // saturates, and what is no number is 0
    hz.round() as u32
}

/// A sample rate as AIFF writes it, to the nearest hertz: a sign, 15 bits of exponent, 64 of mantissa with its leading one (IEEE 754's extended
/// precision, as in Apple's "Numerics Manual").
pub(super) fn nearest_of_extended(bytes: &[u8; 10]) -> u32 {
    let fields = Fields::new(bytes, Order::Big);
    let exponent = i32::from(fields.u16(0)) - 16_383;
    match exponent {
        // a half and less, or below 0, where the sign makes the exponent large
        ..-1 => 0,
        -1..=31 => {
            let shift = 63 - exponent;
            let rounded = (u128::from(fields.u64(2)) + (1 << (shift - 1))) >> shift;
            u32::try_from(rounded).unwrap_or(u32::MAX)
        }
        32.. if bytes[0] & 0x80 != 0 => 0,
        32.. => u32::MAX,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_rounded_and_what_is_none_is_outside() {
        let extended = |head: u16, mantissa: u64| {
            let mut bytes = [0; 10];
            bytes[..2].copy_from_slice(&head.to_be_bytes());
            bytes[2..].copy_from_slice(&mantissa.to_be_bytes());
            nearest_of_extended(&bytes)
        };
        assert_eq!(extended(0x400E, 0xAC44 << 48), 44_100);
        assert_eq!(extended(0x400E, 0xBB80 << 48), 48_000);
        // 44 056.94..., 22 254.5454... (the first Macintosh), and one that rounds up to the next power of two
        assert_eq!(extended(0x400E, 0xAC18_F0F0_F0F0_F0F0), 44_057);
        assert_eq!(extended(0x400D, 0xADDD_1745_D145_D174), 22_255);
        assert_eq!(extended(0x400D, u64::MAX), 32_768);
        assert_eq!(extended(0x3FFE, 1 << 63), 1, "a half");
        assert_eq!(extended(0x3FFD, u64::MAX), 0);
        assert_eq!(extended(0, 0), 0);
        assert_eq!(extended(0xC00E, 0xAC44 << 48), 0, "less than nothing");
        assert_eq!(extended(0x7FFF, 0), u32::MAX, "infinity");
        assert_eq!(extended(0x401E, u64::MAX), u32::MAX);
        assert_eq!([44_099.5, f64::NAN, -1.0, f64::INFINITY].map(nearest), [44_100, 0, 0, u32::MAX]);
    }
}
