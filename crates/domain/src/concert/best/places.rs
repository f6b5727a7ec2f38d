//! The places of a schedule: its seats row by row, section by section, the best rows of each first, with a gap wherever two that follow each other are not
//! neighbours. Behind them, area by area, the places to stand, which are nobody's neighbours.
//!
//! Taking or freeing a seat sets three bits. What follows from it for the runs of a row is worked out when somebody wishes for
//! seats, so that whoever names seats pays nothing for those who do not.

use core::ops::Range;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::super::{Attributes, SeatSpec};
use super::tree::{self, Lengths, Tree};

/// At the place of a gap there is no seat.
const GAP: u32 = u32::MAX;

/// The places of one row, from its first seat to behind its last.
pub(super) type Row = Range<u32>;

/// The rows of each section, and which of them those of a name are.
#[derive(Debug, Default)]
struct Sections {
    rows: Vec<Range<usize>>,
    named: BTreeMap<Box<str>, usize>,
}

/// The rows that somebody looks at, by numbers of which less is better: those of a section by their places in it, and all of them
/// by the catalog's ranks where these put rows of one section between those of another.
#[derive(Clone, Debug)]
pub(in super::super) struct Numbers {
    pub(super) range: Range<usize>,
    is_ranked: bool,
}

/// The rows of all sections, by the catalog's ranks.
#[derive(Debug)]
struct Ranked {
    /// The row of each number, and the other way round.
    rows: Box<[usize]>,
    numbers: Box<[usize]>,
}

/// Where the seats are, which never changes.
#[derive(Debug)]
struct Hall {
    /// By the seat's place in the list of seats.
    place_of: Box<[u32]>,
    /// The other way round.
    seat_at: Box<[u32]>,
    rows: Box<[Row]>,
    /// Where the middle of each row is, or what its catalog has for that: the sum of where the best of its seats begin and end.
    middles: Box<[u32]>,
    sections: Sections,
    /// Only where it is another order than that of the rows.
    ranked: Option<Ranked>,
    /// The places of wheelchair places.
    accessible: Box<[u32]>,
    /// The places of each area where people stand.
    areas: BTreeMap<Box<str>, Range<u32>>,
    /// Where these begin.
    standing: u32,
}

#[derive(Debug)]
pub(crate) struct Places {
    hall: Arc<Hall>,
    /// A bit for each place: whether there is a seat that is free. Behind each row is a gap.
    free: Box<[u64]>,
    /// A bit for each word of `free`: whether any seat of it is free.
    any_free: Box<[u64]>,
    /// A bit for each word of `free`: whether it has changed since the runs were looked at.
    changed: Box<[u64]>,
    runs: Tree,
    /// The same by the rows' numbers among all.
    ranked: Option<Tree>,
}

impl Places {
    /// Takes seats in order of position; all are free.
    pub(crate) fn new(seats: &[SeatSpec]) -> Self {
        let (sections, by_row) = in_rows(seats);
        let mut place_of = vec![0; seats.len()].into_boxed_slice();
        let mut seat_at = Vec::with_capacity(seats.len() + by_row.len());
        let mut rows = Vec::with_capacity(by_row.len());
        let mut middles = Vec::with_capacity(by_row.len());
        for row in &by_row {
            let start = seat_at.len() as u32;
            for (i, &seat) in row.iter().enumerate() {
                let follows = i == 0 || seats[row[i - 1] as usize].position + 1 == seats[seat as usize].position;
                if !follows {
                    seat_at.push(GAP);
                }
                place_of[seat as usize] = seat_at.len() as u32;
                seat_at.push(seat);
            }
            let end = seat_at.len() as u32;
            rows.push(start..end);
            middles.push(middle(seats, row, &place_of).unwrap_or(start + end));
            seat_at.push(GAP);
        }
        let standing = seat_at.len() as u32;
        let mut areas = BTreeMap::new();
        for (name, of_area) in standing_by_area(seats) {
            let start = seat_at.len() as u32;
            for seat in of_area {
                place_of[seat as usize] = seat_at.len() as u32;
                seat_at.push(seat);
            }
            areas.extend(name.map(|name| (name.into(), start..seat_at.len() as u32)));
        }
        let (seat_at, rows) = (seat_at.into_boxed_slice(), rows.into_boxed_slice());
        let is_accessible = |seat: &SeatSpec| !seat.standing && seat.attributes().has(Attributes::WHEELCHAIR);
        let accessible = seats.iter().zip(&place_of).filter(|(seat, _)| is_accessible(seat)).map(|(_, place)| *place);
        let accessible = accessible.collect();
        let (middles, ranked) = (middles.into_boxed_slice(), ranked(seats, &by_row));
        let hall = Hall { place_of, seat_at, rows, middles, sections, ranked, accessible, areas, standing };
        Self::of(Arc::new(hall), |_| true)
    }

    /// The same places, of which other seats are free.
    pub(super) fn with(&self, is_free: impl Fn(usize) -> bool) -> Self {
        Self::of(self.hall.clone(), is_free)
    }

    fn of(hall: Arc<Hall>, is_free: impl Fn(usize) -> bool) -> Self {
        let words = hall.seat_at.len().div_ceil(64);
        let seats = hall.place_of.len();
        let mut places = Self {
            runs: Tree::new(hall.rows.len()),
            ranked: hall.ranked.as_ref().map(|ranked| Tree::new(ranked.rows.len())),
            free: vec![0; words].into_boxed_slice(),
            any_free: vec![0; words.div_ceil(64)].into_boxed_slice(),
            changed: vec![0; words.div_ceil(64)].into_boxed_slice(),
            hall,
        };
        (0..seats).filter(|&seat| is_free(seat)).for_each(|seat| places.free(seat));
        places
    }

    /// Takes note that the seat at this place of the list is taken.
    pub(crate) fn take(&mut self, seat: usize) {
        self.set_free(self.hall.place_of[seat], false);
    }

    pub(crate) fn free(&mut self, seat: usize) {
        self.set_free(self.hall.place_of[seat], true);
    }

    pub(super) fn set_free(&mut self, place: u32, is_free: bool) {
        let (word, bit) = (place as usize / 64, 1 << (place % 64));
        if is_free {
            self.free[word] |= bit;
        } else {
            self.free[word] &= !bit;
        }
        let (group, bit) = (word / 64, 1 << (word % 64));
        if self.free[word] == 0 {
            self.any_free[group] &= !bit;
        } else {
            self.any_free[group] |= bit;
        }
        self.changed[word / 64] |= 1 << (word % 64);
    }

    /// The places of an area; `None` where there is no such area.
    pub(crate) fn area(&self, name: &str) -> Option<&Range<u32>> {
        self.hall.areas.get(name)
    }

    pub(super) fn is_standing(&self, place: u32) -> bool {
        place >= self.hall.standing
    }

    /// The first free places of an area, as many as are wanted or are left, by their places in the list of seats.
    pub(crate) fn first_free(&self, area: &str, wanted: u32) -> Vec<u32> {
        let Some(Range { mut start, end }) = self.hall.areas.get(area).cloned() else { return Vec::new() };
        let mut found = Vec::with_capacity(wanted as usize);
        while found.len() < wanted as usize
            && let Some(place) = self.next_free(start).filter(|place| *place < end)
        {
            found.push(self.seat_at(place));
            start = place + 1;
        }
        found
    }

    /// The first free place from `from` on: however full the words between are, one look is for 64 of them.
    fn next_free(&self, from: u32) -> Option<u32> {
        let word = from as usize / 64;
        let bits = self.free.get(word)? & (u64::MAX << (from % 64));
        if bits != 0 {
            return Some(word as u32 * 64 + bits.trailing_zeros());
        }
        let next = word + 1;
        let in_group = self.any_free.get(next / 64)? & (u64::MAX << (next % 64));
        let (group, words) = core::iter::once((next / 64, in_group))
            .chain(self.any_free.iter().copied().enumerate().skip(next / 64 + 1))
            .find(|(_, words)| *words != 0)?;
        let word = group * 64 + words.trailing_zeros() as usize;
        Some(word as u32 * 64 + self.free[word].trailing_zeros())
    }

    /// Places without a seat, and behind all others, are not free.
    pub(super) fn is_free(&self, place: u32) -> bool {
        self.free.get(place as usize / 64).is_some_and(|bits| bits >> (place % 64) & 1 == 1)
    }

    pub(super) fn place_of(&self, seat: u32) -> u32 {
        self.hall.place_of[seat as usize]
    }

    pub(super) fn seat_at(&self, place: u32) -> u32 {
        self.hall.seat_at[place as usize]
    }

    pub(super) fn row(&self, row: usize) -> &Row {
        &self.hall.rows[row]
    }

    /// Where a row's middle is, twice.
    pub(super) fn middle(&self, row: usize) -> u32 {
        self.hall.middles[row]
    }

    /// The places of wheelchair places.
    pub(super) fn accessible(&self) -> &[u32] {
        &self.hall.accessible
    }

    /// The row that a seat's place is in.
    pub(super) fn row_at(&self, place: u32) -> usize {
        self.hall.rows.partition_point(|row| row.end <= place)
    }

    /// The rows of a section, or all; `None` where there is no such section.
    pub(in super::super) fn rows_of(&self, section: Option<&str>) -> Option<Numbers> {
        let Some(section) = section else { return Some(self.all_rows()) };
        let sections = &self.hall.sections;
        if self.hall.areas.contains_key(section) {
            // Nobody sits there.
            return Some(Numbers { range: 0..0, is_ranked: false });
        }
        let range = sections.named.get(section).map(|&section| sections.rows[section].clone());
        range.map(|range| Numbers { range, is_ranked: false })
    }

    pub(super) fn all_rows(&self) -> Numbers {
        Numbers { range: 0..self.hall.rows.len(), is_ranked: self.ranked.is_some() }
    }

    /// The rows of the section that a place is in.
    pub(super) fn section_of(&self, place: u32) -> Numbers {
        let (row, sections) = (self.row_at(place), &self.hall.sections.rows);
        let range = sections[sections.partition_point(|rows| rows.end <= row)].clone();
        Numbers { range, is_ranked: false }
    }

    /// Which row has this number.
    pub(super) fn row_of(&self, rows: &Numbers, number: usize) -> usize {
        match &self.hall.ranked {
            Some(ranked) if rows.is_ranked => ranked.rows[number],
            _ => number,
        }
    }

    /// Which number a row has, where it is among these.
    pub(super) fn number_of(&self, rows: &Numbers, row: usize) -> Option<usize> {
        let number = match &self.hall.ranked {
            Some(ranked) if rows.is_ranked => ranked.numbers[row],
            _ => row,
        };
        rows.range.contains(&number).then_some(number)
    }

    /// Brings the rows' runs up to date.
    pub(super) fn refresh(&mut self) {
        let mut next = 0;
        for group in 0..self.changed.len() {
            let mut words = core::mem::take(&mut self.changed[group]);
            while words != 0 {
                let word = group * 64 + words.trailing_zeros() as usize;
                words &= words - 1;
                next = self.refresh_rows(word, next);
            }
        }
    }

    /// Those that have places in this word and are not before row `next`; the row behind them.
    fn refresh_rows(&mut self, word: usize, next: usize) -> usize {
        let (start, end) = (word as u32 * 64, (word as u32 + 1) * 64);
        let mut row = next.max(self.hall.rows.partition_point(|row| row.end <= start));
        while self.hall.rows.get(row).is_some_and(|row| row.start < end) {
            let lengths = self.runs(row).fold(0, |all, run| all | tree::length(run.end - run.start));
            self.runs.set(row, lengths);
            if let (Some(ranked), Some(tree)) = (&self.hall.ranked, &mut self.ranked) {
                tree.set(ranked.numbers[row], lengths);
            }
            row += 1;
        }
        row
    }

    /// The runs of free seats in a row, that is, free neighbours without anybody between.
    pub(super) fn runs(&self, row: usize) -> impl Iterator<Item = Range<u32>> + '_ {
        let Range { mut start, end } = self.hall.rows[row].clone();
        core::iter::from_fn(move || {
            let first = self.next(start, end, true).filter(|first| *first < end)?;
            start = self.next(first, end, false).unwrap_or(end);
            Some(first..start)
        })
    }

    /// The first place from `from` and before `end` that has a free seat, or that has none.
    fn next(&self, from: u32, end: u32, is_free: bool) -> Option<u32> {
        let turned = if is_free { 0 } else { u64::MAX };
        let mut word = from as usize / 64;
        let mut bits = (self.free.get(word)? ^ turned) & (u64::MAX << (from % 64));
        while bits == 0 {
            word += 1;
            if word as u32 * 64 >= end {
                return None;
            }
            bits = self.free.get(word)? ^ turned;
        }
        Some(word as u32 * 64 + bits.trailing_zeros()).filter(|place| *place < end)
    }

    /// The number nearest to `near` whose row has a run of one of these lengths; of two, the one in front.
    pub(super) fn nearest(&self, rows: &Numbers, near: usize, wanted: Lengths) -> Option<usize> {
        let Range { start, end } = rows.range;
        let runs = self.ranked.as_ref().filter(|_| rows.is_ranked).unwrap_or(&self.runs);
        let behind = runs.first(near..end, wanted);
        let before = runs.last(start..near, wanted);
        match (before, behind) {
            (Some(before), Some(behind)) if behind - near < near - before => Some(behind),
            (None, behind) => behind,
            (before, _) => before,
        }
    }

    /// How many seats are free in these rows.
    pub(super) fn free_in(&self, rows: &Numbers) -> u32 {
        let rows = rows.range.clone().map(|number| self.row_of(rows, number));
        rows.flat_map(|row| self.runs(row)).map(|run| run.end - run.start).sum()
    }
}

/// The rank of a row's best seat; behind all others where it has none.
fn best_rank(seats: &[SeatSpec], row: &[u32]) -> (bool, u32) {
    let best = row.iter().filter_map(|&seat| seats[seat as usize].rank).min();
    (best.is_none(), best.unwrap_or_default())
}

/// Where the best seats of a row begin and end, together: what is twice its middle where the catalog says nothing.
fn middle(seats: &[SeatSpec], row: &[u32], place_of: &[u32]) -> Option<u32> {
    let rank = |seat: &&u32| seats[**seat as usize].rank;
    let best = row.iter().filter_map(|seat| rank(&seat)).min()?;
    let is_best = |seat: &&u32| rank(seat) == Some(best);
    let (first, last) = (row.iter().find(is_best)?, row.iter().rfind(is_best)?);
    Some(place_of[*first as usize] + place_of[*last as usize] + 1)
}

/// All rows by the ranks of their best seats, where that puts them in another order.
fn ranked(seats: &[SeatSpec], by_row: &[Vec<u32>]) -> Option<Ranked> {
    let mut rows: Vec<usize> = (0..by_row.len()).collect();
    rows.sort_by_key(|&row| best_rank(seats, &by_row[row]));
    if rows.is_sorted() {
        return None;
    }
    let mut numbers = vec![0; rows.len()];
    rows.iter().enumerate().for_each(|(number, &row)| numbers[row] = number);
    Some(Ranked { rows: rows.into(), numbers: numbers.into() })
}

/// The sections with their rows, and the seats of each row by their places in the list. Sections come in the order of their first
/// seats, and rows in that of the ranks of their best seats, then of their first.
fn in_rows(seats: &[SeatSpec]) -> (Sections, Vec<Vec<u32>>) {
    let mut sections: Vec<(Option<&str>, Vec<Vec<u32>>)> = Vec::new();
    let (mut section_of, mut row_of) = (HashMap::new(), HashMap::new());
    let mut last: Option<(&SeatSpec, (usize, usize))> = None;
    for (seat, at) in seats.iter().zip(0..).filter(|(seat, _)| !seat.standing) {
        let same = last.filter(|(other, _)| other.section == seat.section && other.row == seat.row);
        let (section, row) = same.map_or_else(
            || {
                let (section, row) = (seat.section.as_deref(), seat.row.as_deref());
                let of = *section_of.entry(section).or_insert_with(|| {
                    sections.push((section, Vec::new()));
                    sections.len() - 1
                });
                let rows = &mut sections[of].1;
                let row = *row_of.entry((of, row)).or_insert_with(|| {
                    rows.push(Vec::new());
                    rows.len() - 1
                });
                (of, row)
            },
            |(_, found)| found,
        );
        sections[section].1[row].push(at);
        last = Some((seat, (section, row)));
    }
    let mut by_row = Vec::new();
    let mut found = Sections::default();
    for (name, mut rows) in sections {
        // Those that no rank tells apart stay in the order of their first seats.
        rows.sort_by_key(|row| best_rank(seats, row));
        let start = by_row.len();
        by_row.extend(rows);
        if let Some(name) = name {
            found.named.insert(name.into(), found.rows.len());
        }
        found.rows.push(start..by_row.len());
    }
    (found, by_row)
}

/// The places to stand of each area, in the order of the list.
fn standing_by_area(seats: &[SeatSpec]) -> BTreeMap<Option<&str>, Vec<u32>> {
    let mut areas: BTreeMap<Option<&str>, Vec<u32>> = BTreeMap::new();
    for (seat, at) in seats.iter().zip(0..).filter(|(seat, _)| seat.standing) {
        areas.entry(seat.section.as_deref()).or_default().push(at);
    }
    areas
}
