//! FLAC in Ogg ("Ogg encapsulation" of RFC 9639, section 10.1): a packet is a frame.

use symphonia::core::codecs::audio::well_known::CODEC_ID_FLAC;

use super::Header;
use super::packets::Packets;
use crate::media::ReadError;
use crate::media::coded::decoder::Decoder;
use crate::media::coded::guard::damaged;
use crate::media::flac::stream_info;

pub(super) fn open(packets: &mut Packets) -> Result<Header, ReadError> {
    packets.header()?;
    let head = packets.packet.clone();
    if head.len() < 51 || &head[9..13] != b"fLaC" {
        return Err(damaged(None, "its FLAC header is broken"));
    }
    // the first packet holds STREAMINFO, the others one block of metadata each; the last one has its highest bit set
    let mut last = head[13] & 0x80 != 0;
    while !last {
        packets.header()?;
        last = packets.packet.first().is_some_and(|byte| byte & 0x80 != 0);
    }
    let block = head.get(17..51).and_then(|block| block.try_into().ok()).unwrap_or(&[0; 34]);
    let mut info = stream_info(block)?;
    info.format = "ogg";
    let decoder = Decoder::new(CODEC_ID_FLAC, info.rate.get(), info.channels, block)?;
    Ok(Header { info, codec: Box::new(decoder), skip: 0, cell: 1 << 16, lead: 0 })
}
