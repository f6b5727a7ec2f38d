//! Users whose tokens of before a moment are none.

use onsale_domain::ids::UserId;
use onsale_domain::row::Row;
use onsale_domain::time::Time;

use super::Receiver;
use crate::code;
use crate::error::Error;
use crate::fields::{Query, Source, read};
use crate::value::Type::Integer;
use crate::value::{Upsert, Value, Writer};

pub(super) static UPSERT: Upsert =
    Upsert { table: "revoked", columns: &[("user_id", Integer), ("since", Integer)], key: 1 };
const SOURCE: Source =
    Source { table: "revoked", sql: "SELECT user_id, since FROM revoked ORDER BY user_id", key_columns: 1 };

pub(super) fn write(writer: &mut dyn Writer, user: UserId, since: Time) -> Result<(), Error> {
    writer.upsert(&UPSERT, &[Value::from(code::integer("the user", user.0)?), Value::from(code::time(since)?)])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &SOURCE, &[], |row| into(Row::Revoked { user: UserId(row.u64(0)?), since: row.time(1)? }))
}
