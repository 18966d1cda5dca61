//! Vorbis in Ogg ("Vorbis I specification"). Its setup is checked for size before a decoder makes tables of it.

use symphonia::core::codecs::audio::well_known::CODEC_ID_VORBIS;

use super::Header;
use super::packets::Packets;
use crate::media::coded::decoder::Decoder;
use crate::media::coded::guard::damaged;
use crate::media::info::{channels, rate};
use crate::media::{Info, ReadError};

/// Numbers in all code books at most: a hundred times what encoders use.
const MOST: u64 = 1 << 22;

pub(super) fn open(packets: &mut Packets) -> Result<Header, ReadError> {
    let mut ident = Vec::new();
    // identification, comments, setup
    for n in 0..3 {
        packets.header()?;
        if n == 0 {
            ident = packets.packet.clone();
        }
    }
    let setup = &packets.packet;
    if ident.len() != 30 || !setup.starts_with(b"\x05vorbis") {
        return Err(damaged(None, "its Vorbis headers are broken"));
    }
    let channels = channels(ident[11].into())?;
    let hz = u32::from_le_bytes([ident[12], ident[13], ident[14], ident[15]]);
    let rate = rate(hz)?;
    // symphonia 0.6.1 undoes the coupling of channels from the first pair on, and not from the last (section 4.3.5): wrong where pairs share one
    if channels > 2 {
        return Err(ReadError::Unsupported("Vorbis with more than two channels".into()));
    }
    if !modest(&setup[7..]) {
        return Err(damaged(None, "the code books of its Vorbis setup are too large"));
    }
    let decoder = Decoder::new(CODEC_ID_VORBIS, hz, channels, &[&ident[..], setup].concat())?;
    let info =
        Info { format: "ogg", codec: "vorbis", channels, rate, frames: 0, bits: None, lossless: false, mask: None };
    Ok(Header { info, codec: Box::new(decoder), skip: 0, cell: 1 << 18, lead: 0 })
}

/// Bits of some bytes, the lowest first; beyond the end they are 0.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, bits: usize) -> u64 {
        (0..bits).fold(0, |value, n| {
            let bit = self.bytes.get(self.at / 8).map_or(0, |byte| byte >> (self.at % 8) & 1);
            self.at += 1;
            value | u64::from(bit) << n
        })
    }
}

/// Whether all code books of a setup (section 3.2.1) together stay within `MOST`: their headers can promise a thousand times their own size.
fn modest(setup: &[u8]) -> bool {
    let mut bits = Bits { bytes: setup, at: 0 };
    let mut sum = 0;
    for _ in 0..bits.take(8) + 1 {
        if bits.take(24) != 0x56_4342 {
            // broken in another way, which the decoder tells
            return true;
        }
        let (dimensions, entries) = (bits.take(16), bits.take(24));
        sum += entries * (dimensions + 4);
        if sum > MOST {
            return false;
        }
        if bits.take(1) == 1 {
            bits.take(5);
            let mut entry = 0;
            while entry < entries {
                if bits.at > setup.len() * 8 {
                    return true;
                }
                entry += bits.take((u64::BITS - (entries - entry).leading_zeros()) as usize);
            }
        } else {
            let sparse = bits.take(1) == 1;
            for _ in 0..entries {
                if !sparse || bits.take(1) == 1 {
                    bits.take(5);
                }
            }
        }
        let lookup = bits.take(4);
        if lookup == 1 || lookup == 2 {
            bits.take(64);
            let width = bits.take(4) as usize + 1;
            bits.take(1);
            let values = if lookup == 1 { root(entries, dimensions) } else { entries * dimensions };
            bits.at = bits.at.saturating_add(values as usize * width);
        }
    }
    true
}

/// The greatest number whose `power`th power is at most `of`.
fn root(of: u64, power: u64) -> u64 {
    let fits = |n: u64| (0..power).try_fold(1u64, |product, _| product.checked_mul(n).filter(|p| *p <= of)).is_some();
    if power == 0 { 0 } else { (1..=of).take_while(|n| fits(*n)).last().unwrap_or(0) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fields of bits, the lowest first.
    fn packed(fields: &[(u64, usize)]) -> Vec<u8> {
        let bits: Vec<u64> = fields.iter().flat_map(|(v, n)| (0..*n).map(move |i| v >> i & 1)).collect();
        bits.chunks(8).map(|c| c.iter().enumerate().fold(0, |b, (i, v)| b | (*v as u8) << i)).collect()
    }

    #[test]
    fn many_large_code_books_are_too_much() {
        // 2^17 entries of one length, in order, 8 numbers each: symphonia takes every one of them
        let book = [(0x56_4342, 24), (8, 16), (1 << 17, 24), (1, 1), (16, 5), (1 << 17, 18), (0, 4)];
        let books = |count: u64| {
            let fields: Vec<_> = std::iter::once((count - 1, 8)).chain(book.repeat(count as usize)).collect();
            packed(&fields)
        };
        assert!(modest(&books(2)) && !modest(&books(3)) && !modest(&books(200)));
    }

    #[test]
    fn roots_are_whole() {
        assert_eq!([root(81, 4), root(80, 4), root(1, 9), root(0, 2), root(625, 2), root(7, 1)], [3, 2, 1, 0, 25, 7]);
    }
}
