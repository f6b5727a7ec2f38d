//! When those joined who take part in a draw, and with which tier, readable without a lock while the engine writes: what the draw is checked with.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::time::Time;

use super::TICKETS_MAX;
use super::line::CHUNK;
use super::tier::Tier;

type Chunk = OnceLock<Box<[AtomicU64]>>;

/// Somebody who takes part in a draw, as its hash chain has them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Join {
    pub number: u32,
    pub at: Time,
    pub tier: Option<Tier>,
}

/// Where a word has the tier, above a moment of any year.
const TIER_SHIFT: u32 = 60;

/// Moments and tiers by number, from the first ticket that takes part on. 0 is none.
#[derive(Debug)]
pub(crate) struct Joins {
    first: u32,
    chunks: Box<[Chunk]>,
}

impl Joins {
    pub(crate) fn new(first: u32) -> Self {
        Self { first, chunks: (0..=TICKETS_MAX / CHUNK).map(|_| OnceLock::new()).collect() }
    }

    fn at(&self, number: u32) -> Option<(&Chunk, usize)> {
        let nth = number.checked_sub(self.first)?;
        Some((self.chunks.get((nth / CHUNK) as usize)?, (nth % CHUNK) as usize))
    }

    /// Only the engine calls this.
    pub(crate) fn note(&self, Join { number, at, tier }: Join) {
        if let Some((chunk, slot)) = self.at(number) {
            let chunk = chunk.get_or_init(|| (0..CHUNK).map(|_| AtomicU64::new(0)).collect());
            let tier = tier.map_or(0, |tier| u64::from(tier.number()));
            chunk[slot].store(at.0 | tier << TIER_SHIFT, Ordering::Relaxed);
        }
    }

    pub(crate) fn of(&self, number: u32) -> Option<Join> {
        let (chunk, slot) = self.at(number)?;
        let word = chunk.get()?[slot].load(Ordering::Relaxed);
        let at = Time(word & !(u64::MAX << TIER_SHIFT));
        (word != 0).then(|| Join { number, at, tier: Tier::kept((word >> TIER_SHIFT) as u8) })
    }
}
