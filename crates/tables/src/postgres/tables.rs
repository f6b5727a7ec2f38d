//! The writer of the tables in a database. Any node may be one; a compare-and-set of the number decides who was.

use onsale_domain::row::{Mark, Row};
use onsale_domain::time::Time;
use onsale_postgres::{Ends, Lasting, Session, Target};

use super::writer::Writer;
use super::{PATIENCE, SNAPSHOT, migrate};
use crate::error::{Error, Refused};
use crate::mark::{self, ProvenMark};
use crate::{currency, feed, rows};

/// The tables are a projection, and the journal has all that they hold: a crash of the server may take the last
/// transactions back, as a whole. So nobody waits for its disk, nor for its standby.
const RELAXED: &str = "SET synchronous_commit = off";
/// Whoever projects holds this row. It is never changed by that, lest it grow a chain of versions.
const LOCK: &str = "SELECT one FROM store FOR UPDATE";
const SEAL: &str = "UPDATE store SET sealed_seq = coalesce((SELECT seq FROM mark), 0) RETURNING sealed_seq";

/// See [`crate::Tables`].
pub(crate) struct Tables {
    target: Target,
    session: Lasting<Session>,
    /// There has been no snapshot since the tables were opened.
    is_new: bool,
}

impl Tables {
    pub(crate) fn open(target: &Target) -> Result<Self, Error> {
        let mut tables = Self { target: target.clone(), session: Lasting::default(), is_new: true };
        migrate::migrate(tables.connect()?, target)?;
        Ok(tables)
    }

    /// The session, opened again if it was lost.
    fn connect(&mut self) -> Result<&Session, Error> {
        let opened = self.session.get(|| {
            let session = self.target.connect("tables", PATIENCE)?;
            let client = session.client();
            session.block(async { client.batch_execute(RELAXED).await })?;
            Ok::<_, onsale_postgres::Error>(session)
        });
        Ok(opened?)
    }

    /// The session that was used last. That it is over is told once, though the next would do as well: that may be with a server
    /// which has lost what was written last, and whoever writes must know.
    fn same(&mut self) -> Result<&Session, Error> {
        if self.session.opened().is_some_and(Ends::is_ended) {
            self.session.end();
            return Err(Error::Away(onsale_postgres::Error::Ended));
        }
        self.connect()
    }

    fn session(&self) -> Result<&Session, Error> {
        self.session.opened().ok_or(Error::Away(onsale_postgres::Error::Ended))
    }

    pub(crate) fn store_id(&self) -> Result<Option<u64>, Error> {
        let session = self.session()?;
        let client = session.client();
        let found = session.block(async { client.query_opt("SELECT store_id FROM store", &[]).await })?;
        Ok(found.map(|found| found.get::<_, i64>(0).cast_unsigned()))
    }

    pub(crate) fn claim(&mut self, store_id: u64) -> Result<(), Error> {
        const CLAIM: &str = "INSERT INTO store (one, store_id, sealed_seq)
            SELECT 1, $1, 0 WHERE NOT EXISTS (SELECT FROM store) ON CONFLICT DO NOTHING";
        let session = self.connect()?;
        let client = session.client();
        session.block(async { client.execute(CLAIM, &[&store_id.cast_signed()]).await })?;
        match self.store_id()? {
            Some(found) if found != store_id => Err(Error::Foreign { expected: store_id, found }),
            Some(_) => Ok(()),
            None => Err(Error::Unclaimed),
        }
    }

    pub(crate) fn currency(&mut self, first: &str) -> Result<String, Error> {
        let session = self.connect()?;
        let client = session.client();
        let found = session.block(async {
            client.execute(currency::DECIDE, &[&first]).await?;
            client.query_one(currency::FIND, &[]).await
        })?;
        let (code, again): (String, Option<String>) = (found.get(0), found.get(1));
        currency::checked(Some(code.as_bytes()), again.as_deref().map(str::as_bytes))
    }

    pub(crate) fn mark(&self) -> Result<Option<ProvenMark>, Error> {
        mark::stored(self.session()?)
    }

    pub(crate) fn refresh(&mut self) -> Result<u64, Error> {
        let session = self.same()?;
        let found = mark::seq(session);
        if found.is_err() && session.is_ended() {
            self.session.end();
        }
        found
    }

    /// Begins a snapshot, which the next load ends.
    pub(crate) fn snapshot(&mut self) -> Result<Option<ProvenMark>, Error> {
        // A session of its own: one before may be in a snapshot already, of another moment.
        if !std::mem::take(&mut self.is_new) {
            self.session.end();
        }
        let session = self.connect()?;
        let client = session.client();
        session.block(async { client.batch_execute(SNAPSHOT).await })?;
        let stored = mark::stored(session)?;
        if stored.is_none() {
            // There is nothing to load.
            session.block(async { client.batch_execute("COMMIT").await })?;
        }
        Ok(stored)
    }

    pub(crate) fn load(&mut self, into: &mut dyn FnMut(Row) -> Result<(), Refused>) -> Result<u64, Error> {
        const SNAPSHOT_IF_NONE: &str = "SELECT current_setting('transaction_read_only') = 'on'";
        let session = self.connect()?;
        let client = session.client();
        let is_begun = session.block(async { client.query_one(SNAPSHOT_IF_NONE, &[]).await })?;
        if !is_begun.get::<_, bool>(0) {
            session.block(async { client.batch_execute(SNAPSHOT).await })?;
        }
        let mut count = 0;
        rows::load(session, &mut |row| {
            count += 1;
            into(row).map_err(Error::Refused)
        })?;
        session.block(async { client.batch_execute("COMMIT").await })?;
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
        let session = self.same()?;
        let projected = project(session, from, (mark, hash), rows, feed_since);
        if projected.is_err() {
            let client = session.client();
            // Where even this fails the session has ended, and with it the transaction.
            if session.block(async { client.batch_execute("ROLLBACK").await }).is_err() {
                self.session.end();
            }
        }
        projected
    }

    pub(crate) fn seal(&mut self) -> Result<u64, Error> {
        let session = self.connect()?;
        let client = session.client();
        // The log is synced up to this commit, and so are all before it.
        let sealed = session.block(async {
            client.batch_execute("SET synchronous_commit = on").await?;
            let sealed = client.query_opt(SEAL, &[]).await;
            client.batch_execute(RELAXED).await?;
            sealed
        })?;
        Ok(sealed.map_or(0, |sealed| sealed.get::<_, i64>(0).cast_unsigned()))
    }
}

fn project(
    session: &Session,
    from: u64,
    (mark, hash): (&Mark, &[u8; 32]),
    rows: &[Row],
    feed_since: Time,
) -> Result<(), Error> {
    let client = session.client();
    let locked = session.block(async {
        // Another's transaction is short, unless that node stands still: then its server ends it.
        client.batch_execute("BEGIN; SET LOCAL lock_timeout = '3s'").await?;
        client.query_opt(LOCK, &[]).await
    })?;
    // Behind the lock, as the last holder has left it.
    let found = mark::seq(session)?;
    if found != from {
        return Err(Error::Moved { expected: from, found });
    }
    if locked.is_none() {
        return Err(Error::Unclaimed);
    }
    let mut writer = Writer::new(session);
    rows::write_all(&mut writer, rows)?;
    feed::write(session, &mut writer, from, rows)?;
    feed::trim(&mut writer, feed_since)?;
    mark::write(&mut writer, mark, hash)?;
    writer.flush()?;
    session.block(async { client.batch_execute("COMMIT").await })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use onsale_domain::engine::Engine;
    use onsale_testkit::postgres::Database;

    use super::*;

    /// The end of a session may be noticed while a call is answered that needs it no more.
    #[test]
    fn that_the_session_has_ended_is_told_once() {
        let database = Database::fresh();
        let target = Target::parse(database.url(), None).expect("a connection string");
        let mut tables = Tables::open(&target).expect("tables");
        tables.claim(7).expect("nobody's store");
        let mark = |seq| Mark { seq, ..Engine::new().mark() };
        tables.project(0, &mark(1), &[1; 32], &[], Time(0)).expect("a transaction");
        for _ in 0..2 {
            end_others(&target);
            let ended = || tables.session.opened().is_some_and(Session::has_ended_meanwhile);
            while !ended() {}
            let projected = tables.project(1, &mark(2), &[2; 32], &[], Time(0));
            assert!(matches!(projected, Err(Error::Away(_))), "{projected:?}");
            assert_eq!(tables.refresh().expect("a new session"), 1);
        }
        end_others(&target);
        // It shows in an answer that does not come, and is not told again.
        assert!(matches!(tables.refresh(), Err(Error::Away(_))));
        tables.project(1, &mark(2), &[2; 32], &[], Time(0)).expect("a transaction in a new session");
    }

    fn end_others(target: &Target) {
        const END: &str = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        let session = target.connect("ends", PATIENCE).expect("a session");
        session.block(async { session.client().batch_execute(END).await }).expect("sessions end");
    }
}
