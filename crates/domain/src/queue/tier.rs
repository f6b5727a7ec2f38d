//! Tiers: who stands before others of those who joined before the opening, as an entry token says.

use core::num::NonZeroU8;

use crate::fingerprint::Hash;
use crate::time::Time;

use super::draw::Drawn;
use super::places::Places;
use super::{Phase, Queue};

/// Which part of those who joined before the opening somebody stands in: 1 is before 2, and whoever has none is behind all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tier(NonZeroU8);

impl Tier {
    /// The last that there is, and how many there are.
    pub const LAST: u8 = 9;

    /// Behind everybody else of them, those too who have none: who came from a [network](super::networks) that had its places
    /// already. Nobody can ask for it.
    pub const SURPLUS: Self = Self(NonZeroU8::new(Self::LAST + 1).expect("not 0"));

    /// How many stand one behind the other: the tiers, those who have none, and the surplus.
    pub(super) const RANKS: usize = Self::LAST as usize + 2;

    /// `None` where there is no such tier that somebody may be given.
    #[must_use]
    pub fn new(number: u8) -> Option<Self> {
        NonZeroU8::new(number).filter(|number| number.get() <= Self::LAST).map(Self)
    }

    /// The same for what was kept of a ticket.
    #[must_use]
    pub fn kept(number: u8) -> Option<Self> {
        if number == Self::SURPLUS.number() { Some(Self::SURPLUS) } else { Self::new(number) }
    }

    /// Where those of a tier stand, from 0.
    pub(super) fn rank(tier: Option<Self>) -> usize {
        match tier {
            None => usize::from(Self::LAST),
            Some(Self::SURPLUS) => usize::from(Self::LAST) + 1,
            Some(tier) => usize::from(tier.number()) - 1,
        }
    }

    /// Who stands there.
    pub(super) fn at_rank(rank: usize) -> Option<Self> {
        if rank == Self::rank(Some(Self::SURPLUS)) { Some(Self::SURPLUS) } else { Self::new(rank as u8 + 1) }
    }

    #[must_use]
    pub fn number(self) -> u8 {
        self.0.get()
    }
}

/// The opening of a queue in order of joining where some may go before others: a draw has the same of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tiered {
    /// The first ticket of the pre-queue.
    pub first: u32,
    /// From the opening on. Where nobody had a tier, nothing is left of it then.
    pub opened: Option<Drawn>,
}

impl Tiered {
    pub(super) fn hash(&self, hash: Hash) -> Hash {
        let hash = hash.words([u64::MAX - 2, u64::from(self.first)]);
        match self.opened {
            None => hash,
            Some(Drawn { at, tickets, left }) => hash.words([at.0, u64::from(tickets), u64::from(left)]),
        }
    }
}

impl Queue {
    /// What some have that others of the pre-queue do not, where places are not drawn.
    #[must_use]
    pub fn tiered(&self) -> Option<Tiered> {
        self.tiered
    }

    /// From [`level::TIERS`](crate::level::TIERS) on tiers count: of the pre-queue that is on, for those who join from here on.
    pub(crate) fn heed_tiers(&mut self) {
        if !core::mem::replace(&mut self.heeds_tiers, true) {
            self.begin_tiers();
        }
    }

    /// From the first moment of a pre-queue on tiers count. Where somebody still waits in the places of an opening before,
    /// whoever joins stands behind them, in order of joining: they were told theirs.
    pub(super) fn begin_tiers(&mut self) {
        let is_over = |tiered: Tiered| tiered.opened.is_some() && self.line.is_empty();
        if self.phase == Phase::Prequeue && self.heeds_tiers && self.draw.is_none() && self.tiered.is_none_or(is_over) {
            self.line.forget_places();
            self.left.clear();
            self.tiered = Some(Tiered { first: self.tickets.next(), opened: None });
            self.dirty = true;
        }
    }

    /// The queue opens: from here on whoever has a tier stands before those who have none.
    pub(super) fn seal_tiers(&mut self, now: Time) {
        let Some(tiered) = self.tiered.filter(|tiered| tiered.opened.is_none()) else { return };
        let tickets = self.tickets.next() - tiered.first;
        let tiers = self.line.tiers(tiered.first, tickets);
        self.tiered = None;
        self.dirty = true;
        if !tiers.is_empty() {
            self.tiered = Some(Tiered { opened: Some(Drawn { at: now, tickets, left: 0 }), ..tiered });
            self.seal(Places::new(tiered.first, tickets, None, &tiers));
        }
    }
}
