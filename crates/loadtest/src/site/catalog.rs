//! What is on sale, as `GET /v1/catalog` tells everybody.

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::endpoint::Endpoint;
use crate::http;

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

impl Catalog {
    /// Asks the server.
    ///
    /// # Errors
    /// When it does not answer as the wire contract says.
    pub fn fetch(server: &Endpoint) -> Result<Self> {
        let request = b"GET /v1/catalog HTTP/1.1\r\nHost: onsale.example\r\n\r\n";
        let reply = http::call_within(server, request, http::ANSWER_MAX)?.success().context("GET /v1/catalog")?;
        Self::parse(&reply.body)
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

    /// The date with the most seats.
    ///
    /// # Errors
    /// When nothing is on sale.
    pub fn largest(&self) -> Result<&Date> {
        self.dates.iter().max_by_key(|date| date.total_seats).context("nothing is on sale in the default queue")
    }
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
