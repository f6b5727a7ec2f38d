//! Publishing: all of an upload, or nothing of it.

use onsale_domain::command::CatalogPart;
use onsale_domain::concert::{Schedule, SeatSpec};
use onsale_domain::ids::{QueueId, ScheduleId, UploadId};
use onsale_domain::level::FAIRNESS;
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
        self.lines.push(Line::new(id, name, self.settings.queue.clone()));
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
                Some(sale) => sale.schedule = schedule,
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
            let in_use = |sale: &Sale| sale.seats.iter().any(|spec| self.taken_by(schedule.id, spec.seat).is_some());
            if old.is_some_and(|sale| sale.schedule.concert != schedule.concert && in_use(sale)) {
                return Err(CatalogRefusal::ScheduleInUse { schedule: schedule.id });
            }
            if schedule.ends_at < schedule.starts_at {
                return Err(CatalogRefusal::EndsBeforeStart { schedule: schedule.id });
            }
        }
        let mut ids: Vec<_> = all.seats.iter().map(|spec| spec.schedule).collect();
        ids.dedup();
        for id in ids {
            let known = self.sales.iter().map(|sale| &sale.schedule).chain(&all.schedules);
            if !known.into_iter().any(|schedule| schedule.id == id) {
                return Err(CatalogRefusal::UnknownSchedule { schedule: id });
            }
            let seats: Vec<_> = all.seats.iter().filter(|spec| spec.schedule == id).collect();
            self.check_seats(id, &seats)?;
        }
        Ok(())
    }

    fn check_seats(&self, schedule: ScheduleId, seats: &[&SeatSpec]) -> Result<(), CatalogRefusal> {
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
        let old = self.sales.iter().find(|sale| sale.schedule.id == schedule);
        for spec in old.into_iter().flat_map(|sale| &sale.seats) {
            if self.taken_by(schedule, spec.seat).is_none() {
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
        if sale.seats.iter().any(|spec| self.taken_by(schedule, spec.seat).is_some()) {
            return Err(Refusal::Catalog(CatalogRefusal::ScheduleInUse { schedule }));
        }
        self.sales.retain(|sale| sale.schedule.id != schedule);
        Ok(Reply::Done)
    }
}
