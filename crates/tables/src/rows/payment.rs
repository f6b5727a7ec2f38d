//! Payments.

use onsale_domain::ids::{PaymentId, ReservationId, UserId};
use onsale_domain::row::{PaymentRow, Row};
use rusqlite::Connection;

use super::Receiver;
use crate::code::{integer, time};
use crate::error::Error;
use crate::fields::{Source, read};
use crate::writer::Writer;

const UPSERT: &str = "INSERT OR REPLACE INTO payments (payment_id, reservation_id, user_id, amount, paid_at) \
    VALUES (?, ?, ?, ?, ?)";
const SOURCE: Source = Source {
    table: "payments",
    sql: "SELECT payment_id, reservation_id, user_id, amount, paid_at FROM payments ORDER BY payment_id",
    key_columns: 1,
};

pub(super) fn write(writer: &mut Writer<'_>, row: &PaymentRow) -> Result<(), Error> {
    let PaymentRow { id, reservation, user, amount, paid_at } = row;
    let values = (
        integer("the payment id", id.0)?,
        integer("the reservation id", reservation.0)?,
        integer("the user", user.0)?,
        integer("the amount", *amount)?,
        time(*paid_at)?,
    );
    writer.run(UPSERT, values)
}

pub(super) fn load(conn: &Connection, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(conn, &SOURCE, [], |row| {
        into(Row::Payment(PaymentRow {
            id: PaymentId(row.u64(0)?),
            reservation: ReservationId(row.u64(1)?),
            user: UserId(row.u64(2)?),
            amount: row.u64(3)?,
            paid_at: row.time(4)?,
        }))
    })
}
