//! Taking a catalog in: staged part by part, then published as a whole or not at all.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use crate::cbor;
use crate::changes::Changes;
use crate::command::CatalogPart;
use crate::fingerprint::{Hash, Kind};
use crate::ids::{ConcertId, INTEGER_MAX, QueueId, ScheduleId, SeatId, UploadId};
use crate::level;
use crate::refusal::{CatalogRefusal, Refusal};
use crate::row::Row;

use super::catalog::{Catalog, Sale, concert_hash, schedule_hash, seats_hash};
use super::seats::Seats;
use super::{
    Attributes, Concert, PRICE_TYPES_MAX, Price, PriceType, Published, Schedule, ScheduleRow, SeatSpec, SharedTerms,
    share_terms,
};

/// The most bytes that all uploads together may stage.
pub(crate) const STAGED_BYTES_MAX: usize = 256 << 20;

/// The most kinds of seats that a schedule has, by their terms.
const KINDS_MAX: usize = 4_096;

/// An upload, put together and checked.
struct Upload {
    /// Parts may repeat a concert or a schedule: the last word counts.
    concerts: BTreeMap<ConcertId, Concert>,
    schedules: BTreeMap<ScheduleId, Schedule>,
    /// For each schedule that the upload gives seats, all of them, by position.
    seats: BTreeMap<ScheduleId, Vec<SeatSpec>>,
}

impl Catalog {
    pub(crate) fn stage(
        &mut self,
        upload: UploadId,
        part: &CatalogPart,
        changes: &mut Changes<'_>,
    ) -> Result<(), Refusal> {
        let bytes: Arc<[u8]> = cbor::encoded(part).into();
        if self.staged_bytes + bytes.len() > STAGED_BYTES_MAX {
            return Err(Refusal::Full("staged catalogs"));
        }
        let parts = self.staged.entry(upload).or_default();
        let number = parts.len() as u32;
        self.staged_bytes += bytes.len();
        changes.add(staged_hash(upload, number, &bytes));
        changes.row(Row::Staged { upload, part: number, bytes: bytes.clone() });
        parts.push(bytes);
        Ok(())
    }

    pub(crate) fn discard(&mut self, upload: UploadId, changes: &mut Changes<'_>) {
        let Some(parts) = self.staged.remove(&upload) else { return };
        for (number, bytes) in (0..).zip(&parts) {
            self.staged_bytes -= bytes.len();
            changes.remove(staged_hash(upload, number, bytes));
        }
        changes.row(Row::Unstaged(upload));
    }

    pub(crate) fn load_staged(&mut self, upload: UploadId, bytes: Arc<[u8]>) -> u64 {
        let parts = self.staged.entry(upload).or_default();
        let sum = staged_hash(upload, parts.len() as u32, &bytes);
        self.staged_bytes += bytes.len();
        parts.push(bytes);
        sum
    }

    /// The names of queues that the upload's concerts want.
    pub(crate) fn staged_queues(&self, upload: UploadId) -> BTreeSet<String> {
        self.gather(upload).concerts.into_values().map(|concert| concert.queue).collect()
    }

    /// Checks without changing anything; then nothing can fail any more.
    pub(crate) fn check_staged(&self, upload: UploadId, level: u32) -> Result<(), CatalogRefusal> {
        if !self.staged.contains_key(&upload) {
            return Err(CatalogRefusal::NothingStaged);
        }
        self.check(&self.gather(upload), level)
    }

    /// Publishes what [`Catalog::check_staged`] has accepted. `queue` finds a queue, all of which exist.
    pub(crate) fn publish(
        &mut self,
        upload: UploadId,
        queue: impl Fn(&str) -> QueueId,
        changes: &mut Changes<'_>,
    ) -> Published {
        let Upload { concerts, schedules, seats } = self.gather(upload);
        let published = Published {
            schedules: schedules.len() as u32,
            seats: seats.values().map(|seats| seats.len() as u32).sum(),
        };
        for concert in concerts.into_values() {
            let queue = queue(&concert.queue);
            self.put_concert(concert, queue, changes);
        }
        for schedule in schedules.into_values() {
            self.put_schedule(schedule, changes);
        }
        for (schedule, seats) in seats {
            self.put_seats(schedule, seats.into(), changes);
        }
        self.discard(upload, changes);
        published
    }

    fn gather(&self, upload: UploadId) -> Upload {
        let mut all = Upload { concerts: BTreeMap::new(), schedules: BTreeMap::new(), seats: BTreeMap::new() };
        for bytes in self.staged.get(&upload).into_iter().flatten() {
            let part: CatalogPart = minicbor::decode(bytes).expect("staged parts are encoded by stage");
            all.concerts.extend(part.concerts.into_iter().map(|concert| (concert.id, concert)));
            all.schedules.extend(part.schedules.into_iter().map(|schedule| (schedule.id, schedule)));
            for seat in part.seats {
                all.seats.entry(seat.schedule).or_default().push(seat);
            }
        }
        for seats in all.seats.values_mut() {
            seats.sort_by_key(|seat| seat.position);
            share_terms(seats);
        }
        all
    }

    fn check(&self, upload: &Upload, level: u32) -> Result<(), CatalogRefusal> {
        if level < level::OFFERS {
            check_below_offers(upload)?;
        }
        if level < level::RANKS {
            check_below_ranks(upload)?;
        }
        for concert in upload.concerts.values() {
            check_id("concertId", concert.id.0)?;
            if !queue_name_is_valid(&concert.queue) {
                return Err(CatalogRefusal::QueueName { name: concert.queue.clone() });
            }
        }
        for schedule in upload.schedules.values() {
            check_id("scheduleId", schedule.id.0)?;
            let concert = &schedule.concert;
            if !self.concerts.contains_key(concert) && !upload.concerts.contains_key(concert) {
                return Err(CatalogRefusal::UnknownConcert { schedule: schedule.id });
            }
            let moves = |sale: &Sale| sale.schedule.concert != *concert && sale.seats.in_use().next().is_some();
            if self.sales.get(&schedule.id).is_some_and(moves) {
                // Its seats were sold for another concert: more likely a mistyped id than a wish.
                return Err(CatalogRefusal::ScheduleInUse { schedule: schedule.id });
            }
            if schedule.ends_at < schedule.starts_at {
                return Err(CatalogRefusal::EndsBeforeStart { schedule: schedule.id });
            }
            let replaced = self.sales.get(&schedule.id).map(|sale| schedule.clone().in_place_of(&sale.schedule));
            if replaced.as_ref().unwrap_or(schedule).sale_times().check().is_err() {
                return Err(CatalogRefusal::SaleEndsBeforeStart { schedule: schedule.id });
            }
            check_price_types(schedule)?;
            if !upload.seats.contains_key(&schedule.id)
                && let Some(sale) = self.sales.get(&schedule.id)
            {
                // Its seats stay, with the prices that they have.
                check_prices(schedule, &sale.seats.layout().seats)?;
            }
        }
        for (&schedule, seats) in &upload.seats {
            if !self.sales.contains_key(&schedule) && !upload.schedules.contains_key(&schedule) {
                return Err(CatalogRefusal::UnknownSchedule { schedule });
            }
            self.check_seats(schedule, seats)?;
            check_terms(seats)?;
            if let Some(spec) = upload.schedules.get(&schedule).or_else(|| Some(&self.sales.get(&schedule)?.schedule)) {
                check_prices(spec, seats)?;
            }
            self.check_taken(schedule, seats, level)?;
        }
        Ok(())
    }

    fn check_seats(&self, schedule: ScheduleId, seats: &[SeatSpec]) -> Result<(), CatalogRefusal> {
        let mut ids = BTreeSet::new();
        for (i, seat) in seats.iter().enumerate() {
            check_id("seatId", seat.seat.0)?;
            check_id("position", u64::from(seat.position))?;
            if !ids.insert(seat.seat) {
                return Err(CatalogRefusal::DuplicateSeat { schedule, seat: seat.seat });
            }
            if i > 0 && seats[i - 1].position == seat.position {
                return Err(CatalogRefusal::DuplicatePosition { schedule, position: seat.position });
            }
            if seat.amount > INTEGER_MAX {
                return Err(CatalogRefusal::AmountOutOfRange { schedule, seat: seat.seat });
            }
        }
        Ok(())
    }

    /// A seat that somebody holds or bought, or that is held back, stays, and stays the one that it was: its number alone would not show that a row
    /// was put in front of it.
    fn check_taken(&self, schedule: ScheduleId, seats: &[SeatSpec], level: u32) -> Result<(), CatalogRefusal> {
        let Some(sale) = self.sales.get(&schedule) else { return Ok(()) };
        let new: BTreeMap<_, _> = seats.iter().map(|spec| (spec.seat, spec)).collect();
        for seat in sale.seats.in_use() {
            let Some(new) = new.get(&seat) else { return Err(CatalogRefusal::SeatInUse { schedule, seat }) };
            let is_same = sale.seats.get(seat).is_some_and(|(old, _)| new.is_called_as(old));
            if !is_same && level >= level::FAIRNESS {
                return Err(CatalogRefusal::SeatRenamed { schedule, seat });
            }
        }
        Ok(())
    }

    fn put_concert(&mut self, concert: Concert, queue: QueueId, changes: &mut Changes<'_>) {
        changes.add(concert_hash(&concert));
        changes.row(Row::Concert(concert.clone()));
        if let Some((old, _)) = self.concerts.insert(concert.id, (concert, queue)) {
            changes.remove(concert_hash(&old));
        }
    }

    fn put_schedule(&mut self, schedule: Schedule, changes: &mut Changes<'_>) {
        let old = self.sales.get(&schedule.id);
        let closed = old.is_some_and(|sale| sale.closed);
        let old = old.map(|sale| sale.schedule.clone());
        let schedule = old.iter().fold(schedule, Schedule::in_place_of);
        self.await_moments(old.as_ref(), Some(&schedule), changes.now);
        changes.add(schedule_hash(&schedule, closed));
        changes.row(Row::Schedule(Box::new(ScheduleRow { schedule: schedule.clone(), closed })));
        if let Some(sale) = self.sales.get_mut(&schedule.id) {
            changes.remove(schedule_hash(&sale.schedule, closed));
            sale.schedule = schedule;
        } else {
            self.sales.insert(schedule.id, Sale { schedule, closed, seats: Seats::new(Arc::default()) });
        }
    }

    /// Replaces the seats of a schedule; those that are taken stay taken, at the price at which they were held, and those that
    /// are held back stay so.
    fn put_seats(&mut self, schedule: ScheduleId, seats: Arc<[SeatSpec]>, changes: &mut Changes<'_>) {
        let Some(sale) = self.sales.get_mut(&schedule) else { return };
        changes.replace(seats_hash(&sale.seats.layout().seats), seats_hash(&seats));
        changes.row(Row::Seats { schedule, seats: seats.clone() });
        let mut new = Seats::new(seats);
        for (seat, reservation) in sale.seats.taken() {
            new.take(seat, reservation, schedule);
        }
        for row in sale.seats.withheld() {
            new.withhold(row.clone());
        }
        new.sell(sale.seats.sold());
        sale.seats = new;
    }
}

fn check_id(what: &'static str, id: u64) -> Result<(), CatalogRefusal> {
    if (1..=INTEGER_MAX).contains(&id) { Ok(()) } else { Err(CatalogRefusal::IdOutOfRange { what, id }) }
}

fn check_below_offers(upload: &Upload) -> Result<(), CatalogRefusal> {
    let dates = upload.schedules.values().filter(|one| one.price_types.is_some() || one.accessible_until.is_some());
    let seats = upload.seats.values().flatten().filter(|seat| seat.terms.is_some());
    match dates.map(|date| date.id).chain(seats.map(|seat| seat.schedule)).next() {
        Some(schedule) => Err(CatalogRefusal::BelowLevel { schedule }),
        None => Ok(()),
    }
}

fn check_below_ranks(upload: &Upload) -> Result<(), CatalogRefusal> {
    match upload.seats.values().flatten().find(|seat| seat.rank.is_some()) {
        Some(seat) => Err(CatalogRefusal::BelowLevel { schedule: seat.schedule }),
        None => Ok(()),
    }
}

fn check_price_types(schedule: &Schedule) -> Result<(), CatalogRefusal> {
    let Some(all) = &schedule.price_types else { return Ok(()) };
    let is_wrong =
        |(i, one): (usize, &PriceType)| !one.id.is_valid() || all[..i].iter().any(|other| other.id == one.id);
    if all.is_empty() || all.len() > PRICE_TYPES_MAX || all.iter().enumerate().any(is_wrong) {
        return Err(CatalogRefusal::PriceTypesInvalid { schedule: schedule.id });
    }
    Ok(())
}

/// Each kind of terms once, with a seat that has them: they are shared.
fn kinds(seats: &[SeatSpec]) -> HashMap<&SharedTerms, SeatId> {
    let mut kinds = HashMap::new();
    let mut last: Option<&SharedTerms> = None;
    for seat in seats {
        let Some(terms) = seat.terms.as_ref().filter(|terms| !last.is_some_and(|last| last.is_same(terms))) else {
            continue;
        };
        last = Some(terms);
        kinds.entry(terms).or_insert(seat.seat);
    }
    kinds
}

/// The prices that seats have are at price types that their schedule has.
fn check_prices(schedule: &Schedule, seats: &[SeatSpec]) -> Result<(), CatalogRefusal> {
    let beside_the_first = schedule.price_types().get(1..).unwrap_or_default();
    let wrong = kinds(seats).into_iter().filter(|(terms, _)| {
        let is_wrong = |(i, price): (usize, &Price)| {
            !beside_the_first.iter().any(|one| one.id == price.price_type)
                || terms.prices[..i].iter().any(|other| other.price_type == price.price_type)
        };
        terms.prices.iter().enumerate().any(is_wrong)
    });
    // The lowest, so that every node names the same.
    match wrong.map(|(_, seat)| seat).min() {
        Some(seat) => Err(CatalogRefusal::PriceTypeUnknown { schedule: schedule.id, seat }),
        None => Ok(()),
    }
}

fn check_terms(seats: &[SeatSpec]) -> Result<(), CatalogRefusal> {
    let Some(schedule) = seats.first().map(|seat| seat.schedule) else { return Ok(()) };
    let kinds = kinds(seats);
    if kinds.len() > KINDS_MAX {
        return Err(CatalogRefusal::KindsTooMany { schedule });
    }
    let first = |is_wrong: &dyn Fn(&SharedTerms) -> bool| {
        kinds.iter().filter(|(terms, _)| is_wrong(terms)).map(|(_, seat)| *seat).min()
    };
    if let Some(seat) = first(&|terms| terms.prices.iter().any(|price| price.amount > INTEGER_MAX)) {
        return Err(CatalogRefusal::AmountOutOfRange { schedule, seat });
    }
    if let Some(seat) = first(&|terms| !terms.attributes.is_valid()) {
        return Err(CatalogRefusal::AttributesInvalid { schedule, seat });
    }
    let is_place = |seat: &SeatSpec| seat.attributes().has(Attributes::WHEELCHAIR);
    for (at, seat) in seats.iter().enumerate().filter(|(_, seat)| seat.attributes().has(Attributes::COMPANION)) {
        let beside = [at.checked_sub(1), Some(at + 1)].into_iter().flatten().filter_map(|at| seats.get(at));
        if !beside.into_iter().any(|other| is_place(other) && other.is_beside(seat)) {
            return Err(CatalogRefusal::CompanionAlone { schedule, seat: seat.seat });
        }
    }
    Ok(())
}

/// 1 to 64 of `a-z`, `0-9`, `-` and `_`.
#[must_use]
pub(crate) fn queue_name_is_valid(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-' || byte == b'_';
    (1..=64).contains(&name.len()) && name.bytes().all(allowed)
}

fn staged_hash(upload: UploadId, part: u32, bytes: &[u8]) -> u64 {
    Hash::new(Kind::Staged).words([upload.0, u64::from(part)]).bytes(bytes).finish()
}
