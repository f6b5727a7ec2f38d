//! The webhooks of a store that nodes share.
//!
//! A node has those that it claims, for some seconds by the database's clock, and says so again and again. One that stood still may
//! find that another has them: then what both have sent meanwhile was sent twice, and what it wants to keep is not kept.

use std::time::Duration;

use onsale_postgres::tokio_postgres::Row;
use onsale_postgres::tokio_postgres::types::ToSql;
use onsale_postgres::{Lasting, Session, Target};

use super::{Changed, Kept, Stored, WEBHOOKS_MAX};
use crate::error::Error;

/// How long the database may take to answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// Nobody waits for its disk, nor for its standby.
const RELAXED: &str = "SET synchronous_commit = off";
const ALL: &str = "SELECT webhook_id, version, definition, state, moved, progress, log, \
                   CASE WHEN held_until >= clock_timestamp() THEN holder END FROM webhooks ORDER BY webhook_id";

pub(super) struct Webhooks {
    target: Target,
    is_durable: bool,
    session: Lasting<Session>,
}

impl Webhooks {
    pub(super) fn new(target: &Target, is_durable: bool) -> Self {
        Self { target: target.clone(), is_durable, session: Lasting::default() }
    }

    fn session(&mut self) -> Result<&Session, Error> {
        let (target, is_durable) = (&self.target, self.is_durable);
        let opened = self.session.get(|| {
            let session = target.connect("webhooks", PATIENCE)?;
            if !is_durable {
                let client = session.client();
                session.block(async { client.batch_execute(RELAXED).await })?;
            }
            Ok::<_, onsale_postgres::Error>(session)
        });
        Ok(opened?)
    }

    pub(super) fn all(&mut self) -> Result<Vec<Stored>, Error> {
        let session = self.session()?;
        let client = session.client();
        let rows = session.block(async { client.query(ALL, &[]).await })?;
        Ok(rows.iter().map(stored).collect())
    }

    pub(super) fn add(&mut self, definition: &str, state: &str, progress: &str) -> Result<Option<u64>, Error> {
        const ADD: &str = "INSERT INTO webhooks (version, definition, state, moved, progress, log) \
                           SELECT 1, $1, $2, 0, $3, '' WHERE (SELECT count(*) FROM webhooks) < $4 RETURNING webhook_id";
        let session = self.session()?;
        let client = session.client();
        let most = WEBHOOKS_MAX as i64;
        let added = session.block(async { client.query_opt(ADD, &[&definition, &state, &progress, &most]).await })?;
        Ok(added.map(|row| row.get::<_, i64>(0).cast_unsigned()))
    }

    pub(super) fn change(&mut self, id: u64, version: u64, changed: Changed<'_>) -> Result<bool, Error> {
        const CHANGE: &str = "UPDATE webhooks SET version = version + 1, definition = $3, state = $4, \
                              moved = moved + CASE WHEN $5::text IS NULL THEN 0 ELSE 1 END, \
                              progress = coalesce($5::text, progress) \
                              WHERE webhook_id = $1 AND version = $2";
        let Changed { definition, state, progress } = changed;
        self.run(CHANGE, &[&id.cast_signed(), &version.cast_signed(), &definition, &state, &progress])
    }

    pub(super) fn remove(&mut self, id: u64) -> Result<bool, Error> {
        self.run("DELETE FROM webhooks WHERE webhook_id = $1", &[&id.cast_signed()])
    }

    /// Rows that another node claims at this moment are left to it: two that wait for each other's would be a deadlock. What is
    /// claimed for long enough is not claimed again, as each time is a version of the row more.
    pub(super) fn claim(&mut self, node: u64, lease_ms: u64) -> Result<Vec<Stored>, Error> {
        const CLAIM: &str = "UPDATE webhooks SET holder = $1, held_until = clock_timestamp() + $2::bigint * interval '1 ms' \
                             WHERE webhook_id IN (SELECT webhook_id FROM webhooks \
                             WHERE holder IS NULL OR held_until < clock_timestamp() \
                             OR (holder = $1 AND held_until < clock_timestamp() + $2::bigint * interval '0.5 ms') \
                             FOR UPDATE SKIP LOCKED)";
        self.run(CLAIM, &[&node.cast_signed(), &lease_ms.cast_signed()])?;
        self.all()
    }

    pub(super) fn keep(&mut self, node: u64, kept: &[Kept<'_>]) -> Result<Vec<bool>, Error> {
        const KEEP: &str = "UPDATE webhooks SET progress = new_progress, log = new_log \
                            FROM unnest($2::bigint[], $3::bigint[], $4::text[], $5::text[]) \
                            AS kept (kept_id, kept_moved, new_progress, new_log) \
                            WHERE webhook_id = kept_id AND moved = kept_moved AND holder = $1 RETURNING webhook_id";
        let ids: Vec<i64> = kept.iter().map(|one| one.id.cast_signed()).collect();
        let moved: Vec<i64> = kept.iter().map(|one| one.moved.cast_signed()).collect();
        let progress: Vec<&str> = kept.iter().map(|one| one.progress).collect();
        let log: Vec<&str> = kept.iter().map(|one| one.log).collect();
        let node = node.cast_signed();
        let session = self.session()?;
        let client = session.client();
        let rows = session.block(async { client.query(KEEP, &[&node, &ids, &moved, &progress, &log]).await })?;
        let done: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
        Ok(ids.iter().map(|id| done.contains(id)).collect())
    }

    pub(super) fn halt(&mut self, node: u64, id: u64, version: u64, state: &str) -> Result<bool, Error> {
        const HALT: &str = "UPDATE webhooks SET version = version + 1, state = $4 \
                            WHERE webhook_id = $1 AND holder = $2 AND version = $3";
        self.run(HALT, &[&id.cast_signed(), &node.cast_signed(), &version.cast_signed(), &state])
    }

    pub(super) fn release(&mut self, node: u64) -> Result<(), Error> {
        self.run("UPDATE webhooks SET holder = NULL WHERE holder = $1", &[&node.cast_signed()]).map(drop)
    }

    pub(super) fn take_over(&mut self, all: &[Stored]) -> Result<(), Error> {
        const PUT: &str = "INSERT INTO webhooks (webhook_id, version, definition, state, moved, progress, log) \
                           OVERRIDING SYSTEM VALUE VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT DO NOTHING";
        const COUNT_ON: &str = "SELECT setval(pg_get_serial_sequence('webhooks', 'webhook_id'), \
                                (SELECT max(webhook_id) FROM webhooks)) WHERE EXISTS (SELECT FROM webhooks)";
        for Stored { id, version, definition, state, moved, progress, log, holder: _ } in all {
            let [id, version, moved] = [id, version, moved].map(|number| number.cast_signed());
            self.run(PUT, &[&id, &version, definition, state, &moved, progress, log])?;
        }
        self.run(COUNT_ON, &[]).map(drop)
    }

    /// Whether a statement has changed anything.
    fn run(&mut self, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<bool, Error> {
        let session = self.session()?;
        let client = session.client();
        Ok(session.block(async { client.execute(sql, values).await })? > 0)
    }
}

fn stored(row: &Row) -> Stored {
    let number = |column: usize| row.get::<_, i64>(column).cast_unsigned();
    Stored {
        id: number(0),
        version: number(1),
        definition: row.get(2),
        state: row.get(3),
        moved: number(4),
        progress: row.get(5),
        log: row.get(6),
        holder: row.get::<_, Option<i64>>(7).map(i64::cast_unsigned),
    }
}
