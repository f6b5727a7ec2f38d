//! The webhooks of a data directory, in a file of their own.
//!
//! One process has the directory, so whoever claims them has them. The file is made with the first webhook.

use std::fs::{self, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, Row, TransactionBehavior};

use super::{Changed, Kept, Stored, WEBHOOKS_MAX};
use crate::error::Error;

/// The name of the file in the data directory.
pub const FILE_NAME: &str = "webhooks.db";

/// Which form the file has.
const FORM: u32 = 1;
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
const SETTINGS: &str = "PRAGMA journal_mode = WAL; PRAGMA cache_size = -1024;";
/// In one transaction: whoever sends may open the file at the same moment.
const TABLE: &str = "
    BEGIN IMMEDIATE;
    CREATE TABLE IF NOT EXISTS webhooks (
        webhook_id INTEGER PRIMARY KEY AUTOINCREMENT,
        version INTEGER NOT NULL,
        -- JSON; its secrets are sealed with the store's keys
        definition TEXT NOT NULL,
        state TEXT NOT NULL,
        moved INTEGER NOT NULL,
        progress TEXT NOT NULL,
        log TEXT NOT NULL,
        -- the node that sends
        holder INTEGER
    ) STRICT;
    PRAGMA user_version = 1;
    COMMIT;
";
const ALL: &str =
    "SELECT webhook_id, version, definition, state, moved, progress, log, holder FROM webhooks ORDER BY webhook_id";

pub(super) struct Webhooks {
    path: PathBuf,
    is_durable: bool,
    conn: Option<Connection>,
}

impl Webhooks {
    pub(super) fn new(directory: &Path, is_durable: bool) -> Self {
        Self { path: directory.join(FILE_NAME), is_durable, conn: None }
    }

    /// The file; `None` where there is none, and none is to be made.
    fn open(&mut self, make: bool) -> Result<Option<&mut Connection>, Error> {
        if self.conn.is_none() {
            let open = |source| Error::Open { path: self.path.clone(), source };
            if !make && !self.path.exists() {
                return Ok(None);
            }
            let prepare = || {
                let conn = Connection::open(&self.path)?;
                conn.busy_timeout(BUSY_TIMEOUT)?;
                conn.execute_batch(SETTINGS)?;
                conn.pragma_update(None, "synchronous", if self.is_durable { "FULL" } else { "NORMAL" })?;
                Ok(conn)
            };
            let conn = prepare().map_err(open)?;
            let found: u32 = conn.query_row("PRAGMA user_version", [], |row| row.get(0)).map_err(open)?;
            if found > FORM {
                return Err(Error::Newer { path: self.path.clone(), found, known: FORM });
            }
            if found < FORM {
                conn.execute_batch(TABLE)?;
            }
            self.conn = Some(conn);
        }
        Ok(self.conn.as_mut())
    }

    pub(super) fn all(&mut self) -> Result<Vec<Stored>, Error> {
        let Some(conn) = self.open(false)? else { return Ok(Vec::new()) };
        let mut statement = conn.prepare_cached(ALL)?;
        let found = statement.query_map([], stored)?;
        Ok(found.collect::<Result<_, _>>()?)
    }

    pub(super) fn add(&mut self, definition: &str, state: &str, progress: &str) -> Result<Option<u64>, Error> {
        const ADD: &str = "INSERT INTO webhooks (version, definition, state, moved, progress, log) \
                           SELECT 1, ?1, ?2, 0, ?3, '' WHERE (SELECT count(*) FROM webhooks) < ?4";
        let Some(conn) = self.open(true)? else { return Ok(None) };
        let added = conn.execute(ADD, (definition, state, progress, WEBHOOKS_MAX as i64))?;
        Ok((added > 0).then(|| conn.last_insert_rowid().cast_unsigned()))
    }

    pub(super) fn change(&mut self, id: u64, version: u64, changed: Changed<'_>) -> Result<bool, Error> {
        const CHANGE: &str = "UPDATE webhooks SET version = version + 1, definition = ?3, state = ?4, \
                              moved = moved + (?5 IS NOT NULL), progress = coalesce(?5, progress) \
                              WHERE webhook_id = ?1 AND version = ?2";
        let Changed { definition, state, progress } = changed;
        self.run(CHANGE, (id.cast_signed(), version.cast_signed(), definition, state, progress))
    }

    pub(super) fn remove(&mut self, id: u64) -> Result<bool, Error> {
        self.run("DELETE FROM webhooks WHERE webhook_id = ?1", [id.cast_signed()])
    }

    pub(super) fn claim(&mut self, node: u64, _: u64) -> Result<Vec<Stored>, Error> {
        self.run("UPDATE webhooks SET holder = ?1 WHERE holder IS NOT ?1", [node.cast_signed()])?;
        self.all()
    }

    pub(super) fn keep(&mut self, node: u64, kept: &[Kept<'_>]) -> Result<Vec<bool>, Error> {
        const KEEP: &str = "UPDATE webhooks SET progress = ?4, log = ?5 \
                            WHERE webhook_id = ?1 AND holder = ?2 AND moved = ?3";
        let Some(conn) = self.open(false)? else { return Ok(vec![false; kept.len()]) };
        let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let mut are_kept = Vec::new();
        for Kept { id, moved, progress, log } in kept {
            let values = (id.cast_signed(), node.cast_signed(), moved.cast_signed(), progress, log);
            are_kept.push(transaction.prepare_cached(KEEP)?.execute(values)? > 0);
        }
        transaction.commit()?;
        Ok(are_kept)
    }

    pub(super) fn halt(&mut self, node: u64, id: u64, version: u64, state: &str) -> Result<bool, Error> {
        const HALT: &str = "UPDATE webhooks SET version = version + 1, state = ?4 \
                            WHERE webhook_id = ?1 AND holder = ?2 AND version = ?3";
        self.run(HALT, (id.cast_signed(), node.cast_signed(), version.cast_signed(), state))
    }

    pub(super) fn release(&mut self, node: u64) -> Result<(), Error> {
        self.run("UPDATE webhooks SET holder = NULL WHERE holder = ?1", [node.cast_signed()]).map(drop)
    }

    pub(super) fn take_over(&mut self, all: &[Stored]) -> Result<(), Error> {
        const PUT: &str = "INSERT INTO webhooks (webhook_id, version, definition, state, moved, progress, log) \
                           VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING";
        for Stored { id, version, definition, state, moved, progress, log, holder: _ } in all {
            let Some(conn) = self.open(true)? else { return Ok(()) };
            let numbers = [id, version, moved].map(|number| number.cast_signed());
            conn.execute(PUT, (numbers[0], numbers[1], definition, state, numbers[2], progress, log))?;
        }
        Ok(())
    }

    /// Whether a statement has changed anything.
    fn run(&mut self, sql: &str, values: impl rusqlite::Params) -> Result<bool, Error> {
        let Some(conn) = self.open(false)? else { return Ok(false) };
        Ok(conn.prepare_cached(sql)?.execute(values)? > 0)
    }
}

/// Puts a copy of the webhooks of one data directory into another, as a whole and in the place of one that is there; nothing where there
/// are none.
///
/// # Errors
/// When they cannot be read or written.
pub fn copy_into(from: &Path, to: &Path) -> Result<(), Error> {
    let (source, copy) = (from.join(FILE_NAME), to.join(FILE_NAME));
    if !source.exists() {
        return Ok(());
    }
    let unnamed = copy.with_extension("new");
    let failed = |source| Error::Sync { path: copy.clone(), source };
    match fs::remove_file(&unnamed) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(failed(error)),
        _ => {}
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = Connection::open_with_flags(&source, flags)
        .map_err(|error| Error::Open { path: source.clone(), source: error })?;
    conn.busy_timeout(BUSY_TIMEOUT)?;
    conn.execute("VACUUM INTO ?1", [unnamed.to_string_lossy()])?;
    let put = File::open(&unnamed).and_then(|file| file.sync_all()).and_then(|()| fs::rename(&unnamed, &copy));
    put.map_err(failed)
}

fn stored(row: &Row<'_>) -> rusqlite::Result<Stored> {
    let number = |column: usize| row.get::<_, i64>(column).map(i64::cast_unsigned);
    Ok(Stored {
        id: number(0)?,
        version: number(1)?,
        definition: row.get(2)?,
        state: row.get(3)?,
        moved: number(4)?,
        progress: row.get(5)?,
        log: row.get(6)?,
        holder: row.get::<_, Option<i64>>(7)?.map(i64::cast_unsigned),
    })
}
