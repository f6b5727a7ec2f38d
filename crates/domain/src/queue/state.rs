//! What a queue does, what a ticket is, and how that fits one atomic word.

use minicbor::{Decode, Encode};

use crate::time::Time;

/// Whether a queue takes people in, and whether it lets them through.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Mode {
    /// People may join and are admitted.
    #[n(0)]
    Open,
    /// People may join; nobody is admitted.
    #[n(1)]
    Paused,
    /// Nobody may join; those who wait are admitted.
    #[n(2)]
    Draining,
    /// Nobody may join, nobody is admitted.
    #[n(3)]
    Closed,
}

impl Mode {
    #[must_use]
    pub fn takes_in(self) -> bool {
        matches!(self, Self::Open | Self::Paused)
    }

    #[must_use]
    pub fn admits(self) -> bool {
        matches!(self, Self::Open | Self::Draining)
    }
}

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
    /// As `RETURNED`, with whole seconds.
    pub(super) const RETURNED_S: u64 = 7;
}

/// Bits of a return's order; the rest of its word is the tenth of a second until which it holds, or the second where 32
/// bits of tenths do not reach.
const ORDER_BITS: u32 = 29;
/// The most tickets that may return to one queue.
pub(super) const RETURNS_MAX: u32 = (1 << ORDER_BITS) - 1;

/// 2020-01-01T00:00:00Z in milliseconds.
const EPOCH_MS: u64 = 1_577_836_800_000;

/// A moment in tenths of a second since 2020, rounded up, so that nobody is seen earlier than they were. 32 bits of it
/// begin anew every 13.6 years, first in August 2033: what it means is told by [`from_tenths`].
#[must_use]
pub fn tenths(time: Time) -> u32 {
    time.0.saturating_sub(EPOCH_MS).div_ceil(100) as u32
}

/// The moment nearest to `now` that [`tenths`] stands for: nothing that is kept so lies seven years away.
#[must_use]
pub fn from_tenths(tenths: u32, now: Time) -> Time {
    let now = now.0.saturating_sub(EPOCH_MS).div_ceil(100);
    let after = i64::from(tenths.wrapping_sub(now as u32).cast_signed());
    Time(EPOCH_MS + now.saturating_add_signed(after) * 100)
}

/// The end of a grace as [`State::Returned`] can keep it: rounded up to a tenth of a second, from 2033 on to a second.
fn kept(until: Time) -> Result<u32, u32> {
    let ms = until.0.saturating_sub(EPOCH_MS);
    u32::try_from(ms.div_ceil(100)).map_err(|_| u32::try_from(ms.div_ceil(1_000)).unwrap_or(u32::MAX))
}

fn from_kept(kept: Result<u32, u32>) -> Time {
    Time(EPOCH_MS + kept.map_or_else(|seconds| u64::from(seconds) * 1_000, |tenths| u64::from(tenths) * 100))
}

impl State {
    /// Back from absence, with the end of the grace rounded to what is kept of it.
    pub(super) fn returned(order: u32, until: Time) -> Self {
        Self::Returned { order, until: from_kept(kept(until)) }
    }

    /// This state in one word, never zero.
    #[must_use]
    pub fn pack(self) -> u64 {
        match self {
            Self::Waiting => tag::WAITING,
            Self::Absent { until } => tag::ABSENT | until.0 << 3,
            Self::Returned { order, until } => {
                let (tag, until) = match kept(until) {
                    Ok(tenths) => (tag::RETURNED, tenths),
                    Err(seconds) => (tag::RETURNED_S, seconds),
                };
                tag | u64::from(order) << 3 | u64::from(until) << (3 + ORDER_BITS)
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
        let returned = |kept: fn(u32) -> Result<u32, u32>| Self::Returned {
            order: (word >> 3) as u32 & RETURNS_MAX,
            until: from_kept(kept((word >> (3 + ORDER_BITS)) as u32)),
        };
        match word & 7 {
            tag::WAITING => Some(Self::Waiting),
            tag::ABSENT => Some(Self::Absent { until: time }),
            tag::RETURNED => Some(returned(Ok)),
            tag::RETURNED_S => Some(returned(Err)),
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
        let late = Time(4_102_444_800_000);
        for state in [State::Returned { order: 7, until: late }, State::Progress { until: late }] {
            assert_eq!(State::unpack(state.pack()), Some(state));
        }
        assert_eq!(State::unpack(0), None);
    }

    #[test]
    fn tenths_round_up_and_are_read_in_any_year() {
        // 2026, a second before and after 32 bits are over, 2040, 2100.
        for ms in [1_795_000_000_001, 2_007_333_528_600, 2_007_333_530_600, 2_208_988_800_001, 4_102_444_800_001] {
            let (at, hour) = (Time(ms), 3_600_000);
            for now in [Time(ms - hour), at, Time(ms + hour)] {
                assert_eq!(from_tenths(tenths(at), now), Time(ms.div_ceil(100) * 100));
            }
        }
    }
}
