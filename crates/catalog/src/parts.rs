//! A document in pieces that fit a journal entry each, and back.

use std::collections::BTreeMap;

use onsale_domain::command::CatalogPart;
use onsale_domain::concert::{Concert as ConcertSpec, Schedule as ScheduleSpec, SeatSpec};
use onsale_domain::ids::{ConcertId, ScheduleId, SeatId};

use crate::SEATS_PER_PART_MAX;
use crate::document::{Concert, Document, Schedule, Seat};

/// The most concerts and schedules together in one part.
const HEADS_PER_PART_MAX: usize = 1_000;

impl Document {
    /// The document as parts of at most [`SEATS_PER_PART_MAX`] seats, for the engine. Staged in this order and then
    /// published, they are the document.
    #[must_use]
    pub fn parts(self) -> Vec<CatalogPart> {
        self.pieces().into_iter().map(Self::into_part).collect()
    }

    /// The document as documents of at most [`SEATS_PER_PART_MAX`] seats, to be sent one by one. A schedule whose
    /// seats do not fit one of them appears in several, and its concert with it.
    #[must_use]
    pub fn pieces(self) -> Vec<Self> {
        let mut cutter = Cutter::default();
        for mut concert in self.concerts {
            let schedules = std::mem::take(&mut concert.schedules);
            cutter.concert(concert.clone());
            for schedule in schedules {
                cutter.schedule(&concert, schedule);
            }
        }
        cutter.finish()
    }

    /// The document that parts make together, in whatever order. Seats of schedules that no part names are left out.
    #[must_use]
    pub fn from_parts(parts: impl IntoIterator<Item = CatalogPart>) -> Self {
        let mut concerts = BTreeMap::new();
        let mut schedules = BTreeMap::new();
        let mut seats: BTreeMap<ScheduleId, Vec<SeatSpec>> = BTreeMap::new();
        for part in parts {
            concerts.extend(part.concerts.into_iter().map(|concert| (concert.id, concert)));
            schedules.extend(part.schedules.into_iter().map(|schedule| (schedule.id, schedule)));
            for seat in part.seats {
                seats.entry(seat.schedule).or_default().push(seat);
            }
        }
        let mut by_concert: BTreeMap<ConcertId, Vec<Schedule>> = BTreeMap::new();
        for (id, spec) in schedules {
            let mut seats = seats.remove(&id).unwrap_or_default();
            seats.sort_by_key(|seat| seat.position);
            by_concert.entry(spec.concert).or_default().push(schedule(spec, seats));
        }
        let concerts = concerts.into_values().map(|spec| Concert {
            concert_id: spec.id.0,
            schedules: by_concert.remove(&spec.id).unwrap_or_default(),
            title: spec.title,
            queue: spec.queue,
        });
        Self { concerts: concerts.collect() }
    }

    fn into_part(self) -> CatalogPart {
        let mut part = CatalogPart::default();
        for concert in self.concerts {
            let id = ConcertId(concert.concert_id);
            part.concerts.push(ConcertSpec { id, title: concert.title, queue: concert.queue });
            for schedule in concert.schedules {
                let schedule_id = ScheduleId(schedule.schedule_id);
                part.schedules.push(ScheduleSpec {
                    id: schedule_id,
                    concert: id,
                    zone: schedule.zone,
                    starts_at: schedule.starts_at,
                    ends_at: schedule.ends_at,
                    price_types: Some(schedule.price_types).filter(|types| !types.is_empty()),
                    accessible_until: schedule.accessible_until,
                    on_sale_at: schedule.on_sale_at,
                    off_sale_at: schedule.off_sale_at,
                    orphans: schedule.orphans,
                });
                part.seats.extend(schedule.seats.into_iter().map(|seat| spec(schedule_id, seat)));
            }
        }
        part
    }
}

fn spec(schedule: ScheduleId, seat: Seat) -> SeatSpec {
    SeatSpec {
        schedule,
        seat: SeatId(seat.seat_id),
        position: seat.position,
        amount: seat.amount,
        section: seat.section,
        row: seat.row,
        number: seat.number,
        terms: seat.terms,
        standing: seat.standing,
        rank: seat.rank,
    }
}

fn schedule(spec: ScheduleSpec, seats: Vec<SeatSpec>) -> Schedule {
    let seats = seats.into_iter().map(|seat| Seat {
        seat_id: seat.seat.0,
        position: seat.position,
        amount: seat.amount,
        section: seat.section,
        row: seat.row,
        number: seat.number,
        terms: seat.terms,
        standing: seat.standing,
        rank: seat.rank,
    });
    Schedule {
        schedule_id: spec.id.0,
        zone: spec.zone,
        starts_at: spec.starts_at,
        ends_at: spec.ends_at,
        price_types: spec.price_types.unwrap_or_default(),
        accessible_until: spec.accessible_until,
        on_sale_at: spec.on_sale_at,
        off_sale_at: spec.off_sale_at,
        orphans: spec.orphans,
        seats: seats.collect(),
    }
}

/// Fills one piece after the other.
#[derive(Default)]
struct Cutter {
    done: Vec<Document>,
    current: Document,
    heads: usize,
    seats: usize,
}

impl Cutter {
    fn concert(&mut self, concert: Concert) {
        if self.heads >= HEADS_PER_PART_MAX {
            self.cut();
        }
        self.heads += 1;
        self.current.concerts.push(concert);
    }

    fn schedule(&mut self, concert: &Concert, mut schedule: Schedule) {
        loop {
            if self.heads >= HEADS_PER_PART_MAX || self.seats >= SEATS_PER_PART_MAX {
                self.cut();
                self.concert(concert.clone());
            }
            let room = SEATS_PER_PART_MAX - self.seats;
            let rest = (schedule.seats.len() > room).then(|| schedule.seats.split_off(room));
            let next = rest.map(|seats| {
                let (zone, price_types) = (schedule.zone.clone(), schedule.price_types.clone());
                Schedule { seats, zone, price_types, ..schedule }
            });
            self.heads += 1;
            self.seats += schedule.seats.len();
            if let Some(concert) = self.current.concerts.last_mut() {
                concert.schedules.push(schedule);
            }
            match next {
                Some(next) => schedule = next,
                None => return,
            }
        }
    }

    fn cut(&mut self) {
        self.done.push(std::mem::take(&mut self.current));
        self.heads = 0;
        self.seats = 0;
    }

    fn finish(mut self) -> Vec<Document> {
        if !self.current.concerts.is_empty() {
            self.cut();
        }
        self.done
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stadium() -> Document {
        crate::demo(jiff::civil::date(2026, 11, 23))
    }

    #[test]
    fn parts_are_small_and_make_the_document_again() {
        let document = stadium();
        let parts = document.clone().parts();
        assert!(parts.len() > 10, "{} parts", parts.len());
        for part in &parts {
            assert!(part.seats.len() <= SEATS_PER_PART_MAX, "{} seats", part.seats.len());
            assert!(part.concerts.len() + part.schedules.len() <= HEADS_PER_PART_MAX);
        }
        assert_eq!(Document::from_parts(parts), document);
    }

    #[test]
    fn each_piece_is_a_document_of_its_own() {
        let document = stadium();
        let mut parts = Vec::new();
        for piece in document.clone().pieces() {
            let json = serde_json::to_vec(&piece).expect("a document serializes");
            let read = Document::from_json(&json).expect("a piece is a document");
            assert_eq!(read, piece);
            parts.extend(read.parts());
        }
        assert_eq!(Document::from_parts(parts), document);
    }

    #[test]
    fn many_schedules_without_seats_are_cut_too() {
        let schedule =
            |id| format!(r#"{{"scheduleId":{id},"startsAt":"2027-05-01T19:00","endsAt":"2027-05-01T21:00"}}"#);
        let schedules: Vec<_> = (1..=2_500).map(schedule).collect();
        let json = format!(r#"{{"concerts":[{{"concertId":1,"title":"T","schedules":[{}]}}]}}"#, schedules.join(","));
        let document = Document::from_json(json.as_bytes()).expect("it is sound");
        let parts = document.clone().parts();
        assert_eq!(parts.len(), 3);
        assert_eq!(Document::from_parts(parts), document);
    }
}
