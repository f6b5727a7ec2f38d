//! What a batch does, gathered while it is applied: the rows for the tables and views, and the fingerprint.

use crate::ids::EventId;
use crate::row::Row;
use crate::time::Time;

/// Handed to the domains by the engine for the time of one batch.
#[derive(Debug)]
pub(crate) struct Changes<'a> {
    /// The batch's time: the only clock there is.
    pub(crate) now: Time,
    /// What the command that is carried out brings about has this id.
    pub(crate) event: EventId,
    rows: &'a mut Vec<Row>,
    fingerprint: &'a mut u64,
}

impl<'a> Changes<'a> {
    pub(crate) fn new(now: Time, event: EventId, rows: &'a mut Vec<Row>, fingerprint: &'a mut u64) -> Self {
        Self { now, event, rows, fingerprint }
    }

    pub(crate) fn row(&mut self, row: Row) {
        self.rows.push(row);
    }

    /// Something came into being.
    pub(crate) fn add(&mut self, hash: u64) {
        *self.fingerprint = self.fingerprint.wrapping_add(hash);
    }

    /// Something is gone.
    pub(crate) fn remove(&mut self, hash: u64) {
        *self.fingerprint = self.fingerprint.wrapping_sub(hash);
    }

    /// Something became another.
    pub(crate) fn replace(&mut self, old: u64, new: u64) {
        self.remove(old);
        self.add(new);
    }
}
