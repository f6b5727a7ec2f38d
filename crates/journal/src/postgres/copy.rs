//! A whole journal into a database that has none.

use onsale_postgres::{Session, Target};

use super::PATIENCE;
use super::connection::Failure;
use super::sql::{fitness, schema};
use crate::{Checkpoint, Entry, Error};

const INSERT: &str = "
    insert into journal_entry (seq, time_ms, node, number, hash, payload)
    select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bytea[], $6::bytea[])";

/// A journal that is being made of another one's entries, in one transaction: until [`Copy::commit`], there is none.
pub struct Copy {
    session: Session,
}

impl Copy {
    /// Begins a journal of the store `store_id`, which was truncated at `checkpoint`, if it was.
    ///
    /// # Errors
    /// [`Error::Format`] if the database has a journal already; [`Error::Unavailable`].
    pub fn begin(target: &Target, store_id: u64, checkpoint: Option<&Checkpoint>) -> Result<Self, Error> {
        let mut session = target.connect("migration", PATIENCE).map_err(Failure::from)?;
        fitness::check_encoding(&session, target)?;
        fitness::check_pooling(&session, target)?;
        // A piece of 16 MiB takes a moment, and so does reading the next.
        session.set_patience(PATIENCE * 30);
        let client = session.client();
        session
            .block(async { client.batch_execute("set idle_in_transaction_session_timeout = 0; begin").await })
            .map_err(Failure::from)?;
        if !schema::make(&session, store_id, checkpoint)? {
            let reason = "the database has a journal already".to_owned();
            return Err(Error::Format { path: target.shown().into(), reason });
        }
        Ok(Self { session })
    }

    /// Takes in the next entries, which begin behind the checkpoint, or with number 1, and have no gaps.
    ///
    /// # Errors
    /// [`Error::Unavailable`]; then the copy is of no use.
    pub fn entries(&mut self, entries: &[Entry]) -> Result<(), Error> {
        let column =
            |of: fn(&Entry) -> u64| -> Vec<i64> { entries.iter().map(|entry| of(entry).cast_signed()).collect() };
        let (seqs, times) = (column(|entry| entry.seq), column(|entry| entry.time_ms));
        let (nodes, numbers) = (column(|entry| entry.node), column(|entry| entry.number));
        let hashes: Vec<&[u8]> = entries.iter().map(|entry| entry.hash.as_bytes().as_slice()).collect();
        let payloads: Vec<&[u8]> = entries.iter().map(|entry| entry.payload.as_slice()).collect();
        let client = self.session.client();
        let inserted = self
            .session
            .block(async { client.execute(INSERT, &[&seqs, &times, &nodes, &numbers, &hashes, &payloads]).await });
        Ok(inserted.map(drop).map_err(Failure::from)?)
    }

    /// Makes it a journal.
    ///
    /// # Errors
    /// [`Error::Unavailable`]: then the database knows whether it is one.
    pub fn commit(self) -> Result<(), Error> {
        let client = self.session.client();
        Ok(self.session.block(async { client.batch_execute("commit").await }).map_err(Failure::from)?)
    }
}
