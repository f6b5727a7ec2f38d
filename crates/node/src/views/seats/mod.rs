//! The seats of one schedule at one moment, as readers see them.
//!
//! A board never changes: a batch that touches seats makes a new one, which shares all blocks that did not change, and
//! swaps it in. So a list is never a mixture of two moments, readers wait for nobody, and what is rendered is rendered
//! once for each version of each block.

mod block;
mod crc;
mod gzip;
mod plan;
mod sections;

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use onsale_domain::concert::{SeatCounts, SeatSpec};
use onsale_domain::ids::SeatId;

pub use block::SeatStatus;

use super::json;
use block::Block;
use plan::Plan;

/// Seats of one schedule at one moment.
#[derive(Debug)]
pub struct Board {
    version: u64,
    available: u32,
    held: u32,
    withheld: u32,
    plan: Arc<Plan>,
    blocks: Box<[Arc<Block>]>,
    tag: OnceLock<Bytes>,
    whole: Rendering,
    /// By the plan's number of the section.
    sections: Box<[Rendering]>,
    counts: OnceLock<Bytes>,
}

/// A list as it was asked for, once made.
#[derive(Debug, Default)]
struct Rendering {
    json: OnceLock<Arc<[Bytes]>>,
    gzip: OnceLock<Bytes>,
}

impl Board {
    pub(crate) fn new(seats: Arc<[SeatSpec]>, version: u64) -> Self {
        let plan = Arc::new(Plan::new(seats));
        let free = |range: &std::ops::Range<usize>| {
            Arc::new(Block::new(vec![SeatStatus::Available; range.len()].into_boxed_slice()))
        };
        let blocks = plan.blocks.iter().map(free).collect();
        let available = plan.layout.seats.len() as u32;
        Self::with(plan, blocks, [available, 0, 0], version)
    }

    fn with(plan: Arc<Plan>, blocks: Box<[Arc<Block>]>, counts: [u32; 3], version: u64) -> Self {
        let [available, held, withheld] = counts;
        let sections = plan.sections.iter().map(|_| Rendering::default()).collect();
        Self {
            version,
            available,
            held,
            withheld,
            plan,
            blocks,
            tag: OnceLock::new(),
            whole: Rendering::default(),
            sections,
            counts: OnceLock::new(),
        }
    }

    /// The board after some seats changed.
    pub(crate) fn changed(&self, changes: &[(SeatId, SeatStatus)], version: u64) -> Self {
        let mut blocks = self.blocks.clone();
        let (mut available, mut held, mut withheld) = (self.available, self.held, self.withheld);
        let mut dirty: BTreeMap<usize, Box<[SeatStatus]>> = BTreeMap::new();
        for &(seat, state) in changes {
            let Some(at) = self.plan.layout.find(seat) else { continue };
            let at = at as usize;
            let block = self.plan.block_of(at);
            let states = dirty.entry(block).or_insert_with(|| blocks[block].states.clone());
            let old = core::mem::replace(&mut states[at - self.plan.blocks[block].start], state);
            available += u32::from(state == SeatStatus::Available);
            available -= u32::from(old == SeatStatus::Available);
            held += u32::from(state == SeatStatus::TempReserved);
            held -= u32::from(old == SeatStatus::TempReserved);
            withheld += u32::from(state == SeatStatus::Withheld);
            withheld -= u32::from(old == SeatStatus::Withheld);
        }
        for (block, states) in dirty {
            blocks[block] = Arc::new(Block::new(states));
        }
        Self::with(self.plan.clone(), blocks, [available, held, withheld], version)
    }

    /// The same seats in another layout; what is not in it any more was free.
    pub(crate) fn relaid(&self, seats: Arc<[SeatSpec]>, version: u64) -> Self {
        let taken: Vec<_> = self
            .plan
            .layout
            .seats
            .iter()
            .map(|seat| (seat.seat, self.status(seat.seat).unwrap_or(SeatStatus::Available)))
            .filter(|&(_, state)| state != SeatStatus::Available)
            .collect();
        Self::new(seats, version).changed(&taken, version)
    }

    /// The number of the last batch that changed a seat or the layout.
    #[must_use]
    pub fn version(&self) -> u64 {
        self.version
    }

    /// An entity tag (RFC 9110, section 8.8.3) for the lists of this moment. `store` tells one store's versions from
    /// another's. Weak, as one tag stands for all encodings.
    #[must_use]
    pub fn tag(&self, store: u64) -> Bytes {
        self.tag.get_or_init(|| format!("W/\"{:x}-{}\"", store as u32, self.version).into()).clone()
    }

    /// How many seats can be had.
    #[must_use]
    pub fn available(&self) -> u32 {
        self.available
    }

    /// How many seats are held and not paid.
    #[must_use]
    pub fn held(&self) -> u32 {
        self.held
    }

    /// How many seats an operator holds back.
    #[must_use]
    pub fn withheld(&self) -> u32 {
        self.withheld
    }

    /// What of the seats is free, held, paid and held back.
    #[must_use]
    pub fn seat_counts(&self) -> SeatCounts {
        let (free, held, withheld) = (self.available, self.held, self.withheld);
        SeatCounts { free, held, paid: self.total() - free - held - withheld, withheld }
    }

    /// Every seat, and whether it can be had, by position.
    pub fn statuses(&self) -> impl Iterator<Item = (&SeatSpec, SeatStatus)> {
        self.plan.layout.seats.iter().zip(self.blocks.iter().flat_map(|block| block.states.iter().copied()))
    }

    /// How many seats there are.
    #[must_use]
    pub fn total(&self) -> u32 {
        self.plan.layout.seats.len() as u32
    }

    /// The seats' descriptions, by position.
    #[must_use]
    pub fn seats(&self) -> &Arc<[SeatSpec]> {
        &self.plan.layout.seats
    }

    /// The seat's description; `None` when there is no such seat.
    #[must_use]
    pub fn seat(&self, seat: SeatId) -> Option<&SeatSpec> {
        self.plan.layout.seats.get(self.plan.layout.find(seat)? as usize)
    }

    /// Whether the seat can be had; `None` when there is no such seat.
    #[must_use]
    pub fn status(&self, seat: SeatId) -> Option<SeatStatus> {
        let at = self.plan.layout.find(seat)? as usize;
        let block = self.plan.block_of(at);
        Some(self.blocks[block].states[at - self.plan.blocks[block].start])
    }

    /// Whether there are seats in a section of this name.
    #[must_use]
    pub fn has_section(&self, name: &str) -> bool {
        self.plan.sections.contains_key(name)
    }

    /// How many places of an area can be had; `None` where nobody stands in a section of that name.
    #[must_use]
    pub fn area_left(&self, name: &str) -> Option<u32> {
        let (_, blocks) = self.plan.sections.get(name)?;
        let first = *blocks.first()?;
        let is_area = self.plan.layout.seats[self.plan.blocks[first].start].standing;
        is_area.then(|| blocks.iter().map(|&block| self.blocks[block].available()).sum())
    }

    /// The list's body as pieces that follow each other, and whether it was at hand. A section that does not exist
    /// has no seats.
    #[must_use]
    pub fn json(&self, section: Option<&str>) -> (Arc<[Bytes]>, bool) {
        let Some((rendering, blocks)) = self.list(section) else {
            return (Arc::from([Bytes::from_static(json::HEAD), Bytes::from_static(json::TAIL)]), true);
        };
        let hit = rendering.json.get().is_some();
        (rendering.json.get_or_init(|| self.pieces(blocks)).clone(), hit)
    }

    /// The list's body as one gzip member (RFC 1952), and whether it was at hand.
    #[must_use]
    pub fn gzip(&self, section: Option<&str>) -> (Bytes, bool) {
        let Some((rendering, blocks)) = self.list(section) else {
            return (gzip::assemble(&[]), false);
        };
        let hit = rendering.gzip.get().is_some();
        let made = rendering.gzip.get_or_init(|| {
            let pieces: Vec<_> = blocks.map(|block| self.rendered(block)).collect();
            gzip::assemble(&pieces)
        });
        (made.clone(), hit)
    }

    /// The body of the list of sections, with the seats left in each, and whether it was at hand.
    #[must_use]
    pub fn sections_json(&self) -> (Bytes, bool) {
        let hit = self.counts.get().is_some();
        (self.counts.get_or_init(|| sections::render(&self.plan, &self.blocks)).clone(), hit)
    }

    fn list(&self, section: Option<&str>) -> Option<(&Rendering, Box<dyn Iterator<Item = usize> + '_>)> {
        match section {
            None => Some((&self.whole, Box::new(0..self.blocks.len()))),
            Some(name) => {
                let (number, blocks) = self.plan.sections.get(name)?;
                Some((&self.sections[*number], Box::new(blocks.iter().copied())))
            }
        }
    }

    fn pieces(&self, blocks: impl Iterator<Item = usize>) -> Arc<[Bytes]> {
        let mut pieces = vec![Bytes::from_static(json::HEAD)];
        for block in blocks {
            let json = &self.rendered(block).json;
            // Each block begins with a comma; the list's first seat has none.
            pieces.push(if pieces.len() == 1 { json.slice(1..) } else { json.clone() });
        }
        pieces.push(Bytes::from_static(json::TAIL));
        if pieces.iter().map(Bytes::len).sum::<usize>() <= ONE_PIECE_BYTES_MAX {
            return Arc::from([Bytes::from(pieces.concat())]);
        }
        pieces.into()
    }

    fn rendered(&self, block: usize) -> &block::Rendered {
        self.blocks[block].rendered(&self.plan.layout.seats, self.plan.blocks[block].clone())
    }
}

/// Up to here a list is copied into one piece: one write then costs less than handing out several.
const ONE_PIECE_BYTES_MAX: usize = 64 << 10;
