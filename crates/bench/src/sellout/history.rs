//! What the crowd saw, from its own side: the base of the audit.

use std::time::{Duration, Instant};

/// The calls that the crowd makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Call {
    Token,
    Check,
    Schedule,
    Seats,
    Reserve,
    Charge,
    Pay,
    Leave,
}

impl Call {
    pub(super) const ALL: [Self; 8] =
        [Self::Token, Self::Check, Self::Schedule, Self::Seats, Self::Reserve, Self::Charge, Self::Pay, Self::Leave];

    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Check => "check",
            Self::Schedule => "schedule",
            Self::Seats => "seats of a section",
            Self::Reserve => "reserve",
            Self::Charge => "charge",
            Self::Pay => "payment",
            Self::Leave => "leave",
        }
    }
}

/// Counts, money, and who bought what.
#[derive(Debug)]
pub(super) struct History {
    /// Replies by call and second since the start.
    seconds: [Vec<u64>; Call::ALL.len()],
    /// Replies that refused: 409 and 410, and 503.
    pub(super) refused: u64,
    pub(super) overloaded: u64,
    /// Whether somebody has bought seat number k.
    is_sold: Vec<bool>,
    pub(super) sold: u64,
    /// Seats that were acknowledged to two buyers.
    pub(super) sold_twice: u64,
    pub(super) charged_sum: u128,
    pub(super) paid_sum: u128,
    started: Option<Instant>,
    /// When the last seat was acknowledged, since the first request.
    pub(super) sold_out: Option<Duration>,
}

impl History {
    pub(super) fn new(seats: u64) -> Self {
        let seats = usize::try_from(seats).unwrap_or(usize::MAX);
        Self {
            seconds: Default::default(),
            refused: 0,
            overloaded: 0,
            is_sold: vec![false; seats],
            sold: 0,
            sold_twice: 0,
            charged_sum: 0,
            paid_sum: 0,
            started: None,
            sold_out: None,
        }
    }

    /// The time since the first time this was asked.
    pub(super) fn elapsed(&mut self, now: Instant) -> Duration {
        now.saturating_duration_since(*self.started.get_or_insert(now))
    }

    pub(super) fn replied(&mut self, call: Call, now: Instant) {
        let second = usize::try_from(self.elapsed(now).as_secs()).unwrap_or(0);
        let seconds = &mut self.seconds[call as usize];
        if seconds.len() <= second {
            seconds.resize(second + 1, 0);
        }
        seconds[second] += 1;
    }

    pub(super) fn charged(&mut self, amount: u64) {
        self.charged_sum += u128::from(amount);
    }

    /// A payment was acknowledged. Seats are numbered from 1.
    pub(super) fn paid(&mut self, seat: u64, amount: u64, now: Instant) {
        self.paid_sum += u128::from(amount);
        let index = usize::try_from(seat).ok().and_then(|seat| seat.checked_sub(1));
        match index.and_then(|index| self.is_sold.get_mut(index)) {
            Some(is_sold) if !*is_sold => {
                *is_sold = true;
                self.sold += 1;
            }
            Some(_) | None => self.sold_twice += 1,
        }
        if self.is_sold_out() && self.sold_out.is_none() {
            self.sold_out = Some(self.elapsed(now));
        }
    }

    pub(super) fn is_sold_out(&self) -> bool {
        self.sold == self.is_sold.len() as u64
    }

    /// How many replies this call had.
    pub(super) fn total(&self, call: Call) -> u64 {
        self.seconds[call as usize].iter().sum()
    }

    /// The replies of its best second.
    pub(super) fn peak(&self, call: Call) -> u64 {
        self.seconds[call as usize].iter().copied().max().unwrap_or(0)
    }

    /// The replies to all calls in the best second of all.
    pub(super) fn peak_of_all(&self) -> u64 {
        let seconds = self.seconds.iter().map(Vec::len).max().unwrap_or(0);
        let sum = |second: usize| self.seconds.iter().filter_map(|call| call.get(second)).sum();
        (0..seconds).map(sum).max().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seat_paid_twice_is_noticed() {
        let mut history = History::new(2);
        let now = Instant::now();
        history.paid(1, 10, now);
        history.paid(1, 10, now);
        assert_eq!((history.sold, history.sold_twice, history.is_sold_out()), (1, 1, false));
        history.paid(2, 10, now);
        assert_eq!((history.sold, history.paid_sum, history.is_sold_out()), (2, 30, true));
        assert_eq!(history.sold_out, Some(Duration::ZERO));
    }

    #[test]
    fn peaks_are_of_single_seconds() {
        let mut history = History::new(1);
        let start = Instant::now();
        history.elapsed(start);
        for (call, second) in [(Call::Check, 0), (Call::Check, 1), (Call::Check, 1), (Call::Pay, 1)] {
            history.replied(call, start + Duration::from_secs(second));
        }
        assert_eq!((history.total(Call::Check), history.peak(Call::Check), history.peak_of_all()), (3, 2, 3));
    }
}
