//! Putting the lines of a CSV file together to concerts, schedules and seats.

use std::collections::HashMap;
use std::fmt;

use csv::StringRecord;
use jiff::tz::TimeZone;
use onsale_domain::concert::{Attributes, KnownTerms, Orphans, Price, PriceType, SharedTerms, Terms};
use onsale_domain::time::Time;

use crate::document::{Concert, Document, Schedule, Seat};
use crate::problem::Problems;
use crate::unique::{Shared, Unique};
use crate::{SEATS_IN_ROWS_MAX, SEATS_PER_SCHEDULE_MAX, moment, rule};

use super::columns::Columns;

/// What is gathered so far. Reads on after a problem, so that one run names them all.
pub(super) struct Gatherer {
    columns: Columns,
    problems: Problems,
    concerts: Vec<Entry<Concert>>,
    schedules: Vec<Date>,
    concert_of: HashMap<u64, usize>,
    schedule_of: HashMap<u64, usize>,
    terms: KnownTerms,
}

/// A thing, and the line that gave it first.
struct Entry<T> {
    value: T,
    line: u64,
}

struct Date {
    entry: Entry<Schedule>,
    concert_id: u64,
    unique: Unique,
}

/// One line, read as far as it can be.
struct Line<'r> {
    number: u64,
    record: &'r StringRecord,
}

/// Whether a line is an area.
enum Capacity {
    /// It is a seat.
    None,
    Of(u64),
    Wrong,
}

/// A cell, as messages name it.
struct Cell<'n> {
    line: u64,
    column: &'n str,
}

impl fmt::Display for Cell<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, {}", self.line, self.column)
    }
}

impl Line<'_> {
    fn column<'n>(&self, column: &'n str) -> Cell<'n> {
        Cell { line: self.number, column }
    }
}

impl Gatherer {
    pub(super) fn new(columns: Columns) -> Self {
        Self {
            columns,
            problems: Problems::default(),
            concerts: Vec::new(),
            schedules: Vec::new(),
            concert_of: HashMap::new(),
            schedule_of: HashMap::new(),
            terms: KnownTerms::default(),
        }
    }

    /// Takes in the record of line `number`.
    pub(super) fn add(&mut self, number: u64, record: &StringRecord) {
        let line = Line { number, record };
        let width = self.columns.width;
        if record.len() < width || record.iter().skip(width).any(|cell| !cell.is_empty()) {
            let what = format!("has {} columns, but the header has {}", record.len(), width);
            return self.problems.add(format_args!("line {number}"), what);
        }
        let concert = self.concert(&line);
        let schedule = self.schedule(&line, concert);
        self.seat(&line, schedule);
    }

    pub(super) fn finish(mut self) -> Result<Document, Problems> {
        if self.concerts.is_empty() {
            self.problems.add("", "the file has no seats, only a header");
        }
        let mut concerts: Vec<_> = self.concerts.into_iter().map(|entry| entry.value).collect();
        for mut date in self.schedules {
            date.entry.value.seats.sort_by_key(|seat| seat.position);
            if let Some(section) = rule::mixed_section(&date.entry.value.seats) {
                let what = format!(
                    "section {section:?} of schedule {} has both seats and places to stand",
                    date.entry.value.schedule_id
                );
                self.problems.add("", what);
            }
            if let Some(&at) = self.concert_of.get(&date.concert_id) {
                concerts[at].schedules.push(date.entry.value);
            }
        }
        self.problems.or(Document { concerts })
    }

    /// The line's concert, by its id, made where it is new.
    fn concert(&mut self, line: &Line<'_>) -> Option<u64> {
        let id = self.integer("concert_id", line, rule::id);
        let title = self.text("title", line, rule::title);
        let queue = self.text_or("queue", rule::QUEUE_DEFAULT, line, rule::queue);
        let (id, title, queue) = (id?, title?, queue?);
        let Some(&at) = self.concert_of.get(&id) else {
            self.concert_of.insert(id, self.concerts.len());
            let value = Concert { concert_id: id, title, queue, schedules: Vec::new() };
            self.concerts.push(Entry { value, line: line.number });
            return Some(id);
        };
        let first = &self.concerts[at];
        let what = format!("of concert {id} differs from line {}", first.line);
        let differs = [("title", title != first.value.title), ("queue", queue != first.value.queue)];
        for (name, _) in differs.into_iter().filter(|(_, differs)| *differs) {
            self.problems.add(line.column(name), what.clone());
        }
        Some(id)
    }

    /// The line's schedule, by its place in the list, made where it is new.
    fn schedule(&mut self, line: &Line<'_>, concert: Option<u64>) -> Option<usize> {
        let id = self.integer("schedule_id", line, rule::id);
        let zone = self.text_or("zone", rule::ZONE_DEFAULT, line, moment::zone);
        let starts_at = self.instant("starts_at", line, zone.as_ref());
        let ends_at = self.instant("ends_at", line, zone.as_ref());
        let is_until_given = self.columns.cell("accessible_until", line.record).is_some();
        let until = if is_until_given { self.instant("accessible_until", line, zone.as_ref()) } else { None };
        let on_sale_at = self.moment("on_sale_at", line, zone.as_ref());
        let off_sale_at = self.moment("off_sale_at", line, zone.as_ref());
        let orphans = self.orphans(line);
        let (concert_id, id, zone, starts_at, ends_at, orphans) =
            (concert?, id?, zone?, starts_at?, ends_at?, orphans?);
        let price_types = self.columns.price_types().map(|id| PriceType { id: id.clone(), title: None }).collect();
        let value = Schedule {
            schedule_id: id,
            zone: zone.iana_name()?.to_owned(),
            starts_at,
            ends_at,
            price_types,
            accessible_until: until,
            on_sale_at,
            off_sale_at,
            orphans,
            seats: Vec::new(),
        };
        if let Some(&at) = self.schedule_of.get(&id) {
            self.same_schedule(line, at, concert_id, &value);
            return Some(at);
        }
        if ends_at <= starts_at {
            self.problems.add(line.column("ends_at"), "must be later than starts_at");
        }
        if on_sale_at.zip(off_sale_at).is_some_and(|(on, off)| off <= on) {
            self.problems.add(line.column("off_sale_at"), "must be later than on_sale_at");
        }
        let entry = Entry { value, line: line.number };
        self.schedule_of.insert(id, self.schedules.len());
        self.schedules.push(Date { entry, concert_id, unique: Unique::default() });
        Some(self.schedules.len() - 1)
    }

    fn same_schedule(&mut self, line: &Line<'_>, at: usize, concert_id: u64, again: &Schedule) {
        let Date { entry: Entry { value, line: first }, concert_id: known, .. } = &self.schedules[at];
        let what = format!("of schedule {} differs from line {first}", value.schedule_id);
        let differs = [
            ("concert_id", concert_id != *known),
            ("zone", again.zone != value.zone),
            ("starts_at", again.starts_at != value.starts_at),
            ("ends_at", again.ends_at != value.ends_at),
            ("accessible_until", again.accessible_until != value.accessible_until),
            ("on_sale_at", again.on_sale_at != value.on_sale_at),
            ("off_sale_at", again.off_sale_at != value.off_sale_at),
            ("orphans", again.orphans != value.orphans),
        ];
        for (name, _) in differs.into_iter().filter(|(_, differs)| *differs) {
            self.problems.add(line.column(name), what.clone());
        }
    }

    fn seat(&mut self, line: &Line<'_>, schedule: Option<usize>) {
        let next = schedule.map_or(0, |at| self.schedules[at].entry.value.seats.len() as u64) + 1;
        // A file without the column has its seats numbered in the order of its lines.
        let mut ordinal = |name| if self.columns.has(name) { self.integer(name, line, Ok) } else { Some(next) };
        let (seat_id, position) = (ordinal("seat_id"), ordinal("position"));
        let seat_id = seat_id.and_then(|id| self.problems.note(line.column("seat_id"), rule::id(id)));
        let position = position.and_then(|n| self.problems.note(line.column("position"), rule::position(n)));
        let (amount, terms) = self.terms(line);
        let section = self.label("section", line);
        let row = self.label("row", line);
        let number = self.label("number", line);
        let capacity = self.capacity(line);
        let is_ranked = self.columns.cell("rank", line.record).is_some();
        let rank = if is_ranked { self.integer("rank", line, rule::rank) } else { None };
        let (Some(schedule), Some(seat_id), Some(position), Some(amount)) = (schedule, seat_id, position, amount)
        else {
            return;
        };
        match (capacity, section) {
            (Capacity::None, section) => {
                self.place(
                    line,
                    schedule,
                    Seat { seat_id, position, amount, section, row, number, terms, standing: false, rank },
                );
            }
            (Capacity::Wrong, _) => {}
            (Capacity::Of(_), _) if is_ranked => {
                self.problems.add(line.column("rank"), "is for seats, and this is an area");
            }
            (Capacity::Of(places), Some(area)) if row.is_none() && number.is_none() => {
                self.area(line, schedule, (&area, places), (amount, terms), (seat_id, position));
            }
            (Capacity::Of(_), _) => {
                let what = "is for an area, which has a section that names it, and neither row nor number";
                self.problems.add(line.column("capacity"), what);
            }
        }
    }

    /// Takes in the places of an area, the first of which has this id and position.
    fn area(
        &mut self,
        line: &Line<'_>,
        schedule: usize,
        (name, places): (&str, u64),
        (amount, terms): (u64, Option<SharedTerms>),
        (seat_id, position): (u64, u32),
    ) {
        let total = self.schedules[schedule].entry.value.seats.len() as u64 + places;
        if total > SEATS_PER_SCHEDULE_MAX as u64 {
            let what = format!("a schedule has at most {SEATS_PER_SCHEDULE_MAX} seats, and has {total} up to here");
            return self.problems.add(line.column("capacity"), what);
        }
        let last_id = rule::id(seat_id + places - 1).map_err(|what| format!("of the last place {what}"));
        let last_position =
            rule::position(u64::from(position) + places - 1).map_err(|what| format!("of the last place {what}"));
        let last_id = self.problems.note(line.column("seat_id"), last_id);
        let last_position = self.problems.note(line.column("position"), last_position);
        let (Some(last_id), Some(last_position)) = (last_id, last_position) else { return };
        for ((number, id), at) in (1..=places).zip(seat_id..=last_id).zip(position..=last_position) {
            self.place(line, schedule, Seat::of_area(name, (amount, terms.clone()), number, (id, at)));
        }
    }

    /// How many places the line's area has, if it is one.
    fn capacity(&mut self, line: &Line<'_>) -> Capacity {
        if self.columns.cell("capacity", line.record).is_none() {
            return Capacity::None;
        }
        let within = |n| rule::within(n, 1, SEATS_PER_SCHEDULE_MAX as u64);
        let Some(places) = self.integer("capacity", line, within) else { return Capacity::Wrong };
        if self.problems.has_room_for(places) {
            return Capacity::Of(places);
        }
        let what = format!("a catalog has at most {SEATS_IN_ROWS_MAX} seats in areas, and has more up to here");
        self.problems.add(line.column("capacity"), what);
        Capacity::Wrong
    }

    /// What the seat costs, and what it has beside that. Seats that have the same share it.
    fn terms(&mut self, line: &Line<'_>) -> (Option<u64>, Option<SharedTerms>) {
        let mut cells = self.columns.prices(line.record).into_iter();
        let amount = match cells.next() {
            None => self.integer("amount", line, rule::amount),
            Some((_, column, cell)) => self.amount(line, &column, cell.unwrap_or_default()),
        };
        let prices = cells.filter_map(|(price_type, column, cell)| {
            // A seat need not have every price.
            let amount = self.amount(line, &column, cell?)?;
            Some(Price { price_type, amount })
        });
        let prices: Vec<_> = prices.collect();
        let category = self.label("category", line);
        let mut attributes = Attributes::default();
        for name in self.columns.cell("attributes", line.record).unwrap_or_default().split_whitespace() {
            let one = self.problems.note(line.column("attributes"), rule::attribute(name)).unwrap_or_default();
            attributes = attributes.with(one);
        }
        let attributes =
            self.problems.note(line.column("attributes"), rule::attributes(attributes)).unwrap_or_default();
        let terms = Terms { category, prices, attributes }.shared();
        (amount, terms.map(|terms| self.terms.share(terms)))
    }

    fn amount(&mut self, line: &Line<'_>, column: &str, cell: &str) -> Option<u64> {
        let value = match cell {
            "" => Err("is missing".to_owned()),
            cell => cell.parse().map_err(|_| rule::no_whole_number(cell)).and_then(rule::amount),
        };
        self.problems.note(line.column(column), value)
    }

    fn place(&mut self, line: &Line<'_>, schedule: usize, seat: Seat) {
        let date = &mut self.schedules[schedule];
        for (shared, earlier) in date.unique.add(&seat, line.number) {
            let (name, what) = match shared {
                Shared::Id => ("seat_id", seat.seat_id.to_string()),
                Shared::Position => ("position", seat.position.to_string()),
                Shared::Label => ("number", "the same section, row and number".to_owned()),
            };
            self.problems.add(line.column(name), format!("{what} is already used on line {earlier}"));
        }
        let seats = &mut date.entry.value.seats;
        if seats.len() == SEATS_PER_SCHEDULE_MAX {
            let what = format!("a schedule has at most {SEATS_PER_SCHEDULE_MAX} seats");
            return self.problems.add(format_args!("line {}", line.number), what);
        }
        seats.push(seat);
    }

    fn instant(&mut self, name: &str, line: &Line<'_>, zone: Option<&TimeZone>) -> Option<Time> {
        let zone = zone?;
        self.text(name, line, |text| moment::instant(text, zone))
    }

    /// One that need not be there.
    fn moment(&mut self, name: &str, line: &Line<'_>, zone: Option<&TimeZone>) -> Option<Time> {
        let (zone, cell) = (zone?, self.columns.cell(name, line.record)?);
        self.problems.note(line.column(name), moment::instant(cell, zone))
    }

    fn integer<T>(&mut self, name: &str, line: &Line<'_>, rule: impl FnOnce(u64) -> Result<T, String>) -> Option<T> {
        self.text(name, line, |cell| {
            let value = cell.parse().map_err(|_| rule::no_whole_number(cell))?;
            rule(value)
        })
    }

    fn text<T>(&mut self, name: &str, line: &Line<'_>, rule: impl FnOnce(&str) -> Result<T, String>) -> Option<T> {
        let value = self.columns.cell(name, line.record).ok_or_else(|| "is missing".to_owned()).and_then(rule);
        self.problems.note(line.column(name), value)
    }

    fn text_or<T>(
        &mut self,
        name: &str,
        default: &str,
        line: &Line<'_>,
        rule: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let value = rule(self.columns.cell(name, line.record).unwrap_or(default));
        self.problems.note(line.column(name), value)
    }

    /// Nothing where the cell is empty; `None` where it is wrong and noted.
    fn orphans(&mut self, line: &Line<'_>) -> Option<Option<Orphans>> {
        let Some(cell) = self.columns.cell("orphans", line.record) else { return Some(None) };
        self.problems.note(line.column("orphans"), rule::orphans(cell)).map(Some)
    }

    fn label(&mut self, name: &str, line: &Line<'_>) -> Option<String> {
        let cell = self.columns.cell(name, line.record)?;
        self.problems.note(line.column(name), rule::label(cell))
    }
}
