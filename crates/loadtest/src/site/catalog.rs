//! What is on sale, as `GET /v1/catalog` tells everybody.

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::audit::seats::SeatStatus;
use crate::endpoint::Endpoint;
use crate::http;
use crate::profile::Profile;
use crate::request::Template;
use crate::seat_list;

/// What the default queue's tokens open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Catalog {
    pub dates: Vec<Date>,
}

/// One schedule.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Date {
    pub schedule_id: u64,
    #[serde(default)]
    sale_closed: bool,
    pub total_seats: u64,
    /// How many of them were free when somebody looked; `None` where nobody has.
    #[serde(skip)]
    free_seats: Option<u64>,
    #[serde(default)]
    pub sections: Vec<Section>,
}

#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    pub section: Option<String>,
    pub seats: u64,
}

#[derive(Deserialize)]
struct Envelope {
    data: Whole,
}

#[derive(Deserialize)]
struct Whole {
    concerts: Vec<Concert>,
}

#[derive(Deserialize)]
struct Concert {
    queue: Option<String>,
    schedules: Vec<Date>,
}

#[derive(Deserialize)]
struct DateList {
    data: Vec<ListedDate>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedDate {
    schedule_id: u64,
}

impl Date {
    /// How many seats were free at the start; all of them, where nobody has looked.
    #[must_use]
    pub fn free(&self) -> u64 {
        self.free_seats.unwrap_or(self.total_seats)
    }

    /// The same with fewer that are free.
    #[must_use]
    pub fn less(self, bought: u64) -> Self {
        Self { free_seats: self.free_seats.map(|free| free.saturating_sub(bought)), ..self }
    }
}

impl Catalog {
    /// Asks the server; `None` where it has no catalog.
    ///
    /// # Errors
    /// When it does not answer, or its catalog is none.
    pub fn fetch(server: &Endpoint) -> Result<Option<Self>> {
        let request = b"GET /v1/catalog HTTP/1.1\r\nHost: onsale.example\r\n\r\n";
        let reply = http::call_within(server, request, http::ANSWER_MAX)?;
        let is_there = reply.status == 200 && reply.says_success();
        is_there.then(|| Self::parse(&reply.body)).transpose()
    }

    /// What somebody who is inside is shown: the dates, and the seats of each.
    ///
    /// # Errors
    /// When lists cannot be read, or show no seat.
    pub(crate) fn discover(server: &Endpoint, profile: &Profile, token: &[u8]) -> Result<Self> {
        let ids: Vec<u64> = if profile.stage.dates.is_empty() {
            let reply =
                ask(server, &Template::get("/v1/api/concerts/schedule", &[]), token).context("call.schedule")?;
            let list: DateList = serde_json::from_slice(&reply)
                .with_context(|| format!("call.schedule: no list of dates in {}", excerpt(&reply)))?;
            list.data.into_iter().map(|date| date.schedule_id).collect()
        } else {
            (1..=profile.stage.dates.len() as u64).collect()
        };
        let mut dates = Vec::new();
        for schedule_id in ids {
            let path = format!("/v1/api/concerts/seat?scheduleId={schedule_id}");
            let reply = ask(server, &Template::get(&path, &[]), token).context("call.seat")?;
            let seats = seat_list::statuses(&reply);
            let total_seats = seats.len() as u64;
            let free = seats.values().filter(|&&status| status == SeatStatus::Available).count() as u64;
            if total_seats > 0 {
                let sections = vec![Section { section: None, seats: total_seats }];
                dates.push(Date { schedule_id, sale_closed: false, total_seats, free_seats: Some(free), sections });
            }
        }
        ensure!(!dates.is_empty(), "nothing is on sale: no list shows a seat");
        Ok(Self { dates })
    }

    fn parse(body: &[u8]) -> Result<Self> {
        let envelope: Envelope = serde_json::from_slice(body).context("GET /v1/catalog is not what it should be")?;
        let ours = envelope
            .data
            .concerts
            .into_iter()
            .filter(|concert| concert.queue.as_deref().is_none_or(|queue| queue == "default"));
        let mut dates: Vec<Date> =
            ours.flat_map(|concert| concert.schedules).filter(|date| !date.sale_closed).collect();
        dates.sort_by_key(|date| date.schedule_id);
        Ok(Self { dates })
    }

    /// The date with the most seats that are free.
    ///
    /// # Errors
    /// When nothing is on sale.
    pub fn largest(&self) -> Result<&Date> {
        self.dates.iter().max_by_key(|date| date.free()).context("nothing is on sale in the default queue")
    }
}

/// The body of a success.
fn ask(server: &Endpoint, template: &Template, token: &[u8]) -> Result<Vec<u8>> {
    Ok(http::call_within(server, &template.with(token), http::ANSWER_MAX)?.success()?.body)
}

fn excerpt(body: &[u8]) -> String {
    String::from_utf8_lossy(&body[..body.len().min(160)]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_catalog_is_read_with_its_sections() {
        let body = br#"{"resultType":"SUCCESS","data":{"currency":"KRW","concerts":[
            {"concertId":1,"title":"A","queue":"vip","schedules":[{"scheduleId":9,"totalSeats":5,"sections":[]}]},
            {"concertId":2,"title":"B","queue":"default","schedules":[
              {"scheduleId":3,"saleClosed":false,"totalSeats":50,"sections":[{"section":"A","seats":50,"amountMin":1,"amountMax":1}]},
              {"scheduleId":2,"saleClosed":true,"totalSeats":500,"sections":[]}]}]},"message":"SUCCESS"}"#;
        let catalog = Catalog::parse(body).unwrap();
        assert_eq!(catalog.dates.len(), 1);
        let date = catalog.largest().unwrap();
        assert_eq!((date.schedule_id, date.total_seats, date.sections[0].seats), (3, 50, 50));
    }
}
