//! The schema's versions. A version that was released is never edited: the next one changes it.

use std::cmp::Ordering;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use crate::error::Error;
use crate::store::FILE_NAME;

/// All versions, the first being version 1.
const MIGRATIONS: &[(&str, &str)] = &[
    ("state", include_str!("../migrations/sqlite/0001_state.sql")),
    ("views", include_str!("../migrations/sqlite/0002_views.sql")),
    ("operator", include_str!("../migrations/sqlite/0003_operator.sql")),
];

const VERSION_TABLE: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL
) STRICT";

/// Brings the schema to this program's version. Each version is one transaction, so a crash leaves a whole one.
///
/// # Errors
/// [`Error::Newer`] when a newer program made the tables.
pub(crate) fn migrate(conn: &mut Connection, dir: &Path) -> Result<(), Error> {
    let found = current(conn)?;
    let known = known();
    if found > known {
        return Err(Error::Newer { path: dir.join(FILE_NAME), found, known });
    }
    for (version, (name, sql)) in (1..).zip(MIGRATIONS).filter(|(version, _)| *version > found) {
        tracing::info!(version, name, "migrating the tables");
        let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(VERSION_TABLE)?;
        transaction.execute_batch(sql)?;
        transaction.execute("INSERT INTO schema_version (version, name) VALUES (?1, ?2)", (version, name))?;
        transaction.commit()?;
    }
    Ok(())
}

/// Whether the schema is the one that this program reads.
///
/// # Errors
/// [`Error::Newer`] and [`Error::Older`] when it is not.
pub(crate) fn check(conn: &Connection, dir: &Path) -> Result<(), Error> {
    let (found, known) = (current(conn)?, known());
    match found.cmp(&known) {
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(Error::Newer { path: dir.join(FILE_NAME), found, known }),
        Ordering::Less => Err(Error::Older { path: dir.join(FILE_NAME), found, known }),
    }
}

fn known() -> u32 {
    u32::try_from(MIGRATIONS.len()).unwrap_or(u32::MAX)
}

/// The schema's version; 0 where there is none yet.
fn current(conn: &Connection) -> Result<u32, Error> {
    if !conn.table_exists(None, "schema_version")? {
        return Ok(0);
    }
    let newest = conn.query_row("SELECT max(version) FROM schema_version", [], |row| row.get::<_, Option<u32>>(0))?;
    Ok(newest.unwrap_or(0))
}
