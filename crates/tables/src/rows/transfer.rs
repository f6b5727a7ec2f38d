//! Movements of money: history, written and never loaded.

use onsale_domain::row::TransferRow;

use crate::code;
use crate::error::Error;
use crate::value::Type::Integer;
use crate::value::{Upsert, Value, Writer};

pub(super) static UPSERT: Upsert = Upsert {
    table: "transfers",
    columns: &[
        ("transfer_id", Integer),
        ("at", Integer),
        ("debit", Integer),
        ("credit", Integer),
        ("amount", Integer),
        ("payment_id", Integer),
    ],
    key: 1,
};

pub(super) fn write(writer: &mut dyn Writer, row: &TransferRow) -> Result<(), Error> {
    let TransferRow { id, at, debit, credit, amount, payment } = row;
    let values = [
        Value::from(code::integer("the transfer id", id.0)?),
        Value::from(code::time(*at)?),
        Value::from(code::account(*debit)?),
        Value::from(code::account(*credit)?),
        Value::from(code::integer("the amount", *amount)?),
        Value::from(payment.map(|payment| code::integer("the payment id", payment.0)).transpose()?),
    ];
    writer.upsert(&UPSERT, &values)
}
