//! The one transaction that everything rests on.
//!
//! Its four statements go out together and are answered together: one round trip. The lock comes in a statement of its
//! own, so that the next one, whose snapshot is taken behind the lock, sees what the last holder has written. The lock is
//! held until the commit is durable (and on its synchronous standby, where there is one); so entries become visible in
//! the order of their numbers.

use std::sync::LazyLock;

use futures_util::future::join4;
use onsale_postgres as pg;
use pg::Session;
use pg::tokio_postgres::types::ToSql;
use pg::tokio_postgres::{Row, Statement};

use super::row;
use crate::{Error, Head};

/// The channel on which appends are announced, with the node that made them.
pub(super) const CHANNEL: &str = "onsale_journal";

const LOCK: &str = "select one from journal_store for update";

/// The next number; the database's time, which never goes back; the hash over both. Nothing is written unless the node's
/// last entry is the one that it says, and the history the one that it has seen.
static INSERT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "with head as materialized (
            select seq, time_ms, hash from (
                (select seq, time_ms, hash from journal_entry order by seq desc limit 1)
                union all
                select seq, time_ms, hash from journal_base
            ) known order by seq desc limit 1
        ), next as materialized (
            select seq + 1 as seq, hash,
                greatest(time_ms, floor(extract(epoch from clock_timestamp()) * 1000)::bigint) as time_ms
            from head
            where not exists (select from journal_entry where node = $1 and seq > $5)
                and not exists (select from journal_node where node = $1 and seq > $5)
                and (exists (select from journal_entry where seq = $6 and hash = $7)
                    or exists (select from journal_base where seq = $6 and hash = $7))
        )
        insert into journal_entry (seq, time_ms, node, number, hash, payload)
        select seq, time_ms, $1, $2, sha256(hash || {} || {} || $3 || $4), $4 from next
        returning seq, time_ms, hash, pg_notify('{CHANNEL}', node::text)",
        little_endian("seq"),
        little_endian("time_ms")
    )
});

/// The eight bytes of an integer, little end first, as the chain hashes them. PostgreSQL has them the other way round.
fn little_endian(column: &str) -> String {
    let bytes: Vec<String> = (1..=8).rev().map(|at| format!("substring(int8send({column}) from {at} for 1)")).collect();
    bytes.join(" || ")
}

/// The statements, prepared in one session.
pub(super) struct Prepared {
    lock: Statement,
    insert: Statement,
}

/// What is appended, and behind what.
pub(super) struct Wanted<'a> {
    pub(super) node: u64,
    pub(super) number: u64,
    pub(super) payload: &'a [u8],
    /// Where the node's own last entry is; 0 before its first.
    pub(super) own_last: u64,
    /// The last place that the node has seen.
    pub(super) seen: Head,
}

impl Prepared {
    pub(super) fn new(session: &Session) -> Result<Self, pg::Error> {
        let client = session.client();
        session.block(async {
            let (lock, insert) = (client.prepare(LOCK).await?, client.prepare(&INSERT).await?);
            Ok(Self { lock, insert })
        })
    }

    /// Appends, or finds that it may not (`None`). Either way, what was committed before is durable when this returns:
    /// the lock itself is a write, and its commit is waited for.
    pub(super) fn run(&self, session: &Session, wanted: &Wanted<'_>) -> Result<Option<Row>, pg::Error> {
        let Wanted { node, number, payload, own_last, seen } = wanted;
        let identity = [node.to_le_bytes(), number.to_le_bytes()].concat();
        let values: [&(dyn ToSql + Sync); 7] = [
            &node.cast_signed(),
            &number.cast_signed(),
            &identity,
            payload,
            &own_last.cast_signed(),
            &seen.seq.cast_signed(),
            &seen.hash.as_bytes().as_slice(),
        ];
        let client = session.client();
        session.block(async {
            // Each is sent when it is first polled, and they are polled in this order.
            let (begun, locked, inserted, committed) = join4(
                client.batch_execute("begin"),
                client.query_one(&self.lock, &[]),
                client.query_opt(&self.insert, &values),
                client.batch_execute("commit"),
            )
            .await;
            let outcome = begun.and(locked.map(drop)).and(inserted);
            match (outcome, committed) {
                (Ok(row), Ok(())) => Ok(row),
                // A commit behind a failed statement rolls back, and says nothing of it: the first failure counts.
                (Err(error), _) | (Ok(_), Err(error)) => Err(error),
            }
        })
    }
}

/// The entry of `node` that lies behind its last known one, if there is one, and whether its payload is this.
pub(super) fn find_behind(
    session: &Session,
    node: u64,
    own_last: u64,
    payload: &[u8],
) -> Result<Option<(u64, Head, bool)>, Error> {
    const FIND: &str = "select seq, time_ms, hash, number, payload = $3 from journal_entry
        where node = $1 and seq > $2 order by seq limit 1";
    one(session, FIND, &[&node.cast_signed(), &own_last.cast_signed(), &payload])
}

/// The entry of `node` with this number, if it is kept, and whether its payload is this.
pub(super) fn find_number(
    session: &Session,
    node: u64,
    number: u64,
    payload: &[u8],
) -> Result<Option<(u64, Head, bool)>, Error> {
    const FIND: &str = "select seq, time_ms, hash, number, payload = $3 from journal_entry
        where node = $1 and number = $2";
    one(session, FIND, &[&node.cast_signed(), &number.cast_signed(), &payload])
}

fn one(session: &Session, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Option<(u64, Head, bool)>, Error> {
    let client = session.client();
    let found = session.block(async { client.query_opt(sql, values).await }).map_err(|error| super::reading(&error))?;
    found.map(|found| Ok((found.get::<_, i64>(3).cast_unsigned(), row::head(&found, 0)?, found.get(4)))).transpose()
}
