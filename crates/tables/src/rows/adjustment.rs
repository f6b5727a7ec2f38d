//! What operators and shops moved between a wallet and the outside world.

use onsale_domain::ids::{KeyId, TransferId, UserId};
use onsale_domain::operator::Operator;
use onsale_domain::row::{AdjustmentRow, Row};
use onsale_domain::user::{Adjustment, Direction};

use super::Receiver;
use crate::code;
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "adjustments", key 1: {
        reference: Text,
        user_id: Integer,
        direction: Integer,
        amount: Integer,
        transfer_id: Integer,
        key_id: Integer,
        operator: Text,
    },
    from "adjustments ORDER BY reference"
};

pub(super) fn write(writer: &mut dyn Writer, row: &AdjustmentRow) -> Result<(), Error> {
    let AdjustmentRow { reference, adjustment, transfer, by: Operator { key, name } } = row;
    let Adjustment { user, direction, amount } = adjustment;
    let values = [
        Value::from(reference),
        Value::from(code::integer("the user", user.0)?),
        Value::from(code_of(*direction)),
        Value::from(code::integer("the amount", *amount)?),
        Value::from(code::integer("the transfer id", transfer.0)?),
        Value::from(key.0),
        Value::from(name.as_ref()),
    ];
    writer.upsert(&TABLE.upsert, &values)
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[], |row| {
        let (user, amount) = (UserId(row.u64(1)?), row.u64(3)?);
        let direction = row.map(2, from_code)?;
        into(Row::Adjustment(AdjustmentRow {
            reference: row.text(0)?,
            adjustment: Adjustment { user, direction, amount },
            transfer: TransferId(row.u64(4)?),
            by: Operator { key: KeyId(row.u32(5)?), name: row.text_optional(6)? },
        }))
    })
}

fn code_of(direction: Direction) -> i64 {
    match direction {
        Direction::Credit => 0,
        Direction::Debit => 1,
    }
}

pub(super) fn from_code(code: i64) -> Option<Direction> {
    match code {
        0 => Some(Direction::Credit),
        1 => Some(Direction::Debit),
        _ => None,
    }
}
