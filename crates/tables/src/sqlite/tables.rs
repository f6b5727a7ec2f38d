//! The writer of the file: one in a data directory.

use std::path::Path;

use onsale_domain::row::{Mark, Row};
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::writer::Writer;
use super::{migrate, store};
use crate::error::{Error, Refused};
use crate::mark::{self, Stored};
use crate::{currency, rows};

const SEAL: &str = "UPDATE store SET sealed_seq = coalesce((SELECT seq FROM mark), 0) RETURNING sealed_seq";

/// See [`crate::Tables`].
pub(crate) struct Tables {
    pub(super) conn: Connection,
}

impl Tables {
    /// Opens the tables in `dir`, makes them where there are none, and migrates an older schema.
    ///
    /// # Errors
    /// [`Error::Newer`] when a newer program made them; [`Error::Open`] and others when the file cannot be used.
    pub(crate) fn open(dir: &Path) -> Result<Self, Error> {
        let mut conn = store::open_writer(dir)?;
        migrate::migrate(&mut conn, dir)?;
        Ok(Self { conn })
    }

    /// The store that the tables belong to; `None` until [`Self::claim`].
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(crate) fn store_id(&self) -> Result<Option<u64>, Error> {
        let id: Option<i64> = self.conn.query_row("SELECT store_id FROM store", [], |row| row.get(0)).optional()?;
        Ok(id.map(i64::cast_unsigned))
    }

    /// Ties new tables to the journal of the store `store_id`; for others, checks that they are tied to it.
    ///
    /// # Errors
    /// [`Error::Foreign`] when they are another store's.
    pub(crate) fn claim(&mut self, store_id: u64) -> Result<(), Error> {
        // Only new tables are written to: a start need not wait for somebody who has locked the file.
        if self.store_id()?.is_none() {
            self.conn.execute(
                "INSERT INTO store (one, store_id, sealed_seq) VALUES (1, ?1, 0) ON CONFLICT DO NOTHING",
                [store_id.cast_signed()],
            )?;
        }
        match self.store_id()? {
            Some(found) if found != store_id => Err(Error::Foreign { expected: store_id, found }),
            Some(_) => Ok(()),
            None => Err(Error::Unclaimed),
        }
    }

    /// See [`crate::Tables::currency`].
    pub(crate) fn currency(&mut self, first: &str) -> Result<String, Error> {
        let find = |conn: &Connection| conn.query_row(currency::FIND, [], |row| row.get(0)).optional();
        if let Some(found) = find(&self.conn)? {
            return Ok(found);
        }
        self.conn.execute(currency::SETTLE, [first])?;
        Ok(find(&self.conn)?.unwrap_or_else(|| first.to_owned()))
    }

    /// The batch that the tables are at; `None` before the first projection.
    ///
    /// # Errors
    /// When the file cannot be read, or [`Error::Corrupt`].
    pub(crate) fn mark(&self) -> Result<Option<Stored>, Error> {
        mark::stored(&self.conn)
    }

    /// Hands every row of the state to `into`, and says how many there were: the settings, queues, tickets (by
    /// queue and number), presence, wallets, concerts, schedules, seats (a schedule's in order of position),
    /// reservations, payments, idempotency keys (in order of storing, then of key), staged parts. What is only
    /// history (transfers, forgotten tickets and reservations) is not loaded.
    ///
    /// # Errors
    /// [`Error::Corrupt`] when a stored value cannot be right, [`Error::Refused`] when `into` fails.
    pub(crate) fn load(&mut self, into: &mut dyn FnMut(Row) -> Result<(), Refused>) -> Result<u64, Error> {
        let transaction = self.conn.transaction()?;
        let mut count = 0;
        rows::load(&*transaction, &mut |row| {
            count += 1;
            into(row).map_err(Error::Refused)
        })?;
        transaction.commit()?;
        Ok(count)
    }

    /// Takes the tables from batch `from` to `mark.seq` in one transaction: all of it, or nothing. `rows` are what
    /// the batches after `from` changed, in order, or as [`crate::Coalesced`] has merged them. `hash` is the
    /// journal's at `mark.seq`.
    ///
    /// # Errors
    /// [`Error::Moved`] when the tables are not at `from`, [`Error::NotForward`] when `mark.seq` is not greater,
    /// [`Error::Unclaimed`] before [`Self::claim`]. [`Error::Full`] and [`Error::Busy`] may be retried. Nothing is
    /// changed by any.
    pub(crate) fn project(&mut self, from: u64, mark: &Mark, hash: &[u8; 32], rows: &[Row]) -> Result<(), Error> {
        let transaction = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = mark::seq(&*transaction)?;
        if found != from {
            return Err(Error::Moved { expected: from, found });
        }
        if found == 0 && !transaction.prepare_cached("SELECT one FROM store")?.exists([])? {
            return Err(Error::Unclaimed);
        }
        let mut writer = Writer::new(&transaction);
        for row in rows {
            rows::write(&mut writer, row)?;
        }
        mark::write(&mut writer, mark, hash)?;
        drop(writer);
        Ok(transaction.commit()?)
    }

    /// Writes a copy, as of one moment, into another directory, where there is none yet. It is on stable storage when
    /// this returns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn copy_to(&self, dir: &Path) -> Result<(), Error> {
        let path = dir.join(store::FILE_NAME);
        self.conn.execute("VACUUM INTO ?1", [path.to_string_lossy()])?;
        std::fs::File::open(&path).and_then(|file| file.sync_all()).map_err(|source| Error::Sync { path, source })
    }

    /// Makes everything projected so far survive a power cut, whoever reads meanwhile, and says up to which batch
    /// that is. The journal may be truncated only up to a batch that was sealed in the tables like this.
    ///
    /// # Errors
    /// When the disk fails, or [`Error::Full`]. Then nothing is known to be sealed.
    pub(crate) fn seal(&mut self) -> Result<u64, Error> {
        // One synced commit syncs the whole write-ahead log before it. A checkpoint would not do: behind an old
        // reader it may have nothing to copy, and then it syncs nothing either.
        self.conn.execute_batch("PRAGMA synchronous = FULL")?;
        let sealed = self.conn.query_row(SEAL, [], |row| row.get(0)).optional();
        self.conn.execute_batch("PRAGMA synchronous = NORMAL")?;
        Ok(sealed?.map_or(0, i64::cast_unsigned))
    }
}
