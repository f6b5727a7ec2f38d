//! How the seats of a schedule are cut into blocks, each rendered and compressed once per change of its own.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::Arc;

use onsale_domain::concert::{Layout, SeatSpec};

/// Seats per block. A change renders its block again (about 40 µs); larger blocks compress a little better (at 128
/// they cost 5 % over one `gzip -6` of the whole list), smaller ones are rendered faster.
pub(super) const BLOCK_SEATS: usize = 128;

/// The part of a layout that never changes while seats are sold.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) layout: Layout,
    /// The seats of each block, as ranges of the layout.
    pub(super) blocks: Vec<Range<usize>>,
    /// For each section, its number and its blocks, in order of position.
    pub(super) sections: BTreeMap<String, (usize, Vec<usize>)>,
}

impl Plan {
    pub(super) fn new(seats: Arc<[SeatSpec]>) -> Self {
        let mut blocks = Vec::new();
        let mut sections: BTreeMap<String, (usize, Vec<usize>)> = BTreeMap::new();
        for run in runs(&seats) {
            for block in run.clone().step_by(BLOCK_SEATS) {
                if let Some(section) = &seats[block].section {
                    let next = sections.len();
                    sections.entry(section.clone()).or_insert((next, Vec::new())).1.push(blocks.len());
                }
                blocks.push(block..(block + BLOCK_SEATS).min(run.end));
            }
        }
        Self { layout: Layout::new(seats), blocks, sections }
    }

    /// The block that the seat at this place of the layout is in.
    pub(super) fn block_of(&self, at: usize) -> usize {
        self.blocks.partition_point(|block| block.end <= at)
    }
}

/// Neighbours in one section.
fn runs(seats: &[SeatSpec]) -> Vec<Range<usize>> {
    let mut start = 0;
    seats
        .chunk_by(|a, b| a.section == b.section)
        .map(|run| {
            let range = start..start + run.len();
            start = range.end;
            range
        })
        .collect()
}
