//! The file, and how it is opened.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::error::Error;

/// The name of the tables' file in the data directory.
pub const FILE_NAME: &str = "onsale.db";

/// Statements kept prepared: more than there are in this crate.
const STATEMENTS_CACHED: usize = 256;
/// How long to wait for a reader that blocks a checkpoint's last step, or for a person's own write to the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// What the writer's connection is set to.
///
/// `synchronous = NORMAL`: a commit is not synced, so a power cut may take the last transactions back. That is safe,
/// because what is left is an earlier batch with its own mark, and the journal, which is synced before anybody is
/// told anything, has the rest. A killed process loses nothing: the kernel has its writes.
///
/// The write-ahead log may grow to 8,000 pages (31 MiB) before it is copied back: a page that changes in many
/// transactions is copied once, and the sync that follows stays short. The cache is small because the kernel has the
/// file cached too; a larger one makes no measurable difference.
const WRITER: &str = "
    PRAGMA page_size = 4096;
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = NORMAL;
    PRAGMA cache_size = -16384;
    PRAGMA wal_autocheckpoint = 8000;
    PRAGMA temp_store = MEMORY;
";

/// Opens the tables of the data directory `dir` for writing, and makes the file where there is none.
pub(super) fn open_writer(dir: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    open(dir, flags, WRITER)
}

/// Opens existing tables for reading only.
pub(super) fn open_reader(dir: &Path) -> Result<Connection, Error> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    open(dir, flags, "PRAGMA cache_size = -16384; PRAGMA temp_store = MEMORY;")
}

/// Copies the tables of the data directory `from` into the directory `to`, where there are none, as they are at one moment. Whoever
/// writes to them is not kept waiting. The copy is on stable storage when this returns, its name is not.
///
/// # Errors
/// Where they cannot be read, or the copy cannot be written.
pub fn copy_into(from: &Path, to: &Path) -> Result<(), Error> {
    copy(&open_reader(from)?, to)
}

pub(super) fn copy(conn: &Connection, to: &Path) -> Result<(), Error> {
    let path = to.join(FILE_NAME);
    conn.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
    std::fs::File::open(&path).and_then(|file| file.sync_all()).map_err(|source| Error::Sync { path, source })
}

fn open(dir: &Path, flags: OpenFlags, settings: &str) -> Result<Connection, Error> {
    let path = dir.join(FILE_NAME);
    let prepare = || {
        let conn = Connection::open_with_flags(&path, flags)?;
        conn.busy_timeout(BUSY_TIMEOUT)?;
        conn.set_prepared_statement_cache_capacity(STATEMENTS_CACHED);
        conn.execute_batch(settings)?;
        Ok(conn)
    };
    prepare().map_err(|source| Error::Open { path: path.clone(), source })
}
