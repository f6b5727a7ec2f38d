//! Which rows have free runs of a length: found in as many steps as the number of rows has digits.

use core::ops::Range;

use crate::settings::SEATS_PER_RESERVATION_MAX;

/// Runs of so many seats and more are all alike: whatever is taken out of one, two seats or more can be left.
const LONG: u32 = SEATS_PER_RESERVATION_MAX as u32 + 2;

/// Lengths of runs, a bit each.
pub(super) type Lengths = u32;

pub(super) fn length(run: u32) -> Lengths {
    1 << run.min(LONG)
}

/// The runs out of which a group can be taken that leaves no seat alone: they are as long as it, or longer by two.
pub(super) fn leaves_no_single(group: u32) -> Lengths {
    length(group) | (Lengths::MAX << (group + 2).min(LONG))
}

/// The runs out of which it cannot.
pub(super) fn leaves_a_single(group: u32) -> Lengths {
    length(group + 1)
}

/// The runs out of which a group can be taken, whatever it leaves.
pub(super) fn long_enough(group: u32) -> Lengths {
    Lengths::MAX << group.min(LONG)
}

/// The lengths of each row's runs, and, above them in pairs, of both together.
#[derive(Debug)]
pub(super) struct Tree {
    lengths: Box<[Lengths]>,
    leaves: usize,
}

impl Tree {
    pub(super) fn new(rows: usize) -> Self {
        let leaves = rows.next_power_of_two();
        Self { lengths: vec![0; 2 * leaves].into_boxed_slice(), leaves }
    }

    pub(super) fn set(&mut self, row: usize, lengths: Lengths) {
        let mut at = self.leaves + row;
        self.lengths[at] = lengths;
        while at > 1 {
            at /= 2;
            let both = self.lengths[2 * at] | self.lengths[2 * at + 1];
            if self.lengths[at] == both {
                return;
            }
            self.lengths[at] = both;
        }
    }

    /// The first of these rows that has a run of one of these lengths.
    pub(super) fn first(&self, rows: Range<usize>, wanted: Lengths) -> Option<usize> {
        self.find(1, 0..self.leaves, &rows, wanted, [0, 1])
    }

    pub(super) fn last(&self, rows: Range<usize>, wanted: Lengths) -> Option<usize> {
        self.find(1, 0..self.leaves, &rows, wanted, [1, 0])
    }

    /// Below node `at`, which is over the rows `over`, in this order of the two halves.
    fn find(
        &self,
        at: usize,
        over: Range<usize>,
        rows: &Range<usize>,
        wanted: Lengths,
        order: [usize; 2],
    ) -> Option<usize> {
        if over.end <= rows.start || rows.end <= over.start || self.lengths[at] & wanted == 0 {
            return None;
        }
        if at >= self.leaves {
            return Some(over.start);
        }
        let middle = usize::midpoint(over.start, over.end);
        let halves = [over.start..middle, middle..over.end];
        order.into_iter().find_map(|half| self.find(2 * at + half, halves[half].clone(), rows, wanted, order))
    }
}
