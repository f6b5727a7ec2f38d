//! The engine for many nodes: a few tables in a PostgreSQL database, which orders, times, hashes and stores.
//!
//! Every append is one transaction of one round trip under one row's lock: see `sql::append`. Nodes hold no lease and elect
//! nobody; any of them can append at any time, or die. The decision and the figures are in
//! `docs/adr/0011-postgres-journal.md`.

pub mod connection;
mod copy;
mod journal;
pub mod model;
mod proof;
mod reader;
mod sql;
mod tail;
mod truncate;

pub use copy::Copy;
pub use journal::Journal;
pub use proof::Pulse;
pub use reader::{Opener, Summary};
pub use tail::Tail;

use std::time::Duration;

use onsale_postgres::Target;

use self::connection::Failure;
use crate::Error;

/// How long a query may take before the session is given up.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether the database has a journal. [`Journal::open`] makes one where there is none.
///
/// # Errors
/// [`Error::Unavailable`]; [`Error::Format`] of a database or a pooler that cannot carry a store, where there is none.
pub fn exists(target: &Target) -> Result<bool, Error> {
    let session = target.connect("start", PATIENCE).map_err(Failure::from)?;
    if sql::schema::exists(&session)? {
        // Who opens it looks at the way there.
        return Ok(true);
    }
    sql::fitness::check_encoding(&session, target)?;
    sql::fitness::check_pooling(&session, target)?;
    Ok(false)
}
