//! Bringing a file to the schema's newest version.

use std::cmp::Ordering;
use std::path::Path;

use rusqlite::{Connection, TransactionBehavior};

use super::store::FILE_NAME;
use crate::error::Error;
use crate::versions::{VERSIONS, Version, known, table_of, tables};

const VERSION_TABLES: &str = "CREATE TABLE IF NOT EXISTS schema_version (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS schema_ahead (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    level INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS schema_coming (
    version INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    level INTEGER NOT NULL
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
    for (version, Version { name, level, sqlite, .. }) in (1..).zip(VERSIONS).filter(|(version, _)| *version > found) {
        tracing::info!(version, name, "migrating the tables");
        let transaction = conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        transaction.execute_batch(VERSION_TABLES)?;
        transaction.execute_batch(sqlite)?;
        if *level == 0 {
            transaction.execute("INSERT INTO schema_version (version, name) VALUES (?1, ?2)", (version, name))?;
        } else {
            let ahead = format!("INSERT INTO {} (version, name, level) VALUES (?1, ?2, ?3)", table_of(*level));
            transaction.execute(&ahead, (version, name, level))?;
        }
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

/// The schema's version, ahead of the store's level or not; 0 where there is none yet.
fn current(conn: &Connection) -> Result<u32, Error> {
    let mut found = Vec::new();
    for (table, most) in tables() {
        if conn.table_exists(None, table)? {
            found.push(format!("SELECT version FROM {table} WHERE version <= {most}"));
        }
    }
    if found.is_empty() {
        return Ok(0);
    }
    // Both at one moment: a store that is raised meanwhile moves versions from one to the other.
    let sql = format!("SELECT coalesce(max(version), 0) FROM ({})", found.join(" UNION ALL "));
    Ok(conn.query_row(&sql, [], |row| row.get(0))?)
}
