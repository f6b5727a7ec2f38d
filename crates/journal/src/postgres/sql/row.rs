use onsale_postgres::tokio_postgres::{Row, SimpleQueryRow};

use crate::postgres::connection::Inserted;
use crate::{Entry, Error, Hash, Head};

/// The columns `seq, time_ms, hash` from `column` on.
pub(super) fn head(row: &Row, column: usize) -> Result<Head, Error> {
    let seq = unsigned(row, column);
    Ok(Head { seq, time_ms: unsigned(row, column + 1), hash: hash(row, column + 2, seq)? })
}

/// The columns `seq, time_ms, hash` and a time as text, as an append answers.
pub(super) fn inserted_in_text(row: &SimpleQueryRow) -> Result<Inserted, Error> {
    let column = |at: usize| row.get(at).unwrap_or_default();
    let bad = |what: &str| Error::corrupt(1, format!("an append was answered with a {what} that is none"));
    let seq = column(0).parse().map_err(|_| bad("number"))?;
    let time_ms = column(1).parse().map_err(|_| bad("time"))?;
    let hash = column(2).strip_prefix("\\x").and_then(unhex).ok_or_else(|| bad("hash"))?;
    let clock_ms = column(3).parse().map_err(|_| bad("clock"))?;
    Ok(Inserted { head: Head { seq, time_ms, hash: Hash::from(hash) }, clock_ms })
}

fn unhex(text: &str) -> Option<[u8; 32]> {
    let mut bytes = [0; 32];
    if text.len() != 64 {
        return None;
    }
    for (byte, digits) in bytes.iter_mut().zip(text.as_bytes().chunks(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// The columns `seq, time_ms, hash, node, number, payload`.
pub(super) fn entry(row: &Row) -> Result<Entry, Error> {
    let Head { seq, time_ms, hash } = head(row, 0)?;
    Ok(Entry { seq, time_ms, hash, node: unsigned(row, 3), number: unsigned(row, 4), payload: row.get(5) })
}

pub(super) fn hash(row: &Row, column: usize, seq: u64) -> Result<Hash, Error> {
    let bytes: &[u8] = row.get(column);
    let bytes: [u8; 32] =
        bytes.try_into().map_err(|_| Error::corrupt(seq, format!("its hash has {} bytes", bytes.len())))?;
    Ok(Hash::from(bytes))
}

fn unsigned(row: &Row, column: usize) -> u64 {
    row.get::<_, i64>(column).cast_unsigned()
}
