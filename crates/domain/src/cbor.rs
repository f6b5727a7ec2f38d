//! Writing CBOR to memory.

use minicbor::encode::{Encode, Encoder, Write};

/// What is written is a byte or a few at a time, of numbers that are known where they are written: the encoder's own way to a vector is a
/// call for each, and took two thirds of the instructions of an event.
struct Pen<'a>(&'a mut Vec<u8>);

impl Write for Pen<'_> {
    type Error = core::convert::Infallible;

    #[inline(always)]
    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Self::Error> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }
}

/// Appends the encoding of `value` to `out`.
///
/// # Panics
/// Where a type has no encoding for what it holds. None of ours is such.
pub fn encode_into(value: &impl Encode<()>, out: &mut Vec<u8>) {
    Encoder::new(Pen(out)).encode(value).expect("writing to memory does not fail");
}

/// The encoding of `value`.
///
/// # Panics
/// As [`encode_into`] does.
#[must_use]
pub fn encoded(value: &impl Encode<()>) -> Vec<u8> {
    let mut out = Vec::with_capacity(64);
    encode_into(value, &mut out);
    out
}
