//! Whether an engine shows what the model says, in everything that can be observed.

use onsale_domain::engine::Engine;
use onsale_domain::ids::{ReservationId, UserId};
use onsale_domain::level::FAIRNESS;
use onsale_domain::queue::{Queue, State, Status, Tier};
use onsale_domain::time::Time;

use super::line::Ticket;
use super::{Line, Model};

impl Model {
    pub(crate) fn assert_shown_by(&self, engine: &Engine) {
        assert_eq!((engine.level(), engine.settings()), (self.level, &self.settings));
        assert_eq!(engine.queues().len(), self.lines.len());
        for (queue, line) in engine.queues().iter().zip(&self.lines) {
            assert_line(queue, line);
            assert_idle(queue, line, &self.holders());
            let silent =
                if self.level < FAIRNESS { 0 } else { line.silent(self.now, 2 * line.settings.waiting_ttl_ms).len() };
            assert_eq!(queue.silent(Time(self.now)) as usize, silent, "silent inside");
        }
        for &(user, balance) in &self.wallets {
            assert_eq!(engine.wallets().balance(user), balance, "the wallet of {user}");
        }
        let mut operators = self.operators.clone();
        operators.sort_by(|a, b| a.name.cmp(&b.name));
        assert!(engine.roster().all().eq(&operators), "the operators");
        for (reference, adjustment) in &self.adjusted {
            assert_eq!(engine.adjustments().get(reference), Some(*adjustment), "reference {reference}");
        }
        for (digest, number) in &self.subjects {
            assert_eq!(engine.subjects().get(digest), Some(UserId(*number)), "a subject's number");
        }
        for &(user, seats) in &self.seat_limits {
            assert_eq!(engine.seat_limits().of(user), Some(seats), "the seats of {user}");
        }
        let shown = (engine.subjects().len(), engine.entries().len(), engine.seat_limits().len());
        assert_eq!(shown, (self.subjects.len(), self.used.len(), self.seat_limits.len()), "people");
        for &(user, since) in &self.revoked {
            assert_eq!(engine.revoked().since(user), Time(since), "the tokens of {user}");
        }
        assert_eq!(engine.erasures().len(), self.erased.len(), "who was erased");
        for row in &self.erased {
            assert_eq!(engine.erasures().at(row.user), Some(row.at), "when {} was erased", row.user);
            assert!(row.pseudonym.is_none_or(|pseudonym| engine.erasures().has(&pseudonym)), "by what {}", row.user);
        }
        assert_eq!(engine.wallets().sum(), 0, "the ledger");
        assert_eq!(engine.mark().counters.charged, self.charged, "all charges");
        self.assert_seats(engine);
        self.assert_codes(engine);
        for id in (1..=self.reservations.len() as u64 + self.passed_over + 1).map(ReservationId) {
            assert_eq!(engine.reservation(id), self.reservation(id), "reservation {id}");
            for &seat in self.reservation(id).iter().flat_map(|row| &row.seats) {
                let issued = self.reissued.iter().filter(|one| **one == (id, seat)).count() as u32;
                assert_eq!(engine.reissued().of(id, seat), issued, "the ticket of seat {seat} in {id}");
            }
        }
        self.assert_next_deadline(engine);
    }

    fn assert_seats(&self, engine: &Engine) {
        assert!(engine.seats_agree());
        for sale in &self.sales {
            let id = sale.schedule.id;
            assert_eq!(engine.available(id), self.available(id), "what is left of schedule {id}");
            for spec in &sale.seats {
                let expected = (spec, self.taken_by(id, spec.seat));
                assert_eq!(engine.seat(id, spec.seat), Some(expected), "seat {} of schedule {id}", spec.seat);
            }
            let mut withheld: Vec<_> = self.withheld.iter().filter(|row| row.schedule == id).collect();
            withheld.sort_by_key(|row| row.seat);
            assert!(engine.withheld(id).eq(withheld), "what is held back of schedule {id}");
            for &(user, _) in &self.wallets {
                assert_eq!(engine.holds_of(user, id), self.holds_of(user, id), "holds of {user} in {id}");
            }
        }
    }

    /// A node may be woken early, never late, and never for the moment that it has just dealt with.
    fn assert_next_deadline(&self, engine: &Engine) {
        let shown = engine.next_deadline();
        match self.next_deadline() {
            None => assert_eq!(shown, Time::NEVER),
            Some(at) => assert!(self.now < shown.0 && shown.0 <= at, "next is {at}, the engine says {shown:?}"),
        }
    }
}

fn assert_line(queue: &Queue, line: &Line) {
    let id = line.id;
    assert_eq!((queue.id(), queue.name(), queue.mode()), (id, line.name.as_str(), line.mode));
    assert_eq!(queue.settings(), &line.settings);
    assert_eq!((queue.opening(), queue.phase()), (line.opening, line.phase), "the phase of queue {id}");
    assert_eq!(queue.active(), line.inside(), "who is inside queue {id}");
    for (number, ticket) in line.tickets.iter().enumerate() {
        let n = number as u32;
        assert_eq!(queue.ticket(n), Some((ticket.user, ticket.state)), "ticket {n} of queue {id}");
        assert_eq!(queue.position(n), line.position(number), "the place of ticket {n} of queue {id}");
        assert_eq!(queue.line().tier(n).map(Tier::number), ticket.tier, "the tier of ticket {n} of queue {id}");
        let live = line.live(ticket.user).map(|live| live as u32);
        assert_eq!(queue.live_ticket(ticket.user), live, "the place of user {} in queue {id}", ticket.user);
    }
    assert_eq!(queue.ticket(line.tickets.len() as u32), None);
    let waits = |ticket: &&Ticket, tier| ticket.state == State::Waiting && ticket.tier == Some(tier);
    let by_tier: Vec<_> =
        (1..=9).map(|tier| line.tickets.iter().filter(|ticket| waits(ticket, tier)).count() as u32).collect();
    let surplus = line.tickets.iter().filter(|ticket| waits(ticket, 10)).count() as u32;
    assert_eq!(queue.line().waiting_surplus(), surplus, "who waits as the surplus of a network in queue {id}");
    assert_eq!(queue.line().waiting_by_tier().as_slice(), by_tier, "who waits in the tiers of queue {id}");
}

/// What readers are told of those inside: a node notes nothing of what somebody does of whom it knows no end.
fn assert_idle(queue: &Queue, line: &Line, holders: &[UserId]) {
    let inside = line.tickets.iter().enumerate().filter(|(_, ticket)| ticket.state.status() == Status::Progress);
    for (number, ticket) in inside.filter(|_| line.settings.session_idle_ms.is_some()) {
        let shown = queue.line().active(number as u32).unwrap_or_default();
        let known = shown == Time::NEVER && holders.contains(&ticket.user)
            || shown.max(queue.seen_floor()).0 == ticket.active.max(line.everybody_seen);
        assert!(
            known,
            "ticket {number} of queue {} is shown as active at {shown:?}, not {}",
            queue.id(),
            ticket.active
        );
    }
}
