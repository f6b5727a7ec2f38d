//! What nodes say the state is at some entries, in a table beside them.

use onsale_postgres::tokio_postgres::Row;
use onsale_postgres::{Error, Session};

use crate::{Head, Vote};

/// Who follows the journal waits for no disk and no standby: a vote that a crash takes back is missed by nobody.
const VOTING: &str = "begin; set local synchronous_commit = off";
/// A session that was opened again may be with a server that has lost the entry: a vote on it would count against those who
/// come to another one of its number.
const VOTE: &str = "
    insert into journal_vote (seq, node, fingerprint)
    select $1, $2, $3 where exists (select from journal_entry where seq = $1 and hash = $4)
    on conflict do nothing";
const VOTES: &str = "select node, fingerprint from journal_vote where seq = $1 order by place";
const FORGET_VOTES: &str = "delete from journal_vote where seq < $1";
/// For how many numbers behind a vote the votes are kept.
pub(in crate::postgres) const VOTES_KEPT: u64 = 1 << 12;

pub(super) fn cast(session: &Session, at: &Head, node: u64, fingerprint: u64) -> Result<Vec<Vote>, Error> {
    let Head { seq, hash, .. } = at;
    let (at, node) = (seq.cast_signed(), node.cast_signed());
    let client = session.client();
    let voted = session.block(async {
        client.batch_execute(VOTING).await?;
        client.execute(VOTE, &[&at, &node, &fingerprint.cast_signed(), &hash.as_bytes().as_slice()]).await?;
        client.execute(FORGET_VOTES, &[&seq.saturating_sub(VOTES_KEPT).cast_signed()]).await?;
        client.batch_execute("commit").await?;
        client.query(VOTES, &[&at]).await
    });
    Ok(voted?.iter().map(vote).collect())
}

pub(super) fn count(session: &Session, seq: u64) -> Result<Vec<Vote>, Error> {
    let client = session.client();
    let found = session.block(async { client.query(VOTES, &[&seq.cast_signed()]).await });
    Ok(found?.iter().map(vote).collect())
}

fn vote(found: &Row) -> Vote {
    Vote { node: found.get::<_, i64>(0).cast_unsigned(), fingerprint: found.get::<_, i64>(1).cast_unsigned() }
}
