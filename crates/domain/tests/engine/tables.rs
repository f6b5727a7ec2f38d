//! The SQL projection's stand-in: rows folded by key, as any storage of them must.

use std::collections::BTreeMap;

use onsale_domain::engine::{Engine, LoadError, Loader};
use onsale_domain::row::{Mark, Row};

/// The rank of the kind in the order of loading, and the row's key within it.
type Key = (u8, u64, u64, [u8; 16]);

#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Tables {
    rows: BTreeMap<Key, Row>,
}

const TICKETS: u8 = 2;
const SEATS: u8 = 7;
const STAGED: u8 = 11;
const NO_HASH: [u8; 16] = [0; 16];
/// Tells who was active from who was there.
const ACTIVITY: [u8; 16] = [1; 16];
const NETWORKS: [u8; 16] = [4; 16];
/// Tells a ticket that was issued anew from its reservation.
const REISSUED: [u8; 16] = [1; 16];
/// Tells a seat that is held back from a payment.
const WITHHELD: [u8; 16] = [1; 16];

/// The names that tests give are short.
fn name(name: &str) -> [u8; 16] {
    let mut key = NO_HASH;
    key[..name.len()].copy_from_slice(name.as_bytes());
    key
}

/// Those of tests differ there.
fn half(digest: &[u8; 32]) -> [u8; 16] {
    let mut key = NO_HASH;
    key.copy_from_slice(&digest[..16]);
    // Nobody's, who stand for numbers that were passed over, differ at their end.
    key.iter_mut().zip(&digest[16..]).for_each(|(byte, other)| *byte ^= other.rotate_left(1));
    key
}

impl Tables {
    pub(crate) fn fold(&mut self, rows: Vec<Row>) {
        for row in rows {
            self.take(row);
        }
    }

    fn take(&mut self, row: Row) {
        let key = match &row {
            Row::Settings(_) => (0, 0, 0, NO_HASH),
            Row::Level(_) => (0, 1, 0, NO_HASH),
            Row::Queue(queue) => (1, u64::from(queue.id.0), 0, NO_HASH),
            Row::Ticket(ticket) => {
                (TICKETS, u64::from(ticket.ticket.queue.0), u64::from(ticket.ticket.number), NO_HASH)
            }
            Row::Presence(presence) => (3, u64::from(presence.queue.0), u64::from(presence.first), NO_HASH),
            Row::Activity(row) => (3, u64::from(row.queue.0), u64::from(row.first), ACTIVITY),
            Row::Networks(row) => (3, u64::from(row.queue.0), u64::from(row.block), NETWORKS),
            Row::Wallet { user, .. } => (4, user.0, 0, NO_HASH),
            Row::Adjustment(row) => (4, 0, 3, name(&row.reference)),
            Row::Subject { digest, .. } => (4, 0, 4, half(digest)),
            Row::SubjectForgotten(digest) => return drop(self.rows.remove(&(4, 0, 4, half(digest)))),
            Row::Erased(row) => (4, row.user.0, 7, NO_HASH),
            Row::Entry(row) => (4, 0, 5, row.once.digest),
            Row::EntryForgotten(digest) => return drop(self.rows.remove(&(4, 0, 5, *digest))),
            Row::SeatLimit { user, .. } => (4, user.0, 6, NO_HASH),
            Row::Revoked { user, .. } => (4, user.0, 1, NO_HASH),
            Row::Operator(row) => (4, 0, 2, name(&row.name)),
            Row::OperatorRemoved(gone) => return drop(self.rows.remove(&(4, 0, 2, name(gone)))),
            Row::Concert(concert) => (5, concert.id.0, 0, NO_HASH),
            Row::Schedule(row) => (6, row.schedule.id.0, 0, NO_HASH),
            Row::Seats { schedule, .. } => (SEATS, schedule.0, 0, NO_HASH),
            Row::Reservation(reservation) => (8, reservation.id.0, 0, NO_HASH),
            Row::Reissued(row) => (8, row.reservation.0, row.seat.0, REISSUED),
            Row::Withheld(row) => (9, row.schedule.0, row.seat.0, WITHHELD),
            Row::GivenBack { schedule, seat } => {
                return drop(self.rows.remove(&(9, schedule.0, seat.0, WITHHELD)));
            }
            Row::Payment(payment) => (9, payment.id.0, 0, NO_HASH),
            Row::Idempotency(row) => (10, row.user.0, row.endpoint as u64, row.hash),
            Row::Staged { upload, part, .. } => (STAGED, upload.0, u64::from(*part), NO_HASH),
            Row::Campaign(row) => (12, u64::from(row.id.0), 0, NO_HASH),
            Row::Code(row) => (13, u64::from(row.campaign.0), u64::from(row.number), NO_HASH),
            Row::CodeUse(row) => {
                let key = (14, u64::from(row.ticket.queue.0), u64::from(row.ticket.number), NO_HASH);
                if row.ended_at.is_some() {
                    return drop(self.rows.remove(&key));
                }
                key
            }
            // History only: an engine is not loaded with it.
            Row::Transfer(_) | Row::News(_) | Row::Lever(_) | Row::Told(_) => return,
            Row::TicketsForgotten { queue, before } => {
                let (queue, before) = (u64::from(queue.0), u64::from(*before));
                self.rows.retain(|key, _| key.0 != TICKETS || key.1 != queue || key.2 >= before);
                return;
            }
            Row::ScheduleRemoved(schedule) => {
                self.rows.remove(&(6, schedule.0, 0, NO_HASH));
                self.rows.remove(&(SEATS, schedule.0, 0, NO_HASH));
                return;
            }
            Row::ReservationForgotten(id) => return drop(self.rows.remove(&(8, id.0, 0, NO_HASH))),
            Row::IdempotencyForgotten { user, endpoint, hash } => {
                return drop(self.rows.remove(&(10, user.0, *endpoint as u64, *hash)));
            }
            Row::Unstaged(upload) => return self.rows.retain(|key, _| key.0 != STAGED || key.1 != upload.0),
        };
        self.rows.insert(key, row);
    }

    /// An engine of these rows.
    pub(crate) fn load(&self, mark: &Mark) -> Result<Engine, LoadError> {
        let mut loader = Loader::new();
        for row in self.rows.values() {
            loader.load(row.clone())?;
        }
        loader.finish(mark)
    }
}
