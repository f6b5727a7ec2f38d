//! A million tokens in one piece of memory.

/// Tokens in the order of their users.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tokens {
    bytes: Vec<u8>,
    /// Where each token ends.
    ends: Vec<usize>,
}

impl Tokens {
    /// The tokens in `list`, in that order.
    pub fn collect<'a>(list: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let mut tokens = Self::default();
        for token in list {
            tokens.bytes.extend_from_slice(token);
            tokens.ends.push(tokens.bytes.len());
        }
        tokens
    }

    pub fn len(&self) -> usize {
        self.ends.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// Token number `index`, counted from 0 and round and round.
    ///
    /// # Panics
    /// When there are none.
    pub fn get(&self, index: usize) -> &[u8] {
        let index = index % self.ends.len();
        let start = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.bytes[start..self.ends[index]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_come_back_round_and_round() {
        let tokens = Tokens::collect([&b"a"[..], b"", b"ccc"]);
        assert_eq!(tokens.len(), 3);
        let got: Vec<&[u8]> = (0..4).map(|index| tokens.get(index)).collect();
        assert_eq!(got, [&b"a"[..], b"", b"ccc", b"a"]);
    }
}
