//! The waiting line: order, places, and how many are inside.

use std::time::Duration;

use super::{Rule, Tally};
use crate::report::Check;

/// Times are since the start of the run; a request was sent at the one and answered at the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    pub sent: Duration,
    pub acked: Duration,
}

/// The status of a ticket, as an answer tells it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Waiting {
        /// Where the answer tells it.
        position: Option<u64>,
    },
    Inside,
    Ended,
}

/// One ticket, as its owner saw it.
#[derive(Clone, Copy, Debug, Default)]
struct Ticket {
    issued: Option<(Duration, Duration)>,
    /// The last position and when it was acknowledged.
    position: Option<(u64, Duration)>,
    /// When it was last heard of.
    heard: Duration,
    /// It fell silent for so long that others may be let in before it.
    was_silent: bool,
    /// From the first answer that said so to the sending of the last request that was answered so: in between it was
    /// inside for certain.
    inside: Option<(Duration, Duration)>,
}

/// Everybody who waits, or has waited.
#[derive(Debug)]
pub struct Line {
    tickets: Vec<Ticket>,
    /// The active limit, where it is known.
    limit: Option<u64>,
    /// Silence after which a ticket may be passed over.
    silence_max: Duration,
    /// The latest sending of an issue among those that are known to be inside.
    frontier: Option<Duration>,
    order: Tally,
    positions: Tally,
    places: Tally,
    active: Tally,
}

impl Line {
    #[must_use]
    pub fn new(people: usize, limit: Option<u64>, silence_max: Duration) -> Self {
        Self {
            tickets: vec![Ticket::default(); people],
            limit,
            silence_max,
            frontier: None,
            order: Tally::new(Rule::AdmittedInOrder),
            positions: Tally::new(Rule::PositionsNeverRise),
            places: Tally::new(Rule::PlacesKept),
            active: Tally::new(Rule::ActiveLimitKept),
        }
    }

    /// What is known at the moment of sending a request, to be given back with its answer.
    #[must_use]
    pub fn frontier(&self) -> Option<Duration> {
        self.frontier
    }

    /// A token was issued to `who`. `frontier` is that of the moment of sending.
    pub fn issued(&mut self, who: usize, at: Interval, status: Status, frontier: Option<Duration>) {
        let ticket = &mut self.tickets[who];
        if ticket.issued.is_none() {
            *ticket = Ticket { issued: Some((at.sent, at.acked)), heard: at.sent, ..Ticket::default() };
        }
        self.seen(who, at, status, frontier);
    }

    /// An answer told the status of `who`. Only tickets that were issued here are judged.
    pub fn seen(&mut self, who: usize, at: Interval, status: Status, frontier: Option<Duration>) {
        let silence_max = self.silence_max;
        let ticket = &mut self.tickets[who];
        let Some((issue_sent, issue_acked)) = ticket.issued else { return };
        let silence = at.sent.saturating_sub(ticket.heard);
        let was_away = silence > silence_max;
        ticket.was_silent |= was_away;
        ticket.heard = at.sent;
        match status {
            Status::Waiting { position } => {
                // Somebody who joined after this one was acknowledged was known to be inside before this was asked.
                if !ticket.was_silent && issue_acked < at.sent {
                    let passed = frontier.is_some_and(|frontier| frontier > issue_acked);
                    self.order.judge(!passed, || {
                        format!("ticket {who} waits at {:?}, and one that was asked for later is inside", at.sent)
                    });
                }
                if let Some((before, before_acked)) = ticket.position
                    && let Some(position) = position
                    && before_acked <= at.sent
                {
                    let rule = if was_away { &mut self.places } else { &mut self.positions };
                    let limit = before;
                    rule.judge(position <= limit && position > 0, || {
                        format!("ticket {who} was at {before}, and is at {position} after {silence:?}")
                    });
                }
                ticket.position = position.map(|position| (position, at.acked)).or(ticket.position);
            }
            Status::Inside => {
                let (first, last) = ticket.inside.get_or_insert((at.acked, at.sent));
                *first = (*first).min(at.acked);
                *last = (*last).max(at.sent);
                if was_away {
                    self.places.hold(1);
                }
                self.frontier = self.frontier.max(Some(issue_sent));
            }
            Status::Ended => {
                if was_away {
                    // Its turn came while it was silent, and its grace is over or its session was: that is the rule.
                    self.places.hold(1);
                }
            }
        }
    }

    /// The server's own figure of how many are inside.
    pub fn counted_inside(&mut self, count: u64) {
        if let Some(limit) = self.limit {
            self.active.judge(count <= limit, || format!("the server counts {count} inside, and the limit is {limit}"));
        }
    }

    /// So many were found inside at one moment, by asking each of them before and after it.
    pub fn found_inside(&mut self, count: u64) {
        if let Some(limit) = self.limit {
            self.active.judge(count <= limit, || {
                format!("{count} were let in who neither paid nor left, all of them were inside together, and the limit is {limit}")
            });
        }
    }

    /// The most tickets that were inside at once for certain.
    #[must_use]
    pub fn inside_max(&self) -> u64 {
        let mut edges: Vec<(Duration, i64)> = Vec::new();
        for (first, last) in self.tickets.iter().filter_map(|ticket| ticket.inside) {
            if first < last {
                edges.push((first, 1));
                edges.push((last, -1));
            }
        }
        // Who ends at a moment makes room for who begins at it.
        edges.sort_unstable();
        let (mut now, mut most) = (0i64, 0i64);
        for (_, step) in edges {
            now += step;
            most = most.max(now);
        }
        u64::try_from(most).unwrap_or(0)
    }

    /// How many were let in.
    #[must_use]
    pub fn admitted(&self) -> u64 {
        self.tickets.iter().filter(|ticket| ticket.inside.is_some()).count() as u64
    }

    /// The results. Without a known limit that check is left out.
    #[must_use]
    pub fn conclude(mut self, part: &str) -> Vec<Check> {
        let mut checks = Vec::new();
        if let Some(limit) = self.limit {
            let most = self.inside_max();
            self.active.hold(self.admitted());
            self.active.judge(most <= limit, || format!("{most} were inside at once, and the limit is {limit}"));
            checks.push(self.active.into_check(part));
        }
        checks.extend([self.order, self.positions, self.places].map(|tally| tally.into_check(part)));
        checks
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(sent: u64, acked: u64) -> Interval {
        Interval { sent: Duration::from_millis(sent), acked: Duration::from_millis(acked) }
    }

    fn wrong(line: Line, rule: Rule) -> u64 {
        let checks = line.conclude("test");
        checks.iter().find(|check| check.id == rule.id()).map_or(0, |check| check.wrong)
    }

    fn line(limit: u64) -> Line {
        Line::new(4, Some(limit), Duration::from_secs(1))
    }

    #[test]
    fn overtaking_is_seen() {
        let mut line = line(10);
        line.issued(0, at(0, 10), Status::Waiting { position: Some(1) }, None);
        line.issued(1, at(20, 30), Status::Inside, None);
        let frontier = line.frontier();
        line.seen(0, at(40, 50), Status::Waiting { position: Some(1) }, frontier);
        assert_eq!(wrong(line, Rule::AdmittedInOrder), 1);
    }

    #[test]
    fn those_who_asked_at_the_same_time_may_come_in_either_order() {
        let mut line = line(10);
        line.issued(0, at(0, 30), Status::Waiting { position: Some(1) }, None);
        line.issued(1, at(20, 40), Status::Inside, None);
        let frontier = line.frontier();
        line.seen(0, at(50, 60), Status::Waiting { position: Some(1) }, frontier);
        assert_eq!(wrong(line, Rule::AdmittedInOrder), 0);
    }

    #[test]
    fn who_was_silent_may_be_passed_over_but_keeps_the_place() {
        let mut line = line(10);
        line.issued(0, at(0, 10), Status::Waiting { position: Some(5) }, None);
        line.issued(1, at(20, 30), Status::Inside, None);
        let frontier = line.frontier();
        line.seen(0, at(2_000, 2_010), Status::Waiting { position: Some(6) }, frontier);
        let checks = line.conclude("test");
        let of = |rule: Rule| checks.iter().find(|check| check.id == rule.id()).unwrap();
        assert_eq!((of(Rule::AdmittedInOrder).wrong, of(Rule::PlacesKept).wrong), (0, 1));
    }

    #[test]
    fn one_too_many_inside_is_seen() {
        let mut line = line(1);
        for who in 0..2 {
            line.issued(who, at(0, 10), Status::Inside, None);
            line.seen(who, at(100, 110), Status::Inside, None);
        }
        assert_eq!(wrong(line, Rule::ActiveLimitKept), 1);
    }

    #[test]
    fn one_after_the_other_is_within_the_limit() {
        let mut line = line(1);
        line.issued(0, at(0, 10), Status::Inside, None);
        line.seen(0, at(100, 110), Status::Inside, None);
        line.issued(1, at(90, 105), Status::Inside, None);
        line.seen(1, at(200, 210), Status::Inside, None);
        assert_eq!(wrong(line, Rule::ActiveLimitKept), 0);
    }

    #[test]
    fn a_position_that_gets_worse_is_seen() {
        let mut line = line(1);
        line.issued(0, at(0, 10), Status::Waiting { position: Some(3) }, None);
        line.seen(0, at(20, 30), Status::Waiting { position: Some(4) }, None);
        assert_eq!(wrong(line, Rule::PositionsNeverRise), 1);
    }
}
