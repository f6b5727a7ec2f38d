//! The seats that a wish may be met with: those of a category, with the prices that are asked for, and wheelchair places only
//! where they are meant.
//!
//! A hall has few kinds of seats, so which ones a wish allows is a set of kinds. For each set that was wished for lately there
//! are places of its own, in which all other seats count as taken.

use std::collections::HashMap;

use crate::time::Time;

use super::super::{PriceTypeId, Schedule, SeatSpec, SharedTerms};
use super::{Places, Wish};

/// The most sets of kinds that places are kept for.
const SETS_MAX: usize = 16;

/// For each kind, whether it is in a set.
type Set = Box<[bool]>;

#[derive(Debug, Default)]
pub(crate) struct Kinds {
    /// The kind of each seat, by its place in the list. Empty where all seats are of one.
    of: Box<[u16]>,
    kinds: Vec<Option<SharedTerms>>,
    /// The last one wished for at the end.
    sets: Vec<(Set, Places)>,
}

/// Which seats a wish may be met with.
pub(crate) enum Allowed {
    All,
    Of(Set),
    /// The date has no such category.
    NoCategory,
    /// None of the date's seats, or of those in the category, has all these prices.
    NoPrice,
}

impl Kinds {
    /// Takes seats in order of position.
    pub(crate) fn new(seats: &[SeatSpec]) -> Self {
        if seats.iter().all(|seat| seat.terms.is_none()) {
            return Self::default();
        }
        let mut known: HashMap<Option<&SharedTerms>, u16> = HashMap::new();
        let mut kinds = Vec::new();
        let mut of = Vec::with_capacity(seats.len());
        for seat in seats {
            let kind = *known.entry(seat.terms.as_ref()).or_insert_with(|| {
                kinds.push(seat.terms.clone());
                (kinds.len() - 1) as u16
            });
            of.push(kind);
        }
        Self { of: of.into(), kinds, sets: Vec::new() }
    }

    pub(crate) fn allowed(&self, wish: &Wish, schedule: &Schedule, now: Time) -> Allowed {
        let plain = [None];
        let kinds = if self.kinds.is_empty() { plain.as_slice() } else { &self.kinds };
        let is_kept = wish.accessible.is_none() && schedule.keeps_accessible(now);
        let has_price = |terms: Option<&SharedTerms>| wish.price_types().all(|one| offers(schedule, terms, one));
        let in_category = |terms: Option<&SharedTerms>| {
            let category = terms.and_then(|terms| terms.category.as_ref());
            wish.category.is_none() || category == wish.category.as_ref()
        };
        if !kinds.iter().any(|kind| in_category(kind.as_ref())) {
            return Allowed::NoCategory;
        }
        if !kinds.iter().any(|kind| in_category(kind.as_ref()) && has_price(kind.as_ref())) {
            return Allowed::NoPrice;
        }
        let is_in = |kind: &Option<SharedTerms>| {
            let kind = kind.as_ref();
            let is_accessible = kind.is_some_and(|terms| terms.attributes.is_accessible());
            in_category(kind) && has_price(kind) && !(is_kept && is_accessible)
        };
        let set: Set = kinds.iter().map(is_in).collect();
        if set.iter().all(|is_in| *is_in) { Allowed::All } else { Allowed::Of(set) }
    }

    /// The places in which only seats of this set are free, of those that are.
    pub(crate) fn places(&mut self, set: Set, all: &Places, is_free: impl Fn(usize) -> bool) -> &mut Places {
        let known = self.sets.iter().position(|(other, _)| *other == set);
        let found = match known {
            Some(at) => self.sets.remove(at),
            None => {
                let of = &self.of;
                // Without kinds all seats are of one.
                let is_in = |seat: usize| of.get(seat).map_or(set[0], |kind| set[usize::from(*kind)]);
                let places = all.with(|seat| is_in(seat) && is_free(seat));
                (set, places)
            }
        };
        if self.sets.len() == SETS_MAX {
            self.sets.remove(0);
        }
        self.sets.push(found);
        let last = self.sets.len() - 1;
        &mut self.sets[last].1
    }

    /// Takes note that the seat at this place of the list is taken.
    pub(crate) fn take(&mut self, seat: usize) {
        self.with_its_sets(seat, |places| places.take(seat));
    }

    pub(crate) fn free(&mut self, seat: usize) {
        self.with_its_sets(seat, |places| places.free(seat));
    }

    fn with_its_sets(&mut self, seat: usize, note: impl Fn(&mut Places)) {
        let kind = self.of.get(seat).map_or(0, |kind| usize::from(*kind));
        self.sets.iter_mut().filter(|(set, _)| set[kind]).for_each(|(_, places)| note(places));
    }
}

/// Whether seats of these terms have this price.
fn offers(schedule: &Schedule, terms: Option<&SharedTerms>, price_type: &PriceTypeId) -> bool {
    let mut others = terms.into_iter().flat_map(|terms| &terms.prices);
    schedule.price_type(None) == Some(price_type) || others.any(|price| price.price_type == *price_type)
}
