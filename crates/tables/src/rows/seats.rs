//! Seats, as the catalog describes them. Who holds one is for the reservations to say.

use onsale_domain::concert::SeatSpec;
use onsale_domain::ids::{ScheduleId, SeatId};
use onsale_domain::row::Row;

use super::Receiver;
use crate::code::integer;
use crate::error::Error;
use crate::fields::{Fields, Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "seats", key 2: {
        schedule_id: Integer,
        seat_id: Integer,
        position: Integer,
        amount: Integer,
        section: Text,
        seat_row: Text,
        seat_number: Text,
    },
    from "seats ORDER BY schedule_id, position"
};
const REMOVE: &str = "DELETE FROM seats WHERE schedule_id = ?";

/// Replaces the seats of `schedule`.
pub(super) fn write(writer: &mut dyn Writer, schedule: ScheduleId, seats: &[SeatSpec]) -> Result<(), Error> {
    remove(writer, schedule)?;
    let schedule_id = integer("the schedule", schedule.0)?;
    for SeatSpec { schedule: _, seat, position, amount, section, row, number } in seats {
        let values = [
            Value::from(schedule_id),
            Value::from(integer("the seat", seat.0)?),
            Value::from(position),
            Value::from(integer("the price", *amount)?),
            Value::from(section.as_ref()),
            Value::from(row.as_ref()),
            Value::from(number.as_ref()),
        ];
        writer.upsert(&TABLE.upsert, &values)?;
    }
    Ok(())
}

pub(super) fn remove(writer: &mut dyn Writer, schedule: ScheduleId) -> Result<(), Error> {
    writer.run(REMOVE, &[Value::from(integer("the schedule", schedule.0)?)])
}

/// Gathers each schedule's seats into one row.
pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    let mut seats: Vec<SeatSpec> = Vec::new();
    read(query, &TABLE.source, &[], |row| {
        let seat = seat_from(row)?;
        if seats.last().is_some_and(|last| last.schedule != seat.schedule) {
            hand_over(&mut seats, into)?;
        }
        seats.push(seat);
        Ok(())
    })?;
    hand_over(&mut seats, into)
}

fn seat_from(row: &Fields<'_>) -> Result<SeatSpec, Error> {
    Ok(SeatSpec {
        schedule: ScheduleId(row.u64(0)?),
        seat: SeatId(row.u64(1)?),
        position: row.u32(2)?,
        amount: row.u64(3)?,
        section: row.text_optional(4)?,
        row: row.text_optional(5)?,
        number: row.text_optional(6)?,
    })
}

fn hand_over(seats: &mut Vec<SeatSpec>, into: &mut Receiver<'_>) -> Result<(), Error> {
    match seats.first().map(|seat| seat.schedule) {
        Some(schedule) => into(Row::Seats { schedule, seats: std::mem::take(seats).into() }),
        None => Ok(()),
    }
}
