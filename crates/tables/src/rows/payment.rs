//! Payments.

use onsale_domain::ids::{PaymentId, ReservationId, UserId};
use onsale_domain::row::{PaymentRow, Row};

use super::Receiver;
use crate::code::{integer, time};
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "payments", key 1: {
        payment_id: Integer,
        reservation_id: Integer,
        user_id: Integer,
        amount: Integer,
        paid_at: Integer,
    },
    from "payments ORDER BY payment_id"
};

pub(super) fn write(writer: &mut dyn Writer, row: &PaymentRow) -> Result<(), Error> {
    let PaymentRow { id, reservation, user, amount, paid_at } = row;
    let values = [
        Value::from(integer("the payment id", id.0)?),
        Value::from(integer("the reservation id", reservation.0)?),
        Value::from(integer("the user", user.0)?),
        Value::from(integer("the amount", *amount)?),
        Value::from(time(*paid_at)?),
    ];
    writer.upsert(&TABLE.upsert, &values)
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[], |row| {
        into(Row::Payment(PaymentRow {
            id: PaymentId(row.u64(0)?),
            reservation: ReservationId(row.u64(1)?),
            user: UserId(row.u64(2)?),
            amount: row.u64(3)?,
            paid_at: row.time(4)?,
        }))
    })
}
