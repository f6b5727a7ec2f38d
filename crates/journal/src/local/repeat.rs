use rusqlite::{Connection, params};

use super::connection::reading;
use super::row;
use crate::{Appended, Error, Head};

/// Finds the entry that a repeated append has made before, by halving: within `first..=last` all entries are this node's,
/// and their numbers rise. So the table needs no index, which each append would have to pay for.
pub(super) fn find(conn: &Connection, first: u64, last: u64, number: u64, payload: &[u8]) -> Result<Appended, Error> {
    let (mut low, mut high) = (first, last);
    while low <= high {
        let seq = low + (high - low) / 2;
        let (found, head, same) =
            probe(conn, seq, payload).map_err(|source| reading(seq, "reading the journal", source))?;
        match found.cmp(&number) {
            std::cmp::Ordering::Less => low = seq + 1,
            std::cmp::Ordering::Greater => high = seq - 1,
            std::cmp::Ordering::Equal if same => return Ok(head),
            std::cmp::Ordering::Equal => {
                return Err(Error::Number { number, reason: "it was appended with another payload" });
            }
        }
    }
    Err(Error::Number { number, reason: "it is not above the last one, and not in the journal" })
}

fn probe(conn: &Connection, seq: u64, payload: &[u8]) -> rusqlite::Result<(u64, Head, bool)> {
    conn.prepare_cached("select seq, time_ms, hash, number, payload = ?2 from entry where seq = ?1")?
        .query_row(params![row::signed(seq), payload], |found| {
            Ok((row::unsigned(found, 3)?, row::head(found)?, found.get(4)?))
        })
}
