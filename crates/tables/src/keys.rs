//! The secrets of a store that nodes share, as one text, and what the database counts of its own work. In a data directory
//! the secrets are in a file of their own.

use onsale_postgres::{Session, Target};

use crate::error::Error;
use crate::postgres;

/// What the database has counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Transactions that were committed, and rolled back, since its statistics began.
    pub commits: u64,
    pub rollbacks: u64,
    /// Deadlocks since its statistics began.
    pub deadlocks: u64,
    /// Bytes of its write-ahead log since the server was made.
    pub wal_bytes: u64,
    /// Sessions that wait for a lock at this moment.
    pub lock_waits: u64,
}

/// The keys in a database.
pub struct Keys {
    target: Target,
    session: Option<Session>,
}

impl Keys {
    /// Keys in the database that these tables are in. Nothing is opened yet.
    #[must_use]
    pub fn new(target: &Target) -> Self {
        Self { target: target.clone(), session: None }
    }

    /// The text, if there is one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&mut self) -> Result<Option<String>, Error> {
        let session = self.session()?;
        let client = session.client();
        let found = session.block(async { client.query_opt("SELECT document FROM secrets", &[]).await })?;
        Ok(found.map(|found| found.get(0)))
    }

    /// Puts `after` in the place of `before`; false where another text is there by now.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn replace(&mut self, before: Option<&str>, after: &str) -> Result<bool, Error> {
        const CHANGE: &str = "UPDATE secrets SET document = $2 WHERE document = $1";
        const MAKE: &str = "INSERT INTO secrets (one, document) VALUES (1, $1) ON CONFLICT DO NOTHING";
        let session = self.session()?;
        let client = session.client();
        let changed = session.block(async {
            match before {
                Some(before) => client.execute(CHANGE, &[&before, &after]).await,
                None => client.execute(MAKE, &[&after]).await,
            }
        })?;
        Ok(changed > 0)
    }

    /// What the database has counted so far.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn figures(&mut self) -> Result<Figures, Error> {
        const FIGURES: &str = "SELECT d.xact_commit, d.xact_rollback, d.deadlocks,
                pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint,
                (SELECT count(*) FROM pg_stat_activity a
                 WHERE a.datname = d.datname AND a.wait_event_type = 'Lock')
            FROM pg_stat_database d WHERE d.datname = current_database()";
        let session = self.session()?;
        let client = session.client();
        let found = session.block(async { client.query_one(FIGURES, &[]).await })?;
        let figure = |column: usize| found.get::<_, i64>(column).cast_unsigned();
        Ok(Figures {
            commits: figure(0),
            rollbacks: figure(1),
            deadlocks: figure(2),
            wal_bytes: figure(3),
            lock_waits: figure(4),
        })
    }

    fn session(&mut self) -> Result<&Session, Error> {
        if self.session.as_ref().is_none_or(Session::is_ended) {
            self.session = None;
            self.session = Some(self.target.connect("keys", postgres::PATIENCE)?);
        }
        self.session.as_ref().ok_or(Error::Away(onsale_postgres::Error::Ended))
    }
}
