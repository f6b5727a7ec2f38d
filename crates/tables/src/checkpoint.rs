//! The state at the beginning of a journal that was truncated, kept in the database beside the tables, in a schema of its
//! own: what an audit replays from. In a data directory it is a directory, which the file's copy makes.

use std::path::Path;

use onsale_postgres::{Session, Target};

use crate::copy::copy;
use crate::error::Error;
use crate::mark::{self, ProvenMark};
use crate::{postgres, rows};

/// Schemas with this before a number hold the state at that entry.
const PREFIX: &str = "onsale_checkpoint_";
/// Where a state is put together.
const UNNAMED: &str = "onsale_checkpoint_new";
/// Held by whoever compacts ("onsk").
const LOCK: i64 = 0x6f6e_736b;
/// Copying is one statement for each table, however long.
const PATIENCE: u32 = 120;

/// The one who compacts the store in a database, while others serve from it.
pub struct Keeper {
    target: Target,
    session: Session,
}

impl Keeper {
    /// Begins. Another one has to wait until this is dropped.
    ///
    /// # Errors
    /// [`Error::Compacting`] where there is another; [`Error::Away`].
    pub fn begin(target: &Target) -> Result<Self, Error> {
        let session = target.connect("checkpoint", postgres::PATIENCE * PATIENCE)?;
        let client = session.client();
        let locked = session.block(async {
            client.batch_execute("SET lock_timeout = '10s'").await?;
            client.query_one("SELECT pg_try_advisory_lock($1)", &[&LOCK]).await
        })?;
        if !locked.get::<_, bool>(0) {
            return Err(Error::Compacting);
        }
        Ok(Self { target: target.clone(), session })
    }

    /// Keeps the state that the tables hold now, and says what it is. It is as durable as a commit when this returns, and
    /// all that the tables held before with it.
    ///
    /// # Errors
    /// When the role may not make schemas, or the tables hold nothing yet.
    pub fn keep(&self) -> Result<Option<ProvenMark>, Error> {
        let client = self.session.client();
        let begun = self.session.block(async {
            client.batch_execute(&format!("DROP SCHEMA IF EXISTS {UNNAMED} CASCADE; CREATE SCHEMA {UNNAMED}")).await?;
            client.query_one("SELECT quote_ident(current_schema())", &[]).await
        })?;
        let home: String = begun.get(0);
        postgres::make(&self.target.within(UNNAMED))?;
        self.session.block(async { client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ").await })?;
        let Some(stored) = mark::stored(&self.session)? else {
            self.session.block(async { client.batch_execute("ROLLBACK").await })?;
            return Ok(None);
        };
        self.session.block(async {
            for sql in copying(&home) {
                client.batch_execute(&sql).await?;
            }
            let name = name(stored.mark.seq);
            // A run that was killed may have left the same state behind.
            let named =
                format!("DROP SCHEMA IF EXISTS {name} CASCADE; ALTER SCHEMA {UNNAMED} RENAME TO {name}; COMMIT");
            client.batch_execute(&named).await
        })?;
        Ok(Some(stored))
    }

    /// Drops all kept states but the one at entry `seq`, at which the journal begins now.
    ///
    /// # Errors
    /// [`Error::Busy`] where somebody reads in one; [`Error::Away`].
    pub fn drop_others(&self, seq: u64) -> Result<(), Error> {
        const OTHERS: &str = "SELECT nspname::text FROM pg_namespace WHERE starts_with(nspname, $1) AND nspname <> $2";
        let client = self.session.client();
        let others = self.session.block(async { client.query(OTHERS, &[&PREFIX, &name(seq)]).await })?;
        for other in others {
            let drop = format!("DROP SCHEMA {} CASCADE", other.get::<_, String>(0));
            self.session.block(async { client.batch_execute(&drop).await })?;
        }
        Ok(())
    }
}

/// The state at entry `seq`, where it is kept.
///
/// # Errors
/// [`Error::Away`].
pub fn find(target: &Target, seq: u64) -> Result<Option<Target>, Error> {
    let session = target.connect("checkpoint", postgres::PATIENCE)?;
    let client = session.client();
    let found =
        session.block(async { client.query_one("SELECT to_regnamespace($1) IS NOT NULL", &[&name(seq)]).await })?;
    Ok(found.get::<_, bool>(0).then(|| target.within(&name(seq))))
}

/// Copies a state that is kept in a directory, as the one at entry `seq`. Nobody else may use the database meanwhile.
///
/// # Errors
/// When one cannot be read, or the other not be written.
pub fn copy_from(dir: &Path, target: &Target, seq: u64) -> Result<u64, Error> {
    let name = name(seq);
    let session = target.connect("checkpoint", postgres::PATIENCE)?;
    let client = session.client();
    let made = format!("DROP SCHEMA IF EXISTS {name} CASCADE; CREATE SCHEMA {name}");
    session.block(async { client.batch_execute(&made).await })?;
    copy(dir, &target.within(&name))
}

fn name(seq: u64) -> String {
    format!("{PREFIX}{seq}")
}

/// One statement for each table, from the schema `home`.
fn copying(home: &str) -> Vec<String> {
    let tables = rows::ALL.iter().copied().chain([&mark::UPSERT]).map(|table| {
        let columns: Vec<&str> = table.columns.iter().map(|(name, _)| *name).collect();
        (table.table, columns.join(", "))
    });
    let sql = |(table, columns): (&str, String)| {
        format!("INSERT INTO {UNNAMED}.{table} ({columns}) SELECT {columns} FROM {home}.{table}")
    };
    tables.chain([("store", "one, store_id, sealed_seq".to_owned())]).map(sql).collect()
}
