//! What is read of the entries.

use std::sync::LazyLock;

use onsale_postgres::Session;
use onsale_postgres::tokio_postgres::types::ToSql;
use onsale_postgres::tokio_postgres::{Row, Statement};

use super::append::CHANNEL;
use super::{BY_INDEX, row};
use crate::postgres::connection::{Failure, Others};
use crate::{Entry, Error, Head, Limit};

const BEHIND: &str = "
    select seq, time_ms, hash, node, number, payload
    from (
        select *, row_number() over (order by seq) as place,
            sum(octet_length(payload)) over (order by seq) - octet_length(payload) as bytes_before
        from (
            select * from journal_entry
            where seq > $1 and $1 >= (select seq from journal_base)
            order by seq limit $2
        ) next
    ) counted
    where place = 1 or bytes_before < $3
    order by seq";
/// What a checkpoint covers may not be deleted yet: it is gone all the same.
const AT: &str =
    "select seq, time_ms, hash from journal_entry where seq = $1 and seq >= (select seq from journal_base)";
const LAST: &str = "select seq, time_ms, hash from journal_entry order by seq desc limit 1";

/// A place that was seen, if it is in the journal still, and the first entries behind it. It is asked for every time that
/// somebody wants to know whether anything is new, so it is as cheap as can be; all else is for who has fallen behind.
const NEXT: &str = "
    select seq, time_ms, hash, node, number, case when seq > $1 then payload end
    from journal_entry where seq >= $1 order by seq limit $2";
/// So few that their bytes need not be counted.
pub(in crate::postgres) const NEXT_MAX: usize = 16;
/// Whether a place that was seen is in the journal still. One that a checkpoint covers is not: nothing is read behind it,
/// and to whoever stands there that must not be the journal's end.
const STANDS: &str = "
    select exists (
            select from journal_entry
            where seq = $1 and hash = $2 and seq >= (select seq from journal_base)
        )
        or exists (select from journal_base where seq = $1 and hash = $2)";
/// Whether more than one session of this name is there. A node that has just begun to listen is told of nothing until the
/// others have looked, and looks by itself as often. And whether commits wait for another server.
static OTHERS: LazyLock<String> = LazyLock::new(|| {
    format!(
        "select count(*) > 1, {IS_REPLICATED} from pg_stat_activity
        where datname = current_database() and application_name = 'onsale tail'"
    )
});
/// Whether a commit of a session like this waits for another server.
const IS_REPLICATED: &str = "current_setting('synchronous_standby_names') <> ''
    and current_setting('synchronous_commit') in ('on', 'remote_write', 'remote_apply')";

/// What a tail asks for again and again, prepared.
pub(super) struct Following {
    next: Statement,
    behind: Statement,
    stands: Statement,
    others: Statement,
}

pub(super) fn last(session: &Session) -> Result<Option<Head>, Failure> {
    one(session, LAST, &[])
}

pub(super) fn at(session: &Session, seq: u64) -> Result<Option<Head>, Failure> {
    one(session, AT, &[&seq.cast_signed()])
}

fn one(session: &Session, sql: &str, values: &[&(dyn ToSql + Sync)]) -> Result<Option<Head>, Failure> {
    let client = session.client();
    let found = session.block(async { client.query_opt(sql, values).await })?;
    Ok(found.map(|found| row::head(&found, 0)).transpose()?)
}

pub(super) fn behind(session: &Session, seq: u64, limit: Limit) -> Result<Vec<Entry>, Failure> {
    let (most, bytes) = most(limit);
    let client = session.client();
    let rows = session.block(async { client.query(BEHIND, &[&seq.cast_signed(), &most, &bytes]).await })?;
    Ok(entries(&rows)?)
}

impl Following {
    /// From here on the session hears of appends.
    pub(super) fn new(session: &Session) -> Result<Self, Failure> {
        let client = session.client();
        let listen = format!("{BY_INDEX}; set plan_cache_mode = force_generic_plan; listen {CHANNEL}");
        let prepared = session.block(async {
            client.batch_execute(&listen).await?;
            let (next, behind) = (client.prepare(NEXT).await?, client.prepare(BEHIND).await?);
            Ok(Self { next, behind, stands: client.prepare(STANDS).await?, others: client.prepare(&OTHERS).await? })
        });
        Ok(prepared?)
    }

    /// See [`NEXT`].
    pub(super) fn next(
        &self,
        session: &Session,
        known: &Head,
        fewer_than: usize,
    ) -> Result<Option<Vec<Entry>>, Failure> {
        let most = NEXT_MAX as i64 + 1;
        let client = session.client();
        let rows = session.block(async { client.query(&self.next, &[&known.seq.cast_signed(), &most]).await })?;
        let Some((stands, rows)) = rows.split_first() else { return Ok(None) };
        if rows.len() >= NEXT_MAX.min(fewer_than) || row::head(stands, 0)? != *known {
            return Ok(None);
        }
        Ok(Some(entries(rows)?))
    }

    pub(super) fn behind(&self, session: &Session, known: &Head, limit: Limit) -> Result<(Vec<Entry>, bool), Failure> {
        let (most, bytes) = most(limit);
        let (seq, hash) = (known.seq.cast_signed(), known.hash.as_bytes().as_slice());
        let client = session.client();
        let limits: [&(dyn ToSql + Sync); 3] = [&seq, &most, &bytes];
        let place: [&(dyn ToSql + Sync); 2] = [&seq, &hash];
        let (rows, stands) = session.block(async {
            let both =
                futures_util::future::join(client.query(&self.behind, &limits), client.query_one(&self.stands, &place));
            let (rows, stands) = both.await;
            Ok((rows?, stands?.get(0)))
        })?;
        Ok((entries(&rows)?, stands))
    }

    pub(super) fn others(&self, session: &Session) -> Result<Others, Failure> {
        let client = session.client();
        let found = session.block(async { client.query_one(&self.others, &[]).await })?;
        Ok(Others { listen: found.get(0), replicate: found.get(1) })
    }
}

fn most(limit: Limit) -> (i64, i64) {
    let entries = i64::try_from(limit.entries.max(1)).unwrap_or(i64::MAX);
    (entries, i64::try_from(limit.bytes).unwrap_or(i64::MAX))
}

fn entries(rows: &[Row]) -> Result<Vec<Entry>, Error> {
    rows.iter().map(row::entry).collect()
}
