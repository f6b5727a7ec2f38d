use sha2::{Digest, Sha256};

use crate::{Error, Hash, Head};

/// What an entry's hash covers, beside the hash before it.
#[derive(Clone, Copy, Debug)]
pub struct Link<'a> {
    /// The entry's number in the journal.
    pub seq: u64,
    /// Its time, in milliseconds since 1970 in UTC.
    pub time_ms: u64,
    /// Who appended it.
    pub node: u64,
    /// Its number among that node's entries.
    pub number: u64,
    /// What was appended.
    pub payload: &'a [u8],
}

impl Link<'_> {
    /// SHA-256 of the hash before, number, time, node, the node's number and the payload; integers as eight bytes, little
    /// end first. Only the last part varies in length, so no two entries hash the same bytes.
    pub fn hash(&self, before: &Hash) -> Hash {
        let mut sha = Sha256::new();
        sha.update(before.as_bytes());
        for field in [self.seq, self.time_ms, self.node, self.number] {
            sha.update(field.to_le_bytes());
        }
        sha.update(self.payload);
        Hash::from(<[u8; 32]>::from(sha.finalize()))
    }
}

/// The place before the first entry. It depends on the store, so that no entry of one store fits another's chain.
pub fn genesis(store_id: u64) -> Head {
    let sha = Sha256::new().chain_update(b"onsale journal").chain_update(store_id.to_le_bytes());
    Head { seq: 0, time_ms: 0, hash: Hash::from(<[u8; 32]>::from(sha.finalize())) }
}

/// Follows the chain from a place that is known to be good.
#[derive(Clone, Copy, Debug)]
pub struct Verifier {
    head: Head,
}

impl Verifier {
    /// Starts behind `head`.
    pub fn new(head: Head) -> Self {
        Self { head }
    }

    /// The last place that was found good.
    pub fn head(&self) -> Head {
        self.head
    }

    /// Checks that an entry is the next one, and unchanged since it was appended.
    ///
    /// # Errors
    /// [`Error::Corrupt`] with the number of the entry that is bad or missing.
    pub fn next(&mut self, link: &Link<'_>, stored: Hash) -> Result<(), Error> {
        let due = self.head.seq + 1;
        if link.seq != due {
            return Err(Error::corrupt(due, format!("it is missing, the next one there is entry {}", link.seq)));
        }
        let hash = link.hash(&self.head.hash);
        if hash != stored {
            return Err(Error::corrupt(
                due,
                format!(
                    "its contents and the entry before it hash to {hash}, and {stored} was recorded: it was edited, moved or torn"
                ),
            ));
        }
        if link.time_ms < self.head.time_ms {
            let reason =
                format!("its time {} ms is before {} ms, that of the entry before it", link.time_ms, self.head.time_ms);
            return Err(Error::corrupt(due, reason));
        }
        self.head = Head { seq: link.seq, time_ms: link.time_ms, hash };
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The chain is a durable format: these figures were computed apart from this code, with Python's `hashlib`.
    #[test]
    fn the_hashed_bytes_are_fixed() {
        let genesis = genesis(0x0102_0304_0506_0708);
        assert_eq!(genesis.hash.to_string(), "9b0b76414d640a92a95257b168bf520dd2c6c2515972670437fe8c228e207ed0");
        let link = Link { seq: 1, time_ms: 2, node: 3, number: 4, payload: b"five" };
        assert_eq!(
            link.hash(&genesis.hash).to_string(),
            "7237b30475d5a8fe533cb6f383c1c0766255b5a603db92219b8101bfccb39c6b"
        );
    }

    #[test]
    fn a_time_that_goes_back_is_corrupt_even_with_a_good_hash() {
        let mut chain = Verifier::new(genesis(1));
        for (time_ms, good) in [(20, true), (20, true), (19, false)] {
            let head = chain.head();
            let link = Link { seq: head.seq + 1, time_ms, node: 1, number: head.seq, payload: b"" };
            let verdict = chain.next(&link, link.hash(&head.hash));
            assert_eq!(verdict.is_ok(), good, "{verdict:?}");
        }
    }
}
