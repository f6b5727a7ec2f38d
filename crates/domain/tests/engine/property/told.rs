//! What somebody comes to who knows the events alone, held against the engine.

use std::collections::BTreeMap;

use onsale_domain::engine::Engine;
use onsale_domain::feed::{Event, Hold, Sold, Token};
use onsale_domain::ids::{ReservationId, ScheduleId, SeatId, TicketId, UserId};
use onsale_domain::queue::State;
use onsale_domain::time::Time;
use onsale_domain::user::Account;

/// What a seat is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seat {
    Free,
    Held(ReservationId),
    Sold(ReservationId),
    Withheld,
}

/// A store of one's own, made of events.
#[derive(Debug, Default)]
pub(super) struct Rebuilt {
    seats: BTreeMap<ScheduleId, BTreeMap<SeatId, Seat>>,
    holds: BTreeMap<ReservationId, (Hold, Time)>,
    accounts: BTreeMap<Account, i128>,
    tokens: BTreeMap<TicketId, Token>,
    closed: BTreeMap<ScheduleId, bool>,
    last: (u64, u64, u64),
    /// Numbers between them that nothing was told of.
    gaps: [u64; 3],
    passes: usize,
    erased: BTreeMap<UserId, Time>,
}

impl Rebuilt {
    pub(super) fn take(&mut self, event: &Event) {
        match event {
            Event::HoldMade(hold) => {
                assert!(hold.reservation.0 > self.last.0, "a hold is told twice");
                self.gaps[0] += hold.reservation.0 - self.last.0 - 1;
                self.last.0 = hold.reservation.0;
                self.turn(hold.schedule, &hold.seats, Seat::Free, Seat::Held(hold.reservation));
                self.holds.insert(hold.reservation, (hold.clone(), hold.until));
            }
            Event::HoldExtended(hold) => {
                let (_, until) = self.holds.get_mut(&hold.reservation).expect("a hold that was made");
                assert!(hold.until > *until, "a hold is extended to before its end");
                *until = hold.until;
            }
            Event::HoldEnded { how: _, hold } => {
                self.holds.remove(&hold.reservation).expect("a hold that was made");
                self.turn(hold.schedule, &hold.seats, Seat::Held(hold.reservation), Seat::Free);
            }
            Event::PaymentMade { sold, amount, price_types } => {
                assert!(sold.payment.0 > self.last.1, "a payment is told twice");
                self.gaps[1] += sold.payment.0 - self.last.1 - 1;
                self.last.1 = sold.payment.0;
                let (hold, _) = self.holds.remove(&sold.reservation).expect("a hold that was made");
                assert_eq!((hold.amount, &hold.price_types, hold.user), (*amount, price_types, sold.user));
                let Sold { reservation, schedule, seats, .. } = sold;
                self.turn(*schedule, seats, Seat::Held(*reservation), Seat::Sold(*reservation));
            }
            Event::PassesIssued(sold) => self.passes += sold.seats.len(),
            Event::TransferMade { transfer, debit, credit, amount, .. } => {
                assert!(transfer.0 > self.last.2, "a transfer is told twice");
                self.gaps[2] += transfer.0 - self.last.2 - 1;
                self.last.2 = transfer.0;
                *self.accounts.entry(*debit).or_default() -= i128::from(*amount);
                *self.accounts.entry(*credit).or_default() += i128::from(*amount);
            }
            Event::SeatsWithheld { schedule, seats } => {
                let seats_now = self.seats.get_mut(schedule).expect("a date");
                for seat in seats {
                    let seat = seats_now.get_mut(seat).expect("a seat");
                    assert!(matches!(seat, Seat::Free | Seat::Withheld), "a seat is held back that is {seat:?}");
                    *seat = Seat::Withheld;
                }
            }
            Event::SeatsGivenBack { schedule, seats } => self.turn(*schedule, seats, Seat::Withheld, Seat::Free),
            Event::ScheduleChanged { schedule, closed, .. } => {
                self.closed.insert(*schedule, *closed);
                self.seats.entry(*schedule).or_default();
            }
            Event::SeatsPublished { schedule, runs } => {
                let old = self.seats.insert(*schedule, BTreeMap::new()).unwrap_or_default();
                let all = runs.iter().flat_map(|(first, last)| first.0..=last.0).map(SeatId);
                let new = all.map(|seat| (seat, old.get(&seat).copied().unwrap_or(Seat::Free)));
                self.seats.insert(*schedule, new.collect());
            }
            Event::ScheduleRemoved { schedule } => {
                self.seats.remove(schedule);
                self.closed.remove(schedule);
            }
            Event::Token { became, ticket, .. } => {
                let before = self.tokens.insert(*ticket, *became);
                assert!(before.is_some() || *became == Token::Issued, "{ticket:?} is {became:?} and was never issued");
            }
            Event::UserErased { user, at } => drop(self.erased.insert(*user, *at)),
            Event::PassReissued { .. } | Event::FeedBegan { .. } | Event::News { .. } | Event::LeverMoved { .. } => {}
        }
    }

    fn turn(&mut self, schedule: ScheduleId, seats: &[SeatId], from: Seat, to: Seat) {
        let seats_now = self.seats.get_mut(&schedule).expect("a date");
        for seat in seats {
            let before = seats_now.insert(*seat, to);
            assert_eq!(before, Some(from), "seat {seat} of date {schedule} becomes {to:?}");
        }
    }

    pub(super) fn assert_is(&self, engine: &Engine) {
        let counters = engine.mark().counters;
        let (reservation, payment, transfer) = self.last;
        let next = [counters.next_reservation.0, counters.next_payment.0, counters.next_transfer.0];
        let last = [reservation, payment, transfer];
        for ((last, next), gaps) in last.into_iter().zip(next).zip(self.gaps) {
            assert_eq!(gaps + next - last - 1, engine.subjects().passed_over(), "something is missing");
        }
        assert_eq!(self.erased.len(), engine.erasures().len(), "who was erased");
        for (&user, &at) in &self.erased {
            assert_eq!(engine.erasures().at(user), Some(at), "when {user} was erased");
        }
        let mut sold = 0;
        for (&schedule, seats) in &self.seats {
            let withheld: Vec<SeatId> = engine.withheld(schedule).map(|row| row.seat).collect();
            for (&seat, &is) in seats {
                let (_, kept) = engine.seat(schedule, seat).expect("a seat of the engine's");
                let paid = kept.is_some_and(|id| {
                    let state = engine.reservation(id).map(|one| one.state);
                    matches!(state, Some(onsale_domain::reservation::State::Paid { .. }))
                });
                let expected = match kept {
                    Some(id) if paid => Seat::Sold(id),
                    Some(id) => Seat::Held(id),
                    None if withheld.contains(&seat) => Seat::Withheld,
                    None => Seat::Free,
                };
                assert_eq!(is, expected, "seat {seat} of date {schedule}");
                sold += usize::from(paid);
            }
            let counts = engine.seat_counts(schedule).expect("a date of the engine's");
            assert_eq!(seats.len() as u32, counts.free + counts.held + counts.paid + counts.withheld);
        }
        assert_eq!(self.passes, sold, "a pass for each paid seat");
        for (&account, &sum) in &self.accounts {
            let expected = match account {
                Account::Cash => -counters.charged.cast_signed(),
                Account::Sales => counters.sold.cast_signed(),
                Account::Wallet(user) => i128::from(engine.wallets().balance(user)),
            };
            assert_eq!(sum, expected, "{account:?}");
        }
        for queue in engine.queues() {
            let of_queue = || self.tokens.iter().filter(|(ticket, _)| ticket.queue == queue.id());
            assert_eq!(of_queue().count() as u32, queue.issued(), "a token for each place");
            for (ticket, became) in of_queue() {
                let expected = match queue.line().state(ticket.number) {
                    Some(State::Waiting) => Token::Issued,
                    Some(State::Absent { .. }) => Token::PassedOver,
                    Some(State::Returned { .. }) => Token::Returned,
                    Some(State::Progress { .. }) => Token::Admitted,
                    Some(State::Done { .. }) => Token::Done,
                    Some(State::Expired { .. }) => Token::Expired,
                    None => continue,
                };
                assert_eq!(*became, expected, "{ticket:?}");
            }
        }
    }
}
