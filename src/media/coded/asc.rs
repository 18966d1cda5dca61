//! What says which kind of AAC it is: the AudioSpecificConfig (ISO/IEC 14496-3, section 1.6.2.1).

use symphonia::core::codecs::audio::well_known::CODEC_ID_AAC;

use super::decoder::Decoder;
use crate::media::info::rate;
use crate::media::{Info, ReadError};

/// Frames of a packet.
pub(super) const PACKET: u64 = 1024;

/// Packets of a cell: many, because the noise that AAC leaves to the decoder begins anew with each.
pub(super) const CELL: u64 = 512;

/// Packets that are decoded before the first of a cell: one overlaps with it, and encoders let the one before that lead.
pub(super) const LEAD: u64 = 2;

const RATES: [u32; 13] =
    [96_000, 88_200, 64_000, 48_000, 44_100, 32_000, 24_000, 22_050, 16_000, 12_000, 11_025, 8_000, 7_350];

/// AAC of low complexity, mono or stereo.
pub(super) struct Config {
    index: u8,
    channels: u8,
}

/// Bits of some bytes, the highest first; beyond the end they are 0.
pub(super) struct Bits<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) at: usize,
}

impl Bits<'_> {
    pub(super) fn take(&mut self, bits: usize) -> u32 {
        (0..bits).fold(0, |value, _| {
            let bit = self.bytes.get(self.at / 8).map_or(0, |byte| byte >> (7 - self.at % 8) & 1);
            self.at += 1;
            value << 1 | u32::from(bit)
        })
    }

    pub(super) fn left(&self) -> usize {
        (self.bytes.len() * 8).saturating_sub(self.at)
    }

    fn object(&mut self) -> u32 {
        match self.take(5) {
            31 => 32 + self.take(6),
            object => object,
        }
    }

    fn frequency(&mut self) -> Option<u8> {
        let index = self.take(4) as u8;
        if index == 15 {
            let hz = self.take(24);
            return RATES.iter().position(|rate| *rate == hz).map(|index| index as u8);
        }
        Some(index).filter(|index| usize::from(*index) < RATES.len())
    }
}

impl Config {
    pub(super) fn read(bytes: &[u8]) -> Result<Config, ReadError> {
        let mut bits = Bits { bytes, at: 0 };
        let object = bits.object();
        let index = bits.frequency();
        let channels = bits.take(4) as u8;
        let name = match object {
            2 => None,
            1 => Some("AAC Main"),
            3 => Some("AAC-SSR"),
            4 => Some("AAC-LTP"),
            5 => Some("HE-AAC"),
            23 => Some("AAC-LD"),
            29 => Some("HE-AAC v2"),
            39 => Some("AAC-ELD"),
            42 => Some("xHE-AAC"),
            _ => Some("this kind of AAC"),
        };
        if let Some(name) = name {
            return Err(ReadError::Unsupported(name.into()));
        }
        // GASpecificConfig: 960 frames a packet, a core coder and its delay, an extension
        if bits.take(1) == 1 {
            return Err(ReadError::Unsupported("AAC with 960 frames a packet".into()));
        }
        if bits.take(1) == 1 {
            bits.take(14);
        }
        bits.take(1);
        // a program config may follow for `channels` 0, which is not read; otherwise HE-AAC announces itself behind a mark
        if channels > 0 && bits.left() >= 16 && bits.take(11) == 0x2B7 && bits.object() == 5 && bits.take(1) == 1 {
            return Err(ReadError::Unsupported("HE-AAC".into()));
        }
        let index = index.ok_or(ReadError::Rate(0))?;
        Config::new(index, channels)
    }

    /// By the index of a sample rate and the channel configuration.
    pub(super) fn new(index: u8, channels: u8) -> Result<Config, ReadError> {
        match channels {
            1 | 2 => Ok(Config { index, channels }),
            0 => Err(ReadError::Unsupported("AAC with channels of its own order".into())),
            _ => Err(ReadError::Unsupported("AAC with more than two channels".into())),
        }
    }

    pub(super) fn hz(&self) -> u32 {
        RATES.get(usize::from(self.index)).copied().unwrap_or(0)
    }

    pub(super) fn info(&self, format: &'static str, frames: u64) -> Result<Info, ReadError> {
        Ok(Info {
            format,
            codec: "aac",
            channels: self.channels.into(),
            rate: rate(self.hz())?,
            frames,
            bits: None,
            lossless: false,
            mask: None,
        })
    }

    pub(super) fn decoder(&self) -> Result<Decoder, ReadError> {
        let config = 2u16 << 11 | u16::from(self.index) << 7 | u16::from(self.channels) << 3;
        Decoder::new(CODEC_ID_AAC, self.hz(), self.channels.into(), &config.to_be_bytes())
    }
}

/// Whether these packets carry the upper half of their spectrum beside themselves, which is HE-AAC without saying so: all of them end with a fill
/// element of spectral band replication (ISO/IEC 14496-3, table 4.57). Elements can't be told apart without decoding, so they are looked
/// for from the end, where a packet has one way to end and such an element must reach just there.
pub(super) fn replicates(packets: &[Vec<u8>]) -> bool {
    !packets.is_empty() && packets.iter().all(|packet| ends_with_replication(packet))
}

fn ends_with_replication(packet: &[u8]) -> bool {
    let Some(last) = packet.iter().rposition(|byte| *byte != 0) else { return false };
    // the three ones of ID_END, then zeros up to the byte
    let end = last * 8 + 8 - packet[last].trailing_zeros() as usize;
    let Some(start) = end.checked_sub(3) else { return false };
    if (Bits { bytes: packet, at: start }).take(3) != 7 || packet.len() - last > 1 {
        return false;
    }
    (1..=269usize).any(|count| {
        let head = if count < 15 { 7 } else { 15 };
        let Some(at) = start.checked_sub(count * 8 + head) else { return false };
        let mut bits = Bits { bytes: packet, at };
        let fill = bits.take(3) == 6;
        let told = match bits.take(4) as usize {
            15 => 14 + bits.take(if head == 15 { 8 } else { 0 }) as usize,
            told => told,
        };
        fill && told == count && (head == 15) == (count >= 15) && matches!(bits.take(4), 13 | 14)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Bits written one after the other.
    fn packet(fields: &[(u32, usize)]) -> Vec<u8> {
        let bits: Vec<u32> = fields.iter().flat_map(|(v, n)| (0..*n).rev().map(move |i| v >> i & 1)).collect();
        bits.chunks(8).map(|c| c.iter().enumerate().fold(0, |b, (i, v)| b | (*v as u8) << (7 - i))).collect()
    }

    #[test]
    fn he_aac_is_found_where_it_says_nothing() {
        for count in [1, 5, 14, 15, 60, 269] {
            let mut fields = vec![(0x2A5, 13), (6, 3)];
            fields.extend(if count < 15 { vec![(count, 4)] } else { vec![(15, 4), (count - 14, 8)] });
            fields.push((13, 4));
            fields.push((9, 4));
            fields.extend((1..count).map(|n| ((n * 37) % 256, 8)));
            fields.push((7, 3));
            let with = packet(&fields);
            assert!(replicates(&[with.clone(), with.clone()]), "{count}");
            let without = packet(&[(0x2A5, 13), (0x1234, 16), (7, 3)]);
            assert!(!replicates(&[with, without]));
        }
        assert!(!replicates(&[]) && !replicates(&[vec![0; 9]]));
    }

    #[test]
    fn configs_are_named() {
        let name = |bytes: &[u8]| match Config::read(bytes) {
            Ok(config) => format!("{} Hz, {}", config.hz(), config.channels),
            Err(e) => e.to_string(),
        };
        assert_eq!(name(&[0x12, 0x10]), "44100 Hz, 2");
        // what ffmpeg writes: a mark, and no replication behind it
        assert_eq!(name(&[0x12, 0x10, 0x56, 0xE5, 0x00]), "44100 Hz, 2");
        assert!(name(&[0x13, 0x90, 0x56, 0xE5, 0x80]).contains("HE-AAC"));
        assert!(name(&packet(&[(5, 5), (7, 4), (2, 4), (4, 4), (2, 5), (0, 3)])).contains("HE-AAC"));
        assert!(name(&packet(&[(29, 5), (7, 4), (1, 4)])).contains("HE-AAC v2"));
        assert!(name(&packet(&[(31, 5), (10, 6), (4, 4), (2, 4)])).contains("xHE-AAC"));
        assert!(name(&packet(&[(2, 5), (4, 4), (6, 4)])).contains("more than two channels"));
        assert_eq!(name(&packet(&[(2, 5), (15, 4), (32_000, 24), (1, 4), (0, 3)])), "32000 Hz, 1");
    }
}
