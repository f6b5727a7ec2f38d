//! Seats that change all the time: each request holds a seat or drops the hold that is oldest.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant;

use super::{Tokens, reservation_in};
use crate::load::{Next, Reply, Source};
use crate::request::Template;

/// Holds and drops seats of one schedule, keeping about `held_max` of them held. Every reply changed one seat.
#[derive(Debug)]
pub struct Churn {
    schedule: u64,
    seats: u64,
    held_max: usize,
    tokens: Arc<Tokens>,
    next_token: usize,
    /// Free seats, those that were dropped last at the end.
    free: VecDeque<u64>,
    held: VecDeque<Held>,
    /// Others hold seats there too: a refusal is no failure.
    among_others: bool,
    /// Holds can be dropped. Where they cannot, each seat is held once, and its hold lapses.
    drops: bool,
    /// What each connection is waiting for.
    out: Vec<Option<Out>>,
}

#[derive(Clone, Copy, Debug)]
struct Held {
    seat: u64,
    token: usize,
    reservation: u64,
}

#[derive(Clone, Copy, Debug)]
enum Out {
    Reserve { seat: u64, token: usize },
    Cancel { seat: u64 },
}

impl Churn {
    pub fn new(schedule: u64, seats: u64, held_max: usize, tokens: Arc<Tokens>) -> Self {
        let mut churn = Self {
            schedule,
            seats,
            held_max,
            tokens,
            next_token: 0,
            free: VecDeque::new(),
            held: VecDeque::new(),
            among_others: false,
            drops: true,
            out: Vec::new(),
        };
        churn.free = churn.scattered().collect();
        churn
    }

    /// Where others hold seats too.
    #[must_use]
    pub fn among_others(self) -> Self {
        Self { among_others: true, ..self }
    }

    /// Where holds cannot be dropped.
    #[must_use]
    pub fn without_drops(self) -> Self {
        Self { drops: false, held_max: usize::MAX, ..self }
    }

    /// All seats in an order that leaps about, as buyers do, instead of along the rows.
    fn scattered(&self) -> impl Iterator<Item = u64> + use<> {
        // A prime that divides no number of seats below it, so that each seat comes once.
        const LEAP: u64 = 1_000_003;
        let seats = self.seats;
        (0..seats).map(move |index| index * LEAP % seats + 1)
    }
}

impl Source for Churn {
    fn next(&mut self, slot: usize, _now: Instant, out: &mut Vec<u8>) -> Next {
        let request = if self.held.len() < self.held_max
            && let Some(seat) = self.free.pop_front()
        {
            let token = self.next_token;
            self.next_token += 1;
            Template::reserve(self.schedule, seat).write(self.tokens.get(token), out);
            Out::Reserve { seat, token }
        } else if let Some(held) = self.held.pop_front() {
            Template::cancel(held.reservation).write(self.tokens.get(held.token), out);
            Out::Cancel { seat: held.seat }
        } else {
            return Next::Done;
        };
        if self.out.len() <= slot {
            self.out.resize(slot + 1, None);
        }
        self.out[slot] = Some(request);
        Next::Send
    }

    fn reply(&mut self, slot: usize, _now: Instant, reply: &Reply<'_>) -> bool {
        if reply.status != 200 {
            if let Some(Out::Reserve { seat, .. }) = self.out[slot].take()
                && self.among_others
                && self.drops
            {
                self.free.push_back(seat);
            }
            return self.among_others && matches!(reply.status, 409 | 410);
        }
        match self.out[slot].take() {
            Some(Out::Reserve { seat, token }) => {
                let Some(reservation) = reservation_in(reply.body) else { return false };
                if self.drops {
                    self.held.push_back(Held { seat, token, reservation });
                }
            }
            Some(Out::Cancel { seat }) => self.free.push_back(seat),
            None => return false,
        }
        true
    }

    fn keeps_body(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn held() -> Reply<'static> {
        Reply::new(200, br#"{"data":{"reservationId":77}}"#)
    }

    #[test]
    fn scattered_visits_every_seat_once() {
        let churn = Churn::new(1, 50_000, 10, Arc::default());
        let mut seats: Vec<u64> = churn.scattered().collect();
        seats.sort_unstable();
        assert!(seats.into_iter().eq(1..=50_000));
    }

    #[test]
    fn it_holds_up_to_the_limit_and_then_drops_the_oldest() {
        let tokens = Arc::new(Tokens::collect([&b"a"[..]]));
        let mut churn = Churn::new(9, 10, 1, tokens);
        let now = Instant::now();
        let mut out = Vec::new();
        assert_eq!(churn.next(0, now, &mut out), Next::Send);
        assert_eq!(out, Template::reserve(9, 1).with(b"a"));
        assert!(churn.reply(0, now, &held()));
        out.clear();
        assert_eq!(churn.next(0, now, &mut out), Next::Send);
        assert_eq!(out, Template::cancel(77).with(b"a"));
        assert!(churn.reply(0, now, &held()));
        assert_eq!(churn.free.back(), Some(&1));
    }
}
