//! An engine from the rows that another one emitted.

use crate::level;
use crate::queue::{Queue, QueueRow};
use crate::reservation::{ReservationRow, State};
use crate::row::Row;

use super::{Engine, Mark};

/// Why rows do not make an engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    #[error("the rows do not fit together: {0}")]
    Inconsistent(String),
    #[error("the state's fingerprint is {found:#018x}, but {stored:#018x} was stored with it")]
    Fingerprint { stored: u64, found: u64 },
}

/// An engine in the making.
pub struct Loader {
    engine: Engine,
    /// As they are to be when all of their tickets are in.
    queues: Vec<QueueRow>,
}

impl Default for Loader {
    fn default() -> Self {
        Self::new()
    }
}

impl Loader {
    /// To be given row by row: settings, level, queues, tickets by number, presence, activity, wallets, adjustments, subjects, used
    /// entry tokens, seat limits, people who were erased, revoked users,
    /// operators, concerts, schedules, seats, reservations, tickets that were issued anew, seats that are held back, campaigns by id, codes, uses of codes,
    /// payments, idempotency keys, staged parts; then [`Loader::finish`].
    #[must_use]
    pub fn new() -> Self {
        Self { engine: Engine::bare(), queues: Vec::new() }
    }

    /// The engine as far as it is loaded, to be looked at.
    #[must_use]
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Takes one row in.
    ///
    /// # Errors
    /// When the row does not fit those before it.
    pub fn load(&mut self, row: Row) -> Result<(), LoadError> {
        let sum = self.load_row(row).map_err(LoadError::Inconsistent)?;
        self.engine.fingerprint = self.engine.fingerprint.wrapping_add(sum);
        Ok(())
    }

    fn load_row(&mut self, row: Row) -> Result<u64, String> {
        let engine = &mut self.engine;
        let sum = match row {
            Row::Settings(settings) => {
                engine.settings = *settings;
                engine.settings.hash()
            }
            Row::Level(level) => {
                engine.level = level;
                level::hash(level)
            }
            Row::Queue(row) => {
                if usize::from(row.id.0) != engine.queues.len() {
                    return Err(format!("queue {} where {} is due", row.id, engine.queues.len()));
                }
                self.queues.push((*row).clone());
                engine.queues.push(Queue::load(*row));
                0
            }
            Row::Ticket(row) => {
                let queue = engine.queues.get_mut(usize::from(row.ticket.queue.0)).ok_or("a ticket of no queue")?;
                queue.load_ticket(&row)?;
                0
            }
            Row::Presence(row) => {
                let queue = engine.queues.get_mut(usize::from(row.queue.0)).ok_or("presence in no queue")?;
                queue.load_presence(&row);
                0
            }
            Row::Activity(row) => {
                let queue = engine.queues.get_mut(usize::from(row.queue.0)).ok_or("activity in no queue")?;
                queue.load_activity(&row)?;
                0
            }
            Row::Networks(row) => {
                let queue = engine.queues.get_mut(usize::from(row.queue.0)).ok_or("networks of no queue")?;
                queue.load_networks(&row)?;
                0
            }
            Row::Wallet { user, balance } => engine.wallets.load(user, balance),
            Row::Adjustment(row) => engine.adjustments.load(&row),
            Row::Subject { digest, user } => engine.subjects.load(digest, user),
            Row::Entry(row) => engine.entries.load(row),
            Row::Erased(row) => engine.erasures.load(row),
            Row::SeatLimit { user, seats } => engine.seat_limits.load(user, seats),
            Row::Revoked { user, since } => engine.revoked.load(user, since),
            Row::Operator(row) => engine.roster.load(row),
            Row::Concert(concert) => {
                let queue = engine.queue_named(&concert.queue).ok_or("a concert of no queue")?.id();
                engine.catalog.load_concert(concert, queue)
            }
            Row::Schedule(row) => engine.catalog.load_schedule(*row),
            Row::Seats { schedule, seats } => {
                engine.catalog.load_seats(schedule, seats).ok_or("seats of no schedule")?
            }
            Row::Reservation(row) => {
                if row.state.keeps_seats() {
                    engine.check_loaded(&row)?;
                    engine.catalog.take(&row);
                }
                if let State::Paid { .. } = row.state {
                    engine.catalog.sell(&row);
                }
                engine.book.load(row)
            }
            Row::Withheld(row) => engine.catalog.load_withheld(row)?,
            Row::Reissued(row) => engine.reissued.load(row),
            Row::Campaign(row) => engine.codes.load_campaign(*row)?,
            Row::Code(row) => engine.codes.load_code(&row)?,
            Row::CodeUse(row) => {
                let queue =
                    engine.queues.get_mut(usize::from(row.ticket.queue.0)).ok_or("a use of a code in no queue")?;
                queue.note_code(row.user);
                engine.codes.load_use(&row)?
            }
            Row::Idempotency(row) => engine.keys.load(row),
            Row::Staged { upload, bytes, .. } => engine.catalog.load_staged(upload, bytes),
            // History: the state that it left is in other rows.
            Row::Payment(_) | Row::Transfer(_) | Row::News(_) | Row::Lever(_) | Row::Told(_) => 0,
            Row::TicketsForgotten { .. }
            | Row::OperatorRemoved(_)
            | Row::EntryForgotten(_)
            | Row::SubjectForgotten(_)
            | Row::ScheduleRemoved(_)
            | Row::GivenBack { .. }
            | Row::ReservationForgotten(_)
            | Row::IdempotencyForgotten { .. }
            | Row::Unstaged(_) => return Err("a removal among the rows of a state".to_owned()),
        };
        Ok(sum)
    }

    /// Ends the loading, and checks that this is the state that `mark` was taken of.
    ///
    /// # Errors
    /// When it is not.
    pub fn finish(self, mark: &Mark) -> Result<Engine, LoadError> {
        let Self { mut engine, queues } = self;
        let holds = |user| engine.book.holds_by(user) > 0;
        for (queue, row) in engine.queues.iter_mut().zip(&queues) {
            let sum = queue.finish_load(row, mark.time, engine.level, &holds).map_err(LoadError::Inconsistent)?;
            engine.fingerprint = engine.fingerprint.wrapping_add(sum);
        }
        engine.catalog.finish_load(mark.time);
        engine.seq = mark.seq;
        engine.time = mark.time;
        engine.book.next = mark.counters.next_reservation;
        engine.next_payment = mark.counters.next_payment;
        engine.wallets.next_transfer = mark.counters.next_transfer;
        engine.wallets.charged = mark.counters.charged;
        engine.wallets.sold = mark.counters.sold;
        match engine.mark().fingerprint {
            found if found == mark.fingerprint => Ok(engine),
            found => Err(LoadError::Fingerprint { stored: mark.fingerprint, found }),
        }
    }
}

impl Engine {
    /// The seats that a reservation keeps are there, and nobody else's.
    fn check_loaded(&self, row: &ReservationRow) -> Result<(), String> {
        for &seat in &row.seats {
            match self.seat(row.schedule, seat) {
                Some((_, None)) => {}
                Some((_, Some(other))) => {
                    return Err(format!(
                        "reservations {other} and {} both keep seat {seat} of schedule {}",
                        row.id, row.schedule
                    ));
                }
                None => {
                    return Err(format!(
                        "reservation {} keeps seat {seat} that schedule {} has not",
                        row.id, row.schedule
                    ));
                }
            }
        }
        Ok(())
    }
}
