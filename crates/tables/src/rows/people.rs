//! What entry tokens said of people: their numbers, tokens that were used, and how many seats they may have; and who was erased.

use onsale_domain::idempotency::Key;
use onsale_domain::ids::UserId;
use onsale_domain::row::{EntryRow, ErasedRow, Row};
use onsale_domain::user::SingleUse;

use super::Receiver;
use crate::code;
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static SUBJECTS: Table = table! {
    "subjects", key 1: {
        digest: Bytes,
        user_id: Integer,
    },
    from "subjects ORDER BY digest"
};
pub(super) static ENTRIES: Table = table! {
    "entries", key 1: {
        digest: Bytes,
        until: Integer,
        retry: Bytes,
        user_id: Integer,
    },
    from "entries ORDER BY digest"
};
pub(super) static SEAT_LIMITS: Table = table! {
    "seat_limits", key 1: {
        user_id: Integer,
        seats: Integer,
    },
    from "seat_limits ORDER BY user_id"
};
pub(super) static ERASURES: Table = table! {
    "erasures", key 1: {
        user_id: Integer,
        at: Integer,
        pseudonym: Bytes,
    },
    from "erasures ORDER BY user_id"
};
const FORGET_SUBJECT: &str = "DELETE FROM subjects WHERE digest = ?";
const FORGET: &str = "DELETE FROM entries WHERE digest = ?";

pub(super) fn write_subject(writer: &mut dyn Writer, digest: &[u8; 32], user: UserId) -> Result<(), Error> {
    writer.upsert(&SUBJECTS.upsert, &[Value::from(digest), Value::from(code::integer("the user", user.0)?)])
}

pub(super) fn forget_subject(writer: &mut dyn Writer, digest: &[u8; 32]) -> Result<(), Error> {
    writer.run(FORGET_SUBJECT, &[Value::from(digest)])
}

pub(super) fn write_erased(writer: &mut dyn Writer, row: &ErasedRow) -> Result<(), Error> {
    let ErasedRow { user, at, pseudonym } = row;
    let values = [
        Value::from(code::integer("the user", user.0)?),
        Value::from(code::time(*at)?),
        pseudonym.as_ref().map_or(Value::Null, Value::from),
    ];
    writer.upsert(&ERASURES.upsert, &values)
}

pub(super) fn write_entry(writer: &mut dyn Writer, row: &EntryRow) -> Result<(), Error> {
    let EntryRow { once: SingleUse { digest, until, retry }, user } = row;
    let values = [
        Value::from(digest),
        Value::from(code::time(*until)?),
        retry.as_ref().map_or(Value::Null, |retry| Value::from(&retry.hash)),
        Value::from(code::integer("the user", user.0)?),
    ];
    writer.upsert(&ENTRIES.upsert, &values)
}

pub(super) fn forget_entry(writer: &mut dyn Writer, digest: &[u8; 16]) -> Result<(), Error> {
    writer.run(FORGET, &[Value::from(digest)])
}

pub(super) fn write_limit(writer: &mut dyn Writer, user: UserId, seats: u32) -> Result<(), Error> {
    writer.upsert(&SEAT_LIMITS.upsert, &[Value::from(code::integer("the user", user.0)?), Value::from(seats)])
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &SUBJECTS.source, &[], |row| into(Row::Subject { digest: row.array(0)?, user: UserId(row.u64(1)?) }))?;
    read(query, &ENTRIES.source, &[], |row| {
        let retry = row.array_optional(2)?.map(|hash| Key { hash });
        let once = SingleUse { digest: row.array(0)?, until: row.time(1)?, retry };
        into(Row::Entry(EntryRow { once, user: UserId(row.u64(3)?) }))
    })?;
    read(query, &SEAT_LIMITS.source, &[], |row| {
        into(Row::SeatLimit { user: UserId(row.u64(0)?), seats: row.u32(1)? })
    })?;
    read(query, &ERASURES.source, &[], |row| {
        into(Row::Erased(ErasedRow { user: UserId(row.u64(0)?), at: row.time(1)?, pseudonym: row.array_optional(2)? }))
    })
}
