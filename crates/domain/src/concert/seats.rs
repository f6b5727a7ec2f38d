//! The seats of one schedule: a layout that rarely changes, and who has which.

use std::collections::BTreeMap;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::ids::{ReservationId, ScheduleId, SeatId};

use crate::refusal::Refusal;
use crate::time::Time;

use super::best::{Allowed, Kinds, Places, Within};
use super::{AreaWish, Attributes, Line, Schedule, SeatSpec, Together, Wish, WithheldRow};

/// The seats of a schedule in order of position, found by id.
#[derive(Debug)]
pub struct Layout {
    pub seats: Arc<[SeatSpec]>,
    index: Index,
}

/// Catalogs mostly number seats without gaps: then no table is needed.
#[derive(Debug)]
enum Index {
    From(u64),
    Table(HashMap<SeatId, u32>),
}

impl Layout {
    /// Takes seats in order of position.
    #[must_use]
    pub fn new(seats: Arc<[SeatSpec]>) -> Self {
        let first = seats.first().map_or(0, |seat| seat.seat.0);
        let index = if seats.iter().zip(first..).all(|(seat, id)| seat.seat.0 == id) {
            Index::From(first)
        } else {
            Index::Table(seats.iter().zip(0..).map(|(seat, at)| (seat.seat, at)).collect())
        };
        Self { seats, index }
    }

    /// The seat's place in the list, from 0.
    #[must_use]
    pub fn find(&self, seat: SeatId) -> Option<u32> {
        match &self.index {
            Index::From(first) => {
                let at = seat.0.checked_sub(*first)?;
                (at < self.seats.len() as u64).then_some(at as u32)
            }
            Index::Table(table) => table.get(&seat).copied(),
        }
    }
}

/// How many seats of one schedule are free, held, paid and held back by an operator: together all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SeatCounts {
    pub free: u32,
    pub held: u32,
    pub paid: u32,
    pub withheld: u32,
}

/// Who has which seat of one schedule.
#[derive(Debug)]
pub(crate) struct Seats {
    layout: Layout,
    /// The reservation that keeps the seat, by the seat's place in the list.
    taken: Box<[Option<ReservationId>]>,
    /// Those that an operator holds back. None of them is taken.
    withheld: BTreeMap<SeatId, WithheldRow>,
    /// Where they are, for those who leave it to us which ones they get.
    places: Places,
    /// Which of them a wish may get.
    kinds: Kinds,
    available: u32,
    /// How many of those that are taken are paid.
    sold: u32,
}

impl Seats {
    pub(crate) fn new(seats: Arc<[SeatSpec]>) -> Self {
        let taken = vec![None; seats.len()].into_boxed_slice();
        let (places, kinds) = (Places::new(&seats), Kinds::new(&seats));
        let (available, withheld) = (taken.len() as u32, BTreeMap::new());
        Self { places, kinds, available, sold: 0, layout: Layout::new(seats), taken, withheld }
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(crate) fn available(&self) -> u32 {
        self.available
    }

    /// So many of the seats that are taken are paid now.
    pub(crate) fn sell(&mut self, seats: u32) {
        self.sold += seats;
    }

    pub(crate) fn sold(&self) -> u32 {
        self.sold
    }

    /// # Panics
    /// Where more are free and paid than there are.
    pub(crate) fn counts(&self) -> SeatCounts {
        let (all, free, paid) = (self.taken.len() as u32, self.available, self.sold);
        let withheld = self.withheld.len() as u32;
        let held = all.checked_sub(free + withheld).and_then(|taken| taken.checked_sub(paid));
        let held =
            held.unwrap_or_else(|| panic!("of {all} seats {free} are free, {withheld} held back and {paid} paid"));
        SeatCounts { free, held, paid, withheld }
    }

    /// Whether every seat that can be sold is paid.
    pub(crate) fn sold_out(&self) -> bool {
        self.sold as usize + self.withheld.len() == self.taken.len()
    }

    /// Whether a reservation keeps the seat.
    pub(crate) fn is_taken(&self, seat: SeatId) -> bool {
        self.get(seat).is_some_and(|(_, by)| by.is_some())
    }

    /// Whether an operator holds the seat back.
    pub(crate) fn is_withheld(&self, seat: SeatId) -> bool {
        // Nearly always there is none, and then this is one comparison.
        self.withheld.contains_key(&seat)
    }

    /// The seat's description and who has it.
    pub(crate) fn get(&self, seat: SeatId) -> Option<(&SeatSpec, Option<ReservationId>)> {
        let at = self.layout.find(seat)? as usize;
        Some((&self.layout.seats[at], self.taken[at]))
    }

    /// The best seats that are free, at the prices that are wished for. Nothing is taken.
    ///
    /// # Errors
    /// Why the wish cannot be met.
    pub(crate) fn pick(&mut self, schedule: &Schedule, wish: &Wish, now: Time) -> Result<Vec<Line>, Refusal> {
        if self.places.rows_of(wish.section.as_deref()).is_none() {
            return Err(Refusal::SectionNotFound);
        }
        let allowed = self.kinds.allowed(wish, schedule, now);
        let (taken, withheld, layout, all) = (&self.taken, &self.withheld, &self.layout.seats, &self.places);
        let is_free = |seat: usize| taken[seat].is_none() && !withheld.contains_key(&layout[seat].seat);
        let places = match allowed {
            Allowed::NoCategory => return Err(Refusal::CategoryNotFound),
            Allowed::NoPrice => return Err(Refusal::PriceTypeNotOffered(Box::default())),
            Allowed::All => &mut self.places,
            Allowed::Of(set) => self.kinds.places(set, all, is_free),
        };
        let picked = match wish.accessible {
            None => places.pick(wish, schedule.orphans.unwrap_or_default()),
            Some(wanted) => places.pick_accessible(wish, &self.layout.seats, wanted),
        };
        let picked = match picked {
            Err(Refusal::SeatsTooFew) if self.available == 0 => return Err(Refusal::SoldOut),
            picked => picked?,
        };
        let lines = picked.into_iter().zip(wish.price_type_of_each()).map(|(at, price_type)| {
            let spec = &self.layout.seats[at as usize];
            let accessible = wish.accessible.is_some() && spec.attributes().has(Attributes::WHEELCHAIR);
            Line { seat: spec.seat, price_type, accessible }
        });
        Ok(lines.collect())
    }

    pub(crate) fn has_area(&self, area: &str) -> bool {
        self.places.area(area).is_some()
    }

    /// Free places of areas, the first ones first, without those that are named beside them. Nothing is taken. At most
    /// [`SEATS_PER_RESERVATION_MAX`](crate::settings::SEATS_PER_RESERVATION_MAX) places are wished for, and none of nothing.
    ///
    /// # Errors
    /// Which areas have fewer, and how many they have.
    pub(crate) fn find_places(&mut self, named: &[Line], areas: &[AreaWish]) -> Result<Vec<Line>, Refusal> {
        let named: Vec<u32> = named.iter().filter_map(|line| self.layout.find(line.seat)).collect();
        named.iter().for_each(|&seat| self.places.take(seat as usize));
        let (mut found, mut too_few) = (Vec::new(), Vec::new());
        for (i, wish) in areas.iter().enumerate() {
            // Who wishes for an area at several price types has its first places for the first of them, and so on.
            let quantity = |wishes: &[AreaWish]| -> usize {
                wishes.iter().filter(|other| other.area == wish.area).map(|other| other.quantity as usize).sum()
            };
            let (before, all) = (quantity(&areas[..i]), quantity(areas));
            let of_area = self.places.first_free(&wish.area, all as u32);
            if of_area.len() < all {
                if before == 0 {
                    too_few.push((wish.area.as_str().into(), of_area.len() as u32));
                }
                continue;
            }
            let line = |at: &u32| Line {
                seat: self.layout.seats[*at as usize].seat,
                price_type: wish.price_type.clone(),
                accessible: false,
            };
            found.extend(of_area[before..before + wish.quantity as usize].iter().map(line));
        }
        named.iter().for_each(|&seat| self.places.free(seat as usize));
        match too_few {
            too_few if too_few.is_empty() => Ok(found),
            _ if self.available == 0 => Err(Refusal::SoldOut),
            too_few => Err(Refusal::AreaTooFew(too_few.into())),
        }
    }

    /// The single seats that would be left, and need not, if these were taken, all of which are free.
    pub(crate) fn left_alone(
        &mut self,
        schedule: &Schedule,
        chosen: &[Line],
        within: Within,
        now: Time,
    ) -> Box<[SeatId]> {
        let chosen: Vec<u32> = chosen.iter().filter_map(|line| self.layout.find(line.seat)).collect();
        let allowed = self.kinds.allowed(&Wish::of(1, Together::Required), schedule, now);
        let (taken, withheld, layout, all) = (&self.taken, &self.withheld, &self.layout.seats, &self.places);
        let is_free = |seat: usize| taken[seat].is_none() && !withheld.contains_key(&layout[seat].seat);
        let places = match (within, allowed) {
            // Wheelchair places that are kept are no alternative for others, and nobody leaves them alone.
            (Within::Date, Allowed::Of(set)) => self.kinds.places(set, all, is_free),
            _ => &mut self.places,
        };
        let alone = places.left_alone(&chosen, within);
        alone.into_iter().map(|at| self.layout.seats[at as usize].seat).collect()
    }

    pub(crate) fn take(&mut self, seat: SeatId, by: ReservationId, schedule: ScheduleId) {
        let at = self.layout.find(seat).expect("a seat is looked up before it is taken") as usize;
        assert_eq!(self.taken[at], None, "seat {seat} of schedule {schedule} is sold twice");
        self.taken[at] = Some(by);
        self.places.take(at);
        self.kinds.take(at);
        self.available -= 1;
    }

    pub(crate) fn free(&mut self, seat: SeatId, from: ReservationId) {
        let at = self.layout.find(seat).expect("a taken seat stays in the layout") as usize;
        assert_eq!(self.taken[at], Some(from), "seat {seat} is freed by another reservation");
        self.taken[at] = None;
        self.places.free(at);
        self.kinds.free(at);
        self.available += 1;
    }

    /// Holds a seat back that nobody has; what was said of it before, where it was held back already.
    pub(crate) fn withhold(&mut self, row: WithheldRow) -> Option<WithheldRow> {
        let at = self.layout.find(row.seat).expect("a seat is looked up before it is held back") as usize;
        assert_eq!(self.taken[at], None, "seat {} of schedule {} is somebody's", row.seat, row.schedule);
        let before = self.withheld.insert(row.seat, row);
        if before.is_none() {
            self.places.take(at);
            self.kinds.take(at);
            self.available -= 1;
        }
        before
    }

    /// Puts a seat on sale again, where it was held back.
    pub(crate) fn give_back(&mut self, seat: SeatId) -> Option<WithheldRow> {
        let row = self.withheld.remove(&seat)?;
        let at = self.layout.find(seat).expect("a seat that is held back stays in the layout") as usize;
        self.places.free(at);
        self.kinds.free(at);
        self.available += 1;
        Some(row)
    }

    /// Those that an operator holds back.
    pub(crate) fn withheld(&self) -> impl Iterator<Item = &WithheldRow> + '_ {
        self.withheld.values()
    }

    /// Those that a new catalog has to keep as they are, by position: somebody has them, or they are held back.
    pub(crate) fn in_use(&self) -> impl Iterator<Item = SeatId> + '_ {
        let all = self.layout.seats.iter().zip(&self.taken);
        all.filter(|(seat, by)| by.is_some() || self.is_withheld(seat.seat)).map(|(seat, _)| seat.seat)
    }

    /// Those that are taken, with their reservations.
    pub(crate) fn taken(&self) -> impl Iterator<Item = (SeatId, ReservationId)> + '_ {
        self.layout.seats.iter().zip(&self.taken).filter_map(|(seat, by)| Some((seat.seat, (*by)?)))
    }
}
