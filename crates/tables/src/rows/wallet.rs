//! Wallets.

use onsale_domain::ids::UserId;
use onsale_domain::row::Row;
use rusqlite::Connection;

use super::Receiver;
use crate::code::integer;
use crate::error::Error;
use crate::fields::{Source, read};
use crate::writer::Writer;

const UPSERT: &str = "INSERT OR REPLACE INTO wallets (user_id, balance) VALUES (?, ?)";
const SOURCE: Source =
    Source { table: "wallets", sql: "SELECT user_id, balance FROM wallets ORDER BY user_id", key_columns: 1 };

pub(super) fn write(writer: &mut Writer<'_>, user: UserId, balance: u64) -> Result<(), Error> {
    writer.run(UPSERT, (integer("the user", user.0)?, integer("the balance", balance)?))
}

pub(super) fn load(conn: &Connection, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(conn, &SOURCE, [], |row| into(Row::Wallet { user: UserId(row.u64(0)?), balance: row.u64(1)? }))
}
