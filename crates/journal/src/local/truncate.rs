use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};

use super::connection::{reading, writing};
use super::store::Store;
use super::{row, verify};
use crate::seal::seal_of;
use crate::{Checkpoint, Error, Head, Truncated};

/// How many entries one transaction deletes. It bounds how long an append may have to wait for it.
const CHUNK: i64 = 256;

/// The sealed checkpoint of the store, if there is one.
pub(super) fn load(conn: &Connection, store_id: u64) -> Result<Option<Checkpoint>, Error> {
    let found = conn
        .prepare_cached("select seq, time_ms, hash, fingerprint, seal from checkpoint")
        .and_then(|mut query| {
            let read = |found: &rusqlite::Row<'_>| {
                let Head { seq, time_ms, hash } = row::head(found)?;
                let fingerprint = row::unsigned(found, 3)?;
                Ok((Checkpoint { seq, time_ms, hash, fingerprint }, row::hash(found, 4)?))
            };
            query.query_row([], read).optional()
        })
        .map_err(|source| reading(1, "reading the journal's checkpoint", source))?;
    match found {
        Some((sealed, seal)) if seal == seal_of(&sealed, store_id) => Ok(Some(sealed)),
        Some((sealed, _)) => Err(Error::corrupt(sealed.seq, "the checkpoint sealed there was edited or torn")),
        None => Ok(None),
    }
}

/// The place behind which entries are kept: the checkpoint, or genesis.
pub(super) fn base(conn: &Connection, store: &Store) -> Result<Head, Error> {
    Ok(load(conn, store.id)?.map_or_else(|| store.genesis(), |sealed| sealed.head()))
}

/// Checks that the journal can be truncated at `wanted`.
pub(super) fn check(conn: &Connection, sealed: Option<Checkpoint>, wanted: &Checkpoint) -> Result<(), Error> {
    let refuse = |reason: String| Err(Error::Checkpoint { seq: wanted.seq, reason });
    if let Some(sealed) = sealed {
        if sealed == *wanted {
            return Ok(());
        }
        if wanted.seq <= sealed.seq {
            return refuse(format!("a checkpoint is sealed at {} already", sealed.seq));
        }
    }
    match verify::at(conn, wanted.seq)? {
        Some(found) if found == wanted.head() => Ok(()),
        Some(found) => refuse(format!("that entry's hash is {}, and the checkpoint says {}", found.hash, wanted.hash)),
        None => refuse("there is no such entry".to_owned()),
    }
}

/// Whether entries that the checkpoint at `seq` covers are still there: a crash may come between two steps.
pub(super) fn is_unfinished(conn: &Connection, seq: u64) -> Result<bool, Error> {
    is_covered_left(conn, row::signed(seq)).map_err(|source| reading(seq, "reading the journal", source))
}

/// Seals `checkpoint` and deletes a chunk of what it covers, in one transaction.
pub(super) fn step(conn: &mut Connection, store_id: u64, checkpoint: &Checkpoint) -> Result<Truncated, Error> {
    conn.transaction_with_behavior(TransactionBehavior::Immediate)
        .and_then(|step| {
            seal(&step, store_id, checkpoint)?;
            let left = delete(&step, checkpoint.seq)?;
            step.commit()?;
            Ok(left)
        })
        .map_err(|source| writing(&source))
}

fn seal(step: &Transaction<'_>, store_id: u64, checkpoint: &Checkpoint) -> rusqlite::Result<()> {
    step.prepare_cached("insert or replace into checkpoint values (1, ?1, ?2, ?3, ?4, ?5)")?.execute(params![
        row::signed(checkpoint.seq),
        row::signed(checkpoint.time_ms),
        checkpoint.hash.as_bytes(),
        row::signed(checkpoint.fingerprint),
        seal_of(checkpoint, store_id).as_bytes(),
    ])?;
    Ok(())
}

fn delete(step: &Transaction<'_>, seq: u64) -> rusqlite::Result<Truncated> {
    let covered = row::signed(seq);
    step.prepare_cached(
        "delete from entry where seq in (select seq from entry where seq <= ?1 order by seq limit ?2)",
    )?
    .execute([covered, CHUNK])?;
    Ok(if is_covered_left(step, covered)? { Truncated::Partly } else { Truncated::Done })
}

fn is_covered_left(conn: &Connection, covered: i64) -> rusqlite::Result<bool> {
    conn.prepare_cached("select exists (select 1 from entry where seq <= ?1)")?.query_row([covered], |row| row.get(0))
}
