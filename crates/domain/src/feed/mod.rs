//! What happened, for those who keep something of their own beside the store: the events of each entry of the journal.
//!
//! They are made of the rows that the entry has changed, before any are merged, so that nothing that changes goes untold, and of
//! nothing else: no clock, no node and no configuration. Every node, and every replay, makes the same of the same entry. They are
//! history: no outcome depends on them, and the engine knows nothing of them.

mod event;
mod of_rows;

use minicbor::{Decode, Encode};

use crate::cbor;
use crate::engine::Engine;
use crate::ids::ReservationId;
use crate::level;
use crate::row::Row;
use crate::time::Time;

pub use event::{End, Event, FAMILIES, Family, Hold, Sold, Token};

/// How many events of each family there were, by the family's number.
pub type Counts = [u64; FAMILIES];

/// What has to be known of the store as it was before an entry, to tell what the entry's rows mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Before {
    level: u32,
    next_reservation: ReservationId,
}

impl Before {
    /// Where this engine stands.
    #[must_use]
    pub fn of(engine: &Engine) -> Self {
        Self { level: engine.level(), next_reservation: engine.mark().counters.next_reservation }
    }

    /// Of a store in which nothing has happened.
    #[must_use]
    pub fn start() -> Self {
        Self { level: 0, next_reservation: ReservationId(1) }
    }

    /// The events of an entry, in order; none below [`level::FEED`].
    #[must_use]
    pub fn events(self, now: Time, rows: &[Row]) -> Vec<Event> {
        of_rows::events(self, now, rows)
    }

    /// What an entry adds to the feed, where it adds anything. `hash` is the journal's at the entry.
    #[must_use]
    pub fn told(self, seq: u64, time: Time, hash: &[u8; 32], rows: &[Row]) -> Option<Told> {
        // Entries in which nothing happens are most of a quiet day's.
        if self.level < level::FEED && !rows.iter().any(|row| matches!(row, Row::Level(_))) {
            return None;
        }
        let events = self.events(time, rows);
        if events.is_empty() {
            return None;
        }
        let mut counts = Counts::default();
        events.iter().for_each(|event| counts[event.family() as usize] += 1);
        let [a, b, c, d, ..] = *hash;
        let entry = Entry { seq, time, proof: u32::from_be_bytes([a, b, c, d]), events };
        Some(Told { seq, time, counts: Box::new(counts), bytes: entry.encoded().into_boxed_slice() })
    }
}

/// What one entry adds to the feed, as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    pub seq: u64,
    pub time: Time,
    /// How many events of each family it has.
    pub counts: Box<Counts>,
    /// An encoded [`Entry`].
    pub bytes: Box<[u8]>,
}

/// The events of one entry of the journal.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Entry {
    /// The entry's number.
    #[n(0)]
    pub seq: u64,
    /// The entry's time, at which all of it happened.
    #[n(1)]
    pub time: Time,
    /// How the journal's hash at the entry begins: what tells it from the entry of that number in another history.
    #[n(2)]
    pub proof: u32,
    #[n(3)]
    pub events: Vec<Event>,
}

impl Entry {
    fn encoded(&self) -> Vec<u8> {
        cbor::encoded(self)
    }

    /// The entries of a piece of the feed, in which one follows the other.
    ///
    /// # Errors
    /// When `bytes` are no such piece.
    pub fn decode_all(bytes: &[u8]) -> Result<Vec<Self>, minicbor::decode::Error> {
        let mut decoder = minicbor::Decoder::new(bytes);
        let mut entries = Vec::new();
        while decoder.position() < bytes.len() {
            entries.push(decoder.decode()?);
        }
        Ok(entries)
    }
}
