//! The one transaction that everything rests on.
//!
//! It is one message with two statements, and one answer. The lock comes in a statement of its own, so that the next one,
//! whose snapshot is taken behind the lock, sees what the last holder has written. The lock is held until the commit is
//! durable (and on its synchronous standby, where there is one); so entries become visible in the order of their numbers.
//! The server has the whole of it before it takes the lock: a node that stands still in the middle holds up nobody.
//!
//! A node that appends alone does so behind its own last entry: where that is the journal's last one, there is nothing else
//! to ask, and the statement is a short one.

use std::fmt::Write as _;
use std::sync::LazyLock;

use onsale_postgres as pg;
use pg::Session;
use pg::tokio_postgres::types::ToSql;
use pg::tokio_postgres::{SimpleQueryMessage, SimpleQueryRow};

use super::{BY_INDEX, row};
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
        returning seq, time_ms, hash, case when $8 then pg_notify('{CHANNEL}', node::text) end",
        little_endian("seq"),
        little_endian("time_ms")
    )
});

/// The same behind an entry that is this node's last one, and was appended in this session: nothing is written unless it is
/// the journal's last one still, by number and hash. Then no entry of the node can be behind it, nor another history.
static INSERT_NEXT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "insert into journal_entry (seq, time_ms, node, number, hash, payload)
        select seq + 1, time_ms, $1, $2, sha256(hash || $5 || {} || $3 || $4), $4
        from (
            select seq, hash,
                greatest(time_ms, floor(extract(epoch from clock_timestamp()) * 1000)::bigint) as time_ms
            from journal_entry order by seq desc limit 1
        ) head
        where seq = $6 and hash = $7
        returning seq, time_ms, hash",
        little_endian("time_ms")
    )
});

/// The eight bytes of an integer, little end first, as the chain hashes them. PostgreSQL has them the other way round.
fn little_endian(column: &str) -> String {
    let bytes: Vec<String> = (1..=8).rev().map(|at| format!("substring(int8send({column}) from {at} for 1)")).collect();
    bytes.join(" || ")
}

/// Proof that the statements are prepared in a session.
pub(super) struct Prepared(());

/// What is appended, and behind what.
pub(super) struct Wanted<'a> {
    pub(super) node: u64,
    pub(super) number: u64,
    pub(super) payload: &'a [u8],
    /// Where the node's own last entry is; before its first, a place that all of its entries are behind.
    pub(super) own_last: u64,
    /// The last place that the node has seen.
    pub(super) seen: Head,
    /// Whether another node listens.
    pub(super) announce: bool,
}

impl Prepared {
    /// The plans are made here, once, and not again for each payload's length.
    pub(super) fn new(session: &Session) -> Result<Self, pg::Error> {
        let prepare = format!(
            "{BY_INDEX};
            set plan_cache_mode = force_generic_plan;
            set bytea_output = hex;
            set standard_conforming_strings = on;
            prepare journal_lock as {LOCK};
            prepare journal_insert (bigint, bigint, bytea, bytea, bigint, bigint, bytea, boolean) as {};
            prepare journal_insert_next (bigint, bigint, bytea, bytea, bytea, bigint, bytea) as {}",
            *INSERT, *INSERT_NEXT
        );
        let client = session.client();
        session.block(async { client.batch_execute(&prepare).await })?;
        Ok(Self(()))
    }

    /// Appends, or finds that it may not (`None`). Either way, what was committed before is durable when this returns:
    /// the lock itself is a write, and its commit is waited for.
    ///
    /// `last` is what was appended last in this session: where it is likely to be the journal's last entry, that is tried
    /// first.
    #[allow(clippy::unused_self, reason = "the statements must be prepared")]
    pub(super) fn run(
        &self,
        session: &Session,
        wanted: &Wanted<'_>,
        last: Option<&Head>,
    ) -> Result<Option<SimpleQueryRow>, pg::Error> {
        if let Some(last) = last
            && let Some(inserted) = execute(session, &wanted.behind(last))?
        {
            return Ok(Some(inserted));
        }
        execute(session, &wanted.anywhere())
    }
}

impl Wanted<'_> {
    /// The message that appends behind whatever entry is the last.
    fn anywhere(&self) -> String {
        let mut sql = self.begin("journal_insert");
        let (own_last, Head { seq, hash, .. }) = (self.own_last.cast_signed(), self.seen);
        let _ = write!(sql, "{own_last}, {}, '\\x{hash}', {})", seq.cast_signed(), self.announce);
        sql
    }

    /// The message that appends behind this entry only.
    fn behind(&self, last: &Head) -> String {
        let mut sql = self.begin("journal_insert_next");
        sql.push_str("'\\x");
        hex(&mut sql, &(last.seq + 1).to_le_bytes());
        let _ = write!(sql, "', {}, '\\x{}')", last.seq.cast_signed(), last.hash);
        sql
    }

    /// A message up to the parameters that both inserts begin with. They are in the text: a message that has them in binary
    /// form cannot have two statements.
    fn begin(&self, statement: &str) -> String {
        let Self { node, number, payload, .. } = self;
        let mut sql = String::with_capacity(2 * payload.len() + 512);
        let (node_signed, number_signed) = (node.cast_signed(), number.cast_signed());
        let _ = write!(sql, "execute journal_lock; execute {statement} ({node_signed}, {number_signed}, '\\x");
        hex(&mut sql, &[node.to_le_bytes(), number.to_le_bytes()].concat());
        sql.push_str("', '\\x");
        hex(&mut sql, payload);
        sql.push_str("', ");
        sql
    }
}

/// Takes the lock and runs an insert; gives what was inserted, if anything was.
fn execute(session: &Session, sql: &str) -> Result<Option<SimpleQueryRow>, pg::Error> {
    let client = session.client();
    let answers = session.block(async { client.simple_query(sql).await })?;
    // The lock's row comes first, and the end of its statement.
    let inserted = answers.into_iter().skip_while(|answer| !matches!(answer, SimpleQueryMessage::CommandComplete(_)));
    Ok(inserted
        .filter_map(|answer| match answer {
            SimpleQueryMessage::Row(row) => Some(row),
            _ => None,
        })
        .next())
}

fn hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
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
