use std::ops::ControlFlow;

use rusqlite::Connection;

use super::connection::reading;
use super::row;
use crate::{Error, Hash, Head, Link, Verifier};

/// How often progress is reported: each time so many bytes of payload have been verified.
const REPORT_BYTES: u64 = 16 << 20;

/// How far the verification of a journal has come.
#[derive(Clone, Copy, Debug)]
pub struct Progress {
    /// The last entry that was verified.
    pub seq: u64,
    /// The last entry there is.
    pub seq_last: u64,
    /// The payload bytes that were verified.
    pub bytes: u64,
}

/// Verifies all entries behind `from`, and gives the last.
pub(super) fn all(conn: &Connection, from: Head, progress: &mut dyn FnMut(Progress)) -> Result<Head, Error> {
    let seq_last = last(conn, from)?.seq;
    let (mut bytes, mut reported) = (0, 0);
    walk(conn, from, |link, _| {
        bytes += link.payload.len() as u64;
        if bytes - reported >= REPORT_BYTES {
            reported = bytes;
            progress(Progress { seq: link.seq, seq_last, bytes });
        }
        ControlFlow::Continue(())
    })
}

/// Goes through the entries behind `from`, hands each one on when it is verified, and gives the last. Holds one entry in
/// memory at a time.
pub(super) fn walk(
    conn: &Connection,
    from: Head,
    mut each: impl FnMut(&Link<'_>, Hash) -> ControlFlow<()>,
) -> Result<Head, Error> {
    const BEHIND: &str = "select seq, time_ms, node, number, hash, payload from entry where seq > ?1 order by seq";
    let failed = |due, source| reading(due, "reading the journal", source);
    let mut chain = Verifier::new(from);
    let mut behind = conn.prepare_cached(BEHIND).map_err(|source| failed(from.seq + 1, source))?;
    let mut rows = behind.query([row::signed(from.seq)]).map_err(|source| failed(from.seq + 1, source))?;
    loop {
        let due = chain.head().seq + 1;
        let Some(found) = rows.next().map_err(|source| failed(due, source))? else { break };
        let (link, hash) =
            row::link(found).map_err(|source| Error::corrupt(due, format!("it is not readable ({source})")))?;
        chain.next(&link, hash)?;
        if each(&link, hash).is_break() {
            break;
        }
    }
    Ok(chain.head())
}

/// The last entry behind `base` as it is stored, unverified; `base` if there is none.
pub(super) fn last(conn: &Connection, base: Head) -> Result<Head, Error> {
    let found = one(conn, "select seq, time_ms, hash from entry where seq > ?1 order by seq desc limit 1", base.seq)?;
    Ok(found.unwrap_or(base))
}

/// The entry `seq` as it is stored, unverified.
pub(super) fn at(conn: &Connection, seq: u64) -> Result<Option<Head>, Error> {
    one(conn, "select seq, time_ms, hash from entry where seq = ?1", seq)
}

fn one(conn: &Connection, sql: &str, seq: u64) -> Result<Option<Head>, Error> {
    let failed = |source| reading(seq, "reading the journal", source);
    let mut query = conn.prepare_cached(sql).map_err(failed)?;
    let mut rows = query.query([row::signed(seq)]).map_err(failed)?;
    let Some(found) = rows.next().map_err(failed)? else { return Ok(None) };
    row::head(found).map(Some).map_err(|source| Error::corrupt(seq, format!("it is not readable ({source})")))
}
