//! Bringing a file to the schema's newest version.

use std::cmp::Ordering;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::store::FILE_NAME;
use crate::error::Error;
use crate::versions::{VERSIONS, Version, known};

const VERSION_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL
) STRICT";

/// Brings the schema to this program's version. Each version is one transaction, so a crash leaves a whole one.
///
/// # Errors
/// [`Error::Newer`] when a newer program made the tables.
pub(super) fn migrate(conn: &mut Connection, dir: &Path) -> Result<(), Error> {
    let found = current(conn)?;
    let known = known();
    if found > known {
        return Err(Error::Newer { path: dir.join(FILE_NAME), found, known });
    }
    for (version, Version { name, sqlite, .. }) in (1..).zip(VERSIONS).filter(|(version, _)| *version > found) {
        tracing::info!(version, name, "migrating the tables");
        let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(VERSION_TABLE)?;
        transaction.execute_batch(sqlite)?;
        transaction.execute("INSERT INTO schema_version (version, name) VALUES (?1, ?2)", (version, name))?;
        transaction.commit()?;
    }
    Ok(())
}

/// Whether the schema is the one that this program reads.
///
/// # Errors
/// [`Error::Newer`] and [`Error::Older`] when it is not.
pub(super) fn check(conn: &Connection, dir: &Path) -> Result<(), Error> {
    let (found, known) = (current(conn)?, known());
    match found.cmp(&known) {
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(Error::Newer { path: dir.join(FILE_NAME), found, known }),
        Ordering::Less => Err(Error::Older { path: dir.join(FILE_NAME), found, known }),
    }
}

/// The schema's version; 0 where there is none yet.
fn current(conn: &Connection) -> Result<u32, Error> {
    if !conn.table_exists(None, "schema_version")? {
        return Ok(0);
    }
    let newest = conn.query_row("SELECT max(version) FROM schema_version", [], |row| row.get::<_, Option<u32>>(0))?;
    Ok(newest.unwrap_or(0))
}
