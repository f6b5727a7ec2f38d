use onsale_postgres::Session;
use onsale_postgres::tokio_postgres::types::ToSql;

use super::{reading, row, schema};
use crate::{Checkpoint, Error, Head, Truncated, seal};

/// How many entries one transaction deletes. It bounds how much a standby has to replay at once.
const CHUNK: i64 = 256;

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
const AT: &str = "select seq, time_ms, hash from journal_entry where seq = $1";

/// Checks that the journal can be truncated at `wanted`.
pub(super) fn check(session: &Session, wanted: &Checkpoint) -> Result<(), Error> {
    let refuse = |reason: String| Err(Error::Checkpoint { seq: wanted.seq, reason });
    if let Some(sealed) = schema::load(session)?.checkpoint {
        if sealed == *wanted {
            return Ok(());
        }
        if wanted.seq <= sealed.seq {
            return refuse(format!("a checkpoint is sealed at {} already", sealed.seq));
        }
    }
    let client = session.client();
    let found = session
        .block(async { client.query_opt(AT, &[&wanted.seq.cast_signed()]).await })
        .map_err(|error| reading(&error))?;
    match found.map(|found| row::head(&found, 0)).transpose()? {
        Some(found) if found == wanted.head() => Ok(()),
        Some(Head { hash, .. }) => {
            refuse(format!("that entry's hash is {hash}, and the checkpoint says {}", wanted.hash))
        }
        None => refuse("there is no such entry".to_owned()),
    }
}

/// Seals `checkpoint`, unless somebody has gone as far, and then deletes a chunk of what is covered. `check` has been made
/// before. Sealing waits for the append that is on its way, and the next append for it: what an append finds sealed stays so
/// until it is durable. Only what is sealed is deleted, in transactions that no append waits for.
pub(super) fn step(session: &Session, store_id: u64, checkpoint: &Checkpoint) -> Result<Truncated, Error> {
    let covered = checkpoint.seq.cast_signed();
    let seal = seal::seal_of(checkpoint, store_id);
    let values: [&(dyn ToSql + Sync); 5] = [
        &covered,
        &checkpoint.time_ms.cast_signed(),
        &checkpoint.hash.as_bytes().as_slice(),
        &checkpoint.fingerprint.cast_signed(),
        &seal.as_bytes().as_slice(),
    ];
    let client = session.client();
    let stepping = async {
        client.execute(SEAL, &values).await?;
        client.batch_execute(LOCK).await?;
        // Somebody else may have gone further meanwhile, which covers this too.
        let base: i64 = client.query_one("select seq from journal_base", &[]).await?.get(0);
        client.execute(DELETE, &[&base, &CHUNK]).await?;
        let left: bool = client.query_one(LEFT, &[&base]).await?.get(0);
        client.batch_execute("commit").await?;
        Ok(if left { Truncated::Partly } else { Truncated::Done })
    };
    session.block(stepping).map_err(|error| match error.kind() {
        onsale_postgres::Kind::Full => Error::Full,
        // Sealing the same place again is harmless: it can always be tried again.
        onsale_postgres::Kind::Again | onsale_postgres::Kind::Gone | onsale_postgres::Kind::Refused => reading(&error),
    })
}

/// Whether entries that the checkpoint at `seq` covers are still there: a crash may come between two steps.
pub(super) fn is_unfinished(session: &Session, seq: u64) -> Result<bool, Error> {
    let client = session.client();
    let left = session.block(async { client.query_one(LEFT, &[&seq.cast_signed()]).await });
    left.map(|left| left.get(0)).map_err(|error| reading(&error))
}
