//! Those who are inside and do nothing.

use onsale_domain::ids::UserId;
use onsale_domain::queue::{State, Status};
use onsale_domain::reply::{Outcome, Refusal, Reply};
use onsale_domain::time::Time;
use roaring::RoaringBitmap;

use super::Line;
use super::line::Ticket;

impl Line {
    /// When each session ends for idleness, by the ticket's number.
    fn idle_ends(&self) -> impl Iterator<Item = (usize, u64)> + '_ {
        let inside = self.tickets.iter().enumerate().filter(|(_, ticket)| ticket.state.status() == Status::Progress);
        inside.filter_map(|(number, ticket)| {
            Some((number, ticket.active.max(self.everybody_seen) + self.settings.session_idle_ms?))
        })
    }

    pub(super) fn next_idle(&self) -> Option<u64> {
        self.idle_ends().map(|(_, at)| at).min()
    }

    /// Whoever holds a seat is doing something.
    pub(super) fn end_idle(&mut self, now: u64, holders: &[UserId]) {
        let due: Vec<_> = self.idle_ends().filter(|&(_, at)| at <= now).map(|(number, _)| number).collect();
        for number in due {
            let ticket = &mut self.tickets[number];
            if holders.contains(&ticket.user) {
                ticket.active = now;
            } else {
                ticket.state = State::Expired { at: Time(now) };
            }
        }
    }

    pub(super) fn active(&mut self, bitmap: &[u8], now: u64) {
        let Ok(numbers) = RoaringBitmap::deserialize_from(bitmap) else { return };
        for number in numbers {
            self.act(number as usize, now);
        }
    }

    /// A hold of theirs has begun.
    pub(crate) fn hold_began(&mut self, user: UserId, now: u64) {
        if let Some(number) = self.live(user) {
            self.slide(number, now);
        }
    }

    /// A hold of theirs has ended.
    pub(crate) fn hold_ended(&mut self, user: UserId, now: u64) {
        if let Some(number) = self.live(user) {
            self.act(number, now);
        }
    }

    fn act(&mut self, number: usize, now: u64) {
        if let Some(ticket) = self.tickets.get_mut(number)
            && ticket.state.status() == Status::Progress
            && self.settings.session_idle_ms.is_some()
        {
            ticket.active = now;
        }
        // At its end a session is over, and what ends in the same moment puts nothing off.
        let is_over = |ticket: &Ticket| matches!(ticket.state, State::Progress { until } if until.0 <= now);
        if !self.tickets.get(number).is_some_and(is_over) {
            self.slide(number, now);
        }
    }

    /// Whoever does something has a whole session again, as long as there is one in all.
    pub(super) fn slide(&mut self, number: usize, now: u64) {
        let (Some(max_ms), ttl_ms) = (self.settings.session_max_ms, self.settings.session_ttl_ms) else { return };
        let Some(ticket) = self.tickets.get_mut(number) else { return };
        let State::Progress { until: Time(until) } = ticket.state else { return };
        let admitted = if ticket.admitted == 0 { until - ttl_ms } else { ticket.admitted };
        let end = (now + ttl_ms).min(admitted + max_ms);
        if end > until {
            ticket.state = State::Progress { until: Time(end) };
            ticket.admitted = admitted;
        }
    }

    /// Somebody else's word of the user's session.
    pub(super) fn inside_of(&self, user: UserId) -> Result<usize, Refusal> {
        let inside = |&number: &usize| self.tickets[number].state.status() == Status::Progress;
        self.live(user).filter(inside).ok_or(Refusal::NotAdmitted)
    }

    pub(super) fn end_session(&mut self, user: UserId, now: u64) -> Outcome {
        let number = self.inside_of(user)?;
        self.tickets[number].state = State::Done { at: Time(now) };
        Ok(Reply::Done)
    }

    pub(super) fn keep_session(&mut self, user: UserId, now: u64) -> Outcome {
        let number = self.inside_of(user)?;
        self.act(number, now);
        let State::Progress { until } = self.tickets[number].state else { return Err(Refusal::SessionExpired) };
        Ok(Reply::SessionKept(until))
    }
}
