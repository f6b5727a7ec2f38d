//! The tables of the journal, made once.

use std::time::Duration;

use onsale_postgres::Session;
use onsale_postgres::tokio_postgres::types::ToSql;

use super::{PATIENCE, row};
use crate::postgres::connection::{Failure, Stored};
use crate::{Checkpoint, Error, Head, seal};

/// The version of the layout below, and of what the hashes cover.
const FORMAT: i64 = 1;
/// Held while a schema is looked for and made ("onsj").
const LOCK: i64 = 0x6f6e_736a;

/// `journal_base` is where the entries begin: genesis, or the checkpoint. Appends lock that row and none of them changes it: a
/// row that changed with each append would grow a chain of versions behind any old snapshot. `journal_store` says what store
/// it is; its row is what those lock who delete entries. `journal_node` has each node's last entry of those that were
/// truncated. `journal_vote` has what nodes say the state is at some entries, which must be the same.
const LAYOUT: &str = "
    create table journal_store (
        one bigint primary key check (one = 1),
        format bigint not null,
        store_id bigint not null
    );
    create table journal_base (
        one bigint primary key check (one = 1),
        seq bigint not null,
        time_ms bigint not null,
        hash bytea not null,
        fingerprint bigint not null,
        seal bytea not null
    );
    create table journal_node (
        node bigint primary key,
        seq bigint not null
    );
    create table journal_entry (
        seq bigint primary key,
        time_ms bigint not null,
        node bigint not null,
        number bigint not null,
        hash bytea not null,
        payload bytea not null
    );
    create table journal_vote (
        seq bigint not null,
        node bigint not null,
        fingerprint bigint not null,
        place bigint generated always as identity,
        primary key (seq, node)
    );
    alter table journal_entry alter column payload set storage external;
    create index journal_entry_node on journal_entry (node, seq);";

const EXISTS: &str = "select to_regclass('journal_store') is not null";

/// Makes the tables where there are none.
pub(super) fn open(session: &mut Session, store_id: u64) -> Result<(), Failure> {
    // Others may be making them.
    session.set_patience(Duration::from_secs(20));
    let client = session.client();
    let begun = session.block(async { client.batch_execute("begin").await }).map_err(Failure::from);
    let made = begun.and_then(|()| make(session, store_id, None)).and_then(|_| {
        let client = session.client();
        Ok(session.block(async { client.batch_execute("commit").await })?)
    });
    session.set_patience(PATIENCE);
    made
}

/// Makes the tables of the store `store_id`, whose journal begins at `checkpoint`, where there are none, within a
/// transaction; false where there are some.
pub(in crate::postgres) fn make(
    session: &Session,
    store_id: u64,
    checkpoint: Option<&Checkpoint>,
) -> Result<bool, Failure> {
    let first = checkpoint.copied().unwrap_or_else(|| Checkpoint::beginning(store_id));
    let client = session.client();
    let making = async {
        client.execute("select pg_advisory_xact_lock($1)", &[&LOCK]).await?;
        if client.query_one(EXISTS, &[]).await?.get(0) {
            return Ok(false);
        }
        client.batch_execute(LAYOUT).await?;
        client.execute("insert into journal_store values (1, $1, $2)", &[&FORMAT, &store_id.cast_signed()]).await?;
        let seal = seal::seal_of(&first, store_id);
        let values: [&(dyn ToSql + Sync); 5] = [
            &first.seq.cast_signed(),
            &first.time_ms.cast_signed(),
            &first.hash.as_bytes().as_slice(),
            &first.fingerprint.cast_signed(),
            &seal.as_bytes().as_slice(),
        ];
        client.execute("insert into journal_base values (1, $1, $2, $3, $4, $5)", &values).await?;
        Ok(true)
    };
    Ok(session.block(making)?)
}

pub(in crate::postgres) fn exists(session: &Session) -> Result<bool, Failure> {
    let client = session.client();
    Ok(session.block(async { client.query_one(EXISTS, &[]).await })?.get(0))
}

/// What store it is, and where it begins.
pub(super) fn load(session: &Session) -> Result<Stored, Failure> {
    const LOAD: &str = "select s.format, s.store_id, b.seq, b.time_ms, b.hash, b.fingerprint, b.seal
        from journal_store s join journal_base b on b.one = s.one";
    let client = session.client();
    let found = session.block(async { client.query_opt(LOAD, &[]).await })?;
    let Some(found) = found else { return Err(Error::corrupt(1, "the store's identity is missing").into()) };
    let format: i64 = found.get(0);
    if format != FORMAT {
        let reason = format!("it has format {format}, and this version knows format {FORMAT}");
        return Err(Error::Format { path: "journal_store".into(), reason }.into());
    }
    let id = found.get::<_, i64>(1).cast_unsigned();
    let Head { seq, time_ms, hash } = row::head(&found, 2)?;
    let base = Checkpoint { seq, time_ms, hash, fingerprint: found.get::<_, i64>(5).cast_unsigned() };
    Ok(Stored { id, base, seal: row::hash(&found, 6, seq)? })
}
