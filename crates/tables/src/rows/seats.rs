//! Seats, as the catalog describes them. Who holds one is for the reservations to say.

use onsale_domain::concert::SeatSpec;
use onsale_domain::ids::{ScheduleId, SeatId};
use onsale_domain::row::Row;
use rusqlite::Connection;

use super::Receiver;
use crate::code::integer;
use crate::error::Error;
use crate::fields::{Fields, Source, read};
use crate::writer::Writer;

const INSERT: &str = "INSERT INTO seats (schedule_id, seat_id, position, amount, section, seat_row, seat_number) \
    VALUES (?, ?, ?, ?, ?, ?, ?)";
const REMOVE: &str = "DELETE FROM seats WHERE schedule_id = ?";
const SOURCE: Source = Source {
    table: "seats",
    sql: "SELECT schedule_id, seat_id, position, amount, section, seat_row, seat_number FROM seats \
          ORDER BY schedule_id, position",
    key_columns: 2,
};

/// Replaces the seats of `schedule`.
pub(super) fn write(writer: &mut Writer<'_>, schedule: ScheduleId, seats: &[SeatSpec]) -> Result<(), Error> {
    remove(writer, schedule)?;
    let schedule_id = integer("the schedule", schedule.0)?;
    for SeatSpec { schedule: _, seat, position, amount, section, row, number } in seats {
        let values =
            (schedule_id, integer("the seat", seat.0)?, position, integer("the price", *amount)?, section, row, number);
        writer.run(INSERT, values)?;
    }
    Ok(())
}

pub(super) fn remove(writer: &mut Writer<'_>, schedule: ScheduleId) -> Result<(), Error> {
    writer.run(REMOVE, [integer("the schedule", schedule.0)?])
}

/// Gathers each schedule's seats into one row.
pub(super) fn load(conn: &Connection, into: &mut Receiver<'_>) -> Result<(), Error> {
    let mut seats: Vec<SeatSpec> = Vec::new();
    read(conn, &SOURCE, [], |row| {
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
