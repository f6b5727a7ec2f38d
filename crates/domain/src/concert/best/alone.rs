//! Single seats that a choice would leave, and whether that could have been helped.

use core::ops::Range;

use super::places::Places;
use super::tree;

/// Where a group of the same size is looked for that would leave no single seat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Within {
    /// In the group's section, as below [`level::RANKS`](crate::level::RANKS).
    Section,
    /// Anywhere.
    Date,
}

impl Places {
    /// The free seats that would be left single if those of these that are free were taken, and need not be, by their places in the list
    /// of seats and in its order. Nothing is taken.
    pub(in crate::concert) fn left_alone(&mut self, seats: &[u32], within: Within) -> Vec<u32> {
        let in_rows = |place: &u32| !self.is_standing(*place) && self.is_free(*place);
        let mut taken: Vec<u32> = seats.iter().map(|&seat| self.place_of(seat)).filter(in_rows).collect();
        taken.sort_unstable();
        // What is left is looked at as if these were taken, which they are not yet.
        taken.iter().for_each(|&place| self.set_free(place, false));
        let mut alone = Vec::new();
        for group in taken.chunk_by(|place, next| place + 1 == *next) {
            let group = group[0]..group[0] + group.len() as u32;
            let singles = self.singles_beside(&group);
            if !singles.is_empty() && self.is_better(&group, within) {
                alone.extend(singles);
            }
        }
        taken.iter().for_each(|&place| self.set_free(place, true));
        let mut alone: Vec<u32> = alone.into_iter().map(|place| self.seat_at(place)).collect();
        alone.sort_unstable();
        // Two groups may have the same seat between them.
        alone.dedup();
        alone
    }

    /// The free seats beside a group that is taken, that have no free neighbour.
    fn singles_beside(&self, group: &Range<u32>) -> Vec<u32> {
        let before = group.start.checked_sub(1).filter(|&place| {
            self.is_free(place) && place.checked_sub(1).is_none_or(|neighbour| !self.is_free(neighbour))
        });
        let behind = Some(group.end).filter(|&place| self.is_free(place) && !self.is_free(place + 1));
        before.into_iter().chain(behind).collect()
    }

    /// Whether a group of this one's size, anywhere there, would leave no single seat.
    fn is_better(&mut self, group: &Range<u32>, within: Within) -> bool {
        group.clone().for_each(|place| self.set_free(place, true));
        self.refresh();
        let rows = match within {
            Within::Section => self.section_of(group.start),
            Within::Date => self.all_rows(),
        };
        let wanted = tree::leaves_no_single(group.end - group.start);
        let is_better = self.nearest(&rows, rows.range.start, wanted).is_some();
        group.clone().for_each(|place| self.set_free(place, false));
        is_better
    }
}
