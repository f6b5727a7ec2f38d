//! What a ticket is, and how it fits one atomic word.

use crate::time::Time;

/// What callers see of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Waiting,
    Progress,
    Done,
    Expired,
}

/// What a ticket is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// In line.
    Waiting,
    /// Its turn came while it was silent; it may return before `until`.
    Absent { until: Time },
    /// It came back, and is number `order` of those who did; the next free slots are theirs. Where it falls silent
    /// again, `until` still holds.
    Returned { order: u32, until: Time },
    /// Inside, until then.
    Progress { until: Time },
    /// Paid, or left.
    Done { at: Time },
    /// The session's or the grace's time ran out.
    Expired { at: Time },
}

/// Tags of the packed form, in its low three bits. Zero is no ticket.
mod tag {
    pub(super) const WAITING: u64 = 1;
    pub(super) const ABSENT: u64 = 2;
    pub(super) const RETURNED: u64 = 3;
    pub(super) const PROGRESS: u64 = 4;
    pub(super) const DONE: u64 = 5;
    pub(super) const EXPIRED: u64 = 6;
}

/// Bits of a return's order; the rest of its word is the tenth of a second until which it holds.
const ORDER_BITS: u32 = 29;
/// The most tickets that may return to one queue.
pub(super) const RETURNS_MAX: u32 = (1 << ORDER_BITS) - 1;

/// 2020-01-01T00:00:00Z in milliseconds; 32 bits of tenths from it reach to 2033.
const EPOCH_MS: u64 = 1_577_836_800_000;

/// A moment in tenths of a second since 2020, rounded up, so that nobody is seen earlier than they were.
#[must_use]
pub fn tenths(time: Time) -> u32 {
    u32::try_from(time.0.saturating_sub(EPOCH_MS).div_ceil(100)).unwrap_or(u32::MAX)
}

/// The moment that [`tenths`] stands for.
#[must_use]
pub fn from_tenths(tenths: u32) -> Time {
    Time(EPOCH_MS + u64::from(tenths) * 100)
}

impl State {
    /// This state in one word, never zero.
    #[must_use]
    pub fn pack(self) -> u64 {
        match self {
            Self::Waiting => tag::WAITING,
            Self::Absent { until } => tag::ABSENT | until.0 << 3,
            Self::Returned { order, until } => {
                tag::RETURNED | u64::from(order) << 3 | u64::from(tenths(until)) << (3 + ORDER_BITS)
            }
            Self::Progress { until } => tag::PROGRESS | until.0 << 3,
            Self::Done { at } => tag::DONE | at.0 << 3,
            Self::Expired { at } => tag::EXPIRED | at.0 << 3,
        }
    }

    /// The state that `word` stands for; `None` for no ticket.
    #[must_use]
    pub fn unpack(word: u64) -> Option<Self> {
        let time = Time(word >> 3);
        match word & 7 {
            tag::WAITING => Some(Self::Waiting),
            tag::ABSENT => Some(Self::Absent { until: time }),
            tag::RETURNED => Some(Self::Returned {
                order: (word >> 3) as u32 & RETURNS_MAX,
                until: from_tenths((word >> (3 + ORDER_BITS)) as u32),
            }),
            tag::PROGRESS => Some(Self::Progress { until: time }),
            tag::DONE => Some(Self::Done { at: time }),
            tag::EXPIRED => Some(Self::Expired { at: time }),
            _ => None,
        }
    }

    #[must_use]
    pub fn status(self) -> Status {
        match self {
            Self::Waiting | Self::Absent { .. } | Self::Returned { .. } => Status::Waiting,
            Self::Progress { .. } => Status::Progress,
            Self::Done { .. } => Status::Done,
            Self::Expired { .. } => Status::Expired,
        }
    }

    /// Whether the ticket has ended: nothing more can happen to it.
    #[must_use]
    pub fn ended(self) -> bool {
        matches!(self.status(), Status::Done | Status::Expired)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_survives_its_word() {
        let at = Time(1_795_000_000_000);
        for state in [
            State::Waiting,
            State::Absent { until: at },
            State::Returned { order: RETURNS_MAX, until: at },
            State::Progress { until: at },
            State::Done { at },
            State::Expired { at },
        ] {
            assert_eq!(State::unpack(state.pack()), Some(state));
        }
        assert_eq!(State::unpack(0), None);
        assert_eq!(State::unpack(7), None);
    }

    #[test]
    fn tenths_round_up() {
        assert_eq!(from_tenths(tenths(Time(1_795_000_000_001))), Time(1_795_000_000_100));
        assert_eq!(from_tenths(tenths(Time(1_795_000_000_000))), Time(1_795_000_000_000));
    }
}
