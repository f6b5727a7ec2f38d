//! Places by a draw that anybody can check.
//!
//! A secret seed is drawn before anybody joins, and its SHA-256 published: the commitment. Whoever joins before the opening goes
//! into a hash chain, with the time. At the opening seed, chain and what else was given make the key of a permutation of the
//! order of joining, and the seed is published. Who joins later stands behind, in order of joining.

use minicbor::{Decode, Encode};
use sha2::{Digest, Sha256};

use crate::changes::Changes;
use crate::concert::is_reason;
use crate::fingerprint::Hash;
use crate::refusal::Refusal;
use crate::time::Time;

use super::places::Places;
use super::tier::Tier;
use super::{Phase, Queue};

/// What the key is made of begins with it, and it names how places come of the key: another way needs another name. Tiers are the
/// same way once more for each: a list without them gives the places that it always gave.
pub const ALGORITHM: &str = "onsale-draw-1";

/// In which order those who joined before the opening are admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub enum Order {
    /// In order of joining.
    #[n(0)]
    Fifo,
    /// By a draw with this seed, which nobody is told before the opening.
    #[n(1)]
    Draw {
        #[n(0)]
        #[cbor(with = "minicbor::bytes")]
        seed: [u8; 32],
    },
}

/// The draw of one opening.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draw {
    pub seed: [u8; 32],
    /// What was given to be mixed in that is not ours, as a public randomness beacon.
    pub beacon: Option<Box<str>>,
    /// The first ticket that takes part, once the pre-queue has begun.
    pub first: Option<u32>,
    /// The hash chain over all that take part.
    pub joins: [u8; 32],
    /// From the opening on.
    pub drawn: Option<Drawn>,
}

/// What is fixed at the opening.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Drawn {
    pub at: Time,
    /// How many tickets take part, those too that were given up before.
    pub tickets: u32,
    /// How many of those that were given up still have to be taken out of the line.
    pub left: u32,
}

/// A seed, or a digest of one, as people are shown it and compare it: in hexadecimal.
#[must_use]
pub fn hex(digest: &[u8; 32]) -> String {
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Draw {
    /// With a seed of which nothing but the commitment is known.
    #[must_use]
    pub fn new(seed: [u8; 32]) -> Self {
        Self { seed, beacon: None, first: None, joins: Sha256::digest(seed).into(), drawn: None }
    }

    /// What is published before anybody joins: the seed's SHA-256. The chain begins with it.
    #[must_use]
    pub fn commitment(&self) -> [u8; 32] {
        Sha256::digest(self.seed).into()
    }

    /// The key of the permutation, as things stand.
    #[must_use]
    pub fn key(&self) -> [u8; 32] {
        let hash = Sha256::new().chain_update(ALGORITHM).chain_update(self.seed).chain_update(self.joins);
        hash.chain_update(self.beacon.as_deref().unwrap_or_default()).finalize().into()
    }

    /// The chain's next link.
    #[must_use]
    pub fn link(joins: &[u8; 32], number: u32, joined_at: Time, tier: Option<Tier>) -> [u8; 32] {
        let hash = Sha256::new().chain_update(joins).chain_update(number.to_be_bytes());
        let hash = hash.chain_update(joined_at.0.to_be_bytes());
        let hash = match tier {
            None => hash,
            // One byte more, so that no link without a tier is one with it.
            Some(tier) => hash.chain_update([tier.number()]),
        };
        hash.finalize().into()
    }

    /// The places that were drawn of tickets with these tiers, see [`Places::new`]; `None` before the opening.
    #[must_use]
    pub fn places(&self, tiers: &[Option<Tier>]) -> Option<Places> {
        let (first, drawn) = (self.first?, self.drawn?);
        Some(Places::new(first, drawn.tickets, Some(&self.key()), tiers))
    }

    /// Whether the ticket takes part.
    #[must_use]
    pub fn covers(&self, number: u32) -> bool {
        let nth = self.first.and_then(|first| number.checked_sub(first));
        nth.is_some_and(|nth| self.drawn.is_none_or(|drawn| nth < drawn.tickets))
    }

    pub(super) fn hash(&self, hash: Hash) -> Hash {
        let Self { seed, beacon, first, joins, drawn } = self;
        let hash = hash.word(u64::MAX - 1).bytes(seed).bytes(joins).text(beacon.as_deref());
        let hash = hash.word(first.map_or(0, |first| u64::from(first) + 1));
        match drawn {
            None => hash,
            Some(Drawn { at, tickets, left }) => hash.words([at.0, u64::from(*tickets), u64::from(*left)]),
        }
    }
}

impl Queue {
    /// The draw that is to come, or whose places count.
    #[must_use]
    pub fn draw(&self) -> Option<&Draw> {
        self.draw.as_deref()
    }

    /// Sets the order of the next opening. Only while nobody waits: nobody's place is made another.
    pub(crate) fn set_order(&mut self, order: Order, changes: &mut Changes<'_>) -> Result<(), Refusal> {
        let is_so = match (order, self.draw()) {
            (Order::Fifo, draw) => draw.is_none(),
            // What was committed to stands.
            (Order::Draw { .. }, draw) => draw.is_some_and(|draw| draw.drawn.is_none()),
        };
        if is_so {
            return Ok(());
        }
        if !self.line.is_empty() || !self.returned.is_empty() || !self.absent.is_empty() {
            return Err(Refusal::QueueInUse);
        }
        self.left.clear();
        self.line.forget_places();
        self.tiered = None;
        self.forget_networks();
        self.draw = match order {
            Order::Fifo => None,
            Order::Draw { seed } => Some(Box::new(Draw::new(seed))),
        };
        self.begin_draw();
        self.begin_tiers();
        self.dirty = true;
        self.admit(changes);
        Ok(())
    }

    /// Has something mixed in that is not ours: once, so that nobody tries until they like what comes of it.
    pub(crate) fn set_beacon(&mut self, beacon: &str) -> Result<(), Refusal> {
        let draw = self.draw.as_deref_mut().filter(|draw| draw.drawn.is_none()).ok_or(Refusal::DrawMissing)?;
        if !is_reason(beacon) {
            return Err(Refusal::SettingInvalid("beacon"));
        }
        if draw.beacon.is_some() {
            return Err(Refusal::BeaconGiven);
        }
        draw.beacon = Some(beacon.into());
        self.dirty = true;
        Ok(())
    }

    /// From the first moment of a pre-queue on whoever joins takes part.
    pub(super) fn begin_draw(&mut self) {
        let next = self.tickets.next();
        if let Some(draw) = self.draw.as_deref_mut()
            && self.phase == Phase::Prequeue
            && draw.first.is_none()
            && draw.drawn.is_none()
        {
            draw.first = Some(next);
            self.line.begin_joins(next);
        }
    }

    /// Takes a new ticket in, where it takes part.
    pub(super) fn chain(&mut self, number: u32, joined_at: Time, tier: Option<Tier>) {
        if let Some(draw) = self.draw.as_deref_mut()
            && draw.first.is_some()
            && draw.drawn.is_none()
        {
            draw.joins = Draw::link(&draw.joins, number, joined_at, tier);
            self.line.note_join(number, joined_at, tier);
        }
    }

    /// The queue opens: from here on the places are what the draw makes them.
    pub(super) fn seal_draw(&mut self, now: Time) {
        let next = self.tickets.next();
        self.forget_networks();
        let Some(draw) = self.draw.as_deref_mut().filter(|draw| draw.drawn.is_none()) else { return };
        let first = *draw.first.get_or_insert(next);
        draw.drawn = Some(Drawn { at: now, tickets: next - first, left: 0 });
        if let Some(places) = draw.places(&self.line.tiers(first, next - first)) {
            self.seal(places);
        }
    }

    /// When the owner of a ticket joined, where its token is of a later moment and a draw needs to know.
    pub(super) fn joined_at(&self, number: u32) -> Option<Time> {
        self.joined.get(&number).copied()
    }
}
