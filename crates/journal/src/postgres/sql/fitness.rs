//! Whether a database, and the way to it, can carry a store: found out before anything is made in it.

use onsale_postgres::{Session, Target};

use super::PATIENCE;
use crate::Error;
use crate::postgres::connection::Failure;

/// Titles and messages are in any script: a database that cannot hold them would take the journal, and fail at the tables.
/// One that does not look at its bytes takes all of them.
const ENCODINGS: [&str; 2] = ["UTF8", "SQL_ASCII"];
const PID: &str = "select pg_backend_pid()";

/// Refuses a database whose texts cannot hold every character.
pub(in crate::postgres) fn check_encoding(session: &Session, target: &Target) -> Result<(), Error> {
    let client = session.client();
    let shown = session.block(async { client.query_one("show server_encoding", &[]).await });
    let encoding: String = shown.map_err(Failure::from)?.get(0);
    if ENCODINGS.contains(&encoding.as_str()) {
        return Ok(());
    }
    Err(refused(
        target,
        format!(
            "its encoding is {encoding}, which does not have every character that a title may have: make the database \
             with CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0"
        ),
    ))
}

/// Refuses a pooler that gives a session another server at each transaction: what is prepared, set and listened to in one
/// would be looked for in another.
///
/// Such a pooler has just taken back the server of `session`, and gives it to who comes next; or, where that one has got
/// another, gives `session` itself another. A server of one's own is neither lent nor changed.
pub(in crate::postgres) fn check_pooling(session: &Session, target: &Target) -> Result<(), Error> {
    let before = pid(session)?;
    let other = target.connect("check", PATIENCE).map_err(Failure::from)?;
    let client = other.client();
    let begun = other.block(async { client.batch_execute("begin").await });
    begun.map_err(|error| pooled(target, &error.to_string()))?;
    let is_lent = pid(&other)? == before;
    // Where there is only this one server, asking again would wait for it.
    if is_lent || pid(session)? != before {
        return Err(pooled(target, "two queries of one session were answered by two servers"));
    }
    Ok(())
}

fn pid(session: &Session) -> Result<i32, Error> {
    let client = session.client();
    let asked = session.block(async { client.query_one(PID, &[]).await });
    Ok(asked.map_err(Failure::from)?.get(0))
}

fn pooled(target: &Target, seen: &str) -> Error {
    refused(
        target,
        format!(
            "it is behind a pooler that keeps no session together ({seen}): with PgBouncer, set pool_mode = session for \
             this database, or name PostgreSQL itself in store.url"
        ),
    )
}

fn refused(target: &Target, reason: String) -> Error {
    Error::Format { path: target.shown().into(), reason }
}
