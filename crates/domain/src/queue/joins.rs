//! When those joined who take part in a draw, readable without a lock while the engine writes: what the draw is checked with.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::time::Time;

use super::TICKETS_MAX;
use super::line::CHUNK;

type Chunk = OnceLock<Box<[AtomicU64]>>;

/// Moments by number, from the first ticket that takes part on. 0 is none.
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
    pub(crate) fn note(&self, number: u32, at: Time) {
        if let Some((chunk, slot)) = self.at(number) {
            let chunk = chunk.get_or_init(|| (0..CHUNK).map(|_| AtomicU64::new(0)).collect());
            chunk[slot].store(at.0, Ordering::Relaxed);
        }
    }

    pub(crate) fn of(&self, number: u32) -> Option<Time> {
        let (chunk, slot) = self.at(number)?;
        Some(chunk.get()?[slot].load(Ordering::Relaxed)).filter(|&at| at != 0).map(Time)
    }
}
