//! Who gets the next free slot, who is passed over, and what the passing of time does to tickets.

use crate::changes::Changes;
use crate::ids::TicketId;
use crate::operator::Kind;
use crate::row::Row;
use crate::settings::ENDED_RETENTION_MS;
use crate::time::Time;

use super::idle::Holds;
use super::state::{RETURNS_MAX, tenths};
use super::{PRESENCE_BLOCK, Phase, PresenceRow, Queue, State, ticket_hash};

/// The most tickets that one batch admits or passes over; the rest follow with the next.
pub(super) const TURNS_PER_BATCH_MAX: u32 = 10_000;

impl Queue {
    /// Fills the free slots: first those who came back, then the line.
    pub(crate) fn admit(&mut self, changes: &mut Changes<'_>) {
        self.resume_at = (self.has_places_to_end() || !self.is_in_order()).then_some(changes.now);
        while self.admits() && self.active() < self.settings.active_limit {
            let Some(number) = self.next_in_turn() else { break };
            if self.turns_left == 0 {
                self.resume_at = Some(changes.now);
                break;
            }
            if self.is_silent(number, changes) {
                self.pass_over(number, changes);
            } else if !self.let_in(number, changes) {
                break;
            }
            self.turns_left -= 1;
        }
    }

    pub(super) fn next_in_turn(&mut self) -> Option<u32> {
        if !self.is_in_order() {
            return None;
        }
        if let Some((_, &number)) = self.returned.first_key_value() {
            return Some(number);
        }
        let (place, number) = self.line.next_waiting(self.head)?;
        self.head = place;
        Some(number)
    }

    fn is_silent(&self, number: u32, changes: &Changes<'_>) -> bool {
        let seen = self.seen_at(number, changes.now).max(self.seen_floor);
        changes.now.ms_since(seen) > self.settings.waiting_ttl_ms
    }

    /// A ticket that returned and fell silent again keeps the end of its first grace.
    fn pass_over(&mut self, number: u32, changes: &mut Changes<'_>) {
        let until = match self.line.state(number) {
            Some(State::Returned { until, .. }) => until,
            _ => changes.now.plus_ms(self.settings.waiting_grace_ms),
        };
        self.set(number, State::Absent { until }, changes);
        self.end_if_due(number, changes);
    }

    /// Says whether the rate allowed it.
    fn let_in(&mut self, number: u32, changes: &mut Changes<'_>) -> bool {
        if let Some(per_second) = self.settings.admit_per_second {
            if let Err(again) = self.rate.allows(changes.now, per_second) {
                self.resume_at = Some(again);
                return false;
            }
            self.rate.admitted(changes.now);
        }
        let until = changes.now.plus_ms(self.settings.session_ttl_ms);
        self.set(number, State::Progress { until }, changes);
        true
    }

    /// Ends a ticket whose time is up, whether or not its deadline has fired yet.
    pub(crate) fn end_if_due(&mut self, number: u32, changes: &mut Changes<'_>) -> bool {
        let is_over = self.phase == Phase::Over;
        let due = match self.line.state(number) {
            Some(State::Progress { until }) => until <= changes.now,
            Some(State::Absent { until }) => is_over || until <= changes.now,
            Some(State::Waiting | State::Returned { .. }) => is_over,
            Some(State::Done { .. } | State::Expired { .. }) | None => return false,
        };
        if due {
            self.set(number, State::Expired { at: changes.now }, changes);
        }
        due
    }

    /// Tickets that a node heard from. One whose turn had passed is back.
    pub(crate) fn seen(&mut self, numbers: impl Iterator<Item = u32>, changes: &mut Changes<'_>) {
        for number in numbers {
            let Some(state) = self.line.state(number) else { continue };
            let inside = matches!(state, State::Progress { .. });
            if state.ended() || inside && !self.hears_inside || self.end_if_due(number, changes) {
                continue;
            }
            self.mark_seen(number, state, changes);
            if let State::Absent { until } = state
                && self.next_return < RETURNS_MAX
            {
                let order = self.next_return;
                self.next_return += 1;
                self.set(number, State::returned(order, until), changes);
            }
        }
        self.admit(changes);
    }

    fn mark_seen(&mut self, number: u32, state: State, changes: &mut Changes<'_>) {
        let inside = matches!(state, State::Progress { .. });
        if inside {
            self.silence.leave(self.seen_at(number, changes.now));
        }
        let more = self.traits_of(number, state);
        let Some(ticket) = self.tickets.get_mut(number) else { return };
        let old = ticket_hash(self.id, number, ticket, more);
        // Journal time never goes back.
        ticket.seen = tenths(changes.now);
        changes.replace(old, ticket_hash(self.id, number, ticket, more));
        if inside {
            self.silence.enter(self.seen_at(number, changes.now));
        }
        self.presence_dirty.insert(number / PRESENCE_BLOCK);
    }

    /// Nobody has been silent before this moment.
    pub(crate) fn everybody_is_seen(&mut self, at: Time) {
        let nobody_inside = !self.hears_inside || self.sessions.is_empty();
        if self.line.is_empty() && self.returned.is_empty() && nobody_inside {
            return;
        }
        self.seen_floor = at;
        self.dirty = true;
    }

    /// When something happens next without anybody asking.
    pub(crate) fn next_deadline(&self) -> Time {
        let first = |deadlines: &std::collections::BTreeSet<(Time, u32)>| deadlines.first().map(|&(at, _)| at);
        let all = [first(&self.sessions), first(&self.absent), self.resume_at, self.moves_at, self.next_idle()];
        all.into_iter().flatten().min().unwrap_or(Time::NEVER)
    }

    /// Begins the phase that is due, ends what is due, at most `budget` tickets, and fills the slots. Gives what those who wait
    /// should hear.
    pub(crate) fn fire(&mut self, budget: &mut u32, holds: Holds<'_>, changes: &mut Changes<'_>) -> Option<Kind> {
        self.turns_left = TURNS_PER_BATCH_MAX;
        self.take_out_left();
        let news = self.move_phase(changes);
        while *budget > 0 {
            let due = [self.sessions.first(), self.absent.first()].into_iter().flatten().min();
            let Some(&(_, number)) = due.filter(|&&(at, _)| at <= changes.now) else { break };
            if !self.is_kept(number, holds, changes) {
                self.set(number, State::Expired { at: changes.now }, changes);
            }
            *budget -= 1;
        }
        self.end_idle(budget, holds, changes);
        self.end_places(budget, changes);
        self.admit(changes);
        self.forget(changes);
        news
    }

    /// Forgets the oldest chunk of tickets once all of them have long ended; sooner where there are very many.
    fn forget(&mut self, changes: &mut Changes<'_>) {
        let crowded = self.remembered() > self.tickets_max / 2;
        let before = Time(changes.now.0.saturating_sub(if crowded { 0 } else { ENDED_RETENTION_MS }));
        if !self.tickets.oldest_chunk_ended(before) || self.keeps_from(self.tickets.first(), crowded) {
            return;
        }
        let first = self.tickets.first();
        for (number, ticket) in (first..).zip(self.tickets.forget_oldest_chunk()) {
            if let Some(state) = self.line.state(number) {
                changes.remove(ticket_hash(self.id, number, &ticket, self.traits_of(number, state)));
            }
        }
        self.line.forget_chunk(first);
        self.forget_places();
        self.joined = self.joined.split_off(&self.tickets.first());
        self.head = self.head.max(self.first_place(self.tickets.first()));
        self.dirty = true;
        changes.row(Row::TicketsForgotten { queue: self.id, before: self.tickets.first() });
    }

    /// Emits what changed in this batch and has one row for many changes.
    pub(crate) fn end_batch(&mut self, changes: &mut Changes<'_>) {
        for block in core::mem::take(&mut self.presence_dirty) {
            let first = block * PRESENCE_BLOCK;
            let end = first.saturating_add(PRESENCE_BLOCK).min(self.tickets.next());
            let seen = (first..end).map(|number| self.tickets.get(number).map_or(0, |ticket| ticket.seen)).collect();
            changes.row(Row::Presence(PresenceRow { queue: self.id, first, seen }));
        }
        self.end_batch_of_idle(changes);
        self.end_batch_of_networks(&mut |row| changes.row(row));
        if core::mem::take(&mut self.dirty) {
            let new = self.row_hash();
            changes.replace(self.hash, new);
            self.hash = new;
            changes.row(Row::Queue(Box::new(self.row())));
        }
    }

    /// The ticket's id in the whole store.
    #[must_use]
    pub fn id_of(&self, number: u32) -> TicketId {
        TicketId { queue: self.id, number }
    }
}
