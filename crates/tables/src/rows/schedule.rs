//! Schedules: the dates of concerts.

use std::collections::HashMap;

use onsale_domain::concert::{Orphans, PriceType, PriceTypeId, Schedule};
use onsale_domain::ids::{ConcertId, ScheduleId};
use onsale_domain::row::{Row, ScheduleRow};

use super::Receiver;
use crate::code::{integer, time, time_from, time_optional};
use crate::error::Error;
use crate::fields::{Query, Source, read};
use crate::table::{Table, table};
use crate::value::Type::{Integer, Text};
use crate::value::{Upsert, Value, Writer};

pub(super) static TABLE: Table = table! {
    "schedules", key 1: {
        schedule_id: Integer,
        concert_id: Integer,
        zone: Text,
        starts_at: Integer,
        ends_at: Integer,
        closed: Integer,
        accessible_until: Integer,
        on_sale_at: Integer,
        off_sale_at: Integer,
        orphans: Integer,
    },
    from "schedules ORDER BY schedule_id"
};
/// For whom there are prices, in order.
pub(super) static PRICE_TYPES: Upsert = Upsert {
    table: "price_types",
    columns: &[("schedule_id", Integer), ("place", Integer), ("price_type", Text), ("title", Text)],
    key: 2,
};
/// The codes are their places here.
const ORPHANS: [Orphans; 3] = [Orphans::Allow, Orphans::Prefer, Orphans::Refuse];
const REMOVE: &str = "DELETE FROM schedules WHERE schedule_id = ?";
const REMOVE_PRICE_TYPES: &str = "DELETE FROM price_types WHERE schedule_id = ?";
const LOAD_PRICE_TYPES: Source = Source {
    table: "price_types",
    sql: "SELECT schedule_id, place, price_type, title FROM price_types ORDER BY schedule_id, place",
    key_columns: 2,
};

pub(super) fn write(writer: &mut dyn Writer, row: &ScheduleRow) -> Result<(), Error> {
    let Schedule {
        id,
        concert,
        zone,
        starts_at,
        ends_at,
        price_types,
        accessible_until,
        on_sale_at,
        off_sale_at,
        orphans,
    } = &row.schedule;
    let schedule_id = Value::from(integer("the schedule", id.0)?);
    let values = [
        schedule_id,
        Value::from(integer("the concert", concert.0)?),
        Value::from(zone),
        Value::from(time(*starts_at)?),
        Value::from(time(*ends_at)?),
        Value::from(row.closed),
        Value::from(accessible_until.map(time).transpose()?),
        time_optional(*on_sale_at)?,
        time_optional(*off_sale_at)?,
        Value::from(orphans.map(|orphans| orphans as i64)),
    ];
    writer.upsert(&TABLE.upsert, &values)?;
    writer.run(REMOVE_PRICE_TYPES, &[schedule_id])?;
    for (place, one) in (0_u32..).zip(price_types.iter().flatten()) {
        let values = [schedule_id, Value::from(place), Value::from(one.id.as_str()), Value::from(one.title.as_ref())];
        writer.upsert(&PRICE_TYPES, &values)?;
    }
    Ok(())
}

pub(super) fn remove(writer: &mut dyn Writer, schedule: ScheduleId) -> Result<(), Error> {
    let schedule_id = Value::from(integer("the schedule", schedule.0)?);
    writer.run(REMOVE, &[schedule_id])?;
    writer.run(REMOVE_PRICE_TYPES, &[schedule_id])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    let mut price_types: HashMap<u64, Vec<PriceType>> = HashMap::new();
    read(query, &LOAD_PRICE_TYPES, &[], |row| {
        let one = PriceType { id: PriceTypeId::from(&*row.text(2)?), title: row.text_optional(3)? };
        price_types.entry(row.u64(0)?).or_default().push(one);
        Ok(())
    })?;
    read(query, &TABLE.source, &[], |row| {
        let schedule = Schedule {
            id: ScheduleId(row.u64(0)?),
            concert: ConcertId(row.u64(1)?),
            zone: row.text(2)?,
            starts_at: row.time(3)?,
            ends_at: row.time(4)?,
            price_types: price_types.remove(&row.u64(0)?),
            accessible_until: row.map_optional(6, time_from)?,
            on_sale_at: row.time_optional(7)?,
            off_sale_at: row.time_optional(8)?,
            orphans: row.map_optional(9, |code| ORPHANS.get(usize::try_from(code).ok()?).copied())?,
        };
        into(Row::Schedule(Box::new(ScheduleRow { schedule, closed: row.flag(5)? })))
    })
}

#[cfg(test)]
mod tests {
    use super::ORPHANS;

    #[test]
    fn every_rule_of_single_seats_has_its_code() {
        for (place, orphans) in ORPHANS.into_iter().enumerate() {
            assert_eq!(orphans as usize, place);
        }
    }
}
