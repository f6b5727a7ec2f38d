//! The tables in the database, as far as the projector knows them: rows by their keys, and the entry that they are at.
//!
//! Projections do not wait for the disk, so a crash may take the last of them back; a compaction makes durable what it keeps.

use std::collections::BTreeMap;
use std::sync::Arc;

use onsale_domain::row::{Mark, Row};
use onsale_journal::Hash;
use onsale_node::recovery::Loads;
use onsale_tables::{Error, ProvenMark, Refused};

/// The rank of the kind in the order of loading, and the row's key within it.
type Key = (u8, u64, u64, [u8; 16]);

const TICKETS: u8 = 2;
const SEATS: u8 = 7;
const STAGED: u8 = 11;
const NO_HASH: [u8; 16] = [0; 16];
/// Tells a ticket that was issued anew from its reservation.
const REISSUED: [u8; 16] = [1; 16];
/// Tells a seat that is held back from a payment.
const WITHHELD: [u8; 16] = [1; 16];
/// Tells who was active from who was there.
const ACTIVITY: [u8; 16] = [1; 16];
const NETWORKS: [u8; 16] = [4; 16];

#[derive(Default)]
pub(crate) struct Tables {
    rows: BTreeMap<Key, Row>,
    log: Vec<Projection>,
    /// How many projections are durable for sure.
    sealed: usize,
}

struct Projection {
    /// How many transactions the database's log had.
    after: usize,
    mark: Mark,
    hash: Hash,
    rows: Arc<[Row]>,
}

impl Tables {
    pub(crate) fn seq(&self) -> u64 {
        self.log.last().map_or(0, |last| last.mark.seq)
    }

    /// Where the tables are.
    pub(crate) fn mark(&self, store_id: u64) -> Option<ProvenMark> {
        self.log.last().map(|last| ProvenMark { mark: last.mark, hash: *last.hash.as_bytes(), store_id })
    }

    /// One transaction, which takes the tables from one entry to a later one.
    pub(crate) fn project(
        &mut self,
        from: u64,
        mark: Mark,
        hash: Hash,
        rows: &[Row],
        after: usize,
    ) -> Result<(), Error> {
        if mark.seq <= from {
            return Err(Error::NotForward { from, to: mark.seq });
        }
        let found = self.seq();
        if found != from {
            return Err(Error::Moved { expected: from, found });
        }
        rows.iter().for_each(|row| take(&mut self.rows, row));
        self.log.push(Projection { after, mark, hash, rows: rows.into() });
        Ok(())
    }

    /// What is there now outlives a crash.
    pub(crate) fn seal(&mut self) {
        self.sealed = self.log.len();
    }

    /// The database goes on with so many transactions, and perhaps without the last projections that nobody waited for.
    pub(crate) fn go_back(&mut self, transactions: usize, loses: usize) -> bool {
        let there = self.log.iter().take_while(|projection| projection.after <= transactions).count();
        let kept = there.saturating_sub(loses).max(self.sealed.min(there));
        let is_back = kept < self.log.len();
        self.log.truncate(kept);
        self.sealed = self.sealed.min(kept);
        self.rows.clear();
        for projection in &self.log {
            projection.rows.iter().for_each(|row| take(&mut self.rows, row));
        }
        is_back
    }
}

impl Loads for &Tables {
    fn load(&mut self, into: &mut dyn FnMut(Row) -> Result<(), Refused>) -> Result<u64, Error> {
        for row in self.rows.values() {
            into(row.clone()).map_err(Error::Refused)?;
        }
        Ok(self.rows.len() as u64)
    }
}

fn take(rows: &mut BTreeMap<Key, Row>, row: &Row) {
    let key = match row {
        Row::Settings(_) => (0, 0, 0, NO_HASH),
        Row::Level(_) => (0, 1, 0, NO_HASH),
        Row::Queue(queue) => (1, u64::from(queue.id.0), 0, NO_HASH),
        Row::Ticket(ticket) => (TICKETS, u64::from(ticket.ticket.queue.0), u64::from(ticket.ticket.number), NO_HASH),
        Row::Presence(presence) => (3, u64::from(presence.queue.0), u64::from(presence.first), NO_HASH),
        Row::Activity(row) => (3, u64::from(row.queue.0), u64::from(row.first), ACTIVITY),
        Row::Networks(row) => (3, u64::from(row.queue.0), u64::from(row.block), NETWORKS),
        Row::Wallet { user, .. } => (4, user.0, 0, NO_HASH),
        Row::Revoked { user, .. } => (4, user.0, 1, NO_HASH),
        Row::Adjustment(row) => (4, 0, 2, begins(row.reference.as_bytes())),
        Row::Subject { digest, .. } => (4, 0, 3, begins(digest)),
        Row::SubjectForgotten(digest) => return drop(rows.remove(&(4, 0, 3, begins(digest)))),
        Row::Erased(row) => (4, row.user.0, 6, NO_HASH),
        Row::Entry(row) => (4, 0, 4, row.once.digest),
        Row::EntryForgotten(digest) => return drop(rows.remove(&(4, 0, 4, *digest))),
        Row::SeatLimit { user, .. } => (4, user.0, 5, NO_HASH),
        // Nobody has a key of their own here.
        Row::Operator(_) | Row::OperatorRemoved(_) => return,
        Row::Concert(concert) => (5, concert.id.0, 0, NO_HASH),
        Row::Schedule(row) => (6, row.schedule.id.0, 0, NO_HASH),
        Row::Seats { schedule, .. } => (SEATS, schedule.0, 0, NO_HASH),
        Row::Reservation(reservation) => (8, reservation.id.0, 0, NO_HASH),
        Row::Reissued(row) => (8, row.reservation.0, row.seat.0, REISSUED),
        Row::Withheld(row) => (9, row.schedule.0, row.seat.0, WITHHELD),
        Row::GivenBack { schedule, seat } => return drop(rows.remove(&(9, schedule.0, seat.0, WITHHELD))),
        Row::Payment(payment) => (9, payment.id.0, 0, NO_HASH),
        Row::Idempotency(row) => (10, row.user.0, row.endpoint as u64, row.hash),
        Row::Staged { upload, part, .. } => (STAGED, upload.0, u64::from(*part), NO_HASH),
        Row::Campaign(row) => (12, u64::from(row.id.0), 0, NO_HASH),
        Row::Code(row) => (13, u64::from(row.campaign.0), u64::from(row.number), NO_HASH),
        Row::CodeUse(row) => {
            let key = (14, u64::from(row.ticket.queue.0), u64::from(row.ticket.number), NO_HASH);
            if row.ended_at.is_some() {
                return drop(rows.remove(&key));
            }
            key
        }
        // History only: an engine is not loaded with it.
        Row::Transfer(_) | Row::News(_) | Row::Lever(_) | Row::Told(_) => return,
        Row::TicketsForgotten { queue, before } => {
            let (queue, before) = (u64::from(queue.0), u64::from(*before));
            return rows.retain(|key, _| key.0 != TICKETS || key.1 != queue || key.2 >= before);
        }
        Row::ScheduleRemoved(schedule) => {
            rows.remove(&(6, schedule.0, 0, NO_HASH));
            rows.remove(&(SEATS, schedule.0, 0, NO_HASH));
            return;
        }
        Row::ReservationForgotten(id) => return drop(rows.remove(&(8, id.0, 0, NO_HASH))),
        Row::IdempotencyForgotten { user, endpoint, hash } => {
            return drop(rows.remove(&(10, user.0, *endpoint as u64, *hash)));
        }
        Row::Unstaged(upload) => return rows.retain(|key, _| key.0 != STAGED || key.1 != upload.0),
    };
    rows.insert(key, row.clone());
}

/// What tells one from the others here: no two begin alike.
fn begins(bytes: &[u8]) -> [u8; 16] {
    let mut key = NO_HASH;
    key.iter_mut().zip(bytes).for_each(|(to, from)| *to = *from);
    key
}
