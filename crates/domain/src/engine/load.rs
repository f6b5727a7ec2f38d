//! An engine from the rows that another one emitted.

use crate::level;
use crate::queue::{Queue, QueueRow};
use crate::reservation::{ReservationRow, State};
use crate::row::Row;

use super::{Engine, Mark, execute};

/// Why rows do not make an engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LoadError {
    #[error("the rows do not fit together: {0}")]
    Inconsistent(String),
    #[error("the state's fingerprint is {found:#018x}, but {stored:#018x} was stored with it")]
    Fingerprint { stored: u64, found: u64 },
}

#[derive(Debug, Default)]
pub(super) struct Loading {
    queues: Vec<QueueRow>,
}

impl Engine {
    /// An engine to be filled row by row: settings, level, queues, tickets by number, presence, wallets, revoked users,
    /// concerts, schedules, seats, reservations, payments, idempotency keys, staged parts; then [`Engine::finish_load`].
    #[must_use]
    pub fn loading() -> Self {
        Self { loading: Some(Loading::default()), ..Self::bare() }
    }

    /// Takes one row in.
    ///
    /// # Errors
    /// When the row does not fit those before it.
    pub fn load(&mut self, row: Row) -> Result<(), LoadError> {
        let sum = self.load_row(row).map_err(LoadError::Inconsistent)?;
        self.fingerprint = self.fingerprint.wrapping_add(sum);
        Ok(())
    }

    fn load_row(&mut self, row: Row) -> Result<u64, String> {
        let sum = match row {
            Row::Settings(settings) => {
                self.settings = settings;
                execute::settings_hash(&self.settings)
            }
            Row::Level(level) => {
                self.level = level;
                execute::level_hash(level)
            }
            Row::Queue(row) => {
                if usize::from(row.id.0) != self.queues.len() {
                    return Err(format!("queue {} where {} is due", row.id, self.queues.len()));
                }
                if let Some(loading) = &mut self.loading {
                    loading.queues.push(row.clone());
                }
                self.queues.push(Queue::load(row));
                0
            }
            Row::Ticket(row) => {
                let queue = self.queues.get_mut(usize::from(row.ticket.queue.0)).ok_or("a ticket of no queue")?;
                queue.load_ticket(&row)?;
                0
            }
            Row::Presence(row) => {
                let queue = self.queues.get_mut(usize::from(row.queue.0)).ok_or("presence in no queue")?;
                queue.load_presence(&row);
                0
            }
            Row::Wallet { user, balance } => self.wallets.load(user, balance),
            Row::Revoked { user, since } => self.revoked.load(user, since),
            Row::Concert(concert) => {
                let queue = self.queue_named(&concert.queue).ok_or("a concert of no queue")?.id();
                self.catalog.load_concert(concert, queue)
            }
            Row::Schedule(row) => self.catalog.load_schedule(row),
            Row::Seats { schedule, seats } => self.catalog.load_seats(schedule, seats).ok_or("seats of no schedule")?,
            Row::Reservation(row) => {
                if row.state.keeps_seats() {
                    self.check_loaded(&row)?;
                    self.catalog.take(&row);
                }
                if let State::Paid { .. } = row.state {
                    self.catalog.sell(&row);
                }
                self.book.load(row)
            }
            Row::Idempotency(row) => self.keys.load(row),
            Row::Staged { upload, bytes, .. } => self.catalog.load_staged(upload, bytes),
            // History: the state that it left is in other rows.
            Row::Payment(_) | Row::Transfer(_) | Row::News(_) | Row::Lever(_) => 0,
            Row::TicketsForgotten { .. }
            | Row::ScheduleRemoved(_)
            | Row::ReservationForgotten(_)
            | Row::IdempotencyForgotten { .. }
            | Row::Unstaged(_) => return Err("a removal among the rows of a state".to_owned()),
        };
        Ok(sum)
    }

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

    /// Ends the loading, and checks that this is the state that `mark` was taken of.
    ///
    /// # Errors
    /// When it is not.
    pub fn finish_load(mut self, mark: &Mark) -> Result<Self, LoadError> {
        let rows = self.loading.take().unwrap_or_default().queues;
        for (queue, row) in self.queues.iter_mut().zip(&rows) {
            let sum =
                queue.finish_load(row, mark.time, self.level >= level::FAIRNESS).map_err(LoadError::Inconsistent)?;
            self.fingerprint = self.fingerprint.wrapping_add(sum);
        }
        self.seq = mark.seq;
        self.time = mark.time;
        self.book.next = mark.counters.next_reservation;
        self.next_payment = mark.counters.next_payment;
        self.wallets.next_transfer = mark.counters.next_transfer;
        self.wallets.charged = mark.counters.charged;
        self.wallets.sold = mark.counters.sold;
        match self.mark().fingerprint {
            found if found == mark.fingerprint => Ok(self),
            found => Err(LoadError::Fingerprint { stored: mark.fingerprint, found }),
        }
    }
}
