//! Movements of money: history, written and never loaded.

use onsale_domain::row::TransferRow;

use crate::code;
use crate::error::Error;
use crate::writer::Writer;

const UPSERT: &str = "INSERT OR REPLACE INTO transfers (transfer_id, at, debit, credit, amount, payment_id) \
    VALUES (?, ?, ?, ?, ?, ?)";

pub(super) fn write(writer: &mut Writer<'_>, row: &TransferRow) -> Result<(), Error> {
    let TransferRow { id, at, debit, credit, amount, payment } = row;
    let values = (
        code::integer("the transfer id", id.0)?,
        code::time(*at)?,
        code::account(*debit)?,
        code::account(*credit)?,
        code::integer("the amount", *amount)?,
        payment.map(|payment| code::integer("the payment id", payment.0)).transpose()?,
    );
    writer.run(UPSERT, values)
}
