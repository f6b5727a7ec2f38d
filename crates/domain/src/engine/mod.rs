//! The engine: the five domains under one order of commands.

mod codes;
mod deadlines;
mod enter;
mod erase;
mod execute;
mod load;
mod mark;
mod operate;
mod pay;
mod quote;
mod reserve;
#[cfg(test)]
mod tests;

use crate::changes::Changes;
use crate::codes::Codes;
use crate::command::Batch;
use crate::concert::{Catalog, SeatCounts, SeatSpec, WithheldRow};
use crate::idempotency;
use crate::ids::{EventId, KeyId, PaymentId, QueueId, ReservationId, ScheduleId, SeatId, UserId};
use crate::operator::Roster;
use crate::queue::{DEFAULT_NAME, Queue};
use crate::reply::Outcome;
use crate::reservation::{Book, Reissued, Reservation};
use crate::row::Row;
use crate::settings::Settings;
use crate::time::Time;
use crate::user::{Adjustments, Entries, Erasures, Revoked, SeatLimits, Subjects, Wallets};

pub use execute::QUEUES_MAX;
pub use load::{LoadError, Loader};
pub use mark::{Counters, Mark};

/// The whole state of the store. Two engines that applied the same batches are alike.
pub struct Engine {
    seq: u64,
    time: Time,
    /// The sum of the hashes of all that is in rows.
    fingerprint: u64,
    /// What counts, see [`crate::level`].
    level: u32,
    settings: Settings,
    queues: Vec<Queue>,
    wallets: Wallets,
    adjustments: Adjustments,
    subjects: Subjects,
    entries: Entries,
    erasures: Erasures,
    seat_limits: SeatLimits,
    revoked: Revoked,
    reissued: Reissued,
    codes: Codes,
    roster: Roster,
    catalog: Catalog,
    book: Book,
    next_payment: PaymentId,
    keys: idempotency::Store,
}

impl Default for Engine {
    fn default() -> Self {
        Self::new()
    }
}

impl Engine {
    /// The empty store: the default queue and nothing else.
    #[must_use]
    pub fn new() -> Self {
        let settings = Settings::default();
        let queue = Queue::new(QueueId(0), DEFAULT_NAME.to_owned(), settings.queue.clone());
        Self { queues: vec![queue], fingerprint: settings.hash(), ..Self::bare() }
    }

    /// Nothing at all.
    fn bare() -> Self {
        Self {
            seq: 0,
            time: Time::default(),
            fingerprint: 0,
            level: 0,
            settings: Settings::default(),
            queues: Vec::new(),
            wallets: Wallets::default(),
            adjustments: Adjustments::default(),
            subjects: Subjects::default(),
            entries: Entries::default(),
            erasures: Erasures::default(),
            seat_limits: SeatLimits::default(),
            revoked: Revoked::default(),
            reissued: Reissued::default(),
            codes: Codes::default(),
            roster: Roster::default(),
            catalog: Catalog::default(),
            book: Book::default(),
            next_payment: PaymentId(1),
            keys: idempotency::Store::default(),
        }
    }

    /// Applies the batch with number `seq`, stamped `time`; the outcomes are in the order of its commands, and what
    /// changed is appended to `rows`.
    ///
    /// # Panics
    /// When a batch is missing, or time goes back, or an invariant is broken: then the process must stop.
    pub fn apply(&mut self, seq: u64, time: Time, batch: &Batch, rows: &mut Vec<Row>) -> Vec<Outcome> {
        assert_eq!(seq, self.seq + 1, "batch {seq} comes after {}", self.seq);
        assert!(time >= self.time, "time goes back at batch {seq}");
        self.note_gap(time);
        let mut fingerprint = self.fingerprint;
        let mut changes = Changes::new(time, EventId::new(seq, 0), rows, &mut fingerprint);
        if self.seq == 0 {
            changes.row(Row::Settings(Box::new(self.settings.clone())));
        }
        let due = self.fire(&mut changes);
        self.settle_codes(&mut changes);
        let mut outcomes = Vec::with_capacity(batch.commands.len());
        for (command, place) in batch.commands.iter().zip((0..=u16::MAX).chain(core::iter::repeat(u16::MAX))) {
            changes.event = EventId::new(seq, place);
            outcomes.push(self.execute(command, &mut changes));
            self.settle_codes(&mut changes);
        }
        Self::tell_due(seq, due, &mut changes);
        for queue in &mut self.queues {
            queue.end_batch(&mut changes);
        }
        self.codes.end_batch(&mut changes);
        self.fingerprint = fingerprint;
        self.seq = seq;
        self.time = time;
        outcomes
    }

    /// Where the engine stands.
    #[must_use]
    pub fn mark(&self) -> Mark {
        let counters = self.counters();
        let fingerprint = self.fingerprint.wrapping_add(counters.hash());
        Mark { seq: self.seq, time: self.time, fingerprint, counters }
    }

    fn counters(&self) -> Counters {
        Counters {
            next_reservation: self.book.next,
            next_payment: self.next_payment,
            next_transfer: self.wallets.next_transfer,
            charged: self.wallets.charged,
            sold: self.wallets.sold,
        }
    }

    /// The key that the newest ticket's token was signed with, where one is remembered.
    #[must_use]
    pub fn newest_key(&self) -> Option<KeyId> {
        let newest = self.queues.iter().filter_map(Queue::newest).max_by_key(|ticket| ticket.issued_at);
        newest.map(|ticket| ticket.key)
    }

    /// The store's [level](crate::level).
    #[must_use]
    pub fn level(&self) -> u32 {
        self.level
    }

    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// All queues, by id.
    #[must_use]
    pub fn queues(&self) -> &[Queue] {
        &self.queues
    }

    #[must_use]
    pub fn wallets(&self) -> &Wallets {
        &self.wallets
    }

    /// What operators and shops have moved, by reference.
    #[must_use]
    pub fn adjustments(&self) -> &Adjustments {
        &self.adjustments
    }

    /// Whom entry tokens name by something else than a number.
    #[must_use]
    pub fn subjects(&self) -> &Subjects {
        &self.subjects
    }

    /// The entry tokens that were good once, and were used.
    #[must_use]
    pub fn entries(&self) -> &Entries {
        &self.entries
    }

    /// People who were erased.
    #[must_use]
    pub fn erasures(&self) -> &Erasures {
        &self.erasures
    }

    /// How many seats entry tokens allow whom.
    #[must_use]
    pub fn seat_limits(&self) -> &SeatLimits {
        &self.seat_limits
    }

    #[must_use]
    pub fn revoked(&self) -> &Revoked {
        &self.revoked
    }

    /// Which tickets count, where that is not the first ones.
    #[must_use]
    pub fn reissued(&self) -> &Reissued {
        &self.reissued
    }

    /// Campaigns, their codes, and whose which is.
    #[must_use]
    pub fn codes(&self) -> &Codes {
        &self.codes
    }

    /// The operators who have a key of their own.
    #[must_use]
    pub fn roster(&self) -> &Roster {
        &self.roster
    }

    #[must_use]
    pub fn reservation(&self, id: ReservationId) -> Option<&Reservation> {
        self.book.get(id)
    }

    /// How many seats of the schedule nobody has; `None` when there is no such schedule.
    #[must_use]
    pub fn available(&self, schedule: ScheduleId) -> Option<u32> {
        Some(self.catalog.sale(schedule)?.seats.available())
    }

    /// What of the schedule's seats is free, held, paid and held back; `None` when there is no such schedule.
    #[must_use]
    pub fn seat_counts(&self, schedule: ScheduleId) -> Option<SeatCounts> {
        Some(self.catalog.sale(schedule)?.seats.counts())
    }

    /// The seat's description, and the reservation that keeps it.
    #[must_use]
    pub fn seat(&self, schedule: ScheduleId, seat: SeatId) -> Option<(&SeatSpec, Option<ReservationId>)> {
        self.catalog.sale(schedule)?.seats.get(seat)
    }

    /// The seats of the schedule that operators hold back.
    pub fn withheld(&self, schedule: ScheduleId) -> impl Iterator<Item = &WithheldRow> {
        self.catalog.sale(schedule).into_iter().flat_map(|sale| sale.seats.withheld())
    }

    /// How many live holds the user has in the schedule.
    #[must_use]
    pub fn holds_of(&self, user: UserId, schedule: ScheduleId) -> u32 {
        self.book.had(user, schedule).holds
    }

    /// Every seat that is kept, with the reservation that keeps it, checked against the reservations; what is
    /// checked at each command stays true, so this is for audits and tests.
    #[must_use]
    pub fn seats_agree(&self) -> bool {
        self.catalog.sales().all(|sale| {
            let nobodys = sale.seats.withheld().all(|row| !sale.seats.is_taken(row.seat));
            nobodys
                && sale.seats.taken().all(|(seat, id)| {
                    self.book.get(id).is_some_and(|reservation| {
                        reservation.schedule == sale.schedule.id
                            && reservation.state.keeps_seats()
                            && reservation.seats.contains(&seat)
                    })
                })
        })
    }
}
