//! Wallets, holds and payments.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::answer::Refusal;
use super::fault::{Fault, NowAndThen};
use super::hall::{Hall, Seat};
use super::rules::Rules;

/// One in so many acknowledged writes is lost, and one in so many refusals of a taken seat is not made.
const LOST_ONE_IN: u64 = 20;
const SOLD_TWICE_ONE_IN: u64 = 4;
/// What comes within this time of something else comes at the same moment.
const MOMENT: Duration = Duration::from_millis(100);
/// The most that one charge may add.
const CHARGE_MAX: i64 = 1_000_000_000_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Held { until: Instant },
    Paid,
    Lapsed,
    Cancelled,
}

impl State {
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Held { .. } => "TEMP_RESERVED",
            Self::Paid => "RESERVED",
            Self::Lapsed => "EXPIRED",
            Self::Cancelled => "CANCELLED",
        }
    }
}

/// A reservation; its id is its index and one.
#[derive(Clone, Debug)]
pub(super) struct Reservation {
    pub(super) user: u64,
    pub(super) schedule: u64,
    pub(super) seats: Vec<u64>,
    pub(super) state: State,
    pub(super) made: Timestamp,
    pub(super) ends: Timestamp,
}

#[derive(Debug)]
pub(super) struct Sale {
    fault: Option<Fault>,
    hold: Duration,
    amount: i64,
    pub(super) halls: BTreeMap<u64, Hall>,
    pub(super) reservations: Vec<Reservation>,
    lapsing: BTreeSet<(Instant, usize)>,
    wallets: HashMap<u64, i64>,
    twice: NowAndThen,
    lost: NowAndThen,
    /// The last charge and the last payment of each wallet, with what was in it before: who reads at the same moment reads that.
    charged: HashMap<u64, (Instant, i64)>,
    paid: HashMap<u64, (Instant, i64)>,
}

impl Sale {
    pub(super) fn new(rules: &Rules, fault: Option<Fault>) -> Self {
        Self {
            fault,
            hold: rules.hold,
            amount: rules.amount,
            halls: (1..=rules.schedules).map(|schedule| (schedule, Hall::new(rules))).collect(),
            reservations: Vec::new(),
            lapsing: BTreeSet::new(),
            wallets: HashMap::new(),
            twice: NowAndThen::default(),
            lost: NowAndThen::default(),
            charged: HashMap::new(),
            paid: HashMap::new(),
        }
    }

    /// Frees the seats whose holds are over.
    pub(super) fn advance(&mut self, now: Instant) {
        while let Some(&(until, index)) = self.lapsing.first().filter(|(until, _)| *until <= now) {
            self.lapsing.remove(&(until, index));
            self.free(index, State::Lapsed);
        }
    }

    pub(super) fn balance(&self, user: u64) -> i64 {
        self.wallets.get(&user).copied().unwrap_or(0)
    }

    pub(super) fn has_wallet(&self, user: u64) -> bool {
        self.wallets.contains_key(&user)
    }

    /// The balance after the charge.
    pub(super) fn charge(&mut self, user: u64, amount: i64, now: Instant) -> Result<i64, Refusal> {
        if !(1..=CHARGE_MAX).contains(&amount) {
            return Err(Refusal(400, "AMOUNT_INVALID"));
        }
        let had = match self.charged.get(&user) {
            Some((at, before)) if self.fault == Some(Fault::ForgetsChargesAtOnce) && now - *at < MOMENT => *before,
            _ => self.balance(user),
        };
        self.charged.insert(user, (now, had));
        let mut balance = had + amount;
        if self.fault == Some(Fault::WrapsLargeCharges) {
            balance = i64::from(balance as i32);
        }
        if !self.loses(Fault::LosesACharge) {
            self.wallets.insert(user, balance);
        }
        Ok(balance)
    }

    /// Of these seats those that this user cannot have.
    pub(super) fn taken(&mut self, user: u64, schedule: u64, seats: &[u64]) -> Result<Vec<u64>, Refusal> {
        let hall = self.halls.get(&schedule).ok_or(Refusal(404, "SCHEDULE_NOT_FOUND"))?;
        let otherwise = (self.fault == Some(Fault::SellsOtherDatesSeats)).then_some(Seat::Available);
        let known: Option<Vec<Seat>> = seats.iter().map(|&seat| hall.seat(seat).or(otherwise)).collect();
        let known = known.ok_or(Refusal(404, "SEAT_NOT_FOUND"))?;
        if hall.available() == 0 {
            return Err(Refusal(409, "SOLD_OUT"));
        }
        let mut taken = Vec::new();
        for (&seat, known) in seats.iter().zip(known) {
            let sells_twice = self.fault == Some(Fault::SellsASeatTwice);
            let is_again = self.fault == Some(Fault::HoldsAgain) && self.holds(user, schedule, seat);
            if !(known == Seat::Available || is_again || sells_twice && self.twice.comes(SOLD_TWICE_ONE_IN)) {
                taken.push(seat);
            }
        }
        Ok(taken)
    }

    /// Holds seats that are not taken. The id of the reservation.
    pub(super) fn reserve(&mut self, user: u64, schedule: u64, seats: Vec<u64>, now: Instant) -> usize {
        let until = match self.fault {
            Some(Fault::HoldsNeverLapse) => now + 10_000 * self.hold,
            Some(Fault::HoldsLapseEarly) => now + self.hold / 2,
            _ => now + self.hold,
        };
        let made = Timestamp::now();
        let reservation = Reservation {
            user,
            schedule,
            seats,
            state: State::Held { until },
            made,
            ends: made + jiff::SignedDuration::try_from(self.hold).expect("a hold is short"),
        };
        self.reservations.push(reservation);
        let index = self.reservations.len() - 1;
        if self.loses(Fault::LosesAReservation) {
            self.reservations[index].state = State::Cancelled;
        } else {
            self.mark(index, Seat::Held);
            self.lapsing.insert((until, index));
        }
        index + 1
    }

    /// What a reservation costs.
    pub(super) fn price(&self, id: usize) -> i64 {
        self.amount * i64::try_from(self.reservations[id - 1].seats.len()).unwrap_or(1)
    }

    /// The price that was paid. `named` is what the buyer's request says that it is.
    pub(super) fn pay(&mut self, user: u64, id: u64, named: Option<i64>, now: Instant) -> Result<i64, Refusal> {
        let index = self.of(user, id)?;
        let price = named.filter(|_| self.fault == Some(Fault::BuyerNamesThePrice)).unwrap_or(self.price(index + 1));
        let until = match self.reservations[index].state {
            State::Held { until } => until,
            State::Lapsed if self.fault == Some(Fault::PaysLapsedHolds) => now,
            State::Paid
                if self.fault == Some(Fault::DebitsAtTheSameMoment) && self.paid_just_now(user, now).is_some() =>
            {
                now
            }
            State::Paid => return Err(Refusal(409, "ALREADY_PAID")),
            State::Lapsed => return Err(Refusal(410, "HOLD_EXPIRED")),
            State::Cancelled => return Err(Refusal(409, "RESERVATION_CANCELLED")),
        };
        let has = match self.paid_just_now(user, now) {
            Some(before) if self.fault == Some(Fault::SpendsTheSameMoneyTwice) => before,
            _ => self.balance(user),
        };
        self.paid.insert(user, (now, has));
        if has < price {
            return Err(Refusal(402, "INSUFFICIENT_BALANCE"));
        }
        if self.loses(Fault::LosesAPayment) {
            return Ok(price);
        }
        let times = if self.fault == Some(Fault::DebitsTwice) { 2 } else { 1 };
        *self.wallets.entry(user).or_default() -= times * price;
        self.lapsing.remove(&(until, index));
        self.reservations[index].state = State::Paid;
        if self.fault == Some(Fault::SellsHalfOfAGroup) && self.reservations[index].seats.len() > 1 {
            self.mark(index, Seat::Available);
            let half = self.reservations[index].seats.len() / 2;
            self.reservations[index].seats.truncate(half);
        }
        self.mark(index, Seat::Sold);
        Ok(price)
    }

    /// What was in the wallet before a payment at the same moment.
    fn paid_just_now(&self, user: u64, now: Instant) -> Option<i64> {
        self.paid.get(&user).filter(|(at, _)| now - *at < MOMENT).map(|(_, before)| *before)
    }

    pub(super) fn cancel(&mut self, user: u64, id: u64) -> Result<(), Refusal> {
        let index = self.of(user, id)?;
        match self.reservations[index].state {
            State::Held { until } => {
                self.lapsing.remove(&(until, index));
                self.free(index, State::Cancelled);
                Ok(())
            }
            State::Cancelled => Ok(()),
            State::Paid => Err(Refusal(409, "ALREADY_PAID")),
            State::Lapsed => Err(Refusal(410, "HOLD_EXPIRED")),
        }
    }

    fn holds(&self, user: u64, schedule: u64, seat: u64) -> bool {
        self.reservations.iter().any(|held| {
            matches!(held.state, State::Held { .. })
                && (held.user, held.schedule) == (user, schedule)
                && held.seats.contains(&seat)
        })
    }

    fn of(&self, user: u64, id: u64) -> Result<usize, Refusal> {
        let index = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
        let own = index.filter(|&index| {
            self.reservations
                .get(index)
                .is_some_and(|found| found.user == user || self.fault == Some(Fault::PaysForStrangers))
        });
        own.ok_or(Refusal(404, "RESERVATION_NOT_FOUND"))
    }

    fn free(&mut self, index: usize, state: State) {
        self.reservations[index].state = state;
        self.mark(index, Seat::Available);
    }

    fn mark(&mut self, index: usize, seat: Seat) {
        let Reservation { schedule, seats, .. } = &self.reservations[index];
        if let Some(hall) = self.halls.get_mut(schedule) {
            seats.iter().for_each(|&id| hall.set(id, seat));
        }
    }

    fn loses(&mut self, fault: Fault) -> bool {
        self.fault == Some(fault) && self.lost.comes(LOST_ONE_IN)
    }
}
