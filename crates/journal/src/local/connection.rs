use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::FILE;
use crate::Error;

/// How long a statement waits for a lock that somebody else's connection (an `sqlite3` shell, say) holds.
const BUSY: Duration = Duration::from_secs(1);

/// The page size. An append writes its overflow pages, the table's last leaf and the first page, whatever they hold: at
/// 16 KiB a page, an entry of 300 bytes costs 17 KB of log instead of 5, and one of 60 KB is no cheaper either.
pub(super) const PAGE_BYTES: u32 = 4_096;

/// Pages that a connection keeps, as SQLite takes it: negative, in KiB. Enough for the largest batches to reach the log
/// in one run at commit, and not before.
const CACHE: i64 = -16_384;

pub(super) fn path(dir: &Path) -> PathBuf {
    dir.join(FILE)
}

/// Opens a connection that may write, and creates an empty file if there is none.
pub(super) fn writer(dir: &Path) -> Result<Connection, Error> {
    open(dir, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)
}

/// Opens a connection that cannot write.
pub(super) fn reader(dir: &Path) -> Result<Connection, Error> {
    open(dir, OpenFlags::SQLITE_OPEN_READ_ONLY)
}

fn open(dir: &Path, mode: OpenFlags) -> Result<Connection, Error> {
    let path = path(dir);
    // A connection never leaves its owner, who holds it by `&mut`: SQLite's own mutexes would be for nothing.
    let conn = Connection::open_with_flags(&path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX)
        .and_then(|conn| tune(&conn).map(|()| conn))
        .map_err(|source| reading(1, format!("opening {}", path.display()), source))?;
    Ok(conn)
}

/// The settings that a file does not keep, and must be made on each connection.
///
/// `mmap_size` stays 0: through a map, a failing disk kills the process with a signal where a read gives an error.
fn tune(conn: &Connection) -> rusqlite::Result<()> {
    conn.busy_timeout(BUSY)?;
    // FULL is what makes each commit durable: NORMAL does not sync the log until a checkpoint. The connection that
    // checkpoints needs it too, or it would copy frames that are not synced yet.
    conn.pragma_update(None, "synchronous", "full")?;
    // By default SQLite checkpoints inside a commit, which that commit then waits for. See `wal`.
    conn.pragma_update(None, "wal_autocheckpoint", 0)?;
    conn.pragma_update(None, "cache_size", CACHE)
}

/// The settings that the file keeps. The page size must come before anything is written.
pub(super) fn lay_out(conn: &Connection) -> rusqlite::Result<()> {
    conn.pragma_update(None, "page_size", PAGE_BYTES)
}

/// Lets readers and the writer work at the same time, and makes a commit one sync. Needs a file with something in it.
pub(super) fn use_wal(conn: &Connection) -> rusqlite::Result<()> {
    conn.pragma_update_and_check(None, "journal_mode", "wal", |row| row.get::<_, String>(0)).map(drop)
}

/// Says what a failed read means. `seq` is the entry that was due.
pub(super) fn reading(seq: u64, doing: impl Into<String>, source: rusqlite::Error) -> Error {
    // What we wrote has the type that it is read as.
    if let rusqlite::Error::FromSqlConversionFailure(..) | rusqlite::Error::InvalidColumnType(..) = source {
        return Error::corrupt(seq, format!("a value is of another kind than was written ({source})"));
    }
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
            Error::corrupt(seq, format!("the file is not readable as a database ({source})"))
        }
        Some(ErrorCode::DiskFull) => Error::Full,
        _ => Error::io(doing, source),
    }
}

/// Says what a failed write means, once its transaction is rolled back.
///
/// `SQLITE_FULL` comes from a write that found no room. The frame that carries the commit mark is the last to be written,
/// with a checksum over the whole transaction; so the mark is not whole in the log, recovery ends before the transaction,
/// and the next one overwrites it. A sync that fails for want of room is an I/O error, not `SQLITE_FULL`: then the mark
/// may be there, and nobody can tell for how long.
pub(super) fn writing(source: &rusqlite::Error) -> Error {
    super::busy::note(source);
    match source.sqlite_error_code() {
        Some(ErrorCode::DiskFull) => Error::Full,
        // The lock that every write begins with was not to be had: nothing was done.
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
            Error::Unavailable { reason: format!("another process holds a lock on {} ({source})", super::FILE) }
        }
        _ => Error::Lost { reason: described(source) },
    }
}

/// SQLite's words and its extended code: "disk I/O error" alone does not say whether a write or a sync has failed.
pub(super) fn described(source: &rusqlite::Error) -> String {
    match source.sqlite_error() {
        Some(code) => format!("{source} (SQLite's extended code {})", code.extended_code),
        None => source.to_string(),
    }
}
