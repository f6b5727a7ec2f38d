//! Wallets.

use onsale_domain::ids::UserId;
use onsale_domain::row::Row;

use super::Receiver;
use crate::code::integer;
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "wallets", key 1: {
        user_id: Integer,
        balance: Integer,
    },
    from "wallets ORDER BY user_id"
};

pub(super) fn write(writer: &mut dyn Writer, user: UserId, balance: u64) -> Result<(), Error> {
    writer.upsert(
        &TABLE.upsert,
        &[Value::from(integer("the user", user.0)?), Value::from(integer("the balance", balance)?)],
    )
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[], |row| into(Row::Wallet { user: UserId(row.u64(0)?), balance: row.u64(1)? }))
}
