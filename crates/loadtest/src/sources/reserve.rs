//! Reservations, each its own user and seat.

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use serde::Deserialize;

use super::Tokens;
use crate::load::{Next, Reply, Source};
use crate::request::Template;

/// All seats of several schedules of one size, numbered through from 0.
#[derive(Clone, Copy, Debug)]
pub struct Seats {
    pub first_schedule: u64,
    pub seats_per_schedule: u64,
}

impl Seats {
    /// The schedule and the seat with number `index`.
    pub fn at(self, index: u64) -> (u64, u64) {
        (self.first_schedule + index / self.seats_per_schedule, index % self.seats_per_schedule + 1)
    }
}

/// Reserves a range of seats, and keeps what the reservations are called.
#[derive(Debug)]
pub struct Reserve {
    seats: Seats,
    /// The seats to reserve: number k of them by token number k.
    range: Range<u64>,
    done: usize,
    tokens: Arc<Tokens>,
    /// By token; 0 where there is no reply.
    reservations: Vec<u64>,
    asked: Vec<usize>,
    /// Whether replies name reservations: those of the floor name always the same one.
    keeps: bool,
}

impl Reserve {
    /// Only reserves.
    pub fn new(seats: Seats, range: Range<u64>, tokens: Arc<Tokens>) -> Self {
        Self { seats, range, done: 0, tokens, reservations: Vec::new(), asked: Vec::new(), keeps: false }
    }

    /// Reserves and keeps the ids of the reservations.
    pub fn keeping(seats: Seats, range: Range<u64>, tokens: Arc<Tokens>) -> Self {
        Self { keeps: true, ..Self::new(seats, range, tokens) }
    }

    /// The ids of the reservations, in the order of the tokens.
    pub fn into_reservations(self) -> Vec<u64> {
        self.reservations
    }
}

impl Source for Reserve {
    fn next(&mut self, slot: usize, _now: Instant, out: &mut Vec<u8>) -> Next {
        let Some(index) = self.range.next() else { return Next::Done };
        let (schedule, seat) = self.seats.at(index);
        Template::reserve(schedule, seat).write(self.tokens.get(self.done), out);
        if self.keeps {
            if self.asked.len() <= slot {
                self.asked.resize(slot + 1, 0);
            }
            self.asked[slot] = self.done;
            self.reservations.push(0);
        }
        self.done += 1;
        Next::Send
    }

    fn reply(&mut self, slot: usize, _now: Instant, reply: &Reply<'_>) -> bool {
        if reply.status != 200 || !self.keeps {
            return reply.status == 200;
        }
        let Some(reservation) = reservation_in(reply.body) else { return false };
        self.reservations[self.asked[slot]] = reservation;
        true
    }

    fn keeps_body(&self) -> bool {
        self.keeps
    }
}

/// The id in the answer to a reservation.
pub fn reservation_in(body: &[u8]) -> Option<u64> {
    #[derive(Deserialize)]
    struct Envelope {
        data: Data,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    struct Data {
        reservation_id: u64,
    }
    serde_json::from_slice::<Envelope>(body).ok().map(|envelope| envelope.data.reservation_id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seats_are_numbered_through_the_schedules() {
        let seats = Seats { first_schedule: 3, seats_per_schedule: 50 };
        assert_eq!([0, 49, 50, 101].map(|index| seats.at(index)), [(3, 1), (3, 50), (4, 1), (5, 2)]);
    }

    #[test]
    fn reservations_are_in_the_order_of_the_tokens() {
        let tokens = Arc::new(Tokens::collect([&b"a"[..], b"b"]));
        let seats = Seats { first_schedule: 1, seats_per_schedule: 50 };
        let mut source = Reserve::keeping(seats, 10..12, tokens);
        let now = Instant::now();
        for slot in [4, 0] {
            assert_eq!(source.next(slot, now, &mut Vec::new()), Next::Send);
        }
        for (slot, body) in [(0, br#"{"data":{"reservationId":22}}"#), (4, br#"{"data":{"reservationId":11}}"#)] {
            assert!(source.reply(slot, now, &Reply::new(200, body)));
        }
        assert_eq!(source.into_reservations(), [11, 22]);
    }
}
