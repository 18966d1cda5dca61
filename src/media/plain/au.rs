//! AU, which is SND too: a head of six numbers (Sun, "audio file header", audio(5); NeXT, "SNDSoundStruct").

use super::encoding::Encoding;
use super::fields::{Fields, Order};
use super::{Shape, Sound, damaged};
use crate::media::ReadError;
use crate::media::info::{channels, rate};
use crate::media::input::Shared;

pub(super) fn read(file: &Shared) -> Result<(Shape, Sound), ReadError> {
    let mut head = [0; 24];
    if file.read_at(0, &mut head)? < 24 {
        return Err(damaged("its header is cut off"));
    }
    let fields = Fields::new(&head, Order::Big);
    let (at, size) = (fields.u32(4), fields.u32(8));
    if at < 24 {
        return Err(damaged("its sound begins inside its header"));
    }
    let encoding = match fields.u32(12) {
        1 => Encoding::MuLaw,
        2 => Encoding::S8,
        3 => Encoding::S16(Order::Big),
        4 => Encoding::S24(Order::Big),
        5 => Encoding::S32(Order::Big),
        6 => Encoding::F32(Order::Big),
        7 => Encoding::F64(Order::Big),
        27 => Encoding::ALaw,
        other => return Err(ReadError::Unsupported(format!("an AU of encoding {other}"))),
    };
    let (channels, rate) = (channels(fields.u32(20))?, rate(fields.u32(16))?);
    let shape = Shape { format: "au", encoding, valid: 0, channels, rate, mask: None };
    let bytes = (size != 0 && size != u32::MAX).then_some(u64::from(size));
    Ok((shape, Sound { at: u64::from(at), bytes, frames: 0 }))
}
