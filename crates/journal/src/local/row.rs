use rusqlite::Row;
use rusqlite::types::FromSqlError;

use crate::{Hash, Head, Link};

/// SQLite's integers have a sign: the journal's are stored bit by bit, so that random ones fit too.
pub(super) fn signed(value: u64) -> i64 {
    value.cast_signed()
}

/// The columns `seq, time_ms, node, number, hash, payload`, without copying the payload.
pub(super) fn link<'row>(row: &'row Row<'_>) -> rusqlite::Result<(Link<'row>, Hash)> {
    let link = Link {
        seq: unsigned(row, 0)?,
        time_ms: unsigned(row, 1)?,
        node: unsigned(row, 2)?,
        number: unsigned(row, 3)?,
        payload: row.get_ref(5)?.as_blob()?,
    };
    Ok((link, hash(row, 4)?))
}

/// The columns `seq, time_ms, hash`.
pub(super) fn head(row: &Row<'_>) -> rusqlite::Result<Head> {
    Ok(Head { seq: unsigned(row, 0)?, time_ms: unsigned(row, 1)?, hash: hash(row, 2)? })
}

pub(super) fn unsigned(row: &Row<'_>, column: usize) -> rusqlite::Result<u64> {
    Ok(row.get_ref(column)?.as_i64()?.cast_unsigned())
}

pub(super) fn hash(row: &Row<'_>, column: usize) -> rusqlite::Result<Hash> {
    let stored = row.get_ref(column)?.as_blob()?;
    let bytes: [u8; 32] =
        stored.try_into().map_err(|_| FromSqlError::InvalidBlobSize { expected_size: 32, blob_size: stored.len() })?;
    Ok(Hash::from(bytes))
}
