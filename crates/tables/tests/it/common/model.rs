//! What the tables should hold, as plain maps.

use std::collections::{BTreeMap, BTreeSet};

use onsale_domain::ids::{QueueId, ReservationId};
use onsale_domain::queue::PRESENCE_BLOCK;
use onsale_domain::row::Row;

/// Rows by table (in the order of loading) and by key, so that the values are what a load gives.
#[derive(Default)]
pub(crate) struct Model {
    rows: BTreeMap<(u8, Vec<i128>), Row>,
    forgotten: BTreeMap<QueueId, u32>,
    pub(crate) reservations_forgotten: BTreeSet<ReservationId>,
}

impl Model {
    pub(crate) fn apply(&mut self, row: &Row) {
        match row {
            Row::TicketsForgotten { queue, before } => {
                let known = self.forgotten.entry(*queue).or_default();
                *known = before.max(known).to_owned();
            }
            Row::ScheduleRemoved(schedule) => {
                self.rows.remove(&(6, vec![schedule.0.into()]));
                self.rows.remove(&(7, vec![schedule.0.into()]));
            }
            Row::ReservationForgotten(id) => {
                self.reservations_forgotten.insert(*id);
            }
            Row::IdempotencyForgotten { user, endpoint, hash } => {
                let gone = (user, endpoint, hash);
                self.rows.retain(|_, row| match row {
                    Row::Idempotency(row) => (&row.user, &row.endpoint, &row.hash) != gone,
                    _ => true,
                });
            }
            Row::Unstaged(gone) => {
                self.rows.retain(|_, row| !matches!(row, Row::Staged { upload, .. } if upload == gone));
            }
            Row::OperatorRemoved(gone) => {
                self.rows.retain(|_, row| !matches!(row, Row::Operator(row) if row.name == *gone));
            }
            Row::EntryForgotten(gone) => {
                self.rows.retain(|_, row| !matches!(row, Row::Entry(row) if row.once.digest == *gone));
            }
            Row::SubjectForgotten(gone) => {
                self.rows.retain(|_, row| !matches!(row, Row::Subject { digest, .. } if digest == gone));
            }
            Row::GivenBack { schedule, seat } => {
                self.rows.remove(&(8, vec![i128::MAX, schedule.0.into(), seat.0.into()]));
            }
            Row::Transfer(_) | Row::Told(_) => {}
            Row::Idempotency(new) => {
                self.apply(&Row::IdempotencyForgotten { user: new.user, endpoint: new.endpoint, hash: new.hash });
                self.rows.insert(key(row).expect("a key"), row.clone());
            }
            Row::Seats { schedule, seats } if seats.is_empty() => {
                self.rows.remove(&(7, vec![schedule.0.into()]));
            }
            kept => {
                self.rows.insert(key(kept).expect("a key"), kept.clone());
            }
        }
    }

    /// The rows that a load must give, in its order.
    pub(crate) fn rows(&self) -> Vec<Row> {
        let before = |queue| self.forgotten.get(&queue).copied().unwrap_or(0);
        let live = |row: &&Row| match row {
            Row::Ticket(row) => row.ticket.number >= before(row.ticket.queue),
            Row::Presence(row) => row.first + PRESENCE_BLOCK > before(row.queue),
            Row::Activity(row) => row.first + PRESENCE_BLOCK > before(row.queue),
            Row::CodeUse(row) => row.ended_at.is_none(),
            Row::Reservation(row) => !self.reservations_forgotten.contains(&row.id),
            _ => true,
        };
        self.rows.values().filter(live).cloned().collect()
    }
}

/// A row's table, as its place in the order of loading, and its key; nothing for the words that rows are gone.
fn key(row: &Row) -> Option<(u8, Vec<i128>)> {
    Some(match row {
        Row::Settings(_) => (0, vec![]),
        Row::Level(_) => (0, vec![1]),
        Row::Queue(row) => (1, vec![row.id.0.into()]),
        Row::Ticket(row) => (2, vec![row.ticket.queue.0.into(), row.ticket.number.into()]),
        Row::Presence(row) => (3, vec![row.queue.0.into(), row.first.into()]),
        Row::Activity(row) => (3, vec![i128::MAX, row.queue.0.into(), row.first.into()]),
        Row::Networks(row) => (3, vec![i128::MAX, i128::MAX, row.queue.0.into(), row.block.into()]),
        Row::Wallet { user, .. } => (4, vec![user.0.into()]),
        Row::Adjustment(row) => (4, [i128::MAX - 1].into_iter().chain(row.reference.bytes().map(i128::from)).collect()),
        Row::Subject { digest, .. } => (4, keyed(i128::MAX - 1, 1, digest)),
        Row::Erased(row) => (4, vec![i128::MAX - 1, 4 << 8, row.user.0.into()]),
        Row::Entry(row) => (4, keyed(i128::MAX - 1, 2, &row.once.digest)),
        Row::SeatLimit { user, .. } => (4, vec![i128::MAX - 1, 3 << 8, user.0.into()]),
        Row::Revoked { user, .. } => (4, vec![i128::MAX, user.0.into()]),
        Row::Operator(row) => (4, [i128::MAX; 2].into_iter().chain(row.name.bytes().map(i128::from)).collect()),
        Row::Concert(row) => (5, vec![row.id.0.into()]),
        Row::Schedule(row) => (6, vec![row.schedule.id.0.into()]),
        Row::Seats { schedule, .. } => (7, vec![schedule.0.into()]),
        Row::Reservation(row) => (8, vec![row.id.0.into()]),
        Row::Reissued(row) => (8, vec![i128::MAX - 1, row.reservation.0.into(), row.seat.0.into()]),
        Row::Withheld(row) => (8, vec![i128::MAX, row.schedule.0.into(), row.seat.0.into()]),
        Row::Campaign(row) => (8, vec![i128::MAX, i128::MAX, 0, row.id.0.into()]),
        Row::Code(row) => (8, vec![i128::MAX, i128::MAX, 1, row.campaign.0.into(), row.number.into()]),
        Row::CodeUse(row) => (8, vec![i128::MAX, i128::MAX, 2, row.ticket.queue.0.into(), row.ticket.number.into()]),
        Row::Payment(row) => (9, vec![row.id.0.into()]),
        Row::Idempotency(row) => {
            let mut key = vec![row.stored_at.0.into(), row.user.0.into(), row.endpoint as i128];
            key.extend(row.hash.map(i128::from));
            (10, key)
        }
        Row::Staged { upload, part, .. } => (11, vec![upload.0.cast_signed().into(), (*part).into()]),
        Row::News(row) => (12, vec![row.id.0.into()]),
        Row::Lever(row) => (13, vec![row.id.0.into()]),
        Row::TicketsForgotten { .. }
        | Row::OperatorRemoved(_)
        | Row::EntryForgotten(_)
        | Row::SubjectForgotten(_)
        | Row::GivenBack { .. }
        | Row::Transfer(_)
        | Row::Told(_)
        | Row::ScheduleRemoved(_)
        | Row::ReservationForgotten(_)
        | Row::IdempotencyForgotten { .. }
        | Row::Unstaged(_) => return None,
    })
}

/// Bytes of a table whose rows come after those of bytes alone, which none is as great as.
fn keyed(first: i128, table: i128, bytes: &[u8]) -> Vec<i128> {
    [first, table << 8].into_iter().chain(bytes.iter().copied().map(i128::from)).collect()
}
