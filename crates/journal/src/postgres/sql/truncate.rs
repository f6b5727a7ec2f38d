use onsale_postgres::Session;
use onsale_postgres::tokio_postgres::types::ToSql;

use crate::postgres::connection::Failure;
use crate::{Checkpoint, Hash, Truncated};

/// How many entries one transaction deletes. It bounds how much a standby has to replay at once.
pub(in crate::postgres) const CHUNK: i64 = 256;

/// Of what is deleted, each node's last entry is kept: a node that stood still may yet try to append it again.
const DELETE: &str = "
    with gone as (
        delete from journal_entry
        where seq in (select seq from journal_entry where seq <= $1 order by seq limit $2)
        returning node, seq
    )
    insert into journal_node (node, seq) select node, max(seq) from gone group by node
    on conflict (node) do update set seq = greatest(journal_node.seq, excluded.seq)";
const LEFT: &str = "select exists (select from journal_entry where seq <= $1)";
const SEAL: &str =
    "update journal_base set seq = $1, time_ms = $2, hash = $3, fingerprint = $4, seal = $5 where seq < $1";
/// Of two nodes that delete, one waits. Who appends does not wait for either.
const LOCK: &str = "begin; select one from journal_store for update";

pub(super) fn seal(session: &Session, checkpoint: &Checkpoint, seal: &Hash) -> Result<(), Failure> {
    let values: [&(dyn ToSql + Sync); 5] = [
        &checkpoint.seq.cast_signed(),
        &checkpoint.time_ms.cast_signed(),
        &checkpoint.hash.as_bytes().as_slice(),
        &checkpoint.fingerprint.cast_signed(),
        &seal.as_bytes().as_slice(),
    ];
    let client = session.client();
    session.block(async { client.execute(SEAL, &values).await })?;
    Ok(())
}

pub(super) fn delete_piece(session: &Session) -> Result<Truncated, Failure> {
    let client = session.client();
    let left = session.block(async {
        client.batch_execute(LOCK).await?;
        // Somebody may have sealed further meanwhile.
        let base: i64 = client.query_one("select seq from journal_base", &[]).await?.get(0);
        client.execute(DELETE, &[&base, &CHUNK]).await?;
        let left: bool = client.query_one(LEFT, &[&base]).await?.get(0);
        client.batch_execute("commit").await?;
        Ok(left)
    })?;
    Ok(if left { Truncated::Partly } else { Truncated::Done })
}

pub(super) fn is_left(session: &Session, seq: u64) -> Result<bool, Failure> {
    let client = session.client();
    let left = session.block(async { client.query_one(LEFT, &[&seq.cast_signed()]).await })?;
    Ok(left.get(0))
}
