//! The journal: one durable, totally ordered, hash-chained list of opaque entries.
//!
//! Everything that the service promises stands on it. An entry that [`Journal::append`] has returned is on stable
//! storage, has the next number and a time that never goes back, and is linked by SHA-256 to every entry before it, so
//! that a fork, a lost tail or an edited entry is found and never applied.
//!
//! The API blocks; callers give it threads of their own. [`local`] is the engine on SQLite for one machine,
//! [`postgres`] the one for many nodes. Every engine passes the same suite: `conformance` (behind the feature of that name).

mod chain;
mod clock;
#[cfg(feature = "conformance")]
pub mod conformance;
mod damage;
mod entry;
mod error;
mod follow;
mod hash;
pub mod local;
pub mod postgres;
mod seal;

pub use chain::{Link, Verifier, genesis};
pub use clock::Time;
pub use damage::Damage;
pub use entry::{Appended, Checkpoint, Entry, Head, Truncated};
pub use error::Error;
pub use follow::{Behind, Tail, Vote, Votes};
pub use hash::Hash;

/// The most bytes that one entry's payload may have. An empty payload is allowed: the journal gives it no meaning.
pub const PAYLOAD_BYTES_MAX: usize = 64 << 20;

/// The writing side of a store, and what is known of it without reading.
///
/// Several nodes may append to one store where the engine allows it; their entries then interleave, and a [`Reader`]
/// shows them all.
pub trait Journal: Send {
    /// Made at random, once, with the store. Two stores never share a chain: it is hashed into [`genesis`].
    fn store_id(&self) -> u64;

    /// Made at random by each opening: who appends. Entries carry it.
    fn node(&self) -> u64;

    /// What the journal's time is now: a clock that steps is met by and by, see [`Time`].
    fn time(&self) -> Time;

    /// The last entry that this node knows of; the checkpoint, or genesis, if there is none.
    fn head(&self) -> Head;

    /// Appends `payload` as the next entry, and returns when it is durable.
    ///
    /// `number` says which of this node's entries it is. Numbers rise, gaps allowed; with a number that is already in,
    /// the same payload again gives the first answer again and writes nothing: an append can always be retried.
    ///
    /// # Errors
    /// [`Error::Full`], [`Error::Number`], [`Error::TooLarge`] and [`Error::Unavailable`]: nothing was written and the
    /// journal can be used further. [`Error::Unknown`]: it can be used further too, and the next append that succeeds
    /// has decided whether this one is in; readers show it if it is. Anything else: the process must stop, as what is in
    /// the journal is not known.
    fn append(&mut self, number: u64, payload: &[u8]) -> Result<Appended, Error>;

    /// Opens a reader with a connection of its own, for any thread: for recovery, projection and audit.
    ///
    /// # Errors
    /// [`Error::Io`] if the store cannot be opened again.
    fn reader(&self) -> Result<Box<dyn Reader>, Error>;

    /// Finds out whether the journal can be appended to, and still is the one that was appended to before. An engine
    /// whose storage cannot go away has nothing to do.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::Corrupt`] if it is another history now.
    fn probe(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// [`Journal::probe`], where nothing was appended for a while: nobody's command is to find out.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; [`Error::Corrupt`] if it is another history now.
    fn probe_if_idle(&mut self) -> Result<(), Error> {
        Ok(())
    }

    /// Where the journal was last truncated, if it ever was.
    fn checkpoint(&self) -> Option<Checkpoint>;

    /// Seals `checkpoint` and deletes what it covers, a bounded piece at each call, so that appends can go on between
    /// two: call again, with the same checkpoint, while the answer is [`Truncated::Partly`]. The checkpoint is durable
    /// before, or together with, the first deletion. Reopening finishes what was left.
    ///
    /// # Errors
    /// [`Error::Checkpoint`] if it is not a place in this journal, or lies before the one that is sealed;
    /// [`Error::Full`]; both changed nothing. Others as for [`Journal::append`].
    fn truncate(&mut self, checkpoint: &Checkpoint) -> Result<Truncated, Error>;
}

/// The reading side of a store. It verifies the chain as it reads.
pub trait Reader: Send {
    /// The entries from number `seq` on (0 reads as 1), in order, at most as many as `limit` allows, and none if there
    /// are none yet.
    ///
    /// # Errors
    /// [`Error::Corrupt`] with the first bad entry, and none of those read; [`Error::Truncated`] if `seq` is not kept
    /// any more; [`Error::Io`].
    fn read_from(&mut self, seq: u64, limit: Limit) -> Result<Vec<Entry>, Error>;

    /// The last entry in the store at this moment; the checkpoint, or genesis, if there is none.
    ///
    /// # Errors
    /// [`Error::Io`].
    fn head(&mut self) -> Result<Head, Error>;

    /// The place with number `seq` as it is stored, if the store has it. Only reading up to it verifies it.
    ///
    /// # Errors
    /// [`Error::Truncated`] if it is not kept any more; [`Error::Io`].
    fn find(&mut self, seq: u64) -> Result<Option<Head>, Error>;

    /// Checks that `known`, a place that something built from this journal has seen, is in it. This finds what the chain
    /// alone cannot: a tail that is gone, or another history.
    ///
    /// # Errors
    /// [`Error::Corrupt`] if it is missing or differs; [`Error::Truncated`] if it can no longer be told; [`Error::Io`].
    fn expect(&mut self, known: &Head) -> Result<(), Error> {
        match self.find(known.seq)? {
            Some(found) if found == *known => Ok(()),
            Some(found) => Err(Error::corrupt(
                known.seq,
                format!("its hash is {}, and {} was seen before: this is another history", found.hash, known.hash),
            )),
            None => {
                let head = self.head()?;
                Err(Error::corrupt(
                    head.seq + 1,
                    format!(
                        "the journal ends at {}, and entry {} was seen before: its end is lost",
                        head.seq, known.seq
                    ),
                ))
            }
        }
    }
}

/// How much one [`Reader::read_from`] may return. At least one entry is returned if there is one.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// At most so many entries.
    pub entries: usize,
    /// Stop after the entry that brings the payloads to so many bytes.
    pub bytes: usize,
}

impl Default for Limit {
    fn default() -> Self {
        Self { entries: 1_024, bytes: 16 << 20 }
    }
}
