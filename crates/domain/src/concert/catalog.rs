//! What is on sale.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::changes::Changes;
use crate::fingerprint::{Hash, Kind};
use crate::ids::{ConcertId, QueueId, ReservationId, ScheduleId, SeatId, UploadId};
use crate::refusal::{CatalogRefusal, Refusal};
use crate::reservation::ReservationRow;
use crate::row::Row;
use crate::time::Time;

use super::best::Within;
use super::seats::Seats;
use super::{AreaWish, Concert, Line, Orphans, Schedule, ScheduleRow, SeatSpec, Wish};

/// One schedule on sale.
#[derive(Debug)]
pub(crate) struct Sale {
    pub(crate) schedule: Schedule,
    pub(crate) closed: bool,
    pub(crate) seats: Seats,
}

impl Sale {
    pub(crate) fn orphans(&self) -> Orphans {
        self.schedule.orphans.unwrap_or_default()
    }
}

/// Concerts and schedules, and what is staged to become them.
#[derive(Debug, Default)]
pub(crate) struct Catalog {
    pub(super) concerts: BTreeMap<ConcertId, (Concert, QueueId)>,
    pub(super) sales: BTreeMap<ScheduleId, Sale>,
    pub(super) staged: BTreeMap<UploadId, Vec<Arc<[u8]>>>,
    pub(super) staged_bytes: usize,
    /// When a sale begins or ends by itself.
    pub(super) moments: BTreeSet<(Time, ScheduleId)>,
}

impl Catalog {
    pub(crate) fn sale(&self, schedule: ScheduleId) -> Option<&Sale> {
        self.sales.get(&schedule)
    }

    /// The queue whose tickets open this schedule.
    pub(crate) fn queue_of(&self, schedule: ScheduleId) -> Option<QueueId> {
        let concert = self.sales.get(&schedule)?.schedule.concert;
        self.concerts.get(&concert).map(|&(_, queue)| queue)
    }

    /// All schedules of the concert that this one is of, itself among them.
    pub(crate) fn schedules_beside(&self, schedule: ScheduleId) -> impl Iterator<Item = ScheduleId> {
        let concert = self.sales.get(&schedule).map(|sale| sale.schedule.concert);
        let of_it = move |sale: &&Sale| Some(sale.schedule.concert) == concert;
        self.sales.values().filter(of_it).map(|sale| sale.schedule.id)
    }

    pub(crate) fn sales(&self) -> impl Iterator<Item = &Sale> {
        self.sales.values()
    }

    /// The best seats of a schedule that are free. Nothing is taken.
    ///
    /// # Errors
    /// Why the wish cannot be met.
    pub(crate) fn pick(&mut self, schedule: ScheduleId, wish: &Wish, now: Time) -> Result<Vec<Line>, Refusal> {
        let sale = self.sales.get_mut(&schedule).ok_or(Refusal::ScheduleNotFound)?;
        let picked = sale.seats.pick(&sale.schedule, wish, now);
        match picked {
            Err(Refusal::SectionNotFound | Refusal::CategoryNotFound) => picked,
            _ => sale.check_on(now).and(picked),
        }
    }

    /// Free places of areas, the first ones first, without those that are named beside them. Nothing is taken.
    ///
    /// # Errors
    /// Why the wishes cannot be met.
    pub(crate) fn find_places(
        &mut self,
        schedule: ScheduleId,
        named: &[Line],
        areas: &[AreaWish],
    ) -> Result<Vec<Line>, Refusal> {
        let sale = self.sales.get_mut(&schedule).ok_or(Refusal::ScheduleNotFound)?;
        sale.seats.find_places(named, areas)
    }

    /// Whether the areas are there.
    ///
    /// # Errors
    /// [`Refusal::AreaNotFound`] of the first that is not.
    pub(crate) fn check_areas(&self, schedule: ScheduleId, areas: &[AreaWish]) -> Result<(), Refusal> {
        let sale = self.sales.get(&schedule).ok_or(Refusal::ScheduleNotFound)?;
        let missing = areas.iter().position(|wish| !sale.seats.has_area(&wish.area));
        missing.map_or(Ok(()), |at| Err(Refusal::AreaNotFound(at as u32)))
    }

    /// Whether these seats, which are free, may be held as their owner has chosen them.
    ///
    /// # Errors
    /// [`Refusal::SeatLeftAlone`], where that would leave single seats, nobody need do so, and nobody may.
    pub(crate) fn check_choice(
        &mut self,
        schedule: ScheduleId,
        chosen: &[Line],
        within: Within,
        now: Time,
    ) -> Result<(), Refusal> {
        let Some(sale) = self.sales.get_mut(&schedule) else { return Ok(()) };
        match sale.orphans() {
            Orphans::Allow | Orphans::Prefer => Ok(()),
            Orphans::Refuse => match sale.seats.left_alone(&sale.schedule, chosen, within, now) {
                alone if alone.is_empty() => Ok(()),
                alone => Err(Refusal::SeatLeftAlone(alone)),
            },
        }
    }

    pub(crate) fn take(&mut self, reservation: &ReservationRow) {
        if let Some(sale) = self.sales.get_mut(&reservation.schedule) {
            for &seat in &reservation.seats {
                sale.seats.take(seat, reservation.id, reservation.schedule);
            }
        }
    }

    /// Takes note that the seats of a reservation are paid.
    pub(crate) fn sell(&mut self, reservation: &ReservationRow) {
        if let Some(sale) = self.sales.get_mut(&reservation.schedule) {
            sale.seats.sell(reservation.seats.len() as u32);
        }
    }

    pub(crate) fn free(&mut self, schedule: ScheduleId, seats: &[SeatId], from: ReservationId) {
        if let Some(sale) = self.sales.get_mut(&schedule) {
            for &seat in seats {
                sale.seats.free(seat, from);
            }
        }
    }

    pub(crate) fn set_closed(
        &mut self,
        schedule: ScheduleId,
        closed: bool,
        changes: &mut Changes<'_>,
    ) -> Result<(), Refusal> {
        let sale = self.sales.get_mut(&schedule).ok_or(Refusal::ScheduleNotFound)?;
        changes.remove(schedule_hash(&sale.schedule, sale.closed));
        sale.closed = closed;
        changes.add(schedule_hash(&sale.schedule, closed));
        changes.row(Row::Schedule(Box::new(ScheduleRow { schedule: sale.schedule.clone(), closed })));
        Ok(())
    }

    pub(crate) fn set_orphans(
        &mut self,
        schedule: ScheduleId,
        orphans: Orphans,
        changes: &mut Changes<'_>,
    ) -> Result<(), Refusal> {
        let sale = self.sales.get_mut(&schedule).ok_or(Refusal::ScheduleNotFound)?;
        changes.remove(schedule_hash(&sale.schedule, sale.closed));
        sale.schedule.orphans = Some(orphans);
        changes.add(schedule_hash(&sale.schedule, sale.closed));
        changes.row(Row::Schedule(Box::new(ScheduleRow { schedule: sale.schedule.clone(), closed: sale.closed })));
        Ok(())
    }

    pub(crate) fn remove(&mut self, schedule: ScheduleId, changes: &mut Changes<'_>) -> Result<(), Refusal> {
        let sale = self.sales.get(&schedule).ok_or(Refusal::ScheduleNotFound)?;
        if sale.seats.in_use().next().is_some() {
            return Err(Refusal::Catalog(CatalogRefusal::ScheduleInUse { schedule }));
        }
        changes.remove(schedule_hash(&sale.schedule, sale.closed));
        changes.remove(seats_hash(&sale.seats.layout().seats));
        let gone = self.sales.remove(&schedule);
        self.await_moments(gone.as_ref().map(|sale| &sale.schedule), None, changes.now);
        changes.row(Row::ScheduleRemoved(schedule));
        Ok(())
    }

    pub(crate) fn load_concert(&mut self, concert: Concert, queue: QueueId) -> u64 {
        let sum = concert_hash(&concert);
        self.concerts.insert(concert.id, (concert, queue));
        sum
    }

    pub(crate) fn load_schedule(&mut self, row: ScheduleRow) -> u64 {
        let ScheduleRow { schedule, closed } = row;
        let sum = schedule_hash(&schedule, closed);
        self.await_moments(None, Some(&schedule), Time(0));
        self.sales.insert(schedule.id, Sale { schedule, closed, seats: Seats::new(Arc::default()) });
        sum
    }

    /// `None` when the schedule is not known.
    pub(crate) fn load_seats(&mut self, schedule: ScheduleId, seats: Arc<[SeatSpec]>) -> Option<u64> {
        let sum = seats_hash(&seats);
        self.sales.get_mut(&schedule)?.seats = Seats::new(seats);
        Some(sum)
    }
}

pub(super) fn concert_hash(concert: &Concert) -> u64 {
    Hash::new(Kind::Concert).word(concert.id.0).text(Some(&concert.title)).text(Some(&concert.queue)).finish()
}

/// What is not said leaves the hash as it was before it could be said.
pub(super) fn schedule_hash(schedule: &Schedule, closed: bool) -> u64 {
    let hash = Hash::new(Kind::Schedule)
        .words([schedule.id.0, schedule.concert.0, schedule.starts_at.0, schedule.ends_at.0, u64::from(closed)])
        .text(Some(&schedule.zone));
    // Only where there is something of it, so that what was stored before comes to the same.
    let hash = if schedule.price_types.is_none() && schedule.accessible_until.is_none() {
        hash
    } else {
        let until = schedule.accessible_until.map_or([0, 0], |until| [1, until.0]);
        let hash = hash.words([schedule.price_types().len() as u64]).words(until);
        schedule
            .price_types()
            .iter()
            .fold(hash, |hash, one| hash.bytes(one.id.as_str().as_bytes()).text(one.title.as_deref()))
    };
    let moments = [(1, schedule.on_sale_at), (2, schedule.off_sale_at)];
    let moments = moments.into_iter().filter_map(|(which, at)| Some([which, at?.0]));
    let orphans = schedule.orphans.map(|orphans| [ORPHANS, orphans as u64]);
    moments.chain(orphans).fold(hash, Hash::words).finish()
}

/// What is hashed with its number, so that one thing that is said is not taken for another.
const ORPHANS: u64 = 10;
const STANDING: u64 = 12;
const RANK: u64 = 13;

pub(super) fn seats_hash(seats: &[SeatSpec]) -> u64 {
    seats.iter().fold(0_u64, |sum, seat| {
        let hash = Hash::new(Kind::Seat)
            .words([seat.schedule.0, seat.seat.0, u64::from(seat.position), seat.amount])
            .text(seat.section.as_deref())
            .text(seat.row.as_deref())
            .text(seat.number.as_deref());
        let hash = seat.terms.as_ref().map_or(hash, |terms| terms.hash(hash));
        let hash = if seat.standing { hash.word(STANDING) } else { hash };
        let hash = seat.rank.map_or(hash, |rank| hash.words([RANK, u64::from(rank)]));
        sum.wrapping_add(hash.finish())
    })
}
