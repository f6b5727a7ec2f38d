//! Copies of a journal that somebody may be writing to.

use std::fs::File;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::connection::{self, reading, writing};
use super::lock::Lock;
use super::store::{self, Store};
use super::{row, truncate, verify};
use crate::{Error, Hash, Head, Link};

/// So often a log is looked at before what is found there is taken for damage.
const LOOKS: usize = 5;
const BETWEEN_LOOKS: Duration = Duration::from_millis(50);

/// A copy that was brought up to its journal.
#[derive(Clone, Copy, Debug)]
pub struct Extended {
    /// Its last entry.
    pub head: Head,
    /// How many were added.
    pub entries: u64,
}

/// The directory of a copy, which is nobody else's while this lives: no server's, and no other's who makes a copy in it.
pub struct Copy {
    dir: PathBuf,
    lock: Lock,
}

impl Copy {
    /// # Errors
    /// [`Error::Locked`] while somebody else has it; [`Error::Io`], also where there is no such directory.
    pub fn own(dir: &Path) -> Result<Self, Error> {
        Ok(Self { dir: dir.to_owned(), lock: Lock::take_to_copy(dir)? })
    }

    /// Whether the directory is still where it was: whoever had it before may have moved it just then.
    pub fn is_there(&self) -> bool {
        self.lock.is_at(&self.dir)
    }

    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Copies the journal of the store in `from`, where the copy has none, as it is at one moment, and verifies what was copied.
    /// Whoever appends to it is not kept waiting. The copy is on stable storage when this returns, its name is not.
    ///
    /// # Errors
    /// [`Error::Format`] if there is no journal of ours; [`Error::Corrupt`] with its first bad entry; [`Error::Full`]; [`Error::Io`].
    pub fn fill(&self, from: &Path) -> Result<(), Error> {
        check_log(from)?;
        let conn = connection::reader(from)?;
        let store = Store::known(from, &conn)?;
        let path = connection::path(&self.dir);
        conn.execute("vacuum into ?1", [path.to_string_lossy()]).map_err(|source| writing_copy(&path, source))?;
        let copy = connection::reader(&self.dir)?;
        verify::all(&copy, truncate::base(&copy, &store)?, &mut |_| ())?;
        File::open(&path)
            .and_then(|file| file.sync_all())
            .map_err(|source| Error::io(format!("syncing {}", path.display()), source))
    }

    /// Appends what the journal of `from` has beyond the copy, verified, in one transaction: a crash leaves all of it or nothing.
    /// `None` where the journal was truncated since, so that another copy has to be made.
    ///
    /// # Errors
    /// [`Error::Format`] where the copy is another store's, or has what the store has not; [`Error::Corrupt`] with the first bad
    /// entry of those that it has not; [`Error::Full`]; [`Error::Io`].
    pub fn extend(&self, from: &Path) -> Result<Option<Extended>, Error> {
        let to = &self.dir;
        check_log(from)?;
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
            return Err(refuse(
                "it has entries that the store has not: one of them went on after the other was restored",
            ));
        }
        let added =
            copy.transaction_with_behavior(TransactionBehavior::Immediate).map_err(|source| writing(&source))?;
        let head = append(&view, at, &added)?;
        added.commit().map_err(|source| writing(&source))?;
        Ok(Some(Extended { head, entries: head.seq - at.seq }))
    }
}

/// Refuses a log from which SQLite would read less than was acknowledged, and say nothing. Somebody may be writing to it, and then a look
/// may see half of a frame: damage is there each time.
pub(super) fn check_log(from: &Path) -> Result<(), Error> {
    for _ in 1..LOOKS {
        match store::refuse_damaged_wal(from) {
            Err(Error::Corrupt { .. }) => std::thread::sleep(BETWEEN_LOOKS),
            looked => return looked,
        }
    }
    store::refuse_damaged_wal(from)
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

pub(super) fn insert(to: &Transaction<'_>, link: &Link<'_>, hash: Hash) -> rusqlite::Result<()> {
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
