//! Seats together of which some are wheelchair places. There are few of these, so each group around one is looked at.

use core::ops::Range;

use crate::refusal::Refusal;

use super::super::{Attributes, SeatSpec};
use super::places::{Numbers, Row};
use super::{Places, Wish};

/// What groups are compared by: how many of their seats have nothing to do with wheelchairs, whether they leave a single seat, how
/// far behind the first their row is, twice their distance from its middle, and where they begin.
type Rank = (u32, bool, usize, u32, u32);

impl Places {
    /// The seats that the wish gets, by their places in the list of seats, of which so many are wheelchair places.
    ///
    /// # Errors
    /// As [`Places::pick`].
    pub(in super::super) fn pick_accessible(
        &mut self,
        wish: &Wish,
        seats: &[SeatSpec],
        wanted: u32,
    ) -> Result<Vec<u32>, Refusal> {
        let rows = self.rows_of(wish.section.as_deref()).ok_or(Refusal::SectionNotFound)?;
        let places: Vec<(usize, u32)> =
            self.accessible().iter().filter_map(|&place| self.if_free(&rows, place)).collect();
        let count = wish.count;
        let mut best: Option<(Rank, u32)> = None;
        for &(number, place) in &places {
            let row = self.row_of(&rows, number);
            for start in place.saturating_sub(count - 1)..=place {
                let group = start..start + count;
                let Some(others) = self.others_in(row, &group, seats, wanted) else { continue };
                let rank = self.rank(row, number, &group, others);
                if best.as_ref().is_none_or(|(other, _)| rank < *other) {
                    best = Some((rank, start));
                }
            }
        }
        if let Some((_, start)) = best {
            return Ok((start..start + count).map(|place| self.seat_at(place)).collect());
        }
        let free = self.free_in(&rows);
        let has_places = places.len() as u32 >= wanted;
        let has_others = free.saturating_sub(places.len() as u32) >= count - wanted;
        Err(if has_places && has_others { Refusal::SeatsNotTogether } else { Refusal::SeatsTooFew })
    }

    /// The place with its row's number, where its seat is free and in these rows.
    fn if_free(&self, rows: &Numbers, place: u32) -> Option<(usize, u32)> {
        let number = self.number_of(rows, self.row_at(place)).filter(|_| self.is_free(place))?;
        Some((number, place))
    }

    /// How many of the group's seats have nothing to do with wheelchairs; `None` where it is no group, has not so many wheelchair
    /// places, or has a companion's seat without one.
    fn others_in(&self, row: usize, group: &Range<u32>, seats: &[SeatSpec], wanted: u32) -> Option<u32> {
        let Row { start, end } = *self.row(row);
        if group.start < start || group.end > end || !group.clone().all(|place| self.is_free(place)) {
            return None;
        }
        let at = |place: u32| seats[self.seat_at(place) as usize].attributes();
        let is_place = |place: u32| group.contains(&place) && at(place).has(Attributes::WHEELCHAIR);
        if group.clone().filter(|&place| is_place(place)).count() as u32 != wanted {
            return None;
        }
        let is_accompanied = |place: u32| is_place(place + 1) || place.checked_sub(1).is_some_and(is_place);
        let is_companion = |place: u32| at(place).has(Attributes::COMPANION);
        if group.clone().any(|place| is_companion(place) && !is_accompanied(place)) {
            return None;
        }
        Some(group.clone().filter(|&place| !at(place).is_accessible()).count() as u32)
    }

    fn rank(&self, row: usize, number: usize, group: &Range<u32>, others: u32) -> Rank {
        let bounds = self.row(row);
        let is_free = |place: Option<u32>| place.is_some_and(|place| bounds.contains(&place) && self.is_free(place));
        let (before, behind) = (group.start.checked_sub(1), Some(group.end));
        let leaves_a_single =
            is_free(before) && !is_free(group.start.checked_sub(2)) || is_free(behind) && !is_free(Some(group.end + 1));
        let distance = (group.start + group.end).abs_diff(self.middle(row));
        (others, leaves_a_single, number, distance, group.start)
    }
}
