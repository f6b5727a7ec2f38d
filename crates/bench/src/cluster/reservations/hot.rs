//! Many who want the same seat at the same time.

use std::ops::Range;
use std::sync::Arc;
use std::time::Instant;

use crate::load::{Next, Reply, Source};
use crate::request::Template;
use crate::sources::{Seats, Tokens};

/// Each seat of a range is wanted by so many users, one after the other without a pause; then comes the next seat.
#[derive(Debug)]
pub(super) struct Hot {
    seats: Seats,
    range: Range<u64>,
    per_seat: u64,
    asked: u64,
    tokens: Arc<Tokens>,
}

impl Hot {
    pub(super) fn new(seats: Seats, range: Range<u64>, per_seat: u64, tokens: Arc<Tokens>) -> Self {
        Self { seats, range, per_seat, asked: 0, tokens }
    }
}

impl Source for Hot {
    fn next(&mut self, _slot: usize, _now: Instant, out: &mut Vec<u8>) -> Next {
        let index = self.range.start + self.asked / self.per_seat;
        if index >= self.range.end {
            return Next::Done;
        }
        let (schedule, seat) = self.seats.at(index);
        Template::reserve(schedule, seat).write(self.tokens.get(self.asked as usize), out);
        self.asked += 1;
        Next::Send
    }

    /// One gets it, the others are told that it is gone.
    fn reply(&mut self, _slot: usize, _now: Instant, reply: &Reply<'_>) -> bool {
        matches!(reply.status, 200 | 409)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_want_a_seat_before_the_next_one_is_wanted() {
        let tokens = Arc::new(Tokens::collect([&b"a"[..], b"b", b"c"]));
        let seats = Seats { first_schedule: 1, seats_per_schedule: 50 };
        let mut source = Hot::new(seats, 4..6, 2, tokens);
        let mut wanted = Vec::new();
        loop {
            let mut out = Vec::new();
            if source.next(0, Instant::now(), &mut out) == Next::Done {
                break;
            }
            let text = String::from_utf8(out).unwrap();
            wanted.push(text.rsplit_once("seatId\":").unwrap().1.to_owned());
        }
        assert_eq!(wanted, ["5}", "5}", "6}", "6}"]);
    }
}
