//! One gzip member (RFC 1952) out of blocks that were compressed apart.
//!
//! Every block's DEFLATE data ends on a byte and refers to nothing before it, so they may follow each other in any
//! choice. What lies between them, a comma, and the envelope around them are stored blocks (RFC 1951, 3.2.4).

use bytes::Bytes;

use super::block::Rendered;
use super::json;

/// No name, no time, unknown file system.
const HEADER: [u8; 10] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF];

fn stored(out: &mut Vec<u8>, bytes: &[u8], last: bool) {
    let len = bytes.len() as u16;
    out.push(u8::from(last));
    out.extend_from_slice(&len.to_le_bytes());
    out.extend_from_slice(&(!len).to_le_bytes());
    out.extend_from_slice(bytes);
}

fn crc_with(crc: u32, bytes: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new_with_initial(crc);
    hasher.update(bytes);
    hasher.finalize()
}

pub(super) fn assemble(blocks: &[&Rendered]) -> Bytes {
    let compressed: usize = blocks.iter().map(|block| block.deflated.len() + 6).sum();
    let mut out = Vec::with_capacity(compressed + 128);
    out.extend_from_slice(&HEADER);
    stored(&mut out, json::HEAD, false);
    let mut crc = crc32fast::hash(json::HEAD);
    let mut len = json::HEAD.len() + json::TAIL.len();
    for (i, block) in blocks.iter().enumerate() {
        if i > 0 {
            stored(&mut out, b",", false);
            crc = crc_with(crc, b",");
        }
        out.extend_from_slice(&block.deflated);
        crc = block.over.join(crc, block.crc);
        len += block.json.len() - usize::from(i == 0);
    }
    stored(&mut out, json::TAIL, true);
    out.extend_from_slice(&crc_with(crc, json::TAIL).to_le_bytes());
    // The length modulo 2^32, as the format has it.
    out.extend_from_slice(&(len as u32).to_le_bytes());
    out.into()
}
