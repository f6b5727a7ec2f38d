//! Seats, as the catalog describes them. Who holds one is for the reservations to say.

use onsale_domain::concert::{Attributes, Price, PriceTypeId, SeatSpec, SharedTerms, Terms, share_terms};
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
        category: Text,
        prices: Text,
        attributes: Integer,
        standing: Integer,
        seat_rank: Integer,
    },
    from "seats ORDER BY schedule_id, position"
};
const REMOVE: &str = "DELETE FROM seats WHERE schedule_id = ?";

/// Replaces the seats of `schedule`.
pub(super) fn write(writer: &mut dyn Writer, schedule: ScheduleId, seats: &[SeatSpec]) -> Result<(), Error> {
    remove(writer, schedule)?;
    let schedule_id = integer("the schedule", schedule.0)?;
    writer.announce(seats.len());
    for SeatSpec { schedule: _, seat, position, amount, section, row, number, terms, standing, rank } in seats {
        let prices = terms.as_ref().filter(|terms| !terms.prices.is_empty()).map(|terms| prices_text(&terms.prices));
        let attributes = terms.as_ref().map(|terms| terms.attributes).filter(|one| *one != Attributes::default());
        let values = [
            Value::from(schedule_id),
            Value::from(integer("the seat", seat.0)?),
            Value::from(position),
            Value::from(integer("the price", *amount)?),
            Value::from(section.as_ref()),
            Value::from(row.as_ref()),
            Value::from(number.as_ref()),
            Value::from(terms.as_ref().and_then(|terms| terms.category.as_ref())),
            Value::from(prices.as_ref()),
            Value::from(attributes.map(|one| i64::from(one.0))),
            Value::from(*standing),
            Value::from(*rank),
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
        terms: terms_from(row)?,
        standing: row.flag(10)?,
        rank: row.map_optional(11, |rank| u32::try_from(rank).ok())?,
    })
}

fn terms_from(row: &Fields<'_>) -> Result<Option<SharedTerms>, Error> {
    let category = row.text_optional(7)?;
    let prices = row.text_optional(8)?.map(|text| prices_from(&text).ok_or_else(|| row.corrupt(8))).transpose()?;
    let attributes = row.map_optional(9, |bits| u8::try_from(bits).ok())?.unwrap_or(0);
    let (prices, attributes) = (prices.unwrap_or_default(), Attributes(attributes));
    Ok(Terms { category, prices, attributes }.shared())
}

/// As a JSON object. Names of price types have nothing in them that JSON would write otherwise.
fn prices_text(prices: &[Price]) -> String {
    let one = |price: &Price| format!("\"{}\":{}", price.price_type.as_str(), price.amount);
    format!("{{{}}}", prices.iter().map(one).collect::<Vec<_>>().join(","))
}

fn prices_from(text: &str) -> Option<Vec<Price>> {
    let inner = text.strip_prefix('{')?.strip_suffix('}')?;
    let one = |member: &str| {
        let (name, amount) = member.split_once(':')?;
        let name = name.strip_prefix('"')?.strip_suffix('"')?;
        Some(Price { price_type: PriceTypeId::from(name), amount: amount.parse().ok()? })
    };
    inner.split(',').map(one).collect()
}

fn hand_over(seats: &mut Vec<SeatSpec>, into: &mut Receiver<'_>) -> Result<(), Error> {
    match seats.first().map(|seat| seat.schedule) {
        Some(schedule) => {
            share_terms(seats);
            into(Row::Seats { schedule, seats: std::mem::take(seats).into() })
        }
        None => Ok(()),
    }
}
