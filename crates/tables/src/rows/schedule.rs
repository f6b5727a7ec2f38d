//! Schedules: the dates of concerts.

use onsale_domain::concert::Schedule;
use onsale_domain::ids::{ConcertId, ScheduleId};
use onsale_domain::row::{Row, ScheduleRow};

use super::Receiver;
use crate::code::{integer, time};
use crate::error::Error;
use crate::fields::{Query, Source, read};
use crate::value::Type::{Integer, Text};
use crate::value::{Upsert, Value, Writer};

pub(super) static UPSERT: Upsert = Upsert {
    table: "schedules",
    columns: &[
        ("schedule_id", Integer),
        ("concert_id", Integer),
        ("zone", Text),
        ("starts_at", Integer),
        ("ends_at", Integer),
        ("closed", Integer),
    ],
    key: 1,
};
const REMOVE: &str = "DELETE FROM schedules WHERE schedule_id = ?";
const SOURCE: Source = Source {
    table: "schedules",
    sql: "SELECT schedule_id, concert_id, zone, starts_at, ends_at, closed FROM schedules ORDER BY schedule_id",
    key_columns: 1,
};

pub(super) fn write(writer: &mut dyn Writer, row: &ScheduleRow) -> Result<(), Error> {
    let Schedule { id, concert, zone, starts_at, ends_at } = &row.schedule;
    let values = [
        Value::from(integer("the schedule", id.0)?),
        Value::from(integer("the concert", concert.0)?),
        Value::from(zone),
        Value::from(time(*starts_at)?),
        Value::from(time(*ends_at)?),
        Value::from(row.closed),
    ];
    writer.upsert(&UPSERT, &values)
}

pub(super) fn remove(writer: &mut dyn Writer, schedule: ScheduleId) -> Result<(), Error> {
    writer.run(REMOVE, &[Value::from(integer("the schedule", schedule.0)?)])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &SOURCE, &[], |row| {
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
