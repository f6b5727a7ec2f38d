//! Wallets.

use onsale_domain::ids::UserId;
use onsale_domain::row::Row;

use super::Receiver;
use crate::code::integer;
use crate::error::Error;
use crate::fields::{Query, Source, read};
use crate::value::Type::Integer;
use crate::value::{Upsert, Value, Writer};

pub(super) static UPSERT: Upsert =
    Upsert { table: "wallets", columns: &[("user_id", Integer), ("balance", Integer)], key: 1 };
const SOURCE: Source =
    Source { table: "wallets", sql: "SELECT user_id, balance FROM wallets ORDER BY user_id", key_columns: 1 };

pub(super) fn write(writer: &mut dyn Writer, user: UserId, balance: u64) -> Result<(), Error> {
    writer.upsert(&UPSERT, &[Value::from(integer("the user", user.0)?), Value::from(integer("the balance", balance)?)])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &SOURCE, &[], |row| into(Row::Wallet { user: UserId(row.u64(0)?), balance: row.u64(1)? }))
}
