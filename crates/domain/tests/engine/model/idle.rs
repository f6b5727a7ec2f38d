//! Those who are inside and do nothing.

use onsale_domain::ids::UserId;
use onsale_domain::queue::{State, Status};
use onsale_domain::time::Time;
use roaring::RoaringBitmap;

use super::Line;

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
    }
}
