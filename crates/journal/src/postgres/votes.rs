//! What nodes say the state is at some entries, in a table beside them.

use onsale_postgres::tokio_postgres::Row;

use super::tail::Tail;
use crate::{Error, Vote, Votes};

/// Who follows the journal waits for no disk and no standby: a vote that a crash takes back is missed by nobody.
const VOTING: &str = "begin; set local synchronous_commit = off";
const VOTE: &str = "
    insert into journal_vote (seq, node, fingerprint) values ($1, $2, $3) on conflict do nothing";
const VOTES: &str = "select node, fingerprint from journal_vote where seq = $1 order by place";
const FORGET_VOTES: &str = "delete from journal_vote where seq < $1";
/// For how many numbers behind a vote the votes are kept.
const VOTES_KEPT: u64 = 1 << 12;

impl Votes for Tail {
    fn vote(&mut self, seq: u64, fingerprint: u64) -> Result<Vec<Vote>, Error> {
        let (at, node) = (seq.cast_signed(), self.node.cast_signed());
        let open = self.open()?;
        let client = open.session.client();
        let voted = open.session.block(async {
            client.batch_execute(VOTING).await?;
            client.execute(VOTE, &[&at, &node, &fingerprint.cast_signed()]).await?;
            client.execute(FORGET_VOTES, &[&seq.saturating_sub(VOTES_KEPT).cast_signed()]).await?;
            client.batch_execute("commit").await?;
            client.query(VOTES, &[&at]).await
        });
        Ok(self.noted(voted)?.iter().map(vote).collect())
    }

    fn votes(&mut self, seq: u64) -> Result<Vec<Vote>, Error> {
        let open = self.open()?;
        let client = open.session.client();
        let found = open.session.block(async { client.query(VOTES, &[&seq.cast_signed()]).await });
        Ok(self.noted(found)?.iter().map(vote).collect())
    }
}

fn vote(found: &Row) -> Vote {
    Vote { node: found.get::<_, i64>(0).cast_unsigned(), fingerprint: found.get::<_, i64>(1).cast_unsigned() }
}
