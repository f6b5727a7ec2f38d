//! What can be bought, and the two ways in which a list can lie.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::json;

use super::fault::Fault;
use super::hall::Seat;
use super::rules::Rules;
use super::sale::Sale;

/// How old a remembered list may become.
pub(super) const STALE_FOR: Duration = Duration::from_secs(2);
const OPEN_DATE: &str = "2027-05-01";

/// Lists, and what of earlier ones is remembered by fault.
#[derive(Debug)]
pub(super) struct Lists {
    fault: Option<Fault>,
    rules: Rules,
    schedules: Option<(Instant, String)>,
    seats: HashMap<u64, (Instant, Vec<Seat>)>,
}

impl Lists {
    pub(super) fn new(rules: &Rules, fault: Option<Fault>) -> Self {
        Self { fault, rules: rules.clone(), schedules: None, seats: HashMap::new() }
    }

    /// The dates with the seats that are left.
    pub(super) fn schedules(&mut self, sale: &Sale, now: Instant) -> String {
        if self.fault != Some(Fault::ServesAStaleSchedule) {
            return self.render_schedules(sale);
        }
        if self.schedules.as_ref().is_none_or(|(made, _)| now - *made >= STALE_FOR) {
            self.schedules = Some((now, self.render_schedules(sale)));
        }
        self.schedules.as_ref().map(|(_, list)| list.clone()).unwrap_or_default()
    }

    fn render_schedules(&self, sale: &Sale) -> String {
        let one = |(id, hall): (&u64, &super::hall::Hall)| {
            let available = hall.available();
            json!({
                "scheduleId": id, "concertTitle": "First Light", "openDate": OPEN_DATE, "startTime": "19:00",
                "endTime": "21:30", "seatStatus": if available == 0 { "SOLD_OUT" } else { "AVAILABLE" },
                "concertId": 1, "startsAt": format!("{OPEN_DATE}T19:00:00+09:00"),
                "endsAt": format!("{OPEN_DATE}T21:30:00+09:00"), "saleClosed": false, "totalSeats": hall.seats.len(),
                "availableSeats": available,
            })
        };
        json!(sale.halls.iter().map(one).collect::<Vec<_>>()).to_string()
    }

    /// The seats of a date, or of one section of it.
    pub(super) fn seats(&mut self, sale: &Sale, schedule: u64, section: Option<&str>, now: Instant) -> Option<String> {
        let current = &sale.halls.get(&schedule)?.seats;
        if matches!(self.fault, Some(Fault::TearsSeatLists | Fault::ServesStaleSeats)) {
            let remembered = self.seats.entry(schedule).or_insert_with(|| (now, current.clone()));
            if now - remembered.0 >= STALE_FOR {
                *remembered = (now, current.clone());
            }
        }
        let is_whole = self.fault == Some(Fault::ServesStaleSeats);
        let old = self.seats.get(&schedule).map(|(_, seats)| seats);
        let mut list = String::from("[");
        for (index, seat) in (0_u64..).zip(current) {
            let letter = self.rules.section(index);
            if section.is_some_and(|wanted| wanted != letter.to_string()) {
                continue;
            }
            let torn = old.and_then(|old| old.get(usize::try_from(index).ok()?)).filter(|_| is_whole || index % 2 == 1);
            let comma = if list.len() > 1 { "," } else { "" };
            let (id, number) = (index + 1, index % self.rules.seats_per_section + 1);
            let (amount, status) = (self.rules.amount, torn.unwrap_or(seat).text());
            write!(
                list,
                r#"{comma}{{"seatId":{id},"position":{id},"amount":{amount},"seatStatus":"{status}","section":"{letter}","row":"1","number":"{number}"}}"#
            )
            .expect("a string takes all that is written");
        }
        list.push(']');
        Some(list)
    }

    /// The public catalog.
    pub(super) fn catalog(&self) -> String {
        let rules = &self.rules;
        let section = |index| {
            let letter = rules.section(index * rules.seats_per_section).to_string();
            json!({"section": letter, "seats": rules.seats_per_section, "amountMin": rules.amount, "amountMax": rules.amount})
        };
        let sections: Vec<_> = (0..rules.sections).map(section).collect();
        let schedule = |id| {
            json!({
                "scheduleId": id, "openDate": OPEN_DATE, "startTime": "19:00", "endTime": "21:30",
                "startsAt": format!("{OPEN_DATE}T19:00:00+09:00"), "endsAt": format!("{OPEN_DATE}T21:30:00+09:00"),
                "zone": "Asia/Seoul", "saleClosed": false, "totalSeats": rules.seats(), "sections": sections,
            })
        };
        let schedules: Vec<_> = (1..=rules.schedules).map(schedule).collect();
        let concert = json!({"concertId": 1, "title": "First Light", "queue": "default", "schedules": schedules});
        json!({"currency": "KRW", "currencyDigits": 0, "demo": false, "concerts": [concert]}).to_string()
    }
}
