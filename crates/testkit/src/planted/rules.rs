//! What a planted server sells, and by which rules.

use std::time::Duration;

use super::door::Entry;
use super::wire::Wire;

/// The hall, the queue and the times.
#[derive(Clone, Debug)]
pub struct Rules {
    /// The most people that may be inside at once.
    pub active_limit: usize,
    /// How long somebody who was let in stays.
    pub session: Duration,
    /// How long a seat is held for its buyer.
    pub hold: Duration,
    /// How long an answer takes where lateness is the fault.
    pub late: Duration,
    /// When somebody who waits is told to ask again.
    pub poll_after: Duration,
    /// Dates of the one concert, called from 1.
    pub schedules: u64,
    /// Sections of each date, called A, B, C…: at most 26.
    pub sections: u64,
    /// Seats of each section, called from 1 within their date.
    pub seats_per_section: u64,
    /// What a seat costs.
    pub amount: i64,
    /// How it speaks.
    pub wire: Wire,
    /// How often the doors are opened to whoever waits, for as many as there is room for; zero is always.
    pub admits_every: Duration,
    /// Only who was made a member gets a token. Members can be made on the foreign wire only.
    pub members_only: bool,
    /// Only who comes with an entry token gets a token of the queue. Not on the foreign wire.
    pub entry: Option<Entry>,
    /// A session ends with a reservation, not only with a payment.
    pub ends_with_reserve: bool,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            active_limit: 200,
            session: Duration::from_secs(60),
            hold: Duration::from_secs(1),
            late: Duration::from_secs(9),
            poll_after: Duration::from_millis(200),
            schedules: 2,
            sections: 4,
            seats_per_section: 500,
            amount: 50_000,
            wire: Wire::Own,
            admits_every: Duration::ZERO,
            members_only: false,
            entry: None,
            ends_with_reserve: false,
        }
    }
}

impl Rules {
    pub(super) fn seats(&self) -> u64 {
        self.sections * self.seats_per_section
    }

    /// The letter of the section that a seat, counted from 0, is in.
    pub(super) fn section(&self, index: u64) -> char {
        char::from(b'A' + u8::try_from(index / self.seats_per_section).expect("at most 26 sections"))
    }
}
