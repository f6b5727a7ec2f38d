//! Seats that an operator holds back.

use onsale_domain::ids::{ScheduleId, SeatId};
use onsale_domain::row::{Row, WithheldRow};

use super::Receiver;
use crate::code;
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "withheld", key 2: {
        schedule_id: Integer,
        seat_id: Integer,
        at: Integer,
        reason: Text,
    },
    from "withheld ORDER BY schedule_id, seat_id"
};
const GIVE_BACK: &str = "DELETE FROM withheld WHERE schedule_id = ? AND seat_id = ?";

pub(super) fn write(writer: &mut dyn Writer, row: &WithheldRow) -> Result<(), Error> {
    let WithheldRow { schedule, seat, at, reason } = row;
    let values = [
        Value::from(code::integer("the schedule", schedule.0)?),
        Value::from(code::integer("the seat", seat.0)?),
        Value::from(code::time(*at)?),
        Value::from(&**reason),
    ];
    writer.upsert(&TABLE.upsert, &values)
}

pub(super) fn give_back(writer: &mut dyn Writer, schedule: ScheduleId, seat: SeatId) -> Result<(), Error> {
    let (schedule, seat) = (code::integer("the schedule", schedule.0)?, code::integer("the seat", seat.0)?);
    writer.run(GIVE_BACK, &[Value::from(schedule), Value::from(seat)])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[], |row| {
        into(Row::Withheld(WithheldRow {
            schedule: ScheduleId(row.u64(0)?),
            seat: SeatId(row.u64(1)?),
            at: row.time(2)?,
            reason: row.text(3)?.into(),
        }))
    })
}
