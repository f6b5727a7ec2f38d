//! The tables in an SQLite file of a data directory.

mod migrate;
mod query;
mod store;
mod tables;
#[cfg(test)]
mod tests;
mod writer;

use std::path::Path;

use crate::error::Error;
use crate::fields::Query;

pub use store::{FILE_NAME, copy_into};
pub(crate) use tables::Tables;

/// Opens the tables in `dir` for reading only. With `snapshot`, what is read is as of now, whatever is projected
/// meanwhile.
pub(crate) fn open_reader(dir: &Path, snapshot: bool) -> Result<Box<dyn Query + Send>, Error> {
    let conn = store::open_reader(dir)?;
    if snapshot {
        // Never ended: a reader's transaction is its snapshot, and closing the connection ends it.
        conn.execute_batch("BEGIN")?;
    }
    migrate::check(&conn, dir)?;
    Ok(Box::new(conn))
}
