//! Seats: who holds them, who bought them, and whether that is still so.

use std::collections::HashMap;
use std::time::Duration;

use super::line::Interval;
use super::{Rule, Tally};
use crate::report::Check;

/// How far the clocks of a lease may be apart, and how long an answer may lie before it is read.
const MARGIN: Duration = Duration::from_millis(50);

/// A seat by its schedule and its number.
pub type Seat = (u64, u64);

/// What a seat list says of a seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeatStatus {
    Available,
    TempReserved,
    Reserved,
    /// Held or sold: the list does not tell which.
    Taken,
}

impl SeatStatus {
    /// Whether a list that shows this may show `status`.
    fn may_be(self, status: Self) -> bool {
        self == status || (self == Self::Taken && status != Self::Available)
    }
}

#[derive(Clone, Copy, Debug)]
struct Hold {
    who: usize,
    at: Interval,
    lasts: Duration,
    /// Its owner has asked to drop it.
    may_be_dropped: bool,
}

/// All seats that anybody of us had.
#[derive(Debug)]
pub struct Seats {
    holds: HashMap<Seat, Hold>,
    buyers: HashMap<Seat, usize>,
    /// Seats that one payment paid together, and who did.
    groups: Vec<(usize, Vec<Seat>)>,
    sold_once: Tally,
    held_once: Tally,
    reservations: Tally,
    payments: Tally,
    lapsed: Tally,
    own_writes: Tally,
    groups_whole: Tally,
}

impl Default for Seats {
    fn default() -> Self {
        Self {
            holds: HashMap::new(),
            buyers: HashMap::new(),
            groups: Vec::new(),
            sold_once: Tally::new(Rule::SeatSoldOnce),
            held_once: Tally::new(Rule::SeatHeldOnce),
            reservations: Tally::new(Rule::ReservationsKept),
            payments: Tally::new(Rule::PaymentsKept),
            lapsed: Tally::new(Rule::LapsedHoldsFreed),
            own_writes: Tally::new(Rule::OwnWritesSeen),
            groups_whole: Tally::new(Rule::GroupsWhole),
        }
    }
}

impl Seats {
    /// `who` got a hold that lasts this long.
    pub fn held(&mut self, seat: Seat, who: usize, at: Interval, lasts: Duration) {
        let is_free = match (self.buyers.get(&seat), self.holds.get(&seat)) {
            (Some(_), _) => false,
            (None, Some(other)) => {
                let both_had_it =
                    other.at.acked.max(at.acked) + MARGIN < other.at.sent.min(at.sent) + lasts.min(other.lasts);
                other.may_be_dropped || !both_had_it
            }
            (None, None) => true,
        };
        self.held_once.judge(is_free, || format!("seat {seat:?} was given to {who} while somebody had it"));
        self.holds.insert(seat, Hold { who, at, lasts, may_be_dropped: false });
    }

    /// A hold of several costs `told`, and the list had them for `listed` together.
    pub fn group_held(&mut self, who: usize, seats: &[Seat], told: u64, listed: u64) {
        self.groups_whole.judge(told == listed, || {
            format!("{who} holds {seats:?} for {told} in all, and the list had them for {listed}")
        });
    }

    /// What is held is not what was asked for.
    pub fn group_judged(&mut self, is_as_asked: bool, example: impl FnOnce() -> String) {
        self.groups_whole.judge(is_as_asked, example);
    }

    /// A payment was acknowledged that paid several: they are one at the end of the sale.
    pub fn group_paid(&mut self, who: usize, seats: Vec<Seat>) {
        self.groups.push((who, seats));
    }

    /// The owner asks to drop it, now.
    pub fn dropping(&mut self, seat: Seat) {
        if let Some(hold) = self.holds.get_mut(&seat) {
            hold.may_be_dropped = true;
        }
    }

    /// A payment was acknowledged.
    pub fn paid(&mut self, seat: Seat, who: usize, at: Interval) {
        let other = self.buyers.insert(seat, who);
        self.sold_once.judge(other.is_none(), || format!("seat {seat:?} was sold to {other:?} and to {who}"));
        if let Some(hold) = self.holds.get(&seat).filter(|hold| hold.who == who) {
            let is_over = at.sent > hold.at.acked + hold.lasts + MARGIN;
            if is_over {
                self.lapsed.judge(false, || format!("{who} paid seat {seat:?} after the hold had lapsed"));
            } else {
                self.reservations.hold(1);
            }
        }
    }

    /// A payment was refused because the hold is not there any more.
    pub fn not_payable(&mut self, seat: Seat, who: usize, at: Interval, code: &str) {
        let Some(hold) = self.holds.get(&seat).filter(|hold| hold.who == who) else { return };
        if at.acked + MARGIN < hold.at.sent + hold.lasts {
            self.reservations.judge(false, || format!("{who} held seat {seat:?}, and paying it was {code}"));
        } else if at.sent > hold.at.acked + hold.lasts + MARGIN {
            let is_right = code == "HOLD_EXPIRED";
            self.lapsed.judge(is_right, || format!("{who} paid a lapsed hold of seat {seat:?}, and it was {code}"));
        }
    }

    /// A list, asked for and answered in `at`, shows `seat`, which `who` has held or bought.
    pub fn own_seat_listed(&mut self, seat: Seat, who: usize, at: Interval, status: Option<SeatStatus>) {
        if self.buyers.get(&seat) == Some(&who) {
            let is_right = status.is_some_and(|shown| shown.may_be(SeatStatus::Reserved));
            self.own_writes.judge(is_right, || format!("{who} bought seat {seat:?}, and the list says {status:?}"));
            return;
        }
        let Some(hold) = self.holds.get(&seat).filter(|hold| hold.who == who && !hold.may_be_dropped) else { return };
        if hold.at.acked <= at.sent && at.acked + MARGIN < hold.at.sent + hold.lasts {
            let is_right = status.is_some_and(|shown| shown.may_be(SeatStatus::TempReserved));
            self.own_writes.judge(is_right, || format!("{who} holds seat {seat:?}, and the list says {status:?}"));
        }
    }

    /// The list at the end. `is_final`: nobody else sells, so that what is RESERVED is what was bought here.
    pub fn listed_at_the_end(&mut self, schedule: u64, list: &HashMap<u64, SeatStatus>, is_final: bool) {
        for (seat, who) in self.buyers.iter().filter(|((of, _), _)| *of == schedule) {
            let status = list.get(&seat.1);
            let is_right = status.is_some_and(|shown| shown.may_be(SeatStatus::Reserved));
            self.payments.judge(is_right, || format!("{who} bought seat {seat:?}, and the list says {status:?}"));
        }
        for (who, seats) in &self.groups {
            let is_sold = |seat: &&Seat| {
                self.buyers.get(*seat) == Some(who)
                    && list.get(&seat.1).is_some_and(|shown| shown.may_be(SeatStatus::Reserved))
            };
            let sold = seats.iter().filter(is_sold).count();
            self.groups_whole
                .judge(sold == seats.len(), || format!("{who} paid {seats:?} together, and {sold} of them were sold"));
        }
        if is_final {
            let unsold = |&(&seat, &status): &(&u64, &SeatStatus)| {
                status == SeatStatus::Reserved && !self.buyers.contains_key(&(schedule, seat))
            };
            let more: Vec<u64> = list.iter().filter(unsold).map(|(&seat, _)| seat).collect();
            for seat in more {
                self.payments
                    .judge(false, || format!("seat {seat} is RESERVED, and nobody was told to have bought it"));
            }
        }
    }

    /// Payments of which the wallets know that they were lost.
    pub fn lost_payments(&mut self, lost: Tally) {
        self.payments.add(lost);
    }

    /// Who bought what.
    #[must_use]
    pub fn buyers(&self) -> &HashMap<Seat, usize> {
        &self.buyers
    }

    /// The results of these rules.
    #[must_use]
    pub fn conclude(self, part: &str, rules: &[Rule]) -> Vec<Check> {
        let all = [
            (Rule::SeatSoldOnce, self.sold_once),
            (Rule::SeatHeldOnce, self.held_once),
            (Rule::ReservationsKept, self.reservations),
            (Rule::PaymentsKept, self.payments),
            (Rule::LapsedHoldsFreed, self.lapsed),
            (Rule::OwnWritesSeen, self.own_writes),
            (Rule::GroupsWhole, self.groups_whole),
        ];
        let asked = all.into_iter().filter(|(rule, _)| rules.contains(rule));
        asked.map(|(_, tally)| tally.into_check(part)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: [Rule; 7] = [
        Rule::SeatSoldOnce,
        Rule::SeatHeldOnce,
        Rule::ReservationsKept,
        Rule::PaymentsKept,
        Rule::LapsedHoldsFreed,
        Rule::OwnWritesSeen,
        Rule::GroupsWhole,
    ];
    const LASTS: Duration = Duration::from_secs(1);

    fn at(sent: u64, acked: u64) -> Interval {
        Interval { sent: Duration::from_millis(sent), acked: Duration::from_millis(acked) }
    }

    fn wrong(seats: Seats) -> Vec<String> {
        let checks = seats.conclude("test", &RULES);
        checks.into_iter().filter(|check| check.wrong > 0).map(|check| check.id).collect()
    }

    #[test]
    fn two_holders_at_once_are_seen_and_one_after_the_other_is_not() {
        let mut seats = Seats::default();
        seats.held((1, 1), 0, at(0, 10), LASTS);
        seats.held((1, 1), 1, at(5, 15), LASTS);
        assert_eq!(wrong(seats), ["seat_held_once"]);
        let mut seats = Seats::default();
        seats.held((1, 1), 0, at(0, 10), LASTS);
        seats.held((1, 1), 1, at(1_005, 1_015), LASTS);
        assert_eq!(wrong(seats), Vec::<String>::new());
    }

    #[test]
    fn a_seat_sold_twice_is_seen() {
        let mut seats = Seats::default();
        seats.paid((1, 1), 0, at(0, 10));
        seats.paid((1, 1), 1, at(20, 30));
        assert_eq!(wrong(seats), ["seat_sold_once"]);
    }

    #[test]
    fn a_hold_that_is_gone_before_its_time_is_lost_and_one_after_it_has_lapsed() {
        let mut seats = Seats::default();
        seats.held((1, 1), 0, at(0, 10), LASTS);
        seats.not_payable((1, 1), 0, at(100, 110), "RESERVATION_NOT_FOUND");
        assert_eq!(wrong(seats), ["reservations_kept"]);
        let mut seats = Seats::default();
        seats.held((1, 1), 0, at(0, 10), LASTS);
        seats.not_payable((1, 1), 0, at(1_200, 1_210), "HOLD_EXPIRED");
        assert_eq!(wrong(seats), Vec::<String>::new());
        let mut seats = Seats::default();
        seats.held((1, 1), 0, at(0, 10), LASTS);
        seats.paid((1, 1), 0, at(1_200, 1_210));
        assert_eq!(wrong(seats), ["lapsed_holds_freed"]);
    }

    #[test]
    fn a_list_without_ones_own_hold_is_seen() {
        let mut seats = Seats::default();
        seats.held((1, 1), 0, at(0, 10), LASTS);
        seats.own_seat_listed((1, 1), 0, at(20, 30), Some(SeatStatus::Available));
        assert_eq!(wrong(seats), ["own_writes_seen"]);
    }

    #[test]
    fn a_group_that_gets_half_of_what_it_paid_is_seen() {
        let pair = [(1, 1), (1, 2)];
        let paid = |list: [(u64, SeatStatus); 2], resold: bool| {
            let mut seats = Seats::default();
            seats.group_held(0, &pair, 10, 10);
            pair.iter().for_each(|&seat| seats.paid(seat, 0, at(0, 10)));
            seats.group_paid(0, pair.to_vec());
            if resold {
                seats.paid(pair[1], 1, at(20, 30));
            }
            seats.listed_at_the_end(1, &HashMap::from(list), true);
            wrong(seats)
        };
        let (sold, free) = (SeatStatus::Reserved, SeatStatus::Available);
        assert_eq!(paid([(1, sold), (2, sold)], false), Vec::<String>::new());
        assert_eq!(paid([(1, sold), (2, free)], false), ["payments_kept", "groups_whole"]);
        assert_eq!(paid([(1, sold), (2, sold)], true), ["seat_sold_once", "groups_whole"]);
        let mut seats = Seats::default();
        seats.group_held(0, &pair, 5, 10);
        assert_eq!(wrong(seats), ["groups_whole"]);
    }

    #[test]
    fn a_payment_that_the_last_list_does_not_know_is_lost() {
        let mut seats = Seats::default();
        seats.paid((1, 1), 0, at(0, 10));
        seats.listed_at_the_end(1, &HashMap::from([(1, SeatStatus::Available)]), true);
        assert_eq!(wrong(seats), ["payments_kept"]);
    }
}
