//! Idempotency keys and their stored results.

use onsale_domain::cbor;
use onsale_domain::idempotency::Endpoint;
use onsale_domain::ids::UserId;
use onsale_domain::row::{IdempotencyRow, Row};

use super::Receiver;
use crate::code::{integer, time};
use crate::error::Error;
use crate::fields::{Query, read};
use crate::table::{Table, table};
use crate::value::{Value, Writer};

pub(super) static TABLE: Table = table! {
    "idempotency", key 3: {
        user_id: Integer,
        endpoint: Integer,
        hash: Bytes,
        fingerprint: Integer,
        stored_at: Integer,
        result: Bytes,
    },
    from "idempotency ORDER BY stored_at, user_id, endpoint, hash"
};
const FORGET: &str = "DELETE FROM idempotency WHERE user_id = ? AND endpoint = ? AND hash = ?";

pub(super) fn write(writer: &mut dyn Writer, row: &IdempotencyRow) -> Result<(), Error> {
    let IdempotencyRow { user, endpoint, hash, fingerprint, stored_at, result } = row;
    let result = cbor::encoded(result);
    let values = [
        Value::from(integer("the user", user.0)?),
        Value::from(endpoint_code(*endpoint)),
        Value::from(hash),
        Value::from(fingerprint.cast_signed()),
        Value::from(time(*stored_at)?),
        Value::from(&result),
    ];
    writer.upsert(&TABLE.upsert, &values)
}

pub(super) fn forget(writer: &mut dyn Writer, user: UserId, endpoint: Endpoint, hash: &[u8; 16]) -> Result<(), Error> {
    writer.run(
        FORGET,
        &[Value::from(integer("the user", user.0)?), Value::from(endpoint_code(endpoint)), Value::from(hash)],
    )
}

pub(super) fn load(query: &dyn Query, into: &mut Receiver<'_>) -> Result<(), Error> {
    read(query, &TABLE.source, &[], |row| {
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

pub(super) fn endpoint_from(stored: i64) -> Option<Endpoint> {
    match stored {
        0 => Some(Endpoint::Charge),
        1 => Some(Endpoint::Reserve),
        2 => Some(Endpoint::Pay),
        _ => None,
    }
}
