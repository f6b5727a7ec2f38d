//! The catalogs that the experiments publish.

use serde_json::{Value, json};

/// The seats of a stadium.
pub const STADIUM_SEATS: u64 = 50_000;
const SEATS_PER_ROW: u64 = 50;
const ROWS_PER_SECTION: u64 = 10;
/// The name of the places to stand.
pub(crate) const AREA: &str = "Floor";
/// What each seat costs.
pub const SEAT_AMOUNT: u64 = 150_000;

/// One concert with `schedules` schedules, numbered from 1, of `seats` seats each: sections of 500 seats in rows
/// of 50.
pub fn concert(schedules: u64, seats: u64) -> Value {
    let schedules: Vec<Value> = (1..=schedules).map(|id| schedule(id, seats)).collect();
    json!({"concerts": [{"concertId": 1, "title": "Benchmark", "schedules": schedules}]})
}

/// One concert with a schedule, numbered from 1, for each of these sizes.
pub fn halls(sizes: &[u64]) -> Value {
    let schedules: Vec<Value> = (1..).zip(sizes).map(|(id, &seats)| schedule(id, seats)).collect();
    json!({"concerts": [{"concertId": 1, "title": "Load test", "schedules": schedules}]})
}

/// One concert with one schedule: the hall of the plan's on-sale, with prices for adults and children, and places to stand.
pub fn of_hall(plan: &crate::plan::Journey) -> Value {
    let each = plan.sections.iter().flat_map(|group| (0..group.count).map(move |_| group));
    let sections: Vec<Value> = each
        .zip(0..)
        .map(|(group, index)| {
            let rows: Vec<Value> =
                (1..=group.rows).map(|row| json!({"row": row.to_string(), "seats": group.seats})).collect();
            let mut section = json!({"section": section_name(index), "amount": group.amount, "rows": rows});
            if let Some(amount) = group.child {
                section["prices"] = json!({"child": amount});
            }
            section
        })
        .collect();
    let mut schedule = schedule(1, 1);
    if plan.sections.iter().any(|group| group.child.is_some()) {
        schedule["priceTypes"] = json!([{"priceType": "adult"}, {"priceType": "child"}]);
    }
    schedule["sections"] = sections.into();
    let standing = plan.standing;
    if standing.places > 0 {
        schedule["areas"] = json!([{"area": AREA, "capacity": standing.places, "amount": standing.amount}]);
    }
    json!({"concerts": [{"concertId": 1, "title": "Load test", "schedules": [schedule]}]})
}

/// The name of section `index`, counted from 0.
pub fn section_name(index: u64) -> String {
    format!("S{}", index + 1)
}

/// How many sections a schedule with this many seats has.
pub fn section_count(seats: u64) -> u64 {
    seats.div_ceil(SEATS_PER_ROW * ROWS_PER_SECTION)
}

fn schedule(id: u64, seats: u64) -> Value {
    let rows: Vec<Value> = (0..seats.div_ceil(SEATS_PER_ROW))
        .map(|row| {
            let left = seats - row * SEATS_PER_ROW;
            json!({"row": (row % ROWS_PER_SECTION + 1).to_string(), "seats": left.min(SEATS_PER_ROW)})
        })
        .collect();
    let sections: Vec<Value> = rows
        .chunks(usize::try_from(ROWS_PER_SECTION).unwrap_or(usize::MAX))
        .zip(0..)
        .map(|(rows, index)| json!({"section": section_name(index), "amount": SEAT_AMOUNT, "rows": rows}))
        .collect();
    let (month, day) = ((id - 1) / 28 % 12 + 1, (id - 1) % 28 + 1);
    json!({
        "scheduleId": id,
        "zone": "Asia/Seoul",
        "startsAt": format!("2127-{month:02}-{day:02}T19:00:00"),
        "endsAt": format!("2127-{month:02}-{day:02}T21:30:00"),
        "sections": sections,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seats_of(schedule: &Value) -> u64 {
        let sections = schedule["sections"].as_array().unwrap();
        let rows = sections.iter().flat_map(|section| section["rows"].as_array().unwrap());
        rows.map(|row| row["seats"].as_u64().unwrap()).sum()
    }

    #[test]
    fn a_catalog_has_as_many_seats_as_asked_for() {
        for seats in [1, 50, 51, 777, STADIUM_SEATS] {
            let catalog = concert(3, seats);
            let schedules = catalog["concerts"][0]["schedules"].as_array().unwrap();
            assert_eq!(schedules.len(), 3);
            assert_eq!(schedules.iter().map(seats_of).collect::<Vec<_>>(), [seats; 3]);
            assert_eq!(schedules[0]["sections"].as_array().unwrap().len() as u64, section_count(seats));
        }
    }
}
