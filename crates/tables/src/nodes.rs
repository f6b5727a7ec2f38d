//! What the nodes of a store tell each other beside the journal: that they live, how they are, and how the night went.
//!
//! None of it is state. A word that does not get through is said again a second later.

use std::time::Duration;

use onsale_postgres::{Lasting, Session, Target};

use crate::error::Error;

/// How long the database may take to answer: who hears nothing for longer is better off with a new session.
const PATIENCE: Duration = Duration::from_secs(2);
/// Nobody waits for its disk, nor for its standby.
const RELAXED: &str = "SET synchronous_commit = off";

/// Says, forgets who has said nothing for ten minutes, and listens, in one round trip. Rows that another node forgets at
/// this moment are left to it: two that wait for each other's would be a deadlock.
const BEAT: &str = "
    WITH said AS (
        INSERT INTO nodes (node, at, report) VALUES ($1, clock_timestamp(), $2)
        ON CONFLICT (node) DO UPDATE SET at = excluded.at, report = excluded.report
    ), silent AS (
        SELECT node FROM nodes WHERE at < clock_timestamp() - interval '10 minutes' AND node <> $1
        FOR UPDATE SKIP LOCKED
    ), forgotten AS (
        DELETE FROM nodes WHERE node IN (SELECT node FROM silent)
    )
    SELECT node, greatest(0, extract(epoch FROM clock_timestamp() - at) * 1000)::bigint, report
    FROM nodes WHERE node <> $1 ORDER BY node";

/// What the database has counted, in its `pg_stat_database` and beside it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Statistics {
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

/// What another node said last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Heard {
    pub node: u64,
    /// How long ago, by the database's clock.
    pub age_ms: u64,
    pub report: String,
}

/// What a node said of the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Word {
    /// How long ago, by the database's clock; 0 where that has stepped back since.
    pub age: Duration,
    /// The store's time as it counted it, in milliseconds since 1970.
    pub now_ms: u64,
}

/// Where the nodes of one store meet.
pub struct Nodes {
    target: Target,
    session: Lasting<Session>,
}

impl Nodes {
    /// In the database that the store is in. Nothing is opened yet.
    #[must_use]
    pub fn new(target: &Target) -> Self {
        Self { target: target.clone(), session: Lasting::default() }
    }

    /// Says how `node` is, and hears what the others said last; those that were silent for ten minutes are forgotten.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn beat(&mut self, node: u64, report: &str) -> Result<Vec<Heard>, Error> {
        let session = self.session()?;
        let client = session.client();
        let rows = session.block(async { client.query(BEAT, &[&node.cast_signed(), &report]).await })?;
        let heard = rows.iter().map(|row| Heard {
            node: row.get::<_, i64>(0).cast_unsigned(),
            age_ms: row.get::<_, i64>(1).cast_unsigned(),
            report: row.get(2),
        });
        Ok(heard.collect())
    }

    /// What the nodes said last of the time, for one that has not begun to speak. Versions that said nothing of it are left out.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn words(&mut self) -> Result<Vec<Word>, Error> {
        const WORDS: &str = r#"
            SELECT greatest(0, extract(epoch FROM clock_timestamp() - at) * 1000)::bigint, said
            FROM nodes, LATERAL (SELECT substring(report FROM '"nowMs":([0-9]{1,15})')::bigint) AS word (said)
            WHERE said IS NOT NULL"#;
        let session = self.session()?;
        let client = session.client();
        let rows = session.block(async { client.query(WORDS, &[]).await })?;
        let words = rows.iter().map(|row| Word {
            age: Duration::from_millis(row.get::<_, i64>(0).cast_unsigned()),
            now_ms: row.get::<_, i64>(1).cast_unsigned(),
        });
        Ok(words.collect())
    }

    /// Takes back what `node` said: it stops.
    ///
    /// # Errors
    /// When the database does not answer.
    pub fn leave(&mut self, node: u64) -> Result<(), Error> {
        let session = self.session()?;
        let client = session.client();
        session.block(async { client.execute("DELETE FROM nodes WHERE node = $1", &[&node.cast_signed()]).await })?;
        Ok(())
    }

    /// Adds samples of the night that no other node has added, and forgets those before `forget`.
    ///
    /// # Errors
    /// When they cannot be written. Then all of them may be given again.
    pub fn keep_night(&mut self, samples: &[(u64, String)], forget: u64) -> Result<(), Error> {
        const KEEP: &str =
            "INSERT INTO night SELECT * FROM unnest($1::bigint[], $2::text[]) ORDER BY 1 ON CONFLICT DO NOTHING";
        let at: Vec<i64> = samples.iter().map(|&(at, _)| at.cast_signed()).collect();
        let figures: Vec<&str> = samples.iter().map(|(_, figures)| figures.as_str()).collect();
        let session = self.session()?;
        let client = session.client();
        session.block(async {
            client.execute(KEEP, &[&at, &figures]).await?;
            client.execute("DELETE FROM night WHERE at < $1", &[&forget.cast_signed()]).await
        })?;
        Ok(())
    }

    /// The samples of the night from `from` on, in order.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn night(&mut self, from: u64) -> Result<Vec<(u64, String)>, Error> {
        const NIGHT: &str = "SELECT at, figures FROM night WHERE at >= $1 ORDER BY at";
        let session = self.session()?;
        let client = session.client();
        let rows = session.block(async { client.query(NIGHT, &[&from.cast_signed()]).await })?;
        Ok(rows.iter().map(|row| (row.get::<_, i64>(0).cast_unsigned(), row.get(1))).collect())
    }

    /// What the database has counted so far.
    ///
    /// # Errors
    /// When it cannot be asked.
    pub fn statistics(&mut self) -> Result<Statistics, Error> {
        const FIGURES: &str = "SELECT d.xact_commit, d.xact_rollback, d.deadlocks,
                pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint,
                (SELECT count(*) FROM pg_stat_activity a
                 WHERE a.datname = d.datname AND a.wait_event_type = 'Lock')
            FROM pg_stat_database d WHERE d.datname = current_database()";
        let session = self.session()?;
        let client = session.client();
        let found = session.block(async { client.query_one(FIGURES, &[]).await })?;
        let figure = |column: usize| found.get::<_, i64>(column).cast_unsigned();
        Ok(Statistics {
            commits: figure(0),
            rollbacks: figure(1),
            deadlocks: figure(2),
            wal_bytes: figure(3),
            lock_waits: figure(4),
        })
    }

    fn session(&mut self) -> Result<&Session, Error> {
        let opened = self.session.get(|| {
            let session = self.target.connect("nodes", PATIENCE)?;
            let client = session.client();
            session.block(async { client.batch_execute(RELAXED).await })?;
            Ok::<_, onsale_postgres::Error>(session)
        });
        Ok(opened?)
    }
}
