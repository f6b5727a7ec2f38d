//! Bringing a database to the schema's newest version.

use std::cmp::Ordering;

use onsale_postgres::{Session, Target};

use crate::error::Error;
use crate::versions::{VERSIONS, Version, known, table_of, tables};

/// Held while the schema is looked at and changed ("onst"): nodes start at the same time.
const LOCK: i64 = 0x6f6e_7374;
const VERSION_TABLES: &str = "
    CREATE TABLE IF NOT EXISTS schema_version (version BIGINT PRIMARY KEY, name TEXT NOT NULL);
    CREATE TABLE IF NOT EXISTS schema_ahead (version BIGINT PRIMARY KEY, name TEXT NOT NULL, level BIGINT NOT NULL);
    CREATE TABLE IF NOT EXISTS schema_coming (version BIGINT PRIMARY KEY, name TEXT NOT NULL, level BIGINT NOT NULL)";

/// Brings the schema to this program's version, in one transaction.
///
/// # Errors
/// [`Error::Newer`] when a newer program made the tables.
pub(super) fn migrate(session: &Session, target: &Target) -> Result<(), Error> {
    let client = session.client();
    session.block(async {
        client.batch_execute("BEGIN").await?;
        client.execute("SELECT pg_advisory_xact_lock($1)", &[&LOCK]).await?;
        client.batch_execute(VERSION_TABLES).await
    })?;
    let (found, known) = (current(session)?, known());
    if found > known {
        session.block(async { client.batch_execute("ROLLBACK").await })?;
        return Err(Error::Newer { path: target.shown().into(), found, known });
    }
    for (version, Version { name, level, postgres, .. }) in (1..).zip(VERSIONS).filter(|(version, _)| *version > found)
    {
        tracing::info!(version, name, "migrating the tables");
        session.block(async {
            client.batch_execute(postgres).await?;
            let (version, ahead, level) = (i64::from(version), table_of(*level), i64::from(*level));
            if level == 0 {
                return client.execute("INSERT INTO schema_version VALUES ($1, $2)", &[&version, name]).await;
            }
            let insert = format!("INSERT INTO {ahead} VALUES ($1, $2, $3)");
            client.execute(&insert, &[&version, name, &level]).await
        })?;
    }
    Ok(session.block(async { client.batch_execute("COMMIT").await })?)
}

/// Whether the schema is the one that this program reads.
///
/// # Errors
/// [`Error::Newer`] and [`Error::Older`] when it is not.
pub(super) fn check(session: &Session, target: &Target) -> Result<(), Error> {
    let (found, known) = (current(session)?, known());
    match found.cmp(&known) {
        Ordering::Equal => Ok(()),
        Ordering::Greater => Err(Error::Newer { path: target.shown().into(), found, known }),
        Ordering::Less => Err(Error::Older { path: target.shown().into(), found, known }),
    }
}

/// The schema's version, ahead of the store's level or not; 0 where there is none yet.
fn current(session: &Session) -> Result<u32, Error> {
    let client = session.client();
    let mut found = Vec::new();
    for (table, most) in tables() {
        let made =
            session.block(async { client.query_one("SELECT to_regclass($1::text) IS NOT NULL", &[&table]).await })?;
        if made.get(0) {
            found.push(format!("SELECT version FROM {table} WHERE version <= {most}"));
        }
    }
    if found.is_empty() {
        return Ok(0);
    }
    // Both at one moment: a store that is raised meanwhile moves versions from one to the other.
    let sql = format!("SELECT coalesce(max(version), 0) FROM ({}) AS made", found.join(" UNION ALL "));
    let newest: i64 = session.block(async { client.query_one(&sql, &[]).await })?.get(0);
    Ok(u32::try_from(newest).unwrap_or(u32::MAX))
}
