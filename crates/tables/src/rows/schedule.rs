//! Schedules: the dates of concerts.

use onsale_domain::concert::Schedule;
use onsale_domain::ids::{ConcertId, ScheduleId};
use onsale_domain::row::{Row, ScheduleRow};
use rusqlite::Connection;

use super::Receiver;
use crate::code::{integer, time};
use crate::error::Error;
use crate::fields::{Source, read};
use crate::writer::Writer;

const UPSERT: &str = "INSERT OR REPLACE INTO schedules (schedule_id, concert_id, zone, starts_at, ends_at, closed) \
    VALUES (?, ?, ?, ?, ?, ?)";
const REMOVE: &str = "DELETE FROM schedules WHERE schedule_id = ?";
const SOURCE: Source = Source {
    table: "schedules",
    sql: "SELECT schedule_id, concert_id, zone, starts_at, ends_at, closed FROM schedules ORDER BY schedule_id",
    key_columns: 1,
};

pub(super) fn write(writer: &mut Writer<'_>, row: &ScheduleRow) -> Result<(), Error> {
    let Schedule { id, concert, zone, starts_at, ends_at } = &row.schedule;
    let values = (
        integer("the schedule", id.0)?,
        integer("the concert", concert.0)?,
        zone,
        time(*starts_at)?,
        time(*ends_at)?,
        row.closed,
    );
    writer.run(UPSERT, values)
}

pub(super) fn remove(writer: &mut Writer<'_>, schedule: ScheduleId) -> Result<(), Error> {
    writer.run(REMOVE, [integer("the schedule", schedule.0)?])
}

pub(super) fn load(conn: &Connection, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(conn, &SOURCE, [], |row| {
        let schedule = Schedule {
            id: ScheduleId(row.u64(0)?),
            concert: ConcertId(row.u64(1)?),
            zone: row.text(2)?,
            starts_at: row.time(3)?,
            ends_at: row.time(4)?,
        };
        into(Row::Schedule(ScheduleRow { schedule, closed: row.flag(5)? }))
    })
}
