//! Catalog documents for the admin API.

use serde_json::{Value, json};

/// What a catalog upload holds.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    concerts: Vec<Value>,
}

/// One date of a concert.
#[derive(Clone, Debug)]
pub struct Schedule(Value);

impl Schedule {
    /// A date in Seoul without seats yet: 2027-05-01, 19:00 to 21:30.
    #[must_use]
    pub fn new(id: u64) -> Self {
        Self(json!({
            "scheduleId": id,
            "zone": "Asia/Seoul",
            "startsAt": "2027-05-01T19:00:00",
            "endsAt": "2027-05-01T21:30:00",
        }))
    }

    /// Sets the zone and the local times (`yyyy-MM-ddTHH:mm:ss`).
    #[must_use]
    pub fn times(mut self, zone: &str, starts_at: &str, ends_at: &str) -> Self {
        self.0["zone"] = json!(zone);
        self.0["startsAt"] = json!(starts_at);
        self.0["endsAt"] = json!(ends_at);
        self
    }

    /// Says from when until when it is sold.
    #[must_use]
    pub fn sold(mut self, on_sale_at: &str, off_sale_at: &str) -> Self {
        self.0["onSaleAt"] = json!(on_sale_at);
        self.0["offSaleAt"] = json!(off_sale_at);
        self
    }

    /// Adds a section of `rows` rows, named from "1", of `seats_per_row` seats at one price.
    #[must_use]
    pub fn section(mut self, name: &str, amount: u64, rows: u32, seats_per_row: u32) -> Self {
        let rows: Vec<_> = (1..=rows).map(|row| json!({"row": row.to_string(), "seats": seats_per_row})).collect();
        self.push("sections", json!({"section": name, "amount": amount, "rows": rows}));
        self
    }

    /// Adds one seat by itself, without section, row or number.
    #[must_use]
    pub fn seat(mut self, id: u64, position: u32, amount: u64) -> Self {
        self.push("seats", json!({"seatId": id, "position": position, "amount": amount}));
        self
    }

    /// Adds an area where so many people stand, behind the sections.
    #[must_use]
    pub fn area(mut self, name: &str, amount: u64, capacity: u32) -> Self {
        self.push("areas", json!({"area": name, "capacity": capacity, "amount": amount}));
        self
    }

    fn push(&mut self, list: &str, item: Value) {
        match self.0[list].as_array_mut() {
            Some(items) => items.push(item),
            None => self.0[list] = json!([item]),
        }
    }
}

impl Catalog {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a concert that is sold through the default queue.
    #[must_use]
    pub fn concert(mut self, id: u64, title: &str, schedules: Vec<Schedule>) -> Self {
        let schedules: Vec<_> = schedules.into_iter().map(|schedule| schedule.0).collect();
        self.concerts.push(json!({"concertId": id, "title": title, "schedules": schedules}));
        self
    }

    /// Has the concert that was added last sold through this queue.
    ///
    /// # Panics
    /// When no concert was added.
    #[must_use]
    pub fn through(mut self, queue: &str) -> Self {
        self.concerts.last_mut().expect("a concert")["queue"] = json!(queue);
        self
    }

    /// One concert, 1, with one date, 1: a single section "A" with one row of seats 1 to `seats`.
    #[must_use]
    pub fn hall(seats: u32, amount: u64) -> Self {
        Self::new().concert(1, "First Light", vec![Schedule::new(1).section("A", amount, 1, seats)])
    }

    /// The document that the admin API takes.
    #[must_use]
    pub fn document(&self) -> Value {
        json!({"concerts": self.concerts})
    }
}
