use onsale_postgres::tokio_postgres::Row;

use crate::{Entry, Error, Hash, Head};

/// The columns `seq, time_ms, hash` from `column` on.
pub(super) fn head(row: &Row, column: usize) -> Result<Head, Error> {
    let seq = unsigned(row, column);
    Ok(Head { seq, time_ms: unsigned(row, column + 1), hash: hash(row, column + 2, seq)? })
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
