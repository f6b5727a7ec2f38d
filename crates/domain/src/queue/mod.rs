//! The waiting queue: tickets in order of joining, admitted first come, first served.

use minicbor::{Decode, Encode};

use crate::time::Time;

/// Tickets per [`crate::row::PresenceRow`].
pub const PRESENCE_BLOCK: u32 = 4_096;

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
