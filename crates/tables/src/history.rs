//! How the night went: a node's own figures, one line for each ten seconds, in a file of their own.
//!
//! They are no state: nothing is lost that matters when the file is deleted, so nothing waits for it to be synced. A power cut
//! may therefore leave a file that is no database any more. It is begun anew then.

use std::path::Path;

use rusqlite::{Connection, ErrorCode};

use crate::error::Error;

/// The name of the file in the data directory.
pub const FILE_NAME: &str = "history.db";

const SETTINGS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA synchronous = OFF;
    PRAGMA cache_size = -1024;
    CREATE TABLE IF NOT EXISTS samples (
        -- seconds since 1970-01-01 UTC, at the sample's end
        at INTEGER PRIMARY KEY,
        -- a JSON object of numbers by name
        figures TEXT NOT NULL
    ) STRICT;
";

/// The samples of one data directory.
#[derive(Debug)]
pub struct History {
    conn: Connection,
}

impl History {
    /// Opens the file in `dir`, and makes it where there is none, or none that can be used.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub fn open(dir: &Path) -> Result<Self, Error> {
        let path = dir.join(FILE_NAME);
        let conn = match open_whole(&path) {
            Err(source) if is_damage(&source) => {
                tracing::warn!(path = %path.display(), %source, "the history of the night is damaged, and begins anew");
                remove(&path);
                open_whole(&path)
            }
            opened => opened,
        };
        conn.map(|conn| Self { conn }).map_err(|source| Error::Open { path, source })
    }

    /// Adds a sample, or replaces the one of that second, and forgets those before `forget`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn push(&mut self, at: u64, figures: &str, forget: u64) -> Result<(), Error> {
        let (at, forget) = (at.cast_signed(), forget.cast_signed());
        let transaction = self.conn.transaction()?;
        transaction
            .prepare_cached("INSERT OR REPLACE INTO samples (at, figures) VALUES (?1, ?2)")?
            .execute((at, figures))?;
        transaction.prepare_cached("DELETE FROM samples WHERE at < ?1")?.execute([forget])?;
        Ok(transaction.commit()?)
    }

    /// The samples from one second to another, both included, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn read(&self, from: u64, to: u64) -> Result<Vec<(u64, String)>, Error> {
        let sql = "SELECT at, figures FROM samples WHERE at BETWEEN ?1 AND ?2 ORDER BY at";
        let mut statement = self.conn.prepare_cached(sql)?;
        let range = (i64::try_from(from).unwrap_or(i64::MAX), i64::try_from(to).unwrap_or(i64::MAX));
        let rows = statement.query_map(range, |row| Ok((row.get::<_, i64>(0)?.cast_unsigned(), row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When the first sample is of.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn first(&self) -> Result<Option<u64>, Error> {
        let first: Option<i64> = self.conn.query_row("SELECT min(at) FROM samples", [], |row| row.get(0))?;
        Ok(first.map(i64::cast_unsigned))
    }
}

/// The file, and that all of it can be read: a page in the middle may be the one that a power cut has taken. A start waits for
/// that: half a second for 500 MB on a small machine, and three days of samples are a tenth of that.
fn open_whole(path: &Path) -> rusqlite::Result<Connection> {
    let conn = Connection::open(path)?;
    conn.execute_batch(SETTINGS)?;
    let found: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        return Ok(conn);
    }
    let damaged = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(damaged, Some(found)))
}

/// Also a schema that makes no sense, for which SQLite has no code of its own.
fn is_damage(source: &rusqlite::Error) -> bool {
    matches!(
        source.sqlite_error_code(),
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase | ErrorCode::Unknown)
    )
}

/// What cannot be removed is found again when the file is opened.
fn remove(path: &Path) {
    for suffix in ["", "-wal", "-shm", "-journal"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let _ = std::fs::remove_file(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_damaged_file_is_begun_anew() {
        let dir = tempfile::tempdir().expect("a scratch directory");
        let path = dir.path().join(FILE_NAME);
        let text = "x".repeat(10_000);
        for at in 1..20 {
            History::open(dir.path()).and_then(|mut history| history.push(at, &text, 0)).expect("a sample");
        }
        let whole = std::fs::read(&path).expect("the file");
        let pages = whole.len() / 4_096;
        for page in 0..pages {
            let mut torn = whole.clone();
            torn[page * 4_096..][..4_096].fill(0);
            std::fs::write(&path, torn).expect("a torn file");
            let mut history = History::open(dir.path()).expect("an open one");
            history.push(30, "{}", 0).expect("a sample");
            let kept = history.read(0, u64::MAX).expect("the samples");
            assert_eq!(kept.last(), Some(&(30, "{}".to_owned())), "page {page} of {pages}");
        }
    }

    #[test]
    fn samples_are_kept_in_order_and_forgotten_by_age() {
        let dir = tempfile::tempdir().expect("a scratch directory");
        let mut history = History::open(dir.path()).expect("a new file");
        assert_eq!(history.first().expect("a look"), None);
        for at in [30, 10, 20, 40] {
            history.push(at, &format!("{{\"waiting\":{at}}}"), at.saturating_sub(20)).expect("a sample");
        }
        drop(history);
        let history = History::open(dir.path()).expect("the file again");
        let all = history.read(0, u64::MAX).expect("the samples");
        assert_eq!(all.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [20, 30, 40]);
        assert_eq!(history.read(30, 30).expect("one"), [(30, "{\"waiting\":30}".to_owned())]);
        assert_eq!(history.first().expect("a look"), Some(20));
    }
}
