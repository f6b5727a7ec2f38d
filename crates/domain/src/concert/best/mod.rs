//! The best seats that are free, together: which ones a wish gets. `docs/best-available.md` has the rule.

mod accessible;
mod alone;
mod kinds;
mod places;
mod tree;

use core::ops::Range;

use minicbor::{Decode, Encode};

use crate::refusal::Refusal;
use crate::settings::SEATS_PER_RESERVATION_MAX;

use super::{Orphans, PriceTypeId};

pub(crate) use alone::Within;
pub(super) use kinds::{Allowed, Kinds};
use places::Numbers;
pub(super) use places::Places;

/// Seats that somebody wishes to have, without naming them.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Wish {
    /// How many: 1 to [`SEATS_PER_RESERVATION_MAX`](crate::settings::SEATS_PER_RESERVATION_MAX).
    #[n(0)]
    pub count: u32,
    /// Where; `None` for everywhere.
    #[n(1)]
    pub section: Option<String>,
    #[n(2)]
    pub together: Together,
    /// Of which category; `None` for any. From [`level::OFFERS`](crate::level::OFFERS) on, as what follows.
    #[n(3)]
    pub category: Option<String>,
    /// How many at which price, in the order in which the seats get them; `None` for all at the date's first.
    #[n(4)]
    pub price_types: Option<Vec<PriceCount>>,
    /// How many of them are to be wheelchair places.
    #[n(5)]
    pub accessible: Option<u32>,
}

/// So many seats at a price type.
#[derive(Clone, Debug, PartialEq, Eq, Encode, Decode)]
pub struct PriceCount {
    #[n(0)]
    pub price_type: PriceTypeId,
    #[n(1)]
    pub count: u32,
}

impl Wish {
    /// So many seats, anywhere, of any kind, at the date's first price.
    #[must_use]
    pub fn of(count: u32, together: Together) -> Self {
        Self { count, section: None, together, category: None, price_types: None, accessible: None }
    }

    /// Whether its numbers go together.
    pub(crate) fn is_valid(&self) -> bool {
        let counts = self.price_types.iter().flatten().map(|one| u64::from(one.count));
        let adds_up = self.price_types.is_none() || counts.sum::<u64>() == u64::from(self.count);
        let all_there = self.price_types.iter().flatten().all(|one| one.count > 0);
        let places_fit = self
            .accessible
            .is_none_or(|places| (1..=self.count).contains(&places) && self.together == Together::Required);
        let may_be = (1..=SEATS_PER_RESERVATION_MAX).contains(&(self.count as usize));
        may_be && adds_up && all_there && places_fit
    }

    /// Those that are wished for by name.
    pub(crate) fn price_types(&self) -> impl Iterator<Item = &PriceTypeId> {
        self.price_types.iter().flatten().map(|one| &one.price_type)
    }

    /// The price type of each seat, in their order.
    pub(crate) fn price_type_of_each(&self) -> impl Iterator<Item = Option<PriceTypeId>> + '_ {
        let named = self.price_types.iter().flatten();
        let named = named.flat_map(|one| core::iter::repeat_n(Some(one.price_type.clone()), one.count as usize));
        named.chain(core::iter::repeat(None))
    }
}

/// Whether seats must be side by side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Together {
    /// Side by side, or none at all.
    #[n(0)]
    Required,
    /// Side by side where that can be had, else in the fewest groups that can be found one after the other.
    #[n(1)]
    Preferred,
}

impl Places {
    /// The seats that the wish gets, by their places in the list of seats. Nothing is taken.
    ///
    /// # Errors
    /// [`Refusal::SectionNotFound`]; [`Refusal::SeatsTooFew`] where fewer seats are free; [`Refusal::SeatsNotTogether`].
    pub(super) fn pick(&mut self, wish: &Wish, orphans: Orphans) -> Result<Vec<u32>, Refusal> {
        if let Some(area) = wish.section.as_deref().filter(|section| self.area(section).is_some()) {
            let found = self.first_free(area, wish.count);
            return if found.len() == wish.count as usize { Ok(found) } else { Err(Refusal::SeatsTooFew) };
        }
        let rows = self.rows_of(wish.section.as_deref()).ok_or(Refusal::SectionNotFound)?;
        self.refresh();
        let picked = match wish.together {
            Together::Required => {
                self.group(&rows, rows.range.start, wish.count, orphans).map(|(_, places)| places.collect())
            }
            Together::Preferred => self.groups(&rows, wish.count, orphans),
        };
        match picked {
            Some(places) => Ok(places.into_iter().map(|place: u32| self.seat_at(place)).collect()),
            None if self.free_in(&rows) < wish.count => Err(Refusal::SeatsTooFew),
            None => Err(Refusal::SeatsNotTogether),
        }
    }

    /// Group by group, each the largest that there is, and near the one before it.
    fn groups(&mut self, rows: &Numbers, count: u32, orphans: Orphans) -> Option<Vec<u32>> {
        let mut picked = Vec::with_capacity(count as usize);
        let mut near = rows.range.start;
        let mut is_enough = true;
        while picked.len() < count as usize {
            let rest = count - picked.len() as u32;
            let largest = (1..=rest).rev().find_map(|size| self.group(rows, near, size, orphans));
            let Some((number, places)) = largest else {
                is_enough = false;
                break;
            };
            near = number;
            picked.extend(places.clone());
            if rest > places.len() as u32 {
                // What is left is looked for as if these were taken, which they are not yet.
                places.for_each(|place| self.set_free(place, false));
                self.refresh();
            }
        }
        picked.iter().for_each(|&place| self.set_free(place, true));
        is_enough.then_some(picked)
    }

    /// So many seats side by side, and their row's number, the nearest to `near`: where anybody minds, where they leave no single
    /// seat, if that is possible anywhere.
    fn group(&self, rows: &Numbers, near: usize, size: u32, orphans: Orphans) -> Option<(usize, Range<u32>)> {
        let minds = orphans != Orphans::Allow;
        let number = if minds {
            let number = self.nearest(rows, near, tree::leaves_no_single(size));
            number.or_else(|| self.nearest(rows, near, tree::leaves_a_single(size)))
        } else {
            self.nearest(rows, near, tree::long_enough(size))
        }?;
        let row = self.row_of(rows, number);
        let middle = self.middle(row);
        let best = |run: Range<u32>| {
            if minds { best_start(middle, &run, size) } else { middle_start(middle, &run, size) }
        };
        let first = self.runs(row).filter_map(best).min()?.1;
        Some((number, first..first + size))
    }
}

/// What there is to compare with other runs of a row: whether a single seat is left, and twice the distance of the group's middle
/// from the row's. Then where the group begins.
type Start = ((bool, u32), u32);

/// Where in a run a group begins: as near to the row's middle as it goes without leaving a single seat, if that goes.
fn best_start(middle: u32, run: &Range<u32>, size: u32) -> Option<Start> {
    let last = run.end.checked_sub(size).filter(|last| *last >= run.start)?;
    // A group that is not at an end of the run leaves two seats or more to either side.
    let inner =
        (last >= run.start + 4).then(|| middles(middle, size).map(|start| start.clamp(run.start + 2, last - 2)));
    let starts = inner.into_iter().flatten().chain([run.start, last]);
    let leaves_a_single = last == run.start + 1;
    starts.map(|start| ((leaves_a_single, from_middle(middle, start, size)), start)).min()
}

/// The same where nobody minds what is left.
fn middle_start(middle: u32, run: &Range<u32>, size: u32) -> Option<Start> {
    let last = run.end.checked_sub(size).filter(|last| *last >= run.start)?;
    let starts = middles(middle, size).map(|start| start.clamp(run.start, last));
    starts.map(|start| ((false, from_middle(middle, start, size)), start)).into_iter().min()
}

/// Where a group in the middle of a row begins: of two such starts the second may be as near.
fn middles(middle: u32, size: u32) -> [u32; 2] {
    let start = middle.saturating_sub(size) / 2;
    [start, start + 1]
}

fn from_middle(middle: u32, start: u32, size: u32) -> u32 {
    (2 * start + size).abs_diff(middle)
}
