//! Crossing pairs: one takes seats 1 then 2, the other 2 then 1. Where seats are rows that are locked one by one, this
//! is how a deadlock is made.

use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;

use super::super::{hidden_in, open_load};
use crate::audit::{Rule, Tally};
use crate::load::{Next, Pace, Reply, Source};
use crate::measure::{self, Load};
use crate::profile::Act;
use crate::report::{Figure, Part};
use crate::request::Template;
use crate::run::Run;
use crate::site::{Site, grown};
use crate::sources::{Tokens, reservation_in};

/// What a person does next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    First,
    Second,
    /// Drop what is held, the last first.
    Drop,
}

#[derive(Clone, Copy, Debug)]
struct Person {
    step: Step,
    seats: [u64; 2],
    held: [Option<u64>; 2],
}

/// Each connection is a person, two of them a pair that wants the same two seats in opposite order.
struct Pairs {
    tokens: Arc<Tokens>,
    schedule: u64,
    people: Vec<Person>,
    stall: Duration,
    stalls: Tally,
    both: u64,
    refused: u64,
    /// Where holds cannot be dropped each pair goes on to other seats, as long as there are any from this one on.
    seats_left: Option<u64>,
}

impl Pairs {
    fn new(tokens: &Arc<Tokens>, (schedule, seats): (u64, u64), pairs: usize, stall: Duration) -> Self {
        let person = |index: usize| {
            let pair = index as u64 / 2;
            // From the end: the front row may be somebody's, on a server that is not ours.
            let (one, two) = (seats - 2 * pair, seats - 2 * pair - 1);
            let seats = if index.is_multiple_of(2) { [one, two] } else { [two, one] };
            Person { step: Step::First, seats, held: [None; 2] }
        };
        Self {
            tokens: Arc::clone(tokens),
            schedule,
            people: (0..2 * pairs).map(person).collect(),
            stall,
            stalls: Tally::new(Rule::NoStall),
            both: 0,
            refused: 0,
            seats_left: None,
        }
    }

    /// Where holds cannot be dropped: seats below those of the first round, down to `last`.
    fn without_drops(mut self, seats: u64, last: u64) -> Self {
        self.seats_left = Some(seats.saturating_sub(self.people.len() as u64 + last));
        self
    }

    /// After an answer: what was held, or nothing.
    fn turn(&mut self, slot: usize, held: Option<u64>) {
        let person = &mut self.people[slot];
        match person.step {
            Step::First => {
                person.held[0] = held;
                person.step = Step::Second;
            }
            Step::Second => {
                person.held[1] = held;
                self.both += u64::from(person.held.iter().all(Option::is_some));
                person.step = if person.held.iter().any(Option::is_some) { Step::Drop } else { Step::First };
                if self.seats_left.is_some() {
                    self.go_on(slot);
                }
            }
            Step::Drop => {
                if person.held[1].take().is_none() {
                    person.held[0] = None;
                }
                person.step = if person.held[0].is_some() { Step::Drop } else { Step::First };
            }
        }
    }
}

impl Pairs {
    /// The next two seats, which the other of the pair goes on to, too: as many below as there are people.
    fn go_on(&mut self, slot: usize) {
        let step = self.people.len() as u64;
        let person = &mut self.people[slot];
        (person.step, person.held) = (Step::First, [None; 2]);
        let lowest = person.seats.iter().copied().min().unwrap_or(0);
        match &mut self.seats_left {
            Some(left) if *left >= step && lowest > step => {
                person.seats = person.seats.map(|seat| seat - step);
                // Each of two comes by here.
                *left -= 1;
            }
            Some(left) => *left = 0,
            None => {}
        }
    }
}

impl Source for Pairs {
    fn next(&mut self, slot: usize, _now: Instant, out: &mut Vec<u8>) -> Next {
        if self.seats_left == Some(0) {
            return Next::Done;
        }
        let person = &self.people[slot];
        let template = match person.step {
            Step::First => Template::reserve(self.schedule, person.seats[0]),
            Step::Second => Template::reserve(self.schedule, person.seats[1]),
            Step::Drop => Template::cancel(person.held[1].or(person.held[0]).unwrap_or(1)),
        };
        template.write(self.tokens.get(slot), out);
        Next::Send
    }

    fn reply(&mut self, slot: usize, now: Instant, reply: &Reply<'_>) -> bool {
        let (took, stall, step) = (now.saturating_duration_since(reply.sent), self.stall, self.people[slot].step);
        self.stalls.judge(took <= stall, || format!("{step:?} of a crossing pair took {took:?}"));
        self.refused += u64::from(reply.status == 409);
        // A hold that has lapsed in the meantime cannot be dropped any more.
        let is_right = reply.is_success() || reply.status == 409 || (step == Step::Drop && reply.status == 410);
        let held = if reply.is_success() { reservation_in(reply.body) } else { None };
        self.turn(slot, held);
        is_right
    }

    fn lost(&mut self, slot: usize, _now: Instant) {
        self.stalls.judge(false, || "a request of a crossing pair was never answered".to_owned());
        self.turn(slot, None);
    }

    fn keeps_body(&self) -> bool {
        true
    }
}

pub(super) fn crossing_pairs(run: &mut Run<'_>, site: &Site, tokens: &Arc<Tokens>) -> Result<Part> {
    let plan = run.plan();
    let date = site.catalog.largest()?;
    let drops = site.has(Act::Cancel);
    let pairs = plan.reserve.pairs.min(tokens.len() / 2).min(usize::try_from(date.total_seats / 2).unwrap_or(1)).max(1);
    let mut source = Pairs::new(tokens, (date.schedule_id, date.total_seats), pairs, *plan.reserve.stall);
    if !drops {
        // Half of the seats stay for those who come after.
        source = source.without_drops(date.total_seats, date.total_seats / 2);
    }
    let load = Load {
        connections: 2 * pairs,
        pace: Pace::Closed,
        warm_up: Duration::ZERO,
        duration: *plan.reserve.pairs_duration,
        ..open_load(plan, &format!("{pairs} crossing pairs"), 0.0)
    };
    let before = site.counters();
    let (step, report) = measure::run(site, &load, &mut source, &mut run.progress)?;
    let after = site.counters();
    let (busy, deadlocks) = (grown(before.busy, after.busy), grown(before.deadlocks, after.deadlocks));
    let lock_waits = after.lock_waits;
    if let Some(deadlocks) = deadlocks {
        source.stalls.judge(deadlocks == 0.0, || format!("the database counts {deadlocks} deadlocks"));
    }
    run.judge_hidden("reserve crossing pairs", hidden_in(&report));
    let stalls = source.stalls.wrong();
    run.checks.push(source.stalls.into_check("reserve"));
    Ok(Part {
        id: "deadlocks".to_owned(),
        title: "Deadlocks: crossing pairs".to_owned(),
        figures: vec![
            Figure::new("stalls", &format!("Requests that took longer than {:?}", *plan.reserve.stall), stalls as f64, "", "client"),
            Figure::new("both", "Times that somebody got both seats", source.both as f64, "", "client"),
            Figure::new("refused", "Refused, because the other had the seat", source.refused as f64, "", "client"),
            Figure::maybe("busy", "SQLite BUSY or LOCKED", busy, "", "/metrics onsale_storage_busy_total", "the server does not count them"),
            Figure::maybe(
                "database_deadlocks",
                "Deadlocks that the database found",
                deadlocks,
                "",
                "/metrics onsale_database_deadlocks_total",
                "the store is not in a database that counts them (PostgreSQL does)",
            ),
            Figure::maybe(
                "database_lock_waits",
                "Sessions that wait for a lock in the database, right afterwards",
                lock_waits,
                "",
                "/metrics onsale_database_lock_waits",
                "the store is not in a database that counts them (PostgreSQL does)",
            ),
        ],
        steps: super::only(step),
        notes: vec!["Of each pair one takes seats 1 then 2 and the other 2 then 1, as fast as they are answered; then both drop what they have.".to_owned()],
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_person_takes_two_drops_both_and_begins_again() {
        let mut pairs = Pairs::new(&Arc::default(), (1, 2), 1, Duration::from_secs(1));
        assert_eq!((pairs.people[0].seats, pairs.people[1].seats), ([2, 1], [1, 2]));
        for (held, then) in [
            (Some(7), Step::Second),
            (Some(8), Step::Drop),
            (None, Step::Drop),
            (None, Step::First),
            (None, Step::Second),
            (None, Step::First),
        ] {
            pairs.turn(0, held);
            assert_eq!(pairs.people[0].step, then);
        }
        assert_eq!(pairs.both, 1);
    }
}
