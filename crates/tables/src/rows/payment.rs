//! Payments.

use onsale_domain::ids::{PaymentId, ReservationId, UserId};
use onsale_domain::row::{PaymentRow, Row};

use super::Receiver;
use crate::code::{integer, time};
use crate::error::Error;
use crate::fields::{Query, Source, read};
use crate::value::Type::Integer;
use crate::value::{Upsert, Value, Writer};

pub(super) static UPSERT: Upsert = Upsert {
    table: "payments",
    columns: &[
        ("payment_id", Integer),
        ("reservation_id", Integer),
        ("user_id", Integer),
        ("amount", Integer),
        ("paid_at", Integer),
    ],
    key: 1,
};
const SOURCE: Source = Source {
    table: "payments",
    sql: "SELECT payment_id, reservation_id, user_id, amount, paid_at FROM payments ORDER BY payment_id",
    key_columns: 1,
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
    writer.upsert(&UPSERT, &values)
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &SOURCE, &[], |row| {
        into(Row::Payment(PaymentRow {
            id: PaymentId(row.u64(0)?),
            reservation: ReservationId(row.u64(1)?),
            user: UserId(row.u64(2)?),
            amount: row.u64(3)?,
            paid_at: row.time(4)?,
        }))
    })
}
