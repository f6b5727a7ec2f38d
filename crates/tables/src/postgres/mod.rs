//! The tables in a PostgreSQL database.

mod migrate;
mod query;
mod tables;
mod writer;

use std::time::Duration;

use onsale_postgres::Target;

use crate::error::Error;
use crate::fields::Query;
use crate::rows;

pub(crate) use tables::Tables;

/// How long one statement may take before the session is given up: the largest writes twenty thousand rows.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// One view of the database, unchanging for as long as it is open. A reader that is slow with its rows is no trouble to
/// those who write, unlike one that holds locks.
const SNAPSHOT: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
    SET LOCAL idle_in_transaction_session_timeout = 0";

/// Opens the tables for reading only.
pub(crate) fn open_reader(target: &Target, snapshot: bool) -> Result<Box<dyn Query + Send>, Error> {
    let session = target.connect("reports", PATIENCE)?;
    let client = session.client();
    if snapshot {
        session.block(async { client.batch_execute(SNAPSHOT).await })?;
    }
    migrate::check(&session, target)?;
    Ok(Box::new(session))
}

/// Makes the tables, empty, where there are none.
pub(crate) fn make(target: &Target) -> Result<(), Error> {
    migrate::migrate(&target.connect("migration", PATIENCE)?, target)
}

/// Empties the tables, claims them for the store `store_id`, and has them filled anew in one transaction. The claim is made
/// first and for itself: until the store's journal is there too, no server takes the database for a new one.
pub(crate) fn refill(
    target: &Target,
    store_id: u64,
    fill: &mut dyn FnMut(&mut dyn crate::value::Writer) -> Result<u64, Error>,
) -> Result<u64, Error> {
    let session = target.connect("migration", PATIENCE * 10)?;
    migrate::migrate(&session, target)?;
    let tables: Vec<&str> = rows::ALL.iter().map(|table| table.table).chain(["mark", "store"]).collect();
    let empty = format!("BEGIN; TRUNCATE {}", tables.join(", "));
    let client = session.client();
    session.block(async {
        client.batch_execute(&empty).await?;
        let claim = "INSERT INTO store (one, store_id, sealed_seq) VALUES (1, $1, 0)";
        client.execute(claim, &[&store_id.cast_signed()]).await?;
        client.batch_execute("COMMIT; SET idle_in_transaction_session_timeout = 0; BEGIN").await
    })?;
    let mut writer = writer::Writer::new(&session);
    let count = fill(&mut writer)?;
    writer.flush()?;
    session.block(async { client.batch_execute("COMMIT").await })?;
    Ok(count)
}
