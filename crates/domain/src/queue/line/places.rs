//! The places that an opening gives.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::{CHUNK, Chunk, LEAF_WORDS, Line, add, place};
use crate::queue::joins::{Join, Joins};
use crate::queue::places::Places;
use crate::queue::tier::Tier;
use crate::time::Time;

impl Line {
    /// The place that the ticket drew, from 1, and of how many; `None` for one that took no part, and before the opening.
    #[must_use]
    pub fn drawn(&self, number: u32) -> Option<(u32, u32)> {
        let places = self.places.load();
        let places = places.as_ref()?;
        Some((places.drawn(number)?, places.range().1))
    }

    /// How many wait before the ticket, and what it has [drawn](Self::drawn). Where it stands is worked out once for both.
    pub(crate) fn ahead_and_drawn(&self, number: u32) -> (u32, Option<(u32, u32)>) {
        let places = self.places.load();
        let Some(places) = places.as_ref() else { return (self.before(number), None) };
        let (first, tickets) = places.range();
        match places.drawn(number) {
            Some(place) => (self.before(first + place - 1), Some((place, tickets))),
            None => (self.before(number), None),
        }
    }

    /// When the tickets joined that take part in the draw, and with which tier, from this number on: the engine says from which to
    /// which they do.
    #[must_use]
    pub fn joins(&self, numbers: core::ops::Range<u32>) -> Vec<Join> {
        let joins = self.joins.load();
        let of = |number| joins.as_ref()?.of(number);
        numbers.filter_map(of).collect()
    }

    /// Those who take part in a draw have this number and greater ones.
    pub(crate) fn begin_joins(&self, first: u32) {
        self.joins.store(Some(Arc::new(Joins::new(first))));
    }

    pub(crate) fn note_join(&self, number: u32, at: Time, tier: Option<Tier>) {
        if let Some(joins) = self.joins.load().as_ref() {
            joins.note(Join { number, at, tier });
        }
    }

    /// From here on the places are these: whoever takes part and waits does so at theirs. Gives those who take part and do not
    /// wait. All places in the range count until they are [taken out](Self::take_out): a million are filled in some thousand
    /// stores, and each that is taken out takes a handful. Nobody may look at places meanwhile.
    pub(crate) fn take_places(&self, places: Places) -> Vec<u32> {
        let (first, tickets) = places.range();
        let mut empty = Vec::new();
        self.for_each_word(first, tickets, |number, chunk, word, mask| {
            let bits = chunk.waiting[word].load(Ordering::Relaxed);
            let mut missing = mask & !bits;
            add(&chunk.leaf_counts[word / LEAF_WORDS], true, missing.count_ones());
            chunk.waiting[word].store(bits | mask, Ordering::Relaxed);
            let filled = missing.count_ones();
            while missing != 0 {
                empty.push(number + missing.trailing_zeros());
                missing &= missing - 1;
            }
            (true, filled)
        });
        self.places.store(Some(Arc::new(places)));
        empty
    }

    /// Somebody who has a place in the draw does not wait at it.
    pub(crate) fn take_out(&self, number: u32) {
        self.set_waiting(self.place_of(number), false);
    }

    /// As [`Self::take_places`], for a line that was loaded: those who wait stand at their numbers.
    pub(crate) fn load_places(&self, places: Places) {
        let (first, tickets) = places.range();
        let mut waiting = Vec::new();
        self.for_each_word(first, tickets, |number, chunk, word, mask| {
            let bits = chunk.waiting[word].load(Ordering::Relaxed);
            let mut meant = bits & mask;
            let left = meant.count_ones();
            add(&chunk.leaf_counts[word / LEAF_WORDS], false, left);
            chunk.waiting[word].store(bits & !mask, Ordering::Relaxed);
            while meant != 0 {
                waiting.push(number + meant.trailing_zeros());
                meant &= meant - 1;
            }
            (false, left)
        });
        for number in waiting {
            self.set_waiting(places.place_of(number), true);
        }
        self.places.store(Some(Arc::new(places)));
    }

    /// Whether somebody waits at a place among so many from `first` on.
    pub(crate) fn waits_within(&self, first: u32, tickets: u32) -> bool {
        self.before(first) != self.before(first + tickets)
    }

    /// Whether places go by tiers.
    pub(crate) fn has_tiers(&self) -> bool {
        self.places.load().as_ref().is_some_and(|places| places.has_tiers())
    }

    /// The tier of each of so many tickets from `first` on, or nothing where none of them has any.
    pub(crate) fn tiers(&self, first: u32, tickets: u32) -> Vec<Option<Tier>> {
        let end = first + tickets;
        let mut tiers = Vec::new();
        let mut from = first;
        while from < end {
            let at = place(from);
            let next = (u64::from(from / CHUNK + 1) * u64::from(CHUNK)).min(u64::from(end)) as u32;
            let slots = self.chunk(&at).map(|chunk| chunk.tickets.load_full());
            if let Some(of_chunk) = slots.iter().flatten().find_map(|slots| slots.tiers.get()) {
                // Those of the chunks before have none.
                tiers.resize((from - first) as usize, None);
                let of_range = &of_chunk[at.slot..][..(next - from) as usize];
                tiers.extend(of_range.iter().map(|tier| Tier::kept(tier.load(Ordering::Relaxed))));
            }
            from = next;
        }
        if tiers.iter().all(Option::is_none) {
            return Vec::new();
        }
        tiers.resize(tickets as usize, None);
        tiers
    }

    /// Nobody waits at places that were given, and who stood where is no longer known.
    pub(crate) fn drop_places(&self) {
        self.places.store(None);
    }

    /// Tickets stand by their numbers again. Nobody waits.
    pub(crate) fn forget_places(&self) {
        self.joins.store(None);
        let Some(places) = self.places.swap(None) else { return };
        let (first, tickets) = places.range();
        self.for_each_word(first, tickets, |_, chunk, word, mask| {
            let bits = chunk.waiting[word].load(Ordering::Relaxed);
            let left = (bits & mask).count_ones();
            add(&chunk.leaf_counts[word / LEAF_WORDS], false, left);
            chunk.waiting[word].store(bits & !mask, Ordering::Relaxed);
            (false, left)
        });
    }

    /// Goes through the words of so many places from `first` on: handed out are the number of a word's first bit, its chunk, its
    /// place there, and which bits are meant. How many bits were set, or cleared, comes back.
    fn for_each_word(&self, first: u32, tickets: u32, mut change: impl FnMut(u32, &Chunk, usize, u64) -> (bool, u32)) {
        let end = u64::from(first) + u64::from(tickets);
        let mut from = u64::from(first);
        while from < end {
            let at = place(from as u32);
            let next = (from / 64 + 1) * 64;
            let above = if end < next { (1 << (end % 64)) - 1 } else { u64::MAX };
            let mask = above & (u64::MAX << (from % 64));
            let chunk = self.chunk_or_new(&at);
            let (set, bits) = change((from / 64 * 64) as u32, chunk, at.word, mask);
            if let Some(group) = self.group(&at) {
                add(&group.chunk_counts[at.chunk], set, bits);
            }
            add(&self.group_counts[at.group], set, bits);
            from = next;
        }
    }
}
