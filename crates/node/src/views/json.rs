//! Pieces of the envelope, and text in JSON.

macro_rules! begin {
    () => {
        r#"{"resultType":"SUCCESS","data":"#
    };
}

macro_rules! end {
    () => {
        r#","message":"SUCCESS"}"#
    };
}

/// What data come after.
pub const BEGIN: &[u8] = begin!().as_bytes();
/// What data come before.
pub const END: &[u8] = end!().as_bytes();
/// What a list of data comes after.
pub(super) const HEAD: &[u8] = concat!(begin!(), "[").as_bytes();
/// What a list of data comes before.
pub(super) const TAIL: &[u8] = concat!("]", end!()).as_bytes();

/// Writes text as JSON (RFC 8259, section 7), or null.
pub(super) fn write_text(out: &mut Vec<u8>, text: Option<&str>) {
    let Some(text) = text else { return out.extend_from_slice(b"null") };
    out.push(b'"');
    for &byte in text.as_bytes() {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
            0..0x20 => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                out.extend_from_slice(b"\\u00");
                out.extend_from_slice(&[HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
            _ => out.push(byte),
        }
    }
    out.push(b'"');
}
