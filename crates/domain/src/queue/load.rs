//! A queue from its rows.

use crate::level;
use crate::time::Time;

use super::idle::Holds;
use super::{Owner, PresenceRow, Queue, QueueRow, State, Ticket, TicketRow, ticket_hash};

impl Queue {
    pub(crate) fn load(row: QueueRow) -> Self {
        let mut queue = Self::with(row);
        queue.dirty = false;
        queue
    }

    /// The next ticket, in order of numbers. `Err` says what does not fit.
    pub(crate) fn load_ticket(&mut self, row: &TicketRow) -> Result<(), String> {
        let number = row.ticket.number;
        if number != self.tickets.next() {
            return Err(format!("ticket {number} of queue {} where {} is due", self.id, self.tickets.next()));
        }
        self.tickets.push(Ticket::new(row.user, row.issued_at, row.key));
        self.joined.extend(row.joined_at.map(|at| (number, at)));
        if self.draw().is_some_and(|draw| draw.covers(number)) {
            self.line.note_join(number, row.joined_at.unwrap_or(row.issued_at), row.tier);
        }
        self.line.issue(number, Owner::new(row.user, row.issued_at.0 / 1_000), row.tier);
        self.line.set(number, row.state);
        self.note(number, row.state);
        if let Some(at) = row.admitted_at {
            if !matches!(row.state, State::Progress { .. }) {
                return Err(format!(
                    "ticket {number} of queue {} has a session that may become longer, and is not inside",
                    self.id
                ));
            }
            self.admitted.insert(number, at);
            self.line.set_admitted(number, at);
        }
        match row.state {
            State::Done { at } | State::Expired { at } => self.tickets.note_end(number, at),
            State::Waiting | State::Absent { .. } | State::Returned { .. } | State::Progress { .. } => {
                self.tickets.make_live(number);
            }
        }
        Ok(())
    }

    pub(crate) fn load_presence(&mut self, row: &PresenceRow) {
        for (number, &seen) in (row.first..).zip(&row.seen) {
            if let Some(ticket) = self.tickets.get_mut(number) {
                // None for a ticket that was issued after its block was stored.
                if seen != 0 {
                    ticket.seen = seen;
                }
            }
        }
    }

    /// When all rows are in: the sum of this queue's hashes, or what does not fit.
    pub(crate) fn finish_load(
        &mut self,
        row: &QueueRow,
        now: Time,
        level: u32,
        holds: Holds<'_>,
    ) -> Result<u64, String> {
        self.hears_inside = level >= level::FAIRNESS;
        self.heeds_tiers = level >= level::TIERS;
        for &(_, number) in &self.sessions {
            self.silence.enter(self.seen_at(number, now));
        }
        if self.tickets.next() != row.next_number {
            return Err(format!(
                "queue {} has tickets up to {}, not {}",
                self.id,
                self.tickets.next(),
                row.next_number
            ));
        }
        if self.phase != self.opening.phase_at(now) {
            return Err(format!("queue {} is {:?}, and its times say otherwise", self.id, self.phase));
        }
        self.load_places()?;
        self.moves_at = self.opening.next_after(now);
        self.hash = self.row_hash();
        let is_due = self.admits() && self.active() < self.settings.active_limit && self.next_in_turn().is_some();
        if is_due || self.has_places_to_end() || !self.is_in_order() {
            // Somebody is due a slot, or an end, and lacks the rate's leave, or the last batch's: the next batch tells which.
            self.resume_at = Some(now);
        }
        let mut sum = self.hash.wrapping_add(self.finish_load_of_idle(holds));
        for number in self.tickets.first()..self.tickets.next() {
            if let (Some(ticket), Some(state)) = (self.tickets.get(number), self.line.state(number)) {
                sum = sum.wrapping_add(ticket_hash(self.id, number, ticket, self.traits_of(number, state)));
            }
        }
        Ok(sum)
    }
}
