//! Publishing: all of an upload, or nothing of it.

use onsale_domain::command::CatalogPart;
use onsale_domain::concert::{Orphans, Schedule, SeatSpec};
use onsale_domain::ids::{QueueId, ScheduleId, SeatId, UploadId};
use onsale_domain::level::{FAIRNESS, OFFERS, RANKS, TIERS};
use onsale_domain::reply::{CatalogRefusal, Outcome, Published, Refusal, Reply};

use super::{INTEGER_MAX, Line, Model};

#[derive(Clone, Debug)]
pub(crate) struct Sale {
    pub schedule: Schedule,
    pub closed: bool,
    /// By position.
    pub seats: Vec<SeatSpec>,
}

fn check_id(what: &'static str, id: u64) -> Result<(), CatalogRefusal> {
    if id == 0 || id > INTEGER_MAX { Err(CatalogRefusal::IdOutOfRange { what, id }) } else { Ok(()) }
}

fn check_name(name: &str) -> Result<(), CatalogRefusal> {
    let known = |letter: char| "abcdefghijklmnopqrstuvwxyz0123456789-_".contains(letter);
    let valid = !name.is_empty() && name.len() <= 64 && name.chars().all(known);
    if valid { Ok(()) } else { Err(CatalogRefusal::QueueName { name: name.to_owned() }) }
}

impl Sale {
    pub(super) fn orphans(&self) -> Orphans {
        self.schedule.orphans.unwrap_or(Orphans::Prefer)
    }
}

impl Model {
    pub(super) fn queue_of(&self, sale: &Sale) -> QueueId {
        let concert = self.concerts.iter().find(|concert| concert.id == sale.schedule.concert);
        let name = &concert.expect("a schedule's concert is known").queue;
        self.lines.iter().find(|line| line.name == *name).expect("a concert's queue is open").id
    }

    pub(super) fn open_queue(&mut self, name: &str) -> Result<QueueId, Refusal> {
        if let Some(line) = self.lines.iter().find(|line| line.name == name) {
            return Ok(line.id);
        }
        check_name(name).map_err(Refusal::Catalog)?;
        let id = QueueId(self.lines.len() as u16);
        let mut line = Line::new(id, name, self.settings.queue.clone());
        line.heeds_tiers = self.level >= TIERS;
        self.lines.push(line);
        Ok(id)
    }

    fn gather(&self, upload: UploadId) -> Option<CatalogPart> {
        let mut parts = self.staged.iter().filter(|(other, _)| *other == upload).map(|(_, part)| part).peekable();
        parts.peek()?;
        let mut all = CatalogPart::default();
        for part in parts {
            all.concerts.extend(part.concerts.clone());
            all.schedules.extend(part.schedules.clone());
            all.seats.extend(part.seats.clone());
        }
        // Where an upload says something twice, the last word counts.
        let (concerts, schedules) = (all.concerts.clone(), all.schedules.clone());
        all.concerts.retain(|one| concerts.iter().rfind(|other| other.id == one.id) == Some(one));
        all.schedules.retain(|one| schedules.iter().rfind(|other| other.id == one.id) == Some(one));
        all.concerts.sort_by_key(|concert| concert.id);
        all.concerts.dedup();
        all.schedules.sort_by_key(|schedule| schedule.id);
        all.schedules.dedup();
        all.seats.sort_by_key(|spec| (spec.schedule, spec.position));
        Some(all)
    }

    pub(super) fn publish(&mut self, upload: UploadId) -> Outcome {
        let all = self.gather(upload).ok_or(Refusal::Catalog(CatalogRefusal::NothingStaged))?;
        self.check(&all).map_err(Refusal::Catalog)?;
        let counts = Published { schedules: all.schedules.len() as u32, seats: all.seats.len() as u32 };
        let mut names: Vec<_> = all.concerts.iter().map(|concert| concert.queue.clone()).collect();
        names.sort();
        for name in names {
            self.open_queue(&name)?;
        }
        for concert in all.concerts {
            self.concerts.retain(|old| old.id != concert.id);
            self.concerts.push(concert);
        }
        for schedule in all.schedules {
            match self.sales.iter_mut().find(|sale| sale.schedule.id == schedule.id) {
                // What a file does not say stays as it was set.
                Some(sale) => {
                    let on_sale_at = schedule.on_sale_at.or(sale.schedule.on_sale_at);
                    let off_sale_at = schedule.off_sale_at.or(sale.schedule.off_sale_at);
                    let orphans = schedule.orphans.or(sale.schedule.orphans);
                    sale.schedule = Schedule { on_sale_at, off_sale_at, orphans, ..schedule };
                }
                None => self.sales.push(Sale { schedule, closed: false, seats: Vec::new() }),
            }
        }
        for sale in &mut self.sales {
            let seats: Vec<_> = all.seats.iter().filter(|spec| spec.schedule == sale.schedule.id).cloned().collect();
            if !seats.is_empty() {
                sale.seats = seats;
            }
        }
        self.staged.retain(|(other, _)| *other != upload);
        Ok(Reply::Published(counts))
    }

    fn check(&self, all: &CatalogPart) -> Result<(), CatalogRefusal> {
        let is_new = |one: &&Schedule| one.price_types.is_some() || one.accessible_until.is_some();
        let dates = all.schedules.iter().filter(is_new).map(|one| one.id);
        let seats = all.seats.iter().filter(|spec| spec.terms.is_some()).map(|spec| spec.schedule);
        if let Some(schedule) = dates.chain(seats).next().filter(|_| self.level < OFFERS) {
            return Err(CatalogRefusal::BelowLevel { schedule });
        }
        if let Some(spec) = all.seats.iter().find(|spec| spec.rank.is_some() && self.level < RANKS) {
            return Err(CatalogRefusal::BelowLevel { schedule: spec.schedule });
        }
        for concert in &all.concerts {
            check_id("concertId", concert.id.0)?;
            check_name(&concert.queue)?;
        }
        for schedule in &all.schedules {
            check_id("scheduleId", schedule.id.0)?;
            if !self.concerts.iter().chain(&all.concerts).any(|concert| concert.id == schedule.concert) {
                return Err(CatalogRefusal::UnknownConcert { schedule: schedule.id });
            }
            let old = self.sales.iter().find(|sale| sale.schedule.id == schedule.id);
            let in_use = |sale: &Sale| sale.seats.iter().any(|spec| !self.is_free(schedule.id, spec.seat));
            if old.is_some_and(|sale| sale.schedule.concert != schedule.concert && in_use(sale)) {
                return Err(CatalogRefusal::ScheduleInUse { schedule: schedule.id });
            }
            if schedule.ends_at < schedule.starts_at {
                return Err(CatalogRefusal::EndsBeforeStart { schedule: schedule.id });
            }
            let on = schedule.on_sale_at.or(old.and_then(|sale| sale.schedule.on_sale_at));
            let off = schedule.off_sale_at.or(old.and_then(|sale| sale.schedule.off_sale_at));
            if on.zip(off).is_some_and(|(on, off)| off <= on) {
                return Err(CatalogRefusal::SaleEndsBeforeStart { schedule: schedule.id });
            }
            check_price_types(schedule)?;
            let kept = old.into_iter().filter(|_| !all.seats.iter().any(|spec| spec.schedule == schedule.id));
            check_prices(schedule, &kept.flat_map(|sale| &sale.seats).collect::<Vec<_>>())?;
        }
        let mut ids: Vec<_> = all.seats.iter().map(|spec| spec.schedule).collect();
        ids.dedup();
        for id in ids {
            let known = self.sales.iter().map(|sale| &sale.schedule).chain(&all.schedules);
            if !known.into_iter().any(|schedule| schedule.id == id) {
                return Err(CatalogRefusal::UnknownSchedule { schedule: id });
            }
            let seats: Vec<_> = all.seats.iter().filter(|spec| spec.schedule == id).collect();
            Self::check_seats(id, &seats)?;
            check_terms(id, &seats)?;
            let old = self.sales.iter().find(|sale| sale.schedule.id == id).map(|sale| &sale.schedule);
            let new = all.schedules.iter().find(|schedule| schedule.id == id);
            check_prices(new.or(old).expect("it is known"), &seats)?;
            self.check_taken(id, &seats)?;
        }
        Ok(())
    }

    fn check_seats(schedule: ScheduleId, seats: &[&SeatSpec]) -> Result<(), CatalogRefusal> {
        for (i, spec) in seats.iter().enumerate() {
            check_id("seatId", spec.seat.0)?;
            check_id("position", u64::from(spec.position))?;
            if seats[..i].iter().any(|other| other.seat == spec.seat) {
                return Err(CatalogRefusal::DuplicateSeat { schedule, seat: spec.seat });
            }
            if seats[..i].iter().any(|other| other.position == spec.position) {
                return Err(CatalogRefusal::DuplicatePosition { schedule, position: spec.position });
            }
            if spec.amount > INTEGER_MAX {
                return Err(CatalogRefusal::AmountOutOfRange { schedule, seat: spec.seat });
            }
        }
        Ok(())
    }

    fn check_taken(&self, schedule: ScheduleId, seats: &[&SeatSpec]) -> Result<(), CatalogRefusal> {
        let old = self.sales.iter().find(|sale| sale.schedule.id == schedule);
        for spec in old.into_iter().flat_map(|sale| &sale.seats) {
            if self.is_free(schedule, spec.seat) {
                continue;
            }
            let seat = spec.seat;
            let new =
                seats.iter().find(|other| other.seat == seat).ok_or(CatalogRefusal::SeatInUse { schedule, seat })?;
            let names = |spec: &SeatSpec| [spec.section.clone(), spec.row.clone(), spec.number.clone()];
            let is_other = names(spec).into_iter().zip(names(new)).any(|(old, new)| old.is_some() && old != new);
            if self.level >= FAIRNESS && is_other {
                return Err(CatalogRefusal::SeatRenamed { schedule, seat });
            }
        }
        Ok(())
    }

    pub(super) fn remove_schedule(&mut self, schedule: ScheduleId) -> Outcome {
        let sale = self.sales.iter().find(|sale| sale.schedule.id == schedule).ok_or(Refusal::ScheduleNotFound)?;
        if sale.seats.iter().any(|spec| !self.is_free(schedule, spec.seat)) {
            return Err(Refusal::Catalog(CatalogRefusal::ScheduleInUse { schedule }));
        }
        self.sales.retain(|sale| sale.schedule.id != schedule);
        Ok(Reply::Done)
    }
}

fn check_price_types(schedule: &Schedule) -> Result<(), CatalogRefusal> {
    let Some(types) = &schedule.price_types else { return Ok(()) };
    let mut names: Vec<&str> = types.iter().map(|one| one.id.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    let known = |letter: char| "abcdefghijklmnopqrstuvwxyz0123456789-_".contains(letter);
    let is_name = |name: &&str| !name.is_empty() && name.len() <= 32 && name.chars().all(known);
    let is_right = (1..=16).contains(&types.len()) && names.len() == types.len() && names.iter().all(is_name);
    if is_right { Ok(()) } else { Err(CatalogRefusal::PriceTypesInvalid { schedule: schedule.id }) }
}

/// The seat of the lowest position among those of the kinds that are wrong.
fn check_prices(schedule: &Schedule, seats: &[&SeatSpec]) -> Result<(), CatalogRefusal> {
    let types: Vec<_> = schedule.price_types.iter().flatten().skip(1).map(|one| &one.id).collect();
    let is_wrong = |spec: &&&SeatSpec| {
        let names: Vec<_> = spec.terms.iter().flat_map(|terms| &terms.prices).map(|price| &price.price_type).collect();
        let twice = names.iter().any(|one| names.iter().filter(|other| *other == one).count() > 1);
        twice || names.iter().any(|name| !types.contains(name))
    };
    match first_of_kinds(seats, &|spec| is_wrong(&spec)) {
        Some(seat) => Err(CatalogRefusal::PriceTypeUnknown { schedule: schedule.id, seat }),
        None => Ok(()),
    }
}

/// The lowest number among the first seats of each kind that is so.
fn first_of_kinds(seats: &[&SeatSpec], is_so: &dyn Fn(&&SeatSpec) -> bool) -> Option<SeatId> {
    let is_first = |at: usize| !seats[..at].iter().any(|other| other.terms == seats[at].terms);
    let firsts = (0..seats.len()).filter(|&at| is_first(at)).map(|at| &seats[at]);
    firsts.filter(|spec| is_so(spec)).map(|spec| spec.seat).min()
}

fn check_terms(schedule: ScheduleId, seats: &[&SeatSpec]) -> Result<(), CatalogRefusal> {
    let prices = |spec: &SeatSpec| spec.terms.iter().flat_map(|terms| terms.prices.clone()).collect::<Vec<_>>();
    let too_dear = first_of_kinds(seats, &|spec| prices(spec).iter().any(|price| price.amount > INTEGER_MAX));
    if let Some(seat) = too_dear {
        return Err(CatalogRefusal::AmountOutOfRange { schedule, seat });
    }
    let bits = |spec: &SeatSpec| spec.attributes().0;
    if let Some(seat) = first_of_kinds(seats, &|spec| bits(spec) > 7 || bits(spec) & 3 == 3) {
        return Err(CatalogRefusal::AttributesInvalid { schedule, seat });
    }
    for spec in seats.iter().filter(|spec| bits(spec) & 2 != 0) {
        let goes_with_it = |other: &&&SeatSpec| {
            bits(other) & 1 != 0
                && (&other.section, &other.row) == (&spec.section, &spec.row)
                && other.position.abs_diff(spec.position) == 1
        };
        if !seats.iter().any(|other| goes_with_it(&other)) {
            return Err(CatalogRefusal::CompanionAlone { schedule, seat: spec.seat });
        }
    }
    Ok(())
}
