//! The one transaction that everything rests on.
//!
//! It is one message with two statements, and one answer. The lock comes in a statement of its own, so that the next one,
//! whose snapshot is taken behind the lock, sees what the last holder has written. The lock is held until the commit is
//! durable (and on its synchronous standby, where there is one); so entries become visible in the order of their numbers.
//! The server has the whole of it before it takes the lock: a node that stands still in the middle holds up nobody.
//!
//! A node that appends alone does so behind its own last entry: where that is the journal's last one, there is nothing else
//! to ask, and one short statement does, with the same lock.

use std::fmt::Write as _;
use std::sync::LazyLock;

use onsale_postgres as pg;
use pg::Session;
use pg::tokio_postgres::error::SqlState;
use pg::tokio_postgres::types::{ToSql, Type};
use pg::tokio_postgres::{Row, SimpleQueryMessage, SimpleQueryRow, Statement};

use super::{BY_INDEX, row};
use crate::Head;
use crate::postgres::connection::{Failure, Inserted, Own, Wanted};

/// The channel on which appends are announced, with the node that made them.
pub(super) const CHANNEL: &str = "onsale_journal";

const LOCK: &str = "select one from journal_base for update";

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
        ), now as materialized (
            select {NOW} as now_ms
        ), next as materialized (
            select seq + 1 as seq, hash, {} as time_ms
            from head, now
            where not exists (select from journal_entry where node = $1 and seq > $5)
                and not exists (select from journal_node where node = $1 and seq > $5)
                and (exists (select from journal_entry where seq = $6 and hash = $7)
                    or exists (select from journal_base where seq = $6 and hash = $7))
        )
        insert into journal_entry (seq, time_ms, node, number, hash, payload)
        select seq, time_ms, $1, $2, sha256(hash || {} || {} || $3 || $4), $4 from next
        returning seq, time_ms, hash, (select now_ms from now), case when $8 then pg_notify('{CHANNEL}', node::text) end",
        time("$9", "$10"),
        little_endian("seq"),
        little_endian("time_ms")
    )
});

/// The same behind an entry that is this node's last one, and was appended in this session: nothing is written unless it is
/// the journal's last one still, by number and hash. Then no entry of the node can be behind it, nor another history.
///
/// What it sees of the entries is older than its lock. Who has appended there meanwhile is found by the table's key, and
/// who has truncated that again by the place where the journal begins: a row that was changed is looked at anew once it is
/// locked. Where the lock is taken, somebody else appends, and nothing is written either.
static INSERT_NEXT: LazyLock<String> = LazyLock::new(|| {
    format!(
        "with base as materialized (select from journal_base where seq <= $6 for update skip locked),
        now as materialized (select {NOW} as now_ms)
        insert into journal_entry (seq, time_ms, node, number, hash, payload)
        select seq + 1, time_ms, $1, $2, sha256(hash || $5 || {} || $3 || $4), $4
        from (
            select seq, hash, {} as time_ms
            from (select seq, hash, time_ms from journal_entry order by seq desc limit 1) last, now
        ) head
        where seq = $6 and hash = $7 and exists (select from base)
        returning seq, time_ms, hash, (select now_ms from now)",
        little_endian("time_ms"),
        time("$8", "$9")
    )
});

/// Of the parameters of [`INSERT_NEXT`].
const NEXT_TYPES: [Type; 9] =
    [Type::INT8, Type::INT8, Type::BYTEA, Type::BYTEA, Type::BYTEA, Type::INT8, Type::BYTEA, Type::INT8, Type::INT8];

/// The database's clock, in milliseconds since 1970.
pub(super) const NOW: &str = "floor(extract(epoch from clock_timestamp()) * 1000)::bigint";

/// An entry's time, as [`crate::Clock`] has it: that of the last entry, or what the node expects by now, whichever is later;
/// and the clock's, where that is later still, yet not by more than the slack.
fn time(due: &str, slack: &str) -> String {
    format!(
        "case when now_ms > greatest(time_ms, {due}) + {slack} then greatest(time_ms, {due})
            else greatest(time_ms, {due}, now_ms) end"
    )
}

/// The eight bytes of an integer, little end first, as the chain hashes them. PostgreSQL has them the other way round.
fn little_endian(column: &str) -> String {
    let bytes: Vec<String> = (1..=8).rev().map(|at| format!("substring(int8send({column}) from {at} for 1)")).collect();
    bytes.join(" || ")
}

/// The statements, prepared in a session.
pub(super) struct Prepared {
    next: Statement,
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
            prepare journal_insert (bigint, bigint, bytea, bytea, bigint, bigint, bytea, boolean, bigint, bigint) as {}",
            *INSERT
        );
        let client = session.client();
        let next = session.block(async {
            client.batch_execute(&prepare).await?;
            client.prepare_typed(&INSERT_NEXT, &NEXT_TYPES).await
        })?;
        Ok(Self { next })
    }

    /// Appends, or finds that it may not. Either way, what was committed before is durable when this returns: the lock
    /// itself is a write, and its commit is waited for.
    pub(super) fn run(
        &self,
        session: &Session,
        wanted: &Wanted<'_>,
        last: Option<&Head>,
    ) -> Result<Option<Inserted>, Failure> {
        if let Some(last) = last
            && let Some(row) = self.behind(session, wanted, last)?
        {
            let clock_ms = row.get::<_, i64>(3).cast_unsigned();
            return Ok(Some(Inserted { head: row::head(&row, 0)?, clock_ms }));
        }
        let row = self.anywhere(session, wanted)?;
        Ok(row.as_ref().map(row::inserted_in_text).transpose()?)
    }

    /// Behind this entry only.
    fn behind(&self, session: &Session, wanted: &Wanted<'_>, last: &Head) -> Result<Option<Row>, pg::Error> {
        let next = (last.seq + 1).to_le_bytes();
        let values: [&(dyn ToSql + Sync); 9] = [
            &wanted.node.cast_signed(),
            &wanted.number.cast_signed(),
            &identity(wanted),
            &wanted.payload,
            &next.as_slice(),
            &last.seq.cast_signed(),
            &last.hash.as_bytes().as_slice(),
            &wanted.due_ms.cast_signed(),
            &wanted.slack_ms.cast_signed(),
        ];
        let client = session.client();
        match session.block(async { client.query_opt(&self.next, &values).await }) {
            // Somebody else has appended there before the lock was taken.
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => Ok(None),
            inserted => inserted,
        }
    }

    /// Behind whatever entry is the last. The parameters are in the text: a message that has them in binary form cannot
    /// have two statements.
    #[allow(clippy::unused_self, reason = "the statements must be prepared")]
    fn anywhere(&self, session: &Session, wanted: &Wanted<'_>) -> Result<Option<SimpleQueryRow>, pg::Error> {
        let Wanted { node, number, payload, own_last, seen, due_ms, slack_ms, announce } = wanted;
        let (node, number) = (node.cast_signed(), number.cast_signed());
        let mut sql = String::with_capacity(2 * payload.len() + 512);
        let _ = write!(sql, "execute journal_lock; execute journal_insert ({node}, {number}, '\\x");
        hex(&mut sql, &identity(wanted));
        sql.push_str("', '\\x");
        hex(&mut sql, payload);
        let _ = write!(
            sql,
            "', {}, {}, '\\x{}', {announce}, {due_ms}, {slack_ms})",
            own_last.cast_signed(),
            seen.seq.cast_signed(),
            seen.hash
        );
        let client = session.client();
        let answers = session.block(async { client.simple_query(&sql).await })?;
        // The lock's row comes first, and the end of its statement.
        let inserted =
            answers.into_iter().skip_while(|answer| !matches!(answer, SimpleQueryMessage::CommandComplete(_)));
        Ok(inserted
            .filter_map(|answer| match answer {
                SimpleQueryMessage::Row(row) => Some(row),
                _ => None,
            })
            .next())
    }
}

/// The node and the number, as the hash covers them.
fn identity(wanted: &Wanted<'_>) -> Vec<u8> {
    [wanted.node.to_le_bytes(), wanted.number.to_le_bytes()].concat()
}

fn hex(text: &mut String, bytes: &[u8]) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for byte in bytes {
        text.push(char::from(DIGITS[usize::from(byte >> 4)]));
        text.push(char::from(DIGITS[usize::from(byte & 15)]));
    }
}

/// See [`super::Connection::behind_own`].
pub(super) fn find_behind(session: &Session, node: u64, own_last: u64, payload: &[u8]) -> Result<Option<Own>, Failure> {
    const FIND: &str = "select seq, time_ms, hash, number, payload = $3 from journal_entry
        where node = $1 and seq > $2 order by seq limit 1";
    one(session, FIND, &[&node.cast_signed(), &own_last.cast_signed(), &payload])
}

/// See [`super::Connection::truncated_own`].
pub(super) fn find_truncated(session: &Session, node: u64, own_last: u64) -> Result<Option<u64>, Failure> {
    const FIND: &str = "select seq from journal_node where node = $1 and seq > $2";
    let client = session.client();
    let values: [&(dyn ToSql + Sync); 2] = [&node.cast_signed(), &own_last.cast_signed()];
    let found = session.block(async { client.query_opt(FIND, &values).await })?;
    Ok(found.map(|found| found.get::<_, i64>(0).cast_unsigned()))
}

/// See [`super::Connection::number`].
pub(super) fn find_number(session: &Session, node: u64, number: u64, payload: &[u8]) -> Result<Option<Own>, Failure> {
    const FIND: &str = "select seq, time_ms, hash, number, payload = $3 from journal_entry
        where node = $1 and number = $2";
    one(session, FIND, &[&node.cast_signed(), &number.cast_signed(), &payload])
}

fn one(session: &Session, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Option<Own>, Failure> {
    let client = session.client();
    let Some(found) = session.block(async { client.query_opt(sql, values).await })? else { return Ok(None) };
    let number = found.get::<_, i64>(3).cast_unsigned();
    Ok(Some(Own { number, head: row::head(&found, 0)?, is_same: found.get(4) }))
}
