//! Copies of a journal that somebody may be writing to.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::Path;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::connection::{self, reading, writing};
use super::lock::Lock;
use super::store::Store;
use super::{row, truncate, verify};
use crate::{Error, Hash, Head, Link};

/// A copy that was brought up to its journal.
#[derive(Clone, Copy, Debug)]
pub struct Extended {
    /// Its last entry.
    pub head: Head,
    /// How many were added.
    pub entries: u64,
}

/// Copies the journal of the store in `from` into the directory `to`, where there is none, as it is at one moment. Whoever appends to
/// it is not kept waiting. The copy is on stable storage when this returns, its name is not.
///
/// # Errors
/// [`Error::Format`] if there is no journal of ours; [`Error::Full`]; [`Error::Io`].
pub fn copy_into(from: &Path, to: &Path) -> Result<(), Error> {
    let conn = connection::reader(from)?;
    Store::known(from, &conn)?;
    let path = connection::path(to);
    conn.execute("vacuum into ?1", [path.to_string_lossy()]).map_err(|source| writing_copy(&path, source))?;
    File::open(&path)
        .and_then(|file| file.sync_all())
        .map_err(|source| Error::io(format!("syncing {}", path.display()), source))
}

/// Appends what the journal of `from` has beyond the copy of it in `to`, verified, in one transaction: a crash leaves all of it or
/// nothing. `None` where the journal was truncated since, so that another copy has to be made.
///
/// # Errors
/// [`Error::Locked`] while a server owns the copy; [`Error::Format`] where it is another store's, or has what the store has not;
/// [`Error::Corrupt`] with the first bad entry of the store; [`Error::Full`]; [`Error::Io`].
pub fn extend_copy(from: &Path, to: &Path) -> Result<Option<Extended>, Error> {
    let _lock = Lock::take(to)?;
    let (source, mut copy) = (connection::reader(from)?, connection::writer(to)?);
    let (store, copied) = (Store::known(from, &source)?, Store::known(to, &copy)?);
    let refuse = |reason: &str| Error::Format { path: connection::path(to), reason: reason.to_owned() };
    if store.id != copied.id {
        return Err(refuse("it is of another store than the one that is to be copied"));
    }
    // One view, so that the checkpoint and the entries belong together.
    let view = source.unchecked_transaction().map_err(|source| reading(1, "reading the journal", source))?;
    let base = truncate::base(&view, &store)?;
    if base != truncate::base(&copy, &copied)? {
        return Ok(None);
    }
    let at = verify::last(&copy, base)?;
    if at != base && verify::at(&view, at.seq)? != Some(at) {
        return Err(refuse("it has entries that the store has not: one of them went on after the other was restored"));
    }
    let added = copy.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|source| writing(&source))?;
    let head = append(&view, at, &added)?;
    added.commit().map_err(|source| writing(&source))?;
    Ok(Some(Extended { head, entries: head.seq - at.seq }))
}

fn append(view: &Connection, at: Head, to: &Transaction<'_>) -> Result<Head, Error> {
    let mut failed = None;
    let head = verify::walk(view, at, |link, hash| match insert(to, link, hash) {
        Ok(()) => ControlFlow::Continue(()),
        Err(source) => {
            failed = Some(source);
            ControlFlow::Break(())
        }
    })?;
    failed.map_or(Ok(head), |source| Err(writing(&source)))
}

fn insert(to: &Transaction<'_>, link: &Link<'_>, hash: Hash) -> rusqlite::Result<()> {
    let mut insert = to.prepare_cached("insert into entry values (?1, ?2, ?3, ?4, ?5, ?6)")?;
    let [seq, time_ms, node, number] = [link.seq, link.time_ms, link.node, link.number].map(row::signed);
    insert.execute((seq, time_ms, node, number, &hash.as_bytes()[..], link.payload)).map(drop)
}

/// A file that is there already is an error of its user's, and no lost entry.
fn writing_copy(path: &Path, source: rusqlite::Error) -> Error {
    match writing(&source) {
        full @ Error::Full => full,
        _ => Error::io(format!("writing {}", path.display()), source),
    }
}
