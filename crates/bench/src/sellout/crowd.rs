//! All people together, as a source of requests: who is due goes next, over whichever connection is free.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::time::{Duration, Instant};

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng};

use super::Arguments;
use super::buyer::{Buyer, Temper, Turn};
use super::history::History;
use crate::load::{Next, Reply, Source};

/// Somebody whom the service had no room for comes back after this.
const RETRY: Duration = Duration::from_secs(1);

/// The people, and when each of them is due.
#[derive(Debug)]
pub(super) struct Crowd {
    arguments: Arguments,
    pub(super) buyers: Vec<Buyer>,
    /// Time since the start, and who.
    due: BinaryHeap<Reverse<(Duration, u32)>>,
    /// Who is waiting for an answer, by connection.
    asking: Vec<u32>,
    random: SmallRng,
    pub(super) history: History,
}

impl Crowd {
    pub(super) fn new(arguments: &Arguments) -> Self {
        let mut random = SmallRng::seed_from_u64(arguments.seed);
        let (lapses, leaves) = (arguments.lapse_percent, arguments.lapse_percent + arguments.leave_percent);
        let buyers = (0..arguments.users).map(|_| {
            Buyer::new(match random.random_range(0.0..100.0) {
                percent if percent < lapses => Temper::Lapses,
                percent if percent < leaves => Temper::Leaves,
                _ => Temper::Buys,
            })
        });
        let buyers = buyers.collect();
        let arrival =
            |random: &mut SmallRng| Duration::from_secs_f64(random.random::<f64>() * arguments.arrival_seconds);
        let due = (0..arguments.users).map(|buyer| Reverse((arrival(&mut random), buyer))).collect();
        Self {
            arguments: arguments.clone(),
            buyers,
            due,
            asking: vec![0; arguments.connections],
            random,
            history: History::new(arguments.seats),
        }
    }

    fn schedule(&mut self, buyer: u32, now: Instant, after: Duration) {
        self.due.push(Reverse((self.history.elapsed(now) + after, buyer)));
    }
}

impl Source for Crowd {
    fn next(&mut self, slot: usize, now: Instant, out: &mut Vec<u8>) -> Next {
        if self.history.is_sold_out() {
            return Next::Done;
        }
        let elapsed = self.history.elapsed(now);
        match self.due.peek() {
            Some(&Reverse((due, buyer))) if due <= elapsed => {
                self.due.pop();
                self.asking[slot] = buyer;
                self.buyers[buyer as usize].write(u64::from(buyer) + 1, out);
                Next::Send
            }
            Some(&Reverse((due, _))) => Next::After(now + (due - elapsed)),
            // Everybody is waiting for an answer, or gone; the run's limit ends the latter.
            None => Next::After(now + RETRY),
        }
    }

    fn reply(&mut self, slot: usize, now: Instant, reply: &Reply<'_>) -> bool {
        let index = self.asking[slot];
        let buyer = &mut self.buyers[index as usize];
        self.history.replied(buyer.call(), now);
        match buyer.turn(reply, &self.arguments, &mut self.random) {
            Turn::Then(step, after) => {
                buyer.step = step;
                self.schedule(index, now, after);
            }
            Turn::Refused(step, after) => {
                buyer.step = step;
                self.history.refused += 1;
                self.schedule(index, now, after);
            }
            Turn::Charged { amount, then } => {
                buyer.step = then;
                self.history.charged(amount);
                self.schedule(index, now, Duration::ZERO);
            }
            Turn::Overloaded => {
                self.history.overloaded += 1;
                self.schedule(index, now, RETRY);
            }
            Turn::Bought { seat, amount } => self.history.paid(seat, amount, now),
            Turn::Gone => {}
            Turn::Unexpected => return false,
        }
        true
    }

    fn keeps_body(&self) -> bool {
        true
    }
}
