//! Rows made once more from the journal, with an engine that begins where the tables stand, as at a start.

use onsale_domain::command::Batch;
use onsale_domain::engine::Engine;
use onsale_domain::feed::Before;
use onsale_domain::row::{Mark, Row};
use onsale_domain::time::Time;
use onsale_journal::{Entry, Hash};
use onsale_tables::Coalesced;

use crate::open_error::OpenError;

pub(super) struct Remake {
    engine: Engine,
    /// The last entry that is needed.
    until: u64,
    made: Coalesced,
    /// The hash of the last entry that was applied.
    last: Option<Hash>,
}

impl Remake {
    pub(super) fn new(engine: Engine, until: u64) -> Self {
        Self { engine, until, made: Coalesced::default(), last: None }
    }

    /// The entry that is to be read next.
    pub(super) fn next(&self) -> u64 {
        self.engine.mark().seq + 1
    }

    pub(super) fn is_done(&self) -> bool {
        self.engine.mark().seq >= self.until
    }

    pub(super) fn apply(&mut self, entries: &[Entry]) -> Result<(), OpenError> {
        if entries.is_empty() {
            return Err(OpenError::JournalShort { seq: self.until });
        }
        for entry in entries {
            let batch = Batch::decode(&entry.payload)
                .map_err(|error| OpenError::Undecodable { seq: entry.seq, reason: error.to_string() })?;
            let (before, time, mut rows) = (Before::of(&self.engine), Time(entry.time_ms), Vec::new());
            self.engine.apply(entry.seq, time, &batch, &mut rows);
            let told = before.told(entry.seq, time, entry.hash.as_bytes(), &rows);
            self.made.extend(rows.into_iter().chain(told.map(Row::Told)));
            self.last = Some(entry.hash);
        }
        Ok(())
    }

    /// What a transaction is to be made of, once there are so many rows, or all of them.
    pub(super) fn ready(&mut self, rows: usize) -> Option<(Mark, Hash, Vec<Row>)> {
        let is_ready = self.made.len() >= rows || self.is_done();
        let hash = self.last.filter(|_| is_ready)?;
        Some((self.engine.mark(), hash, self.made.drain()))
    }
}
