//! The rows of a queue.

use crate::ids::{KeyId, QueueId, TicketId, UserId};
use crate::settings::QueueSettings;
use crate::time::Time;

use super::draw::Draw;
use super::opening::{Opening, Phase};
use super::state::{Mode, State};
use super::tier::{Tier, Tiered};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueRow {
    pub id: QueueId,
    pub name: String,
    pub mode: Mode,
    pub opening: Opening,
    /// What the moments of `opening` make of it.
    pub phase: Phase,
    /// The draw that is to come, or whose places count.
    pub draw: Option<Box<Draw>>,
    /// Where places are not drawn, and some may go before others.
    pub tiered: Option<Tiered>,
    pub settings: QueueSettings,
    /// The number that the next ticket gets.
    pub next_number: u32,
    /// The lowest number that is not forgotten.
    pub first_number: u32,
    /// The number that the next ticket to return from absence gets among those who returned.
    pub next_return: u32,
    /// Everybody in it counts as seen at this moment: the last start, the end of the last gap in the journal, or the
    /// moment at which `waiting_ttl` was last lowered.
    pub seen_floor: Time,
    /// Admissions of the last second, as (20 ms slot since the epoch, count), oldest first.
    pub admitted: Vec<(u64, u32)>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TicketRow {
    pub ticket: TicketId,
    pub user: UserId,
    pub key: KeyId,
    /// When its token was issued.
    pub issued_at: Time,
    /// When its owner joined, where that was earlier and a draw needs to know.
    pub joined_at: Option<Time>,
    pub tier: Option<Tier>,
    pub state: State,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresenceRow {
    pub queue: QueueId,
    /// The number of the block's first ticket, a multiple of [`super::PRESENCE_BLOCK`].
    pub first: u32,
    /// For each ticket from `first` on, when it was last heard from, in tenths of a second since 2020-01-01 UTC, modulo 2^32.
    pub seen: Box<[u32]>,
}
