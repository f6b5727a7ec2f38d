//! Tickets that were issued anew.

use onsale_domain::ids::{ReservationId, SeatId};
use onsale_domain::row::{ReissuedRow, Row};

use super::Receiver;
use crate::code;
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "reissued_tickets", key 2: {
        reservation_id: Integer,
        seat_id: Integer,
        issue: Integer,
    },
    from "reissued_tickets ORDER BY reservation_id, seat_id"
};

pub(super) fn write(writer: &mut dyn Writer, row: &ReissuedRow) -> Result<(), Error> {
    let ReissuedRow { reservation, seat, issue } = row;
    let values = [
        Value::from(code::integer("the reservation id", reservation.0)?),
        Value::from(code::integer("the seat", seat.0)?),
        Value::from(issue),
    ];
    writer.upsert(&TABLE.upsert, &values)
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[], |row| {
        let (reservation, seat) = (ReservationId(row.u64(0)?), SeatId(row.u64(1)?));
        into(Row::Reissued(ReissuedRow { reservation, seat, issue: row.u32(2)? }))
    })
}
