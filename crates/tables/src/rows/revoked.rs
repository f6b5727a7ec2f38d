//! Users whose tokens of before a moment are none.

use onsale_domain::ids::UserId;
use onsale_domain::row::Row;
use onsale_domain::time::Time;

use super::Receiver;
use crate::code;
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "revoked", key 1: {
        user_id: Integer,
        since: Integer,
    },
    from "revoked ORDER BY user_id"
};

pub(super) fn write(writer: &mut dyn Writer, user: UserId, since: Time) -> Result<(), Error> {
    writer.upsert(&TABLE.upsert, &[Value::from(code::integer("the user", user.0)?), Value::from(code::time(since)?)])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[], |row| into(Row::Revoked { user: UserId(row.u64(0)?), since: row.time(1)? }))
}
