//! The writer of the file: one in a data directory.

use std::path::Path;

use onsale_domain::row::{Mark, Row};
use onsale_domain::time::Time;
use rusqlite::{Connection, OptionalExtension, TransactionBehavior};

use super::writer::Writer;
use super::{migrate, store};
use crate::error::{Error, Refused};
use crate::mark::{self, ProvenMark};
use crate::{currency, feed, rows};

const SEAL: &str = "UPDATE store SET sealed_seq = coalesce((SELECT seq FROM mark), 0) RETURNING sealed_seq";

/// See [`crate::Tables`], which says of each method what it does.
pub(crate) struct Tables {
    pub(super) conn: Connection,
}

impl Tables {
    pub(crate) fn open(dir: &Path) -> Result<Self, Error> {
        let mut conn = store::open_writer(dir)?;
        migrate::migrate(&mut conn, dir)?;
        Ok(Self { conn })
    }

    pub(crate) fn store_id(&self) -> Result<Option<u64>, Error> {
        let id: Option<i64> = self.conn.query_row("SELECT store_id FROM store", [], |row| row.get(0)).optional()?;
        Ok(id.map(i64::cast_unsigned))
    }

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

    pub(crate) fn currency(&mut self, first: &str) -> Result<String, Error> {
        let find = |conn: &Connection| {
            let bytes = |row: &rusqlite::Row<'_>, at: usize| -> rusqlite::Result<_> {
                Ok(row.get_ref(at)?.as_bytes().ok().map(<[u8]>::to_vec))
            };
            conn.query_row(currency::FIND, [], |row| Ok((bytes(row, 0)?, bytes(row, 1)?))).optional()
        };
        let mut found = find(&self.conn)?;
        if found.is_none() {
            self.conn.execute(currency::DECIDE, [first])?;
            found = find(&self.conn)?;
        }
        match found {
            Some((code, again)) => currency::checked(code.as_deref(), again.as_deref()),
            None => Ok(first.to_owned()),
        }
    }

    pub(crate) fn mark(&self) -> Result<Option<ProvenMark>, Error> {
        mark::stored(&self.conn)
    }

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

    pub(crate) fn project(
        &mut self,
        from: u64,
        mark: &Mark,
        hash: &[u8; 32],
        rows: &[Row],
        feed_since: Time,
    ) -> Result<(), Error> {
        let transaction = self.conn.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let found = mark::seq(&*transaction)?;
        if found != from {
            return Err(Error::Moved { expected: from, found });
        }
        if found == 0 && !transaction.prepare_cached("SELECT one FROM store")?.exists([])? {
            return Err(Error::Unclaimed);
        }
        let mut writer = Writer::new(&transaction);
        rows::write_all(&mut writer, rows)?;
        feed::write(&*transaction, &mut writer, from, rows)?;
        feed::trim(&mut writer, feed_since)?;
        mark::write(&mut writer, mark, hash)?;
        writer.finish();
        Ok(transaction.commit()?)
    }

    pub(crate) fn copy_to(&self, dir: &Path) -> Result<(), Error> {
        store::copy(&self.conn, dir)
    }

    pub(crate) fn seal(&mut self) -> Result<u64, Error> {
        // One synced commit syncs the whole write-ahead log before it. A checkpoint would not do: behind an old
        // reader it may have nothing to copy, and then it syncs nothing either.
        self.conn.execute_batch("PRAGMA synchronous = FULL")?;
        let sealed = self.conn.query_row(SEAL, [], |row| row.get(0)).optional();
        self.conn.execute_batch("PRAGMA synchronous = NORMAL")?;
        Ok(sealed?.map_or(0, i64::cast_unsigned))
    }
}
