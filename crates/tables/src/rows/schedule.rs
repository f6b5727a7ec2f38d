//! Schedules: the dates of concerts.

use onsale_domain::concert::Schedule;
use onsale_domain::ids::{ConcertId, ScheduleId};
use onsale_domain::row::{Row, ScheduleRow};

use super::Receiver;
use crate::code::{integer, time};
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "schedules", key 1: {
        schedule_id: Integer,
        concert_id: Integer,
        zone: Text,
        starts_at: Integer,
        ends_at: Integer,
        closed: Integer,
    },
    from "schedules ORDER BY schedule_id"
};
const REMOVE: &str = "DELETE FROM schedules WHERE schedule_id = ?";

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
    writer.upsert(&TABLE.upsert, &values)
}

pub(super) fn remove(writer: &mut dyn Writer, schedule: ScheduleId) -> Result<(), Error> {
    writer.run(REMOVE, &[Value::from(integer("the schedule", schedule.0)?)])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[], |row| {
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
