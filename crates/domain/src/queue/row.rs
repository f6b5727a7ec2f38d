//! The rows of a queue.

use crate::fingerprint::{Hash, Kind};
use crate::ids::{KeyId, QueueId, TicketId, UserId};
use crate::settings::QueueSettings;
use crate::time::Time;

use super::Queue;
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
    /// When its owner was let in: of those inside whose session may become longer.
    pub admitted_at: Option<Time>,
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

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityRow {
    pub queue: QueueId,
    /// The number of the block's first ticket, a multiple of [`super::PRESENCE_BLOCK`].
    pub first: u32,
    /// Those of the block who are inside, by number, and when they last did something.
    pub since: Box<[(u32, Time)]>,
}

impl Queue {
    pub(super) fn row(&self) -> QueueRow {
        QueueRow {
            id: self.id,
            name: self.name.clone(),
            mode: self.mode,
            opening: self.opening,
            phase: self.phase,
            draw: self.draw.clone(),
            tiered: self.tiered,
            settings: self.settings.clone(),
            next_number: self.tickets.next(),
            first_number: self.tickets.first(),
            next_return: self.next_return,
            seen_floor: self.seen_floor,
            admitted: self.rate.slots().collect(),
        }
    }

    pub(super) fn row_hash(&self) -> u64 {
        let QueueSettings {
            active_limit,
            admit_per_second,
            session_ttl_ms,
            waiting_ttl_ms,
            waiting_grace_ms,
            session_idle_ms,
            proof_bits,
            session_max_ms,
            network_places,
        } = self.settings;
        let hash = Hash::new(Kind::Queue)
            .words([u64::from(self.id.0), self.mode as u64, u64::from(active_limit)])
            .words([admit_per_second.map_or(0, u64::from), session_ttl_ms, waiting_ttl_ms, waiting_grace_ms])
            .words([self.tickets.next(), self.tickets.first(), self.next_return].map(u64::from))
            .word(self.seen_floor.0)
            .bytes(self.name.as_bytes());
        let hash = self.rate.slots().fold(hash, |hash, (slot, count)| hash.words([slot, u64::from(count)]));
        let hash = session_idle_ms.map_or(hash, |ms| hash.words([u64::MAX - 1, ms]));
        let hash = proof_bits.map_or(hash, |bits| hash.words([u64::MAX - 3, u64::from(bits)]));
        let hash = session_max_ms.map_or(hash, |ms| hash.words([u64::MAX - 4, ms]));
        let hash = network_places.map_or(hash, |places| hash.words([u64::MAX - 5, u64::from(places)]));
        let hash = self.networks.hash(hash);
        let hash = self.opening.hash(hash, self.phase);
        let hash = self.draw().map_or(hash, |draw| draw.hash(hash));
        self.tiered.map_or(hash, |tiered| tiered.hash(hash)).finish()
    }
}
