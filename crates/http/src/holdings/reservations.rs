//! Reservations, in the envelope.

use jiff::tz::TimeZone;
use onsale_domain::ids::{ScheduleId, UserId};
use onsale_domain::reservation::State;
use onsale_domain::row::ReservationRow;
use onsale_domain::time::Time;
use onsale_node::{json as text, local};

use crate::shared::Shared;
use crate::times;

impl Shared {
    /// The reservations of a user, in the envelope: newest first.
    pub(crate) fn reservations_json(&self, user: UserId) -> Vec<u8> {
        let rows = self.node.views().users.reservations(user);
        let mut out = text::HEAD.to_vec();
        for (i, row) in rows.iter().rev().enumerate() {
            if i > 0 {
                out.push(b',');
            }
            write(&mut out, row, &self.zone(row.schedule));
        }
        out.extend_from_slice(text::TAIL);
        out
    }

    /// The zone of a date's place; UTC where the date is in no catalog any more.
    pub(crate) fn zone(&self, schedule: ScheduleId) -> TimeZone {
        let catalog = self.node.views().catalog();
        catalog.schedules.get(&schedule).map_or(TimeZone::UTC, |schedule| schedule.zone.clone())
    }
}

fn write(out: &mut Vec<u8>, row: &ReservationRow, zone: &TimeZone) {
    let time = |out: &mut Vec<u8>, time: Time| times::rfc3339(out, &local(time, zone));
    let seats: Vec<String> = row.seats.iter().map(ToString::to_string).collect();
    let head = format!(
        "{{\"reservationId\":{},\"scheduleId\":{},\"seatIds\":[{}],\"amount\":{},\"status\":\"{}\",\"reservedAt\":\"",
        row.id,
        row.schedule,
        seats.join(","),
        row.amount,
        status(row.state)
    );
    out.extend_from_slice(head.as_bytes());
    time(out, row.reserved_at);
    out.extend_from_slice(b"\",\"reservedUntil\":\"");
    time(out, row.reserved_until);
    match row.state {
        State::Paid { payment, at } => {
            out.extend_from_slice(format!("\",\"paymentId\":{payment},\"paidAt\":\"").as_bytes());
            time(out, at);
            out.extend_from_slice(b"\"}");
        }
        State::Held | State::Lapsed { .. } | State::Cancelled { .. } | State::Released { .. } => {
            out.extend_from_slice(b"\",\"paymentId\":null,\"paidAt\":null}");
        }
    }
}

fn status(state: State) -> &'static str {
    match state {
        State::Held => "TEMP_RESERVED",
        State::Paid { .. } => "RESERVED",
        State::Lapsed { .. } => "EXPIRED",
        State::Cancelled { .. } => "CANCELLED",
        State::Released { .. } => "RELEASED",
    }
}
