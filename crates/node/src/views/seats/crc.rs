//! Putting CRC-32s of pieces together to that of the whole, without looking at the bytes again.
//!
//! The CRC of `a ‖ b` is `crc(a)·x^(8·|b|) ⊕ crc(b)` over GF(2), modulo the CRC's polynomial. The factor depends on the
//! length alone, so each piece keeps its own, and joining costs one multiplication (Adler's `crc32_combine_op`).

/// The polynomial of RFC 1952, bits reversed, as in all of this module.
const POLYNOMIAL: u32 = 0xEDB8_8320;

/// What carries a CRC over a number of bytes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Over(u32);

impl Over {
    pub(super) fn new(bytes: usize) -> Self {
        // x^8, squared up: the bits of the length choose the factors.
        let (mut factor, mut square, mut left) = (1 << 31, 1 << 23, bytes);
        while left > 0 {
            if left & 1 == 1 {
                factor = multiply(factor, square);
            }
            square = multiply(square, square);
            left >>= 1;
        }
        Self(factor)
    }

    /// The CRC of what `before` is of, followed by these bytes with the CRC `piece`.
    pub(super) fn join(self, before: u32, piece: u32) -> u32 {
        multiply(self.0, before) ^ piece
    }
}

fn multiply(a: u32, mut b: u32) -> u32 {
    let mut product = 0;
    let mut bit = 1_u32 << 31;
    while bit != 0 {
        if a & bit != 0 {
            product ^= b;
        }
        b = if b & 1 == 1 { (b >> 1) ^ POLYNOMIAL } else { b >> 1 };
        bit >>= 1;
    }
    product
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn joined_is_the_crc_of_the_whole() {
        let whole: Vec<u8> = (0..10_000_u32).map(|i| ((i * i) >> 3) as u8).collect();
        for cut in [0, 1, 7, 128, 4_095, 9_999, 10_000] {
            let (a, b) = whole.split_at(cut);
            let joined = Over::new(b.len()).join(crc32fast::hash(a), crc32fast::hash(b));
            assert_eq!(joined, crc32fast::hash(&whole), "cut at {cut}");
        }
    }
}
