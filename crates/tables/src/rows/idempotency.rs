//! Idempotency keys and their stored results.

use onsale_domain::idempotency::Endpoint;
use onsale_domain::ids::UserId;
use onsale_domain::row::{IdempotencyRow, Row};
use rusqlite::Connection;

use super::Receiver;
use crate::code::{cbor, integer, time};
use crate::error::Error;
use crate::fields::{Source, read};
use crate::writer::Writer;

const UPSERT: &str = "INSERT OR REPLACE INTO idempotency (user_id, endpoint, hash, fingerprint, stored_at, result) \
    VALUES (?, ?, ?, ?, ?, ?)";
const FORGET: &str = "DELETE FROM idempotency WHERE user_id = ? AND endpoint = ? AND hash = ?";
const SOURCE: Source = Source {
    table: "idempotency",
    sql: "SELECT user_id, endpoint, hash, fingerprint, stored_at, result FROM idempotency \
          ORDER BY stored_at, user_id, endpoint, hash",
    key_columns: 3,
};

pub(super) fn write(writer: &mut Writer<'_>, row: &IdempotencyRow) -> Result<(), Error> {
    let IdempotencyRow { user, endpoint, hash, fingerprint, stored_at, result } = row;
    let values = (
        integer("the user", user.0)?,
        endpoint_code(*endpoint),
        hash,
        fingerprint.cast_signed(),
        time(*stored_at)?,
        cbor(result),
    );
    writer.run(UPSERT, values)
}

pub(super) fn forget(writer: &mut Writer<'_>, user: UserId, endpoint: Endpoint, hash: &[u8; 16]) -> Result<(), Error> {
    writer.run(FORGET, (integer("the user", user.0)?, endpoint_code(endpoint), hash))
}

pub(super) fn load(conn: &Connection, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(conn, &SOURCE, [], |row| {
        into(Row::Idempotency(IdempotencyRow {
            user: UserId(row.u64(0)?),
            endpoint: row.map(1, endpoint_from)?,
            hash: row.array(2)?,
            fingerprint: row.bits(3)?,
            stored_at: row.time(4)?,
            result: minicbor::decode(row.bytes(5)?).map_err(|_| row.corrupt(5))?,
        }))
    })
}

fn endpoint_code(endpoint: Endpoint) -> i64 {
    match endpoint {
        Endpoint::Charge => 0,
        Endpoint::Reserve => 1,
        Endpoint::Pay => 2,
    }
}

fn endpoint_from(stored: i64) -> Option<Endpoint> {
    match stored {
        0 => Some(Endpoint::Charge),
        1 => Some(Endpoint::Reserve),
        2 => Some(Endpoint::Pay),
        _ => None,
    }
}
