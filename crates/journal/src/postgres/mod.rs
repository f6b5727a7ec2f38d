//! The engine for many nodes: a few tables in a PostgreSQL database, which orders, times, hashes and stores.
//!
//! Every append is one transaction of one round trip under one row's lock: see `append`. Nodes hold no lease and elect
//! nobody; any of them can append at any time, or die. The decision and the figures are in
//! `docs/adr/0011-postgres-journal.md`.

mod append;
mod copy;
mod fitness;
mod journal;
mod proof;
mod reader;
mod row;
mod schema;
mod tail;
mod truncate;
mod votes;

pub use copy::Copy;
pub use journal::Journal;
pub use proof::Pulse;
pub use reader::{Opener, Summary};
pub use tail::Tail;

use std::time::Duration;

use onsale_postgres as pg;

use crate::Error;

/// How long a query may take before the session is given up.
const PATIENCE: Duration = Duration::from_secs(2);

/// Every row that is looked for here is found by an index. Once there are figures of the entries, the planner takes a node's
/// to be a third of all, thinks that the first look at the table finds one, and reads all of it, at each append, to find that
/// there is none.
const BY_INDEX: &str = "set enable_seqscan = off";

/// What a failed query means where nothing was to be written.
fn reading(error: &pg::Error) -> Error {
    Error::Unavailable { reason: error.to_string() }
}
